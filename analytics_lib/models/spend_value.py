"""Gamma-Gamma: what a customer spends on an average occasion, seen through few of them.

Each amount of a customer is gamma distributed around a mean of their own, and
the means differ between customers. Who bought once for a large amount is
mostly lucky; the model draws such a mean towards everybody's.

References:
    Fader P. S., Hardie B. G. S. (2013), The Gamma-Gamma Model of Monetary
    Value, note 025, brucehardie.com.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import gammaln, psi

from analytics_lib.core.errors import ParameterError
from analytics_lib.models.maximum_likelihood import Floats, as_floats, maximise
from analytics_lib.models.purchase_history import history_columns

_STARTS = ((1.0, 2.0, 1.0), (6.0, 4.0, 0.5), (0.5, 1.5, 3.0))
_FEWEST = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class GammaGamma:
    """The three parameters of the Gamma-Gamma model.

    Attributes:
        p: Shape of the amounts of one customer.
        q: Shape of the distribution across customers.
        v: Its scale, in units of the currency (gamma in the source).
    """

    p: float
    q: float
    v: float

    def __post_init__(self) -> None:
        """Refuse parameters that no such distribution has."""
        for name in ("p", "q", "v"):
            value = getattr(self, name)
            if not (np.isfinite(value) and value > 0):
                raise ParameterError(f"`{name}` is {value}; it must be a number above 0.")


@dataclass(frozen=True, slots=True, kw_only=True)
class SpendModel:
    """A Gamma-Gamma model fitted to the repeat purchases of customers.

    Attributes:
        parameters: The estimates.
        standard_errors: Their standard errors.
        log_likelihood: Log-likelihood at the estimates.
        customers: Customers it was fitted to: those with repeats they paid for.
        correlation: Correlation of the number of repeats with their mean
            amount. The model takes them for independent; far from 0 it is wrong.
    """

    parameters: GammaGamma
    standard_errors: GammaGamma
    log_likelihood: float
    customers: int
    correlation: float


def fit_spend_model(history: Any) -> SpendModel:  # noqa: ANN401 - any supported frame
    """Which Gamma-Gamma model makes these mean amounts most likely?

    Args:
        history: One row a customer (`purchase_history`): `repeats`,
            `mean_repeat_spend`. Customers without repeats, and those whose
            repeats cost nothing, say nothing about amounts and are left out.

    Returns:
        The model, with standard errors from the curvature of the likelihood.

    Raises:
        SchemaError: A column is missing.
        ParameterError: Fewer than 3 customers bought again, or the data do
            not identify the three parameters.
        RunError: The search did not reach the greatest likelihood.

    References:
        Fader, Hardie (2013), equation 1a.
    """
    repeats, means = history_columns(history, "repeats", "mean_repeat_spend")
    known = (repeats > 0) & (means > 0)
    x, z = repeats[known], means[known]
    if len(x) < _FEWEST:
        raise ParameterError(
            f"{len(x)} customers in `history` bought again for money; Gamma-Gamma needs at least "
            f"{_FEWEST}. Observe the customers for longer."
        )
    scale = float(z.mean())

    def objective(values: Floats) -> tuple[float, Floats]:
        terms, slopes = _terms(values, x, z / scale)
        return float(terms.sum()), slopes.sum(axis=1)

    top = maximise(objective, starts=_STARTS, n=len(x), model="the Gamma-Gamma model")
    stretch = np.array([1.0, 1.0, scale])
    parameters = GammaGamma(**_named(top.values * stretch))
    same = np.ptp(x) == 0 or np.ptp(z) == 0
    return SpendModel(
        parameters=parameters,
        standard_errors=GammaGamma(**_named(top.errors * stretch)),
        log_likelihood=spend_log_likelihood(parameters, repeats=x, mean_spend=z),
        customers=len(x),
        correlation=float("nan") if same else float(np.corrcoef(x, z)[0, 1]),
    )


def spend_log_likelihood(
    model: GammaGamma, *, repeats: npt.ArrayLike, mean_spend: npt.ArrayLike
) -> float:
    """How likely are these mean amounts under the model (log-likelihood, summed)?

    References:
        Fader, Hardie (2013), equation 1a.
    """
    values = np.array([model.p, model.q, model.v])
    return float(_terms(values, as_floats(repeats), as_floats(mean_spend))[0].sum())


def expected_spend(
    model: GammaGamma, *, repeats: npt.ArrayLike, mean_spend: npt.ArrayLike
) -> Floats:
    """What does a customer with these repeats spend on an average occasion to come?

    A weighted mean of what they spent and what everybody spends, the more of
    their own the more often they bought.

    Args:
        model: The parameters.
        repeats: Repeat purchases.
        mean_spend: Mean amount of a repeat; not looked at without repeats.

    Returns:
        Amount, in units of the currency; `nan` where the model has no mean
        (p x + q not above 1).

    Examples:
        >>> cdnow = GammaGamma(p=6.25, q=3.74, v=15.44)
        >>> expected_spend(cdnow, repeats=[2, 0], mean_spend=[22.35, 0]).round(2).tolist()
        [24.66, 35.22]

    References:
        Fader, Hardie (2013), equation 5.
    """
    x = as_floats(repeats)
    z = np.where(x > 0, as_floats(mean_spend), 0.0)
    weight = model.p * x + model.q - 1
    defined = weight > 0
    found: Floats = np.where(
        defined, model.p * (model.v + x * z) / np.where(defined, weight, 1.0), np.nan
    )
    return found


def _terms(values: Floats, x: Floats, z: Floats) -> tuple[Floats, Floats]:
    """Log-likelihood of each mean amount, and its derivatives by p, q and v."""
    p, q, v = values
    shape = p * x
    total = np.log(v + x * z)
    terms = (
        gammaln(shape + q) - gammaln(shape) - gammaln(q)
        + q * np.log(v) + (shape - 1) * np.log(z) + shape * np.log(x) - (shape + q) * total
    )  # fmt: skip
    slopes = np.array(
        [
            x * (psi(shape + q) - psi(shape) + np.log(z) + np.log(x) - total),
            psi(shape + q) - psi(q) + np.log(v) - total,
            q / v - (shape + q) / (v + x * z),
        ]
    )
    return terms, slopes


def _named(values: Floats) -> dict[str, float]:
    return dict(zip(("p", "q", "v"), map(float, values), strict=True))
