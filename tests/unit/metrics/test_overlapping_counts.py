"""The cards say which counts hold a person in several periods; one person shows that it is so."""

import datetime as dt

import polars as pl
import pytest

import analytics_lib as al
from analytics_lib.core.periods import day_number
from analytics_lib.metrics.registry import METRICS

AS_OF = dt.date(2024, 12, 31)
DATES = [dt.date(2024, month, 10) for month in (1, 2, 3, 5, 6, 8)]
DAYS = [day_number(day) for day in DATES]
MICROSECONDS = 86_400_000_000


def log(**more):
    return pl.DataFrame(
        {
            "event_id": [str(day) for day in DAYS],
            "user_id": "a",
            "day": DAYS,
            "t_us": [day * MICROSECONDS for day in DAYS],
            "event_type": "content_view",
            "content_id": "p",
            "session_id": [str(day) for day in DAYS],
            "user_agent_digest": "x",
            **more,
        }
    )


def payments(kind):
    return pl.DataFrame(
        {
            "user_id": "a",
            "day": DAYS,
            "amount": 10.0,
            "currency": "EUR",
            "kind": kind,
            "months": 1,
        },
        schema_overrides={"months": pl.Int32},
    )


def of_groups():
    groups = pl.DataFrame({"group_id": ["g"], "kind": ["k"], "created_day": [DAYS[0]]})
    membership = {"group_id": ["g"], "user_id": ["a"], "joined_day": [DAYS[0]], "left_day": [None]}
    memberships = pl.DataFrame(membership, schema_overrides={"left_day": pl.Int64})
    return al.group_sizes(groups, memberships, log(group_id="g"), granularity="month", as_of=AS_OF)


MONTHS = {"granularity": "month", "as_of": AS_OF}
ANSWERS = {
    "active_users": lambda: al.active_users(log(), **MONTHS),
    "rolling_active_users": lambda: al.rolling_active_users(log(), days=7, as_of=AS_OF),
    "growth": lambda: al.growth(log(), **MONTHS),
    "lifecycle": lambda: al.lifecycle(log(), history_complete=True, **MONTHS),
    "session_quality": lambda: al.session_quality(log(), **MONTHS),
    "concurrent_users": lambda: al.concurrent_users(log(), **MONTHS),
    "content_by_period": lambda: al.content_by_period(log(), periods=12, **MONTHS),
    "revenue_per_user": lambda: al.revenue_per_user(log(), payments("purchase"), **MONTHS),
    "recurring_revenue_movements": lambda: al.recurring_revenue_movements(
        payments("subscription"), history_complete=True, as_of=AS_OF
    ),
    "group_sizes": of_groups,
}
DECLARED = [(name, column) for name, card in METRICS.items() for column in card.overlapping]


@pytest.mark.parametrize(("name", "column"), DECLARED)
def test_one_person_is_counted_more_than_once_over_the_periods(name, column):
    # origin: there is one person; what adds up over periods can be one at most
    assert ANSWERS[name]()[column].drop_nulls().sum() > 1


def test_new_users_are_new_once_and_are_not_declared():
    # origin: one person, first seen in January
    assert ANSWERS["lifecycle"]()["new"].drop_nulls().sum() == 1
    assert "new" not in METRICS["lifecycle"].overlapping
