"""Which kit a worker has: a refusal names what differs from the run's."""

import pickle

import nbconvert
import numpy as np
import pandas as pd
import plotly

import merchantkit
from merchantkit.briefing.cluster.parcels import Kit, this_kit
from merchantkit.briefing.hashes import MADE_WITH

HERE = Kit("1.2.0", "a" * 64, "3.12", (("numpy", "2.4.1"), ("plotly", "6.2.0"), ("tzdata", "")))


def test_a_kit_knows_what_it_is_made_with() -> None:
    kit = this_kit()
    libraries = dict(kit.libraries)
    assert kit.version == merchantkit.__version__
    assert kit.python in pd.__file__ or "site-packages" not in pd.__file__
    assert set(libraries) == set(MADE_WITH)
    for library in (nbconvert, np, pd, plotly):
        assert libraries[library.__name__] == library.__version__


def test_what_differs_is_named() -> None:
    other = Kit(
        "1.2.0", "b" * 64, "3.11", (("numpy", "2.4.1"), ("plotly", "6.1.2"), ("tzdata", "2026.1"))
    )
    assert other.beside(HERE) == (
        "Python 3.11 there, 3.12 here; plotly 6.1.2 there, 6.2.0 here; "
        "tzdata 2026.1 there, none here"
    )


def test_where_only_files_differ_that_is_said() -> None:
    other = Kit("1.2.0", "b" * 64, HERE.python, HERE.libraries)
    assert other.beside(HERE) == (
        "other files of merchantkit 1.2.0 (bbbbbbbbbbbb there, aaaaaaaaaaaa here)"
    )


def test_an_older_kit_that_tells_less_is_compared_by_what_it_tells() -> None:
    older = Kit("1.1.0", "c" * 64)
    for name in ("python", "libraries"):
        del older.__dict__[name]
    older = pickle.loads(pickle.dumps(older))  # noqa: S301 - as a worker of it answers
    assert older != HERE
    assert older.beside(HERE) == "merchantkit 1.1.0 there, 1.2.0 here"
