"""How the command line prints answers about duty: one part by part, or several to choose from."""

from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from merchantkit.cli.console import inert, note, print_table, say
from merchantkit.cli.tariff_said import note_line, options, refusal
from merchantkit.errors import MeasureError

if TYPE_CHECKING:
    from merchantkit.programmes.tariff import Answer

_SHOWN = 60
_BY_SIX = "by_six_digits"


def record(answer: "Answer") -> dict[str, Any]:
    """Return an answer as a record of JSON."""
    return {
        "code": answer.code, "us_code": answer.us_code, "description": answer.description,
        "units": list(answer.units), "origin": answer.origin, "to": answer.to, "on": answer.on,
        "edition": answer.edition.name, "edition_dated": answer.edition.dated,
        "value_usd": answer.value_usd, "total_usd": answer.total_usd,
        "total_usd_reason": answer.reason, "points_beyond": answer.points_beyond,
        "effective_rate": answer.effective_rate,
        "quantity_needed": list(answer.needs),
        "components": [
            {"kind": part.kind, "rate_row": part.rate_row, "text": part.text,
             "amount_usd": _money(part.amount_usd), "source": part.source,
             "since": part.since.isoformat(), "note_row": part.note_row or None,
             "note": part.note or None}
            for part in answer.components
        ],
        "notes": [{"kind": kind, "text": text} for kind, text in answer.notes],
    }  # fmt: skip


def _money(amount: Decimal | None) -> str | None:
    return None if amount is None else format(amount, "f")


def tell(answer: "Answer") -> None:
    """Print one answer, part by part."""
    _head(answer)
    print_table(
        [
            {"kind": part.kind, "row": part.rate_row, "rate": part.text, "USD": part.amount_usd,
             "source": part.source, "since": str(part.since),
             "footnote": f"{part.note_row}: {inert(part.note)}" if part.note else ""}
            for part in answer.components
        ]
    )  # fmt: skip
    if answer.total_usd is not None:
        percent = "—" if answer.effective_rate is None else f"{answer.effective_rate * 100:.2f}%"
        # What a footnote points to beside is named, and may be more than what is counted.
        what = "total of what is counted" if answer.points_beyond else "total"
        say(f"{what}: USD {answer.total_usd} on USD {answer.value_usd}, effective {percent}")
    for kind, text in answer.notes:
        say(note_line(kind, text))


def _head(answer: "Answer") -> None:
    edition = answer.edition
    small = ", the kit's excerpt" if edition.excerpt else ""
    say(f"{answer.us_code}  {inert(answer.description)}")
    say(
        f"{answer.origin} to {answer.to}, rules of {answer.on}; base rates of {edition.name} "
        f"({edition.dated}{small})"
    )


def tell_several(code: str, answers: "Sequence[Answer]") -> None:
    """Print the lines that a code may be, each with what tells it from the others."""
    from merchantkit.present.paths import told_apart
    from merchantkit.present.words import words

    spoken = words("en")
    edition = answers[0].edition
    say(f"{inert(code)} may be any of {len(answers)} rate lines of {edition.name}: choose one")
    said = told_apart([answer.description for answer in answers], _SHOWN)
    print_table(
        [
            {"code": each.us_code, "rate": " + ".join(part.text for part in each.components),
             "USD": each.total_usd, "why not": spoken.reason(each.reason).partition(":")[0] or None,
             "description": text}
            for each, text in zip(answers, said, strict=True)
        ]
    )  # fmt: skip
    note(f"rules of {answers[0].on}, base rates of {edition.name} ({edition.dated})")
    if (digits := dict(answers[0].notes).get(_BY_SIX)) is not None:
        note(note_line(_BY_SIX, digits))  # which concerns the code, and so all of its lines
    if any(answer.total_usd is not None for answer in answers) and (needs := _needs(answers)):
        note(f"where a quantity is missing: {_remedy(needs)}")
    if any(answer.notes for answer in answers):
        note("exclusions, special rates and other provisions are told of one code, and by --json")


def refusal_of_all(code: str, answers: "Sequence[Answer]") -> MeasureError:
    """Return why none of the lines that a code may be has a total, and what to do about each."""
    from merchantkit.present.words import words

    needs = _needs(answers)
    whys = dict.fromkeys(words("en").reason(answer.reason) for answer in answers)
    others = dict.fromkeys(refusal(answer).remedy for answer in answers if not answer.needs)
    remedies = [_remedy(needs), *filter(None, others)] if needs else [*filter(None, others)]
    return MeasureError(
        f"no line that {inert(code)} may be has a total: {'; '.join(whys)}",
        where=f"edition {answers[0].edition.name}", count=len(answers), remedy="; ".join(remedies),
    )  # fmt: skip


def _needs(answers: "Sequence[Answer]") -> list[str]:
    """Return what the lines' rates ask for together."""
    return list(dict.fromkeys(name for answer in answers for name in answer.needs))


def _remedy(needs: Sequence[str]) -> str:
    from merchantkit.programmes.tariff.lines import UNITS

    # A line takes no more quantities than a rate may name; those of several lines may be more.
    if len(needs) > len(UNITS):
        return f"choose a code, and add those that its rate names of {options(needs)}"
    return f"add {options(needs)}"
