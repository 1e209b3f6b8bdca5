"""Synthetic rows in a release: every demand holds on the real rows alone and on all rows."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import polars as pl

from analytics_lib.core.errors import ParameterError
from analytics_lib.privacy.anonymisation.criteria import TOLERANCE, Criteria
from analytics_lib.privacy.anonymisation.verification import (
    DISTANCE,
    Achieved,
    achieved,
    class_distances,
    verify,
)
from analytics_lib.privacy.augmentation.augment import (
    IS_SYNTHETIC,
    Augmented,
    Mark,
    augment,
    moved_distributions,
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SyntheticRows:
    """A release with synthetic rows that meets its demands without and with them.

    Attributes:
        table: Real and synthetic rows, told apart by `is_synthetic`, released or not.
        mark: Whether the released table has `is_synthetic`.
        rate: Synthetic rows asked for, as a share of the real ones.
        asked_rows: The same as a number of rows.
        synthetic_rows: Rows added.
        withdrawn_rows: Rows drawn and taken back, as they moved a class beyond `t`.
        classes_without_room: Classes in which every possible row is a real one.
        rows_without_room: Real rows in such classes.
        copies: Synthetic rows equal to a real row in all columns; always 0.
        real: k, l and t of the real rows alone. This is the protection people have.
        together: k, l and t of all rows.
        distances: How far each column has moved from the real rows alone.
    """

    table: pl.DataFrame
    mark: Mark
    rate: float
    asked_rows: int
    synthetic_rows: int
    withdrawn_rows: int
    classes_without_room: int
    rows_without_room: int
    copies: int
    real: Achieved
    together: Achieved
    distances: pl.DataFrame

    def to_dict(self) -> dict[str, Any]:
        """Plain values for a report: numbers of rows, no row."""
        return {
            "rate": self.rate,
            "marked": self.mark == "marked",
            "asked_rows": self.asked_rows,
            "synthetic_rows": self.synthetic_rows,
            "withdrawn_rows": self.withdrawn_rows,
            "classes_without_room": self.classes_without_room,
            "rows_without_room": self.rows_without_room,
            "copies_of_real_rows": self.copies,
            "real_rows_alone": asdict(self.real),
            "all_rows": asdict(self.together),
            "distributions_moved": self.distances.select("column", "total_variation").to_dicts(),
        }


def add_synthetic_rows(
    real: pl.DataFrame,
    *,
    original: pl.DataFrame,
    quasi_identifiers: Sequence[str],
    sensitive: Sequence[str],
    criteria: Criteria,
    rate: float,
    mark: Mark,
    rng: np.random.Generator,
) -> SyntheticRows:
    """Can synthetic rows be added so that k, l and t hold without and with them?

    The traps: rows drawn within a class keep k and l by the way they are drawn, and not t,
    because a draw may fall on one value more often than the class has it. Such draws are taken
    back, class by class. And a count that includes people who do not exist says nothing about
    those who do; so both tables are counted again, and each is refused by itself.

    Args:
        real: The checked rows of a release.
        original: The people behind them, as they are; `t` is measured from these.
        quasi_identifiers: Columns that an attacker may know.
        sensitive: Columns that nobody may learn about a person.
        criteria: The demands.
        rate: Synthetic rows as a share of the real ones, above 0.
        mark: "marked" or "unmarked"; see `augment`.
        rng: Source of all randomness.

    Returns:
        The rows and what they changed. Fewer rows than asked for may come.

    Raises:
        ParameterError: No synthetic row is possible that is no copy of a real one.
        DisclosureError: The real rows, or all rows, do not meet a demand.

    Examples:
        >>> people = pl.DataFrame(
        ...     {
        ...         "age": ["30-39"] * 4,
        ...         "team": ["a", "a", "b", "b"],
        ...         "city": ["x", "x", "y", "y"],
        ...     }
        ... )
        >>> found = add_synthetic_rows(
        ...     people,
        ...     original=people,
        ...     quasi_identifiers=["age"],
        ...     sensitive=["team"],
        ...     criteria=Criteria(k=4, l=2, t=0.2),
        ...     rate=0.5,
        ...     mark="marked",
        ...     rng=np.random.default_rng(1),
        ... )
        >>> found.synthetic_rows, found.copies, found.real.k, found.together.k
        (2, 0, 4, 6)
    """
    names = list(quasi_identifiers)
    drawn = augment(real, quasi_identifiers=names, k=criteria.k, rng=rng, rate=rate)
    added = drawn.table.filter(IS_SYNTHETIC)
    kept = _within_t(drawn.table, added, original, names, sensitive, criteria)
    if kept.is_empty():
        raise ParameterError(_why_none(drawn, added.height))

    table = pl.concat([drawn.table.filter(~pl.col(IS_SYNTHETIC)), kept])
    rows = table.drop(IS_SYNTHETIC)
    counted = [
        achieved(
            part, original, quasi_identifiers=names, sensitive=sensitive, distance=criteria.distance
        )
        for part in (real, rows)
    ]
    for found in counted:
        verify(found, criteria, suppressed=0, most_suppressed=0)
    return SyntheticRows(
        table=table,
        mark=mark,
        rate=rate,
        asked_rows=drawn.asked_rows,
        synthetic_rows=kept.height,
        withdrawn_rows=added.height - kept.height,
        classes_without_room=drawn.classes_without_room,
        rows_without_room=drawn.rows_without_room,
        copies=kept.join(real, on=real.columns, how="semi", nulls_equal=True).height,
        real=counted[0],
        together=counted[1],
        distances=moved_distributions(rows, original=real),
    )


def _within_t(
    table: pl.DataFrame,
    added: pl.DataFrame,
    original: pl.DataFrame,
    names: list[str],
    sensitive: Sequence[str],
    criteria: Criteria,
) -> pl.DataFrame:
    """The synthetic rows of those classes that are within t with them."""
    if criteria.t is None:
        return added
    for column in sensitive:
        apart = class_distances(
            table, original[column], quasi_identifiers=names, distance=criteria.distance
        )
        far = apart.filter(pl.col(DISTANCE) > criteria.t + TOLERANCE)
        added = added.join(far, on=names, how="anti", nulls_equal=True, maintain_order="left")
    return added


def _why_none(drawn: Augmented, added: int) -> str:
    reason = (
        f"all {added} that were drawn move their class beyond `t`"
        if added
        else f"in {drawn.classes_without_room} classes every combination of the columns that are "
        "no quasi-identifiers is a real row already"
    )
    return (
        f"No synthetic row is possible of {drawn.asked_rows} asked for: {reason}. Ask for another "
        "column that is no quasi-identifier, or for a `synthetic_rate` of 0."
    )
