"""The express promotion on the team's page: what the sellers saved, what is left, and why not."""

from collections import Counter
from decimal import Decimal
from typing import Any

from merchantkit.assessment import ProgrammeMonth
from merchantkit.present.html import Html, render
from merchantkit.present.words import Words
from merchantkit.rulebook import ProgrammeRules

NAME = "express"


def portfolio(month: ProgrammeMonth, rules: ProgrammeRules, words: Words) -> Html:
    """Return the promotion in a few sentences, and why orders had no discount, by frequency.

    Args:
        month: Everyone's orders.
        rules: The promotion's rules on the day.
        words: The language.
    """
    sellers, orders = month.rows("summary"), month.rows("outcome")
    saved = [o["saved_cny"] for o in orders if o["saved_cny"] is not None]
    reasons = Counter(o["saved_cny_reason"] for o in orders if o["saved_cny_reason"])
    facts: dict[str, Any] = {
        "saved": words.money(sum(saved, Decimal()), "CNY"),
        "discounted": sum(amount > 0 for amount in saved),
        "orders": len(orders),
        "sellers": len(sellers),
        "open": sum(bool(seller["orders_left"]) for seller in sellers),
        "closed": any(seller["orders_left_reason"] == "after_promotion" for seller in sellers),
        "pool": words.unit(rules["pool_orders"], "order"),
        "closes": words.moment(rules["closes_at"]),
    }
    table = [(words.reason(why), words.number(n)) for why, n in reasons.most_common()]
    return render("portfolio_express", words, facts=facts, rows=table)
