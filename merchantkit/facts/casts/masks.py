"""What casts hand back, and how reasons are marked."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Mask = npt.NDArray[np.bool_]


class Cast(NamedTuple):
    """A typed column.

    Args:
        values: Stored column → Arrow array of its type; null where missing or failed.
        reasons: Arrow strings: the reason code where the text could not be read, else null.
    """

    values: dict[str, pa.Array]
    reasons: pa.Array


def failing(texts: pa.Array) -> pa.Array:
    """Return reasons for a column in which nothing has failed yet."""
    return pa.nulls(len(texts), pa.string())


def mark(reasons: pa.Array, where: "pa.Array | Mask", reason: str) -> pa.Array:
    """Return the reasons with one added where it holds; the first reason of a cell stays."""
    held = where if isinstance(where, pa.Array) else pa.array(where)
    if not pc.any(held).as_py():
        return reasons
    return pc.coalesce(reasons, pc.if_else(held, reason, pa.scalar(None, pa.string())))


def as_mask(flags: pa.Array) -> Mask:
    """Return Arrow booleans as a numpy mask, null as False."""
    return np.asarray(pc.fill_null(flags, False).to_numpy(zero_copy_only=False), dtype=np.bool_)


def only_where(values: pa.Array, kept: pa.Array) -> pa.Array:
    """Return the values, null where they are not kept."""
    return pc.if_else(kept, values, pa.scalar(None, values.type))
