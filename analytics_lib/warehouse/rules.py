"""A table's rules held against its contract: nothing unknown, nothing missing, nothing unfit."""

from typing import TYPE_CHECKING

from analytics_lib.core.checks import suggest
from analytics_lib.core.errors import ParameterError, SchemaError
from analytics_lib.warehouse.mapping import ColumnRule, Consent, SourceMapping, TableRule

if TYPE_CHECKING:
    from collections.abc import Sequence

    from analytics_lib.events.contract import Column, TableContract

DAY_UNIT = "day number"
INSTANT_UNIT = "microseconds since 1970-01-01 UTC"
TIME_NAMES = ("timestamp", "time", "t")
CONSENT_NAME = "consent"
UNDECLARED = "undeclared"
NO_BASIS = "not declared: the source has no `consent` column and no mapping says why none is needed"


def contract_of(table: str) -> "TableContract":
    """The contract of a table.

    Raises:
        ParameterError: There is no such table.
    """
    from analytics_lib.events.tables import CONTRACTS  # noqa: PLC0415 - pandera takes 0.7 s

    if table not in CONTRACTS:
        raise ParameterError(
            f"There is no table `{table}`; tables are {sorted(CONTRACTS)}."
            + suggest(table, CONTRACTS)
        )
    return CONTRACTS[table]


def check_rules(rule: TableRule, contract: "TableContract") -> None:
    """Refuse a mapping that the contract cannot take.

    Raises:
        ParameterError: A column is unknown, a required one is not mapped, a
            rule cannot give the type of its column, or consent is not settled.
    """
    for name, column_rule in rule.columns.items():
        if name not in contract.names:
            raise ParameterError(
                f"`{contract.name}` has no column `{name}`; columns are {contract.names}."
                + suggest(name, contract.names)
            )
        _check_fit(column_rule, next(c for c in contract.columns if c.name == name))
        if column_rule.kind == "digest" and name not in named_by_digest(contract):
            raise ParameterError(f"`digest` names rows; it cannot fill `{name}`.")
    rules = complete(rule, contract)
    missing = [c.name for c in contract.columns if c.required and c.name not in rules]
    if missing:
        raise ParameterError(
            f"The mapping of `{contract.name}` says nothing about {missing}, which every row "
            "must have."
        )
    if rule.consent is None and "user_id" in contract.names:
        raise ParameterError(
            f"The mapping of `{contract.name}` has no `consent`, but its rows are about people: "
            "name the column that holds it (`consent: {column: x}`) or the reason why none is "
            "needed (`consent: {declared: reason}`)."
        )


def named_by_digest(contract: "TableContract") -> list[str]:
    """The column a digest of others may fill: a key of its own that is a pseudonym, or none."""
    keys = [name for name in contract.columns_with_role("pseudonym") if contract.key == (name,)]
    return [name for name in keys if name != "user_id"]


def complete(rule: TableRule, contract: "TableContract") -> dict[str, ColumnRule]:
    """The rules with what follows from the others: the day of an instant, a quantity of one."""
    rules = dict(rule.columns)
    if contract.name != "events":
        return rules
    if "quantity" not in rules:
        rules["quantity"] = ColumnRule(constant=1)
    if "day" not in rules and "t_us" in rules:
        rules["day"] = rules["t_us"]
    return rules


def canonical_mapping(
    table: str, columns: "Sequence[str]", *, label: str, zone: str
) -> SourceMapping:
    """The mapping of a source whose columns already have the names of the contract.

    Args:
        table: Table to fill.
        columns: Columns of the source.
        label: File or table they are from, for messages.
        zone: Report zone of the lake. Clock times without an offset are UTC.

    Raises:
        ParameterError: There is no such table.
        SchemaError: A required column is missing.
    """
    contract = contract_of(table)
    rules = {column.name: _plain(column) for column in contract.columns if column.name in columns}
    instants = [name for name in TIME_NAMES if name in columns]
    if table == "events" and "t_us" not in rules and instants:
        rules["t_us"] = ColumnRule(timestamp=instants[0])
    consent = (
        Consent(column=CONSENT_NAME) if CONSENT_NAME in columns else Consent(declared=NO_BASIS)
    )
    rule = TableRule.model_validate({"columns": rules, "consent": consent})
    known = complete(rule, contract)
    missing = [c.name for c in contract.columns if c.required and c.name not in known]
    if missing:
        accepted = [*contract.names, *(TIME_NAMES if table == "events" else ())]
        near = [suggest(name, accepted) for name in columns if name not in accepted]
        raise SchemaError(
            f"`{label}` is missing {'column' if len(missing) == 1 else 'columns'} "
            f"{', '.join(map(repr, missing))} of `{table}`; available columns are "
            f"{list(columns)}.{suggest(missing[0], columns) or next(filter(None, near), '')} "
            "Columns of other names need a mapping (`--mapping`)."
        )
    return SourceMapping(
        source=UNDECLARED,
        title="Files ingested without a mapping",
        licence="not stated",
        kind="real",
        zone=zone,
        assumptions=[],
        tables={table: rule},
    )


def _plain(column: "Column") -> ColumnRule:
    if column.unit == INSTANT_UNIT:
        return ColumnRule(timestamp=column.name, unit="us")
    return ColumnRule(column=column.name)


def _check_fit(rule: ColumnRule, column: "Column") -> None:
    units: dict[str, tuple[str, ...]] = {
        "timestamp": (INSTANT_UNIT, DAY_UNIT),
        "date": (DAY_UNIT,),
        "origin": (DAY_UNIT,),
    }
    texts = ("join", "digest", "properties", "coarse_region", "device")
    kind = rule.kind
    unfit = (kind in units and column.unit not in units[kind]) or (
        kind in texts and column.kind != "string"
    )
    if unfit:
        raise ParameterError(
            f"`{kind}` cannot fill `{column.name}`, which is {column.kind}"
            f"{f' ({column.unit})' if column.unit else ''}."
        )
