"""The showroom in plain NumPy: lapse, next step's last day, and the change with its interval."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from tests.bench.exact import Column, Flags, Integers, arrow, exact, integers, whole

# The deck's days; of the interval, days on either side and Student's t at 95 %.
CREDITED = np.datetime64("2020-12-10"), np.datetime64("2020-12-31")
TASK_BY, SHOOT_BY, VENUE_BY = (
    np.datetime64(day) for day in ("2021-05-10", "2021-06-30", "2021-05-10")
)
LEAST_DAYS = 28
T = np.array([
    12.706, 12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179,
    2.160, 2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086, 2.080, 2.074,
])  # fmt: skip
STEPS = ("task_submitted", "shot", "modelled", "submitted", "shop_decorated",
         "products_decorated", "sent")  # fmt: skip
STAGES = ("lapsed", "credited", *STEPS)
EFFECTS = ("rise", "fall", "unclear")
AGAINST = ("below", "within", "above")
COUNTS = ("visitors", "inquiries")
# Hundredths of a percent: 60 and 44 % of the one case, 247 % of the other.
CLAIMS = {
    "case_visitors": ("visitors", 6000),
    "case_inquiries": ("inquiries", 4400),
    "case_monthly_inquiries": ("inquiries", 24700),
}
SUMS = ("days", "before", "after", "before_squares", "after_squares")
_EPOCH = np.datetime64("1970-01-01")

Days = npt.NDArray[np.datetime64]


def board(rows: int, seed: int) -> pd.DataFrame:
    """Return showrooms of the batch and about it, each so far along the chain."""
    draw = np.random.default_rng(seed)
    ids = np.char.add("m", np.arange(rows).astype(str)).astype(object)
    at = np.datetime64("2020-12-05") + draw.integers(0, 32, rows)
    columns = {"credited_on": arrow(at, draw.random(rows) < 0.02, pa.date32())}
    far = draw.integers(0, 8, rows)
    for number, step in enumerate(STEPS):
        at = at + draw.integers(10, 90, rows)
        gone = (far <= number) | (draw.random(rows) < 0.03)
        columns[f"{step}_on"] = arrow(at, gone, pa.date32())
    as_of = np.datetime64("2021-05-01") + draw.integers(0, 70, rows)
    return pd.DataFrame(
        {
            "merchant_id": arrow(ids, None, pa.string()),
            "as_of": arrow(as_of, None, pa.date32()),
            **columns,
            **_sums(rows, draw),
        }
    )


def _sums(rows: int, draw: np.random.Generator) -> dict[str, pd.Series]:
    found: dict[str, pd.Series] = {}
    for count in COUNTS:
        weeks, gone = draw.integers(2, 9, rows), draw.random(rows) < 0.1
        totals = {side: draw.integers(0, 900, rows) * weeks for side in ("before", "after")}
        spread = draw.integers(1, 40, rows)
        values = {
            "days": weeks * 7,
            **totals,
            **{f"{side}_squares": t * t // weeks + spread * t for side, t in totals.items()},
        }
        found |= {f"{count}_{n}": arrow(v, gone, pa.int64()) for n, v in values.items()}
    return found


def read(measures: pd.DataFrame) -> dict[str, Any]:
    """Return the columns as arrays."""
    days = {n: _days(measures[n]) for n in ("as_of", "credited_on", *(f"{s}_on" for s in STEPS))}
    sums_ = {f"{c}_{n}": whole(measures[f"{c}_{n}"]) for c in COUNTS for n in SUMS}
    return {**days, **sums_}


def _days(column: pd.Series) -> Days:
    array = pa.array(column.array)
    array = array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array
    return np.asarray(array.to_numpy(zero_copy_only=False)).astype("datetime64[D]")


def sums(columns: dict[str, Any]) -> dict[str, Any]:
    """Return each figure as whole numbers and which of them are known."""
    found = _standing(columns)
    for count in COUNTS:
        found |= _change(count, [columns[f"{count}_{name}"] for name in SUMS])
    for claim, (count, percent) in CLAIMS.items():
        low, high = (found[f"{count}_{end}_percent"] for end in ("low", "high"))
        place = np.where(high.whole < percent, 0, np.where(low.whole > percent, 2, 1))
        found[f"against_{claim}"] = np.where(low.known, place, -1), AGAINST
    return found


def _standing(columns: dict[str, Any]) -> dict[str, Any]:
    at = {step: columns[f"{step}_on"] for step in STEPS}
    credited, as_of = columns["credited_on"], columns["as_of"]
    done = {step: ~np.isnat(days) for step, days in at.items()}
    later = done["submitted"] | done["shop_decorated"] | done["products_decorated"] | done["sent"]
    for step in ("modelled", "shot", "task_submitted"):
        done[step] = later = done[step] | later
    some = ~np.isnat(credited) | done["task_submitted"]
    batch = (credited >= CREDITED[0]) & (credited <= CREDITED[1])
    task_late = (at["task_submitted"] > TASK_BY) | (~done["task_submitted"] & (as_of > TASK_BY))
    shot_late = (at["shot"] > SHOOT_BY) | (~done["shot"] & (as_of > SHOOT_BY))
    lapsed = batch & ~done["modelled"] & ((task_late & ~done["shot"]) | shot_late)
    following = np.full(len(as_of), -1)
    for number in reversed(range(len(STEPS))):
        following[~done[STEPS[number]]] = number
    following[lapsed | ~some] = -1
    last = np.full(len(as_of), np.datetime64("NaT", "D"))
    for number, until, mine in ((0, TASK_BY, batch), (1, SHOOT_BY, batch), (3, VENUE_BY, True)):
        last[(following == number) & (as_of <= until) & mine] = until
    chance = at["submitted"] <= VENUE_BY
    open_yet = ~done["submitted"] & (as_of <= VENUE_BY) & ~lapsed
    known = ~np.isnat(last)
    stage, unbroken = np.ones(len(as_of), dtype=np.int64), np.ones(len(as_of), dtype=bool)
    for number, step in enumerate(STEPS):
        unbroken &= done[step]
        stage[unbroken] = number + 2
    stage[lapsed], stage[~some] = 0, -1
    return {
        "stage": (stage, STAGES),
        "next_action": (following, STEPS),
        "lapsed": (lapsed, some & (batch | done["modelled"])),
        "venue_chance": (chance & ~lapsed, some & ~open_yet),
        "act_by": last,
        "days_left": Column(np.where(known, (last - as_of).astype(np.int64), 0), known),
    }


def _change(count: str, given: list[Column]) -> dict[str, Any]:
    days, before, after, *squares = given
    some = days.known & (days.whole >= LEAST_DAYS) & (before.whole > 0)
    base = np.where(some, before.whole, 1)
    moved = (2 * (after.whole - base) * 10_000 + base) // (2 * base)
    both = some & (after.whole > 0)
    weeks = np.where(both, days.whole // 7, 2)
    own = np.where(both, after.whole, 1)
    spread = [
        _spread(weeks, total, square.whole)
        for total, square in zip((base, own), squares, strict=True)
    ]
    added = spread[0] + spread[1]
    freedom = (weeks - 1) * added**2 / (spread[0] ** 2 + spread[1] ** 2)
    factor = np.exp(np.minimum(T[np.minimum(freedom + 1e-9, 22).astype(int)] * added**0.5, 700))
    ends = {"low": own / base / factor, "high": own / base * factor}
    low, high = (
        np.rint(np.minimum((ratio - 1) * 10_000, 1e14)).astype(np.int64) for ratio in ends.values()
    )
    effect = np.where(low > 0, 0, np.where(high < 0, 1, 2))
    return {
        f"{count}_change_percent": Column(moved, some),
        f"{count}_low_percent": Column(low, both),
        f"{count}_high_percent": Column(high, both),
        f"{count}_effect": (np.where(both, effect, -1), EFFECTS),
    }


def _spread(weeks: Integers, total: Integers, squares: Integers) -> npt.NDArray[np.float64]:
    mean = total / weeks
    variance = np.maximum((squares - total * mean) / (weeks - 1), mean)
    spread: npt.NDArray[np.float64] = variance / (weeks * mean**2)
    return spread


def write(sums: dict[str, Any], index: pd.Index) -> pd.DataFrame:
    """Return the figures as a frame of the outcome's types."""
    written: dict[str, pd.Series] = {}
    for name, figure in sums.items():
        if name == "act_by":
            written[name] = arrow(figure, np.isnat(figure), pa.date32()).set_axis(index)
        elif name in ("lapsed", "venue_chance"):
            written[name] = _flags(*figure, index)
        elif isinstance(figure, tuple):
            places = pa.array(figure[0], mask=figure[0] < 0)
            words = pa.DictionaryArray.from_arrays(places, pa.array(figure[1]))
            written[name] = pd.Series(
                pd.arrays.ArrowExtensionArray(words.dictionary_decode()), index=index
            )
        else:
            percent = name.endswith("percent")
            written[name] = exact(figure, 2, index) if percent else integers(figure, index)
    return pd.DataFrame(written)


def _flags(values: Flags, known: Flags, index: pd.Index) -> "pd.Series":
    return pd.Series(pd.arrays.BooleanArray(values, ~known), index=index)
