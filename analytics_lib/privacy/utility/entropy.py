"""Non-uniform entropy: how many bits it takes to guess the values behind the labels."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from analytics_lib.core.errors import SchemaError
from analytics_lib.privacy.assessment.roles import require_records, require_roles


@dataclass(frozen=True, slots=True, kw_only=True)
class EntropyLoss:
    """Bits lost by recoding a table.

    Attributes:
        bits: Non-uniform entropy of the recoding of all records; ARX's figure.
        by_column: The same of each quasi-identifier; they add up to `bits`.
        suppression_bits: Entropy of the labels of the suppressed records, which ARX's
            non-monotonic variant adds to `bits`; 0 where none is.
        suppressed: Suppressed records.
    """

    bits: float
    by_column: dict[str, float]
    suppression_bits: float
    suppressed: int


def non_uniform_entropy(
    original: pl.DataFrame,
    *,
    recoded: pl.DataFrame,
    quasi_identifiers: Sequence[str],
    suppressed: pl.Series | None = None,
) -> EntropyLoss:
    """How many bits are lost where values become labels that cover several?

    A label that covers one common and one rare value loses little: most
    guesses are right. A cell costs `-log2(a / b)`, b the records with its label and a those of
    them with its value.

    The trap: by ARX's definition suppression costs nothing here. The frequencies
    are those of the recoded table before records are left out, so a recoding that
    suppresses 3 % compares as if it suppressed none; read the number beside
    the records suppressed, or add `suppression_bits`.

    Args:
        original: One row a person.
        recoded: The same rows in the same order with labels in place of values, before any
            record is left out.
        quasi_identifiers: Columns to measure; a missing value is a value.
        suppressed: Truth values, one a row: whether the record is left out afterwards.

    Returns:
        Bits over all records, 0 or more.

    Raises:
        ParameterError: A name is unknown.
        SchemaError: The table is empty, or the parts differ in length.

    Examples:
        >>> people = pl.DataFrame({"city": ["Rome", "Rome", "Rome", "Nice"]})
        >>> labels = pl.DataFrame({"city": ["Europe"] * 4})
        >>> found = non_uniform_entropy(people, recoded=labels, quasi_identifiers=["city"])
        >>> round(found.bits, 4)  # -3 log2(3/4) - log2(1/4)
        3.2451

    References:
        De Waal A., Willenborg L. (1999), Netherlands Official Statistics 14, 17-20; Gionis A.,
        Tassa T. (2009), IEEE Trans. Knowl. Data Eng. 21, 206-219. Same figures as ARX's
        `createEntropyMetric`.
    """
    for frame in (original, recoded):
        require_roles(frame.columns, quasi_identifiers=quasi_identifiers)
    require_records(original.height, name="original")
    left_out = pl.repeat(value=False, n=original.height, eager=True)
    left_out = left_out if suppressed is None else suppressed
    if not original.height == recoded.height == left_out.len():
        raise SchemaError(
            f"`original` has {original.height} rows, `recoded` {recoded.height} and `suppressed` "
            f"{left_out.len()}; all must have the same rows in the same order."
        )

    by_column = {
        column: _lost_bits(original[column], recoded[column]) for column in quasi_identifiers
    }
    gone = recoded.filter(left_out)
    return EntropyLoss(
        bits=sum(by_column.values()),
        by_column=by_column,
        suppression_bits=sum(_label_bits(gone[column]) for column in quasi_identifiers),
        suppressed=gone.height,
    )


def _lost_bits(values: pl.Series, labels: pl.Series) -> float:
    pairs = pl.DataFrame({"value": values, "label": labels})
    counted = pairs.group_by("value", "label").agg(records=pl.len())
    share = pl.col("records") / pl.col("records").sum().over("label")
    bits = counted.select(pl.col("records") * share.log(2)).to_series()
    return abs(math.fsum(bits))  # exact, so that the order of groups does not matter


def _label_bits(labels: pl.Series) -> float:
    counts = labels.value_counts()["count"]
    total = int(counts.sum())
    return abs(math.fsum(counts * (counts / total).log(2))) if total else 0.0
