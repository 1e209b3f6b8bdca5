import dataclasses
import datetime as dt

import polars as pl
import pytest

from analytics_lib.core.errors import ParameterError, SchemaError
from analytics_lib.core.periods import day_number
from analytics_lib.metrics.activity_levels import activity_distribution, activity_levels
from analytics_lib.metrics.adoption import feature_adoption
from analytics_lib.metrics.engagement import DEFAULT_WEIGHTS, EngagementWeights, engagement_scores
from analytics_lib.metrics.registry.engagement import CARDS
from analytics_lib.metrics.registry.segments import CARDS as SEGMENT_CARDS
from analytics_lib.metrics.regularity import regularity

FIRST = day_number(dt.date(2024, 1, 1))


def on(day):
    return dt.date(2024, 1, 1) + dt.timedelta(days=day - 1)


def log(kind="view", **days):
    """One row a user and active day; days count from 1 January 2024."""
    rows = [(user, FIRST + day - 1, kind) for user, active in days.items() for day in active]
    schema = {"user_id": pl.String, "day": pl.Int32, "event_type": pl.String}
    return pl.DataFrame(rows, schema=schema, orient="row")


def test_components_and_their_weighted_mean():
    # origin: by hand; of 4 users the mean ranks 1 to 4 are 12.5, 37.5, 62.5 and 87.5 %. In the
    # window of days 4 to 10: a 3 days, 1 event each; b 1 day with 2 events of 2 types; c nothing,
    # last seen on day 3; d like b but for a single event.
    events = pl.concat([log(a=[1, 5, 6, 10], b=[9], c=[3], d=[9]), log("like", b=[9])])
    found = engagement_scores(events, as_of=on(10), window=7)
    assert found["recency"].to_list() == [87.5, 50.0, 12.5, 50.0]
    assert found["frequency"].to_list() == [87.5, 50.0, 12.5, 50.0]
    assert found["depth"].to_list() == [50.0, 87.5, 12.5, 50.0]
    assert found["breadth"].to_list() == [50.0, 87.5, 12.5, 50.0]
    assert found["score"].to_list() == pytest.approx([72.5, 65.0, 12.5, 50.0])
    assert found["days_since_active"].to_list() == [0, 1, 7, 1]
    assert found["events_per_active_day"].to_list() == [1.0, 2.0, None, 1.0]


@pytest.mark.parametrize(("start", "active"), [(9, 1), (10, 1), (11, 0)])
def test_the_window_is_its_days_up_to_as_of(start, active):
    found = engagement_scores(log(a=[10], b=[1]), as_of=on(start + 6), window=7)
    assert found["active_days"].to_list() == [active, 0]


def test_equal_users_are_in_the_middle():
    found = engagement_scores(log(a=[1], b=[1], c=[1]), as_of=on(1))
    assert found["score"].to_list() == pytest.approx([50.0] * 3)


def test_only_active_users_are_ranked_where_asked():
    events = log(a=[1], b=[60], c=[59, 60])
    found = engagement_scores(events, as_of=on(60), base="active")
    assert found["user_id"].to_list() == ["b", "c"]
    assert found["frequency"].to_list() == [25.0, 75.0]


def test_default_weights_are_published_and_fixed():
    assert dataclasses.astuple(DEFAULT_WEIGHTS) == (0.3, 0.3, 0.2, 0.2)
    with pytest.raises(dataclasses.FrozenInstanceError):
        DEFAULT_WEIGHTS.recency = 1


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"recency": 0.31}, r"`weights` add up to 1\.01; they must add up to 1"),
        ({"recency": 0.29}, r"`weights` add up to 0\.99"),
        ({"recency": -0.1, "frequency": 0.7}, r"`weights\.recency` is -0\.1; it must be at least"),
        ({"depth": float("nan")}, r"`weights\.depth` is nan"),
    ],
)
def test_weights_that_do_not_add_up_are_refused(given, words):
    with pytest.raises(ParameterError, match=words):
        EngagementWeights(**given)


def test_one_weight_may_be_everything():
    only = EngagementWeights(recency=0, frequency=1, depth=0, breadth=0)
    found = engagement_scores(log(a=[1, 2], b=[2]), as_of=on(2), weights=only)
    assert found["score"].to_list() == found["frequency"].to_list() == [75.0, 25.0]


@pytest.mark.parametrize(
    ("days", "level"),
    [(0, "dormant"), (1, "casual"), (7, "casual"), (8, "core"), (15, "core"), (16, "power")],
)
def test_default_levels(days, level):
    events = log(long_ago=[1], a=[2, *range(100, 100 + days)])
    found = activity_levels(events, as_of=on(127))
    users = dict(found.select("level", "users").iter_rows())
    expected = {"power": 0, "core": 0, "casual": 0, "dormant": 1}
    expected[level] += 1
    assert users == expected
    assert found["known_users"].to_list() == [2] * 4


def test_levels_have_wilson_intervals_and_newcomers():
    users = {f"u{n}": [1] for n in range(182)} | {f"v{n}": [50] for n in range(81)}
    found = activity_levels(log(**users), as_of=on(50), levels={"there": 1, "away": 0})
    there = found.row(0, named=True)
    # origin: Newcombe 1998, table I, method 3: 81 of 263
    assert (there["users"], there["newcomers"], there["known_users"]) == (81, 81, 263)
    assert there["ci_lower"] == pytest.approx(0.2553, abs=5e-5)
    assert there["ci_upper"] == pytest.approx(0.3662, abs=5e-5)
    assert found["newcomers"].to_list() == [81, 0]


@pytest.mark.parametrize(("as_of", "users"), [(27, None), (28, 1), (29, 1)])
def test_a_window_that_the_log_does_not_cover_has_no_value(as_of, users):
    levels = activity_levels(log(a=[1, 20]), as_of=on(as_of), levels={"there": 1, "away": 0})
    assert levels["users"].to_list() == [users, None if users is None else 0]
    days = activity_distribution(log(a=[1, 20]), as_of=on(as_of))
    assert days["active_users"].to_list() == [users] * 28
    used = feature_adoption(log(a=[1, 20]), features=["view"], as_of=on(as_of))
    assert used["adopters"].to_list() == [users]


def test_nobody_active_has_no_distribution():
    found = activity_distribution(log(a=[1]), as_of=on(60), window=2)
    assert found.select("users", "active_users", "share").rows() == [(0, 0, None)] * 2


def test_regularity_counts_only_weeks_that_are_over():
    events = log(a=[1, 8], b=[8])
    for as_of, expected in [(13, (1, 1)), (14, (2, 2)), (15, (2, 2)), (21, (2, 3))]:
        found = regularity(events, as_of=on(as_of)).row(0, named=True)
        assert (found["active_weeks"], found["weeks"]) == expected
    young = regularity(events, as_of=on(13)).row(1, named=True)
    assert (young["weeks"], young["share"], young["median_gap"]) == (0, None, None)


@pytest.mark.parametrize(
    ("as_of", "followed", "repeaters"),
    [
        pytest.param(14, 0, 0, id="no time to come back"),
        pytest.param(15, 1, 1, id="just over"),
        pytest.param(16, 1, 1, id="later"),
    ],
)
def test_only_those_who_had_time_count_as_not_coming_back(as_of, followed, repeaters):
    events = log(a=[1, 15], b=[10])
    found = feature_adoption(
        events, features=["view"], as_of=on(as_of), window=14, repeat_within=14
    ).row(0, named=True)
    assert (found["followed"], found["repeaters"]) == (followed, repeaters)
    assert found["repeat_share"] == (repeaters / followed if followed else None)


@pytest.mark.parametrize(("second", "repeaters"), [(7, 1), (8, 1), (9, 0)])
def test_a_repeat_comes_soon_enough(second, repeaters):
    found = feature_adoption(
        log(a=[1, second]), features=["view"], as_of=on(20), window=20, repeat_within=7
    )
    assert found["repeaters"].to_list() == [repeaters]


def test_using_a_feature_twice_in_a_day_is_no_repeat():
    found = feature_adoption(
        log(a=[1, 1]), features=["view"], as_of=on(20), window=20, repeat_within=7
    )
    assert found.select("adopters", "followed", "repeaters").rows() == [(1, 1, 0)]


def test_one_event_type_may_belong_to_two_features():
    found = feature_adoption(
        log(a=[1]), features={"x": ["view"], "y": ["view", "like"]}, as_of=on(1), window=1
    )
    assert found.select("feature", "adopters").rows() == [("x", 1), ("y", 1)]


EVENTS = log(a=[1])
MISTAKES = [
    (lambda: engagement_scores(EVENTS, as_of=on(1), window=0), "`window` is 0"),
    (lambda: engagement_scores(EVENTS, as_of=on(1), base="al"), "`base` is 'al'"),
    (lambda: engagement_scores(EVENTS, as_of=on(1), measure="event"), "Did you mean 'events'"),
    (lambda: activity_levels(EVENTS, as_of=on(1), levels={"on": 1}), "must begin at 0"),
    (lambda: activity_levels(EVENTS, as_of=on(1), levels={}), "must begin at 0"),
    (lambda: activity_levels(EVENTS, as_of=on(1), levels={"a": 0, "b": -1}), "must begin at 0"),
    (lambda: activity_levels(EVENTS, as_of=on(1), levels={"a": 0, "b": 0}), "two levels begin"),
    (lambda: activity_levels(
        EVENTS, as_of=on(1), window=7, levels={"a": 0, "b": 8}), "`window` has 7"),
    (lambda: activity_distribution(EVENTS, as_of=on(1), window=0), "`window` is 0"),
    (lambda: feature_adoption(EVENTS, features=[], as_of=on(1)), "at least one feature"),
    (lambda: feature_adoption(EVENTS, features={"a": []}, as_of=on(1)), "least one event type"),
    (lambda: feature_adoption(EVENTS, features="view", as_of=on(1)), "`features` is 'view'"),
    (lambda: feature_adoption(EVENTS, features={"a": "view"}, as_of=on(1)), "`features` is"),
    (lambda: feature_adoption(
        EVENTS, features=["view"], as_of=on(1), repeat_within=0), "`repeat_within` is 0"),
]  # fmt: skip


@pytest.mark.parametrize(("ask", "words"), MISTAKES)
def test_impossible_questions_are_refused(ask, words):
    with pytest.raises(ParameterError, match=words):
        ask()


def test_a_level_may_begin_at_the_whole_window():
    found = activity_levels(EVENTS, as_of=on(1), window=1, levels={"always": 1, "never": 0})
    assert found["users"].to_list() == [1, 0]


def test_missing_columns_are_named():
    bare = EVENTS.drop("event_type")
    with pytest.raises(SchemaError, match="missing column 'event_type'"):
        engagement_scores(bare, as_of=on(1))
    with pytest.raises(SchemaError, match="missing column 'event_type'"):
        feature_adoption(bare, features=["view"], as_of=on(1))
    with pytest.raises(SchemaError, match="missing column 'quantity'"):
        engagement_scores(EVENTS, as_of=on(1), measure="quantity")


@pytest.mark.parametrize("card", [*CARDS, *SEGMENT_CARDS], ids=lambda card: card.function)
def test_cards(card):
    assert card.question.endswith("?")
    assert card.definition.endswith(".")
