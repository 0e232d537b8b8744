"""Whatever an overlay may say of a rule, no programme breaks on it: it is refused, or it works."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pandas as pd
import pytest

from merchantkit.errors import MerchantkitError, RuleFileError
from merchantkit.facts import demo
from merchantkit.facts.warehouse import Warehouse
from merchantkit.programmes import NAMES, programme
from merchantkit.rulebook import Rulebook, Rules, rulebook

pytestmark = pytest.mark.slow

DAY = "2021-05-31"
SHIPPED = rulebook()
EVERY = [(name, parameter) for name in NAMES for parameter in SHIPPED.files[name].parameters]

# What the sources leave open, or may: without it nothing is capped, limited or shown.
MAY_STATE_NONE = {
    "chargeback.activation_conditions", "chargeback.evidence_days", "fees.offline_cap",
    "fees.offline_insurance", "fees.platform_cap", "star.response_hours_limit",
    "star.rts_indicators", "star.rts_thresholds",
}  # fmt: skip


@pytest.fixture(scope="module")
def facts() -> Warehouse:
    made = Warehouse.in_memory()
    demo.fill(made)
    return made


def laid(name: str, parameter: str, value: object) -> Rulebook:
    values = {dt.date(2021, 5, 1): {"is": value}}
    return SHIPPED.overlay({"id": name, "parameters": {parameter: {"values": values}}})


def outcome_of(name: str, facts: Warehouse, rules: Rules) -> pd.DataFrame:
    mine = programme(name)
    measures = mine.measure(facts, DAY, rules)
    outcome = mine.assess(measures, rules)
    mine.explain(measures, rules)
    mine.summary(outcome)
    return outcome


@pytest.mark.parametrize(("name", "parameter"), EVERY)
def test_a_rule_without_a_value_is_refused_or_done_without(
    name: str, parameter: str, facts: Warehouse
) -> None:
    if f"{name}.{parameter}" not in MAY_STATE_NONE:
        with pytest.raises(RuleFileError, match="cannot do without a value"):
            laid(name, parameter, None)
        return
    outcome = outcome_of(name, facts, laid(name, parameter, None).on(DAY))
    for column in outcome.columns:
        if f"{column}_reason" in outcome:
            missing = outcome[column].isna()
            assert outcome.loc[missing, f"{column}_reason"].notna().all(), column


def numbers() -> list[tuple[str, str, Any]]:
    held = (p for name in NAMES for p in SHIPPED.on(DAY).programme(name).provisions())
    return [
        (*provision.rule.split("."), provision.value)
        for provision in held
        if isinstance(provision.value, (int, Decimal)) and not isinstance(provision.value, bool)
    ]


@pytest.mark.parametrize(("name", "parameter", "value"), numbers())
@pytest.mark.parametrize("more", ["0.5", "0.25", "0.555"])
def test_a_number_that_is_too_fine_is_refused_and_no_other_breaks(
    name: str, parameter: str, value: Any, more: str, facts: Warehouse
) -> None:
    try:
        rules = laid(name, parameter, value + Decimal(more)).on(DAY)
    except RuleFileError as refused:
        assert refused.remedy
        return
    if (name, parameter) == ("showroom", "confidence"):
        # Its quantiles are a table of their own, which must have it.
        with pytest.raises(MerchantkitError, match="no quantiles are on record"):
            outcome_of(name, facts, rules)
        return
    assert len(outcome_of(name, facts, rules))
