"""Fitting the BG/NBD model to purchase histories by maximum likelihood."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import gammaln, psi

from analytics_lib.core.errors import ParameterError
from analytics_lib.models.maximum_likelihood import Floats, as_floats, maximise
from analytics_lib.models.purchase_history import history_columns, require_possible
from analytics_lib.models.repeat_purchases import BgNbd

_STARTS = ((0.5, 0.5, 0.5, 2.0), (0.2, 0.1, 1.0, 3.0), (2.0, 2.0, 0.3, 1.0))


@dataclass(frozen=True, slots=True, kw_only=True)
class RepeatModel:
    """A BG/NBD model fitted to the histories of customers.

    Attributes:
        parameters: The estimates.
        standard_errors: Their standard errors.
        log_likelihood: Log-likelihood at the estimates.
        customers: Customers it was fitted to.
    """

    parameters: BgNbd
    standard_errors: BgNbd
    log_likelihood: float
    customers: int


def fit_repeat_model(history: Any) -> RepeatModel:  # noqa: ANN401 - any supported frame
    """Which BG/NBD model makes these purchase histories most likely?

    Args:
        history: One row a customer (`purchase_history`): `repeats`,
            `recency` (first to last purchase), `age` (first purchase to the
            end of the observation), both in one unit of time, which is then
            the unit of `alpha` and of every horizon.

    Returns:
        The model, with standard errors from the curvature of the likelihood.

    Raises:
        SchemaError: A column is missing, or a history is impossible.
        ParameterError: Nobody bought again, or the data do not identify the
            four parameters.
        RunError: The search did not reach the greatest likelihood.

    References:
        Fader, Hardie, Lee (2005), equation 6.
    """
    repeats, recency, age = history_columns(history, "repeats", "recency", "age")
    require_possible(repeats, recency, age)
    if not repeats.any():
        raise ParameterError(
            "Nobody in `history` bought again; BG/NBD has nothing to learn from. Observe the "
            "customers for longer."
        )
    # Whole rows repeat (most customers never return): each different one is computed once.
    rows, weights = np.unique(np.column_stack([repeats, recency, age]), axis=0, return_counts=True)
    scale = float(age.max())
    x, t_x, t = rows[:, 0], rows[:, 1] / scale, rows[:, 2] / scale

    def objective(values: Floats) -> tuple[float, Floats]:
        terms, slopes = _terms(values, x, t_x, t)
        return float(weights @ terms), slopes @ weights

    top = maximise(objective, starts=_STARTS, n=len(repeats), model="the BG/NBD model")
    stretch = np.array([1.0, scale, 1.0, 1.0])
    parameters = BgNbd(**_named(top.values * stretch))
    return RepeatModel(
        parameters=parameters,
        standard_errors=BgNbd(**_named(top.errors * stretch)),
        log_likelihood=repeat_log_likelihood(parameters, repeats=repeats, recency=recency, age=age),
        customers=len(repeats),
    )


def repeat_log_likelihood(
    model: BgNbd, *, repeats: npt.ArrayLike, recency: npt.ArrayLike, age: npt.ArrayLike
) -> float:
    """How likely are these histories under the model (log-likelihood, summed)?

    References:
        Fader, Hardie, Lee (2005), equation 6.
    """
    x, t_x, t = as_floats(repeats), as_floats(recency), as_floats(age)
    values = np.array([model.r, model.alpha, model.a, model.b])
    return float(_terms(values, x, t_x, t)[0].sum())


def _terms(values: Floats, x: Floats, t_x: Floats, t: Floats) -> tuple[Floats, Floats]:
    """Log-likelihood of each history, and its derivatives by r, alpha, a and b."""
    r, alpha, a, b = values
    again = x > 0
    below = np.where(again, b + x - 1, 1.0)
    alive = -(r + x) * np.log(alpha + t)
    left = np.where(again, np.log(a) - np.log(below) - (r + x) * np.log(alpha + t_x), -np.inf)
    both = np.logaddexp(alive, left)
    gone = np.exp(left - both)
    stays = 1 - gone
    terms = (
        gammaln(r + x) - gammaln(r) + r * np.log(alpha)
        + gammaln(a + b) + gammaln(b + x) - gammaln(b) - gammaln(a + b + x)
        + both
    )  # fmt: skip
    by_both = psi(a + b) - psi(a + b + x)
    slopes = np.array(
        [
            psi(r + x) - psi(r) + np.log(alpha)
            - stays * np.log(alpha + t) - gone * np.log(alpha + t_x),
            r / alpha - (r + x) * (stays / (alpha + t) + gone / (alpha + t_x)),
            by_both + gone / a,
            by_both + psi(b + x) - psi(b) - gone / below,
        ]
    )  # fmt: skip
    return terms, slopes


def _named(values: Floats) -> dict[str, float]:
    return dict(zip(("r", "alpha", "a", "b"), map(float, values), strict=True))
