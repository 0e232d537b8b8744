"""Why a value is missing: the codes in ``<column>_reason`` (their words are in present/)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
from pandas.api.extensions import ExtensionArray

from merchantkit.columns import Column, Flags, arrow

Codes = npt.NDArray[np.int32]


class Reason(StrEnum):
    """Every reason for which the programmes leave a value empty."""

    NOT_GIVEN = "not_given"
    NO_ORDER_FACTS = "no_order_facts"
    NO_ENTITLEMENT_FACTS = "no_entitlement_facts"
    NO_FREE_QUOTES_GRANTED = "no_free_quotes_granted"
    MORE_USED_THAN_GRANTED = "more_used_than_granted"
    TRACK_UNKNOWN = "track_unknown"
    NO_TRAFFIC_FACTS = "no_traffic_facts"
    NO_COUNTS_BEFORE = "no_counts_before"
    NO_COUNTS_DURING = "no_counts_during"
    NO_SPEND = "no_spend"
    NOT_ENROLLED = "not_enrolled"
    ADS_OFF = "ads_off"
    NO_PILLAR_SCORES = "no_pillar_scores"
    PILLAR_UNKNOWN = "pillar_unknown"
    NO_STAR_INDICATORS = "no_star_indicators"
    NO_ENQUIRIES = "no_enquiries"
    ZERO_WITHOUT_ENQUIRIES = "zero_without_enquiries"
    RECORD_MISSING = "record_missing"
    NO_MARKETING_TRAFFIC = "no_marketing_traffic"
    # orders seen by rfq
    NOT_GENUINE = "not_genuine"
    NO_RFQ_PATH = "no_rfq_path"
    NO_QUOTE = "no_quote"
    QUOTE_OF_ANOTHER_MERCHANT = "quote_of_another_merchant"
    QUOTE_FOR_ANOTHER_BUYER = "quote_for_another_buyer"
    QUOTE_REFUSED = "quote_refused"
    OUTSIDE_WINDOW = "outside_window"
    # fees
    ROUTE_UNKNOWN = "route_unknown"
    NO_LOGISTICS_FACTS = "no_logistics_facts"
    SHIPS_OFFLINE = "ships_offline"
    BEFORE_PAYMENT = "before_payment"
    NOT_YET_OUT = "not_yet_out"
    NOT_YET_RECEIVED = "not_yet_received"
    NOT_INSURED = "not_insured"
    # on-time shipping
    METHOD_NOT_COVERED = "method_not_covered"
    NOT_DISPATCHED = "not_dispatched"
    AWAITING_INFORMATION = "awaiting_information"
    NOTHING_SETTLED = "nothing_settled"
    # the express promotion
    NOT_TA_ORDER = "not_ta_order"
    NOT_MEMBER = "not_member"
    USED_BEFORE = "used_before"
    BEFORE_PROMOTION = "before_promotion"
    AFTER_PROMOTION = "after_promotion"
    ROUTE_EXCLUDED = "route_excluded"
    ROUTE_NOT_LISTED = "route_not_listed"
    NOT_PAID = "not_paid"
    PAID_LATE = "paid_late"
    NO_FREIGHT = "no_freight"
    SELLER_ORDERS_USED = "seller_orders_used"
    SELLER_AMOUNT_USED = "seller_amount_used"
    POOL_USED = "pool_used"
    TIME_OF_DAY_MISSING = "time_of_day_missing"
    EARLIER_ORDER_UNKNOWN = "earlier_order_unknown"
    NO_EXPRESS_HISTORY = "no_express_history"
    NO_EXPRESS_PAYMENTS = "no_express_payments"
    # chargeback protection
    NO_COVERAGE = "no_coverage"
    COVERAGE_REFUSED = "coverage_refused"
    NO_COVERAGE_FACTS = "no_coverage_facts"
    PAYMENT_TIME_UNKNOWN = "payment_time_unknown"
    PAYMENT_DAY_ONLY = "payment_day_only"
    OUTSIDE_PERIOD = "outside_period"
    NOT_ONLINE_ORDER = "not_online_order"
    NOT_CARD_DIRECT = "not_card_direct"
    EVIDENCE_MISSING = "evidence_missing"
    EVIDENCE_PENDING = "evidence_pending"
    EVIDENCE_REJECTED = "evidence_rejected"
    NO_EVIDENCE_FACTS = "no_evidence_facts"
    LIMIT_UNKNOWN = "limit_unknown"
    COVERAGE_USED = "coverage_used"
    BEYOND_COVERAGE = "beyond_coverage"
    EARLIER_DISPUTE_UNKNOWN = "earlier_dispute_unknown"
    # quick customization
    NOT_BOUND = "not_bound"
    NO_MODEL_FACTS = "no_model_facts"
    NO_PRICE_TIERS = "no_price_tiers"
    NO_LEAD_TIMES = "no_lead_times"
    TO_BE_NEGOTIATED = "to_be_negotiated"
    BELOW_MOQ = "below_moq"
    NO_MODEL_PRICE = "no_model_price"
    BEYOND_MONEY = "beyond_money"
    NOT_FIXABLE = "not_fixable"
    # the showroom
    NO_SHOWROOM_FACTS = "no_showroom_facts"
    SHOWROOM_LAPSED = "showroom_lapsed"
    CHAIN_DONE = "chain_done"
    BATCH_NOT_PRINTED = "batch_not_printed"
    VENUE_ALWAYS_OPEN = "venue_always_open"
    VENUE_STILL_OPEN = "venue_still_open"
    NO_LAST_DAY = "no_last_day"
    NOT_LIVE = "not_live"
    LIVE_TOO_SHORT = "live_too_short"
    DAYS_INCOMPLETE = "days_incomplete"
    NOTHING_BEFORE = "nothing_before"
    NOTHING_AFTER = "nothing_after"
    # order assignment
    NO_ORDER_TAKERS = "no_order_takers"
    ONE_ORDER_TAKER = "one_order_taker"
    NO_ORDERS_IN_MONTH = "no_orders_in_month"
    # the smart tariff
    DESTINATION_WITHOUT_SCHEDULE = "destination_without_schedule"
    COUNTRY_UNKNOWN = "country_unknown"
    CODE_UNKNOWN = "code_unknown"
    CODE_RETIRED = "code_retired"
    SEVERAL_CANDIDATES = "several_candidates"
    RATE_NOT_UNDERSTOOD = "rate_not_understood"
    RATE_OF_ANOTHER_ARTICLE = "rate_of_another_article"
    QUANTITY_NEEDED = "quantity_needed"
    QUANTITIES_CONTRADICT = "quantities_contradict"
    COLUMN_2_REPLACED = "column_2_replaced"
    ADDED_HEADING_UNKNOWN = "added_heading_unknown"
    ADDED_NOT_DETERMINABLE = "added_not_determinable"
    ADDED_AMBIGUOUS = "added_ambiguous"
    NO_VALUE = "no_value"


@dataclass(frozen=True, slots=True, eq=False)
class Reasons:
    """Why each row's value is missing, as positions in a short list of words.

    Attributes:
        codes: The position of each row's reason; -1 where there is none.
        words: The reasons: this programme's, and what came with the frame.

    >>> Reasons(np.array([-1, 0], dtype=np.int32), ("no_spend",)).array().tolist()
    [<NA>, 'no_spend']
    """

    codes: Codes
    words: tuple[str, ...] = tuple(Reason)

    @classmethod
    def none(cls, rows: int) -> Self:
        """Return no reason on so many rows."""
        return cls(np.full(rows, -1, dtype=np.int32))

    @property
    def given(self) -> Flags:
        """Where there is a reason."""
        return self.codes >= 0

    def only(self, where: Flags) -> Self:
        """Return the same, and no reason elsewhere."""
        return type(self)(np.where(where, self.codes, np.int32(-1)), self.words)

    def replaced(self, where: Flags, reason: Reason) -> Self:
        """Return the same with this reason where ``where`` says."""
        return type(self)(
            np.where(where, np.int32(self.words.index(reason)), self.codes), self.words
        )

    def added(self, where: Flags, reason: Reason) -> Self:
        """Return the same with this reason where ``where`` says and there is none."""
        return self.replaced(where & (self.codes < 0), reason)

    def filled(self, other: "Reasons") -> Self:
        """Return the same with the other's reasons where there is none."""
        words, codes = self._taking_in(other.words, other.codes)
        return type(self)(np.where(self.codes < 0, codes, self.codes), words)

    def stated(self, rows: npt.NDArray[np.intp], own: "pd.Series[Any]") -> Self:
        """Return the same with a reason for each of the rows: its text, or none."""
        coded = arrow(own).dictionary_encode()
        texts = tuple(coded.dictionary.to_pylist())
        words, stated = self._taking_in(texts, np.asarray(coded.indices.fill_null(-1)))
        codes = self.codes.copy()
        codes[rows] = stated
        return type(self)(codes, words)

    def _taking_in(self, words: tuple[str, ...], codes: Codes) -> tuple[tuple[str, ...], Codes]:
        """Return both lists of words as one, and another's codes in it."""
        if words == self.words:
            return words, codes
        both = tuple(dict.fromkeys((*self.words, *words)))
        # The last place is for -1, which is no reason in either.
        places = np.array([*(both.index(word) for word in words), -1], dtype=np.int32)
        return both, places[codes]

    def array(self, where: Flags | None = None) -> ExtensionArray:
        """Return Arrow strings for the rows that have a reason, or those of them in ``where``."""
        has = self.codes >= 0 if where is None else (self.codes >= 0) & where
        if not has.any():
            return pd.arrays.ArrowExtensionArray(pa.nulls(len(has), pa.string()))
        codes = pa.array(self.codes, mask=~has)
        coded = pa.DictionaryArray.from_arrays(codes, pa.array(self.words, pa.string()))
        return pd.arrays.ArrowExtensionArray(coded.dictionary_decode())

    def series(self, index: pd.Index) -> "pd.Series[Any]":
        """Return them as a Series: Arrow strings."""
        return pd.Series(self.array(), index=index)


def reasons(
    facts: pd.DataFrame, names: Sequence[str], default: Reason = Reason.NOT_GIVEN
) -> Reasons:
    """Return, for each row, why the first of these columns that is missing is missing.

    The reason is the column's own ``<column>_reason`` where the frame has it, else ``default``.
    """
    found = Reasons.none(len(facts))
    for name in names:
        missing = (found.codes < 0) & facts[name].isna().to_numpy()
        if not missing.any():
            continue
        own = facts.get(f"{name}_reason")
        if own is not None:
            rows = np.flatnonzero(missing)
            found = found.stated(rows, own.iloc[rows])
        found = found.replaced(missing & (found.codes < 0), default)
    return found


def beside(values: Mapping[str, Any], why: Mapping[str, Any]) -> dict[str, Any]:
    """Return columns with ``<column>_reason`` beside each, filled where the value is missing.

    Args:
        values: Each a Series, a ``Column``, or an array for one (``money.exact``).
        why: Each a Series of texts or ``Reasons``.
    """
    columns: dict[str, Any] = {}
    written: dict[tuple[int, bytes], ExtensionArray] = {}
    for name, value in values.items():
        columns[name] = value.array() if isinstance(value, Column) else value
        if name not in why:
            continue
        reason = why[name]
        missing = ~value.known if isinstance(value, Column) else np.asarray(value.isna())
        if isinstance(reason, Reasons):
            # Often the same reasons on the same rows stand beside several columns.
            rows = id(reason), missing.tobytes()
            if rows not in written:
                written[rows] = reason.array(missing)
            columns[f"{name}_reason"] = written[rows]
        else:
            columns[f"{name}_reason"] = reason.where(missing)
    return columns
