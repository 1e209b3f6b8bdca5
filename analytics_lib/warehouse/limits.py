"""What sets a row aside: the limits of a contract as polars expressions, each with its words.

They come from the same `Column` objects as the pandera schema. Pandera says
whether a frame is sound; these say for every row why it is not.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from analytics_lib.warehouse.columns import Derived, is_too_fine
from analytics_lib.warehouse.mapping import IDENTIFYING_NAMES

if TYPE_CHECKING:
    from analytics_lib.events.contract import Column

_IDENTIFYING_KEY = rf'(?i)"(?:{"|".join(IDENTIFYING_NAMES)})"\s*:'


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """One reason to set a row aside.

    Attributes:
        column: Column at fault.
        broken: True for the rows at fault; null counts as sound.
        reason: What is wrong, to be read after the name of the column.
    """

    column: str
    broken: pl.Expr
    reason: str


def derivation_limit(column: "Column", derived: Derived, *, value_prefix: str) -> Limit:
    """The value is there but cannot be read."""
    value, given = f"{value_prefix}{column.name}", f"{value_prefix}{column.name}_given"
    return Limit(
        column=column.name, broken=pl.col(given) & pl.col(value).is_null(), reason=derived.reason
    )


def contract_limits(column: "Column", *, value_prefix: str, last_day: int | None) -> list[Limit]:
    """The value breaks what the contract promises of the column."""
    value = pl.col(f"{value_prefix}{column.name}")
    found: list[tuple[pl.Expr, str]] = []
    if column.required:
        found.append((value.is_null(), "is missing"))
    if column.allowed is not None:
        found.append(
            (~value.is_in(list(column.allowed)), f"must be one of {sorted(column.allowed)}")
        )
    if column.minimum is not None:
        found.append((value < column.minimum, f"must be at least {column.minimum:g}"))
    if column.maximum is not None:
        found.append((value > column.maximum, f"must be at most {column.maximum:g}"))
    if last_day is not None:
        found.append((value > last_day, "lies in the future"))
    if column.pattern is not None and column.role != "pseudonym":
        found.append(
            (~value.str.contains(rf"^(?:{column.pattern})$"), f"must match {column.pattern}")
        )
    found += _privacy_limits(column.name, value)
    return [Limit(column=column.name, broken=broken, reason=words) for broken, words in found]


def _privacy_limits(name: str, value: pl.Expr) -> list[tuple[pl.Expr, str]]:
    if name == "region":
        return [(is_too_fine(value), "is finer than a country or state")]
    if name == "properties":
        object_like = value.str.contains(r"^\s*\{")
        return [
            (~object_like, "is no JSON object"),
            (value.str.contains(_IDENTIFYING_KEY), "names a direct identifier"),
        ]
    return []
