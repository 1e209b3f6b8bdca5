"""Content by period and entries by source: small logs counted by hand."""

import datetime as dt

import polars as pl
import pytest

from analytics_lib.core.errors import ParameterError, SchemaError
from analytics_lib.metrics import (
    content_by_period,
    entries_by_source,
    events_in_period,
    events_with_payments,
)

DAY_US = 86_400_000_000
SECOND = 1_000_000
# Each row: user, session, day of January (32 and more: February), second, content, type.
ROWS = [
    ("a", "s", 1, 0, "p", "content_view"),
    ("a", "s", 1, 20, "q", "content_view"),
    ("a", "s", 1, 50, "p", "content_view"),
    ("a", "s", 1, 51, "p", "share"),
    ("b", "t", 31, 0, "q", "content_view"),
    ("b", None, 31, 9, "q", "impression"),
    ("b", None, 31, 9, "q", "impression"),
    ("b", None, 31, 9, "q", "click"),
    ("b", "u", 32, 0, "p", "content_view"),
    ("b", "u", 32, 40, "q", "content_view"),
]
SOURCES = ["mail"] * 4 + ["web"] * 4 + [None] * 2


def log(rows=ROWS):
    made = pl.DataFrame(
        rows,
        schema={
            "user_id": pl.String, "session_id": pl.String, "day": pl.Int32, "second": pl.Int64,
            "content_id": pl.String, "event_type": pl.String,
        },
        orient="row",
    )  # fmt: skip
    dated = made.with_columns(day=pl.col("day") - 1)
    return dated.with_columns(
        event_id=pl.int_range(pl.len()).cast(pl.String).str.zfill(3),
        t_us=pl.col("day") * DAY_US + pl.col("second") * SECOND,
        campaign_source=pl.Series(SOURCES[: len(rows)], dtype=pl.String),
    ).drop("second")


def months(as_of, **more):
    asked = {"granularity": "month", "interactions": ["share"], **more}
    return content_by_period(log(), as_of=as_of, **asked)


def test_two_months_by_hand():
    found = months(dt.date(1970, 2, 28))
    assert found["interval_start"].to_list() == [dt.date(1970, 1, 1), dt.date(1970, 2, 1)]
    assert found["interval_end"].to_list() == [dt.date(1970, 2, 1), dt.date(1970, 3, 1)]
    # origin: by hand; a views p twice in one visit, which is one unique view
    assert found.select("views", "unique_views", "viewers").rows() == [(4, 3, 2), (2, 2, 1)]
    # origin: by hand; January 20 and 30 seconds, two last pages without a time; February 40
    assert found.select("timed_views", "mean_seconds", "median_seconds").rows() == [
        (2, 25.0, 25.0), (1, 40.0, 40.0)
    ]  # fmt: skip
    # origin: by hand; of the visits s and t, t has one event
    assert found.select("entries", "bounces", "bounce_share").rows() == [(2, 1, 0.5), (1, 0, 0.0)]
    assert found.select("shown", "clicked", "click_share").rows() == [(2, 1, 0.5), (0, 0, None)]
    assert found["click_ci_lower"].to_list() == [None, None]  # one user, and none
    assert found.select("share_events", "share_per_thousand").rows() == [(1, 250.0), (0, 0.0)]


@pytest.mark.parametrize(
    ("as_of", "views"),
    [
        pytest.param(dt.date(1970, 1, 30), [], id="January not over"),
        pytest.param(dt.date(1970, 1, 31), [4], id="January just over"),
        pytest.param(dt.date(1970, 2, 1), [4], id="February begun"),
        pytest.param(dt.date(1970, 2, 28), [4, 2], id="February over"),
        pytest.param(dt.date(1970, 3, 31), [2, 0], id="a quiet March"),
    ],
)
def test_only_complete_periods_since_the_log_began(as_of, views):
    assert months(as_of)["views"].to_list() == views


@pytest.mark.parametrize(("periods", "views"), [(1, [2]), (2, [4, 2]), (3, [4, 2])])
def test_as_many_periods_as_asked_for_and_known(periods, views):
    assert months(dt.date(1970, 2, 28), periods=periods)["views"].to_list() == views


def test_a_quiet_period_has_counts_and_nothing_else():
    quiet = months(dt.date(1970, 3, 31)).row(1, named=True)
    counts = {"views", "unique_views", "viewers", "timed_views", "entries", "bounces", "shown",
              "clicked", "share_events"}  # fmt: skip
    known = {name for name, value in quiet.items() if value is not None}
    assert known == counts | {"interval_start", "interval_end"}
    assert all(quiet[name] == 0 for name in counts)


def test_an_empty_log_has_no_periods():
    timed = log().clear()
    with pytest.raises(ParameterError, match="`time_on_page` needs the time of day"):
        content_by_period(timed, granularity="month", as_of=dt.date(1970, 2, 28))


@pytest.mark.parametrize(
    ("back", "days"), [(0, [31, 31]), (1, [0, 0, 0, 0, 30, 30, 30, 30]), (2, [])]
)
def test_events_of_a_period(back, days):
    found = events_in_period(
        log(), granularity="month", as_of=dt.date(1970, 3, 1), periods_back=back
    )
    assert found.frame.collect()["day"].to_list() == days
    assert found.resolution == "microsecond"


def test_sources_are_those_of_first_events():
    found = entries_by_source(log(), as_of=dt.date(1970, 2, 28))
    # origin: by hand; three visits, of which that from the web is one event
    assert found.select("campaign_source", "entries", "entry_share", "bounces", "share").rows() == [
        ("mail", 1, 1 / 3, 0, 0.0), ("web", 1, 1 / 3, 1, 1.0), (None, 1, 1 / 3, 0, 0.0)
    ]  # fmt: skip


def test_a_visit_that_begins_elsewhere_is_no_entry():
    begun = log(ROWS[:4]).with_columns(
        content_id=pl.when(pl.int_range(pl.len()) > 0).then("content_id")
    )
    assert entries_by_source(begun, as_of=dt.date(1970, 2, 28)).is_empty()


@pytest.mark.parametrize(
    ("ask", "error", "match"),
    [
        (lambda: months(dt.date(1970, 2, 28), periods=0), ParameterError, "`periods` is 0"),
        (
            lambda: months(dt.date(1970, 2, 28), granularity="fortnight"),
            ParameterError,
            "`granularity` is 'fortnight'",
        ),
        (
            lambda: events_in_period(log(), granularity="month", as_of=dt.date(1970, 2, 28),
                                     periods_back=-1),
            ParameterError,
            "`periods_back` is -1",
        ),
        (
            lambda: events_in_period(log(), granularity="decade", as_of=dt.date(1970, 2, 28)),
            ParameterError,
            "`granularity` is 'decade'",
        ),
        (
            lambda: events_with_payments(log(), log(), as_of=dt.date(1970, 2, 28), minor_units=0),
            ParameterError,
            "`minor_units` is 0",
        ),
        (
            lambda: months(dt.date(1970, 2, 28), session="visit"),
            SchemaError,
            "'visit'",
        ),
        (
            lambda: entries_by_source(log(), as_of=dt.date(1970, 2, 28), source="referrer"),
            SchemaError,
            "'referrer'",
        ),
        (
            lambda: entries_by_source(log().drop("t_us"), as_of=dt.date(1970, 2, 28)),
            ParameterError,
            "`entries_by_source` needs the time of day",
        ),
    ],
)  # fmt: skip
def test_mistakes_are_named(ask, error, match):
    with pytest.raises(error, match=match):
        ask()
