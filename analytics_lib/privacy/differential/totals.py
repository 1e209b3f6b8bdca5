"""Sums and means of values with declared bounds."""

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from analytics_lib.core.errors import ParameterError
from analytics_lib.privacy.differential.answers import LAPLACE, PrivateAnswer, answer_of
from analytics_lib.privacy.differential.bounds import Bounded
from analytics_lib.privacy.differential.budget import Terms
from analytics_lib.privacy.differential.contributions import Question, bounded_rows, question_of
from analytics_lib.privacy.differential.noise import CONFIDENCE, integer_laplace

_BOTH = 1 - (1 - CONFIDENCE) / 2  # two intervals that hold together with CONFIDENCE


def private_sums(
    table: Any,  # noqa: ANN401 - any supported frame
    *,
    terms: Terms,
    value: Bounded,
    by: Sequence[str] = (),
    keys: Mapping[str, Sequence[Any]] | None = None,
) -> PrivateAnswer:
    """What do the values add up to, by group?

    The traps: one large value moves a sum by itself, so values are clipped to declared bounds;
    and sums of floating-point numbers depend on their order, so whole steps are added.

    Args:
        table: One row a value; any supported frame.
        terms: Privacy loss, rows a person, who asks.
        value: The column with its declared bounds.
        by: Columns whose values make the groups.
        keys: Declared values of each of them; a sum has no threshold, so they are needed.

    Returns:
        One row a group, in the unit of the values.

    Raises:
        BudgetError: The ledger has not enough left; nothing was computed.
        ParameterError: A name is unknown, keys are not declared, or `delta` is not 0.
        SchemaError: A column is missing or has missing values.
        AccessError: OpenDP is not installed.
    """
    question = _question(table, terms=terms, value=value, by=by, keys=keys)
    reach = value.reach(rows=terms.rows_per_person)
    noise = integer_laplace(sensitivity=reach, epsilon=terms.epsilon)
    receipt = terms.charge(question=_asked("sum", value, by), mechanism=LAPLACE)

    sums = _added(question, value)["sum"].to_list()
    accuracy = noise.half_width() * value.step
    noisy = pl.Series("value", noise.release(sums), dtype=pl.Int64) * value.step
    rows = _beside(question, [noisy, (noisy - accuracy).alias("ci_lower"),
                              (noisy + accuracy).alias("ci_upper")])  # fmt: skip
    return answer_of(rows, terms=terms, receipt=receipt, mechanism=LAPLACE, accuracy=accuracy)


def private_means(
    table: Any,  # noqa: ANN401 - any supported frame
    *,
    terms: Terms,
    value: Bounded,
    by: Sequence[str] = (),
    keys: Mapping[str, Sequence[Any]] | None = None,
) -> PrivateAnswer:
    """What is the mean of the values, by group?

    The trap: a mean with the true number of rows below it hides nothing where the number
    itself is private. Here half of the loss pays for the sum of distances from the middle of the
    bounds and half for the number of rows.

    Args:
        table: One row a value; any supported frame.
        terms: Privacy loss, rows a person, who asks.
        value: The column with its declared bounds.
        by: Columns whose values make the groups.
        keys: Declared values of each of them.

    Returns:
        One row a group; `value` is null where the noisy number of rows is below 1. Values and
        intervals lie within the bounds.

    Raises:
        BudgetError: The ledger has not enough left; nothing was computed.
        ParameterError: A name is unknown, keys are not declared, or `delta` is not 0.
        SchemaError: A column is missing or has missing values.
        AccessError: OpenDP is not installed.
    """
    question = _question(table, terms=terms, value=value, by=by, keys=keys)
    centre = sum(value.units) // 2
    reach = value.reach(rows=terms.rows_per_person, centre=centre)
    of_sums = integer_laplace(sensitivity=reach, epsilon=terms.epsilon / 2)
    of_rows = integer_laplace(sensitivity=terms.rows_per_person, epsilon=terms.epsilon / 2)
    receipt = terms.charge(question=_asked("mean", value, by), mechanism=LAPLACE)

    added = _added(question, value, centre=centre)
    found = pl.DataFrame(
        {
            "sum": pl.Series(of_sums.release(added["sum"].to_list()), dtype=pl.Int64),
            "n": pl.Series(of_rows.release(added["n"].to_list()), dtype=pl.Int64),
        }
    )
    widths = (of_sums.half_width(confidence=_BOTH), of_rows.half_width(confidence=_BOTH))
    means = found.select(*_mean_with_interval(value, centre, widths))
    return answer_of(
        _beside(question, list(means)),
        terms=terms,
        receipt=receipt,
        mechanism=f"{LAPLACE}: sum and number of rows",
        accuracy=None,
        post_processing="means and intervals set to the nearest bound",
    )


def _question(
    table: Any,  # noqa: ANN401
    *,
    terms: Terms,
    value: Bounded,
    by: Sequence[str],
    keys: Mapping[str, Sequence[Any]] | None,
) -> Question:
    if not isinstance(value, Bounded):
        raise ParameterError(
            f"`value` is {value!r}; it must be a `Bounded` column: bounds are declared, never read "
            "from the table."
        )
    if terms.delta:
        raise ParameterError(f"`delta` is {terms.delta}, but this answer needs none; it must be 0.")
    question = question_of(table, terms=terms, by=by, keys=keys, values=[value.column])
    if question.cells is None:
        raise ParameterError(
            f"`keys` of {list(by)} are not declared; sums and means need them. Ask "
            "`private_counts` with a `delta` which groups there are."
        )
    return question


def _asked(what: str, value: Bounded, by: Sequence[str]) -> str:
    return f"{what} of {value.column}" + (f" by {list(by)}" if by else "")


def _added(question: Question, value: Bounded, *, centre: int = 0) -> pl.DataFrame:
    """Sum of steps from the centre and number of rows, one row a group in the order declared."""
    units = (value.in_units() - centre).alias("__units")
    rows = bounded_rows(question).with_columns(units)
    totals = [pl.col("__units").sum().alias("sum"), pl.len().cast(pl.Int64).alias("n")]
    if not question.by:
        return rows.select(totals)
    cells = question.cells
    assert cells is not None  # noqa: S101 - for mypy
    found = cells.join(
        rows.group_by(question.by).agg(totals), on=question.by, how="left", maintain_order="left"
    )
    return found.with_columns(pl.col("sum", "n").fill_null(0))


def _mean_with_interval(value: Bounded, centre: int, widths: tuple[int, int]) -> list[pl.Expr]:
    """The quotient, and the ends of all quotients whose parts lie in their intervals."""
    total, rows = pl.col("sum"), pl.col("n")
    fewest, most = rows - widths[1], rows + widths[1]
    low, high = total - widths[0], total + widths[0]

    def bounded(distance: pl.Expr) -> pl.Expr:
        return ((distance + centre) * value.step).clip(value.low, value.high)

    def known(end: pl.Expr, otherwise: float) -> pl.Expr:
        return pl.when(fewest >= 1).then(bounded(end)).otherwise(otherwise)

    return [
        pl.when(rows >= 1).then(bounded(total / rows)).alias("value"),
        known(pl.min_horizontal(low / fewest, low / most), value.low).alias("ci_lower"),
        known(pl.max_horizontal(high / fewest, high / most), value.high).alias("ci_upper"),
    ]


def _beside(question: Question, columns: list[pl.Series]) -> pl.DataFrame:
    cells = question.cells
    own = pl.DataFrame(columns)
    return own if cells is None or not cells.width else cells.hstack(own)
