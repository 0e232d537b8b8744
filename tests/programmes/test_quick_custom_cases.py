"""RTS小单快定: every gate at its limit, singly and in one shuffled batch; the rules as printed."""

import datetime as dt

import pandas as pd
import pytest

from merchantkit.errors import MeasureError, NotInForceError
from merchantkit.programmes import quick_custom
from merchantkit.rulebook import on_record, rulebook
from tests.programmes.casebook import as_text, cases

CASES = cases("quick_custom")
MEASURES = [
    "main_industry", "rts_products", "shop_products", "late_orders", "is_rts", "model_bound",
    "online_customization", "moq_pieces", "lead_time_days", "lead_time_negotiated",
    "same_leaf_category", "model_products", "category_allowed", "prohibited", "base_price_usd",
    "surcharge_usd", "discount_percent",
]  # fmt: skip
OUTCOME = [
    "eligible", "failed_gates", "fixes", "only_fix", "taken_gates", "rts_products_short",
    "moq_over_pieces", "lead_time_over_days", "moq_advised", "unit_price_usd", "order_usd",
    "eligible_reason", "fixes_reason",
]  # fmt: skip
BOOK = rulebook()
RULES = BOOK.on("2021-05-31")
GATES, MODEL = "「RTS小单快定场景节奏」", "「RTS小单快定场景报名期商家行动点」"

# rule → value, status, slide: as printed, and what is assumed where the deck is silent.
PRINTED = {
    "rts_share": (30, "in_force", GATES),
    "late_orders_most": (0, "assumed", GATES),
    "product_is_rts": (True, "in_force", GATES),
    "online_customization": (True, "in_force", GATES),
    "bound_to_a_model": (True, "in_force", GATES),
    "moq_most": (50, "in_force", GATES),
    "lead_time_most": (7, "in_force", GATES),
    "negotiated_lead_time": (False, "assumed", GATES),
    "allowed_category": (True, "in_force", GATES),
    "prohibited": (False, "in_force", GATES),
    "same_leaf_category": (True, "in_force", MODEL),
    "model_products_most": (20, "in_force", MODEL),
    "default_discount": (100, "in_force", MODEL),
    "advised_moq_least": (10, "in_force", MODEL),
    "advised_moq_most": (30, "in_force", MODEL),
    "advised_moq": (20, "in_force", "「RTS小单快定场景（低起订量轻定制、快速发货）介绍」"),
    "moq_as_low_as": (1, "in_force", "「RTS小单快定场景（低起订量轻定制、快速发货）介绍」"),
    "view_to_click": (30, "in_force", "「RTS小单快定场景介绍（低起订量轻定制、快速发货）」"),
    "click_to_pay": (110, "in_force", "「RTS小单快定场景介绍（低起订量轻定制、快速发货）」"),
    "own_brand_sellers": (67, "in_force", "「RTS小单快定场景介绍（低起订量轻定制、快速发货）」"),
}
# As the slide sets them apart, by 、 and not by commas.
INDUSTRIES = (
    "Apparel、Beauty & Personal Care、Consumer Electronics、Timepieces, Jewelry, Eyewear、"
    "Home & Garden、Sports & Entertainment、Gifts & Crafts、Packaging & Printing、"
    "Luggage, Bags & Cases、Fashion Accessories、Shoes & Accessories、Lights & Lighting"
)


def measures(rows: pd.DataFrame) -> pd.DataFrame:
    ids = [f"p{i}" for i in range(len(rows))]
    return rows[MEASURES].replace("", None).assign(product_id=ids, merchant_id="m")


def found(outcome: pd.DataFrame) -> dict[str, list[str]]:
    flags = ("eligible", "moq_advised")
    return {
        c: [text.lower() if c in flags else text for text in as_text(outcome[c])] for c in OUTCOME
    }


@pytest.mark.parametrize("case", CASES.index)
def test_single_row(case: str) -> None:
    row = CASES.loc[[case]]
    expected = {column: row[column].tolist() for column in OUTCOME}
    assert found(quick_custom.assess(measures(row), RULES)) == expected


def test_shuffled_batch() -> None:
    rows = CASES.sample(frac=1, random_state=7)
    frame = measures(rows)
    before = frame.copy(deep=True)
    outcome = quick_custom.assess(frame, RULES)
    assert outcome.index.tolist() == rows.index.tolist()
    assert found(outcome) == {column: rows[column].tolist() for column in OUTCOME}
    pd.testing.assert_frame_equal(frame, before)


def test_every_value_is_the_slides() -> None:
    book = RULES.programme("quick_custom")
    held = {name: book.provision(name) for name in PRINTED}
    said = {name: (p.value, p.status, p.source.text) for name, p in held.items()}
    assert said == PRINTED
    assert {p.since for p in held.values()} == {dt.date(2021, 4, 24)}
    assert book["industries"] == INDUSTRIES.split("、")
    assert len(book["industries"]) == 12


def test_the_scene_begins_with_the_last_week_of_april() -> None:
    with pytest.raises(NotInForceError, match="2021-04-24"):
        BOOK.on("2021-04-23").programme("quick_custom")
    april = BOOK.on("2021-04-24")
    row = measures(CASES.loc[["the product page as printed"]])
    assert quick_custom.assess(row, april)["eligible"].tolist() == [True]


def test_a_reform_moves_a_gate() -> None:
    row = measures(CASES.loc[["moq just above the limit"]])
    reform = rulebook(
        {"id": "quick_custom", "parameters": {"moq_most": {"values": {"2021-05-01": {"is": 51}}}}}
    )
    assert quick_custom.assess(row, reform.on("2021-05-31"))["eligible"].tolist() == [True]
    assert quick_custom.assess(row, reform.on("2021-04-30"))["eligible"].tolist() == [False]


def test_what_a_frame_need_not_have_is_taken_to_be_met_and_named() -> None:
    rows = CASES.loc[["the product page as printed", "not bound to a model"]]
    frame = measures(rows)[[*quick_custom.COLUMNS]]
    good, unbound = quick_custom.assess(frame, RULES).to_dict("records")
    assert good["eligible"] is True
    assert good["taken_gates"] == "on_time,leaf_category,model_products,category,prohibited"
    assert (good["order_usd_reason"], unbound["only_fix"]) == ("not_given", "online")
    # Of a product that is not bound there is no model to take anything of.
    assert unbound["taken_gates"] == "on_time,category,prohibited"


def test_reasons_that_come_with_a_frame_stay() -> None:
    frame = measures(CASES.loc[["lead time not known"]])
    frame["lead_time_days_reason"] = "no_lead_times"
    (row,) = quick_custom.assess(frame, RULES).to_dict("records")
    assert (row["eligible_reason"], row["fixes_reason"]) == ("no_lead_times", "no_lead_times")


@pytest.mark.parametrize("missing", quick_custom.COLUMNS)
def test_a_missing_column_is_named(missing: str) -> None:
    with pytest.raises(MeasureError, match=missing):
        quick_custom.assess(measures(CASES.iloc[[0]]).drop(columns=missing), RULES)


@pytest.mark.parametrize(
    ("column", "value"),
    [("moq_pieces", "-1"), ("moq_pieces", "2.5"), ("is_rts", "perhaps"), ("product_id", None),
     ("lead_time_days", "soon"), ("base_price_usd", "-0.01"), ("discount_percent", "half")],
)  # fmt: skip
def test_a_value_that_cannot_be_is_refused(column: str, value: object) -> None:
    frame = measures(CASES.iloc[[0]]).astype(object)
    frame[column] = [value]
    with pytest.raises(MeasureError, match=column):
        quick_custom.assess(frame, RULES)


def test_explanation_names_rule_status_slide_and_whose_product_it_is() -> None:
    rows = CASES.loc[["moq just above the limit", "share of a small shop"]]
    long = quick_custom.explain(measures(rows), RULES)
    assert set(long["merchant_id"]) == {"m"}
    by = long.set_index(["subject", "check"])
    moq, share = by.loc[("p0", "model.moq")], by.loc[("p1", "shop.rts_share")]
    assert (moq["observed"], moq["required"], moq["gap"], moq["met"]) == ("51", "50", "1", False)
    assert (moq["rule"], moq["source"]) == ("quick_custom.moq_most", GATES)
    assert (share["observed"], share["required"], share["gap"]) == ("2", "3", "1")
    assert share["unit"] == "product"
    assert by.loc[("p0", "shop.on_time")]["status"] == "assumed"


def test_what_is_taken_to_be_met_is_met_though_it_was_not_observed() -> None:
    long = quick_custom.explain(measures(CASES.loc[["late orders not known"]]), RULES)
    (late,) = long[long["check"] == "shop.on_time"].to_dict("records")
    assert late["met"] and pd.isna(late["observed"])


def test_an_outcome_and_its_explanation_agree() -> None:
    frame = measures(CASES)
    outcome = quick_custom.assess(frame, RULES).reset_index(drop=True)
    long = quick_custom.explain(frame, RULES)
    gates = long[~long["check"].str.startswith("advice.")]
    failed = set(gates[(~gates["met"]).fillna(False)]["subject"])
    told = outcome[outcome["eligible"].eq(False).fillna(False)]["product_id"]
    # Of a product that is not bound, nothing of a model is judged; its binding is.
    assert failed == set(told)


def test_every_week_is_the_last_seven_days_of_its_month() -> None:
    weeks = [p.value for p in on_record(RULES.files["quick_custom"], "scene_week")]
    assert [week["from"].month for week in weeks] == [4, 5, 6, 7, 8]
    for week in weeks:
        assert (week["to"] - week["from"]).days == 6
        assert (week["to"] + dt.timedelta(days=1)).day == 1


def test_enrolment_in_may_is_by_the_printed_link() -> None:
    may, june = (BOOK.on(day).programme("quick_custom") for day in ("2021-05-31", "2021-06-01"))
    link = "https://marketing.alibaba.com/enroll/checkSeller.htm?&topicId=28964"
    assert (may["enrolment"], may["enrolment_link"]) == ("enrolment_link", link)
    assert june["enrolment"] == "back_office"
    with pytest.raises(NotInForceError):
        june["enrolment_link"]


def test_three_or_four_of_four_positions_are_shown() -> None:
    book = RULES.programme("quick_custom")
    assert (book["positions_least"], book["positions_most"]) == (3, len(book["scene_positions"]))


def test_a_summary_says_which_fix_unlocks_most() -> None:
    good, two, lost = "the product page as printed", "moq and lead time both too much", "prohibited"
    slow, asks = "lead time just above the limit", "lead time to be negotiated"
    rows = CASES.loc[
        [good, "moq just above the limit", slow, asks, two, lost, "lead time not known"]
    ]
    frame = measures(rows).assign(merchant_id=["a"] * 6 + ["b"])
    found = quick_custom.summary(quick_custom.assess(frame, RULES))
    board = [
        {name: None if pd.isna(value) else value for name, value in row.items()}
        for row in found.to_dict("records")
    ]
    assert board == [
        {"merchant_id": "a", "products": 6, "eligible": 1, "one_fix_away": 3,
         "more_fixes_away": 1, "not_fixable": 1, "undecided": 0, "best_fix": "lead_time",
         "best_fix_products": 2},
        {"merchant_id": "b", "products": 1, "eligible": 0, "one_fix_away": 0,
         "more_fixes_away": 0, "not_fixable": 0, "undecided": 1, "best_fix": None,
         "best_fix_products": 0},
    ]  # fmt: skip


def test_the_product_that_is_explained_is_the_nearest_to_eligible() -> None:
    good, lost = "the product page as printed", "prohibited"
    two, one = "moq and lead time both too much", "moq just above the limit"
    rows = CASES.loc[[good, two, one, lost, good, lost]]
    frame = measures(rows).assign(merchant_id=["a", "a", "a", "a", "b", "c"])
    told = quick_custom.noteworthy(quick_custom.assess(frame, RULES))
    assert told.tolist() == [False, False, True, False, True, True]
