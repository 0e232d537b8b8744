"""Rates and footnotes from ancestors, held against a second way of finding them."""

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from merchantkit.programmes.tariff.ancestors import lineage, nearest, parents
from merchantkit.programmes.tariff.schedule import Schedule, schedule

Rows = list[dict[str, Any]]


def by_stack(indents: list[int]) -> list[int]:
    """The plain way: a stack of the rows that are still open."""
    found, open_ = [], list[int]()
    for row, indent in enumerate(indents):
        while open_ and indents[open_[-1]] >= indent:
            open_.pop()
        found.append(open_[-1] if open_ else -1)
        open_.append(row)
    return found


@given(st.lists(st.integers(0, 6), min_size=1, max_size=60))
def test_parents_are_those_of_a_stack(indents: list[int]) -> None:
    assert parents(np.array(indents)).tolist() == by_stack(indents)


@given(st.lists(st.tuples(st.integers(0, 5), st.booleans()), min_size=1, max_size=60))
def test_the_nearest_is_the_first_of_the_lineage_that_has_it(rows: list[tuple[int, bool]]) -> None:
    parent = parents(np.array([indent for indent, _ in rows]))
    has = np.array([flag for _, flag in rows])
    found = nearest(has, parent).tolist()
    plain = [next((a for a in lineage(r, parent) if has[a]), -1) for r in range(len(rows))]
    assert found == plain


def test_siblings_below_a_skipped_indent_are_no_parents_of_each_other() -> None:
    # 4420.11.00.10 to .90 of the 2025 edition stand at indent 4 below 4420.11.00 at indent 2.
    assert parents(np.array([0, 1, 2, 4, 4, 4])).tolist() == [-1, 0, 1, 2, 2, 2]


def test_a_line_takes_rate_and_notes_from_the_eight_digits_above_it() -> None:
    own = schedule()
    row = own.position("6104.42.00.10")
    assert row is not None
    assert own.code(int(own.general_row[row])) == "6104.42.00"
    assert own.general[row] == "11.5%"
    assert own.other[row] == "45%"
    assert own.added_headings(row) == ["9903.88.15"]
    assert own.units(row) == ["doz.", "kg"]
    assert own.description(row).endswith("› Dresses › Of cotton › Women's (336)")


def test_a_note_on_the_description_is_no_duty() -> None:
    own = schedule()
    row = own.position("3926909910")
    assert row is not None
    assert own.added_headings(row) == ["9903.88.15"]
    assert [n.excluded_by for _, n in own.notes(row) if n.excluded_by] == [("9903.88.69",)]


def plainly(rows: Rows) -> dict[str, tuple[str, str, set[str]]]:
    """Each ten-digit code's general rate, where it stands, and its footnotes, by a walk."""
    found, open_ = {}, list[dict[str, Any]]()
    for row in rows:
        indent = int(row["indent"])
        while open_ and int(open_[-1]["indent"]) >= indent:
            open_.pop()
        open_.append(row)
        if len(row["htsno"]) == 13 and row["htsno"] < "98":
            rated = next(r for r in reversed(open_) if r["general"].strip())
            # One note (2931.90.90) says itself that lines below without a footnote are not meant.
            bare = not row["footnotes"]
            notes = {
                word.strip(".,")
                for r in open_
                for note in r["footnotes"] or []
                if "general" in note["columns"]
                and not (bare and r is not row and "are not covered" in note["value"])
                for word in note["value"].replace("\xa0", " ").split()
                if word.startswith("9903.")
            }
            found[row["htsno"]] = " ".join(rated["general"].split()), rated["htsno"], notes
    return found


@pytest.mark.slow
def test_every_ten_digit_line_resolves_as_a_plain_walk_does(
    whole: Schedule, raw_rows: Rows
) -> None:
    plain = plainly(raw_rows)
    assert len(plain) == 19_613  # the data's README
    rows = {code: whole.position(code) for code in plain}
    ours = {
        code: (
            whole.general[row],
            whole.code(int(whole.general_row[row])),
            {h for h in whole.added_headings(row) if h.startswith("9903.")},
        )
        for code, row in rows.items()
        if row is not None
    }
    assert {code: ours.get(code) for code in plain if ours.get(code) != plain[code]} == {}


@pytest.mark.slow
def test_most_added_duties_stand_on_the_parent_only(whole: Schedule, raw_rows: Rows) -> None:
    own = {r["htsno"]: json.dumps(r["footnotes"]) for r in raw_rows}
    inherited = sum(
        "9903.88" not in own[whole.code(row)]
        for row in np.flatnonzero(whole.is_line).tolist()
        if any(heading.startswith("9903.88") for heading in whole.added_headings(row))
    )
    assert inherited > 8_000
