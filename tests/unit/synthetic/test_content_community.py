"""The simulated readers of content, and that the metrics find what was planted."""

import datetime as dt
import hashlib
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from analytics_lib import metrics
from analytics_lib.core.errors import ParameterError
from analytics_lib.core.periods import day_number
from analytics_lib.events.contract import DTYPES
from analytics_lib.events.tables.content_costs import CONTENT_COSTS
from analytics_lib.events.tables.event import EVENTS
from analytics_lib.events.tables.learning import CONTENT
from analytics_lib.events.tables.revenue import PAYMENTS
from analytics_lib.statistics import estimate_share
from analytics_lib.synthetic import content_community

SURE = 0.99999  # intervals so wide that a true value lies outside once in 100 000 times
DAYS = 91
START = dt.date(2024, 4, 1)
AS_OF = dt.date(2024, 6, 30)
DATA = Path(__file__).resolve().parents[3] / "data" / "content"


def made(seed=1, **changes):
    asked = {"users": 3_000, "items": 24, "visits": 40_000, "days": DAYS, "start": START}
    return content_community(**asked | changes, rng=np.random.default_rng(seed))


@pytest.fixture(scope="module")
def readers():
    return made()


def keeps(contract, frame):
    """The columns of the frame are those of the contract; what it leaves out may be empty."""
    empty = [
        pl.lit(None, DTYPES[column.kind]).alias(column.name)
        for column in contract.columns
        if column.name not in frame.columns
    ]
    whole = frame.with_columns(empty).select(contract.names)
    assert contract.schema().validate(whole).height == frame.height
    assert not frame.select(contract.key).is_duplicated().any()


def test_every_table_keeps_its_contract(readers):
    keeps(EVENTS, readers.events)
    keeps(CONTENT, readers.content.drop("category", "author_id"))
    keeps(CONTENT_COSTS, readers.costs)
    keeps(PAYMENTS, readers.payments)
    assert readers.content["author_id"].n_unique() == 8
    assert set(readers.content["kind"]) == {"article", "video", "course"}


def test_the_log_is_in_order_and_within_its_days(readers):
    log = readers.events
    assert log["t_us"].is_sorted()
    first = day_number(START)
    assert (log["day"].min(), log["day"].max()) == (first, first + DAYS - 1)
    assert (log["day"] == log["t_us"] // 86_400_000_000).all()
    outside = log.filter(pl.col("session_id").is_null())["event_type"].unique().sort()
    assert outside.to_list() == ["click", "impression", "search_click", "search_result"]


def test_the_same_seed_gives_the_same_community():
    small = {"visits": 500, "users": 40}
    assert made(**small).events.equals(made(**small).events)
    assert made(**small).costs.equals(made(**small).costs)
    assert not made(**small).events.equals(made(seed=2, **small).events)


def test_the_trend_is_found_first(readers):
    found = metrics.trending(readers.events, as_of=AS_OF, minimum_views=20)
    assert found["content_id"][0] == readers.truth["trending"]
    ratio, low, high = found.select("ratio", "ci_lower", "ci_upper").row(0)
    # origin: the odds of a view of it rise six times, to six of 1 + 5 times its share of views;
    # views also rise by 0.3 over the whole time, some 6% between the two windows.
    assert 3 < low < ratio < high < 7
    others = found["ci_lower"][1:]
    assert low > 2 * others.max()


def test_without_a_trend_there_is_none():
    calm = made(trend_factor=1.0)
    found = metrics.trending(calm.events, as_of=AS_OF, minimum_views=20)
    assert found["ci_lower"].max() < 1.3


def test_the_bad_article_is_named(readers):
    bounce = metrics.content_bounce(readers.events, as_of=AS_OF)
    assert bounce.sort("share")["content_id"][-1] == readers.truth["bad"]
    quality = metrics.content_quality(
        readers.events, as_of=AS_OF, interactions=["like", "comment"], minimum_viewers=30
    )
    assert quality.sort("low_bounce_rank")["content_id"][0] == readers.truth["bad"]
    named = metrics.content_suggestions(quality)
    its = named.filter(pl.col("content_id") == readers.truth["bad"])["reason"].to_list()
    assert {"high_bounce", "short_time"} <= set(its)


def test_visits_go_on_as_often_as_told(readers):
    truth = readers.truth
    found = metrics.entries_by_source(readers.events, as_of=AS_OF)
    assert set(found["campaign_source"]) == set(truth["source_stay_share"])
    assert found.sort("share")["campaign_source"][0] == truth["best_source"]
    mail = readers.events.filter(pl.col("campaign_source") == "mail")
    # Visits that the end of the log cuts short look like bounces: they are left out.
    whole = mail.filter(pl.col("day") < day_number(AS_OF))
    bounce = metrics.content_bounce(whole, as_of=AS_OF)
    for item, entries, bounces in bounce.select("content_id", "entries", "bounces").rows():
        found = estimate_share(entries - bounces, entries, confidence_level=SURE)
        assert found.ci_lower - 0.005 <= truth["stay_share"][item] <= found.ci_upper + 0.005


def test_times_and_clicks_are_those_told(readers):
    times = metrics.time_on_page(readers.events, as_of=AS_OF)
    for item, n, seconds in times.select("content_id", "timed_views", "median_seconds").rows():
        # origin: a sample median of a log-normal with sigma 0.8 has a log with standard error
        # 0.8 * sqrt(pi / 2 / n); five of them.
        error = 5 * 0.8 * np.sqrt(np.pi / 2 / n)
        assert abs(np.log(seconds / readers.truth["median_seconds"][item])) < error
    clicks = metrics.click_through(
        readers.events, shown="impression", clicked="click", unit="impression", as_of=AS_OF,
        confidence_level=SURE,
    )  # fmt: skip
    for item, low, high in clicks.select("content_id", "ci_lower", "ci_upper").rows():
        assert low <= readers.truth["click_share"][item] <= high


def test_every_sale_finds_the_page_it_was_made_from(readers):
    log = metrics.events_with_payments(readers.events, readers.payments, as_of=AS_OF)
    found = metrics.return_on_content(log, readers.costs, as_of=AS_OF)
    # A reader with two visits open at once may have viewed another page in between.
    assert found["content_id"].null_count() == 0
    truth = readers.truth
    told = sum(truth["sales"].values())
    assert found["sales"].sum() == told
    assert found["value"].sum() == told * truth["price"] * 100
    apart = sum(
        abs(n - truth["sales"][item]) for item, n in found.select("content_id", "sales").rows()
    )
    assert apart <= 0.02 * told


def test_searches_open_what_stands_on_top(readers):
    found = metrics.search_appearances(readers.events, as_of=AS_OF)
    clicks = readers.events.filter(pl.col("event_type") == "search_click").height
    # origin: 0.35 over the position, which is 1 to 5 alike: 0.35 * (137 / 60) / 5
    share = estimate_share(clicks, int(found["appearances"].sum()), confidence_level=SURE)
    assert share.ci_lower <= 0.35 * 137 / 300 <= share.ci_upper


def test_smallest_community():
    one = made(users=1, items=6, visits=1, days=8)
    assert one.events["user_id"].n_unique() <= 1
    assert one.content.height == 6


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"users": 0}, "`users` is 0"),
        ({"items": 5}, "`items` is 5"),
        ({"visits": 0}, "`visits` is 0"),
        ({"trend_days": 0}, "`trend_days` is 0"),
        ({"days": 7}, "`days` is 7"),
        ({"trend_factor": 0.9}, "`trend_factor` is 0.9"),
        ({"trend_factor": float("inf")}, "`trend_factor` is inf"),
    ],
)
def test_impossible_communities_are_refused(changes, words):
    with pytest.raises(ParameterError, match=words):
        made(**changes)


def test_the_sample_is_what_its_checksums_say():
    for line in (DATA / "CHECKSUMS").read_text().splitlines():
        digest, name = line.split()
        assert hashlib.sha256((DATA / name).read_bytes()).hexdigest() == digest
    sample = made(seed=20_240_401, users=1_500, visits=5_000)
    assert pl.read_parquet(DATA / "events.parquet").equals(sample.events)
    assert pl.read_parquet(DATA / "costs.parquet").equals(sample.costs)
    assert pl.read_parquet(DATA / "payments.parquet").equals(sample.payments)
