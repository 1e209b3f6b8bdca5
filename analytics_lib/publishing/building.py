"""From an approved request and the lake's table to a sealed release."""

import datetime as dt
from collections.abc import Sequence

import numpy as np
import polars as pl

from analytics_lib.core.checks import require_columns
from analytics_lib.core.errors import ParameterError
from analytics_lib.privacy.pseudonyms import keyed_digest
from analytics_lib.privacy.release import Release, release
from analytics_lib.publishing.definition import DatasetDefinition, build_hierarchy
from analytics_lib.publishing.policy import ResearchPolicy
from analytics_lib.publishing.request import EVERYWHERE, DatasetRequest, demands

_EPOCH = dt.date(1970, 1, 1)


def build_release(
    table: pl.DataFrame,
    *,
    asked: DatasetRequest,
    definition: DatasetDefinition,
    policy: ResearchPolicy,
    key: bytes,
    version: int,
    earlier: Sequence[pl.DataFrame] = (),
) -> Release:
    """Make what was asked for, through every check.

    The same table, request, version and key give the same rows in the same order. The randomness
    comes from the secret key, so nobody without it can run it backwards.

    Args:
        table: The lake's table.
        asked: The request.
        definition: The data set it asks for.
        policy: The research policy.
        key: Secret key of at least 32 bytes; it is not stored.
        version: Version of the package.
        earlier: Tables released before about the same people.

    Raises:
        ParameterError: Nobody is in the period and place asked for, or fewer than `k`; synthetic
            rows are asked for and none is possible.
        SchemaError: A column is missing or a hierarchy lacks a value.
        DisclosureError: The release does not withstand.
    """
    people = select_people(table, asked=asked, definition=definition)
    known = definition.with_role("quasi_identifier", asked.fields)
    least = demands(asked, policy)
    trees = {
        name: build_hierarchy(spec.hierarchy, table[name])
        for name, spec in definition.columns.items()
        if name in known and spec.hierarchy is not None
    }
    return release(
        people,
        quasi_identifiers={name: trees[name] for name in known},
        k=least.k,
        l=least.l if definition.with_role("sensitive", asked.fields) else None,
        t=least.t if definition.with_role("sensitive", asked.fields) else None,
        rng=np.random.default_rng(_seed(key, asked.name, version)),
        sensitive=definition.with_role("sensitive", asked.fields),
        keep=definition.with_role("safe", asked.fields),
        person=definition.person,
        suppression_limit=policy.suppression_limit,
        control_share=policy.control_share,
        margin=policy.attack_margin,
        earlier=earlier,
        synthetic_rate=asked.rate_of_synthetic_rows(policy),
        mark=policy.synthetic_mark,
    )


def select_people(
    table: pl.DataFrame, *, asked: DatasetRequest, definition: DatasetDefinition
) -> pl.DataFrame:
    """One row a person, in the period and place asked for.

    Raises:
        SchemaError: The table lacks a column.
        ParameterError: A place is not in the table, or nobody is left.
    """
    used = [
        *asked.columns(), *definition.order, definition.person, definition.period_column,
        definition.scope_column,
    ]  # fmt: skip
    require_columns(table.columns, used, name=definition.table)
    first, last = (
        (dt.date.fromisoformat(day) - _EPOCH).days
        for day in (asked.period.first, asked.period.last)
    )
    rows = table.filter(pl.col(definition.period_column).is_between(first, last))
    if asked.geographic_scope != [EVERYWHERE]:
        places = table[definition.scope_column].drop_nulls().unique().sort().to_list()
        unknown = sorted(set(asked.geographic_scope) - set(places))
        if unknown:
            raise ParameterError(
                f"`geographic_scope` names {unknown}; it must be ['{EVERYWHERE}'] or from {places}."
            )
        rows = rows.filter(pl.col(definition.scope_column).is_in(asked.geographic_scope))
    people = rows.sort([*definition.order, definition.person], nulls_last=True).unique(
        definition.person, keep="first", maintain_order=True
    )
    if people.is_empty():
        raise ParameterError("Nobody is in the period and place asked for; widen them.")
    return people.select(*asked.columns(), definition.person)


def _seed(key: bytes, name: str, version: int) -> int:
    return int(keyed_digest(key, f"analytics_lib/dataset/{name}/{version}"), 16)
