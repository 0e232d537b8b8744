"""What the RFQ what-if says: the tier, its points, and the way to each tier."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from merchantkit.foresight.whatif import Way
from merchantkit.present import rfq_way
from merchantkit.present.evidence import NONE
from merchantkit.present.whatif.cards import Card
from merchantkit.present.words import Words
from merchantkit.rulebook import Provision


def cards(
    now: Mapping[str, Any],
    real: Mapping[str, Any],
    ways: list[Way],
    points_rule: Provision | None,
    words: Words,
) -> list[Card]:
    """Return the tier, the points and the way to each tier, each beside what it really is.

    Args:
        now: The outcome for what the controls say.
        real: The outcome of the merchant's real numbers.
        ways: From ``whatif.ways``.
        points_rule: Whence the points of the tier, if it has any.
        words: The language.
    """
    t = words.t
    tier = Card(
        "tier", t("whatif.rfq.tier"), _tier(now, words), t("whatif.real", value=_tier(real, words)),
        hit=bool(pd.notna(now["tier"]) and now["tier"] > 0),
    )  # fmt: skip
    points = Card(
        "points", t("whatif.rfq.points"), _points(now, words), _since(points_rule, now, words),
        hit=bool(pd.notna(now["points"]) and now["points"] > 0),
    )  # fmt: skip
    return [tier, points, *(_way(way, words) for way in ways)]


def sentences(ways: list[Way], words: Words) -> list[str]:
    """Return what the next tier takes, as a consultant would say it."""
    ahead = next((way for way in ways if not way.done), None)
    return [rfq_way.said(ahead, words) if ahead else words.t("rfq.way.top")]


def _tier(outcome: Mapping[str, Any], words: Words) -> str:
    tier = outcome["tier"]
    return NONE if pd.isna(tier) else words.t(f"rfq.tier.{tier}")


def _points(outcome: Mapping[str, Any], words: Words) -> str:
    points = outcome["points"]
    return NONE if pd.isna(points) else f"+{words.unit(int(points), 'point')}"


def _since(rule: Provision | None, outcome: Mapping[str, Any], words: Words) -> str:
    if pd.isna(outcome["points"]):
        return words.reason(outcome["points_reason"])
    if rule is None:
        return words.reason(outcome["tier_reason"])
    status = words.t(f"status.{rule.status}")
    return f"{words.t('table.since', day=words.day(rule.since))} · {status}"


def _way(way: Way, words: Words) -> Card:
    t = words.t
    title = t("whatif.rfq.way", tier=t(f"rfq.tier.{way.tier}"))
    usd = NONE if way.usd is None else words.money(way.usd, "USD") if way.usd > 0 else ""
    quotes = NONE if way.quotes is None else words.unit(way.quotes, "quote") if way.quotes else ""
    missing = "\n+ ".join(filter(None, (usd, quotes)))
    earns = (
        "" if way.points is None else t("whatif.rfq.earns", points=words.unit(way.points, "point"))
    )
    why = words.reason(way.usd_reason) or words.reason(way.quotes_reason)
    return Card(
        f"way-{way.tier}", title, missing or t("whatif.rfq.reached"), why or earns, way.done
    )
