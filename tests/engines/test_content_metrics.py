"""The metrics of content on every engine, against plain Python on odd logs."""

import random
from collections import Counter, defaultdict
from itertools import pairwise
from statistics import mean, median

import narwhals.stable.v2 as nw
import polars as pl
import pytest

from analytics_lib.core.errors import ParameterError
from analytics_lib.core.periods import day_number
from analytics_lib.events.log import EventLog
from analytics_lib.metrics.content import click_through, content_views
from analytics_lib.metrics.content_periods import content_by_period
from analytics_lib.metrics.content_quality import content_quality, content_suggestions
from analytics_lib.metrics.content_sources import (
    content_sources,
    entries_by_source,
    search_appearances,
)
from analytics_lib.metrics.content_time import content_bounce, time_on_page
from analytics_lib.metrics.content_value import events_with_payments, return_on_content
from analytics_lib.metrics.trending import trending
from analytics_lib.synthetic.adversarial import AS_OF, adversarial_logs

LAST = day_number(AS_OF)
DAY_US = 86_400_000_000
VIEWS = {"content_view", "page_view"}
TYPES = ("content_view", "page_view", "like", "click", "teaser", "purchase", None)
SCHEMA = {
    "event_id": pl.String, "user_id": pl.String, "session_id": pl.String, "event_type": pl.String,
    "content_id": pl.String, "t_us": pl.Int64, "day": pl.Int32, "quantity": pl.Int64,
    "campaign_source": pl.String, "position": pl.Int64, "value": pl.Int64,
}  # fmt: skip


def odd_log(seed, *, size):
    """Ties, nulls everywhere, sessions over midnight and events after `as_of`."""
    rng = random.Random(seed)
    rows = []
    for number in range(size):
        start = (LAST - rng.choice([0, 1, 5, 6, 7, 8, 20, 34, 35, 60, -1])) * DAY_US
        t_us = start + rng.choice([0, 1, 30, 59, 1_800, 1_801, 86_399]) * 1_000_000
        user = rng.choice(["a", "b", "c", "d", None])
        kind = rng.choice(TYPES)
        rows.append(
            {
                "event_id": f"{number:04d}",
                "user_id": user,
                "session_id": rng.choice(["s", "t", f"{user}{t_us // DAY_US}", None]),
                "event_type": kind,
                "content_id": rng.choice(["p", "q", "r", None]),
                "t_us": t_us if rng.random() < 0.95 else None,
                "day": t_us // DAY_US if rng.random() < 0.97 else None,
                "quantity": rng.choice([1, 1, 1, 2]),
                "campaign_source": rng.choice(["mail", "web", "", None]),
                "position": rng.choice([1, 2, 7, None]),
                "value": rng.choice([100, 250, 0]) if kind == "purchase" else None,
            }
        )
    rng.shuffle(rows)
    return pl.DataFrame(rows, schema=SCHEMA)


def with_content(log):
    """An adversarial log with content: whole days, so all ties."""
    return log.with_columns(
        content_id=pl.when(pl.int_range(pl.len()) % 3 == 0)
        .then(pl.lit("p"))
        .otherwise(pl.lit("q")),
        event_type=pl.when(pl.int_range(pl.len()) % 4 == 0)
        .then(pl.lit("like"))
        .otherwise(pl.lit("content_view")),
        session_id=pl.concat_str(pl.lit("s"), pl.col("day") // 3),
        campaign_source=pl.col("platform"),
        position=pl.col("quantity"),
        value=pl.when(pl.int_range(pl.len()) % 5 == 0).then(pl.int_range(pl.len())),
    )  # fmt: skip


LOGS = {name: with_content(log) for name, log in adversarial_logs().items()} | {
    "few": odd_log(1, size=30), "many": odd_log(2, size=600), "other": odd_log(3, size=600)
}  # fmt: skip
# Doubled ids are no order: whoever asks for the order of events removes them at the door.
ORDERED = {name: log for name, log in LOGS.items() if name != "duplicates"}


@pytest.fixture(params=LOGS)
def log(request):
    return LOGS[request.param]


@pytest.fixture(params=ORDERED)
def ordered(request):
    return ORDERED[request.param]


@pytest.fixture
def timed(engine):
    """The log as one that knows the time of day, also where it is empty."""

    def make(frame):
        native = engine.make(frame)
        wrapped = nw.from_native(native).lazy()
        return EventLog(frame=wrapped, zone="UTC", resolution="microsecond")

    return make


def known(log):
    return [
        row for row in log.to_dicts()
        if row["user_id"] is not None and row["day"] is not None and row["day"] <= LAST
    ]  # fmt: skip


def total(rows, *types):
    return sum(row["quantity"] for row in rows if row["event_type"] in types)


def by_item(rows):
    found = defaultdict(list)
    for row in rows:
        if row["content_id"] is not None:
            found[row["content_id"]].append(row)
    return dict(sorted(found.items()))


def by_user(rows):
    found = defaultdict(list)
    for row in rows:
        found[row["user_id"]].append(row)
    return found


def visits(log, *, only=None):
    """Events of each session of each user, in order."""
    found = defaultdict(list)
    for row in known(log):
        placed = row["session_id"] is not None and row["t_us"] is not None
        if placed and (only is None or row["event_type"] in only):
            found[row["user_id"], row["session_id"]].append(row)
    return [sorted(rows, key=lambda r: (r["t_us"], r["event_id"])) for rows in found.values()]


def close(rows):
    """Floats to twelve digits, for sums in another order."""
    return [
        tuple(pytest.approx(cell, rel=1e-12) if isinstance(cell, float) else cell for cell in row)
        for row in rows
    ]


def test_content_views(engine, log, plain):
    found = content_views(
        engine.make(log), as_of=AS_OF, view_types=sorted(VIEWS), interactions=["like"]
    )
    assert isinstance(found, engine.library)
    expected = []
    for item, rows in by_item(known(log)).items():
        if not any(row["event_type"] in {*VIEWS, "like"} for row in rows):
            continue
        viewers = {user for user, its in by_user(rows).items() if total(its, *VIEWS)}
        likers = {user for user, its in by_user(rows).items() if total(its, "like")}
        views, n = total(rows, *VIEWS), len(viewers)
        expected.append(
            (item, views, n, views / n if n else None, total(rows, "like"),
             len(viewers & likers), len(viewers & likers) / n if n else None)
        )  # fmt: skip
    expected.sort(key=lambda row: (-row[2], row[0]))
    columns = ("content_id", "views", "viewers", "views_per_viewer", "like_events", "like_users",
               "like_share")  # fmt: skip
    assert plain(found, *columns) == expected


@pytest.mark.parametrize("unit", ["user", "impression"])
def test_click_through(engine, log, unit, plain):
    asked = {"shown": "content_view", "clicked": "like", "as_of": AS_OF, "unit": unit}
    found = click_through(engine.make(log), **asked)
    assert isinstance(found, engine.library)
    expected = []
    for item, rows in by_item(known(log)).items():
        pairs = [
            (total(its, "like"), shown) for its in by_user(rows).values()
            if (shown := total(its, "content_view"))
        ]  # fmt: skip
        if not pairs:
            continue
        if unit == "user":
            pairs = [(min(clicks, 1), 1) for clicks, _ in pairs]
        clicks, shown = (sum(side) for side in zip(*pairs, strict=True))
        expected.append((item, len(pairs), shown, clicks, clicks / shown))
    assert plain(found, "content_id", "users", "shown", "clicked", "share") == expected
    bounds = ("share", "ci_lower", "ci_upper")
    assert plain(found, *bounds) == plain(click_through(log, **asked), *bounds)


@pytest.mark.parametrize("cap_minutes", [0.5, 30])
def test_time_on_page(engine, ordered, timed, cap_minutes, plain):
    found = time_on_page(
        timed(ordered), as_of=AS_OF, view_types=sorted(VIEWS), cap_minutes=cap_minutes
    )
    assert isinstance(found, engine.library)
    stays, last = defaultdict(list), Counter()
    for pages in visits(ordered, only=VIEWS):
        for page, after in zip(pages, [*pages[1:], None], strict=True):
            if after is None:
                last[page["content_id"]] += 1
            else:
                stays[page["content_id"]].append((after["t_us"] - page["t_us"]) / 1e6)
    cap = cap_minutes * 60
    expected = []
    for item in sorted({*stays, *last} - {None}):
        times = [min(stay, cap) for stay in stays[item]]
        views, capped = len(times) + last[item], sum(stay > cap for stay in stays[item])
        expected.append(
            (item, views, len(times), mean(times) if times else None,
             median(times) if times else None, capped, capped / len(times) if times else None,
             last[item], last[item] / views)
        )  # fmt: skip
    columns = ("content_id", "views", "timed_views", "mean_seconds", "median_seconds", "capped",
               "capped_share", "last_views", "last_share")  # fmt: skip
    assert plain(found, *columns) == close(expected)


def test_content_bounce(engine, ordered, timed, plain):
    found = content_bounce(timed(ordered), as_of=AS_OF)
    assert isinstance(found, engine.library)
    begun, bounced = Counter(), Counter()
    for pages in visits(ordered):
        item = pages[0]["content_id"]
        begun[item] += 1
        bounced[item] += sum(page["quantity"] for page in pages) == 1
    expected = [
        (item, begun[item], bounced[item], bounced[item] / begun[item])
        for item in sorted(set(begun) - {None})
    ]
    assert plain(found, "content_id", "entries", "bounces", "share") == expected


def test_content_sources(engine, ordered, timed, plain):
    found = content_sources(timed(ordered), as_of=AS_OF)
    assert isinstance(found, engine.library)
    begun, of_source = Counter(), Counter()
    for pages in visits(ordered):
        item, source = pages[0]["content_id"], pages[0]["campaign_source"]
        begun[item] += 1
        of_source[item, source] += 1
    expected = [
        (item, source, n, begun[item], n / begun[item])
        for (item, source), n in of_source.items() if item is not None
    ]  # fmt: skip
    expected.sort(key=lambda row: (row[0], -row[2], row[1] is None, row[1] or ""))
    columns = ("content_id", "campaign_source", "entries", "content_entries", "share")
    assert plain(found, *columns) == expected


def test_entries_by_source(engine, ordered, timed, plain):
    found = entries_by_source(timed(ordered), as_of=AS_OF)
    assert isinstance(found, engine.library)
    begun, bounced = Counter(), Counter()
    for pages in visits(ordered):
        if pages[0]["content_id"] is not None:
            begun[pages[0]["campaign_source"]] += 1
            bounced[pages[0]["campaign_source"]] += sum(page["quantity"] for page in pages) == 1
    expected = [
        (source, n, n / begun.total(), bounced[source], bounced[source] / n)
        for source, n in begun.items()
    ]
    expected.sort(key=lambda row: (-row[1], row[0] is None, row[0] or ""))
    columns = ("campaign_source", "entries", "entry_share", "bounces", "share")
    assert plain(found, *columns) == close(expected)


def in_all(rows, log):
    """Everything `content_by_period` says of the rows of one period."""
    views = [row for row in rows if row["event_type"] in VIEWS and row["content_id"] is not None]
    unique = {
        (row["user_id"], row["session_id"], row["content_id"]) for row in views
        if row["session_id"] is not None
    }  # fmt: skip
    within = log.filter(pl.col("event_id").is_in([row["event_id"] for row in rows]))
    stays = [
        min((after["t_us"] - page["t_us"]) / 1e6, 1_800)
        for pages in visits(within, only=VIEWS)
        for page, after in pairwise(pages)
        if page["content_id"] is not None
    ]
    begun = [pages for pages in visits(within) if pages[0]["content_id"] is not None]
    bounced = sum(sum(page["quantity"] for page in pages) == 1 for pages in begun)
    placed = [row for row in rows if row["content_id"] is not None]
    pairs = [
        (total(its, "teaser"), total(its, "click")) for its in by_user(placed).values()
        if total(its, "teaser")
    ]  # fmt: skip
    shown, clicked = sum(pair[0] for pair in pairs), sum(pair[1] for pair in pairs)
    seen, likes = total(views, *VIEWS), total(placed, "like")
    return (
        seen, len(unique), len(by_user(views)), len(stays), mean(stays) if stays else None,
        median(stays) if stays else None, len(begun), bounced,
        bounced / len(begun) if begun else None, shown, clicked,
        clicked / shown if shown else None, likes, likes * 1000 / seen if seen else None,
    )  # fmt: skip


def test_content_by_period(engine, ordered, timed, plain):
    asked = {"granularity": "week", "as_of": AS_OF, "periods": 3, "interactions": ["like"]}
    asked |= {"view_types": sorted(VIEWS), "shown": "teaser", "clicked": "click"}
    found = content_by_period(timed(ordered), **asked)
    assert isinstance(found, engine.library)
    rows = known(ordered)
    sunday = LAST - (LAST - 3) % 7  # day 3 was a Sunday
    begins = min((row["day"] for row in rows), default=LAST + 1)
    expected = [
        in_all([row for row in rows if last - 6 <= row["day"] <= last], ordered)
        for last in (sunday - 14, sunday - 7, sunday) if begins <= last
    ]  # fmt: skip
    columns = (
        "views", "unique_views", "viewers", "timed_views", "mean_seconds", "median_seconds",
        "entries", "bounces", "bounce_share", "shown", "clicked", "click_share", "like_events",
        "like_per_thousand",
    )  # fmt: skip
    assert plain(found, *columns) == close(expected)


def test_search_appearances(engine, log, plain):
    found = search_appearances(
        engine.make(log), as_of=AS_OF, appeared="content_view", clicked="like", position="position"
    )
    assert isinstance(found, engine.library)
    expected = []
    for item, rows in by_item(known(log)).items():
        users = [its for its in by_user(rows).values() if total(its, "content_view")]
        if not users:
            continue
        clickers = sum(total(its, "like") > 0 for its in users)
        places = [
            row["position"] for row in rows
            if row["event_type"] == "content_view" and row["position"] is not None
            for _ in range(row["quantity"])
        ]  # fmt: skip
        expected.append(
            (item, total(rows, "content_view"), len(users), clickers, clickers / len(users),
             mean(places) if places else None)
        )  # fmt: skip
    expected.sort(key=lambda row: (-row[1], row[0]))
    columns = ("content_id", "appearances", "searchers", "clickers", "share", "mean_position")
    assert plain(found, *columns) == close(expected)


@pytest.mark.parametrize("minimum", [1, 5])
def test_trending(engine, log, minimum, plain):
    asked = {"as_of": AS_OF, "minimum_views": minimum}
    found = trending(engine.make(log), **asked)
    assert isinstance(found, engine.library)
    rows = known(log)
    covered = bool(rows) and min(row["day"] for row in rows) <= LAST - 34
    expected = {}
    for item, its in by_item(rows).items():
        views = [row for row in its if row["event_type"] == "content_view"]
        recent = [row for row in views if row["day"] >= LAST - 6]
        before = [row for row in views if LAST - 34 <= row["day"] <= LAST - 7]
        seen, past = total(recent, "content_view"), total(before, "content_view") / 4
        if seen >= minimum:
            ratio = (10 + seen) / (10 + past)
            expected[item] = (
                seen, len(by_user(recent)), past if covered else None, ratio if covered else None
            )  # fmt: skip
    columns = ("content_id", "recent_views", "recent_viewers", "expected_views", "ratio")
    assert {row[0]: row[1:] for row in plain(found, *columns)} == expected
    bounds = ("content_id", "ci_lower", "ci_upper")
    assert plain(found, *bounds) == plain(trending(log, **asked), *bounds)


PAID = pl.DataFrame(
    {
        "payment_id": ["a1", "b1", "c1", "late"],
        "user_id": ["a", "b", "c", "a"],
        "day": [LAST, LAST - 5, LAST, LAST + 1],
        "t_us": [day * DAY_US + 86_399_999_999 for day in (LAST, LAST - 5, LAST, LAST + 1)],
        "amount": [12.345, 0.5, 7.0, 1.0],
        "currency": ["EUR"] * 4,
        "kind": ["purchase", "subscription", "refund", "purchase"],
    }
)


def test_events_with_payments(engine, ordered, timed, plain):
    log = events_with_payments(timed(ordered), PAID, as_of=AS_OF)
    columns = ("event_id", "user_id", "day", "t_us", "event_type", "content_id")
    timed_rows = [row for row in known(ordered) if row["t_us"] is not None]
    expected = [(*(row[name] for name in columns), None) for row in timed_rows]
    # origin: by hand; half a cent is rounded up, refunds and later payments are left out
    values = {"a1": 1235, "b1": 50}
    expected += [
        (row["payment_id"], row["user_id"], row["day"], row["t_us"], row["kind"], None,
         values[row["payment_id"]])
        for row in PAID.to_dicts() if row["payment_id"] in values
    ]  # fmt: skip
    found = log.frame.collect(backend="polars").to_native()
    assert sorted(plain(found, *columns, "value"), key=str) == sorted(expected, key=str)
    whole = return_on_content(log, PAID.select(content_id="kind", cost="day"), as_of=AS_OF)
    assert sum(row[0] for row in plain(whole, "value")) == sum(values.values())


@pytest.mark.parametrize("attribution", ["last_view", "equal"])
def test_return_on_content(engine, ordered, timed, attribution, plain):
    costs = pl.DataFrame({"content_id": ["p", "q", "new"], "cost": [10, 0, 3]})
    found = return_on_content(
        timed(ordered), costs, as_of=AS_OF, view_types=sorted(VIEWS), attribution=attribution
    )
    assert isinstance(found, engine.library)
    rows = [row for row in known(ordered) if row["t_us"] is not None]
    worth, sales = defaultdict(float), Counter()
    for sale in (row for row in rows if row["value"] is not None):
        views = sorted(
            (row["t_us"], row["event_id"], row["content_id"]) for row in rows
            if row["user_id"] == sale["user_id"] and row["event_type"] in VIEWS
            and row["content_id"] is not None
            and sale["t_us"] - 7 * DAY_US <= row["t_us"] <= sale["t_us"]
        )  # fmt: skip
        items = {item for _, _, item in (views[-1:] if attribution == "last_view" else views)}
        for item in items or {None}:
            worth[item] += sale["value"] / max(len(items), 1)
            sales[item] += 1
    spent = {"p": 10.0, "q": 0.0, "new": 3.0}
    items = {*worth, *spent}
    order = sorted(items, key=lambda item: (item is not None, item or ""))
    expected = []
    for item in order:
        cost = spent.get(item)
        per_cost = worth[item] / cost if cost else None
        expected.append((item, sales[item], worth[item], cost, per_cost))
    columns = ("content_id", "sales", "value", "cost", "value_per_cost")
    assert plain(found, *columns) == close(expected)


def test_content_quality(engine, ordered, timed, plain):
    """Ranks against counting the others; the measures have their own tests."""
    asked = {
        "as_of": AS_OF, "interactions": ["like"], "minimum_viewers": 2, "view_types": sorted(VIEWS)
    }  # fmt: skip
    found = content_quality(timed(ordered), **asked)
    assert isinstance(found, engine.library)
    measures = ("median_seconds", "return_share", "interactions_per_viewer", "stay_share")
    ranks = ("time_rank", "return_rank", "interactions_rank", "low_bounce_rank")
    rows = plain(found, *measures, *ranks, "quality")
    for row in rows:
        expected = []
        for place, value in enumerate(row[:4]):
            known_values = [other[place] for other in rows if other[place] is not None]
            below = sum(other < value for other in known_values) if value is not None else 0
            equal = sum(other == value for other in known_values)
            expected.append((below + equal / 2) / len(known_values) if equal else None)
        assert row[4:8] == close([expected])[0]
        there = [rank for rank in expected if rank is not None]
        assert row[8] == (pytest.approx(mean(there)) if len(there) >= 2 else None)
    returned = {}
    for item, its in by_item(known(ordered)).items():
        days = [
            {row["day"] for row in mine if row["event_type"] in VIEWS}
            for mine in by_user(its).values()
        ]
        viewers = [seen for seen in days if seen]
        if len(viewers) >= 2:
            returned[item] = sum(len(seen) > 1 for seen in viewers) / len(viewers)
    assert dict(plain(found, "content_id", "return_share")) == returned
    suggestions = content_suggestions(found)
    assert isinstance(suggestions, engine.library)
    as_polars = content_suggestions(quality_rows(found, plain))
    assert plain(suggestions) == plain(as_polars)


def quality_rows(found, plain):
    columns = [
        "content_id", "viewers", "quality", "time_rank", "return_rank", "interactions_rank",
        "low_bounce_rank",
    ]  # fmt: skip
    kinds = {"content_id": pl.String, "viewers": pl.Int64}
    schema = dict.fromkeys(columns, pl.Float64) | kinds
    return pl.DataFrame(plain(found, *columns), schema=schema, orient="row")


def test_a_log_of_days_cannot_say_how_long(engine):
    days = LOGS["steady"].with_columns(t_us=pl.lit(None, pl.Int64))
    with pytest.raises(ParameterError, match="`time_on_page` needs the time of day"):
        time_on_page(engine.make(days), as_of=AS_OF)
