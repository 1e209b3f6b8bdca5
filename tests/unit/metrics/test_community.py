import datetime as dt
import math

import polars as pl
import pytest

from analytics_lib.core.errors import ParameterError, SchemaError
from analytics_lib.core.periods import day_number
from analytics_lib.events.tables.community import GROUPS, INTERACTIONS, MEMBERSHIPS, PARTNERSHIPS
from analytics_lib.metrics.community import group_sizes, membership_changes
from analytics_lib.metrics.connections import (
    connections_formed,
    cross_group_shares,
    reciprocity_share,
)
from analytics_lib.metrics.partnerships import partnerships_active
from analytics_lib.metrics.ratings import centres_by_group, shrunk_means
from analytics_lib.metrics.trust import repeat_partner_shares, satisfaction, trust_scores

MONDAY = dt.date(2024, 1, 1)
START = day_number(MONDAY)
WEEKLY = {"granularity": "week", "as_of": MONDAY + dt.timedelta(days=13)}


def on(day):
    return MONDAY + dt.timedelta(days=day)


def table(columns, *rows):
    """Days count from Monday 1 January 2024."""
    made = pl.DataFrame(rows, schema=columns.split(), orient="row", infer_schema_length=None)
    days = [name for name in made.columns if name.endswith("day")]
    return made.with_columns(pl.col(days).cast(pl.Int32) + START)


def meetings(*rows):
    numbered = [(str(number), *row) for number, row in enumerate(rows)]
    return table("interaction_id day from_user to_user kind value", *numbered)


def stays(*rows):
    return table("group_id user_id joined_day left_day", *rows)


GROUP = table("group_id created_day kind", ("g", 0, "study"))
NOBODY = pl.DataFrame(schema={"user_id": pl.String, "day": pl.Int32})


@pytest.mark.parametrize(
    ("left", "members", "at_end"),
    [
        pytest.param(6, [1, 0], [0, 0], id="left on Sunday"),
        pytest.param(7, [1, 0], [1, 0], id="left on Monday, so was not there that week"),
        pytest.param(8, [1, 1], [1, 0], id="left on Tuesday"),
    ],
)
def test_the_day_of_leaving_is_no_day_of_membership(left, members, at_end):
    found = group_sizes(GROUP, stays(("g", "a", 0, left)), NOBODY, **WEEKLY)
    assert found["members"].to_list() == members
    assert found["members_at_end"].to_list() == at_end


@pytest.mark.parametrize(("day", "active"), [(1, 0), (2, 1), (4, 1), (5, 0)])
def test_only_days_of_membership_make_an_active_member(day, active):
    events = table("user_id day", ("a", day))
    found = group_sizes(GROUP, stays(("g", "a", 2, 5)), events, **WEEKLY)
    assert found["active"][0] == active


def test_who_leaves_and_comes_back_is_one_member():
    found = group_sizes(GROUP, stays(("g", "a", 0, 2), ("g", "a", 4, None)), NOBODY, **WEEKLY)
    assert found["members"].to_list() == [1, 1]
    changes = membership_changes(stays(("g", "a", 0, 2), ("g", "a", 4, None)), **WEEKLY)
    assert changes.select("joined", "left", "net").rows() == [(2, 1, 1), (0, 0, 0)]


def test_a_group_without_members_is_there_and_one_of_the_future_is_not():
    groups = table("group_id created_day kind", ("g", 0, "study"), ("h", 8, "food"), ("i", 14, "x"))
    found = group_sizes(groups, stays(("g", "a", 0, None)), NOBODY, **WEEKLY)
    assert found.select("group_id", "members", "share").rows() == [
        ("g", 1, 0.0), ("g", 1, 0.0), ("h", 0, None)
    ]  # fmt: skip


@pytest.mark.parametrize(("last", "joined"), [(5, None), (6, 1), (7, 1)])
def test_a_running_week_is_null(last, joined):
    found = membership_changes(stays(("g", "a", 0, None)), granularity="week", as_of=on(last))
    assert found["joined"][0] == joined


@pytest.mark.parametrize(
    ("end", "active"),
    [(6, [1, 0]), (7, [1, 0]), (8, [1, 1]), (None, [1, 1])],
)
def test_partnerships_end_before_their_last_named_day(end, active):
    asked = table("partnership_id kind start_day end_day", ("p", "shop", 0, end))
    assert partnerships_active(asked, **WEEKLY)["active"].to_list() == active


@pytest.mark.parametrize(("day", "cross"), [(1, 1), (2, 0), (3, 0), (4, 1)])
def test_groups_are_those_of_the_day(day, cross):
    # origin: by hand; a and b share g on days 2 and 3, and h is a's alone
    groups = stays(("g", "a", 0, 4), ("g", "b", 2, 9), ("h", "a", 0, None))
    found = cross_group_shares(meetings((day, "a", "b", "chat", None)), groups, **WEEKLY)
    assert found["cross_group"][0] == cross


def test_two_common_groups_are_one_interaction():
    groups = stays(*((g, u, 0, None) for g in "gh" for u in "ab"))
    found = cross_group_shares(meetings((0, "a", "b", "chat", None)), groups, **WEEKLY)
    assert found.select("interactions", "cross_group").row(0) == (1, 0)


def test_a_pair_counts_once_and_nobody_meets_oneself():
    asked = meetings(
        (0, "a", "b", "chat", None), (7, "b", "a", "chat", None), (8, "c", "a", "chat", None),
        (8, "a", "a", "chat", None), (9, None, "a", "chat", None),
    )  # fmt: skip
    found = connections_formed(asked, **WEEKLY)
    assert found.select("connections", "connections_so_far").rows() == [(1, 1), (1, 2)]
    again = repeat_partner_shares(asked, **WEEKLY)
    assert again.select("interactions", "repeats", "share").rows() == [(1, 0, 0.0), (2, 1, 0.5)]
    # origin: by hand, a-b both ways, a-c one way
    assert reciprocity_share(asked, as_of=on(9)).value == 0.5
    assert math.isnan(reciprocity_share(asked, as_of=on(-1)).value)


def test_satisfaction_by_hand():
    asked = meetings(
        *((0, "a", "b", "rating", points) for points in (2.0, 4.0, None)),
        (0, "a", "b", "message", 1.0), (7, "a", "b", "rating", 5.0),
    )  # fmt: skip
    found = satisfaction(asked, **WEEKLY)
    # origin: t(0.975, 1 degree) = 12.706, s = sqrt(2), so 3 +- 12.706
    assert found.select("ratings", "mean", "satisfied", "share").rows() == [
        (2, 3.0, 1, 0.5), (1, 5.0, 1, 1.0)
    ]  # fmt: skip
    assert found["mean_ci_upper"][0] == pytest.approx(15.706, abs=1e-3)
    assert found["mean_ci_upper"][1] is None


@pytest.mark.parametrize("points", [0.9, 5.1, math.nan])
def test_ratings_beyond_the_scale_are_refused(points):
    asked = meetings((0, "a", "b", "rating", points))
    with pytest.raises(SchemaError, match="1 different ratings are not from 1 to 5"):
        satisfaction(asked, **WEEKLY)
    with pytest.raises(SchemaError, match="not from 1 to 5"):
        trust_scores(asked, as_of=on(0))


@pytest.mark.parametrize(("weight", "scores"), [(0, [5, 3]), (1, [4.25, 3.125]), (1e9, [3.5, 3.5])])
def test_the_weight_of_the_prior(weight, scores):
    # origin: by hand; b has one 5, c three 3; C = 14 / 4 = 3.5
    asked = meetings((0, "a", "b", "rating", 5.0), *[(0, "a", "c", "rating", 3.0)] * 3)
    found = trust_scores(asked, as_of=on(0), prior_weight=weight)
    assert found["trust_score"].to_list() == pytest.approx(scores)
    assert found["mean_rating"].to_list() == [5, 3]


def test_nobody_is_rated():
    asked = meetings((9, "a", "b", "rating", 5.0))
    assert trust_scores(asked, as_of=on(0)).columns[-1] == "trust_score"
    assert satisfaction(asked, granularity="week", as_of=on(0)).is_empty()
    empty = pl.DataFrame({"g": [], "v": [], "count": []}, schema_overrides={"g": pl.String})
    assert centres_by_group(empty, by=["g"], value="v", unit="x").columns[1] == "n"


def test_medians():
    counts = pl.DataFrame({"g": ["a", "a"], "v": [1, 9], "count": [3, 1]})
    found = centres_by_group(counts, by=["g"], value="v", unit="days", centre="median")
    assert found.row(0) == ("a", 4, 1.0, None, None)


MET = meetings((0, "a", "b", "rating", 5.0))
STAYS = stays(("g", "a", 0, None))
BY_DAYS = {"granularity": "days", "as_of": MONDAY}


@pytest.mark.parametrize(
    ("ask", "words"),
    [
        (lambda: group_sizes(GROUP, STAYS, NOBODY, **BY_DAYS), "`granularity` is 'days'"),
        (lambda: membership_changes(STAYS, **BY_DAYS), "`granularity` is 'days'"),
        (lambda: membership_changes(STAYS, by=["user_id"], **WEEKLY), "`by` is 'user_id'"),
        (lambda: cross_group_shares(MET, STAYS, **BY_DAYS), "`granularity` is 'days'"),
        (lambda: connections_formed(MET, **BY_DAYS), "`granularity` is 'days'"),
        (lambda: repeat_partner_shares(MET, **BY_DAYS), "`granularity` is 'days'"),
        (lambda: satisfaction(MET, **BY_DAYS), "`granularity` is 'days'"),
        (lambda: trust_scores(MET, as_of=MONDAY, prior_weight=-1), "`prior_weight` is -1"),
        (lambda: partnerships_active(MET, **BY_DAYS), "`granularity` is 'days'"),
    ],
)
def test_impossible_questions_are_refused(ask, words):
    with pytest.raises(ParameterError, match=words):
        ask()


def test_missing_columns_are_named():
    with pytest.raises(SchemaError, match="`memberships` is missing column 'left_day'"):
        membership_changes(stays(("g", "a", 0, None)).drop("left_day"), **WEEKLY)
    with pytest.raises(SchemaError, match="`interactions` is missing columns 'kind', 'value'"):
        satisfaction(meetings((0, "a", "b", "x", 1.0)).drop("kind", "value"), **WEEKLY)
    with pytest.raises(SchemaError, match="`partnerships` is missing column 'end_day'"):
        partnerships_active(table("partnership_id start_day", ("p", 0)), **WEEKLY)
    with pytest.raises(SchemaError, match="`groups` is missing column 'created_day'"):
        group_sizes(GROUP.drop("created_day"), stays(("g", "a", 0, None)), NOBODY, **WEEKLY)


def test_shrinking_without_ratings_and_weight_is_undefined():
    sums = pl.DataFrame({"g": ["a"], "ratings": [2], "points": [6.0]})
    assert shrunk_means(sums, by=["g"], prior_weight=0, score="s")["s"].item() == 3


@pytest.mark.parametrize("contract", [GROUPS, MEMBERSHIPS, INTERACTIONS, PARTNERSHIPS])
def test_contracts_hold_together(contract):
    empty = pl.DataFrame(schema=contract.polars_schema)
    assert contract.schema().validate(empty).is_empty()
    assert contract.columns_with_role("direct_identifier") == []
