"""A month of nobody's, on which a worker runs its notebook once before it forks any child."""

from collections.abc import Iterable
from pathlib import Path

from merchantkit.assessment import demo_month
from merchantkit.briefing.head import Head
from merchantkit.briefing.job import Job, Limits
from merchantkit.briefing.places import BRIEFING

_MONTH = "2021-05"
# The demo's merchant whose briefing shows every kind of part that there is.
_PERSONA = "2100000011"
# For fewer pages a worker the warmth would cost more than it saves.
_WORTH_IT = 4


def rehearsals(
    notebook: Path, langs: Iterable[str], scratch: Path, pages_a_worker: float
) -> list[Job]:
    """Return what a worker is to run first: an invented merchant's briefing in each language.

    No real merchant's, as what the parent has read is in every child's memory.

    Args:
        notebook: The run's copy of the briefing notebook.
        langs: The languages of the run.
        scratch: A folder of the run's own, in which the invented month is written.
        pages_a_worker: How many pages a worker will have to make.
    """
    if pages_a_worker < _WORTH_IT:
        return []
    folder = scratch / "rehearsal"
    assessment, _ = demo_month(_MONTH)
    assessment.write(folder / "assessment")
    parameters = {
        "merchant_id": _PERSONA, "month": _MONTH, "day": str(assessment.day),
        "assessment": str(folder / "assessment"),
    }  # fmt: skip
    return [
        Job(
            (BRIEFING, _PERSONA, lang), notebook, {**parameters, "lang": lang},
            Head(lang, BRIEFING, "../../"), folder, folder / lang, Limits(),
        )
        for lang in langs
    ]  # fmt: skip
