"""Credits and reputation on the simulated food-sharing platform: bookkeeping, and the truth."""

import datetime as dt
import hashlib
import math
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from pydantic import ValidationError
from scipy.stats import beta

from analytics_lib.events.tables import CONTRACTS
from analytics_lib.metrics import trust_scores
from analytics_lib.statistics import estimate_share
from analytics_lib.synthetic import SharingParameters, sharing_parts, sharing_platform
from analytics_lib.synthetic.sharing_parameters import StandingParameters

DATA = Path(__file__).resolve().parents[3] / "data" / "sharing"
SMALL = SharingParameters(users=400, days=240)
SEEDS = 100


@pytest.fixture(scope="module")
def made():
    return sharing_platform(SMALL, seed=1)


@pytest.mark.parametrize("name", ["credits", "reputations"])
def test_the_tables_keep_their_contract(made, name):
    contract, table = CONTRACTS[name], getattr(made, name)
    assert contract.schema().validate(table.select(contract.names)).height == table.height > 0
    assert not table.select(contract.key).is_duplicated().any()


def test_what_is_given_is_what_is_earned_but_for_organisations(made):
    sums = dict(made.credits.group_by("kind").agg(pl.col("credits").sum()).rows())
    assert sums["welcome"] == 5 * made.users.height
    assert sums["tip"] == 0
    by_people = made.exchanges.filter(pl.col("giver_id").is_in(made.users["user_id"].implode()))
    # origin: by hand, three a kilogram: 0.9, 1.8, 3.6 and 7.2 credits, rounded
    worth = {"small": 1, "medium": 2, "large": 4, "family": 7}

    def value(exchanges):
        weighed = np.maximum(1, np.round(exchanges["amount"].drop_nulls().to_numpy() * 3))
        return exchanges["serving"].drop_nulls().replace_strict(worth).sum() + weighed.sum()

    assert sums["earned"] == value(by_people)
    assert sums["spent"] == -value(made.exchanges)
    tips = made.credits.filter(pl.col("kind") == "tip").group_by("exchange_id")
    assert tips.agg(pl.col("credits").sum(), pl.len()).select("credits", "len").unique().rows() == [
        (0, 2)
    ]


def test_the_reputation_is_the_shrunk_share_of_good_ratings(made):
    rated = made.giver_ratings
    common = (rated["value"] >= 4).mean()
    for user, ratings, good, reputation in made.reputations.select(
        "user_id", "ratings", "good_ratings", "reputation"
    ).rows():
        its = rated.filter(to_user=user)["value"]
        assert (len(its), (its >= 4).sum()) == (ratings, good)
        assert reputation == pytest.approx((good + 12 * common) / (ratings + 12))
    scores = trust_scores(rated, as_of=dt.date(2024, 1, 1), kind="giver_rating")
    assert set(scores["user_id"]) == set(made.reputations["user_id"])


def test_nothing_else_depends_on_it():
    asked = SMALL.model_copy(update={"standing": StandingParameters(tip_share=0.9, alike=2.0)})
    usual, other = (sharing_platform(parameters, seed=1) for parameters in (SMALL, asked))
    assert not usual.credits.equals(other.credits)
    for name in ("users", "exchanges", "interactions", "events", "payments", "acquisition_costs"):
        assert getattr(usual, name).equals(getattr(other, name)), name


def test_equal_seeds_are_equal_and_parts_share_no_name(made):
    again = sharing_platform(SMALL, seed=1)
    for name in ("credits", "giver_ratings", "reputations", "reliability"):
        assert getattr(made, name).equals(getattr(again, name)), name
    one, two = sharing_parts(SMALL, parts=2, seed=1)
    assert one.credits.equals(made.credits)
    assert not set(one.credits["credit_id"]) & set(two.credits["credit_id"])


def recovered(seed):
    made = sharing_platform(SMALL, seed=seed)
    by_people = made.exchanges.filter(
        pl.col("giver_id").is_in(made.users["user_id"].implode())
    ).height
    tips = made.credits.filter(pl.col("kind") == "tip", pl.col("credits") < 0).height
    tip = estimate_share(tips, by_people)
    counts = made.reputations.join(made.reliability, on="user_id")
    n, good = (counts[name].to_numpy() for name in ("ratings", "good_ratings"))
    share = good.sum() / n.sum()
    # origin: a ratio of sums over givers (Cochran, Sampling Techniques, 3rd ed., section 6.3)
    error = math.sqrt(((good - share * n) ** 2).sum() * len(n) / (len(n) - 1)) / n.sum()
    common = SMALL.standing.reliability
    prior = np.array([common, 1 - common]) * SMALL.standing.alike
    low, high = (beta.ppf(at, prior[0] + good, prior[1] + n - good) for at in (0.025, 0.975))
    true = counts["reliability"].to_numpy()
    return {
        "tip_share": tip.ci_lower <= SMALL.standing.tip_share <= tip.ci_upper,
        "reliability": abs(share - common) <= 1.96 * error,
        "of_givers": ((low <= true) & (true <= high)).mean(),
    }


def test_the_truth_is_recovered_in_at_least_90_of_100_seeds():
    found = [recovered(seed) for seed in range(SEEDS)]
    assert sum(one["tip_share"] for one in found) >= 90
    assert sum(one["reliability"] for one in found) >= 90
    # Of all givers of all seeds 95 % lie within their own 95 % interval: a posterior is exact.
    assert np.mean([one["of_givers"] for one in found]) == pytest.approx(0.95, abs=0.01)


@pytest.mark.parametrize("change", [{"welcome": -1}, {"reliability": 1.0}, {"alike": 0.0}])
def test_a_wrong_parameter_is_refused(change):
    with pytest.raises(ValidationError):
        StandingParameters(**change)


def test_the_sample_has_them():
    for line in (DATA / "CHECKSUMS").read_text().splitlines():
        digest, name = line.split()
        assert hashlib.sha256((DATA / name).read_bytes()).hexdigest() == digest
    made = sharing_platform(seed=20_240_630)
    sample = pl.read_parquet(DATA / "credits.parquet")
    same = ["credit_id", "day", "exchange_id", "kind", "credits"]
    assert sample.select(same).equals(made.credits.select(same))
