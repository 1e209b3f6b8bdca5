import math
from itertools import pairwise

import numpy as np
import polars as pl
import pytest
from scipy.integrate import dblquad, quad
from scipy.special import betaln, gammaln, hyp2f1

from analytics_lib.core.errors import ParameterError, RunError, SchemaError
from analytics_lib.models import (
    BgNbd,
    conditional_repeats,
    expected_repeats,
    fit_repeat_model,
    probability_alive,
    repeat_distribution,
    repeat_log_likelihood,
)
from analytics_lib.models.maximum_likelihood import maximise

CDNOW = BgNbd(r=0.243, alpha=4.414, a=0.793, b=2.426)
MODELS = [
    CDNOW,
    BgNbd(r=2.5, alpha=1.5, a=2.0, b=3.0),
    BgNbd(r=0.7, alpha=12.0, a=0.4, b=0.5),
    BgNbd(r=1.3, alpha=3.0, a=3.6, b=0.9),
]
HISTORIES = [(0, 0.0, 10.0), (1, 0.3, 20.0), (2, 30.43, 38.86), (7, 12.0, 12.5), (15, 20.0, 39.0)]


def likelihood_by_integration(model, x, t_x, t):
    """The likelihood of one history as the double integral over rate and dropout."""

    # origin: Fader, Hardie, Lee (2005), equation 3, mixed over gamma and beta by quadrature
    def density(p, rate):
        gamma = rate ** (model.r - 1) * math.exp(-model.alpha * rate)
        beta = p ** (model.a - 1) * (1 - p) ** (model.b - 1)
        stays = (1 - p) ** x * rate**x * math.exp(-rate * t)
        leaves = p * (1 - p) ** (x - 1) * rate**x * math.exp(-rate * t_x) if x else 0.0
        return gamma * beta * (stays + leaves)

    scale = math.exp(model.r * math.log(model.alpha) - gammaln(model.r) - betaln(model.a, model.b))
    value, _ = dblquad(density, 0, np.inf, 0, 1, epsabs=1e-13, epsrel=1e-9)
    return value * scale


@pytest.mark.parametrize("model", [MODELS[1], BgNbd(r=1.2, alpha=3.0, a=1.5, b=2.5)])
@pytest.mark.parametrize(("x", "t_x", "t"), [(0, 0.0, 3.0), (1, 0.5, 4.0), (4, 3.0, 3.5)])
def test_the_likelihood_is_that_of_the_story(model, x, t_x, t):
    found = math.exp(repeat_log_likelihood(model, repeats=[x], recency=[t_x], age=[t]))
    assert found == pytest.approx(likelihood_by_integration(model, x, t_x, t), rel=1e-7)


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize(("x", "t_x", "t"), HISTORIES)
@pytest.mark.parametrize("horizon", [0.0, 0.5, 39.0])
def test_the_conditional_expectation_is_the_published_formula(model, x, t_x, t, horizon):
    # origin: Fader, Hardie, Lee (2005), equation 10, evaluated directly with scipy's hyp2f1
    a, b, r, alpha = model.a, model.b, model.r, model.alpha
    core = ((alpha + t) / (alpha + t + horizon)) ** (r + x) * hyp2f1(
        r + x, b + x, a + b + x - 1, horizon / (alpha + t + horizon)
    )
    gone = a / (b + x - 1) * ((alpha + t) / (alpha + t_x)) ** (r + x) if x else 0.0
    expected = (a + b + x - 1) / (a - 1) * (1 - core) / (1 + gone)
    found = conditional_repeats(model, repeats=x, recency=t_x, age=t, horizon=horizon)
    assert float(found) == pytest.approx(expected, rel=1e-8, abs=1e-12)


@pytest.mark.parametrize("x", [0, 3, 400, 5_000])
def test_busy_customers_do_not_overflow(x):
    recency = 38.9 if x else 0.0
    found = float(conditional_repeats(CDNOW, repeats=x, recency=recency, age=39.0, horizon=52.0))

    # origin: the expectation over the dropout probability of a live customer, by quadrature
    n, rate = CDNOW.r + x, CDNOW.alpha + 39.0

    def purchases(p):
        bought = -math.expm1(-n * math.log1p(p * 52.0 / rate)) / p
        weight = (CDNOW.a - 1) * math.log(p) + (CDNOW.b + x - 1) * math.log1p(-p)
        return bought * math.exp(weight - betaln(CDNOW.a, CDNOW.b + x))

    edges = [0.0, *np.geomspace(1e-9, 0.999, 60), 1.0]
    pieces = [quad(purchases, low, high)[0] for low, high in pairwise(edges)]
    alive = float(probability_alive(CDNOW, repeats=x, recency=recency, age=39.0))
    assert found == pytest.approx(sum(pieces) * alive, rel=1e-6)


@pytest.mark.parametrize("a", [1 - 1e-6, 1.0, 1 + 1e-6])
def test_the_formula_is_smooth_where_it_divides_by_zero(a):
    asked = {"repeats": 3, "recency": 20.0, "age": 38.0, "horizon": 39.0}
    low, high = (
        float(conditional_repeats(BgNbd(r=0.3, alpha=4.0, a=side, b=2.0), **asked))
        for side in (0.999, 1.001)
    )
    found = float(conditional_repeats(BgNbd(r=0.3, alpha=4.0, a=a, b=2.0), **asked))
    assert found == pytest.approx((low + high) / 2, rel=1e-5)
    new = BgNbd(r=0.3, alpha=4.0, a=0.4 * a, b=0.6 * a)  # a + b is 1: the other pole
    assert float(expected_repeats(new, horizon=39)) == pytest.approx(1.3988106, rel=1e-4)
    # origin of 1.3988106: quadrature over the dropout probability for a = 0.4, b = 0.6


def test_alive_by_hand():
    # origin: Fader, Hardie, Lee (2008) by hand: r = alpha = a = b = 1, x = 1, t_x = 1, T = 3:
    # 1 / (1 + 1/1 * (4/2)^2) = 1/5
    one = BgNbd(r=1, alpha=1, a=1, b=1)
    assert probability_alive(one, repeats=[1, 0], recency=[1, 0], age=[3, 9]).tolist() == [0.2, 1.0]


def test_a_distribution_adds_up_and_has_the_expected_mean():
    found = repeat_distribution(CDNOW, horizon=39.0, most=2_000)
    assert found.sum() == pytest.approx(1, abs=1e-9)
    mean = float(found @ np.arange(2_001))
    # origin: the mean of the distribution is the expectation, another formula of the paper
    assert mean == pytest.approx(float(expected_repeats(CDNOW, horizon=39.0)), rel=1e-6)


def simulated(model, *, customers, weeks, seed):
    """Histories drawn from the story of the model, customer by customer."""
    rng = np.random.default_rng(seed)
    rows = []
    for _ in range(customers):
        rate = rng.gamma(model.r, 1 / model.alpha)
        leaves = rng.beta(model.a, model.b)
        age, now, repeats, last = rng.uniform(weeks / 2, weeks), 0.0, 0, 0.0
        while True:
            now += rng.exponential(1 / rate)
            if now > age:
                break
            repeats, last = repeats + 1, now
            if rng.uniform() < leaves:
                break
        rows.append((repeats, last, age))
    return pl.DataFrame(rows, schema=["repeats", "recency", "age"], orient="row")


def test_the_truth_of_a_simulation_is_found_again():
    truth = BgNbd(r=0.8, alpha=6.0, a=0.9, b=2.5)
    fitted = fit_repeat_model(simulated(truth, customers=4_000, weeks=60, seed=3))
    for name in ("r", "alpha", "a", "b"):
        error = getattr(fitted.standard_errors, name)
        assert abs(getattr(fitted.parameters, name) - getattr(truth, name)) < 3 * error
        assert 0 < error < 0.5 * getattr(truth, name)
    assert fitted.customers == 4_000


def test_the_unit_of_time_changes_alpha_alone():
    weeks = simulated(CDNOW, customers=1_500, weeks=40, seed=8)
    days = weeks.with_columns(pl.col("recency", "age") * 7)
    by_week, by_day = fit_repeat_model(weeks).parameters, fit_repeat_model(days).parameters
    assert by_day.alpha == pytest.approx(7 * by_week.alpha, rel=1e-6)
    assert (by_day.r, by_day.a, by_day.b) == pytest.approx(
        (by_week.r, by_week.a, by_week.b), rel=1e-6
    )


def history(*rows):
    return pl.DataFrame(rows, schema=["repeats", "recency", "age"], orient="row")


@pytest.mark.parametrize(
    "rows",
    [
        [(0, 0.0, 10.0)] * 20 + [(1, 9.99, 10.0)] * 3,
        [(2, 5.0, 10.0)] * 50,
    ],
    ids=["one kind of return", "all alike"],
)
def test_data_that_do_not_identify_the_model_are_refused(rows):
    with pytest.raises(ParameterError, match="do not identify the BG/NBD model"):
        fit_repeat_model(history(*rows))


def test_nobody_came_back():
    with pytest.raises(ParameterError, match="Nobody in `history` bought again"):
        fit_repeat_model(history((0, 0.0, 5.0), (0, 0.0, 6.0)))


def test_a_search_that_ends_on_a_slope_is_no_estimate():
    def crooked(values):
        return -float(((np.log(values)) ** 2).sum()), np.full_like(values, 0.5)

    with pytest.raises(RunError, match="greatest likelihood of a crooked model did not reach it"):
        maximise(crooked, starts=[(1.0, 1.0)], n=1, model="a crooked model")


def test_a_ridge_is_no_top():
    def ridge(values):  # greatest wherever the two agree
        apart = math.log(values[0]) - math.log(values[1])
        return -(apart**2), np.array([-2 * apart / values[0], 2 * apart / values[1]])

    with pytest.raises(ParameterError, match="do not identify a ridge"):
        maximise(ridge, starts=[(2.0, 3.0)], n=1, model="a ridge")


@pytest.mark.parametrize(
    "row",
    [
        (1.5, 2.0, 5.0), (-1, 0.0, 5.0), (1, 5.1, 5.0), (1, 0.0, 5.0), (0, 1.0, 5.0),
        (1, -1.0, 5.0), (None, 1.0, 5.0), (1, 1.0, math.inf),
    ],
)  # fmt: skip
def test_impossible_histories_are_refused(row):
    with pytest.raises(SchemaError, match="`history` holds 1 impossible rows"):
        fit_repeat_model(history((1, 5.0, 5.0), row))


def test_mistakes_are_named():
    with pytest.raises(SchemaError, match="`history` has no rows"):
        fit_repeat_model(history().cast(pl.Float64))
    with pytest.raises(SchemaError, match="`history` is missing column 'age'"):
        fit_repeat_model(history((1, 1.0, 2.0)).drop("age"))
    with pytest.raises(ParameterError, match="`a` is 0"):
        BgNbd(r=1, alpha=1, a=0, b=1)
    with pytest.raises(ParameterError, match="`b` is nan"):
        BgNbd(r=1, alpha=1, a=1, b=math.nan)
    with pytest.raises(ParameterError, match="`horizon` is -1"):
        expected_repeats(CDNOW, horizon=[1, -1])
    with pytest.raises(ParameterError, match="`horizon` is -1"):
        repeat_distribution(CDNOW, horizon=-1, most=3)
    with pytest.raises(ParameterError, match="`most` is -1"):
        repeat_distribution(CDNOW, horizon=1, most=-1)
