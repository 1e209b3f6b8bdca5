"""Fitting positive parameters by maximum likelihood, with standard errors or a clear refusal."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize

from analytics_lib.core.errors import ParameterError, RunError

Floats = npt.NDArray[np.float64]
Objective = Callable[[Floats], tuple[float, Floats]]

_BOUND = 14.0  # of the logarithm of a parameter: 1e-6 to 1e6 times the scale of the data
_FLAT = 1e-6  # largest slope, per customer, at which the top counts as reached
_STEP = 1e-5
_POLISH = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Maximum:
    """Where a likelihood is greatest.

    Attributes:
        values: The parameters.
        errors: Their standard errors, from the curvature at the top.
    """

    values: Floats
    errors: Floats


def maximise(
    objective: Objective, *, starts: Sequence[Sequence[float]], n: int, model: str
) -> Maximum:
    """Find the positive parameters with the greatest log-likelihood.

    The search runs over the logarithms of the parameters, within bounds, from
    several starts, and ends with Newton steps. A top at a bound or without
    curvature is no estimate: such a likelihood goes on rising, and where a
    search happens to stop says nothing. It is refused instead.

    Args:
        objective: Log-likelihood of `n` observations and its gradient, of the
            parameters themselves.
        starts: Parameters to start from, in the scale of the data (about 1).
        n: Number of observations.
        model: Name of the model, for messages.

    Raises:
        ParameterError: The data do not identify the parameters.
        RunError: The search did not reach a top.
    """

    def falling(logs: Floats) -> tuple[float, Floats]:
        values = np.exp(logs)
        likelihood, slope = objective(values)
        return -likelihood / n, -slope * values / n

    found = [
        minimize(
            falling,
            np.log(np.asarray(start, dtype=np.float64)),
            jac=True,
            method="L-BFGS-B",
            bounds=[(-_BOUND, _BOUND)] * len(start),
            options={"maxiter": 2_000, "ftol": 1e-15, "gtol": 1e-10},
        )
        for start in starts
    ]
    best = min(found, key=lambda result: result.fun if math.isfinite(result.fun) else math.inf)
    logs = np.asarray(best.x, dtype=np.float64)
    if np.abs(logs).max() > _BOUND - 1:
        raise _unidentified(model)
    logs, curvature = _polished(falling, logs)
    slope = float(np.abs(falling(logs)[1]).max())
    if not slope < _FLAT:
        raise RunError(
            f"The search for the greatest likelihood of {model} did not reach it: the slope is "
            f"still {slope:.2g} ({best.message}). No estimate is better than a wrong one."
        )
    if not np.linalg.eigvalsh(curvature).min() > _FLAT:
        raise _unidentified(model)
    values = np.exp(logs)
    errors = values * np.sqrt(np.diag(np.linalg.inv(curvature)) / n)
    return Maximum(values=values, errors=errors)


def as_floats(values: npt.ArrayLike) -> Floats:
    """Numbers as an array of floats."""
    return np.asarray(values, dtype=np.float64)


def _polished(falling: Objective, logs: Floats) -> tuple[Floats, Floats]:
    """Newton steps for as long as they lead down, and the curvature where they end."""
    curvature = _curvature(falling, logs)
    for _ in range(_POLISH):
        if not np.linalg.eigvalsh(curvature).min() > 0:
            break
        value, slope = falling(logs)
        nearer = logs - np.linalg.solve(curvature, slope)
        after, after_slope = falling(nearer)
        if not (after <= value and np.abs(after_slope).max() < np.abs(slope).max()):
            break
        logs, curvature = nearer, _curvature(falling, nearer)
    return logs, curvature


def _curvature(falling: Objective, logs: Floats) -> Floats:
    """Second derivatives, as central differences of the exact gradient."""
    rows = []
    for index in range(len(logs)):
        step = np.zeros_like(logs)
        step[index] = _STEP
        rows.append((falling(logs + step)[1] - falling(logs - step)[1]) / (2 * _STEP))
    matrix = np.array(rows)
    symmetric: Floats = (matrix + matrix.T) / 2
    return symmetric


def _unidentified(model: str) -> ParameterError:
    return ParameterError(
        f"These data do not identify {model}: its likelihood goes on rising without end. Ask with "
        "more customers, over a longer time, or with a simpler model."
    )
