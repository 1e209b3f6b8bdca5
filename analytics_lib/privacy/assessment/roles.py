"""Which columns are quasi-identifiers and which are sensitive; checked beforehand."""

from collections.abc import Iterable, Sequence
from operator import index

from analytics_lib.core.checks import require_at_least, suggest
from analytics_lib.core.errors import ParameterError, SchemaError

MINIMUM_K = 2


def require_roles(
    columns: Sequence[str], *, quasi_identifiers: Sequence[str], sensitive: Sequence[str] = ()
) -> None:
    """Refuse roles that do not fit the table.

    Raises:
        ParameterError: There is no quasi-identifier, a name is unknown or twice there, a list of
            names is a text, or a column has both roles.
    """
    require_names(columns, quasi_identifiers, name="quasi_identifiers")
    require_names(columns, sensitive, name="sensitive")
    if not quasi_identifiers:
        raise ParameterError("`quasi_identifiers` is empty; it must name at least one column.")
    both = sorted(set(quasi_identifiers) & set(sensitive))
    if both:
        raise ParameterError(
            f"`sensitive` names {both}, which `quasi_identifiers` names too; a column must have "
            "one role: what an attacker knows, or what he wants to learn."
        )


def require_names(columns: Sequence[str], names: Sequence[str], *, name: str) -> None:
    """Refuse names of columns that are no columns of the table, or twice there.

    Raises:
        ParameterError: A name is unknown or twice there, or the names are one text.

    Examples:
        >>> require_names(["age", "sex"], ["agee"], name="quasi_identifiers")
        Traceback (most recent call last):
        ...
        analytics_lib.core.errors.ParameterError: `quasi_identifiers` names 'agee', which is no
        column of the table; columns are ['age', 'sex']. Did you mean 'age'?
    """
    if isinstance(names, str):
        raise ParameterError(f"`{name}` is the text {names!r}; it must be a list of names.")
    for column in names:
        if column not in columns:
            raise ParameterError(
                f"`{name}` names {column!r}, which is no column of the table; columns are "
                f"{list(columns)}." + suggest(column, columns)
            )
    twice = _repeated(names)
    if twice:
        raise ParameterError(f"`{name}` names {twice} more than once; each must be there once.")


def require_records(records: int, *, name: str = "table") -> None:
    """Refuse an empty table: nothing can be said about nobody.

    Raises:
        SchemaError: There are no records.
    """
    if records == 0:
        raise SchemaError(f"`{name}` has no records; it must have at least one.")


def require_k(k: int, *, records: int) -> None:
    """Refuse a `k` that protects nobody, or that no table of this size can have.

    Raises:
        ParameterError: `k` is no whole number, below 2, or above the number of records.
    """
    try:
        index(k)
    except TypeError:
        raise ParameterError(
            f"`k` is {k!r}; it must be a whole number of at least {MINIMUM_K}."
        ) from None
    require_at_least(k, MINIMUM_K, name="k")
    if records < k:
        raise ParameterError(
            f"`k` is {k}, but the table has {records} records; `k` must be at most that."
        )


def _repeated(names: Iterable[str]) -> list[str]:
    seen: set[str] = set()
    return sorted({column for column in names if column in seen or seen.add(column)})  # type: ignore[func-returns-value]
