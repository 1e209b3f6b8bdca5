"""Tables of counts with differential privacy, paid for before they are counted."""

import math
from typing import Any

import polars as pl

from analytics_lib.core.errors import BudgetError, ParameterError
from analytics_lib.privacy.counts_release import CountsRelease, release_counts
from analytics_lib.privacy.differential import Account, Terms
from analytics_lib.publishing.definition import DatasetDefinition
from analytics_lib.publishing.request import DatasetRequest

MISSING = "(missing)"


def noisy_tables(
    people: pl.DataFrame,
    *,
    asked: DatasetRequest,
    definition: DatasetDefinition,
    account: Account | None,
) -> CountsRelease | None:
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
        One table for each that was asked for, in order, sealed; None where none is.

    Raises:
        ParameterError: There is no ledger, or a column has no declared values.
        BudgetError: The ledger has not enough left; nothing was counted.
    """
    if not asked.tables or asked.epsilon is None:
        return None
    if account is None:
        raise ParameterError(
            f"`tables` are asked for, but `{asked.dataset}` has no privacy budget; give it one "
            "with `analytics privacy ledger open`."
        )
    keys = _declared(asked, definition)
    _require_enough(account, asked.epsilon)
    terms = Terms(
        account=account,
        epsilon=asked.epsilon / len(asked.tables),
        rows_per_person=1,
        person=definition.person,
    )
    told = people.select(
        terms.person,
        *[pl.col(name).cast(pl.String).fill_null(MISSING) for name in asked.columns_of_tables()],
    )
    return release_counts(told, keys=keys, terms=terms)


def cells_of_tables(asked: DatasetRequest, *, definition: DatasetDefinition) -> dict[str, Any]:
    """What would the tables of a request be, without counting anybody?

    Returns:
        `kind`, `epsilon`, and for each of `tables` its columns (`by`) and its number of `cells`.
    """
    tables = [
        {"by": list(keys), "cells": math.prod(len(values) for values in keys.values())}
        for keys in _declared(asked, definition)
    ]
    return {"kind": "tables", "epsilon": asked.epsilon, "tables": tables}


def _declared(asked: DatasetRequest, definition: DatasetDefinition) -> list[dict[str, list[str]]]:
    """Of each table the declared values of its columns, a missing one among them."""
    return [
        {name: [*definition.declared_values(name), MISSING] for name in by} for by in asked.tables
    ]


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
