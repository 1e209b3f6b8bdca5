"""Changes in words, and the places on tiles where the press says those the notebook does not."""

import re
from collections.abc import Mapping
from html import escape

from analytics_lib.core.numeric import relative_change
from analytics_lib.display.numerals import bare, is_missing, percent, percentage_points

PREVIOUS, YEAR_BEFORE = "previous", "year_before"
EarlierValue = tuple[float, float, str, str]
_ARROWS = {"up": "▲", "down": "▼"}
_GOOD = {True: ", more is better", False: ", less is better", None: ""}
_PLAIN = re.compile(r"\w+")
_PLACE = re.compile(r"<!-- (previous|year_before) of (\w+)(?:, (more|less) is better)? -->")


def change_words(
    now: float | None,
    before: float | None,
    *,
    unit: str,
    against: str,
    higher_is_better: bool | None = None,
    decimals: int | None = None,
) -> str:
    """A change as words: direction, amount, what it is compared with and whether that is good.

    Args:
        now: The number now.
        before: The number it is compared with.
        unit: `"share"` changes in percentage points, everything else in percent as well.
        against: Name of the other period.
        higher_is_better: Whether a rise is good; `None` passes no judgement.
        decimals: Digits of the amount.

    Examples:
        >>> change_words(120, 100, unit="users", against="the week before", higher_is_better=True)
        'up 20 (+20.0%) on the week before, better'
        >>> change_words(0.25, 0.2, unit="share", against="a year before")
        'up 5 percentage points on a year before'
        >>> change_words(3, 0, unit="users", against="the week before")
        'up 3 on the week before, which was 0'
    """
    if now is None or before is None or is_missing(now) or is_missing(before):
        return f"no comparison with {against}"
    if now == before:
        return f"the same as {against}"
    if unit == "share" and percentage_points(now - before).startswith("0 "):
        return f"almost the same as {against}"
    direction = "up" if now > before else "down"
    judged = "" if higher_is_better is None else _judgement(direction, better_up=higher_is_better)
    if unit == "share":
        return f"{direction} {percentage_points(now - before)} on {against}{judged}"
    amount = bare(abs(now - before), unit, decimals=decimals)
    if before <= 0:
        return f"{direction} {amount} on {against}, which was {bare(before, unit)}{judged}"
    relative = percent(relative_change(now, before))
    signed = relative if now < before else f"+{relative}"
    return f"{direction} {amount} ({signed}) on {against}{judged}"


def _judgement(direction: str, *, better_up: bool) -> str:
    return ", better" if (direction == "up") == better_up else ", worse"


def direction_of(now: float | None, before: float | None) -> str:
    """`up`, `down` or `the same`; empty where one of the two is not known."""
    if now is None or before is None:
        return ""
    if now == before:
        return "the same"
    return "up" if now > before else "down"


def change_html(direction: str, words: str, chance: str = "") -> str:
    """A change as a line of a tile: arrow, words, and whether it is chance."""
    arrow = "" if "same as" in words else _ARROWS.get(direction, "")
    mark = f'<span class="arrow" aria-hidden="true">{arrow}</span> ' if arrow else ""
    judgement = words.rpartition(", ")[2]
    kind = {"better": " good", "worse": " bad"}.get(judgement, "")
    return f'<p class="change{kind}">{mark}{escape(words[:1].upper() + words[1:] + chance)}</p>'


def place_of_change(kind: str, name: str, *, higher_is_better: bool | None) -> str:
    """A place for the change of a result, which `with_changes` fills; nothing shows it is there.

    Args:
        kind: `PREVIOUS` or `YEAR_BEFORE`.
        name: The result; one whose name is no plain word has no place.
        higher_is_better: Whether a rise is good, bad or neither.
    """
    return f"<!-- {kind} of {name}{_GOOD[higher_is_better]} -->" if _PLAIN.fullmatch(name) else ""


def with_changes(html: str, earlier: Mapping[str, tuple[str, Mapping[str, EarlierValue]]]) -> str:
    """Say on each tile what has changed, where its place for that was left open.

    Args:
        html: A page with tiles.
        earlier: By `PREVIOUS` or `YEAR_BEFORE`: what that page is called, and of each result its
            value now and then, its unit and whether the difference is chance.

    Returns:
        The page; a place of which nothing is known is left out.
    """

    def said(place: re.Match[str]) -> str:
        kind, name, good = place.groups()
        against, values = earlier.get(kind, ("", {}))
        if name not in values:
            return ""
        now, before, unit, judgement = values[name]
        words = change_words(
            now,
            before,
            unit=unit,
            against=against,
            higher_is_better=None if good is None else good == "more",
        )
        chance = f" ({judgement})" if judgement else ""
        return change_html(direction_of(now, before), words, chance)

    return _PLACE.sub(said, html)
