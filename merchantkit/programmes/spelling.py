"""Names in facts, spelled as the rules spell them."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from merchantkit.columns import arrow
from merchantkit.facts.tables import normal


def spelled(texts: "pd.Series[Any]", names: Mapping[str, str]) -> "pd.Series[Any]":
    """Return names as the rules spell them, where facts differ in case, width or blanks alone.

    Args:
        texts: Arrow strings; missing stays missing.
        names: What facts may write → the rules' name. One that is not there stays as it is.

    Returns:
        A categorical column on the same index: each name is compared once, whatever the rows.

    >>> from merchantkit.checks import TEXT
    >>> names = {"Home & Garden": "Home & Garden", "家居园艺": "Home & Garden"}
    >>> spelled(pd.Series(["home&garden", "家居 园艺", None, "机械"], dtype=TEXT), names).tolist()
    ['Home & Garden', 'Home & Garden', nan, '机械']
    """
    rule = {normal(text): name for text, name in names.items()}
    coded = arrow(texts).dictionary_encode()
    found = [rule.get(normal(text), text) for text in coded.dictionary.to_pylist()]
    places, distinct = pd.factorize(np.array(found, dtype=object))
    # The last place is for -1, which is no name.
    numbers = np.append(places, -1)[np.asarray(coded.indices.fill_null(-1))]
    return pd.Series(pd.Categorical.from_codes(numbers, pd.Index(distinct)), index=texts.index)
