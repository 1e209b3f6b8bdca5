"""Content metrics: small logs counted by hand, boundaries and mistakes."""

import datetime as dt
import math

import polars as pl
import pytest
from scipy import stats

from analytics_lib.core.errors import ParameterError, SchemaError
from analytics_lib.events.log import EventLog
from analytics_lib.metrics.content import click_through, content_views
from analytics_lib.metrics.content_log import counts_by_user
from analytics_lib.metrics.content_periods import content_by_period
from analytics_lib.metrics.content_quality import content_quality, content_suggestions
from analytics_lib.metrics.content_sources import (
    content_sources,
    entries_by_source,
    search_appearances,
)
from analytics_lib.metrics.content_time import content_bounce, time_on_page
from analytics_lib.metrics.content_value import return_on_content
from analytics_lib.metrics.registry import content as cards
from analytics_lib.metrics.trending import trending

AS_OF = dt.date(1970, 1, 31)
DAY_US = 86_400_000_000
SECOND = 1_000_000


def log(*rows, **more):
    """Rows are `(user, session, second, content, type)`; each has an event id in this order."""
    columns = ["user_id", "session_id", "second", "content_id", "event_type"]
    made = pl.DataFrame(rows, schema=dict.fromkeys(columns, pl.String) | {"second": pl.Int64},
                        orient="row")  # fmt: skip
    return made.select(
        pl.int_range(pl.len()).cast(pl.String).str.zfill(3).alias("event_id"),
        pl.exclude("second"),
        t_us=pl.col("second") * SECOND,
        day=(pl.col("second") // 86_400).cast(pl.Int32),
    ).with_columns(**{name: pl.Series(values) for name, values in more.items()})


def visit(user, session, *pages):
    return [(user, session, second, page, "content_view") for second, page in pages]


def test_views_viewers_and_what_they_do():
    events = log(
        *visit("a", "s", (0, "p"), (1, "p"), (2, "q")),
        *visit("b", "t", (0, "p")),
        ("b", "t", 5, "p", "like"),
        ("b", "t", 6, "p", "like"),
        ("z", "u", 6, "p", "like"),  # never viewed it
        ("a", "s", 7, "r", "like"),  # an item nobody viewed
        ("a", "s", 8, None, "content_view"),
        quantity=[1, 5, 1, 1, 1, 1, 1, 1, 1],
    )
    found = content_views(events, as_of=AS_OF, interactions=["like", "share"])
    columns = ("content_id", "views", "viewers", "views_per_viewer", "like_events", "like_users")
    # origin: by hand; the second view of p by a stands for 5
    assert found.select(columns).rows() == [
        ("p", 7, 2, 3.5, 3, 1), ("q", 1, 1, 1.0, 0, 0), ("r", 0, 0, None, 1, 0)
    ]  # fmt: skip
    assert found["like_share"].to_list() == [0.5, 0.0, None]
    # origin: Wilson for 1 of 2, z = 1.959964: 0.5 +- 0.5 z / sqrt(2 + z^2)
    z = 1.959964
    assert found["like_ci_upper"][0] == pytest.approx(0.5 + 0.5 * z / math.sqrt(2 + z * z))
    assert found["share_events"].to_list() == [0, 0, 0]


def test_without_quantity_a_row_is_one_event():
    events = log(*visit("a", "s", (0, "p"), (1, "p")))
    counts = counts_by_user(events, as_of=AS_OF, counts={"views": ("content_view",)})
    assert counts.collect().to_native()["views"].to_list() == [2]


@pytest.mark.parametrize(("as_of", "views"), [(29, []), (30, [1]), (31, [1])])
def test_later_views_are_ignored(as_of, views):
    events = log(*visit("a", "s", (30 * 86_400, "p")))
    found = content_views(events, as_of=dt.date(1970, 1, 1) + dt.timedelta(days=as_of))
    assert found["views"].to_list() == views


def test_click_through_by_people_and_by_impressions():
    shown, clicked = "teaser", "click"
    made = {"a": (3, 2), "b": (1, 0), "c": (2, 1), "d": (4, 0), "z": (0, 5)}
    rows = [
        (user, "s", 0, "p", kind)
        for user, counts in made.items()
        for kind, times in zip((shown, clicked), counts, strict=True)
        for _ in range(times)
    ]
    asked = {"shown": shown, "clicked": clicked, "as_of": AS_OF}
    people = click_through(log(*rows), **asked)
    # origin: by hand; a and c of a, b, c, d
    assert people.select("users", "shown", "clicked", "share").rows() == [(4, 4, 2, 0.5)]
    impressions = click_through(log(*rows), **asked, unit="impression")
    assert impressions.select("users", "shown", "clicked", "share").rows() == [(4, 10, 3, 0.3)]
    # origin: by hand; clicks - 0.3 shown = 1.1, -0.3, 0.4, -1.2, squares sum to 2.9;
    # variance 4 / 3 x 2.9 / 10^2, t(0.975, 3) = 3.182446
    half = 3.182446 * math.sqrt(4 / 3 * 2.9 / 100)
    assert impressions["ci_upper"][0] == pytest.approx(0.3 + half, rel=1e-6)
    assert impressions["ci_lower"][0] == 0.0


def test_one_user_gives_no_interval_of_clicks_per_impression():
    rows = [("a", "s", 0, "p", "teaser"), ("a", "s", 0, "p", "click")]
    found = click_through(
        log(*rows), shown="teaser", clicked="click", as_of=AS_OF, unit="impression"
    )
    assert found.select("share", "ci_lower", "ci_upper").rows() == [(1.0, None, None)]


@pytest.mark.parametrize(
    ("second", "seconds", "capped"), [(59, 59.0, 0), (60, 60.0, 0), (61, 60.0, 1)]
)
def test_time_on_page_is_capped(second, seconds, capped):
    events = log(*visit("a", "s", (0, "p"), (second, "q")))
    found = time_on_page(events, as_of=AS_OF, cap_minutes=1)
    columns = ("content_id", "timed_views", "mean_seconds", "median_seconds", "capped")
    assert found.select(columns).rows() == [
        ("p", 1, seconds, seconds, capped), ("q", 0, None, None, 0)
    ]  # fmt: skip
    assert found["last_share"].to_list() == [0.0, 1.0]
    assert found["capped_share"].to_list() == [float(capped), None]


def test_time_on_page_stays_inside_the_session_and_between_pages():
    events = log(
        *visit("a", "s", (0, "p"), (10, "q")),
        *visit("a", "t", (20, "p"), (50, "p")),
        *visit("b", "s", (5, "p")),  # the same name of a session, of somebody else
        ("a", "s", 3, "p", "like"),  # no page
        *visit("a", None, (51, "p")),
    )
    found = time_on_page(events, as_of=AS_OF)
    # origin: by hand; p was read 10 and 30 seconds, and left twice
    columns = ("content_id", "views", "timed_views", "mean_seconds", "last_views")
    assert found.select(columns).rows() == [("p", 4, 2, 20.0, 2), ("q", 1, 0, None, 1)]


def test_bounces_are_counted_once_a_visit():
    events = log(
        *visit("a", "s", (0, "p")),
        *visit("a", "t", (100, "p"), (110, "q")),
        *visit("b", "u", (0, "q")),
        *visit("c", "v", (0, "p")),
        ("c", "v", 9, None, "scroll"),  # whatever happens next ends the bounce
        ("d", "w", 0, None, "open"),  # began on no item
        *visit("d", "w", (1, "p")),
        *visit("e", "x", (0, "q")),
        quantity=[1, 1, 1, 1, 1, 1, 1, 1, 2],
    )
    found = content_bounce(events, as_of=AS_OF)
    assert found.select("content_id", "entries", "bounces").rows() == [("p", 3, 1), ("q", 2, 1)]


def test_sources_are_those_of_the_first_event():
    events = log(
        *visit("a", "s", (0, "p"), (1, "p")),
        *visit("b", "t", (0, "p")),
        *visit("c", "u", (0, "p"), (1, "q")),
        *visit("d", "v", (0, "q")),
        campaign_source=["mail", "web", None, "mail", "web", ""],
    )
    found = content_sources(events, as_of=AS_OF)
    # origin: by hand; an empty text is a source, a missing one is not known
    columns = ("content_id", "campaign_source", "entries", "content_entries")
    assert found.select(columns).rows() == [
        ("p", "mail", 2, 3), ("p", None, 1, 3), ("q", "", 1, 1)
    ]  # fmt: skip


def test_search_appearances_with_positions():
    rows = [
        ("a", "s", 0, "p", "search_result"), ("a", "s", 1, "p", "search_result"),
        ("b", "s", 0, "p", "search_result"), ("b", "s", 1, "p", "search_click"),
        ("b", "s", 1, "q", "search_click"), ("c", "s", 1, "r", "search_result"),
    ]  # fmt: skip
    events = log(*rows, rank=[1, 4, None, 9, 9, None])
    found = search_appearances(events, as_of=AS_OF, position="rank")
    columns = ("content_id", "appearances", "searchers", "clickers", "share", "mean_position")
    # origin: by hand; q was opened without ever appearing
    assert found.select(columns).rows() == [("p", 3, 2, 1, 0.5, 2.5), ("r", 1, 1, 0, 0.0, None)]


def views_on(**days):
    """`views_on(p={0: 3})`: three views of p on day 0, each by another user."""
    rows = [
        (f"{item}{day}{number}", "s", day * 86_400, item, "content_view")
        for item, counts in days.items()
        for day, count in counts.items()
        for number in range(count)
    ]
    return log(*rows)


def test_trending_shrinks_and_ranks_by_what_is_sure():
    # Baseline are days 0 to 6, recent days 7 to 13.
    events = views_on(big={0: 70, 7: 140}, small={0: 1, 7: 4}, steady={3: 30, 10: 30})
    found = trending(
        events, as_of=dt.date(1970, 1, 14), baseline_days=7, minimum_views=4, prior_strength=10
    )
    assert found["content_id"].to_list() == ["big", "steady", "small"]
    rows = {row["content_id"]: row for row in found.to_dicts()}
    # origin: by hand; (10 + 140) / (10 + 70), (10 + 4) / (10 + 1), (10 + 30) / (10 + 30)
    assert rows["big"]["ratio"] == 150 / 80
    assert rows["small"]["ratio"] == 14 / 11
    assert rows["steady"]["ratio"] == 1.0
    # origin: scipy's gamma distribution, shape 150 and rate 80
    posterior = stats.gamma(150, scale=1 / 80)
    assert rows["big"]["ci_lower"] == pytest.approx(posterior.ppf(0.025), rel=1e-12)
    assert rows["big"]["ci_upper"] == pytest.approx(posterior.ppf(0.975), rel=1e-12)
    assert (rows["big"]["recent_viewers"], rows["big"]["expected_views"]) == (140, 70.0)


@pytest.mark.parametrize(("minimum", "items"), [(3, ["p"]), (4, ["p"]), (5, [])])
def test_trending_leaves_out_rare_items(minimum, items):
    events = views_on(p={0: 1, 7: 4})
    asked = {"as_of": dt.date(1970, 1, 14), "baseline_days": 7}
    assert trending(events, minimum_views=minimum, **asked)["content_id"].to_list() == items


@pytest.mark.parametrize(("begins", "is_known"), [(0, True), (1, True), (2, False)])
def test_a_log_that_begins_inside_the_baseline_expects_nothing(begins, is_known):
    # As of day 14 the baseline are days 1 to 7.
    events = views_on(other={begins: 1}, p={8: 2}, q={9: 3})
    found = trending(events, as_of=dt.date(1970, 1, 15), baseline_days=7, minimum_views=1)
    assert found["ratio"].is_not_null().to_list() == [is_known] * found.height
    assert found["content_id"].to_list()[:2] == ["q", "p"]


def test_return_on_content_adds_up_to_all_value():
    events = log(
        *visit("a", "s", (0, "p"), (10, "q")),
        ("a", "s", 20, None, "purchase"),
        *visit("a", "s", (30, "p")),  # after the purchase
        ("b", "t", 0, None, "purchase"),  # saw nothing
        *visit("c", "u", (0, "p")),
        ("c", "u", 7 * 86_400, None, "purchase"),  # just inside the window
        ("c", "u", 7 * 86_400 + 1, None, "purchase"),  # just outside
        value=[None, None, 900, None, 50, None, 7, 8],
    )
    costs = pl.DataFrame({"content_id": ["q", "q", "r", "p"], "cost": [100, 200, 5, 0]})
    columns = ("content_id", "sales", "value", "value_per_cost", "return_on_cost")
    last = return_on_content(events, costs, as_of=AS_OF)
    # origin: by hand
    assert last.select(columns).rows() == [
        (None, 2, 58.0, None, None), ("p", 1, 7.0, None, None),
        ("q", 1, 900.0, 3.0, 2.0), ("r", 0, 0.0, 0.0, -1.0),
    ]  # fmt: skip
    equal = return_on_content(events, costs, as_of=AS_OF, attribution="equal")
    assert equal.select(columns[:3]).rows() == [
        (None, 2, 58.0), ("p", 2, 457.0), ("q", 1, 450.0), ("r", 0, 0.0)
    ]  # fmt: skip


def test_fixed_point_values_keep_their_decimals():
    events = log(
        *visit("a", "s", (0, "p")), ("a", "s", 1, None, "purchase"), value=[None, 9.5]
    ).with_columns(pl.col("value").cast(pl.Decimal(10, 2)))
    costs = pl.DataFrame({"content_id": ["p"], "cost": [0.5]}).with_columns(
        pl.col("cost").cast(pl.Decimal(10, 2))
    )
    found = return_on_content(events, costs, as_of=AS_OF)
    assert found.select("value", "cost", "value_per_cost").rows() == [(9.5, 0.5, 19.0)]


def quality_log():
    day = 86_400
    return log(
        *visit("a", "1", (0, "p"), (40, "q"), (50, "r")),
        *visit("b", "2", (0, "p"), (20, "r")),
        *visit("a", "3", (day, "p")),
        *visit("b", "4", (2 * day, "q"), (2 * day + 5, "p")),
        ("a", "1", 41, "q", "like"),
        ("b", "2", 21, "r", "like"),
        ("a", "1", 42, "q", "like"),
        *visit("a", "5", (3 * day, "q")),
        *visit("c", "6", (0, "rare")),
    )


def test_quality_shows_its_parts():
    found = content_quality(quality_log(), as_of=AS_OF, interactions=["like"], minimum_viewers=2)
    rows = {row["content_id"]: row for row in found.to_dicts()}
    assert set(rows) == {"p", "q", "r"}
    measures = ("median_seconds", "return_share", "interactions_per_viewer", "stay_share")
    # origin: by hand; p 40 and 20 seconds, both came back, no like, 2 of 3 visits went on;
    # q 10 and 5 seconds, a came back, 2 likes of 2 viewers, 1 of 2 visits went on;
    # r never had a next page, nobody came back, 1 like of 2 viewers, no visit began there
    assert tuple(rows["p"][name] for name in measures) == (30.0, 1.0, 0.0, pytest.approx(2 / 3))
    assert tuple(rows["q"][name] for name in measures) == (7.5, 0.5, 1.0, 0.5)
    assert tuple(rows["r"][name] for name in measures) == (None, 0.0, 0.5, None)
    ranks = ("time_rank", "return_rank", "interactions_rank", "low_bounce_rank")
    assert tuple(rows["p"][name] for name in ranks) == pytest.approx((0.75, 5 / 6, 1 / 6, 0.75))
    assert tuple(rows["r"][name] for name in ranks) == (
        None, pytest.approx(1 / 6), pytest.approx(0.5), None
    )  # fmt: skip
    assert rows["p"]["quality"] == pytest.approx((0.75 + 5 / 6 + 1 / 6 + 0.75) / 4)
    assert (rows["r"]["known_weight"], rows["r"]["quality"]) == (0.5, pytest.approx(1 / 3))
    assert found["content_id"].to_list() == ["p", "q", "r"]


def test_quality_is_null_where_too_little_is_known():
    weights = {"time": 3, "return": 2, "low_bounce": 0}
    found = content_quality(
        quality_log(), as_of=AS_OF, interactions=["like"], minimum_viewers=2, weights=weights
    )
    rows = {row["content_id"]: row for row in found.to_dicts()}
    assert (rows["r"]["known_weight"], rows["r"]["quality"]) == (pytest.approx(0.4), None)
    assert rows["p"]["quality"] == pytest.approx(0.6 * 0.75 + 0.4 * 5 / 6)


def quality_frame(**columns):
    size = len(columns["viewers"])
    made = {
        "content_id": list("pqrstu")[:size], "quality": [0.5] * size, "time_rank": [0.5] * size,
        "return_rank": [0.5] * size, "interactions_rank": [0.5] * size,
        "low_bounce_rank": [0.5] * size,
    }  # fmt: skip
    return pl.DataFrame(made | columns)


def test_suggestions_name_the_rule():
    frame = quality_frame(
        viewers=[10, 20, 30, 40, 50],
        quality=[0.1, 0.1, 0.1, 0.25, 0.26],
        low_bounce_rank=[0.0, 0.0, 0.0, 0.5, 0.1],
        time_rank=[0.5, 0.5, 0.5, None, 0.9],
    )
    found = content_suggestions(frame)
    # origin: by hand; the upper quarter of five begins with the fourth
    assert found.rows() == [
        ("t", "high_bounce", 0.1, 0.25, 50, 40), ("s", "low_quality", 0.25, 0.25, 40, 40)
    ]  # fmt: skip
    assert content_suggestions(frame.clear()).is_empty()


ONE = log(*visit("a", "s", (0, "p")))
DAYS = ONE.with_columns(t_us=pl.lit(None, pl.Int64))
COSTS = pl.DataFrame({"content_id": ["p"], "cost": [1]})
QUALITY = {"as_of": AS_OF, "interactions": ["like"], "minimum_viewers": 1}


@pytest.mark.parametrize(
    ("ask", "error", "match"),
    [
        (lambda: content_views(ONE, as_of=AS_OF, view_types=[]), ParameterError, "at least one"),
        (
            lambda: content_views(ONE, as_of=AS_OF, view_types="view"),
            ParameterError,
            "`view_types` is 'view'",
        ),
        (
            lambda: content_views(ONE, as_of=AS_OF, interactions=["content_view"]),
            ParameterError,
            "`interactions`",
        ),
        (
            lambda: content_views(ONE.drop("content_id"), as_of=AS_OF),
            SchemaError,
            "'content_id'",
        ),
        (
            lambda: click_through(ONE, shown="x", clicked="x", as_of=AS_OF),
            ParameterError,
            "must differ",
        ),
        (
            lambda: click_through(ONE, shown="x", clicked="y", as_of=AS_OF, unit="users"),
            ParameterError,
            "Did you mean 'user'",
        ),
        (
            lambda: click_through(
                ONE, shown="x", clicked="y", as_of=AS_OF, unit="impression", confidence_level=1
            ),
            ParameterError,
            "`confidence_level`",
        ),
        (
            lambda: search_appearances(ONE, as_of=AS_OF, appeared="x", clicked="x"),
            ParameterError,
            "must differ",
        ),
        (lambda: time_on_page(DAYS, as_of=AS_OF), ParameterError, "`time_on_page` needs"),
        (lambda: content_bounce(DAYS, as_of=AS_OF), ParameterError, "`content_bounce` needs"),
        (lambda: content_sources(
            DAYS.with_columns(campaign_source=pl.lit("x")), as_of=AS_OF
        ), ParameterError, "`content_sources` needs"),
        (
            lambda: time_on_page(ONE, as_of=AS_OF, session="visit"),
            SchemaError,
            "'visit'",
        ),
        *(
            (
                lambda cap=cap: time_on_page(ONE, as_of=AS_OF, cap_minutes=cap),
                ParameterError,
                "`cap_minutes`",
            )
            for cap in (0, 1440.5, math.nan)
        ),
        *(
            (
                lambda wrong=wrong: trending(ONE, as_of=AS_OF, **{"minimum_views": 1} | wrong),
                ParameterError,
                f"`{next(iter(wrong))}`",
            )
            for wrong in (
                {"minimum_views": 0}, {"recent_days": 0}, {"baseline_days": 0},
                {"prior_strength": 0}, {"prior_strength": math.nan}, {"confidence_level": 1},
                {"prior_strength": math.inf}, {"view_types": ()},
            )
        ),
        (lambda: content_quality(ONE, **QUALITY, weights={}), ParameterError, "add up"),
        (
            lambda: content_quality(ONE, **QUALITY, weights={"tiem": 1}),
            ParameterError,
            "Did you mean 'time'",
        ),
        (
            lambda: content_quality(ONE, **QUALITY, weights={"time": -1}),
            ParameterError,
            "at least 0",
        ),
        (
            lambda: content_quality(ONE, **QUALITY | {"interactions": ()}),
            ParameterError,
            "`interactions`",
        ),
        (
            lambda: content_quality(ONE, **QUALITY | {"minimum_viewers": 0}),
            ParameterError,
            "`minimum_viewers`",
        ),
        (
            lambda: content_suggestions(quality_frame(viewers=[1]), high_demand=1),
            ParameterError,
            "`high_demand`",
        ),
        (
            lambda: content_suggestions(quality_frame(viewers=[1]), low_quality=0),
            ParameterError,
            "`low_quality`",
        ),
        (lambda: content_suggestions(COSTS), SchemaError, "`quality` is missing"),
        (
            lambda: return_on_content(
                ONE.with_columns(value=1), COSTS, as_of=AS_OF, attribution="first"
            ),
            ParameterError,
            "`attribution`",
        ),
        (
            lambda: return_on_content(
                ONE.with_columns(value=1), COSTS, as_of=AS_OF, window_days=0
            ),
            ParameterError,
            "`window_days`",
        ),
        (
            lambda: return_on_content(ONE.with_columns(value=1), ONE, as_of=AS_OF),
            SchemaError,
            "`costs` is missing",
        ),
        (
            lambda: return_on_content(DAYS.with_columns(value=1), COSTS, as_of=AS_OF),
            ParameterError,
            "`return_on_content` needs",
        ),
    ],
)  # fmt: skip
def test_mistakes_are_named(ask, error, match):
    with pytest.raises(error, match=match):
        ask()


def test_an_empty_log_of_times_has_no_rows():
    import narwhals.stable.v2 as nw  # noqa: PLC0415 - this test alone

    empty = ONE.clear().with_columns(value=pl.lit(None, pl.Int64), campaign_source=pl.lit(None))
    events = EventLog(frame=nw.from_native(empty.lazy()), zone="UTC", resolution="microsecond")
    for found in (
        content_views(events, as_of=AS_OF, interactions=["like"]),
        click_through(events, shown="x", clicked="y", as_of=AS_OF),
        click_through(events, shown="x", clicked="y", as_of=AS_OF, unit="impression"),
        time_on_page(events, as_of=AS_OF),
        content_bounce(events, as_of=AS_OF),
        trending(events, as_of=AS_OF, minimum_views=1),
        return_on_content(events, COSTS.clear(), as_of=AS_OF),
        content_quality(events, **QUALITY),
        search_appearances(events, as_of=AS_OF),
    ):
        assert found.is_empty()
        assert found.columns[0] == "content_id"


def test_every_metric_of_content_has_a_card():
    functions = {
        content_views, click_through, time_on_page, content_bounce, content_sources,
        search_appearances, content_by_period, entries_by_source, content_quality,
        content_suggestions, trending, return_on_content,
    }  # fmt: skip
    assert {card.function for card in cards.CARDS} == {function.__name__ for function in functions}
    assert all(card.question.endswith("?") and card.definition.endswith(".")
               for card in cards.CARDS)  # fmt: skip
