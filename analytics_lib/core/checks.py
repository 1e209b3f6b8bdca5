"""Guards: each returns nothing and raises an error a reader can act on."""

import difflib
import math
from collections.abc import Collection, Iterable
from numbers import Real

from analytics_lib.core.errors import ParameterError, SchemaError


def suggest(name: str, choices: Iterable[str]) -> str:
    """Return ` Did you mean 'x'?` for the nearest of `choices`, or an empty string.

    Examples:
        >>> suggest("perod", ["period", "as_of"])
        " Did you mean 'period'?"
        >>> suggest("zebra", ["period"])
        ''
    """
    near = difflib.get_close_matches(name, [str(c) for c in choices], n=1, cutoff=0.6)
    return f" Did you mean {near[0]!r}?" if near else ""


def require_columns(available: Iterable[str], required: Iterable[str], *, name: str) -> None:
    """Raise `SchemaError` unless every required column is among the available ones.

    Examples:
        >>> require_columns(["user_id", "dya"], ["user_id", "day"], name="events")
        Traceback (most recent call last):
        ...
        analytics_lib.core.errors.SchemaError: `events` is missing column 'day';
        available columns are ['user_id', 'dya']. Did you mean 'dya'?
    """
    have = list(available)
    missing = [column for column in required if column not in have]
    if not missing:
        return
    plural = "column" if len(missing) == 1 else "columns"
    listed = ", ".join(repr(column) for column in missing)
    raise SchemaError(
        f"`{name}` is missing {plural} {listed}; available columns are {have}."
        + suggest(missing[0], have)
    )


def require_choice(value: str, choices: Collection[str], *, name: str) -> None:
    """Raise `ParameterError` unless `value` is one of `choices`."""
    if value not in choices:
        raise ParameterError(
            f"`{name}` is {value!r}; it must be one of {sorted(choices)}." + suggest(value, choices)
        )


def require_finite(value: object, *, name: str) -> None:
    """Raise `ParameterError` unless `value` is a finite number (a truth value is none).

    Examples:
        >>> require_finite("1", name="epsilon")
        Traceback (most recent call last):
        ...
        analytics_lib.core.errors.ParameterError: `epsilon` is '1'; it must be a finite number.
    """
    if isinstance(value, bool) or not isinstance(value, Real) or not math.isfinite(value):
        raise ParameterError(f"`{name}` is {value!r}; it must be a finite number.")


def require_at_least(value: float, minimum: float, *, name: str) -> None:
    """Raise `ParameterError` unless `value` is at least `minimum` (nan never is)."""
    if not value >= minimum:
        raise ParameterError(f"`{name}` is {value}; it must be at least {minimum}.")


def require_between(value: float, low: float, high: float, *, name: str) -> None:
    """Raise `ParameterError` unless `low < value < high` (nan never is)."""
    if not low < value < high:
        raise ParameterError(f"`{name}` is {value}; it must lie between {low} and {high}.")
