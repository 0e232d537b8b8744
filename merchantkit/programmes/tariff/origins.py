"""The countries of a frame's lines as two letters, however they are written."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from merchantkit.columns import arrow, coded
from merchantkit.facts.tariff.countries import country


def two_letters(named: "pd.Series[Any]") -> "pd.Series[Any]":
    """Return ISO 3166 alpha-2 for each country's name; missing where nobody knows what is meant.

    >>> two_letters(pd.Series(["中国", "us", "Atlantis", None])).tolist()
    ['CN', 'US', <NA>, <NA>]
    """
    return _each(named, country)


def spelled(named: "pd.Series[Any]") -> "pd.Series[Any]":
    """Return the same, and where nobody knows what is meant the name as it is written.

    >>> spelled(pd.Series(["中国", "Atlantis", None])).tolist()
    ['CN', 'Atlantis', <NA>]
    """
    return _each(named, lambda text: country(text) or text)


def _each(named: "pd.Series[Any]", code: Callable[[str], str | None]) -> "pd.Series[Any]":
    texts = arrow(named).dictionary_encode()
    codes = [code(text) for text in texts.dictionary.to_pylist()]
    which = np.asarray(texts.indices.fill_null(len(codes))).astype(np.int64)
    return coded(which, [*codes, None], named.index)
