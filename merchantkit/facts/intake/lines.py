"""Lines to typed rows: one chunk of an export, sorted into rows, rejects and exclusions."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from merchantkit.facts.casts import trimmed
from merchantkit.facts.casts.masks import Mask, as_mask
from merchantkit.facts.intake import rejects
from merchantkit.facts.intake.plan import Plan
from merchantkit.facts.intake.typed import Texts, text_of, typed_rows
from merchantkit.facts.readers import Chunk, Flaw
from merchantkit.facts.schemas import TABLES


class Sorted(NamedTuple):
    """What became of a chunk's lines.

    Args:
        tables: Table → typed rows with every stored column.
        rejects: Rows of ``rejects.SCHEMA``; a line may have several.
        excluded: ``source_row``, ``reason``: one row per line left out.
        lines: ``source_row``, ``merchant_id`` and the raw text of every wanted header (``h0`` …)
            of the lines that are neither.
    """

    tables: dict[str, pa.Table]
    rejects: pa.Table
    excluded: pa.Table
    lines: pa.Table


@dataclass
class _Chunk:
    """A chunk on its way: its texts, and what has been decided about its lines."""

    plan: Plan
    rows: npt.NDArray[np.int64]
    raw: Texts
    texts: Texts
    merchant: pa.Array
    rejected: Mask
    excluded: Mask
    rejects: list[pa.Table] = field(default_factory=list)

    def reject(
        self, positions: npt.NDArray[np.int64], table: str, column: str | None,
        values: pa.Array, reasons: pa.Array,
    ) -> None:  # fmt: skip
        """Reject lines; ``values`` and ``reasons`` belong to the positions, one each."""
        if not len(positions):
            return
        count = len(positions)
        none = pa.nulls(count, pa.string())
        columns = [
            pa.array([table] * count),
            pa.array(self.rows[positions]),
            none if column is None else pa.array([column] * count),
            values,
            reasons,
            none,
            self.merchant.take(pa.array(positions)),
        ]
        self.rejects.append(pa.Table.from_arrays(columns, schema=rejects.SCHEMA))
        self.rejected[positions] = True


def sort_lines(chunk: Chunk, plan: Plan, sha256: str) -> Sorted:
    """Return a chunk's lines as typed rows, rejects and exclusions; each line is one of the three.

    A line rejected for one table is rejected for all.
    """
    raw = {header: trimmed(texts) for header, texts in chunk.columns.items()}
    texts = {header: _without(raw[header], _words(plan, header)) for header in raw}
    none = np.zeros(len(chunk.rows), dtype=np.bool_)
    state = _Chunk(
        plan, chunk.rows, raw, texts, _merchant(plan, texts, len(none)), none, none.copy()
    )
    _reject_rows(state, chunk)
    reasons = _exclude(state)
    _reject_cells(state, chunk)
    _reject_missing(state)
    # A line that is wrong as a whole isn't held against the tables too: it would fail twice.
    hopeful = np.flatnonzero(~state.rejected & ~state.excluded)
    typed = {name: _typed(state, name, hopeful, sha256) for name in plan.blocks}
    concerned = np.zeros(len(none), dtype=np.bool_)
    for positions, _ in typed.values():
        concerned[positions] = True
    idle = ~concerned & ~state.rejected & ~state.excluded
    reasons[idle] = "nothing_for_any_table"
    state.excluded |= idle
    alive = ~state.rejected & ~state.excluded
    return Sorted(
        tables={
            name: rows.filter(pa.array(alive[positions]))
            for name, (positions, rows) in typed.items()
        },
        rejects=pa.concat_tables([rejects.SCHEMA.empty_table(), *state.rejects]),
        excluded=pa.table(
            {
                "source_row": pa.array(chunk.rows[state.excluded]),
                "reason": pa.array(reasons[state.excluded], type=pa.string()),
            }
        ),
        lines=_lines(state, alive),
    )


def _words(plan: Plan, header: str) -> Sequence[str]:
    return (*plan.missing, *plan.missing_in.get(header, ()))


def _without(texts: pa.Array, words: Sequence[str]) -> pa.Array:
    if not words:
        return texts
    named = pc.is_in(texts, value_set=pa.array(words, type=pa.string()))
    return pc.if_else(named, pa.scalar(None, pa.string()), texts)


def _merchant(plan: Plan, texts: Texts, count: int) -> pa.Array:
    for block in plan.blocks.values():
        if "merchant_id" in block.columns:
            return text_of(block, "merchant_id", texts, count)
    return pa.nulls(count, pa.string())


def _reject_rows(state: _Chunk, chunk: Chunk) -> None:
    _reject_flaws(state, (flaw for flaw in chunk.flaws if flaw.header is None))


def _exclude(state: _Chunk) -> npt.NDArray[np.object_]:
    reasons = np.full(len(state.rows), None, dtype=object)
    for rule in state.plan.exclude:
        named = pc.is_in(state.raw[rule.column], value_set=pa.array(rule.equals, type=pa.string()))
        held = as_mask(named) & ~state.excluded & ~state.rejected
        reasons[held] = rule.reason
        state.excluded |= held
    return reasons


def _reject_cells(state: _Chunk, chunk: Chunk) -> None:
    told = (flaw for flaw in chunk.flaws if flaw.header is not None)
    _reject_flaws(state, (flaw for flaw in told if not state.excluded[flaw.position]))


def _reject_flaws(state: _Chunk, flaws: Iterable[Flaw]) -> None:
    # Together: a column may be spoiled in every line, and a table for each takes all memory.
    alike: dict[tuple[str | None, str], list[Flaw]] = {}
    for flaw in flaws:
        alike.setdefault((flaw.header, flaw.reason), []).append(flaw)
    for (header, reason), found in alike.items():
        state.reject(
            np.array([flaw.position for flaw in found], dtype=np.int64),
            state.plan.table_names,
            None if header is None else state.plan.label(header),
            pa.array([flaw.value for flaw in found], type=pa.string()),
            pa.array([reason] * len(found)),
        )


def _reject_missing(state: _Chunk) -> None:
    for header in dict.fromkeys((*state.plan.reject_if_missing, *state.plan.line_key)):
        lacking = as_mask(state.texts[header].is_null()) & ~state.excluded
        positions = np.flatnonzero(lacking)
        state.reject(
            positions, state.plan.table_names, header,
            state.raw[header].take(pa.array(positions)), pa.array(["missing"] * len(positions)),
        )  # fmt: skip


def _typed(
    state: _Chunk, name: str, hopeful: npt.NDArray[np.int64], sha256: str
) -> tuple[npt.NDArray[np.int64], pa.Table]:
    """Return the positions of the lines that concern a table, and their typed rows."""
    block, positions = state.plan.blocks[name], hopeful
    for header in block.skip_unless:
        positions = positions[as_mask(state.texts[header].is_valid())[positions]]
    at = pa.array(positions)
    provenance = {
        "source_file": pa.array([sha256] * len(at), type=pa.string()),
        "source_row": pa.array(state.rows[positions]),
    }
    texts = {header: found.take(at) for header, found in state.texts.items()}
    rows, reasons = typed_rows(TABLES[name], block, texts, state.plan.clock, provenance)
    for column, why in reasons.items():
        failed = np.flatnonzero(as_mask(why.is_valid()))
        if len(failed):
            picked = pa.array(failed)
            # As the file has it, also where a word of it means a missing value.
            shown = text_of(block, column, state.raw, len(state.rows)).take(at).take(picked)
            state.reject(positions[failed], name, column, shown, why.take(picked))
    return positions, rows


def _lines(state: _Chunk, alive: Mask) -> pa.Table:
    columns = {"source_row": pa.array(state.rows), "merchant_id": state.merchant}
    for place, header in enumerate(state.plan.wanted):
        columns[f"h{place}"] = state.raw[header]
    return pa.table(columns).filter(pa.array(alive))
