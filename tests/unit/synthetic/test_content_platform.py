"""The simulated content platform: its tables, and that its truth can be found in them."""

import datetime as dt
import runpy
from pathlib import Path

import polars as pl
import pytest
import yaml
from pydantic import ValidationError
from scipy.stats import binom

from analytics_lib import metrics
from analytics_lib.core.strict import validate
from analytics_lib.statistics import estimate_share, share_difference
from analytics_lib.synthetic import (
    ContentPlatformParameters,
    content_platform,
)
from analytics_lib.synthetic.calendars import Incident

DATA = Path(__file__).resolve().parents[3] / "data" / "content_platform"
BAD_WEEK = Incident(first_day=200, days=3, activity=0.2, tickets=12.0)
SMALL = ContentPlatformParameters(users=600, users_in_block=600, days=365, incident=BAD_WEEK)
AS_OF = dt.date(2024, 6, 30)
SEEDS = 100
LEVEL = 0.99  # at 95 % one of 20 true values would miss over ten times in every fifth set of seeds
RECOVERY = runpy.run_path(str(Path(__file__).with_name("recovery.py")))
OF = RECOVERY["at_level"](LEVEL)
TAILS = ((1 - LEVEL) / 2, (1 + LEVEL) / 2)


@pytest.fixture(scope="module")
def large():
    return content_platform(ContentPlatformParameters(users=20_000), seed=2)


def test_people_act_only_while_they_are_there(large):
    stays = large.users.join(large.stays, on="user_id").select(
        "user_id", "created_day", gone=pl.col("created_day") + pl.col("days")
    )
    for table in (large.events, large.payments):
        seen = table.join(stays, on="user_id")
        assert seen.height == table.height
        outside = (pl.col("day") < pl.col("created_day")) | (pl.col("day") >= pl.col("gone"))
        assert seen.filter(outside).is_empty()
    assert large.interactions.filter(pl.col("from_user") == pl.col("to_user")).is_empty()


def test_the_log_is_in_order_and_hangs_together(large):
    log = large.events
    assert log["t_us"].is_sorted()
    assert log.filter(pl.col("t_us") // 86_400_000_000 != pl.col("day")).is_empty()
    firsts = log.filter(pl.col("user_id").is_first_distinct())["event_type"]
    assert firsts.unique().to_list() == ["sign_up"]
    visits = log.drop_nulls("session_id").group_by("session_id")
    assert visits.agg(pl.col("user_id", "day").n_unique()).select("user_id", "day").max().row(
        0
    ) == (1, 1)
    shares = log.filter(event_type="share")
    assert shares.height == large.interactions.height
    came, asked = (log.filter(event_type=kind) for kind in ("attend", "register"))
    assert came.join(asked, on=["user_id", "content_id"]).height == came.height
    about = log.drop_nulls("content_id").join(large.content, on="content_id")
    assert about.height == log["content_id"].count()
    gathering = about["kind"] == "gathering"
    assert set(about.filter(gathering)["event_type"]) == {"register", "attend"}
    assert (about.filter(~gathering)["content_id"].str.split("-").list[0]
            == about.filter(~gathering)["category"]).all()  # fmt: skip


def test_what_trends_is_found_first(large):
    found = metrics.trending(large.events, as_of=AS_OF, minimum_views=20)
    assert found["content_id"][0] == large.truth["trending"]
    worth = metrics.content_quality(
        large.events, as_of=AS_OF, interactions=["like", "comment", "share"], minimum_viewers=30
    )
    assert worth.height > 50


def test_visits_are_as_many_as_expected_each_month(large):
    month = (pl.col("day") // 30).alias("month")
    seen = large.events.filter(event_type="content_view").unique("session_id")
    found = seen.group_by(month).agg(pl.len())
    expected = large.expected.group_by(month).agg(pl.col("visits").sum())
    both = expected.join(found, on="month")
    # origin: Poisson; beyond 4.5 standard deviations once in 100 000 times
    assert both.height > 12
    assert both.filter(
        (pl.col("len") - pl.col("visits")).abs() > 4.5 * pl.col("visits").sqrt()
    ).is_empty()  # fmt: skip


def views_and_shares(made):
    truth = made.truth
    seen = made.events.filter(pl.col("event_type").is_in(["content_view", "share"])).join(
        made.stays.select("user_id", "treated"), on="user_id"
    )
    counts = seen.group_by("treated").agg(
        views=(pl.col("event_type") == "content_view").sum(),
        shares=(pl.col("event_type") == "share").sum(),
    )
    without, shown = (
        estimate_share(shares, views, confidence_level=LEVEL)
        for shares, views in counts.sort("treated").select("shares", "views").rows()
    )
    effect = share_difference(without, shown)
    views = int(counts["views"].sum())
    kinds = dict(made.events["event_type"].value_counts().rows())
    return {
        "share_share": without.ci_lower <= truth["share_share"] <= without.ci_upper,
        "share_share_with_button":
            shown.ci_lower <= truth["share_share_with_button"] <= shown.ci_upper,
        "button_effect": effect.ci_lower <= truth["button_effect"] <= effect.ci_upper,
        "like_share": OF.counted(kinds["like"], views, truth["like_share"]),
        "comment_share": OF.counted(kinds["comment"], views, truth["comment_share"]),
        "attended_share": OF.counted(kinds["attend"], kinds["register"], truth["attended_share"]),
    }  # fmt: skip


def visits_and_times(made):
    views = made.events.filter(event_type="content_view").join(made.content, on="content_id")
    views = views.sort("session_id", "t_us", "event_id").with_columns(
        seconds=(pl.col("t_us").shift(-1) - pl.col("t_us")).over("session_id") / 1e6,
        pages=pl.len().over("session_id"),
    )
    entries = views.filter(pl.col("session_id").is_first_distinct()).sort("t_us", "event_id")
    bad = made.stays.filter("bad_start")["user_id"].implode()
    is_bad = pl.col("user_id").is_first_distinct() & pl.col("user_id").is_in(bad)
    usual = entries.filter(~is_bad)
    found = {}
    for (kind,), its in usual.group_by("kind"):
        went_on = (its["pages"] > 1).sum()
        found[f"stay_share {kind}"] = OF.counted(
            went_on, its.height, made.truth["stay_share"][kind]
        )
    for (kind,), its in views.drop_nulls("seconds").group_by("kind"):
        ordered = its["seconds"].sort()
        # origin: the interval of a median by the order of the values, binomial
        low, high = (int(binom.ppf(at, len(ordered), 0.5)) for at in TAILS)
        true = made.truth["median_seconds"][kind]
        found[f"median_seconds {kind}"] = ordered[low] <= true <= ordered[high]
    total = made.expected["visits"].sum()
    return found | {"visits": OF.count_holds(entries.height, total)}


def churn(made):
    return OF.churn(made, ["bad_start", "newsletter"])


def days(made):
    return OF.days(made, made.events.filter(event_type="content_view").unique("session_id")["day"])


@pytest.fixture(scope="module")
def held():
    made = (content_platform(SMALL, seed=seed) for seed in range(SEEDS))
    return RECOVERY["held_in"](made, (churn, views_and_shares, visits_and_times, days))


def test_the_truth_is_recovered_in_at_least_95_of_100_seeds(held):
    assert len(held) == 20
    assert min(held.values()) >= 95, held


def test_the_intervals_are_not_too_wide_to_miss_anything(held):
    assert sum(held.values()) < 0.997 * SEEDS * len(held)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"users": 1}, "greater than or equal to 2"),
        ({"kinds": {}}, "at least 1 item"),
        ({"drivers": {}}, r"`drivers` must name \['bad_start', 'newsletter'\]"),
        ({"regions": {"GB": 0.5}}, "`regions` must have shares that add up to 1, not 0.5"),
        ({"trend_factor": 0.5}, "greater than or equal to 1"),
        ({"usrs": 3}, "Extra inputs"),
    ],
)
def test_a_wrong_parameter_is_refused(change, said):
    with pytest.raises(ValidationError, match=said):
        ContentPlatformParameters(**change)


def test_a_platform_of_extremes_is_made():
    made = content_platform(ContentPlatformParameters(users=2, days=8), seed=1)
    assert made.users.height == 2
    assert "gathering" not in made.content["kind"]


def test_the_file_of_parameters_holds_what_the_code_takes_without_it():
    text = (DATA / "parameters.yaml").read_text(encoding="utf-8")
    read = yaml.safe_load(text)
    assert validate(ContentPlatformParameters, read, name="x") == ContentPlatformParameters()
    assert set(read) == set(ContentPlatformParameters.model_fields)
