"""Small aggregated frames that read like the pages they stand for."""

import datetime as dt

import polars as pl
import pytest

MAIL = "ann.secret@example.org"


@pytest.fixture
def weekly() -> pl.DataFrame:
    """Five weeks, one without a value, the last not complete, and a column nobody draws."""
    return pl.DataFrame(
        {
            "week": [dt.date(2014, 2, 3) + dt.timedelta(weeks=at) for at in range(5)],
            "users": [100.0, 120.0, None, 90.0, 20.0],
            "low": [90.0, 110.0, None, 80.0, 15.0],
            "high": [110.0, 130.0, None, 100.0, 25.0],
            "complete": [True, True, True, True, False],
            "email": [MAIL] * 5,
        }
    )


@pytest.fixture
def by_course() -> pl.DataFrame:
    """A bar with an interval, a fall, and one that was suppressed."""
    return pl.DataFrame(
        {
            "course": ["AAA", "BBB & <script>alert(1)</script>", "CCC"],
            "share": [0.157, 0.286, None],
            "low": [0.12, 0.27, None],
            "high": [0.2, 0.31, None],
            "n": [383, 1767, None],
            "why": [None, None, "suppressed"],
            "email": [MAIL] * 3,
        }
    )


@pytest.fixture
def cohorts() -> pl.DataFrame:
    """Three cohorts by three ages; the young ones are not complete."""
    shares = [1.0, 0.5, 0.25, 1.0, 0.4, None, 1.0, None, None]
    return pl.DataFrame(
        {
            "cohort": [dt.date(2014, 2, 3) + dt.timedelta(weeks=at // 3) for at in range(9)],
            "age": [0, 1, 2] * 3,
            "share": shares,
            "users": [1203] * 3 + [20] * 3 + [10] * 3,
            "email": [MAIL] * 9,
        }
    )
