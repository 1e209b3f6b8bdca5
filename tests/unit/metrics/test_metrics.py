import datetime as dt
import inspect
import math
from typing import Any

import narwhals.stable.v2 as nw
import polars as pl
import pytest

from analytics_lib import metrics
from analytics_lib.core.errors import ParameterError, SchemaError
from analytics_lib.core.periods import day_number
from analytics_lib.metrics import METRICS, metric
from analytics_lib.metrics.frames import like, with_group_keys


def log(**days):
    """One row a user and active day: `log(a=[1, 8], b=[4])`; days count from 1 January 2024."""
    first = day_number(dt.date(2024, 1, 1)) - 1
    rows = [(user, first + day) for user, active in days.items() for day in active]
    return pl.DataFrame(rows, schema={"user_id": pl.String, "day": pl.Int32}, orient="row")


def on(day):
    return dt.date(2024, 1, 1) + dt.timedelta(days=day - 1)


@pytest.mark.parametrize(
    ("as_of", "counts"),
    [
        pytest.param(30, [None], id="January not over"),
        pytest.param(31, [2], id="January just over"),
        pytest.param(32, [2, None], id="February begun"),
        pytest.param(91, [2, 0, 1], id="a quiet February in between"),
    ],
)
def test_a_month_is_null_until_it_is_over(as_of, counts):
    events = log(a=[1, 5], b=[5], c=[70])
    found = metrics.active_users(events, granularity="month", as_of=on(as_of))
    assert found["active_users"].to_list() == counts


def test_the_first_days_of_a_rolling_window_are_null():
    found = metrics.rolling_active_users(log(a=[1, 4], b=[2]), days=3, as_of=on(6))
    assert found["active_users"].to_list() == [None, None, 2, 2, 1, 1]
    assert found["date"].to_list() == [on(day) for day in range(1, 7)]


@pytest.mark.parametrize(
    ("variant", "value"),
    [
        # origin: by hand; a on days 1-4, b on day 4: of window 2 the last two days have 1 and 2
        # users, 2 different ones; of the windows that end on days 3 and 4, 1 and 2.
        ("month_mean", 0.75),
        ("last_day", 1.0),
        ("daily_mean", 1.0),
    ],
)
def test_stickiness_variants(variant, value):
    events = log(a=[1, 2, 3, 4], b=[4])
    assert metrics.stickiness(events, as_of=on(4), window=2, variant=variant) == value


@pytest.mark.parametrize(("as_of", "defined"), [(6, False), (7, True), (8, True)])
def test_stickiness_needs_the_whole_window(as_of, defined):
    found = metrics.stickiness(log(a=[1, 6]), as_of=on(as_of), window=7)
    assert math.isnan(found) is not defined


@pytest.mark.parametrize(("as_of", "defined"), [(4, False), (5, True), (6, True)])
def test_the_daily_mean_needs_a_window_for_each_day(as_of, defined):
    found = metrics.stickiness(log(a=range(1, 9)), as_of=on(as_of), window=3, variant="daily_mean")
    assert math.isnan(found) is not defined


def test_nobody_has_no_stickiness():
    assert math.isnan(metrics.stickiness(log(a=[1]), as_of=on(60), window=30))
    assert math.isnan(metrics.stickiness(log(), as_of=on(60)))


def test_growth_compares_complete_periods_only():
    events = log(a=[1, 32], b=[32], c=[100])
    found = metrics.growth(events, granularity="month", as_of=on(130))
    # origin: by hand; January 1, February 2, March 0, April 1, May not over
    assert found["active_users"].to_list() == [1, 2, 0, 1, None]
    assert found["growth"].to_list() == [None, 1.0, -1.0, None, None]


@pytest.mark.parametrize(("back", "users"), [(0, 2), (1, 1), (2, None)])
def test_active_in_the_last_complete_period(back, users):
    events = log(a=[1, 32], b=[32])
    found = metrics.active_in_period(events, granularity="month", as_of=on(65), periods_back=back)
    assert found == users if users is not None else math.isnan(found)


def test_lifecycle_adds_up():
    events = log(a=[1, 2, 4], b=[1, 3], c=[4])
    found = metrics.lifecycle(events, granularity="day", as_of=on(5), history_complete=True)
    columns = ["active", "new", "returning", "resurrected", "dormant"]
    # origin: by hand
    assert found.select(columns).rows() == [
        (2, 2, 0, 0, 0), (1, 0, 1, 0, 1), (1, 0, 0, 1, 1), (2, 1, 0, 1, 1), (0, 0, 0, 0, 2)
    ]  # fmt: skip


def test_without_the_whole_history_nobody_is_called_new():
    events = log(a=[1, 2], b=[2])
    found = metrics.lifecycle(events, granularity="day", as_of=on(3), history_complete=False)
    columns = ["active", "new", "returning", "resurrected", "dormant"]
    assert found.select(columns).rows() == [
        (1, None, None, None, None), (2, None, 1, None, 0), (0, None, 0, None, 2)
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("as_of", "n"), [pytest.param(7, 0, id="early"), (8, 2), pytest.param(9, 2, id="late")]
)
def test_a_user_counts_once_day_n_is_over(as_of, n):
    found = metrics.day_n_retention(log(a=[1, 8], b=[1, 7, 9]), n=7, as_of=on(as_of))
    assert found.n == n
    assert found.value == 0.5 if n else not found.is_defined


@pytest.mark.parametrize(
    ("day", "exactly", "later", "bracket"),
    [(7, 0, 0, 0), (8, 1, 1, 1), (9, 0, 1, 1), (10, 0, 1, 1), (11, 0, 1, 0)],
)
def test_three_kinds_of_retention(day, exactly, later, bracket):
    events, as_of = log(a=[1, day]), on(20)
    assert metrics.day_n_retention(events, n=7, as_of=as_of).value == exactly
    assert metrics.on_or_after_retention(events, n=7, as_of=as_of).value == later
    assert metrics.bracket_retention(events, start=7, end=10, as_of=as_of).value == bracket


@pytest.mark.parametrize(("as_of", "n"), [(9, 0), (10, 1), (11, 1)])
def test_a_bracket_must_be_over(as_of, n):
    found = metrics.bracket_retention(log(a=[1, 8]), start=7, end=10, as_of=on(as_of))
    assert found.n == n


def test_a_curve_has_a_row_an_age_with_its_own_base():
    found = metrics.retention_curve(
        log(a=[1, 2, 3], b=[1], c=[3, 4]), kind="on", ages=[0, 1, 2, 9], as_of=on(4)
    )
    assert found.select("age", "users", "retained").rows() == [
        (0, 3, 3), (1, 3, 2), (2, 2, 1), (9, 0, 0)
    ]  # fmt: skip
    assert found["share"].to_list() == [1.0, 2 / 3, 0.5, None]
    empty = metrics.retention_curve(log(a=[1]), kind="on", ages=[], as_of=on(4))
    assert empty.is_empty()
    assert empty.columns == found.columns


def test_a_return_counts_for_the_group_of_the_first_day():
    first = day_number(dt.date(2024, 1, 1))
    events = pl.DataFrame(
        [("a", first, "web"), ("a", first + 1, "ios"), ("b", first, None), ("b", first + 1, None)],
        schema=["user_id", "day", "platform"],
        orient="row",
    )
    found = metrics.retention_curve(events, kind="on", ages=[1], as_of=on(5), by=["platform"])
    assert found.select("platform", "users", "retained").rows() == [
        (None, 1, 1), ("ios", 1, 0), ("web", 1, 0)
    ]  # fmt: skip


def test_groups_may_be_categories():
    events = log(a=[1, 2], b=[1]).with_columns(
        platform=pl.Series(["web", "web", None], dtype=pl.Categorical)
    )
    asked = {"kind": "on", "ages": [1], "as_of": on(5), "by": ["platform"]}
    expected = [(None, 1, 0), ("web", 1, 1)]
    columns = ["platform", "users", "retained"]
    assert metrics.retention_curve(events, **asked).select(columns).rows() == expected
    found = pl.from_pandas(metrics.retention_curve(events.to_pandas(), **asked))
    assert found.select(columns).rows() == expected


def test_groups_of_a_population():
    people = pl.DataFrame(
        {
            "user_id": ["a", "b", "silent"],
            "first_day": [day_number(on(1))] * 3,
            "paying": [True, None, None],
            "plan": [1, 1, 2],
        }
    )
    events = log(a=[1, 2], b=[1, 2])
    asked = {"kind": "on", "ages": [1], "as_of": on(5), "by": ["paying", "plan"]}
    with pytest.raises(SchemaError, match="`events` is missing columns 'paying', 'plan'"):
        metrics.retention_curve(events, **asked)
    with pytest.raises(SchemaError, match="`population` is missing column 'first_day'"):
        metrics.retention_curve(events, **asked, population=people.drop("first_day"))
    found = metrics.retention_curve(events, **asked, population=people)
    assert found.select("paying", "plan", "users", "retained").rows() == [
        (None, 1, 1, 1), (None, 2, 1, 0), (True, 1, 1, 1)
    ]  # fmt: skip


def test_cohorts_keep_a_triangle():
    found = metrics.retention_cohorts(
        log(a=[1, 35], b=[2], c=[40, 70]), granularity="month", as_of=on(75)
    )
    # origin: by hand; January a and b, February c; March is not over
    assert found.select("cohort", "age", "users", "retained").rows() == [
        ("2024-01", 0, 2, 2), ("2024-01", 1, 2, 1), ("2024-01", 2, 2, None),
        ("2024-02", 0, 1, 1), ("2024-02", 1, 1, None),
    ]  # fmt: skip
    large = metrics.retention_cohorts(
        log(a=[1, 35], b=[2], c=[40]), granularity="month", as_of=on(75), minimum_users=2
    )
    assert set(large["cohort"]) == {"2024-01"}
    young = metrics.retention_cohorts(
        log(a=[1, 35]), granularity="month", as_of=on(75), maximum_age=1
    )
    assert young["age"].to_list() == [0, 1]
    forming = metrics.retention_cohorts(log(a=[1], b=[40]), granularity="month", as_of=on(40))
    assert forming.select("cohort", "users", "retained").rows()[-1] == ("2024-02", None, None)


def test_the_latest_of_each_group():
    frame = pl.DataFrame(
        {"name": ["a", "a", "b", "c"], "week": [0, 1, 5, 0], "share": [0.5, 0.1, 0.3, None]}
    )
    assert metrics.latest_shares(frame, at="week").rows() == [("a", 1, 0.1), ("b", 5, 0.3)]


EVENTS = log(a=[1])
MISTAKES = [
    (lambda: metrics.active_users(EVENTS, granularity="weeks", as_of=on(1)), "`granularity` is"),
    (lambda: metrics.lifecycle(
        EVENTS, granularity="weeks", as_of=on(1), history_complete=True), "`granularity` is"),
    (lambda: metrics.retention_cohorts(EVENTS, granularity="day", as_of=on(1)), "`granularity` is"),
    (lambda: metrics.retention_cohorts(
        EVENTS, granularity="week", as_of=on(1), minimum_users=0), "`minimum_users` is 0"),
    (lambda: metrics.rolling_active_users(EVENTS, days=0, as_of=on(1)), "`days` is 0"),
    (lambda: metrics.stickiness(EVENTS, as_of=on(1), window=0), "`window` is 0"),
    (lambda: metrics.stickiness(EVENTS, as_of=on(1), variant="mean"), "`variant` is 'mean'"),
    (lambda: metrics.day_n_retention(EVENTS, n=0, as_of=on(1)), "`n` is 0"),
    (lambda: metrics.on_or_after_retention(EVENTS, n=0, as_of=on(1)), "`n` is 0"),
    (lambda: metrics.bracket_retention(EVENTS, start=0, end=2, as_of=on(1)), "`start` is 0"),
    (lambda: metrics.bracket_retention(EVENTS, start=2, end=2, as_of=on(1)), "`end` is 2"),
    (lambda: metrics.retention_curve(
        EVENTS, kind="after", ages=[1], as_of=on(1)), "`kind` is 'after'"),
    (lambda: metrics.retention_curve(EVENTS, kind="on", ages=[-1], as_of=on(1)), "`ages` is -1"),
    (lambda: metrics.retention_curve(
        EVENTS, kind="on", ages=[1], width=7, as_of=on(1)), "`width` is 7, but only"),
    (lambda: metrics.retention_curve(
        EVENTS, kind="bracket", ages=[1], width=0, as_of=on(1)), "`width` is 0"),
    (lambda: metrics.active_in_period(
        EVENTS, granularity="day", as_of=on(1), periods_back=-1), "`periods_back` is -1"),
    (lambda: metric("active_user"), "Did you mean 'active_users'"),
]  # fmt: skip


@pytest.mark.parametrize(("ask", "words"), MISTAKES)
def test_impossible_questions_are_refused(ask, words):
    with pytest.raises(ParameterError, match=words):
        ask()


@pytest.mark.parametrize("column", ["user_id", "day"])
def test_a_log_without_its_columns_is_refused(column):
    with pytest.raises(SchemaError, match=f"`events` is missing column '{column}'"):
        metrics.active_users(EVENTS.drop(column), granularity="day", as_of=on(1))


def test_only_plain_values_make_groups():
    dates = EVENTS.with_columns(born=pl.lit(dt.date(2000, 1, 1)))
    with pytest.raises(SchemaError, match="`born` is Date; a group must be"):
        with_group_keys(nw.from_native(dates.lazy()), ["born"])


def test_polars_stays_for_what_is_no_frame():
    assert like(EVENTS, [1, 2]) is EVENTS


AIDS = {  # answer no question of their own
    "cohort_contributions", "content_contributions", "course_events", "estimate_of_last",
    "events_in_period", "revenue_contributions",
    "events_with_payments", "find_insights", "first_rows", "funnel_share",
    "funnel_steps", "insight_tables", "judge_rules", "known_rows", "last_step", "latest_shares",
    "mean_of_last", "metric",
    "rows_of_group", "segment_rules_in_words", "share_gone_quiet", "share_of_group",
    "share_of_last", "shares_at_age",
    "smallest_label", "steps_after_first", "users_so_far", "value_of_first",
    "value_of_last",
}  # fmt: skip
FUNCTIONS = {name for name in metrics.__all__ if inspect.isfunction(getattr(metrics, name))}


def test_registered_metrics_are_public_functions():
    assert set(METRICS) <= FUNCTIONS
    assert all(entry.function == name for name, entry in METRICS.items())


def test_public_functions_are_registered():
    assert set(METRICS) >= FUNCTIONS - AIDS


@pytest.mark.parametrize("name", sorted(METRICS))
def test_every_metric_says_what_it_is(name):
    entry = metric(name)
    assert entry.question.endswith("?")
    assert entry.definition.endswith(".")
    assert entry.unit
    assert entry.unit == entry.unit.lower() or entry.unit.isupper()
    assert entry.source
    assert entry.owner


@pytest.mark.parametrize("name", sorted(FUNCTIONS - AIDS))
def test_after_the_tables_everything_is_named(name):
    for parameter in inspect.signature(getattr(metrics, name)).parameters.values():
        assert parameter.annotation is Any or parameter.kind is parameter.KEYWORD_ONLY
