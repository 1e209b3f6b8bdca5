"""Counts of people and of rows, histograms and contingency tables."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, Literal

import polars as pl

from analytics_lib.core.checks import require_choice
from analytics_lib.core.errors import ParameterError
from analytics_lib.privacy.differential.answers import (
    LAPLACE,
    PrivateAnswer,
    answer_of,
    with_interval,
)
from analytics_lib.privacy.differential.bounds import Bounded
from analytics_lib.privacy.differential.budget import Receipt, Terms
from analytics_lib.privacy.differential.contributions import (
    Question,
    bounded_rows,
    question_of,
)
from analytics_lib.privacy.differential.noise import (
    IntegerLaplace,
    ThresholdLaplace,
    integer_laplace,
    threshold_laplace,
)

Counted = Literal["people", "rows"]
_NUMBERS = ["value", "ci_lower", "ci_upper"]
_FLOORED = "values and intervals below 0 set to 0"


def private_counts(
    table: Any,  # noqa: ANN401 - any supported frame
    *,
    terms: Terms,
    by: Sequence[str] = (),
    keys: Mapping[str, Sequence[Any]] | None = None,
    count: Counted = "people",
    non_negative: bool = False,
) -> PrivateAnswer:
    """How many people (or rows) are there, by group?

    The traps: one person with a thousand rows moves a count of rows by a thousand, so each
    person's rows are bounded first; and that a group is there at all may be the secret. Declare
    the keys, and every one of them is answered, also where nobody is. Without them only
    groups of enough people show, and `delta` is the chance that one shows because of one person.

    Args:
        table: One row a contribution of a person; any supported frame.
        terms: Privacy loss, rows a person, who asks. A person counts in at most
            `rows_per_person` groups (rows of the same group count once for people).
        by: Columns whose values make the groups.
        keys: Declared values of each of them; every combination is a group, and rows of others
            are left out.
        count: "people" or "rows".
        non_negative: Whether numbers below 0 are shown as 0. That is done to the noisy number, so
            it costs nothing, but sums of many groups become too large.

    Returns:
        One row a group; whole numbers, which may be below 0.

    Raises:
        BudgetError: The ledger has not enough left; nothing was computed.
        ParameterError: A name is unknown, or keys are unknown without `delta` (or the reverse).
        SchemaError: A column is missing or has missing values.
        AccessError: OpenDP is not installed.
    """
    require_choice(count, ("people", "rows"), name="count")
    question = question_of(table, terms=terms, by=by, keys=keys)
    asked = f"{count} by {list(by)}" if by else count
    if question.cells is None:
        return _unknown_keys(question, count=count, asked=asked)
    _refuse_delta(terms)
    groups = question.cells.height or 1
    most = min(terms.rows_per_person, groups) if count == "people" else terms.rows_per_person
    noise = integer_laplace(sensitivity=most, epsilon=terms.epsilon)
    receipt = terms.charge(question=f"count of {asked}", mechanism=LAPLACE)

    rows = _grouped(question, count)
    return _answer(question, rows, noise=noise, receipt=receipt, non_negative=non_negative)


def private_contingency(
    table: Any,  # noqa: ANN401 - any supported frame
    *,
    terms: Terms,
    keys: Mapping[str, Sequence[Any]],
    count: Counted = "people",
    non_negative: bool = False,
) -> PrivateAnswer:
    """How many people are there of each combination of values?

    The trap: totals published beside their cells cost budget again and do not fit them. Take
    totals as sums of these cells.

    Args:
        table: One row a contribution of a person; any supported frame.
        terms: Privacy loss, rows a person, who asks.
        keys: Declared values of two or more columns.
        count: "people" or "rows".
        non_negative: Whether numbers below 0 are shown as 0.

    Returns:
        One row a combination; see `private_counts`.

    Raises:
        ParameterError: There are fewer than two columns; and as `private_counts`.
    """
    if len(keys) < 2:  # noqa: PLR2004 - one column is a count
        raise ParameterError(
            f"`keys` names {len(keys)} columns; a contingency table must have at least two."
        )
    return private_counts(
        table, terms=terms, by=list(keys), keys=keys, count=count, non_negative=non_negative
    )


def private_histogram(
    table: Any,  # noqa: ANN401 - any supported frame
    *,
    terms: Terms,
    value: Bounded,
    edges: Sequence[float],
    non_negative: bool = False,
) -> PrivateAnswer:
    """How are the values distributed over declared intervals?

    The trap: edges read from the table show its extremes. Here they are declared, and values
    outside the bounds count in the first or the last interval.

    Args:
        table: One row a value; any supported frame.
        terms: Privacy loss, rows a person, who asks; rows are counted.
        value: The column with its bounds; values are rounded to its steps.
        edges: Two or more, ascending, from the low bound to the high one. An interval includes
            its lower edge, the last one both.
        non_negative: Whether numbers below 0 are shown as 0.

    Returns:
        One row an interval: `from`, `to`, `value`, `ci_lower`, `ci_upper`.

    Raises:
        ParameterError: The edges do not ascend from bound to bound.
        BudgetError: The ledger has not enough left; nothing was computed.
        SchemaError: A column is missing or has missing values.
    """
    cuts = _cuts(value, edges)
    question = question_of(table, terms=terms, values=[value.column])
    _refuse_delta(terms)
    noise = integer_laplace(sensitivity=terms.rows_per_person, epsilon=terms.epsilon)
    receipt = terms.charge(question=f"histogram of {value.column}", mechanism=LAPLACE)

    units = bounded_rows(question).select(value.in_units())[value.column]
    cells = pl.DataFrame({"from": edges[:-1], "to": edges[1:]}, strict=False)
    places = pl.Series("place", cuts).search_sorted(units, side="right")
    counts = places.value_counts(name="n").rename({places.name: "place"})
    found = dict(counts.rows())
    answered = noise.release([found.get(number + 1, 0) for number in range(cells.height)])
    width = noise.half_width()
    shown = with_interval(cells, answered, half_width=width)
    return answer_of(
        _floored(shown) if non_negative else shown,
        terms=terms,
        receipt=receipt,
        mechanism=LAPLACE,
        accuracy=width,
        post_processing=_FLOORED if non_negative else "none",
    )


def _cuts(value: Bounded, edges: Sequence[float]) -> list[int]:
    ascending = all(low < high for low, high in pairwise(edges))
    ends = len(edges) >= 2 and (edges[0], edges[-1]) == (value.low, value.high)  # noqa: PLR2004
    if not (ascending and ends):
        raise ParameterError(
            f"`edges` must ascend from {value.low} to {value.high}, the bounds of "
            f"`{value.column}`; they are {list(edges)}."
        )
    inner = [Bounded(column="edge", low=value.low, high=edge, step=value.step).units[1]
             for edge in edges[1:-1]]  # fmt: skip
    return [value.units[0], *inner]


def _refuse_delta(terms: Terms) -> None:
    if terms.delta:
        raise ParameterError(f"`delta` is {terms.delta}, but this answer needs none; it must be 0.")


def _grouped(question: Question, count: Counted) -> pl.DataFrame:
    rows = bounded_rows(question, distinct=count == "people")
    if not question.by:
        return pl.DataFrame({"n": [rows.height]})
    return rows.group_by(question.by).agg(pl.len().cast(pl.Int64).alias("n"))


def _answer(
    question: Question,
    grouped: pl.DataFrame,
    *,
    noise: IntegerLaplace,
    receipt: Receipt,
    non_negative: bool,
) -> PrivateAnswer:
    cells = question.cells
    assert cells is not None  # noqa: S101 - for mypy
    counts = (
        cells.join(grouped, on=question.by, how="left", maintain_order="left")["n"].fill_null(0)
        if question.by
        else grouped["n"]
    )
    width = noise.half_width()
    shown = with_interval(cells, noise.release(counts.to_list()), half_width=width)
    return answer_of(
        _floored(shown) if non_negative else shown,
        terms=question.terms,
        receipt=receipt,
        mechanism=LAPLACE,
        accuracy=width,
        post_processing=_FLOORED if non_negative else "none",
    )


def _unknown_keys(question: Question, *, count: Counted, asked: str) -> PrivateAnswer:
    terms = question.terms
    if not terms.delta:
        raise ParameterError(
            f"`keys` of {list(question.by)} are not declared and `delta` is 0; declare the keys, "
            "or a `delta` above 0: that a group exists may be the secret."
        )
    noise: ThresholdLaplace = threshold_laplace(
        rows=terms.rows_per_person,
        rows_in_group=1 if count == "people" else terms.rows_per_person,
        epsilon=terms.epsilon,
        delta=terms.delta,
    )
    mechanism = f"{LAPLACE}, groups of {noise.threshold} or less left out"
    receipt = terms.charge(question=f"count of {asked}, keys unknown", mechanism=mechanism)

    groups = _grouped(question, count).sort(question.by)
    counts = {str(place): number for place, number in enumerate(groups["n"])}
    found = {int(place): number for place, number in noise.release(counts).items()}
    places = sorted(found)
    width = IntegerLaplace(scale=noise.scale, measurement=None).half_width()
    cells = groups.select(question.by)[places]
    return answer_of(
        with_interval(cells, [found[place] for place in places], half_width=width),
        terms=terms,
        receipt=receipt,
        mechanism=mechanism,
        accuracy=width,
        post_processing="none",
    )


def _floored(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.with_columns(pl.col(_NUMBERS).clip(lower_bound=0))
