"""The duty what-if as it is asked and answered: what is offered to choose from, and refusals."""

from merchantkit.present.whatif import TariffWhatIf


def test_what_is_offered_to_choose_from_differs() -> None:
    panel = TariffWhatIf(lang="en", asked=("other belts of textile fibers", "3926.90"))
    offered = [text for text, _ in panel.sides[0].found.options]
    assert "3926.90.59 Other articles of… › … › Containing textile… › … › Other" in offered
    assert "3926.90.60 Other articles of plastics and articles of… › … › Other" in offered
    # The cards of a code that may be several lines say it, too.
    assert "3926.90.70.00 · Clothespins › Other" in panel._shown.value
    assert "3926.90.99 · Other" in panel._shown.value
