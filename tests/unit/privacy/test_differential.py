"""Private answers: by hand where the noise is practically 0, by distribution where it is not."""

import math
import subprocess
import sys
from collections import Counter
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pytest
from scipy import stats

from analytics_lib.core.errors import AccessError, BudgetError, ParameterError, SchemaError
from analytics_lib.privacy.differential import (
    Bounded,
    Charge,
    Partition,
    composed_loss,
    private_contingency,
    private_counts,
    private_histogram,
    private_means,
    private_quantiles,
    private_sums,
)
from analytics_lib.privacy.differential.budget import require_loss
from analytics_lib.privacy.differential.contributions import bounded_rows, question_of
from analytics_lib.privacy.differential.noise import (
    integer_laplace,
    noisy_choice,
    threshold_laplace,
)

ROOT = Path(__file__).resolve().parents[3]
CLICKS = pl.DataFrame(
    {
        "id": ["a", "a", "a", "b", "b", "c"],
        "city": ["x", "x", "y", "y", "z", "x"],
        "kind": ["p", "q", "p", "p", "p", "q"],
        "spent": [1.5, 2.0, 200.0, -3.0, 4.0, 0.5],
    }
)
CITIES = {"city": ["x", "y", "nowhere"]}
SPENT = Bounded(column="spent", low=0, high=10, step=0.5)
ALPHA = 1e-9


# -- counts --


@pytest.mark.parametrize(("count", "rows_per_person", "expected"), [
    ("people", 1, 3), ("people", 5, 3), ("rows", 1, 3), ("rows", 2, 5), ("rows", 3, 6),
])  # fmt: skip
def test_one_count(terms, count, rows_per_person, expected):
    # origin: by hand; a has 3 rows, b 2, c 1
    answer = private_counts(CLICKS, terms=terms(rows_per_person=rows_per_person), count=count)
    assert answer.value == expected
    assert answer.accuracy == 0
    assert (answer.epsilon, answer.delta, answer.unit) == (1e6, 0, "person")


def test_counts_by_declared_keys(terms):
    # origin: by hand; rows in z are left out before rows are bounded, and nowhere is there
    answer = private_counts(CLICKS, terms=terms(rows_per_person=3), by=["city"], keys=CITIES)
    assert answer.rows.rows() == [("x", 2, 2, 2), ("y", 2, 2, 2), ("nowhere", 0, 0, 0)]
    by_row = private_counts(
        CLICKS, terms=terms(rows_per_person=3), by=["city"], keys=CITIES, count="rows"
    )
    assert by_row.rows["value"].to_list() == [3, 2, 0]


@pytest.mark.parametrize("library", [
    lambda frame: frame, pl.DataFrame.lazy, pl.DataFrame.to_pandas,
    lambda frame: duckdb.from_arrow(frame.to_arrow()),
])  # fmt: skip
def test_every_library(terms, library):
    answer = private_sums(
        library(CLICKS), terms=terms(rows_per_person=3), value=SPENT, by=["city"], keys=CITIES
    )
    # origin: by hand; 200 is clipped to 10, -3 to 0
    assert answer.rows["value"].to_list() == [4.0, 10.0, 0.0]


def test_contingency(terms):
    answer = private_contingency(
        CLICKS, terms=terms(rows_per_person=4), keys={"city": ["x", "y"], "kind": ["p", "q"]}
    )
    # origin: by hand
    assert answer.rows.select("city", "kind", "value").rows() == [
        ("x", "p", 1), ("x", "q", 2), ("y", "p", 2), ("y", "q", 0),
    ]  # fmt: skip
    with pytest.raises(ParameterError, match="at least two"):
        private_contingency(CLICKS, terms=terms(), keys={"city": ["x"]})


def test_histogram(terms):
    answer = private_histogram(
        CLICKS, terms=terms(rows_per_person=3), value=SPENT, edges=[0, 1.5, 2, 10]
    )
    # origin: by hand; values in bounds are 1.5, 2, 10, 0, 4, 0.5
    assert answer.rows.select("from", "to", "value").rows() == [
        (0, 1.5, 2), (1.5, 2, 1), (2, 10, 3),
    ]  # fmt: skip


@pytest.mark.parametrize("edges", [[0, 10, 5], [0], [1, 10], [0, 5], [0, 0.3, 10]])
def test_edges_that_do_not_fit(terms, edges):
    with pytest.raises(ParameterError):
        private_histogram(CLICKS, terms=terms(), value=SPENT, edges=edges)


def test_negative_counts_are_floored_on_request_only(terms):
    asked = {"by": ["city"], "keys": {"city": [f"none{n}" for n in range(200)]}}
    plain = private_counts(CLICKS, terms=terms(epsilon=0.1), **asked)
    floored = private_counts(CLICKS, terms=terms(epsilon=0.1), non_negative=True, **asked)
    assert plain.rows["value"].min() < 0  # chance of none: below 2 ** -180
    assert floored.rows["value"].min() == 0
    assert floored.rows["ci_lower"].min() == 0
    assert (plain.post_processing, floored.post_processing) == (
        "none", "values and intervals below 0 set to 0",
    )  # fmt: skip


def test_unknown_keys_show_large_groups_only(terms):
    people = pl.DataFrame({"id": range(501), "city": ["big"] * 500 + ["small"]})
    answer = private_counts(people, terms=terms(epsilon=1.0, delta=1e-9), by=["city"])
    assert answer.rows["city"].to_list() == ["big"]
    assert abs(answer.rows["value"][0] - 500) < 100
    assert "left out" in answer.mechanism
    assert answer.delta == 1e-9
    by_row = private_counts(people, terms=terms(epsilon=1.0, delta=1e-9), by=["city"], count="rows")
    assert by_row.rows["city"].to_list() == ["big"]
    none = private_counts(people.head(3), terms=terms(epsilon=1.0, delta=1e-9), by=["city"])
    assert none.rows.is_empty()


def test_one_value_of_several_rows_is_refused(terms):
    answer = private_counts(CLICKS, terms=terms(), by=["city"], keys=CITIES)
    with pytest.raises(ParameterError, match="3 rows"):
        _ = answer.value


# -- sums, means, quantiles --


def test_mean(terms):
    answer = private_means(CLICKS, terms=terms(rows_per_person=3), value=SPENT)
    # origin: by hand; (1.5 + 2 + 10 + 0 + 4 + 0.5) / 6
    assert answer.value == 3.0
    assert answer.rows.rows() == [(3.0, 3.0, 3.0)]
    by_city = private_means(
        CLICKS, terms=terms(rows_per_person=3), value=SPENT, by=["city"], keys=CITIES
    )
    assert by_city.rows["value"].to_list() == [pytest.approx(4 / 3), 5.0, None]
    assert by_city.rows["ci_lower"].to_list() == [pytest.approx(4 / 3), 5.0, 0.0]
    assert by_city.rows["ci_upper"].to_list() == [pytest.approx(4 / 3), 5.0, 10.0]


def test_intervals_hold_the_truth(terms):
    people = pl.DataFrame({"id": range(400), "group": [0, 1] * 200, "mark": [40, 70] * 200})
    mark = Bounded(column="mark", low=0, high=100)
    asked = {"by": ["group"], "keys": {"group": [0, 1]}}
    truth = {private_sums: [8000, 14000], private_means: [40, 70]}
    for ask, expected in truth.items():
        held = 0
        for _ in range(200):
            rows = ask(people, terms=terms(epsilon=1.0), value=mark, **asked).rows
            held += sum(
                low <= true <= high
                for low, high, true in zip(
                    rows["ci_lower"], rows["ci_upper"], expected, strict=True
                )
            )
        assert stats.binom.cdf(held, 400, 0.95) > ALPHA


@pytest.mark.parametrize("share", [0.05, 0.25, 0.5, 0.9])
def test_quantiles(terms, share):
    people = pl.DataFrame({"id": range(1001), "mark": range(1001)})
    mark = Bounded(column="mark", low=0, high=1000)
    answer = private_quantiles(
        people, terms=terms(), value=mark, quantiles=[share], candidates=1001
    )
    # origin: of 0 to 1000 the value with a share of q below is 1000 q
    assert answer.rows["value"].to_list() == [1000 * share]
    assert answer.accuracy < 0.1


def test_quantile_misses_by_no_more_rows_than_said(terms):
    people = pl.DataFrame({"id": range(1001), "mark": range(1001)})
    mark = Bounded(column="mark", low=0, high=1000)
    misses = 0
    for _ in range(200):
        answer = private_quantiles(
            people, terms=terms(epsilon=0.5), value=mark, quantiles=[0.25, 0.5], candidates=101
        )
        errors = abs(answer.rows["value"] - pl.Series([250.0, 500.0]))
        misses += int((errors > answer.accuracy).sum())
    assert stats.binom.sf(misses - 1, 400, 0.05) > ALPHA


@pytest.mark.parametrize("given", [
    {"quantiles": []}, {"quantiles": [0.5, 0.5]}, {"quantiles": [0]}, {"quantiles": [1]},
    {"quantiles": [1 / 3]}, {"candidates": 1},
])  # fmt: skip
def test_quantiles_that_are_none(terms, given):
    with pytest.raises(ParameterError):
        private_quantiles(CLICKS, terms=terms(), value=SPENT, **given)


# -- contributions --


def test_no_person_has_more_rows_than_declared(terms):
    rng = np.random.default_rng(7)
    people = pl.DataFrame({"id": rng.integers(0, 50, 2000), "city": rng.integers(0, 9, 2000)})
    for most in (1, 3, 30):
        question = question_of(people, terms=terms(rows_per_person=most), by=["city"])
        kept = Counter(bounded_rows(question)["id"])
        # origin: brute force
        assert kept == {who: min(n, most) for who, n in Counter(people["id"]).items()}


def test_a_person_changes_nobody_elses_rows(terms):
    rng = np.random.default_rng(8)
    people = pl.DataFrame({
        "id": rng.integers(0, 30, 500), "city": pl.Series(rng.integers(0, 9, 500)).cast(str),
    }).with_columns(pl.col("city").cast(pl.Categorical))  # fmt: skip
    part = Partition(column="city", value="3")
    for given in ({}, {"partition": part}):
        asked = terms(rows_per_person=2, **given)
        whole = bounded_rows(question_of(people, terms=asked, by=["city"]))
        for who in range(0, 30, 5):
            less = bounded_rows(
                question_of(people.filter(pl.col("id") != who), terms=asked, by=["city"])
            )
            assert less.equals(whole.filter(pl.col("id") != who))


def test_partitions_share_no_person(terms):
    parts = {
        city: private_counts(
            CLICKS,
            terms=terms(rows_per_person=3, partition=Partition(column="city", value=city)),
            count="rows",
        ).value
        for city in "xyz"
    }
    # origin: by hand; a and c belong to x, b to y
    assert parts == {"x": 3, "y": 1, "z": 0}


# -- noise --


def test_noise_is_discrete_laplace():
    noise = integer_laplace(sensitivity=3, epsilon=1.5)
    drawn = Counter(noise.release([0] * 100_000))
    law = stats.dlaplace(1 / noise.scale)
    values = list(range(-12, 13))
    expected = [law.cdf(-13), *(law.pmf(n) for n in values), law.sf(12)]
    seen = [sum(c for v, c in drawn.items() if v < -12), *(drawn[v] for v in values),
            sum(c for v, c in drawn.items() if v > 12)]  # fmt: skip
    assert noise.scale == pytest.approx(2)
    assert stats.chisquare(seen, np.array(expected) / sum(expected) * 100_000).pvalue > ALPHA


@pytest.mark.parametrize("epsilon", [0.01, 0.1, 0.5, 1, 3, 40])
@pytest.mark.parametrize("sensitivity", [1, 7])
def test_half_width_is_the_least_that_holds(sensitivity, epsilon):
    noise = integer_laplace(sensitivity=sensitivity, epsilon=epsilon)
    width = noise.half_width()
    law = stats.dlaplace(1 / noise.scale)
    assert 2 * law.sf(width) <= 0.05 * (1 + 1e-9)
    assert width == 0 or 2 * law.sf(width - 1) > 0.05 * (1 - 1e-9)


def test_opendp_agrees_with_the_loss():
    # origin: OpenDP's own privacy maps
    assert integer_laplace(sensitivity=3, epsilon=0.1).measurement.map(3) <= 0.1
    assert noisy_choice(sensitivity=3, epsilon=0.1).measurement.map(3) <= 0.1
    made = threshold_laplace(rows=3, rows_in_group=2, epsilon=0.1, delta=1e-6)
    epsilon, delta = made.measurement.map((3, 3, 2))
    assert epsilon <= 0.1
    assert delta <= 1e-6
    # origin: union bound; a count of 2 exceeds the threshold in one of 3 groups
    assert 3 * stats.dlaplace(1 / made.scale).sf(made.threshold - 2) <= 1e-6


def test_nothing_of_opendp_is_needed_elsewhere():
    code = (
        "import sys; sys.modules['opendp'] = None; sys.modules['diffprivlib'] = None\n"
        "import analytics_lib, analytics_lib.privacy.differential as d\n"
        "import analytics_lib.reporting.project, analytics_lib.cli.app\n"
        "from analytics_lib.privacy.differential.noise import integer_laplace\n"
        "from analytics_lib.core.errors import AccessError\n"
        "try: integer_laplace(sensitivity=1, epsilon=1)\n"
        "except AccessError as e: assert 'research' in str(e)\n"
        "else: raise SystemExit(1)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False)
    assert done.returncode == 0


# -- paying --


class UntouchableError(Exception):
    """Somebody computed something."""


def untouchable():
    """A table that cannot be read without a shout."""

    def shout(_):
        raise UntouchableError

    return CLICKS.lazy().map_batches(shout, schema=CLICKS.schema)


QUESTIONS = {
    "count": lambda table, terms: private_counts(table, terms=terms),
    "sum": lambda table, terms: private_sums(table, terms=terms, value=SPENT),
    "mean": lambda table, terms: private_means(table, terms=terms, value=SPENT),
    "quantile": lambda table, terms: private_quantiles(table, terms=terms, value=SPENT),
    "histogram": lambda table, terms: private_histogram(
        table, terms=terms, value=SPENT, edges=[0, 10]
    ),
}


@pytest.mark.parametrize("ask", QUESTIONS.values(), ids=QUESTIONS)
def test_beyond_the_budget_nothing_is_computed(ask, poor):
    with pytest.raises(BudgetError, match="Nothing was computed"):
        ask(untouchable(), poor)
    assert poor.account.ledger.charges == []


@pytest.mark.parametrize("ask", QUESTIONS.values(), ids=QUESTIONS)
def test_paid_before_computed(ask, terms, purse):
    with pytest.raises(Exception):  # noqa: B017, PT011 - polars wraps what its functions raise
        ask(untouchable(), terms(epsilon=0.5))
    assert [charge.epsilon for charge in purse.charges] == [0.5]


@pytest.mark.parametrize("ask", QUESTIONS.values(), ids=QUESTIONS)
@pytest.mark.parametrize("column", ["id", "spent"])
def test_missing_values_are_refused(ask, column, terms):
    hole = CLICKS.with_columns(pl.when(pl.int_range(6) != 2).then(pl.col(column)).alias(column))
    if column == "spent" and ask is QUESTIONS["count"]:
        assert ask(hole, terms()).value == 3
        return
    with pytest.raises(SchemaError, match=f"`{column}` has missing values"):
        ask(hole, terms())


def test_not_a_number_is_missing(terms):
    with pytest.raises(SchemaError, match="missing"):
        private_sums(
            CLICKS.with_columns(spent=pl.Series([math.nan] * 6)), terms=terms(), value=SPENT
        )
    frame = pd.DataFrame({"id": ["a", "b"], "spent": [1.0, None]})
    with pytest.raises(SchemaError, match="missing"):
        private_sums(frame, terms=terms(), value=SPENT)


def test_endless_values_are_clipped(terms):
    rows = CLICKS.with_columns(spent=pl.Series([math.inf] * 6))
    assert private_sums(rows, terms=terms(), value=SPENT).value == 30


def test_every_question_is_charged_what_it_says(terms, purse):
    answers = [ask(CLICKS, terms(epsilon=0.25)) for ask in QUESTIONS.values()]
    assert [charge.epsilon for charge in purse.charges] == [0.25] * 5
    assert {answer.epsilon for answer in answers} == {0.25}
    assert [answer.receipt.number for answer in answers] == [1, 2, 3, 4, 5]
    assert {charge.who for charge in purse.charges} == {"ann"}
    assert purse.charges[1].question == "sum of spent"


def test_composition():
    def charge(epsilon, column=None, value=""):
        part = Partition(column=column, value=value) if column else None
        return Charge(
            table="t", who="w", question="q", mechanism="m", epsilon=epsilon, partition=part
        )

    def loss(*charges):
        return float(composed_loss(charges).epsilon)

    # origin: by hand, McSherry 2009
    assert loss() == 0
    assert loss(*[charge(0.1)] * 10) == 1
    assert loss(charge(0.3, "c", "x"), charge(0.5, "c", "y"), charge(0.3, "c", "x")) == 0.6
    assert loss(charge(0.3, "c", "x"), charge(0.5, "d", "x"), charge(1)) == 1.8


@pytest.mark.parametrize("ask", QUESTIONS.values(), ids=QUESTIONS)
def test_nobody_is_answered_like_somebody(ask, terms):
    answer = ask(CLICKS.clear(), terms())
    assert answer.rows.height == 1
    by_city = private_counts(CLICKS.clear(), terms=terms(), by=["city"], keys=CITIES)
    assert by_city.rows["value"].to_list() == [0, 0, 0]
    asked = terms(epsilon=1.0, delta=1e-6)
    assert private_counts(CLICKS.clear(), terms=asked, by=["city"]).rows.is_empty()


def test_keys_of_categories_and_floored_intervals(terms):
    rows = CLICKS.with_columns(pl.col("city").cast(pl.Categorical))
    asked = {"by": ["city"], "keys": CITIES, "non_negative": True}
    answer = private_counts(rows, terms=terms(rows_per_person=3), **asked)
    assert answer.rows["value"].to_list() == [2, 2, 0]
    floored = private_histogram(
        CLICKS, terms=terms(), value=SPENT, edges=[0, 10], non_negative=True
    )
    assert floored.value == 3


# -- refusals that cost nothing --


@pytest.mark.parametrize(("given", "message"), [
    ({"epsilon": 0}, "epsilon"), ({"epsilon": -1}, "epsilon"), ({"epsilon": math.inf}, "epsilon"),
    ({"epsilon": math.nan}, "epsilon"), ({"delta": 1}, "delta"), ({"delta": -1e-9}, "delta"),
    ({"rows_per_person": 0}, "rows_per_person"), ({"rows_per_person": 1.5}, "rows_per_person"),
])  # fmt: skip
def test_terms_that_promise_nothing(terms, given, message):
    with pytest.raises(ParameterError, match=message):
        terms(**given)


@pytest.mark.parametrize(("low", "high", "step"), [
    (None, 10, 1), (0, None, 1), (0, math.inf, 1), (math.nan, 1, 1), (5, 5, 1), (6, 5, 1),
    (0, 10, 0), (0, 10, -1), (0, 10, 3), (0.5, 10, 1),
])  # fmt: skip
def test_bounds_that_are_none(low, high, step):
    with pytest.raises(ParameterError):
        Bounded(column="spent", low=low, high=high, step=step)


def test_bounds_in_cents():
    # origin: by hand; 0.1 / 0.01 is 10.000000000000002 in floating point, and must be 10 steps
    assert Bounded(column="x", low=0.1, high=0.3, step=0.01).units == (10, 30)


@pytest.mark.parametrize("ask", [
    lambda t: private_counts(CLICKS, terms=t(), by=["city"]),
    lambda t: private_counts(CLICKS, terms=t(), by=["town"]),
    lambda t: private_counts(CLICKS, terms=t(), by=["id"], keys={"id": ["a"]}),
    lambda t: private_counts(CLICKS, terms=t(), keys=CITIES),
    lambda t: private_counts(CLICKS, terms=t(), by=["city"], keys={"kind": ["p"]}),
    lambda t: private_counts(CLICKS, terms=t(), by=["city"], keys={"city": []}),
    lambda t: private_counts(CLICKS, terms=t(), by=["city"], keys={"city": ["x", "x"]}),
    lambda t: private_counts(CLICKS, terms=t(), by=["city"], keys={"city": ["x", None]}),
    lambda t: private_counts(CLICKS, terms=t(), by=["city"], keys={"city": [1]}),
    lambda t: private_counts(CLICKS, terms=t(delta=1e-6)),
    lambda t: private_counts(CLICKS, terms=t(), count="persons"),
    lambda t: private_sums(CLICKS, terms=t(), value=SPENT, by=["city"]),
    lambda t: private_sums(CLICKS, terms=t(delta=1e-6), value=SPENT),
    lambda t: private_quantiles(CLICKS, terms=t(delta=1e-6), value=SPENT),
    lambda t: private_sums(CLICKS, terms=t(), value="spent"),
    lambda t: private_sums(CLICKS, terms=t(), value=Bounded(column="city", low=0, high=1)),
    lambda t: private_sums(CLICKS, terms=t(), value=Bounded(column="spent", low=0, high=2**31)),
    lambda t: t(partition=Partition(column="city", value=1)),
    lambda _: Charge(table="t", who=" ", question="q", mechanism="m", epsilon=1),
])  # fmt: skip
def test_misuse_costs_nothing(terms, purse, ask):
    with pytest.raises(ParameterError):
        ask(terms)
    assert purse.charges == []


def test_a_table_without_people_costs_nothing(terms, purse):
    with pytest.raises(SchemaError, match="'user_id'"):
        private_counts(CLICKS, terms=terms(person="user_id"))
    assert purse.charges == []


def test_missing_library_costs_nothing(terms, purse, monkeypatch):
    monkeypatch.setitem(sys.modules, "opendp.prelude", None)
    with pytest.raises(AccessError, match="research"):
        private_counts(CLICKS, terms=terms())
    assert purse.charges == []


@pytest.mark.parametrize("wrong", ["1", None, True, [1]])
def test_a_loss_is_a_number(wrong):
    for name in ("epsilon", "delta"):
        with pytest.raises(ParameterError, match=f"`{name}` is .*; it must be a number"):
            require_loss(**{"epsilon": 1.0, "delta": 0.0, name: wrong})
