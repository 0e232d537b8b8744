"""The rulebook on a day: starts, ends, what is dormant, overlays, fingerprints."""

import datetime as dt
import pickle
from decimal import Decimal
from pathlib import Path

import pytest

from merchantkit.errors import NotInForceError, RuleFileError
from merchantkit.rulebook import Rulebook, Rules, rulebook
from merchantkit.rulebook.loader import load_text
from merchantkit.rulebook.model import Bilingual

SHIPPED = rulebook()
GOOD = Path(__file__).with_name("good.yaml")


@pytest.fixture(scope="module")
def shop() -> Rulebook:
    return Rulebook({"shop": load_text(GOOD.read_text(encoding="utf-8"), "good.yaml")})


# --- on a day -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "value", "since", "until", "status"),
    [
        ("2021-01-01", 100, "2021-01-01", "2021-06-01", "in_force"),
        ("2021-05-31", 100, "2021-01-01", "2021-06-01", "in_force"),
        ("2021-06-01", Decimal("200.50"), "2021-06-01", "2021-09-01", "expected"),
        ("2021-08-31", Decimal("200.50"), "2021-06-01", "2021-09-01", "expected"),
    ],
)
def test_a_value_holds_until_the_next(
    shop: Rulebook, day: str, value: object, since: str, until: str, status: str
) -> None:
    held = shop.on(day).programme("shop").provision("least_sales")
    assert (held.value, held.status) == (value, status)
    assert (held.since, held.until) == (dt.date.fromisoformat(since), dt.date.fromisoformat(until))


def test_before_the_first_date_the_remedy_is_that_date(shop: Rulebook) -> None:
    with pytest.raises(NotInForceError, match="not in force on 2020-12-31") as caught:
        shop.on("2020-12-31").programme("shop")
    assert "it began on 2021-01-01" in (caught.value.remedy or "")


def test_one_parameter_before_its_first_date() -> None:
    dated = {"id": "rfq", "parameters": {"tier_1_gmv": {"values": {"2021-04-15": None}}}}
    with pytest.raises(NotInForceError, match=r"rfq\.tier_1_gmv does not hold on 2021-05-31"):
        _ = rulebook(dated).on("2021-05-31").programme("rfq")["tier_1_gmv"]


def test_null_ends_a_value(shop: Rulebook) -> None:
    rules = shop.on("2021-09-01").programme("shop")
    with pytest.raises(NotInForceError, match="does not hold on 2021-09-01") as caught:
        _ = rules["least_sales"]
    assert "it ended on 2021-09-01" in (caught.value.remedy or "")
    assert "shop.least_sales" not in {provision.rule for provision in rules.provisions()}


def test_a_value_of_null_says_that_none_is_printed(shop: Rulebook) -> None:
    held = shop.on("2021-03-01").programme("shop").provision("ceiling")
    assert held.value is None
    assert held.source.text == "「店铺规则」"


def test_what_is_deferred_or_planned_decides_nothing(shop: Rulebook) -> None:
    assert shop.on("2099-01-01").programme("shop").provision("ceiling").value is None


def test_an_overlay_dates_what_is_deferred(shop: Rulebook) -> None:
    dated = shop.overlay(
        {"id": "shop", "parameters": {"ceiling": {"values": {"2021-08-01": {"is": 30}}}}}
    )
    before, after = (dated.on(d).programme("shop") for d in ("2021-07-31", "2021-08-01"))
    assert (before["ceiling"], after["ceiling"]) == (None, 30)
    held = after.provision("ceiling")
    assert (held.source.kind, held.source.text) == ("overlay", "overlay overlay")


def test_an_overlay_leaves_the_rulebook_as_it_was(shop: Rulebook) -> None:
    changed = shop.overlay(
        {"id": "shop", "parameters": {"least_share": {"values": {"2021-01-01": {"is": 0.5}}}}}
    )
    assert changed.on("2021-02-01").programme("shop")["least_share"] == Decimal("0.5")
    assert shop.on("2021-02-01").programme("shop")["least_share"] == 60


def test_the_later_of_two_overlays_wins(shop: Rulebook) -> None:
    one, two = (
        {"id": "shop", "parameters": {"least_share": {"values": {"2021-01-01": {"is": n}}}}}
        for n in (70, 80)
    )
    assert shop.overlay(one).overlay(two).on("2021-02-01").programme("shop")["least_share"] == 80


def test_an_unknown_programme_or_parameter_names_those_there_are() -> None:
    with pytest.raises(NotInForceError, match="no rules for stars") as caught:
        SHIPPED.on("2021-05-31").programme("stars")
    assert "rfq" in (caught.value.remedy or "")
    with pytest.raises(NotInForceError, match="rfq has no parameter tier_3_gmv") as caught:
        _ = SHIPPED.on("2021-05-31").programme("rfq")["tier_3_gmv"]
    assert "tier_1_gmv" in (caught.value.remedy or "")


def test_an_error_survives_the_way_to_another_process() -> None:
    with pytest.raises(NotInForceError) as caught:
        SHIPPED.on("2021-04-14").programme("rfq")
    again = pickle.loads(pickle.dumps(caught.value))  # noqa: S301
    assert (type(again), str(again)) == (NotInForceError, str(caught.value))


# --- fingerprints -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2021-04-20", "2021-04-23", True),
        ("2021-04-23", "2021-04-24", False),
        ("2021-04-24", "2021-04-28", True),
        ("2021-04-28", "2021-04-29", False),
        ("2021-05-01", "2021-05-05", True),
        ("2021-05-05", "2021-05-06", False),
        ("2021-05-06", "2021-05-23", True),
        ("2021-05-23", "2021-05-24", False),
        ("2021-05-24", "2021-05-31", True),
        ("2021-06-01", "2021-06-30", True),
        ("2021-09-01", "2021-09-30", True),
        ("2021-04-14", "2021-04-15", False),
        ("2021-04-19", "2021-04-20", False),
        ("2021-04-30", "2021-05-01", False),
        ("2021-05-31", "2021-06-01", False),
    ],
)
def test_a_fingerprint_changes_only_on_a_day_of_change(one: str, other: str, same: bool) -> None:
    assert (SHIPPED.on(one).fingerprint() == SHIPPED.on(other).fingerprint()) is same


def test_an_overlay_changes_the_fingerprint_of_its_programme_alone() -> None:
    reform = {"id": "rfq", "parameters": {"tier_1_gmv": {"values": {"2021-05-01": {"is": 30000}}}}}
    official, changed = SHIPPED.on("2021-05-31"), rulebook(reform).on("2021-05-31")
    assert official.fingerprint("rfq") != changed.fingerprint("rfq")
    assert official.fingerprint("campaign") == changed.fingerprint("campaign")


def test_what_is_dated_to_come_later_is_not_in_it() -> None:
    later = {"id": "rfq", "parameters": {"tier_1_gmv": {"values": {"2021-09-01": {"is": 30000}}}}}
    book = rulebook(later)
    assert SHIPPED.on("2021-05-31").fingerprint() == book.on("2021-05-31").fingerprint()
    assert SHIPPED.on("2021-09-01").fingerprint() != book.on("2021-09-01").fingerprint()


@pytest.mark.parametrize("renamed", ["day", "when", "title"])
def test_what_is_deferred_is_in_it_as_pages_name_it(renamed: str) -> None:
    file = SHIPPED.files["star"]
    thresholds = file.parameters["rts_thresholds"]
    ((day, value),) = thresholds.values.items()
    other = Bilingual(zh="7月", en="July")
    if renamed == "when":
        value = value.model_copy(update={"when": other})
    values = {dt.date(2021, 7, 15) if renamed == "day" else day: value}
    title = other if renamed == "title" else thresholds.title
    later = thresholds.model_copy(update={"values": values, "title": title})
    changed = file.model_copy(update={"parameters": {**file.parameters, "rts_thresholds": later}})
    on_file = Rules({"star": changed}, dt.date(2021, 5, 31), ()).fingerprint("star")
    assert on_file != SHIPPED.on("2021-05-31").fingerprint("star")


def test_the_unit_that_a_page_prints_is_in_it() -> None:
    def in_unit(unit: str) -> str:
        file = SHIPPED.files["rfq"]
        days = file.parameters["window_days"].model_copy(update={"unit": unit})
        changed = file.model_copy(update={"parameters": {**file.parameters, "window_days": days}})
        return Rules({"rfq": changed}, dt.date(2021, 5, 31), ()).fingerprint("rfq")

    assert in_unit("day") == SHIPPED.on("2021-05-31").fingerprint("rfq")
    assert in_unit("count") != in_unit("day")


# --- the shipped rules, read from the deck by hand ----------------------------------------------

INDEX = "商家星等级规则调整—RFQ相关指标调整"
TIERS = "商家星等级规则调整—RFQ指标内涵及查看路径"
ORDERS = "商家星等级规则调整—RFQ在线交易订单生成"
STAR = "5月推荐之星活动"

# rule → value on 31 May 2021, start, status, slide
PRINTED = {
    "rfq.window_days": (90, "2021-04-15", "assumed", TIERS),
    "rfq.tier_1_gmv": (25000, "2021-04-15", "in_force", TIERS),
    "rfq.tier_1_usage": (60, "2021-04-15", "in_force", TIERS),
    "rfq.tier_1_points": (3, "2021-04-20", "expected", INDEX),
    "rfq.tier_2_gmv": (35000, "2021-04-15", "in_force", TIERS),
    "rfq.tier_2_usage": (100, "2021-04-15", "in_force", TIERS),
    "rfq.tier_2_points": (5, "2021-04-20", "expected", INDEX),
    "rfq.points_tracks": (["customization"], "2021-04-15", "in_force", INDEX),
    "rfq.free_quote_sources": (
        ["base", "service_score_bonus", "rebated"], "2021-04-15", "assumed", TIERS,
    ),
    "rfq.base_quotes_month": (20, "2021-04-15", "in_force", TIERS),
    "rfq.qualifying_paths": (
        ["quote_management", "trade_import"], "2021-04-15", "in_force", ORDERS,
    ),
    "rfq.refused_reviews": (["rejected"], "2021-04-15", "assumed", ORDERS),
    "campaign.campaign": ("recommendation_star_2021_05", "2021-05-01", "expected", STAR),
    "campaign.campaign_names": (
        ["2021年5月推荐之星", "5月推荐之星", "5月推荐之星活动", "Recommendation Star, May 2021",
         "May Recommendation Star"], "2021-05-01", "assumed", STAR,
    ),
    "campaign.activity_days": (
        {"from": dt.date(2021, 5, 1), "to": dt.date(2021, 5, 31)}, "2021-05-01", "expected", STAR,
    ),
    "campaign.enrolment_days": (
        {"from": dt.date(2021, 5, 1), "to": dt.date(2021, 5, 31)}, "2021-05-01", "expected", STAR,
    ),
    "campaign.enrolment_required": (True, "2021-05-01", "expected", STAR),
    "campaign.ads_required": (True, "2021-05-01", "expected", STAR),
    "campaign.points_per_visitor": (Decimal("0.2"), "2021-05-01", "expected", STAR),
    "campaign.points_per_inquiry": (10, "2021-05-01", "expected", STAR),
    "campaign.points_per_tm": (5, "2021-05-01", "expected", STAR),
    "campaign.top_ranks": (10, "2021-05-01", "expected", STAR),
    "campaign.top_share": (100, "2021-05-01", "expected", STAR),
    "campaign.top_cap": (5000, "2021-05-01", "expected", STAR),
    "campaign.next_ranks": (1000, "2021-05-01", "expected", STAR),
    "campaign.next_share": (50, "2021-05-01", "expected", STAR),
    "campaign.next_cap": (2000, "2021-05-01", "expected", STAR),
}  # fmt: skip


# The other programmes' values are held to the deck by their worked cases.
@pytest.mark.parametrize("programme", ["rfq", "campaign"])
def test_every_value_is_the_decks_on_its_slide(programme: str) -> None:
    rules = SHIPPED.on("2021-05-31").programme(programme)
    found = {
        p.rule: (p.value, p.since.isoformat(), p.status, p.source.slide) for p in rules.provisions()
    }
    assert found == {rule: row for rule, row in PRINTED.items() if rule.startswith(f"{programme}.")}


@pytest.mark.parametrize("programme", ["rfq", "campaign", "star"])
def test_clocks_are_assumed_and_say_why(programme: str) -> None:
    clock = SHIPPED.on("2021-05-31").programme(programme).clock
    assert (clock.zone, clock.status) == ("America/Los_Angeles", "assumed")
    assert clock.why
    assert clock.why.zh != clock.why.en


def test_what_is_assumed_says_why_in_both_languages() -> None:
    for file in SHIPPED.files.values():
        for name, parameter in file.parameters.items():
            for value in filter(None, parameter.values.values()):
                if value.status == "assumed":
                    assert value.why is not None, name
                    assert value.why.zh != value.why.en, name


def test_points_are_whole_as_the_outcome_counts_them() -> None:
    changed = {dt.date(2021, 5, 1): {"is": 2.5}}
    halves = {"id": "rfq", "parameters": {"tier_1_points": {"values": changed}}}
    with pytest.raises(RuleFileError, match="not a whole number"):
        rulebook(halves)
