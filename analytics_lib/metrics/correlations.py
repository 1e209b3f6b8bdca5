"""Which numbers move together."""

import math
from collections.abc import Sequence
from itertools import combinations
from typing import Any, Literal, get_args

import numpy as np
import polars as pl
from scipy.special import ndtri, stdtr

from analytics_lib.core.checks import require_between, require_choice
from analytics_lib.core.errors import ParameterError, SchemaError
from analytics_lib.events.boundary import as_table
from analytics_lib.metrics.frames import like
from analytics_lib.metrics.series import Floats, require_number
from analytics_lib.statistics import CORRECTIONS, Correction, adjust_pvalues

CorrelationMethod = Literal["spearman", "pearson"]
_LEAST_FOR_TEST = 3
_LEAST_FOR_INTERVAL = 4
_SCHEMA = {
    "first": pl.String,
    "second": pl.String,
    "n": pl.Int64,
    "coefficient": pl.Float64,
    "ci_lower": pl.Float64,
    "ci_upper": pl.Float64,
    "pvalue": pl.Float64,
    "adjusted_pvalue": pl.Float64,
}


def correlations(
    frame: Any,  # noqa: ANN401 - any supported frame
    *,
    columns: Sequence[str],
    method: CorrelationMethod = "spearman",
    correction: Correction = "holm",
    confidence_level: float = 0.95,
) -> Any:  # noqa: ANN401 - the caller's own kind of frame
    """Which of these numbers move together, allowing for how many pairs were tried?

    Of twenty pairs of unrelated numbers one is "significant", so p values are
    adjusted for all pairs. Two series that both grow always correlate: the
    test takes the rows for independent, which periods are not; correlate their
    changes instead. And it is not cause.

    Args:
        frame: One row an observation, such as a user or an item.
        columns: Two or more different columns of numbers.
        method: `spearman` of ranks (any rising relation, no outlier counts for
            much) or `pearson` of values (straight lines).
        correction: `holm` bounds the chance of any false finding, `fdr_bh` the
            expected share of false findings (Benjamini and Hochberg).
        confidence_level: Coverage of Fisher's intervals.

    Returns:
        One row a pair, in the order of `columns`: `first`, `second`, `n` (rows
        where both are known), `coefficient` (-1 to 1), `ci_lower`, `ci_upper`
        (for `pearson`, from 4 rows on), `pvalue` (Student's t; approximate for
        ranks, good from about 10 rows on), `adjusted_pvalue`. Null where there
        are fewer than 3 rows or a column does not vary in them.

    Raises:
        SchemaError: A column is missing, holds no numbers or an infinite one.
        ParameterError: There are fewer than two columns, one is named twice,
            or a word or number is not allowed.

    Examples:
        >>> rows = pl.DataFrame({"x": [1, 2, 3, 4], "y": [1, 8, 27, 64], "z": [5, 5, 5, 5]})
        >>> correlations(rows, columns=["x", "y", "z"]).select("second", "n", "coefficient").rows()
        [('y', 4, 1.0), ('z', 4, None), ('z', 4, None)]

    References:
        Fisher R. A. (1921), Metron 1, 3-32; Holm S. (1979), Scand. J. Stat. 6,
        65-70; Benjamini Y., Hochberg Y. (1995), J. R. Stat. Soc. B 57, 289-300.
    """
    require_choice(method, get_args(CorrelationMethod), name="method")
    require_choice(correction, CORRECTIONS, name="correction")
    require_between(confidence_level, 0, 1, name="confidence_level")
    if isinstance(columns, str) or len(set(columns)) < 2 or len(set(columns)) < len(columns):  # noqa: PLR2004 - a pair
        raise ParameterError(f"`columns` is {columns!r}; it must name two or more, each once.")

    numbers = _numbers(frame, columns)
    z = float(ndtri((1 + confidence_level) / 2))
    rows = [
        {"first": first, "second": second}
        | _correlate(numbers[first], numbers[second], method=method, z=z)
        for first, second in combinations(columns, 2)
    ]
    result = pl.DataFrame(
        {name: [row[name] for row in rows] for name in list(_SCHEMA)[:-1]},
        schema=dict(list(_SCHEMA.items())[:-1]),
    )
    pvalues = result["pvalue"].fill_null(math.nan).to_numpy()
    adjusted = pl.Series(adjust_pvalues(pvalues, correction=correction)).fill_nan(None)
    return like(result.with_columns(adjusted_pvalue=adjusted), frame)


def _numbers(frame: Any, columns: Sequence[str]) -> dict[str, Floats]:  # noqa: ANN401
    table = as_table(frame, list(columns), name="frame")
    asked = [require_number(table, column, name="frame") for column in columns]
    rows: pl.DataFrame = table.select(*asked).collect(backend="polars").to_native()
    found = {column: rows[column].fill_null(math.nan).to_numpy() for column in columns}
    infinite = [column for column, values in found.items() if np.isinf(values).any()]
    if infinite:
        raise SchemaError(f"`{infinite[0]}` holds an infinite number; it must be finite or null.")
    return found


def _correlate(
    first: Floats, second: Floats, *, method: CorrelationMethod, z: float
) -> dict[str, float | int | None]:
    both = ~(np.isnan(first) | np.isnan(second))
    x, y = first[both], second[both]
    n = x.size
    nothing: dict[str, float | int | None] = dict.fromkeys(
        ("coefficient", "ci_lower", "ci_upper", "pvalue")
    )
    if n < _LEAST_FOR_TEST or np.ptp(x) == 0 or np.ptp(y) == 0:
        return {"n": n} | nothing
    if method == "spearman":
        x, y = _ranks(x), _ranks(y)
    r = _pearson(x, y)
    result = {"n": n} | nothing | {"coefficient": r, "pvalue": _pvalue(r, n=n)}
    if method == "pearson" and n >= _LEAST_FOR_INTERVAL:
        result["ci_lower"], result["ci_upper"] = _fisher_interval(r, n=n, z=z)
    return result


def _ranks(values: Floats) -> Floats:
    return pl.Series(values).rank("average").to_numpy()


def _pearson(x: Floats, y: Floats) -> float:
    x, y = x - x.mean(), y - y.mean()
    # Each to unit length first, so that tiny or huge numbers neither vanish nor overflow.
    x, y = x / np.abs(x).max(), y / np.abs(y).max()
    return float(np.clip(x @ y / math.sqrt((x @ x) * (y @ y)), -1.0, 1.0))


def _pvalue(r: float, *, n: int) -> float:
    rest = (1 - r) * (1 + r)
    return 0.0 if rest == 0 else float(2 * stdtr(n - 2, -abs(r) * math.sqrt((n - 2) / rest)))


def _fisher_interval(r: float, *, n: int, z: float) -> tuple[float, float]:
    if abs(r) == 1:
        return r, r
    half = z / math.sqrt(n - 3)
    return math.tanh(math.atanh(r) - half), math.tanh(math.atanh(r) + half)
