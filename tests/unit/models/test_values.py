"""Purchase histories, spend and lifetime value."""

import datetime as dt
import math

import numpy as np
import polars as pl
import pytest
from scipy.integrate import quad
from scipy.special import gammaln

from analytics_lib.core.errors import ParameterError, SchemaError
from analytics_lib.models import (
    BgNbd,
    GammaGamma,
    conditional_repeats,
    expected_spend,
    fit_spend_model,
    lifetime_value,
    predicted_purchases,
    purchase_history,
    spend_log_likelihood,
)

CDNOW = BgNbd(r=0.243, alpha=4.414, a=0.793, b=2.426)
SPEND = GammaGamma(p=6.25, q=3.74, v=15.44)
HISTORY = pl.DataFrame(
    {
        "user_id": ["b", "a"],
        "repeats": [2, 0],
        "recency": [30.43, 0.0],
        "age": [38.86, 38.86],
        "mean_repeat_spend": [22.35, None],
    }
)


def bought(*rows):
    return pl.DataFrame(rows, schema=["user_id", "day", "amount", "kind"], orient="row")


def test_a_history_counts_days_after_the_first():
    payments = bought(
        ("a", 0, 9.0, "purchase"),
        ("a", 0, 1.0, "purchase"),  # the same occasion
        ("a", 14, 2.5, "purchase"),
        ("a", 14, 1.5, "purchase"),  # again
        ("a", 21, 6.0, "purchase"),
        ("a", 22, 6.0, "refund"),
        ("b", 7, 3.0, "purchase"),
        ("c", 9, 3.0, "subscription"),
        (None, 9, 3.0, "purchase"),
        ("d", 36, 3.0, "purchase"),  # after the end
    )
    found = purchase_history(payments, as_of=dt.date(1970, 2, 5))
    # origin: by hand; day 35 ends the observation, repeat days of a bring 4 and 6
    assert found.rows() == [("a", 2, 3.0, 5.0, 5.0), ("b", 0, 0.0, 4.0, None)]
    days = purchase_history(payments, as_of=dt.date(1970, 2, 5), days_per_unit=1)
    assert days.select("recency", "age").rows() == [(21.0, 35.0), (0.0, 28.0)]


def test_a_history_in_two_currencies_is_refused():
    payments = bought(("a", 0, 1.0, "purchase"), ("b", 0, 1.0, "purchase")).with_columns(
        currency=pl.Series(["EUR", "USD"])
    )
    with pytest.raises(SchemaError, match="several currencies"):
        purchase_history(payments, as_of=dt.date(1970, 2, 5))
    with pytest.raises(ParameterError, match="`days_per_unit` is 0"):
        purchase_history(payments, as_of=dt.date(1970, 2, 5), days_per_unit=0)


@pytest.mark.parametrize(("x", "mean"), [(1, 30.0), (3, 5.0), (6, 80.0)])
def test_the_likelihood_of_spend_is_the_story(x, mean):
    # origin: Fader, Hardie (2013), section 2: the mean of x gamma amounts is gamma with shape
    # p x and rate nu x; nu is gamma with shape q and rate v; mixed by quadrature
    p, q, v = 2.0, 3.0, 20.0

    def density(nu):
        rate, shape = nu * x, p * x
        amounts = shape * math.log(rate) + (shape - 1) * math.log(mean) - rate * mean
        mixing = q * math.log(v) + (q - 1) * math.log(nu) - v * nu
        return math.exp(amounts - gammaln(shape) + mixing - gammaln(q))

    value = sum(quad(density, low, high, epsrel=1e-10)[0] for low, high in [(0, 0.3), (0.3, 5)])
    found = spend_log_likelihood(GammaGamma(p=p, q=q, v=v), repeats=[x], mean_spend=[mean])
    assert math.exp(found) == pytest.approx(value, rel=1e-7)


def test_spend_is_drawn_towards_everybodys():
    # origin: by hand; population mean 2 * 10 / (3 - 1) = 10; of x = 1 and mean 40 the own weight
    # is p x / (p x + q - 1) = 2 / 4
    model = GammaGamma(p=2.0, q=3.0, v=10.0)
    found = expected_spend(model, repeats=[0, 1], mean_spend=[math.nan, 40.0])
    assert found.tolist() == [10.0, 25.0]


def test_a_model_without_a_mean_says_so():
    model = GammaGamma(p=0.5, q=0.8, v=10.0)
    found = expected_spend(model, repeats=[0, 1], mean_spend=[0, 10.0])
    assert math.isnan(found[0])
    assert found[1] == pytest.approx(0.5 * 20 / 0.3)  # origin: by hand, p (v + x z) / (p x + q - 1)


def test_the_truth_of_simulated_spend_is_found_again():
    truth = GammaGamma(p=3.0, q=4.0, v=30.0)
    rng = np.random.default_rng(11)
    repeats = rng.integers(0, 12, size=5_000)
    rates = rng.gamma(truth.q, 1 / truth.v, size=5_000)
    totals = rng.gamma(truth.p * np.maximum(repeats, 1)) / rates
    history = pl.DataFrame(
        {
            "repeats": repeats,
            "mean_repeat_spend": np.where(repeats > 0, totals / np.maximum(repeats, 1), np.nan),
        }
    )
    fitted = fit_spend_model(history)
    assert fitted.customers == int((repeats > 0).sum())
    assert abs(fitted.correlation) < 0.05
    for name in ("p", "q", "v"):
        error = getattr(fitted.standard_errors, name)
        assert abs(getattr(fitted.parameters, name) - getattr(truth, name)) < 3 * error


@pytest.mark.parametrize("customers", [0, 2])
def test_too_few_returns_say_nothing_about_spend(customers):
    history = pl.DataFrame(
        {"repeats": [1] * customers + [0], "mean_repeat_spend": [5.0] * customers + [None]}
    )
    with pytest.raises(ParameterError, match=f"{customers} customers in `history` bought again"):
        fit_spend_model(history)


def test_equal_spend_identifies_nothing():
    history = pl.DataFrame({"repeats": [1] * 9, "mean_repeat_spend": [5.0] * 9})
    with pytest.raises(ParameterError, match="do not identify the Gamma-Gamma model"):
        fit_spend_model(history)


def test_value_without_discount_is_purchases_times_margin():
    found = lifetime_value(
        HISTORY, purchases=CDNOW, spend=SPEND, horizon=39, annual_discount_rate=0, gross_margin=0.5
    )
    assert found["user_id"].to_list() == ["a", "b"]
    of_b = found.row(1, named=True)
    # origin: Fader, Hardie, Lee (2005): 1.226 purchases; Fader, Hardie (2013): 24.66 each
    assert round(of_b["expected_purchases"], 3) == 1.226
    assert round(of_b["expected_spend"], 2) == 24.66
    assert of_b["lifetime_value"] == pytest.approx(
        of_b["expected_purchases"] * of_b["expected_spend"] * 0.5
    )


def test_value_is_discounted_from_the_end_of_each_unit():
    found = lifetime_value(
        HISTORY, purchases=CDNOW, spend=SPEND, horizon=2, annual_discount_rate=0.1,
        gross_margin=1, days_per_unit=365.25,
    )  # fmt: skip
    first, both = (
        conditional_repeats(CDNOW, repeats=2, recency=30.43, age=38.86, horizon=n) for n in (1, 2)
    )
    # origin: by hand, a unit is a year: purchases of the first / 1.1, of the second / 1.21
    expected = (first / 1.1 + (both - first) / 1.21) * 24.6637
    assert found["lifetime_value"][1] == pytest.approx(float(expected), rel=1e-5)


def test_predicted_purchases():
    found = predicted_purchases(HISTORY.lazy(), purchases=CDNOW, horizon=39)
    assert found.columns == ["user_id", "probability_alive", "expected_purchases"]
    assert found.row(0)[:2] == ("a", 1.0)
    assert round(found.row(1)[2], 3) == 1.226  # origin: Fader, Hardie, Lee (2005)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"horizon": 0}, "`horizon` is 0"),
        ({"annual_discount_rate": -0.1}, "`annual_discount_rate` is -0.1"),
        ({"gross_margin": 0}, "`gross_margin` is 0"),
        ({"gross_margin": 1.01}, "`gross_margin` is 1.01"),
        ({"days_per_unit": 0}, "`days_per_unit` is 0"),
    ],
)
def test_impossible_values_are_refused(changed, words):
    asked = {
        "purchases": CDNOW, "spend": SPEND, "horizon": 4, "annual_discount_rate": 0.1,
        "gross_margin": 1.0,
    }  # fmt: skip
    with pytest.raises(ParameterError, match=words):
        lifetime_value(HISTORY, **{**asked, **changed})


@pytest.mark.parametrize("name", ["p", "q", "v"])
def test_parameters_are_above_zero(name):
    with pytest.raises(ParameterError, match=f"`{name}` is -1"):
        GammaGamma(**{"p": 1, "q": 1, "v": 1, name: -1})
