"""A month of nobody's, on which a worker runs its notebook once before it forks any child."""

from collections.abc import Iterable
from pathlib import Path

from merchantkit.assessment import assess_month
from merchantkit.briefing import atomic
from merchantkit.briefing.head import Head
from merchantkit.briefing.job import Job, Limits
from merchantkit.briefing.places import BRIEFING
from merchantkit.briefing.tasks import Subject
from merchantkit.facts import demo
from merchantkit.facts.warehouse import Warehouse

# The demo's merchant whose briefing shows every kind of part that there is.
_PERSONA = "2100000011"
# For fewer pages a worker the warmth would cost more than it saves.
_WORTH_IT = 4


def rehearsals(
    notebook: Path,
    subject: Subject,
    rules: Path,
    langs: Iterable[str],
    folder: Path,
    pages_a_worker: float,
    limits: Limits,
) -> list[Job]:
    """Return what a worker is to run first: an invented merchant's briefing in each language.

    No real merchant's, as what the parent has read is in every child's memory; but the run's own
    month and rules, which are then read already.

    Args:
        notebook: The run's copy of the briefing notebook.
        subject: What the run is about.
        rules: The run's copy of the rules.
        langs: The languages of the run.
        folder: A folder of the run's own, in which the invented month is written.
        pages_a_worker: How many pages a worker will have to make.
        limits: The run's, which hold for its rehearsal, too.
    """
    if pages_a_worker < _WORTH_IT:
        return []
    month, day = subject.assessment.month, subject.assessment.day
    invented = Warehouse.in_memory()
    demo.fill(invented, month=month)
    assess_month(invented, day, subject.rules, month=month).write(folder / "assessment")
    atomic.copy_folder(rules, folder / "rules")
    parameters = {
        "merchant_id": _PERSONA, "month": str(month), "day": day.isoformat(),
        "assessment": "assessment",
    }  # fmt: skip
    return [
        Job(
            (BRIEFING, _PERSONA, lang), notebook, {**parameters, "lang": lang},
            Head(lang, BRIEFING, "../../"), folder, folder / lang, limits,
        )
        for lang in langs
    ]  # fmt: skip
