"""Values that almost everybody has alone, which name people whatever the column is called."""

from collections.abc import Sequence

import polars as pl

from analytics_lib.core.errors import DisclosureError
from analytics_lib.privacy.assessment.roles import require_names

FEWEST_JUDGED = 100
MOST_ALONE = 0.5
MOST_ALONE_MEASURED = 0.9


def refuse_own_values(table: pl.DataFrame, *, columns: Sequence[str]) -> None:
    """Refuse columns whose values nearly all belong to one person each.

    The trap: an account number among the sensitive columns meets k, l and every attack, for
    each class is as diverse as can be. Whoever has another list with that number has the person.

    Text is refused where more than half of the rows with a value have one of their own. Numbers,
    days and times may be measured finely and be honest, so they are refused where more than nine
    rows in ten do: round them. Fewer than 100 rows with a value are not judged, since there a
    value of one's own is ordinary.

    Args:
        table: One row a person.
        columns: Columns to be released as they are.

    Raises:
        DisclosureError: The values of a column nearly all belong to one person each.
        ParameterError: A name is unknown.

    Examples:
        >>> people = pl.DataFrame({"account": range(100), "code": ["E10", "E11"] * 50})
        >>> refuse_own_values(people, columns=["code"])
        >>> refuse_own_values(people, columns=["account"])
        Traceback (most recent call last):
            ...
        analytics_lib.core.errors.DisclosureError: In `account`, 100 of 100 rows with a value ...
    """
    require_names(table.columns, columns, name="columns")
    for name in columns:
        known = table[name].drop_nulls()
        alone = int(known.is_unique().sum())
        measured = known.dtype.is_numeric() or known.dtype.is_temporal()
        most = MOST_ALONE_MEASURED if measured else MOST_ALONE
        if known.len() >= FEWEST_JUDGED and alone > most * known.len():
            remedy = "Round it (`round_to`, `coarsen_time`)" if measured else "Make it coarser"
            raise DisclosureError(
                f"In `{name}`, {alone} of {known.len()} rows with a value have it to themselves; "
                f"at most {most:.0%} may. It names people, as free text or a number of an account "
                f"does. {remedy} or leave it out."
            )
