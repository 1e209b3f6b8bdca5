"""The metrics of communities on every engine against a count in plain Python."""

import datetime as dt
import random
from collections import defaultdict

import duckdb
import polars as pl
import pytest

from analytics_lib.core.periods import calendar_period, day_date, day_number
from analytics_lib.metrics.community import group_sizes, membership_changes
from analytics_lib.metrics.connections import (
    connections_formed,
    cross_group_shares,
    reciprocity_share,
)
from analytics_lib.metrics.partnerships import partnerships_active
from analytics_lib.metrics.trust import repeat_partner_shares, satisfaction, trust_scores
from analytics_lib.statistics import estimate_mean

AS_OF = dt.date(2024, 3, 5)
LAST = day_number(AS_OF)
SCHEMAS = {
    "groups": {"group_id": pl.String, "created_day": pl.Int32, "kind": pl.String},
    "memberships": {
        "group_id": pl.String, "user_id": pl.String, "joined_day": pl.Int32, "left_day": pl.Int32,
    },
    "interactions": {
        "interaction_id": pl.String, "day": pl.Int32, "from_user": pl.String,
        "to_user": pl.String, "kind": pl.String, "value": pl.Float64,
    },
    "partnerships": {
        "partnership_id": pl.String, "kind": pl.String, "start_day": pl.Int32,
        "end_day": pl.Int32,
    },
    "events": {"user_id": pl.String, "day": pl.Int32},
}  # fmt: skip


def drawn(seed):
    draw = random.Random(seed)

    def day():
        return LAST - draw.randrange(-5, 60)

    def stay():
        joined = day()
        return joined, draw.choice([None, joined, joined + 1, joined + draw.randrange(40)])

    return {
        "groups": [(f"g{n}", day(), draw.choice(["study", "food"])) for n in range(5)],
        "memberships": [
            (f"g{draw.randrange(4)}", draw.choice("abcdef"), *stay()) for _ in range(25)
        ],
        "interactions": [
            (
                str(n), day(), draw.choice(["a", "b", "c", "d", "e", "f", None]),
                draw.choice(["a", "b", "c", "d", "e", "f", None]),
                draw.choice(["rating", "rating", "message"]), draw.choice([None, 1.0, 3, 4, 5]),
            )
            for n in range(80)
        ],
        "partnerships": [(str(n), draw.choice(["school", "shop"]), *stay()) for n in range(12)],
        "events": [(draw.choice([*"abcdef", None]), day()) for _ in range(80)],
    }  # fmt: skip


CASES = {
    "empty": {name: [] for name in SCHEMAS},
    "one": {
        "groups": [("g", LAST - 9, "study")],
        "memberships": [("g", "a", LAST - 9, None)],
        "interactions": [("1", LAST - 9, "a", "b", "rating", 5.0)],
        "partnerships": [("1", "school", LAST - 9, None)],
        "events": [("a", LAST - 9)],
    },
    **{f"drawn {seed}": drawn(seed) for seed in range(4)},
}


@pytest.fixture(params=CASES)
def case(request):
    return CASES[request.param]


@pytest.fixture
def tables(engine, case):
    made = {
        name: pl.DataFrame(rows, schema=SCHEMAS[name], orient="row") for name, rows in case.items()
    }
    if engine.name != "DuckDB":
        return {name: engine.make(table) for name, table in made.items()}
    connection = duckdb.connect()
    return {name: connection.from_arrow(table.to_arrow()) for name, table in made.items()}


def spine(days, granularity):
    """Periods from the first day to that of `AS_OF`."""
    if not days:
        return []
    period, found = calendar_period(granularity, containing=day_date(min(days))), []
    while period.start <= AS_OF:
        found.append(period)
        period = period.shift(1)
    return found


def shown(period, *values):
    over = period.is_complete(as_of=AS_OF)
    return (period.start, period.end, *(values if over else [None] * len(values)))


def stays(case):
    """`(group, user, first day, first day after)` of stays that began."""
    return [
        (group, user, joined, left if left is not None else 10**6)
        for group, user, joined, left in case["memberships"]
        if joined <= LAST and (left is None or left > joined)
    ]


def days_of(period):
    return range(day_number(period.start), day_number(period.end))


GRANULARITIES = pytest.mark.parametrize("granularity", ["day", "week", "month"])


@GRANULARITIES
def test_group_sizes(engine, tables, case, granularity, plain):
    found = group_sizes(
        tables["groups"], tables["memberships"], tables["events"],
        granularity=granularity, as_of=AS_OF,
    )  # fmt: skip
    assert isinstance(found, engine.library)
    groups = [group for group in case["groups"] if group[1] <= LAST]
    there = {(user, day) for user, day in case["events"] if user and day <= LAST}
    expected = []
    for name, created, kind in sorted(groups):
        for period in spine([created], granularity):
            days = days_of(period)
            mine = [stay for stay in stays(case) if stay[0] == name]
            members = {u for _, u, a, b in mine if any(a <= day < b for day in days)}
            at_end = {u for _, u, a, b in mine if a <= days[-1] < b}
            active = {u for _, u, a, b in mine if any(a <= d < b and (u, d) in there for d in days)}
            values = shown(period, len(members), len(at_end), len(active))
            expected.append((name, kind, *values))
    names = ("group_id", "kind", "interval_start", "interval_end")
    assert plain(found, *names, "members", "members_at_end", "active") == expected
    shares = [row[6] / row[4] if row[4] else None for row in expected]
    assert plain(found, "share") == [(share,) for share in shares]


@GRANULARITIES
@pytest.mark.parametrize("by", [(), ("group_id",)])
def test_membership_changes(engine, tables, case, granularity, by, plain):
    found = membership_changes(tables["memberships"], granularity=granularity, as_of=AS_OF, by=by)
    assert isinstance(found, engine.library)
    its = stays(case)
    periods = spine([joined for *_, joined, _ in its], granularity)
    expected = []
    for group in sorted({stay[0] for stay in its}) if by else [None]:
        mine = [stay for stay in its if group in {None, stay[0]}]
        for period in periods:
            joined = sum(a in days_of(period) for *_, a, _ in mine)
            left = sum(b in days_of(period) for *_, b in mine)
            key = (group,) if by else ()
            expected.append((*key, *shown(period, joined, left, joined - left)))
    assert plain(found) == expected


@GRANULARITIES
@pytest.mark.parametrize("by", [(), ("kind",)])
def test_partnerships_active(engine, tables, case, granularity, by, plain):
    found = partnerships_active(tables["partnerships"], granularity=granularity, as_of=AS_OF, by=by)
    assert isinstance(found, engine.library)
    its = [
        (kind, start, end if end is not None else 10**6)
        for _, kind, start, end in case["partnerships"]
        if start <= LAST and (end is None or end > start)
    ]
    periods = spine([start for _, start, _ in its], granularity)
    expected = []
    for kind in sorted({kind for kind, *_ in its}) if by else [None]:
        mine = [(start, end) for k, start, end in its if kind in {None, k}]
        for period in periods:
            days = days_of(period)
            active = sum(start <= days[-1] and end > days[0] for start, end in mine)
            counts = [sum(edge[n] in days for edge in mine) for n in (0, 1)]
            key = (kind,) if by else ()
            expected.append((*key, *shown(period, active, *counts)))
    assert plain(found) == expected


def met(case):
    """Interactions of two different people, `(day, from, to, kind, value)` in order of day."""
    return sorted(
        (row[1:] for row in case["interactions"]
         if row[1] <= LAST and row[2] and row[3] and row[2] != row[3]),
        key=lambda row: row[0],
    )  # fmt: skip


@GRANULARITIES
def test_cross_group_shares(engine, tables, case, granularity, plain):
    found = cross_group_shares(
        tables["interactions"], tables["memberships"], granularity=granularity, as_of=AS_OF
    )
    assert isinstance(found, engine.library)
    rows = met(case)

    def groups(user, day):
        return {g for g, u, a, b in stays(case) if u == user and a <= day < b}

    expected = []
    for period in spine([row[0] for row in rows], granularity):
        its = [row for row in rows if row[0] in days_of(period)]
        cross = sum(not groups(a, day) & groups(b, day) for day, a, b, *_ in its)
        values = shown(period, len(its), cross)
        expected.append((*values, values[3] / values[2] if values[2] else None))
    names = ("interval_start", "interval_end", "interactions", "cross_group", "share")
    assert plain(found, *names) == expected


@GRANULARITIES
def test_connections_and_repeats(engine, tables, case, granularity, plain):
    asked = {"granularity": granularity, "as_of": AS_OF}
    formed = connections_formed(tables["interactions"], **asked)
    again = repeat_partner_shares(tables["interactions"], **asked)
    assert isinstance(formed, engine.library)
    assert isinstance(again, engine.library)
    rows, seen = met(case), set()
    new, repeated = [], []
    for period in spine([row[0] for row in rows], granularity):
        its = [row for row in rows if row[0] in days_of(period)]
        pairs = {frozenset(row[1:3]) for row in its}
        count = len(pairs - seen)
        seen |= pairs
        new.append(shown(period, count, len(seen)))
        repeated.append(shown(period, len(its), len(its) - count))
    assert plain(formed) == new
    names = ("interval_start", "interval_end", "interactions", "repeats")
    assert plain(again, *names) == repeated


def test_reciprocity(tables, case):
    found = reciprocity_share(tables["interactions"], as_of=AS_OF)
    arrows = {row[1:3] for row in met(case)}
    pairs = {frozenset(arrow) for arrow in arrows}
    mutual = {frozenset(arrow) for arrow in arrows if arrow[::-1] in arrows}
    assert found.n == len(pairs)
    if pairs:
        assert found.value == len(mutual) / len(pairs)


@GRANULARITIES
def test_satisfaction(engine, tables, case, granularity, plain):
    found = satisfaction(tables["interactions"], granularity=granularity, as_of=AS_OF)
    assert isinstance(found, engine.library)
    rated = [
        (day, value)
        for day, _, _, kind, value in met(case)
        if kind == "rating" and value is not None
    ]
    expected = []
    for period in spine([day for day, _ in rated], granularity):
        values = [value for day, value in rated if day in days_of(period)]
        mean = estimate_mean(values, unit="points")
        happy = sum(value in {4, 5} for value in values)
        bounds = [mean.value, mean.ci_lower, mean.ci_upper]
        known = [close(bound) for bound in bounds]
        row = shown(period, len(values), *known, happy)
        expected.append((*row, row[6] / row[2] if row[2] else None))
    names = ("ratings", "mean", "mean_ci_lower", "mean_ci_upper", "satisfied", "share")
    assert plain(found, "interval_start", "interval_end", *names) == expected


def close(value):
    return None if value != value else pytest.approx(value, rel=1e-12)  # noqa: PLR0124 - nan


def test_trust_scores(engine, tables, case, plain):
    found = trust_scores(tables["interactions"], as_of=AS_OF, prior_weight=3)
    assert isinstance(found, engine.library)
    points = defaultdict(list)
    for _, _, user, kind, value in met(case):
        if kind == "rating" and value is not None:
            points[user].append(value)
    everything = [value for values in points.values() for value in values]
    middle = sum(everything) / len(everything) if everything else None
    assert plain(found) == [
        (
            user, len(values), close(sum(values) / len(values)),
            close((3 * middle + sum(values)) / (3 + len(values))),
        )
        for user, values in sorted(points.items())
    ]  # fmt: skip
