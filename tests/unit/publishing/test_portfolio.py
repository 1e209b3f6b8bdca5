"""The research programme, counted by hand from the invented steps and from small ones."""

import csv
import datetime as dt
import hashlib
import math
from collections import Counter
from pathlib import Path

import polars as pl
import pytest

from analytics_lib.core.errors import ParameterError, SchemaError
from analytics_lib.core.yaml_files import read_yaml
from analytics_lib.events.tables import CONTRACTS
from analytics_lib.publishing import portfolio
from analytics_lib.publishing.policy import research_policy

ROOT = Path(__file__).resolve().parents[3]
DATA = ROOT / "data" / "research"
EPOCH = dt.date(1970, 1, 1)
LAST = dt.date(2024, 6, 30)


def number(day):
    return (dt.date.fromisoformat(day) - EPOCH).days


def steps_of(*rows):
    """Steps as (project, day, step), with area A and institution I; a score where one is given."""
    return pl.DataFrame(
        [
            {
                "project": name, "day": number(day), "step": step, "area": "A", "institution": "I",
                "title": f"{name} {step}", "reference": None, "score": score[0] if score else None,
            }
            for name, day, step, *score in rows
        ],
        schema_overrides={"day": pl.Int32, "reference": pl.String, "score": pl.Float64},
    )  # fmt: skip


@pytest.fixture
def sample():
    frame = pl.read_csv(DATA / "steps.csv", try_parse_dates=True)
    return frame.with_columns(
        day=pl.col("day").to_physical().cast(pl.Int32), score=pl.col("score").cast(pl.Float64)
    )


def test_the_file_is_the_one_that_was_invented_and_says_so():
    digest, name = (DATA / "CHECKSUMS").read_text().split()
    assert hashlib.sha256((DATA / name).read_bytes()).hexdigest() == digest
    with (DATA / name).open() as file:
        assert {row["institution"].split()[0] for row in csv.DictReader(file)} == {"Invented"}


def test_the_totals_of_the_sample_are_those_counted_row_by_row(sample):
    # origin: counted with the csv module, step by step
    with (DATA / "steps.csv").open() as file:
        counted = Counter(row["step"] for row in csv.DictReader(file))
    found = portfolio.totals(sample, as_of=LAST)
    assert found["projects"] == counted["requested"] == 16
    for name in ("approved", "rejected", "released", "expired", "paper", "policy", "finding"):
        assert found[name] == counted[name]
    assert found["valid"] == counted["released"] - counted["expired"]
    assert found["waiting"] == 16 - counted["approved"] - counted["rejected"]
    assert (found["areas"], found["institutions"]) == (6, 5)


def test_the_areas_of_the_sample_are_those_of_the_policy(sample):
    policy = research_policy(read_yaml(ROOT / "parameters/research_policy.yaml", label="policy"))
    assert set(sample["area"].unique()) == set(policy.areas)
    assert set(sample["step"].unique()) <= set(
        next(c for c in CONTRACTS["research_steps"].columns if c.name == "step").allowed
    )


def test_a_group_adds_up_to_the_totals(sample):
    totals = portfolio.totals(sample, as_of=LAST)
    for group in ("area", "institution"):
        found = portfolio.by_group(sample, group=group, as_of=LAST)
        for column in ("projects", "approved", "rejected", "released", "valid", "paper", "policy"):
            assert found[column].sum() == totals[column]
        assert found["projects"].is_sorted(descending=True)


def test_the_state_is_that_of_the_latest_step_up_to_the_day():
    steps = steps_of(
        ("a", "2024-01-01", "requested"), ("a", "2024-01-02", "approved"),
        ("a", "2024-01-02", "reviewed"), ("a", "2024-01-03", "released"),
        ("a", "2024-01-04", "paper"), ("a", "2024-01-05", "expired"),
    )  # fmt: skip
    days = ["2024-01-01", "2024-01-02", "2024-01-03", "2024-01-04", "2024-01-05"]
    states = [
        portfolio.projects(steps, as_of=dt.date.fromisoformat(day))["state"].item() for day in days
    ]
    assert states == ["requested", "approved", "released", "released", "expired"]
    assert portfolio.projects(steps, as_of=LAST)["title"].item() == "a expired"
    assert portfolio.projects(steps.lazy(), as_of=LAST)["paper"].item() == 1
    assert portfolio.projects(steps, as_of=dt.date(2023, 12, 31)).is_empty()


def test_the_approval_rate_leaves_out_what_waits():
    steps = steps_of(
        ("a", "2024-01-01", "requested"), ("a", "2024-01-02", "approved"),
        ("b", "2024-01-01", "requested"), ("b", "2024-01-02", "rejected"),
        ("c", "2024-01-01", "requested"), ("c", "2024-01-02", "reviewed"),
    )  # fmt: skip
    rate = portfolio.approval_rate(steps, as_of=LAST)
    # origin: Wilson interval of 1 of 2 by hand: 0.0945 to 0.9055
    assert (rate.value, rate.n) == (0.5, 2)
    assert rate.ci_lower == pytest.approx(0.0945, abs=1e-4)
    assert portfolio.totals(steps, as_of=LAST)["waiting"] == 1


def test_days_to_release_is_the_median_over_what_was_released():
    steps = steps_of(
        *(("abc"[n], "2024-01-01", "requested") for n in range(3)),
        ("a", "2024-01-03", "released"), ("b", "2024-01-11", "released"),
    )  # fmt: skip
    found = portfolio.days_to_release(steps, as_of=LAST)
    assert (found.value, found.n, found.unit) == (6, 2, "days")


@pytest.mark.parametrize(("waited", "base"), [(181, 0), (182, 1), (183, 1)])
def test_only_projects_that_had_half_a_year_are_asked_for_a_paper(waited, base):
    day = (LAST - dt.timedelta(days=waited)).isoformat()
    steps = steps_of(("a", day, "requested"), ("a", day, "released"), ("a", day, "paper"))
    found = portfolio.share_with_paper(steps, as_of=LAST)
    assert found.n == base
    assert math.isnan(found.value) if base == 0 else found.value == 1


def test_feedback_is_a_mean_with_its_interval():
    steps = steps_of(
        ("a", "2024-01-01", "feedback", 2), ("a", "2024-01-02", "feedback", 3),
        ("b", "2024-01-03", "feedback", 4), ("b", "2024-07-01", "feedback", 1),
    )  # fmt: skip
    found = portfolio.feedback_score(steps, as_of=LAST)
    # origin: t(0.975, 2) = 4.303, s = 1: 3 plus 4.303 / sqrt(3)
    assert (found.value, found.n) == (3, 3)
    assert found.ci_upper == pytest.approx(3 + 4.303 / math.sqrt(3), abs=1e-3)
    assert math.isnan(portfolio.feedback_score(steps, as_of=dt.date(2023, 1, 1)).value)


def test_outcomes_come_with_the_latest_first():
    steps = steps_of(
        ("a", "2024-01-01", "paper"), ("b", "2024-02-01", "paper"), ("b", "2024-03-01", "policy")
    )
    found = portfolio.outcomes(steps, kind="paper", as_of=LAST)
    assert found["title"].to_list() == ["b paper", "a paper"]
    assert found["date"].to_list() == [dt.date(2024, 2, 1), dt.date(2024, 1, 1)]


def test_the_sentence_counts_one_as_one():
    steps = steps_of(
        ("a", "2024-01-01", "requested"), ("a", "2024-01-02", "approved"),
        ("a", "2024-01-03", "released"), ("a", "2024-02-03", "paper"),
    )  # fmt: skip
    # origin: Wilson interval of 1 of 1 by hand, 1 / (1 + 1.96 ** 2) = 20.7%
    assert portfolio.describe_programme(steps, as_of=LAST) == (
        "1 institution asked for data for 1 project; 100.0% of the 1 decided were approved "
        "(95% interval 20.7% to 100.0%), 1 are released. "
        "1 package may still be used. So far 1 paper, 0 findings and 0 influences on policy have "
        "come of them."
    )
    begun = portfolio.describe_programme(steps, as_of=dt.date(2024, 1, 1))
    assert "1 project; none is decided, 0 are released." in begun


def test_what_cannot_be_asked_is_refused():
    steps = steps_of(("a", "2024-01-01", "requested"))
    with pytest.raises(ParameterError, match="`group`"):
        portfolio.by_group(steps, group="areas", as_of=LAST)
    with pytest.raises(ParameterError, match="`kind`"):
        portfolio.outcomes(steps, kind="papers", as_of=LAST)
    with pytest.raises(SchemaError, match="area"):
        portfolio.projects(steps.drop("area"), as_of=LAST)
