"""Adding synthetic rows to a release that has passed its check."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import polars as pl

from analytics_lib.core.checks import require_choice
from analytics_lib.core.errors import DisclosureError, ParameterError, SchemaError
from analytics_lib.privacy.assessment.anonymity import KAnonymity, assess_k_anonymity
from analytics_lib.privacy.assessment.roles import require_records, require_roles
from analytics_lib.privacy.augmentation.drawing import classes_with_room, drawn_rows
from analytics_lib.privacy.transformation.row_order import shuffle_rows
from analytics_lib.privacy.utility.distributions import distribution_distances

Mark = Literal["marked", "unmarked"]
IS_SYNTHETIC = "is_synthetic"
DEFAULT_RATE = 0.10


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Augmented:
    """A release with synthetic rows, and what they did to it.

    Attributes:
        table: Real and synthetic rows in random order; with a column `is_synthetic` where marked.
        real_rows: Rows of the release before.
        synthetic_rows: Rows added. Publish the number in any case, also where they are not marked.
        asked_rows: Rows asked for; more than were added where classes have too little room.
        classes_without_room: Classes in which every combination of their values is a real
            row, so that any synthetic row would be a copy; none is drawn there.
        rows_without_room: Real rows in such classes.
        copies: Synthetic rows equal to a real row in all columns, counted again; always 0.
        k_real: k-anonymity of the real rows alone. This is the protection people have.
        k_all: k-anonymity of all rows, never below that of the real ones.
        distances: How far each column has moved; see `distribution_distances`.
    """

    table: pl.DataFrame
    real_rows: int
    synthetic_rows: int
    asked_rows: int
    classes_without_room: int
    rows_without_room: int
    copies: int
    k_real: KAnonymity
    k_all: KAnonymity
    distances: pl.DataFrame


def augment(
    released: pl.DataFrame,
    *,
    quasi_identifiers: Sequence[str],
    k: int,
    rng: np.random.Generator,
    rate: float = DEFAULT_RATE,
    mark: Mark = "marked",
) -> Augmented:
    """Add synthetic rows to an anonymised table without breaking its k.

    The traps: rows added before the check are counted as people who do not exist, and classes that
    look large enough hold too few real ones. Rows added afterwards with every column drawn
    by itself make classes of one. Here the real rows are checked alone, and a synthetic row
    gets the quasi-identifiers of a class that is there. Its other columns are drawn each by itself
    from people of that class, so no sensitive value comes into a class that was not in it.

    A synthetic row is a copy where, within its class, it equals a real row in all columns that
    are no quasi-identifiers. None is released. Where all columns are
    quasi-identifiers, or nearly, no other rows may be possible; the result says so.

    Synthetic rows protect little by themselves: the doubt they cast is no measure of privacy.
    Associations of the other columns within a class become weaker.

    Args:
        released: One row a person, anonymised; no names, no row numbers.
        quasi_identifiers: Columns that an attacker may know.
        k: The k that the real rows must have.
        rng: Source of all randomness; seed it from the system's entropy and publish no seed.
        rate: Synthetic rows as a share of the real ones, 0 or more.
        mark: "marked" adds the column `is_synthetic`; "unmarked" leaves readers in doubt, which
            the description of the release must say.

    Returns:
        The table, with k and distances measured.

    Raises:
        DisclosureError: The real rows do not have k, or a column numbers the rows.
        ParameterError: A name is unknown, or the rate is negative.
        SchemaError: The table is empty, or already has `is_synthetic`.

    Examples:
        >>> people = pl.DataFrame(
        ...     {
        ...         "age": ["30-39"] * 4,
        ...         "team": ["a", "a", "b", "b"],
        ...         "city": ["x", "x", "y", "y"],
        ...     }
        ... )
        >>> found = augment(
        ...     people, quasi_identifiers=["age"], k=4, rate=0.5, rng=np.random.default_rng(1)
        ... )
        >>> added = found.table.filter(pl.col("is_synthetic"))
        >>> added.height, found.copies, found.k_real.k, found.k_all.k
        (2, 0, 4, 6)
        >>> set(added.select("team", "city").rows()) <= {("a", "y"), ("b", "x")}
        True
    """
    require_choice(mark, ("marked", "unmarked"), name="mark")
    if not 0 <= rate < float("inf"):
        raise ParameterError(f"`rate` is {rate}; it must be at least 0 and finite.")
    require_roles(released.columns, quasi_identifiers=quasi_identifiers)
    require_records(released.height, name="released")
    if IS_SYNTHETIC in released.columns:
        raise SchemaError(f"`released` has a column `{IS_SYNTHETIC}` already.")
    k_real = assess_k_anonymity(released, quasi_identifiers=quasi_identifiers, k=k)
    _require_k(k_real, of="real rows")

    classes = classes_with_room(released, quasi_identifiers=quasi_identifiers)
    asked = round(rate * released.height)
    drawn = drawn_rows(classes, number=asked, quasi_identifiers=quasi_identifiers, rng=rng)
    together = pl.concat(
        [
            classes.rows.with_columns(pl.lit(value=False).alias(IS_SYNTHETIC)),
            drawn.with_columns(pl.lit(value=True).alias(IS_SYNTHETIC)),
        ]
    )
    k_all = assess_k_anonymity(together, quasi_identifiers=quasi_identifiers, k=k)
    _require_k(k_all, of="rows with the synthetic ones")
    shuffled = shuffle_rows(together, rng=rng)
    return Augmented(
        table=shuffled if mark == "marked" else shuffled.drop(IS_SYNTHETIC),
        real_rows=released.height,
        synthetic_rows=drawn.height,
        asked_rows=asked,
        classes_without_room=int((~classes.room).sum()),
        rows_without_room=int(classes.sizes[~classes.room].sum()),
        copies=drawn.join(released, on=released.columns, how="semi", nulls_equal=True).height,
        k_real=k_real,
        k_all=k_all,
        distances=moved_distributions(together.drop(IS_SYNTHETIC), original=released),
    )


def moved_distributions(together: pl.DataFrame, *, original: pl.DataFrame) -> pl.DataFrame:
    """How far synthetic rows move the distribution of each column; see `distribution_distances`."""
    readable = [pl.col(pl.Boolean).cast(pl.String)]
    return distribution_distances(
        together.with_columns(readable),
        original=original.with_columns(readable),
        columns=original.columns,
    )


def _require_k(found: KAnonymity, *, of: str) -> None:
    if not found.holds:
        raise DisclosureError(
            f"The {of} have k = {found.k}, but {found.required_k} is asked for; "
            f"{found.records_below} rows are in smaller classes. Anonymise further beforehand."
        )
