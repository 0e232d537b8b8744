"""The month computed once, its files, and what notebooks open of it."""

from merchantkit.assessment.case import COMPARED, Board, Case, demo_month, open_case, open_month
from merchantkit.assessment.month import Assessment, assess_month
from merchantkit.assessment.parts import ProgrammeMonth, records

__all__ = [
    "COMPARED",
    "Assessment",
    "Board",
    "Case",
    "ProgrammeMonth",
    "assess_month",
    "demo_month",
    "open_case",
    "open_month",
    "records",
]
