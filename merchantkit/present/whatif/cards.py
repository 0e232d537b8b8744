"""The figures at the top of a what-if: what it is, how much, and how much it really is."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Card:
    """One figure.

    Attributes:
        name: What tells it apart from the others on the page.
        hit: Whether it is reached, and shown so.
    """

    name: str
    title: str
    big: str
    small: str
    hit: bool = False
