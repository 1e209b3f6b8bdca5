"""Rows that describe so few people that the description itself names them."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import product

import polars as pl

from analytics_lib.events.tables import CONTRACTS
from analytics_lib.reporting.gate.findings import Finding
from analytics_lib.reporting.gate.policy import DisclosurePolicy
from analytics_lib.reporting.payloads import Payload

FEWEST_TRAITS = 2
USER = "user_id"
Traits = Mapping[str, str]


def trait_findings(
    payloads: Sequence[Payload],
    *,
    tables: Mapping[str, pl.LazyFrame],
    policy: DisclosurePolicy,
) -> Iterator[Finding]:
    """Rows whose traits together fit fewer people than the policy allows.

    Columns are not trusted by their names: a value on the page is a trait
    where a quasi-identifier of a table the report read holds it. Two traits
    of a row or more are looked up together.

    Args:
        payloads: Everything the page shows.
        tables: The tables the report read, by name.
        policy: The policy.
    """
    for name, table in tables.items():
        columns = _traits_of(name, table)
        if len(columns) >= FEWEST_TRAITS:
            yield from _in_table(payloads, table, columns, policy, name)


def _traits_of(name: str, table: pl.LazyFrame) -> list[str]:
    """Text columns of a table of people that are quasi-identifiers."""
    contract = CONTRACTS.get(name)
    if contract is None or USER not in contract.names:
        return []
    schema = table.collect_schema()
    return [
        column
        for column in contract.columns_with_role("quasi_identifier")
        if schema.get(column) == pl.String
    ]


def _in_table(
    payloads: Sequence[Payload],
    table: pl.LazyFrame,
    columns: list[str],
    policy: DisclosurePolicy,
    name: str,
) -> Iterator[Finding]:
    people = table.select(USER, *columns).unique().collect()
    holders = _holders(people, columns)
    known: dict[tuple[tuple[str, str], ...], int] = {}
    for payload in payloads:
        rare = 0
        for row in payload.rows:
            for traits in _readings([cell for cell in row if isinstance(cell, str)], holders):
                key = tuple(sorted(traits.items()))
                if key not in known:
                    known[key] = _count(people, traits)
                rare += 0 < known[key] < policy.minimum_count
        if rare:
            yield Finding(
                rule="rare traits",
                where=payload.id,
                words=f"{rare} rows hold traits of `{name}` that fit fewer than "
                f"{policy.minimum_count} people",
            )


def _holders(people: pl.DataFrame, columns: list[str]) -> dict[str, set[str]]:
    """The columns that hold each value."""
    holders: defaultdict[str, set[str]] = defaultdict(set)
    for column in columns:
        for value in people[column].unique().drop_nulls().to_list():
            holders[value].add(column)
    return holders


def _readings(cells: list[str], holders: Mapping[str, set[str]]) -> Iterator[Traits]:
    """The ways to read a row as two or more traits of different kinds."""
    known = [cell for cell in dict.fromkeys(cells) if cell in holders]
    if len(known) < FEWEST_TRAITS:
        return
    for columns in product(*(sorted(holders[cell]) for cell in known)):
        if len(set(columns)) == len(columns):
            yield dict(zip(columns, known, strict=True))


def _count(people: pl.DataFrame, traits: Traits) -> int:
    fits = pl.all_horizontal([pl.col(column) == value for column, value in traits.items()])
    return people.filter(fits)[USER].n_unique()
