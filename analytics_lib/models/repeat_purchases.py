"""BG/NBD: how often a customer will buy again, and whether they still will.

While alive a customer buys at a rate of their own (gamma across customers);
after each purchase they may leave for good with a probability of their own
(beta across customers).

References:
    Fader P. S., Hardie B. G. S., Lee K. L. (2005), "Counting Your Customers"
    the Easy Way, Marketing Science 24(2), 275-284; P(alive): the same (2008),
    Computing P(alive) Using the BG/NBD Model, note 021, brucehardie.com.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import betaln, expit, gammaln, hyp2f1

from analytics_lib.core.checks import require_at_least
from analytics_lib.core.errors import ParameterError
from analytics_lib.models.maximum_likelihood import Floats, as_floats
from analytics_lib.models.purchase_history import require_possible

_NEAR_POLE = 1e-5
_ASIDE = 1e-4


@dataclass(frozen=True, slots=True, kw_only=True)
class BgNbd:
    """The four parameters of the BG/NBD model.

    Attributes:
        r: Shape of the gamma distribution of purchase rates.
        alpha: Its rate, in units of time.
        a: First parameter of the beta distribution of leaving after a purchase.
        b: Second parameter of it.
    """

    r: float
    alpha: float
    a: float
    b: float

    def __post_init__(self) -> None:
        """Refuse parameters that no such distribution has."""
        for name in ("r", "alpha", "a", "b"):
            value = getattr(self, name)
            if not (np.isfinite(value) and value > 0):
                raise ParameterError(f"`{name}` is {value}; it must be a number above 0.")


def probability_alive(
    model: BgNbd, *, repeats: npt.ArrayLike, recency: npt.ArrayLike, age: npt.ArrayLike
) -> Floats:
    """How probable is it that a customer with this history has not left?

    The trap is the customer who never came back: leaving happens only after a
    repeat purchase, so the model calls them alive with certainty, at a rate
    that shrinks with every week of silence.

    Args:
        model: The parameters.
        repeats: Repeat purchases.
        recency: Time from the first to the last purchase.
        age: Time from the first purchase to the end of the observation.

    Returns:
        Probability, 0 to 1; 1 without repeats.

    Raises:
        SchemaError: A history is impossible.

    References:
        Fader, Hardie, Lee (2008), note 021, equation 2.
    """
    x, t_x, t = np.broadcast_arrays(as_floats(repeats), as_floats(recency), as_floats(age))
    require_possible(x, t_x, t)
    again = x > 0
    left = (
        np.log(model.a)
        - np.log(np.where(again, model.b + x - 1, 1.0))
        + (model.r + x) * (np.log(model.alpha + t) - np.log(model.alpha + t_x))
    )
    alive: Floats = np.where(again, expit(-left), 1.0)
    return alive


def expected_repeats(model: BgNbd, *, horizon: npt.ArrayLike) -> Floats:
    """How many repeat purchases does a new customer make within so much time?

    Args:
        model: The parameters.
        horizon: Time since the first purchase, 0 or more.

    Returns:
        Expected purchases.

    Raises:
        ParameterError: A horizon is negative.

    Examples:
        >>> cdnow = BgNbd(r=0.243, alpha=4.414, a=0.793, b=2.426)
        >>> round(float(expected_repeats(cdnow, horizon=78)), 2)
        1.86

    References:
        Fader, Hardie, Lee (2005), equation 9.
    """
    zero = np.zeros_like(as_floats(horizon))
    return conditional_repeats(model, repeats=zero, recency=zero, age=zero, horizon=horizon)


def conditional_repeats(
    model: BgNbd,
    *,
    repeats: npt.ArrayLike,
    recency: npt.ArrayLike,
    age: npt.ArrayLike,
    horizon: npt.ArrayLike,
) -> Floats:
    """How many purchases will a customer with this history make in the time to come?

    The published formula holds a hypergeometric function that overflows for
    busy customers. By Euler's transformation it is
    (1 - z)^(a-1) 2F1(a+b-1-r, a-1; a+b+x-1; z) with z = t / (alpha + T + t):
    the same number from terms that stay moderate.

    Args:
        model: The parameters.
        repeats: Repeat purchases.
        recency: Time from the first to the last purchase.
        age: Time from the first purchase to the end of the observation.
        horizon: Time to come, 0 or more.

    Returns:
        Expected purchases.

    Raises:
        SchemaError: A history is impossible.
        ParameterError: A horizon is negative.

    Examples:
        >>> cdnow = BgNbd(r=0.243, alpha=4.414, a=0.793, b=2.426)
        >>> found = conditional_repeats(cdnow, repeats=2, recency=30.43, age=38.86, horizon=39)
        >>> round(float(found), 3)
        1.226

    References:
        Fader, Hardie, Lee (2005), equation 10.
    """
    ahead = as_floats(horizon)
    require_at_least(float(ahead.min(initial=0.0)), 0, name="horizon")

    alive = probability_alive(model, repeats=repeats, recency=recency, age=age)
    x, t, ahead = np.broadcast_arrays(as_floats(repeats), as_floats(age), ahead)
    near = (abs(model.a - 1) < _NEAR_POLE) | (abs(model.a + model.b + x - 1) < _NEAR_POLE)
    asides = [_if_alive(model, x, t, ahead, shift=shift) for shift in (-_ASIDE, _ASIDE)]
    # At a = 1 the formula is 0 / 0, but its limit is smooth: the mean of both sides.
    expected = np.where(near, sum(asides) / 2, _if_alive(model, x, t, ahead, shift=0.0))
    found: Floats = alive * expected
    return found


def repeat_distribution(model: BgNbd, *, horizon: float, most: int) -> Floats:
    """With what probability does a new customer make 0, 1, 2 ... repeat purchases?

    Args:
        model: The parameters.
        horizon: Time since the first purchase, above 0.
        most: Largest number asked for.

    Returns:
        Probabilities of 0 up to `most`; what is missing to 1 is for more.

    Raises:
        ParameterError: `horizon` or `most` is negative.

    References:
        Fader, Hardie, Lee (2005), equation 8.
    """
    require_at_least(horizon, 0, name="horizon")
    require_at_least(most, 0, name="most")

    n = np.arange(most + 1, dtype=np.float64)
    share = horizon / (model.alpha + horizon)
    bought = (
        np.exp(
            gammaln(model.r + n) - gammaln(model.r) - gammaln(n + 1) + model.r * np.log1p(-share)
        )
        * share**n
    )
    stayed = np.exp(betaln(model.a, model.b + n) - betaln(model.a, model.b))
    left = np.zeros_like(n)
    left[1:] = np.exp(betaln(model.a + 1, model.b + n[1:] - 1) - betaln(model.a, model.b))
    fewer = np.concatenate([[0.0], np.cumsum(bought)[:-1]])
    found: Floats = stayed * bought + left * (1 - fewer)
    return found


def _if_alive(model: BgNbd, x: Floats, t: Floats, ahead: Floats, *, shift: float) -> Floats:
    a = model.a + shift
    z = ahead / (model.alpha + t + ahead)
    top = a + model.b + x - 1
    with np.errstate(all="ignore"):  # the pole itself; its value is not used
        core = (1 - z) ** (a - 1) * hyp2f1(a + model.b - 1 - model.r, a - 1, top, z)
        found: Floats = top / (a - 1) * (1 - core)
    return found
