"""A month computed once: every programme's measures, outcome and explanation for every merchant.

Briefings and the portfolio read their slices of it; nothing on a page is computed from elsewhere.
"""

import datetime as dt
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from merchantkit.assessment import files, slices
from merchantkit.assessment.concern import of_month
from merchantkit.assessment.parts import (
    ProgrammeMonth,
    ProgrammeSlice,
    frame_of,
    merchant_column,
    records,
)
from merchantkit.assessment.slices import Layout, Rows
from merchantkit.days import Month, as_day
from merchantkit.errors import NotInForceError, ReportError
from merchantkit.facts.warehouse import Warehouse
from merchantkit.foresight import details
from merchantkit.programmes import NAMES, orders, programme, subject
from merchantkit.rulebook import Rules, rulebook

_MERCHANTS = "merchants"


@dataclass(frozen=True)
class Assessment:
    """The month of every merchant.

    Attributes:
        programmes: What each programme in force gave.
        absent: Why a programme gave nothing (it is not in force on the rules' day), in words of
            the rulebook.
    """

    month: Month
    day: dt.date
    rules_day: dt.date
    merchants: pd.DataFrame
    programmes: Mapping[str, ProgrammeMonth]
    absent: Mapping[str, str]

    def write(self, folder: Path) -> None:
        """Write one Parquet file per frame, their slices by merchant, and then month.json.

        Without month.json a folder is unfinished.
        """
        folder.mkdir(parents=True, exist_ok=True)
        frames = {_MERCHANTS: ("merchant_id", self.merchants)}
        for name, month in self.programmes.items():
            frames |= {f"{name}.{part}": (key, frame) for part, key, frame in month.frames()}
        written = {
            name: (column, files.write(frame, folder / f"{name}.parquet", column))
            for name, (column, frame) in frames.items()
        }
        slices.write(folder, written)
        header = {
            "month": str(self.month),
            "day": self.day.isoformat(),
            "rules_day": self.rules_day.isoformat(),
            "programmes": {
                n: [part for part, _, _ in m.frames()] for n, m in self.programmes.items()
            },
            "absent": dict(self.absent),
        }
        (folder / "month.json").write_text(json.dumps(header, ensure_ascii=False, indent=1))

    @classmethod
    def read(cls, folder: Path, merchant_id: str | None = None) -> "Assessment":
        """Read an assessment back, whole or as one merchant's slice.

        Raises:
            ReportError: The folder holds no finished assessment, or its slices cannot be read.
        """
        header = files.header(folder)
        about = Month.parse(header["month"]), as_day(header["day"]), as_day(header["rules_day"])
        if merchant_id is not None:
            return AssessmentSlice(*about, slices.read(folder, merchant_id), header)
        programmes: dict[str, ProgrammeMonth] = {}
        for name, parts in header["programmes"].items():
            frames = {part: files.read(folder / f"{name}.{part}.parquet") for part in parts}
            programmes[name] = ProgrammeMonth(
                frames.pop("measures"), frames.pop("outcome"), frames.pop("explanation"), frames
            )
        merchants = files.read(folder / f"{_MERCHANTS}.parquet")
        return cls(*about, merchants, programmes, header["absent"])

    def merchant_rows(self) -> Rows:
        """Return the rows of ``merchants`` as mappings; what is missing is ``None``."""
        return records(self.merchants)

    def slice(self, merchant_id: str) -> "Assessment":
        """Return one merchant's part of it."""
        programmes = {
            name: ProgrammeMonth(
                _of(month.measures, "merchant_id", merchant_id),
                _of(month.outcome, "merchant_id", merchant_id),
                _of(month.explanation, merchant_column(month.explanation), merchant_id),
                {n: _of(frame, "merchant_id", merchant_id) for n, frame in month.details.items()},
            )
            for name, month in self.programmes.items()
        }
        merchants = _of(self.merchants, "merchant_id", merchant_id)
        return Assessment(self.month, self.day, self.rules_day, merchants, programmes, self.absent)

    def concerns(self) -> pd.DataFrame:
        """Return whom each programme concerns: merchant_id × programme, flags; see ``concern``."""
        columns = {name: of_month(name, month) for name, month in self.programmes.items()}
        index = self.merchants["merchant_id"].astype(str).to_numpy()
        return pd.DataFrame(
            {name: flags.reindex(index, fill_value=False) for name, flags in columns.items()},
            index=index,
        )

    def fingerprints(self) -> "pd.Series[Any]":
        """Return a hash of everything that each merchant's briefing reads, by merchant_id.

        Of a programme that does not concern the merchant, that is the measures, which say so: its
        outcome is nothing, but its explanation cites the rules.
        """
        with duckdb.connect() as connection:
            connection.execute("SET TimeZone = 'UTC'")  # moments are hashed as text
            parts = [files.hashes(connection, "merchant_id", self.merchants)]
            for name, month in self.programmes.items():
                told = of_month(name, month)
                left_out = told.index[~told]
                for _, column, frame in month.frames():
                    if len(left_out) and frame is not month.measures:
                        frame = frame[~frame[column].isin(left_out)]
                    parts.append(files.hashes(connection, column, frame))
        joined = {
            merchant_id: ",".join(part.get(merchant_id, "") for part in parts)
            for merchant_id in sorted(self.merchants["merchant_id"])
        }
        return pd.Series(joined, dtype="object")


class AssessmentSlice(Assessment):
    """One merchant's part of an assessment as it was read; frames are made when asked for."""

    _mine: tuple[Rows, Layout]

    def __init__(
        self,
        month: Month,
        day: dt.date,
        rules_day: dt.date,
        found: slices.Slice,
        header: Mapping[str, Any],
    ) -> None:
        try:
            programmes = {
                name: ProgrammeSlice({part: found[f"{name}.{part}"] for part in parts})
                for name, parts in header["programmes"].items()
            }
        except KeyError as missing:
            raise ReportError(
                f"the assessment's slices have no {missing}",
                where=header["month"],
                remedy="run merchantkit report for the month again",
            ) from None
        vars(self).update(
            month=month, day=day, rules_day=rules_day, programmes=programmes,
            absent=header["absent"], _mine=found[_MERCHANTS],
        )  # fmt: skip

    @cached_property
    def merchants(self) -> pd.DataFrame:
        """The merchant's own row."""
        return frame_of(*self._mine)

    def merchant_rows(self) -> Rows:
        """Return the merchant's own row as it was read."""
        return self._mine[0]


def assess_month(
    warehouse: Warehouse,
    day: dt.date | str,
    rules: Rules | None = None,
    *,
    month: Month | str | None = None,
    only: Collection[str] = NAMES,
) -> Assessment:
    """Assess every merchant as of a day, in every programme that is in force.

    Args:
        warehouse: The facts.
        day: The day as of which facts are counted.
        rules: The rules to judge by; the rulebook on that day by default.
        month: What the assessment is called; the day's month by default.
        only: The programmes to assess; the others are left out, without a reason.

    Raises:
        NotInForceError: A programme is in force, but a parameter that it needs is not.
    """
    as_of = as_day(day)
    in_force = rules or rulebook().on(as_of)
    programmes: dict[str, ProgrammeMonth] = {}
    absent: dict[str, str] = {}
    with warehouse.one_reading():
        for name in only:
            try:
                in_force.programme(name)
            except NotInForceError as refused:
                absent[name] = refused.remedy or refused.what
            else:
                # Of a programme in force every parameter must hold: one that an overlay ended is
                # an error that names it, not a programme that is quietly left out.
                programmes[name] = _programme_month(name, warehouse, as_of, in_force)
        merchants = warehouse.frame("FROM merchants ORDER BY merchant_id")
    return Assessment(
        Month.parse(month or str(Month.of(as_of))),
        as_of,
        in_force.day,
        merchants,
        programmes,
        absent,
    )


def _programme_month(name: str, warehouse: Warehouse, day: dt.date, rules: Rules) -> ProgrammeMonth:
    module = programme(name)
    measures = module.measure(warehouse, day, rules)
    outcome = module.assess(measures, rules)
    more = details.details(name, warehouse, day, rules, measures, outcome)
    by_order = orders.of_orders(module, warehouse, day, rules)
    if by_order is not None:
        more[orders.PART] = by_order
    if subject(name) != "merchant_id":
        more["summary"] = module.summary(outcome)
    noteworthy = getattr(module, "noteworthy", None)
    told = measures if noteworthy is None else measures[noteworthy(outcome)]
    return ProgrammeMonth(measures, outcome, module.explain(told, rules), more)


def _of(frame: pd.DataFrame, column: str, merchant_id: str) -> pd.DataFrame:
    mine = frame[frame[column] == merchant_id].reset_index(drop=True)
    mine.attrs.clear()
    return mine
