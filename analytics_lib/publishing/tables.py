"""Tables of counts with differential privacy, paid for before they are counted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from analytics_lib.core.errors import BudgetError, ParameterError
from analytics_lib.privacy.differential import Account, Terms, private_counts
from analytics_lib.publishing.definition import DatasetDefinition
from analytics_lib.publishing.request import DatasetRequest

MISSING = "(missing)"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class NoisyTable:
    """One table of noisy counts of people, as it is published.

    Attributes:
        name: Name of its file, without ending.
        by: Columns whose values make the cells.
        rows: One row a cell: the values, `value`, `ci_lower` and `ci_upper`.
        facts: Epsilon, mechanism, accuracy and the receipt of the ledger; no count without noise.
    """

    name: str
    by: tuple[str, ...]
    rows: pl.DataFrame
    facts: Mapping[str, Any]


def noisy_tables(
    people: pl.DataFrame,
    *,
    asked: DatasetRequest,
    definition: DatasetDefinition,
    account: Account | None,
) -> tuple[NoisyTable, ...]:
    """How many people are there in each cell of the tables asked for?

    The trap: cells read from the table say who is in it. Here they are declared by the
    definition or by the contract of its table, and every one of them is answered, also where
    nobody is. A missing value is a cell of its own, and values that were never declared are
    left out. The epsilon of the request is divided among its tables, each is charged before it
    is counted, and a request that would not fit as a whole charges nothing.

    Args:
        people: One row a person, in the period and place asked for.
        asked: The request.
        definition: The data set.
        account: Who pays; None where the data set has no ledger.

    Returns:
        One table for each that was asked for, in order; nothing where none is.

    Raises:
        ParameterError: There is no ledger, or a column has no declared values.
        BudgetError: The ledger has not enough left; nothing was counted.
    """
    if not asked.tables or asked.epsilon is None:
        return ()
    if account is None:
        raise ParameterError(
            f"`tables` are asked for, but `{asked.dataset}` has no privacy budget; give it one "
            "with `analytics privacy ledger open`."
        )
    keys = [
        {name: [*definition.declared_values(name), MISSING] for name in by} for by in asked.tables
    ]
    _require_enough(account, asked.epsilon)
    terms = Terms(
        account=account,
        epsilon=asked.epsilon / len(asked.tables),
        rows_per_person=1,
        person=definition.person,
    )
    return tuple(
        _counted(people, number=number, keys=cells, terms=terms)
        for number, cells in enumerate(keys, start=1)
    )


def _counted(
    people: pl.DataFrame, *, number: int, keys: Mapping[str, Sequence[str]], terms: Terms
) -> NoisyTable:
    by = list(keys)
    told = people.select(
        terms.person, *[pl.col(name).cast(pl.String).fill_null(MISSING) for name in by]
    )
    found = private_counts(told, terms=terms, by=by, keys=keys)
    return NoisyTable(
        name=f"table_{number}",
        by=tuple(by),
        rows=found.rows,
        facts={
            "counted": "people",
            "by": by,
            "epsilon": found.epsilon,
            "delta": found.delta,
            "mechanism": found.mechanism,
            "half_width_of_interval": found.accuracy,
            "confidence": found.confidence,
            "unit": found.unit,
            "ledger_entry": found.receipt.number,
            "ledger_digest": found.receipt.digest,
        },
    )


def _require_enough(account: Account, epsilon: float) -> None:
    """Refuse before the first table what would fail at the last; the ledger decides in the end."""
    left = getattr(account.ledger, "state", None)
    if left is None:
        return
    found = float(left().left.epsilon)
    if epsilon > found:
        raise BudgetError(
            f"`epsilon` is {epsilon}, but the ledger of `{account.table}` has {found:g} left; "
            "nothing was counted."
        )
