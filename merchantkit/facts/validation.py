"""The pandera schema of a table of facts, built from its declaration."""

from typing import TYPE_CHECKING

import pandas as pd
import pandera.pandas as pap

from merchantkit.facts.tables import IS_DATE, MONTH_PATTERN, PROVENANCE, Column, Field, Table

if TYPE_CHECKING:
    from pandas import DataFrame, Series


def frame_schema(table: Table) -> pap.DataFrameSchema:
    """Return the schema of a typed frame that holds rows of a table.

    Every stored column must be there with its Arrow dtype and nothing else; keys are unique.
    Each check carries its reason code as its name, so that a reject can say why.
    """
    declared = {part.name: (column, part) for column in table.columns for part in column.fields}
    columns = {
        name: pap.Column(pd.ArrowDtype(part.arrow), _checks(column, part), nullable=part.nullable)
        for name, (column, part) in declared.items()
    }
    for part in PROVENANCE:
        columns[part.name] = pap.Column(pd.ArrowDtype(part.arrow))
    return pap.DataFrameSchema(
        columns,
        checks=[_paired(column.name) for column in table.columns if column.kind == "moment"],
        unique=list(table.key),
        strict=True,
        name=table.name,
    )


def _checks(column: Column, part: Field) -> list[pap.Check]:
    checks: list[pap.Check] = []
    if part.kind == "id":
        checks.append(pap.Check.str_matches(r"\S", name="empty_id"))
    if part.kind == "month":
        checks.append(pap.Check.str_matches(MONTH_PATTERN, name="not_a_month"))
    if part.kind == "code":
        checks.append(pap.Check.isin(list(column.codes), name="unknown_code"))
    if column.minimum is not None:
        checks.append(pap.Check.ge(column.minimum, name="below_minimum"))
    return checks


def _paired(name: str) -> pap.Check:
    def paired(frame: "DataFrame") -> "Series[bool]":
        same = frame[name].isna() == frame[name + IS_DATE].isna()
        whole = frame[name].isna() | (frame[name] == frame[name].dt.floor("D"))
        agreed: Series[bool] = same & (whole | ~frame[name + IS_DATE].fillna(False))
        return agreed

    return pap.Check(paired, name="moment_and_flag_disagree")
