"""On-time shipping in plain NumPy: dispatch, lateness, exemption, state, the day it counts."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from tests.bench.exact import Column, Flags, arrow, integers

METHODS = ["door_to_door", "warehouse_platform_pickup", "warehouse_provider_pickup",
           "warehouse_self_sent", "own_express", "other"]  # fmt: skip
DOOR, PLATFORM, PROVIDER, SELF, OWN, _OTHER = range(6)
MOMENTS = ("door_ordered_at", "picked_up_at", "warehoused_at", "information_at", "proof_at")
WORDS = {
    "state": ["on_time", "exempt", "late", "open"],
    "dispatched_by": ["pickup", "warehouse_in", "proof"],
    "exemption": ["door_order", "trace"],
    "way": ["ship", "door_order", "trace"],
}
# Spring and early summer of 2021: days off, weekend days worked (the State Council's notice), and
# the clock of Los Angeles, which is seven hours behind from March to November.
OFF = ["2021-04-05", *(f"2021-05-0{n}" for n in range(1, 6)), "2021-06-14"]
WORKED = ["2021-04-25", "2021-05-08"]
BEHIND = np.timedelta64(7, "h")
HOURS_72 = np.timedelta64(72, "h")
ONE = np.timedelta64(1, "D")
FIRST = np.datetime64("2021-03-01")
EVERY = np.arange(FIRST, np.datetime64("2021-08-01"))
WORKING = (np.isin(EVERY, np.array(OFF, "datetime64[D]"), invert=True)) & (
    np.is_busday(EVERY) | np.isin(EVERY, np.array(WORKED, "datetime64[D]"))
)
SO_FAR = np.cumsum(WORKING)
DAYS = EVERY[WORKING]

Times = npt.NDArray[np.datetime64]


def board(rows: int, seed: int) -> pd.DataFrame:
    """Return orders of May around their agreed days, many of their moments missing."""
    draw = np.random.default_rng(seed)
    agreed = np.datetime64("2021-05-01") + draw.integers(-6, 36, rows)
    names = np.array(METHODS, dtype=object)
    near = agreed.astype("datetime64[s]") + np.timedelta64(7, "h")
    kinds = {"door_ordered_at": -3, "proof_at": -1, "information_at": 1}
    columns: dict[str, pd.Series] = {}
    for name in MOMENTS:
        late = draw.integers(-3 * 86_400, 4 * 86_400, rows) + kinds.get(name, 0) * 86_400
        at = (near + late).astype("datetime64[us]")
        gone = (draw.random(rows) < 0.3) | (at >= np.datetime64("2021-06-01T07:00"))
        columns[name] = arrow(at, gone, pa.timestamp("us", "UTC"))
    ids = np.arange(rows).astype(str).astype(object)
    days = {"as_of": "2021-05-31", "period_from": "2021-05-01"}
    return pd.DataFrame(
        {
            "merchant_id": arrow(ids, None, pa.string()),
            "order_id": arrow(ids, None, pa.string()),
            "method": arrow(
                names[draw.integers(0, 6, rows)], draw.random(rows) < 0.01, pa.string()
            ),
            "agreed_ship_on": arrow(agreed, None, pa.date32()),
            **{
                n: arrow(np.full(rows, d, "datetime64[D]"), None, pa.date32())
                for n, d in days.items()
            },
            **columns,
            "details_right": arrow(draw.random(rows) < 0.8, draw.random(rows) < 0.1, pa.bool_()),
            "failed_check_number": arrow(
                draw.integers(1, 6, rows), draw.random(rows) < 0.9, pa.int64()
            ),
        }
    )


def read(measures: pd.DataFrame) -> dict[str, Any]:
    """Return the columns as arrays."""

    def array(name: str) -> pa.Array:
        whole = pa.array(measures[name].array)
        return whole.combine_chunks() if isinstance(whole, pa.ChunkedArray) else whole

    method = pc.index_in(array("method"), value_set=pa.array(METHODS)).fill_null(-1)
    failed = array("failed_check_number")
    return {
        "method": np.asarray(method),
        "right": np.asarray(array("details_right").fill_null(False)),
        "failed": Column(np.asarray(failed.fill_null(0)), np.asarray(failed.is_valid())),
        **{
            n: array(n).to_numpy(zero_copy_only=False).astype("datetime64[D]")
            for n in ("agreed_ship_on", "as_of", "period_from")
        },
        **{n: array(n).to_numpy(zero_copy_only=False) for n in MOMENTS},
    }


def sums(columns: dict[str, Any]) -> dict[str, Any]:
    """Return each figure as whole numbers (days since 1970) and which of them are known."""
    method, agreed, as_of = (columns[n] for n in ("method", "agreed_ship_on", "as_of"))
    covered, own = (method >= DOOR) & (method <= OWN), method == OWN
    local = {name: (columns[name] - BEHIND).astype("datetime64[D]") for name in MOMENTS}
    by, waiting = _decided(columns, own, as_of)
    nothing = np.datetime64("NaT", "D")
    events = ("picked_up_at", "warehoused_at", "proof_at")
    shipped = np.select(
        [covered & (by == n) for n in range(3)], [local[e] for e in events], nothing
    )
    never = np.isnat(shipped)
    proof_late = local["proof_at"] > agreed
    undecided = never & ((as_of <= agreed) | (waiting & ~proof_late))
    days_late = np.maximum((np.where(never, as_of, shipped) - agreed).astype(np.int64), 0)
    known = covered & ~undecided
    overdue = known & (days_late > 0)
    traced = np.fmin(local["picked_up_at"], local["warehoused_at"])
    trace_by, order_by = _after(agreed), _before(agreed)
    warehouse = (method > DOOR) & (method < OWN)
    by_trace = warehouse & (traced <= trace_by)
    exempt = overdue & (((method == DOOR) & (local["door_ordered_at"] <= order_by)) | by_trace)
    hoped = overdue & ~exempt & warehouse & np.isnat(traced) & (as_of <= trace_by)
    state = np.select([~covered, exempt, hoped, overdue, undecided], [-1, 1, 3, 2, 3], 0)
    settled = np.where(overdue, agreed + ONE, agreed)
    chance = np.where(by_trace, traced, trace_by + ONE)
    settled = np.where(overdue & warehouse, np.fmax(settled, chance), settled)
    told = np.where(
        by == 2, (columns["proof_at"] + HOURS_72 - BEHIND).astype("datetime64[D]") + ONE,
        local["information_at"],
    )  # fmt: skip
    settled = np.where(own & ~proof_late, np.fmax(settled, told), settled)
    settled = np.where(own & proof_late, agreed + ONE, settled)
    is_settled = (state >= 0) & (state < 3)
    counted = is_settled & (settled >= columns["period_from"]) & (settled <= as_of)
    failed = columns["failed"]
    early = (method == DOOR) & (local["door_ordered_at"] <= order_by)
    idle = (state == 3) & ~early & ~by_trace & ~waiting
    orderable = (method == DOOR) & (as_of <= order_by)
    way = np.select([~idle, hoped, orderable], [-1, 2, 1], 0)
    until = np.select([way == n for n in range(3)], [agreed, order_by, trace_by], nothing)
    return {
        "dispatched_by": Column(by, ~never),
        "exemption": Column(np.where(early, 0, 1), covered & (early | by_trace)),
        "way": Column(way, way >= 0),
        "act_by": Column(until.astype(np.int64), way >= 0),
        "dispatched_on": Column(shipped.astype(np.int64), ~never),
        "days_late": Column(days_late, known),
        "overdue": Column(overdue, known),
        "state": Column(state, covered),
        "settled_on": Column(settled.astype(np.int64), is_settled),
        "counted": Column(counted, covered),
        "penalty_points": Column(np.where(failed.whole > 2, 12, 0), failed.known & own),
    }


def _decided(columns: dict[str, Any], own: Flags, as_of: Times) -> tuple[Any, Flags]:
    method, proof, found = columns["method"], columns["proof_at"], columns["information_at"]
    dawn = as_of.astype("datetime64[us]") + BEHIND
    no_proof, unfound = np.isnat(proof), np.isnat(found)
    in_time = own & ~unfound & (no_proof | (found - proof <= HOURS_72))
    waiting = own & unfound & ~no_proof & (dawn - proof <= HOURS_72)
    lapsed = own & ~no_proof & ~in_time & ~waiting
    captured = (method == SELF) & columns["right"] & ~np.isnat(columns["picked_up_at"])
    pickup = (method == DOOR) | (method == PLATFORM) | captured | in_time
    housed = (method == PROVIDER) | ((method == SELF) & ~captured)
    return np.select([pickup, housed, lapsed], [0, 1, 2], -1), waiting


def _after(days: Times) -> Times:
    return DAYS[SO_FAR[(days - FIRST).astype(np.int64)]]


def _before(days: Times) -> Times:
    return DAYS[SO_FAR[(days - ONE - FIRST).astype(np.int64)] - 1]


def write(sums: dict[str, Any], index: pd.Index) -> pd.DataFrame:
    """Return the figures as a frame of the outcome's types."""
    days = ("dispatched_on", "settled_on", "act_by")
    flags = ("overdue", "counted")
    return pd.DataFrame(
        {
            name: _flags(column, index)
            if name in flags
            else _words(column, WORDS[name], index)
            if name in WORDS
            else _days(column, index)
            if name in days
            else integers(column, index)
            for name, column in sums.items()
        }
    )


def _days(column: Column, index: pd.Index) -> pd.Series:
    days = pa.array(column.whole.astype(np.int32), mask=~column.known).cast(pa.date32())
    return pd.Series(pd.arrays.ArrowExtensionArray(days), index=index)


def _words(column: Column, words: list[str], index: pd.Index) -> pd.Series:
    which = pa.array(column.whole, mask=~column.known)
    return pd.Series(pd.arrays.ArrowExtensionArray(pa.array(words).take(which)), index=index)


def _flags(column: Column, index: pd.Index) -> pd.Series:
    return pd.Series(pd.arrays.BooleanArray(column.whole, ~column.known), index=index)
