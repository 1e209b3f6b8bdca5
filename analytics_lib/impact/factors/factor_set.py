"""`FactorSet`: factors that belong together, and the researcher's own."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from analytics_lib.core.checks import require_choice, require_columns, suggest
from analytics_lib.core.errors import ParameterError, SchemaError
from analytics_lib.events.boundary import as_table
from analytics_lib.impact.factors.factor import Factor
from analytics_lib.impact.places import covers, require_place

_NEEDED = ("quantity", "value", "unit", "per", "region", "scope", "source", "year", "confidence")
_OPTIONAL = ("low", "high", "end_of_life", "item", "notes")


class NoFactorError(ParameterError):
    """The set knows the quantity, but not here or not for this. Remedy: another set or place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FactorSet:
    """Factors that belong together.

    Attributes:
        name: Name people use.
        title: What it is, for pages.
        factors: The factors; one for each quantity, item and region.
    """

    name: str
    title: str
    factors: tuple[Factor, ...]

    def __post_init__(self) -> None:
        """Refuse a set that answers one question twice."""
        keys = [(one.quantity, one.item, one.region) for one in self.factors]
        if len(set(keys)) < len(keys):
            twice = next(key for key in keys if keys.count(key) > 1)
            raise ParameterError(
                f"The factor set {self.name!r} holds {twice} twice; one factor each."
            )

    def quantities(self) -> list[str]:
        """What the set knows, sorted."""
        return sorted({one.quantity for one in self.factors})

    def items(self, quantity: str) -> list[str]:
        """The foods, serving sizes or treatments it knows for a quantity; empty for one for all."""
        found = {one.item for one in self.factors if one.quantity == quantity}
        return sorted(item for item in found if item is not None)

    def find(self, quantity: str, *, region: str, item: str | None = None) -> Factor | None:
        """The factor for a quantity, or None where the set says nothing of it.

        Of several that cover the region the nearest is taken: that of a state
        before that of its country before the global one. A factor without an
        item stands for the items that have none of their own.

        Raises:
            NoFactorError: The set knows the quantity, but not for this region, or
                by food and no food is named.
            ParameterError: It does not know the food.
        """
        require_place(region)
        known = [one for one in self.factors if one.quantity == quantity]
        if not known:
            return None
        known = self._of_item(known, quantity, item)
        near = [one for one in known if covers(one.region, region)]
        if not near:
            raise NoFactorError(
                f"The factor set {self.name!r} has no `{quantity}` for the region {region!r}, only "
                f"for {sorted({one.region for one in known})}. Take another set, or transfer the "
                "factor with a reason (`transferred`)."
            )
        return max(near, key=lambda one: 0 if one.region == "global" else len(one.region))

    def _of_item(self, known: list[Factor], quantity: str, item: str | None) -> list[Factor]:
        """The factors of an item; those for all items where it has none of its own."""
        own = [one for one in known if one.item == item]
        for_all = [one for one in known if one.item is None]
        if own or for_all:
            return own or for_all
        if item is None:
            raise NoFactorError(
                f"The factor set {self.name!r} gives `{quantity}` by item; name the food or "
                "serving size of everything."
            )
        name = "serving" if quantity == "serving_mass" else "food"
        require_choice(item, self.items(quantity), name=name)
        return []

    def require(self, quantity: str, *, region: str, item: str | None = None) -> Factor:
        """The factor for a quantity.

        Raises:
            ParameterError: The set has none for it, for this item or this region.
        """
        found = self.find(quantity, region=region, item=item)
        if found is None:
            known = self.quantities()
            raise ParameterError(
                f"The factor set {self.name!r} has no `{quantity}`; it has {known}."
                + suggest(quantity, known)
            )
        return found

    def transferred(self, region: str, *, reason: str) -> "FactorSet":
        """The set for a place it was not made for, and why that is defensible."""
        moved = tuple(one.transferred(region, reason=reason) for one in self.factors)
        return FactorSet(name=self.name, title=self.title, factors=moved)

    def table(self) -> pl.DataFrame:
        """Every factor, one row each."""
        rows = [{"set": self.name, **one.to_dict()} for one in self.factors]
        return pl.DataFrame(rows, infer_schema_length=None)


def own_factor_set(
    rows: Any,  # noqa: ANN401 - any supported frame, or rows
    *,
    name: str,
    title: str = "",
) -> FactorSet:
    """A researcher's own factors, once they can be defended.

    Args:
        rows: One row a factor, as a frame or as dictionaries: `quantity`,
            `value`, `unit`, `per`, `region`, `scope`, `source`, `year`,
            `confidence`; `low`, `high`, `end_of_life`, `item`, `notes` where known.
        name: Name of the set.
        title: What it is, for pages.

    Returns:
        The set.

    Raises:
        SchemaError: A column is missing or unknown, or there are no rows.
        ParameterError: A factor has no unit or source, or its range does not rise.

    Examples:
        >>> own = own_factor_set(
        ...     [
        ...         {
        ...             "quantity": "ghg",
        ...             "value": 1.9,
        ...             "unit": "kg CO2e per kg",
        ...             "per": "waste prevented",
        ...             "region": "FR",
        ...             "scope": "retail",
        ...             "source": "",
        ...             "year": 2020,
        ...             "confidence": "seen",
        ...         }
        ...     ],
        ...     name="ours",
        ... )
        Traceback (most recent call last):
        ...
        analytics_lib.core.errors.ParameterError: `source` of the factor 'ghg' is missing;
        a factor without it cannot be defended.
    """
    listed = _as_rows(rows)
    if not listed:
        raise SchemaError("`rows` holds no factor; a set needs at least one.")
    factors = tuple(_factor(row) for row in listed)
    return FactorSet(name=name, title=title or name, factors=factors)


def _as_rows(rows: Any) -> list[Mapping[str, Any]]:  # noqa: ANN401 - a frame or rows
    if isinstance(rows, Iterable) and not hasattr(rows, "columns"):
        return list(rows)
    table = as_table(rows, list(_NEEDED), name="rows")
    collected: pl.DataFrame = table.collect(backend="polars").to_native()
    return list(collected.iter_rows(named=True))


def _factor(row: Mapping[str, Any]) -> Factor:
    require_columns(row, _NEEDED, name="rows")
    unknown = sorted(set(row) - {*_NEEDED, *_OPTIONAL})
    if unknown:
        raise SchemaError(
            f"`rows` has unknown columns {unknown}; known are {[*_NEEDED, *_OPTIONAL]}."
        )
    given = {key: _plain(value) for key, value in row.items()}
    if given["value"] is None:
        raise ParameterError(f"`value` of the factor {given['quantity']!r} is missing.")
    texts = ("quantity", "unit", "per", "region", "scope", "source", "confidence", "notes")
    blanks: dict[str, Any] = {key: given.get(key) or "" for key in texts}
    year = given["year"]
    return Factor(
        **{
            **given,
            **blanks,
            "end_of_life": given.get("end_of_life") or "unknown",
            "year": None if year is None else int(year),
        }
    )


def _plain(value: Any) -> Any:  # noqa: ANN401 - a cell; pandas writes missing as nan
    is_nan = isinstance(value, float) and value != value  # noqa: PLR0124 - nan is not itself
    return None if is_nan else value
