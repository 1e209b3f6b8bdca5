"""Free text, which nobody can make safe, left out."""

from collections.abc import Sequence

import polars as pl

from analytics_lib.core.checks import require_at_least
from analytics_lib.core.errors import DisclosureError
from analytics_lib.privacy.assessment.roles import require_names
from analytics_lib.privacy.transformation.own_values import refuse_own_values

MOST_CATEGORIES = 1_000
LONGEST_CATEGORY = 80
_CODE = r"^\S{1,20}$"


def drop_free_text(
    table: pl.DataFrame,
    *,
    categories: Sequence[str],
    most_categories: int = MOST_CATEGORIES,
    longest_category: int = LONGEST_CATEGORY,
) -> pl.DataFrame:
    """Leave out every column of text that is not known to hold categories.

    The trap: people write names, addresses and illnesses into any field that
    lets them, and no search for patterns finds them all. So text is left out by default,
    and a column named as categories that does not look like them is refused
    rather than released: with a value longer than a category may be, with too many different
    phrases, or with values that mostly belong to one row each (see `refuse_own_values`). Codes,
    which have no space and at most 20 characters, may be as many as a list of illnesses or
    of postal areas has, as long as they repeat.

    Args:
        table: One row a person.
        categories: Columns of text that hold categories from a list.
        most_categories: Distinct values other than codes such a column may have, 1 or more.
        longest_category: Characters a category may have, 1 or more.

    Returns:
        The table without other columns of text (nor columns of lists, structures or
        bytes, which may hold text), order kept.

    Raises:
        DisclosureError: A column named as categories looks like free text, has values that
            mostly belong to one row each, or is of lists, structures or bytes.
        ParameterError: A name is unknown, or a limit is below 1.

    Examples:
        >>> people = pl.DataFrame({"sex": ["f"], "age": [30], "comment": ["call me on 0123"]})
        >>> drop_free_text(people, categories=["sex"]).columns
        ['sex', 'age']
    """
    require_names(table.columns, categories, name="categories")
    require_at_least(most_categories, 1, name="most_categories")
    require_at_least(longest_category, 1, name="longest_category")
    for name in categories:
        dtype = table.schema[name]
        if _is_composed(dtype):
            raise DisclosureError(
                f"`{name}` is {dtype}, which may hold any text; leave it out, or make a column of "
                "plain values of what is needed of it."
            )
        _refuse_phrases(table[name], most=most_categories, longest=longest_category)
    refuse_own_values(table, columns=categories)
    text = [
        name
        for name, dtype in table.schema.items()
        if name not in categories and may_hold_text(dtype)
    ]
    return table.drop(text)


def may_hold_text(dtype: pl.DataType) -> bool:
    """Whether a column of this type may hold what somebody wrote."""
    return _is_composed(dtype) or dtype in {pl.String, pl.Categorical}


def _refuse_phrases(column: pl.Series, *, most: int, longest: int) -> None:
    """A value of a list is short; of phrases there are few, of codes as many as there are."""
    found = column.cast(pl.String).drop_nulls().unique()
    length = max(found.str.len_chars(), default=0)
    phrases = int((~found.str.contains(_CODE)).sum())
    if phrases > most or length > longest:
        raise DisclosureError(
            f"`{column.name}` has {phrases} values that are no short codes, of up to {length} "
            f"characters; categories have at most {most} of {longest}. It is free text: leave it "
            "out of `categories`, `sensitive` and `keep`."
        )


def _is_composed(dtype: pl.DataType) -> bool:
    return dtype.is_nested() or dtype in {pl.Binary, pl.Object}
