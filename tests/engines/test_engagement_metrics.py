"""Engagement on every engine against plain Python: one user, one event at a time."""

import datetime as dt
import statistics
from collections import Counter, defaultdict
from itertools import pairwise
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
import pytest

from analytics_lib.core.periods import day_date, day_number
from analytics_lib.events.boundary import as_event_log, event_log
from analytics_lib.metrics.activity_levels import activity_distribution, activity_levels
from analytics_lib.metrics.adoption import feature_adoption
from analytics_lib.metrics.engagement import EngagementWeights, engagement_scores
from analytics_lib.metrics.patterns import hourly_pattern, weekday_pattern
from analytics_lib.metrics.regularity import regularity
from analytics_lib.synthetic.adversarial import AS_OF, adversarial_logs

LAST = day_number(AS_OF)
ZONES = ("Europe/Berlin", "America/Los_Angeles", "Australia/Lord_Howe", "Asia/Kolkata")


def timed_log(zone="Europe/Berlin"):
    """Two months up to the clock change of Europe, with types, quantities and times."""
    rng = np.random.default_rng(11)
    rows = []
    for number in range(900):
        at = dt.datetime(2024, 4, 2, tzinfo=dt.UTC) - dt.timedelta(
            seconds=int(rng.integers(0, 70 * 86_400))
        )
        local = at.astimezone(ZoneInfo(zone))
        rows.append({
            "event_id": f"{number:04d}",
            "user_id": None if number % 97 == 0 else f"u{int(rng.zipf(1.5)) % 37:02d}",
            "event_type": [None, "view", "view", "like", "like", "share"][int(rng.integers(6))],
            "platform": [None, "web", "ios"][int(rng.integers(3))],
            "t_us": int(at.timestamp()) * 1_000_000,
            "day": day_number(local.date()),
            "quantity": int(rng.integers(1, 5)),
        })  # fmt: skip
    schema = {
        "event_id": pl.String, "user_id": pl.String, "event_type": pl.String,
        "platform": pl.String, "t_us": pl.Int64, "day": pl.Int32, "quantity": pl.Int64,
    }  # fmt: skip
    return pl.DataFrame(rows, schema=schema)


LOGS = {**adversarial_logs(), "timed": timed_log()}


@pytest.fixture(params=LOGS)
def log(request):
    return LOGS[request.param]


def known(log):
    rows = log.iter_rows(named=True)
    return [
        row for row in rows
        if row["user_id"] is not None and row["day"] is not None and row["day"] <= LAST
    ]  # fmt: skip


def by_user(rows):
    found = defaultdict(list)
    for row in rows:
        found[row["user_id"]].append(row)
    return dict(sorted(found.items()))


def covers(rows, start):
    return bool(rows) and min(row["day"] for row in rows) <= start


def percentile(value, values):
    below = sum(other < value for other in values)
    equal = sum(other == value for other in values)
    return 100 * (below + equal / 2) / len(values)


def scores(rows, *, window, measure, weights, base):
    start, users = LAST - window + 1, by_user(rows)
    numbers = {}
    for user, theirs in users.items():
        inside = [row for row in theirs if row["day"] >= start]
        days = len({row["day"] for row in inside})
        events = sum(row["quantity"] if measure == "quantity" else 1 for row in inside)
        kinds = {row["event_type"] for row in inside} - {None}
        since = LAST - max(row["day"] for row in theirs)
        if days or base == "known":
            numbers[user] = (since, days, events, events / days if days else None, len(kinds))
    result = []
    for user, (since, days, events, depth, kinds) in numbers.items():
        others = list(numbers.values())
        parts = (
            percentile(-since, [-other[0] for other in others]),
            percentile(days, [other[1] for other in others]),
            percentile(depth or 0, [other[3] or 0 for other in others]),
            percentile(kinds, [other[4] for other in others]),
        )
        score = sum(part * weight for part, weight in zip(parts, weights, strict=True))
        result.append((user, score, *parts, since, days, events, depth, kinds))
    return result


@pytest.mark.parametrize(("measure", "base"), [("events", "known"), ("quantity", "active")])
def test_engagement_scores(engine, log, measure, base, plain):
    weights = (0.4, 0.1, 0.25, 0.25)
    found = engagement_scores(
        engine.make(log), as_of=AS_OF, window=14, measure=measure, base=base,
        weights=EngagementWeights(recency=0.4, frequency=0.1, depth=0.25, breadth=0.25),
    )  # fmt: skip
    assert isinstance(found, engine.library)
    expected = scores(known(log), window=14, measure=measure, weights=weights, base=base)
    assert len(plain(found)) == len(expected)
    for ours, theirs in zip(plain(found), expected, strict=True):
        assert (ours[0], ours[6:]) == (theirs[0], theirs[6:])
        assert ours[1:6] == pytest.approx(theirs[1:6], rel=1e-12)


def test_scores_are_equal_to_the_last_bit_on_every_engine(engine, log, plain):
    reference = engagement_scores(log, as_of=AS_OF)
    assert plain(engagement_scores(engine.make(log), as_of=AS_OF)) == reference.rows()


@pytest.mark.parametrize("window", [7, 28])
def test_activity_levels(engine, log, window, plain):
    levels = {"daily": 6, "dormant": 0, "some": 1}
    found = activity_levels(engine.make(log), as_of=AS_OF, window=window, levels=levels)
    assert isinstance(found, engine.library)
    rows, start = known(log), LAST - window + 1
    users = by_user(rows)
    expected = []
    for name, low, high in (("daily", 6, window), ("some", 1, 5), ("dormant", 0, 0)):
        members = [
            theirs for theirs in users.values()
            if low <= len({row["day"] for row in theirs if row["day"] >= start}) <= high
        ]  # fmt: skip
        new = sum(min(row["day"] for row in theirs) >= start for theirs in members)
        counts = (len(members), new, len(users)) if covers(rows, start) else (None, None, None)
        expected.append((name, low, high, *counts))
    columns = ("level", "lowest_days", "highest_days", "users", "newcomers", "known_users")
    assert plain(found, *columns) == expected


@pytest.mark.parametrize("window", [1, 7, 28])
def test_activity_distribution(engine, log, window, plain):
    found = activity_distribution(engine.make(log), as_of=AS_OF, window=window)
    assert isinstance(found, engine.library)
    rows, start = known(log), LAST - window + 1
    days = [
        len({row["day"] for row in theirs if row["day"] >= start})
        for theirs in by_user(rows).values()
    ]
    active = sum(n > 0 for n in days)
    expected = [
        (n, days.count(n), sum(other >= n for other in days), active)
        if covers(rows, start) else (n, None, None, None)
        for n in range(1, window + 1)
    ]  # fmt: skip
    assert plain(found, "active_days", "users", "users_at_least", "active_users") == expected


def patterns(rows, *, group, groups, measure, start):
    rows = [row for row in rows if row["day"] >= start]
    active = len({row["user_id"] for row in rows})
    result = []
    for one in groups:
        those = [row for row in rows if group(row) == one]
        events = sum(row["quantity"] if measure == "quantity" else 1 for row in those)
        result.append((one, events, len({row["user_id"] for row in those}), active))
    return result


@pytest.mark.parametrize(("window", "measure"), [(5, "events"), (28, "quantity")])
def test_weekday_pattern(engine, log, window, measure, plain):
    found = weekday_pattern(engine.make(log), as_of=AS_OF, window=window, measure=measure)
    assert isinstance(found, engine.library)
    rows, start = known(log), LAST - window + 1
    expected = patterns(
        rows, group=lambda row: day_date(row["day"]).isoweekday(), groups=range(1, 8),
        measure=measure, start=start,
    )  # fmt: skip
    if not covers(rows, start):
        expected = [(weekday, None, None, None) for weekday in range(1, 8)]
    assert plain(found, "weekday", "events", "users", "active_users") == expected
    days = Counter(day_date(day).isoweekday() for day in range(start, LAST + 1))
    assert plain(found, "days") == [(days[weekday],) for weekday in range(1, 8)]


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("window", [1, 28])
def test_hourly_pattern(engine, zone, window, plain):
    log = timed_log(zone)
    asked = {"as_of": AS_OF, "window": window, "measure": "quantity"}
    found = hourly_pattern(engine.make(log), zone=zone, **asked)
    assert isinstance(found, engine.library)

    def hour(row):
        at = dt.datetime.fromtimestamp(row["t_us"] // 1_000_000, ZoneInfo(zone))
        return at.hour

    expected = patterns(
        known(log), group=hour, groups=range(24), measure="quantity", start=LAST - window + 1
    )
    assert plain(found, "hour", "events", "users", "active_users") == expected
    through_log = hourly_pattern(as_event_log(engine.make(log), zone=zone), **asked)
    assert plain(through_log) == plain(found)


def test_hours_of_a_log_made_at_the_boundary(engine, plain):
    instants = pl.DataFrame({
        "user_id": ["a", "a", "b", None],
        "timestamp": [
            dt.datetime(2024, 3, 31, 0, 59, 59, tzinfo=dt.UTC),
            dt.datetime(2024, 3, 31, 1, tzinfo=dt.UTC),
            dt.datetime(2024, 3, 30, 22, 30, tzinfo=dt.UTC),
            dt.datetime(2024, 3, 31, 3, tzinfo=dt.UTC),
        ],
    })  # fmt: skip
    log = event_log(engine.make(instants), zone="Europe/Berlin")
    found = hourly_pattern(log, as_of=AS_OF, window=2)
    assert isinstance(found, engine.library)
    hours = [row for row in plain(found, "hour", "events", "clock_hours") if row[1]]
    # origin: by hand; a second after 1:59:59 clocks in Berlin show 3:00; 23:30 the day before
    assert hours == [(1, 1, 2.0), (3, 1, 2.0), (23, 1, 2.0)]
    assert plain(found, "clock_hours")[2] == (1.0,)


def test_events_without_a_time_of_day_are_left_out(engine, plain):
    log = timed_log().with_columns(
        t_us=pl.when(pl.col("event_type") == "view").then(None).otherwise("t_us")
    )
    found = hourly_pattern(engine.make(log), as_of=AS_OF, zone="Europe/Berlin")
    rows = [row for row in known(log) if row["t_us"] is not None and row["day"] > LAST - 28]
    assert sum(events for (events,) in plain(found, "events")) == len(rows)


def test_regularity(engine, log, plain):
    found = regularity(engine.make(log), as_of=AS_OF)
    assert isinstance(found, engine.library)
    expected = []
    for user, theirs in by_user(known(log)).items():
        days = sorted({row["day"] for row in theirs})
        gaps = [later - earlier for earlier, later in pairwise(days)]
        weeks = (LAST + 1 - days[0]) // 7
        active = sum(
            any(days[0] + 7 * week <= day < days[0] + 7 * week + 7 for day in days)
            for week in range(weeks)
        )
        expected.append((
            user, day_date(days[0]), day_date(days[-1]), len(days),
            statistics.median(gaps) if gaps else None, active, weeks,
        ))  # fmt: skip
    columns = (
        "user_id", "first_active", "last_active", "active_days", "median_gap", "active_weeks",
        "weeks",
    )  # fmt: skip
    assert plain(found, *columns) == expected


FEATURES = {"reacting": ["like", "share"], "liking": ["like"], "flying": ["fly"], "any": ["click"]}


def adoption(rows, *, window, within, by):
    start = LAST - window + 1
    groups = sorted({row[by] if by else None for row in rows}, key=lambda g: (g is not None, g))
    result = []
    for group in groups:
        users = by_user([row for row in rows if not by or row[by] == group])
        active = [t for t in users.values() if max(row["day"] for row in t) >= start]
        for feature in sorted(FEATURES):
            waits, followed, repeaters = [], 0, 0
            for theirs in users.values():
                used = sorted({r["day"] for r in theirs if r["event_type"] in FEATURES[feature]})
                if not used or used[-1] < start:
                    continue
                waits.append(used[0] - min(row["day"] for row in theirs))
                if used[0] + within <= LAST:
                    followed += 1
                    repeaters += any(used[0] < day <= used[0] + within for day in used)
            wait = statistics.median(waits) if waits else None
            counts = (len(active), len(waits), wait, followed, repeaters)
            key = (group, feature) if by else (feature,)
            result.append((*key, *(counts if covers(rows, start) else (None,) * 5)))
    return result


@pytest.mark.parametrize(
    ("by", "window", "within"), [(None, 28, 14), ("platform", 28, 14), ("platform", 10, 3)]
)
def test_feature_adoption(engine, log, window, within, by, plain):
    names = [by] if by else []
    found = feature_adoption(
        engine.make(log), features=FEATURES, as_of=AS_OF, window=window, repeat_within=within,
        by=names,
    )  # fmt: skip
    assert isinstance(found, engine.library)
    expected = adoption(known(log), window=window, within=within, by=by)
    if not by and not expected:
        expected = [(feature, *(None,) * 5) for feature in sorted(FEATURES)]
    columns = ("active_users", "adopters", "median_days_to_first_use", "followed", "repeaters")
    assert plain(found, *names, "feature", *columns) == expected
