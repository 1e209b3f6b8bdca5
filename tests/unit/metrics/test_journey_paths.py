import datetime as dt

import polars as pl
import pytest

from analytics_lib.core.errors import ParameterError
from analytics_lib.metrics.journey_paths import step_matrix, top_paths
from analytics_lib.metrics.journey_surroundings import around_event

DAY = dt.date(1970, 1, 1)


def walks(**users):
    """One event a microsecond: `walks(a="home buy", b="home")`."""
    rows = [
        (f"{user}{at}", user, at, event, 0)
        for user, events in users.items()
        for at, event in enumerate(events.split())
    ]
    names = ["event_id", "user_id", "t_us", "event_type", "day"]
    return pl.DataFrame(rows, schema=names, orient="row").with_columns(pl.col("day").cast(pl.Int32))


SHOP = walks(
    a="home search buy", b="home search search", c="home", d="home", e="ad buy", f="home search buy"
)


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        # origin: by hand, the walks read from the left
        (1, [("home", 5), ("ad", 1)]),
        (2, [("home > search", 3), ("home > (end)", 2), ("ad > buy", 1)]),
        (
            3,
            [
                ("home > (end)", 2),
                ("home > search > buy", 2),
                ("ad > buy > (end)", 1),
                ("home > search > search", 1),
            ],
        ),
        (
            4,
            [
                ("home > (end)", 2),
                ("home > search > buy > (end)", 2),
                ("ad > buy > (end)", 1),
                ("home > search > search > (end)", 1),
            ],
        ),
    ],
)
def test_the_most_frequent_beginnings(steps, expected):
    found = top_paths(SHOP, steps=steps, limit=9, as_of=DAY)
    assert found.select("journey", "paths").rows() == expected
    assert found["rank"].to_list() == list(range(1, len(expected) + 1))
    assert found["share"].sum() == pytest.approx(1)


def test_a_shorter_path_has_nothing_after_its_end():
    found = top_paths(SHOP, steps=3, limit=1, as_of=DAY)
    assert found.select("step_1", "step_2", "step_3").rows() == [("home", "(end)", None)]


def test_the_share_is_of_all_paths_however_few_are_listed():
    found = top_paths(SHOP, steps=2, limit=1, as_of=DAY)
    assert found.select("paths", "users", "all_paths", "share").rows() == [(3, 3, 6, 0.5)]
    # origin: the formula of Wilson 1927 for 3 of 6, whose centre is 0.5
    z = 1.959963984540054
    half = z / (1 + z**2 / 6) * (0.25 / 6 + z**2 / 144) ** 0.5
    assert found["ci_lower"].item() == pytest.approx(0.5 - half)
    assert found["ci_upper"].item() == pytest.approx(0.5 + half)


@pytest.mark.parametrize(("limit", "listed"), [(3, 3), (4, 4), (5, 4)])
def test_the_list_is_as_long_as_asked_or_as_there_is(limit, listed):
    assert top_paths(SHOP, steps=3, limit=limit, as_of=DAY).height == listed


def test_each_group_has_its_own_ranks_the_missing_one_too():
    events = walks(a="home", b="ad", c="home").with_columns(
        platform=pl.Series([None, "web", "web"])
    )
    found = top_paths(events, steps=1, limit=5, as_of=DAY, by=["platform"])
    assert found.select("platform", "rank", "journey", "all_paths").rows() == [
        (None, 1, "home", 1), ("web", 1, "ad", 2), ("web", 2, "home", 2),
    ]  # fmt: skip


def test_who_is_where_at_each_step():
    found = step_matrix(SHOP, steps=4, as_of=DAY)
    cells = {row[:2]: row[2] for row in found.select("step", "event", "paths").rows()}
    # origin: by hand, the walks one below the other, read down
    events = ["(end)", "ad", "buy", "home", "search"]
    by_step = [[0, 1, 0, 5, 0], [2, 0, 1, 0, 3], [3, 0, 2, 0, 1], [6, 0, 0, 0, 0]]
    assert cells == {
        (step, event): paths
        for step, row in enumerate(by_step, start=1)
        for event, paths in zip(events, row, strict=True)
    }
    assert found["all_paths"].unique().to_list() == [6]
    totals = found.group_by("step").agg(pl.col("share").sum())["share"]
    assert totals.to_list() == pytest.approx([1] * 4)


def test_a_user_is_over_with_the_first_of_their_sessions():
    events = walks(a="home buy home", b="home").with_columns(
        session_id=pl.Series(["1", "1", "2", "1"])
    )
    found = step_matrix(events, steps=3, as_of=DAY, path="session_id")
    over = found.filter(pl.col("event") == "(end)").select("paths", "users", "all_paths")
    assert over.rows() == [(0, 0, 3), (2, 2, 3), (3, 2, 3)]


def around(events, **asked):
    found = around_event(events, event_type="search", as_of=DAY, **asked)
    return {row[:2]: row[2:] for row in found.select("offset", "event", "n", "occurrences").rows()}


def test_before_and_after_the_first_occurrence():
    # origin: by hand; the first search of a, b and f
    assert around(SHOP, before=2, after=2) == {
        (-2, "(start)"): (3, 3),
        (-1, "home"): (3, 3),
        (1, "buy"): (2, 3),
        (1, "search"): (1, 3),
        (2, "(end)"): (3, 3),
    }


def test_before_and_after_every_occurrence():
    assert around(SHOP, before=1, after=1, occurrence="every") == {
        (-1, "home"): (3, 4),
        (-1, "search"): (1, 4),
        (1, "(end)"): (1, 4),
        (1, "buy"): (2, 4),
        (1, "search"): (1, 4),
    }


def test_users_count_once_however_often_they_search():
    found = around_event(
        walks(a="search search search"), event_type="search", before=0, after=1, as_of=DAY,
        occurrence="every",
    )  # fmt: skip
    assert found.select("event", "n", "users").rows() == [("(end)", 1, 1), ("search", 2, 1)]


def test_an_event_that_does_not_occur_has_no_surroundings():
    found = around_event(SHOP, event_type="refund", before=1, after=1, as_of=DAY)
    assert found.is_empty()


@pytest.mark.parametrize(("steps", "limit"), [(0, 1), (1, 0), (-1, 1)])
def test_a_list_of_nothing_is_refused(steps, limit):
    with pytest.raises(ParameterError, match="must be at least 1"):
        top_paths(SHOP, steps=steps, limit=limit, as_of=DAY)


def test_no_steps_are_refused():
    with pytest.raises(ParameterError, match="`steps` is 0; it must be at least 1"):
        step_matrix(SHOP, steps=0, as_of=DAY)


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"before": -1, "after": 1}, "`before` is -1; it must be at least 0"),
        ({"before": 1, "after": -1}, "`after` is -1; it must be at least 0"),
        ({"before": 0, "after": 0}, "`before` and `after` are both 0"),
        ({"before": 1, "after": 1, "occurrence": "frist"}, "Did you mean 'first'"),
    ],
)
def test_surroundings_must_be_somewhere(asked, message):
    with pytest.raises(ParameterError, match=message):
        around_event(SHOP, event_type="home", as_of=DAY, **asked)
