"""The hand-made merchants of the demo as rows of the tables."""

import calendar
import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from merchantkit.days import Month
from merchantkit.facts.demo.personas import At, Persona, Sale

Row = dict[str, Any]
Rows = dict[str, list[Row]]

# The clock by which the hand-made moments sit on their edges; a rule may cut them by another.
_ZONE = ZoneInfo("America/Los_Angeles")
_QUOTED_DAYS_BEFORE = 10


def rows_of(personas: Iterable[Persona], month: Month, campaign: str) -> Rows:
    """Return table → rows without provenance; money is Decimal, moments are naive UTC."""
    rows: Rows = defaultdict(list)
    for number, persona in enumerate(personas):
        rows["merchants"].append(
            {
                "merchant_id": persona.merchant_id,
                "company_name": persona.company_name,
                "track": persona.track,
                "membership": "金品诚企" if number % 2 else "出口通",
                "region": persona.region,
                "main_industry": persona.industry,
                "joined_on": dt.date(2012 + number % 8, 1 + number % 12, 15),
            }
        )
        for part, used in ((month.previous(), persona.used_before), (month, persona.used)):
            for table, row in _quota(persona, number, part, used):
                rows[table].append(row)
        for nth, sale in enumerate(persona.sales, start=1):
            for table, row in _sale(persona, f"{number:07d}{nth:03d}", sale, month.last):
                rows[table].append(row)
        for table, row in _scene(persona, month):
            rows[table].append(row)
        if persona.enrolled:
            rows["campaign_enrolments"].append(
                {
                    "merchant_id": persona.merchant_id,
                    "campaign": campaign,
                    **moment("enrolled_at", month.first, At(number % 28)),
                    "ads_on": persona.ads_on,
                }
            )
    return rows


def _quota(persona: Persona, number: int, month: Month, used: int) -> Iterator[tuple[str, Row]]:
    left = used
    last_batch = len(persona.granted) - 1
    for nth, (source, quantity) in enumerate(persona.granted):
        batch = f"E{number:07d}{month.year % 100:02d}{month.number:02d}{nth}"
        yield (
            "quote_entitlements",
            {
                "entitlement_id": batch,
                "merchant_id": persona.merchant_id,
                "source": source,
                **moment("granted_at", month.first, At(0, None)),
                **moment("expires_at", month.last, At(20, None)),
                "quantity": quantity,
            },
        )
        # The last batch takes what is left, be it more than it has.
        taken = left if nth == last_batch else min(left, quantity)
        for quote in range(taken):
            code = f"{batch[1:]}{quote:03d}"
            at = At((quote + 7 * nth) % 28, f"{8 + quote % 12:02d}:{quote:02d}:{nth:02d}")
            yield "quotes", _quote(persona, code, batch, "approved", month.first, at)
        left -= taken


def _sale(persona: Persona, code: str, sale: Sale, last: dt.date) -> Iterator[tuple[str, Row]]:
    linked = sale.quote != "none"
    quote = _quote(
        persona,
        f"S{code}",
        None,
        "rejected" if sale.quote == "rejected" else "approved",
        last,
        At(sale.paid.day - _QUOTED_DAYS_BEFORE, "09:30:00"),
    )
    if linked:
        yield "quotes", quote
    buyer = f"B9{code}" if sale.quote == "other_buyer" else quote["buyer_id"]
    yield (
        "orders",
        {
            "order_id": f"00{code}",
            "merchant_id": persona.merchant_id,
            "buyer_id": buyer,
            "quote_id": quote["quote_id"] if linked else None,
            "via": "quote_management" if linked else "direct",
            **moment("paid_at", last, sale.paid),
            "received_usd": Decimal(sale.usd),
            "genuine": sale.genuine,
            "payment_method": "T/T",
            "logistics": "海运",
        },
    )


def _quote(
    persona: Persona, code: str, batch: str | None, status: str, day: dt.date, at: At
) -> Row:
    return {
        "quote_id": f"Q{code}",
        "rfq_id": f"R{code}",
        "merchant_id": persona.merchant_id,
        "buyer_id": f"B{code}",
        **moment("quoted_at", day, at),
        "review_status": status,
        "entitlement_id": batch,
    }


def _scene(persona: Persona, month: Month) -> Iterator[tuple[str, Row]]:
    scene = persona.scene
    if scene is None:
        return
    for part, counts in ((month.previous(), scene.before), (month, scene.during)):
        if counts is None:
            continue
        spend = Decimal(scene.spend_cny) if scene.spend_cny and part == month else None
        row = {"merchant_id": persona.merchant_id, **counts._asdict(), "spend_cny": spend}
        if not scene.daily:
            yield "campaign_counts", {**row, "month": str(part)}
            continue
        for day in range(1, calendar.monthrange(part.year, part.number)[1] + 1):
            yield "campaign_counts_daily", {**row, "day": part.first.replace(day=day)}


def moment(name: str, day: dt.date, at: At) -> Row:
    """Return the stored columns of a moment, days after a day on the clock of Los Angeles."""
    date = day + dt.timedelta(days=at.day)
    if at.time is None:
        return {name: dt.datetime.combine(date, dt.time()), f"{name}_is_date": True}
    local = dt.datetime.combine(date, dt.time.fromisoformat(at.time), tzinfo=_ZONE)
    return {name: local.astimezone(dt.UTC).replace(tzinfo=None), f"{name}_is_date": False}
