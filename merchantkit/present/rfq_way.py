"""The way to an RFQ tier in a sentence, as the briefing and the what-if both say it."""

from merchantkit.foresight.whatif import Way
from merchantkit.present.words import Words


def said(way: Way, words: Words) -> str:
    """Return what a tier still takes: money, quotes, both, or why that is not known."""
    needs = []
    if way.usd is None:
        needs.append(words.t("rfq.need.usd_unknown", reason=words.reason(way.usd_reason)))
    elif way.usd > 0:
        needs.append(words.t("rfq.need.usd", amount=words.money(way.usd, "USD")))
    if way.quotes is None:
        needs.append(words.t("rfq.need.quotes_unknown", reason=words.reason(way.quotes_reason)))
    elif way.quotes > 0:
        needs.append(words.t("rfq.need.quotes", n=way.quotes))
    name = words.t(f"rfq.tier.{way.tier}")
    return words.t("rfq.way.to", tier=name, needs=words.t("list.and").join(needs))
