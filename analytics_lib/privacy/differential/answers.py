"""Answers with noise, and what must be said beside them."""

from dataclasses import dataclass

import polars as pl

from analytics_lib.core.errors import ParameterError
from analytics_lib.privacy.differential.budget import UNIT, Receipt, Terms
from analytics_lib.privacy.differential.noise import CONFIDENCE

LAPLACE = "discrete Laplace noise on whole numbers (OpenDP)"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PrivateAnswer:
    """An answer that hides whether any one person is in the table.

    Attributes:
        rows: One row a group (one in all without groups): its keys, `value`, `ci_lower` and
            `ci_upper`, between which the answer without noise lies with `confidence`, each row
            taken for itself. The interval knows the noise only, neither what clipping and
            left-out rows changed nor the chance by which people came into the table. Sorted as the
            keys were declared.
        accuracy: Half the width of that interval, in the unit of the value; None where it differs
            by row.
        confidence: Of the interval.
        epsilon: Privacy loss of the whole answer.
        delta: Chance that the loss is larger.
        mechanism: What made the noise.
        unit: Whose presence is hidden: all rows of a person.
        rows_per_person: Rows of a person that were taken at most.
        post_processing: What was done to the noisy numbers afterwards; costs nothing.
        receipt: The entry in the ledger.
    """

    rows: pl.DataFrame
    accuracy: float | None
    epsilon: float
    delta: float
    mechanism: str
    rows_per_person: int
    receipt: Receipt
    post_processing: str = "none"
    confidence: float = CONFIDENCE
    unit: str = UNIT

    @property
    def value(self) -> float | None:
        """The answer where there is one only.

        Raises:
            ParameterError: There are several rows.
        """
        if self.rows.height != 1:
            raise ParameterError(
                f"`value` is asked of an answer with {self.rows.height} rows; read `rows`."
            )
        found: float | None = self.rows["value"][0]
        return found


def answer_of(
    rows: pl.DataFrame,
    *,
    terms: Terms,
    receipt: Receipt,
    mechanism: str,
    accuracy: float | None,
    post_processing: str = "none",
) -> PrivateAnswer:
    """An answer on these terms."""
    return PrivateAnswer(
        rows=rows,
        accuracy=accuracy,
        epsilon=terms.epsilon,
        delta=terms.delta,
        mechanism=mechanism,
        rows_per_person=terms.rows_per_person,
        receipt=receipt,
        post_processing=post_processing,
    )


def with_interval(cells: pl.DataFrame, values: list[int], *, half_width: int) -> pl.DataFrame:
    """The groups with their noisy numbers, and the interval around each."""
    noisy = pl.Series("value", values, dtype=pl.Int64)
    own = pl.DataFrame(
        {
            "value": noisy,
            "ci_lower": noisy - half_width,
            "ci_upper": noisy + half_width,
        }
    )
    return own if not cells.width else cells.hstack(own)
