"""Tiles: the few numbers a busy reader takes away, each with its interval and its change."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any, Literal

from analytics_lib.core.errors import ParameterError
from analytics_lib.core.results import Estimate
from analytics_lib.display.frames import require_id
from analytics_lib.display.numerals import (
    bare,
    count,
    interval,
    is_missing,
    plural,
    quantity,
)
from analytics_lib.display.shown import Result, Shown, results_json
from analytics_lib.display.tile_changes import (
    PREVIOUS,
    YEAR_BEFORE,
    change_html,
    change_words,
    direction_of,
    place_of_change,
)

Missing = Literal["no value", "not complete", "suppressed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """One number.

    Attributes:
        name: Name of the result, for the press and for alerts.
        label: What the number is.
        value: An `Estimate`, or a plain number.
        unit: Unit of a plain number; an `Estimate` knows its own.
        n_label: What the base of an `Estimate` counts; shown where it is given.
        previous: The same number in the period before.
        year_before: The same number a year before.
        previous_label: Name of the period before.
        year_before_label: Name of the period a year before.
        target: What the number is meant to reach.
        higher_is_better: Whether a rise is good, bad (`False`) or neither (`None`).
        decimals: Digits after the point; left out, as many as the number needs.
        missing: Why there is no value, where there is none.
    """

    name: str
    label: str
    value: Result | None
    unit: str = ""
    n_label: str = ""
    previous: Result | None = None
    year_before: Result | None = None
    previous_label: str = "the period before"
    year_before_label: str = "a year before"
    target: float | None = None
    higher_is_better: bool | None = None
    decimals: int | None = None
    missing: Missing = "no value"

    @property
    def shown_unit(self) -> str:
        """Unit of the value."""
        return self.value.unit if isinstance(self.value, Estimate) else self.unit

    @property
    def number(self) -> float | None:
        """The bare value; `None` where there is none."""
        return _number(self.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tiles(Shown):
    """A row of tiles.

    Attributes:
        id: Stable name.
        tiles: The numbers in order.
        title: Name of the row, for screen readers and files.
    """

    id: str
    tiles: tuple[Tile, ...]
    title: str

    def to_html(self) -> str:
        """A list of tiles."""
        items = "".join(_tile_html(tile) for tile in self.tiles)
        return f'<ul class="tiles" id="{self.id}" aria-label="{escape(self.title)}">{items}</ul>'

    def to_text(self) -> str:
        """One line a tile."""
        return "\n".join(
            ". ".join([f"{tile.label}: {_value_words(tile)}", *_below(tile)]) for tile in self.tiles
        )

    def to_payload(self) -> dict[str, Any]:
        """Kind, id, title and the named results."""
        results = {
            tile.name: {
                **results_json({tile.name: _result(tile)})[tile.name],
                "unit": tile.shown_unit,
                "n_unit": tile.n_label,
                "label": tile.label,
            }
            for tile in self.tiles
        }
        return {"kind": "tiles", "id": self.id, "title": self.title, "results": results}


def tiles(
    items: Sequence[Tile],
    *,
    id: str,  # noqa: A002 - the word of the page
    title: str = "Key figures",
) -> Tiles:
    """Show a few key figures in a row.

    Args:
        items: The tiles; three to six read best.
        id: Stable name, unique on the page.
        title: Name of the row.

    Raises:
        ParameterError: There is no tile, or two share a name.
    """
    require_id(id)
    if not items:
        raise ParameterError("`items` is empty; show at least one tile.")
    names = [item.name for item in items]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ParameterError(f"`items` holds the names {twice} more than once.")
    return Tiles(id=id, tiles=tuple(items), title=title)


def _number(result: Result | None) -> float | None:
    value = result.value if isinstance(result, Estimate) else result
    return None if is_missing(value) else value


def _result(tile: Tile) -> Result:
    return float("nan") if tile.value is None else tile.value


def _value_words(tile: Tile) -> str:
    if tile.number is None:
        return tile.missing
    return quantity(tile.number, tile.shown_unit, decimals=tile.decimals)


def _below(tile: Tile) -> list[str]:
    """Interval, base, changes and target, each a line; nothing where there is no value."""
    if tile.number is None:
        return []
    lines = [_uncertainty(tile), *(text for _, text in _changes(tile)), _target_words(tile)]
    return [line for line in lines if line]


def _uncertainty(tile: Tile) -> str:
    if not isinstance(tile.value, Estimate):
        return ""
    base = f"of {count(tile.value.n, tile.n_label)}" if tile.n_label else ""
    parts = [interval(tile.value, decimals=tile.decimals), base]
    return ", ".join(part for part in parts if part)


def _changes(tile: Tile) -> list[tuple[str, str]]:
    """Direction and words of each change the tile was asked to show."""
    compared = [
        (tile.previous, tile.previous_label),
        (tile.year_before, tile.year_before_label),
    ]
    return [
        (
            direction_of(tile.number, _number(other)),
            change_words(
                tile.number,
                _number(other),
                unit=tile.shown_unit,
                against=label,
                higher_is_better=tile.higher_is_better,
                decimals=tile.decimals,
            ),
        )
        for other, label in compared
        if other is not None
    ]


def _target_words(tile: Tile) -> str:
    if tile.target is None or tile.number is None:
        return ""
    shown = quantity(tile.target, tile.shown_unit, decimals=tile.decimals)
    if tile.higher_is_better is None:
        return f"target {shown}"
    reached = tile.number >= tile.target if tile.higher_is_better else tile.number <= tile.target
    return f"target {shown}: {'reached' if reached else 'not reached'}"


def _tile_html(tile: Tile) -> str:
    lines = [f'<p class="tile-label">{escape(tile.label)}</p>', _value_html(tile)]
    if tile.number is not None:
        uncertainty, target = _uncertainty(tile), _target_words(tile)
        lines += [f'<p class="tile-note">{escape(uncertainty)}</p>'] if uncertainty else []
        lines += [change_html(direction, words) for direction, words in _changes(tile)]
        lines += _places(tile)
        lines += (
            [f'<p class="tile-note">{escape(target[:1].upper() + target[1:])}</p>']
            if target
            else []
        )
    return f'<li class="tile">{"".join(lines)}</li>'


def _places(tile: Tile) -> list[str]:
    """Where the press says a change that the notebook does not give."""
    given = {PREVIOUS: tile.previous, YEAR_BEFORE: tile.year_before}
    open_ones = [kind for kind, other in given.items() if other is None]
    return [
        place_of_change(kind, tile.name, higher_is_better=tile.higher_is_better)
        for kind in open_ones
    ]


def _value_html(tile: Tile) -> str:
    if tile.number is None:
        return f'<p class="tile-value missing">{escape(tile.missing)}</p>'
    unit = tile.shown_unit
    digits = bare(tile.number, unit, decimals=tile.decimals)
    words = (
        ""
        if quantity(tile.number, unit, decimals=tile.decimals) == digits
        else plural(unit, tile.number)
    )
    unit_html = f' <span class="unit">{escape(words)}</span>' if words else ""
    return f'<p class="tile-value">{escape(digits)}{unit_html}</p>'
