"""Names in facts, spelled as the rules spell them."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from merchantkit.columns import arrow
from merchantkit.facts.tables import normal


def spelled(texts: "pd.Series[Any]", known: Iterable[str]) -> "pd.Series[Any]":
    """Return names as the rules spell them, where they differ in case, width or blanks alone.

    Args:
        texts: Arrow strings; missing stays missing.
        known: The rules' spellings. A name that is none of them stays as it is.

    Returns:
        A categorical column on the same index: each name is compared once, whatever the rows.

    >>> from merchantkit.checks import TEXT
    >>> spelled(pd.Series(["home&garden", None, "鞋靴"], dtype=TEXT), ["Home & Garden"]).tolist()
    ['Home & Garden', nan, '鞋靴']
    """
    rule = {normal(text): text for text in known}
    coded = arrow(texts).dictionary_encode()
    names = [rule.get(normal(name), name) for name in coded.dictionary.to_pylist()]
    places, distinct = pd.factorize(np.array(names, dtype=object))
    # The last place is for -1, which is no name.
    numbers = np.append(places, -1)[np.asarray(coded.indices.fill_null(-1))]
    return pd.Series(pd.Categorical.from_codes(numbers, pd.Index(distinct)), index=texts.index)
