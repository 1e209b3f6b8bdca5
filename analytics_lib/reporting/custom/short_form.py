"""A key figure or section in one line, as it is typed into a terminal."""

import shlex
from typing import Any

import yaml

from analytics_lib.core.errors import ParameterError
from analytics_lib.core.strict import validate
from analytics_lib.reporting.custom.checking import mistake_of
from analytics_lib.reporting.custom.definition import Section, Tile

_PARTS = ("metric", "period", "by")
_NESTED = ("arguments", "pick", "where")
_FIELDS = {*Tile.model_fields, *Section.model_fields} - {*_PARTS, *_NESTED}


def measure_in_short(text: str) -> dict[str, Any]:
    """A measure written in short: `metric`, `metric:period` or `metric:period:column,column`.

    Further words `name=value` are what can stand in the file (`value=of_first`, `chart=bar`,
    `where.platform=web`, `pick.name=purchase`) or else an argument of the metric (`n=7`,
    `steps=[cart,purchase]`); a value is read as YAML, and quoted where it holds a space.

    Raises:
        ParameterError: It cannot be read that way.

    Examples:
        >>> measure_in_short("active_users:month:platform")
        {'metric': 'active_users', 'period': 'month', 'by': ['platform']}
        >>> measure_in_short("funnel steps=[cart,purchase] value=of_first")
        {'metric': 'funnel', 'arguments': {'steps': ['cart', 'purchase']}, 'value': 'of_first'}
    """
    try:
        first, *words = shlex.split(text)
    except ValueError as error:  # nothing, or a quotation mark without its other half
        raise _unreadable(text) from error
    parts = [part.strip() for part in first.split(":")]
    if not parts[0] or len(parts) > len(_PARTS):
        raise _unreadable(text)
    measure: dict[str, Any] = {k: v for k, v in zip(_PARTS, parts, strict=False) if v}
    if "by" in measure:
        measure["by"] = [column.strip() for column in measure["by"].split(",")]
    for word in words:
        _take_word(measure, word, text)
    return measure


def checked_measure(text: str, kind: type[Tile | Section]) -> dict[str, Any]:
    """A measure written in short, with every mistake that can be known of it alone.

    Args:
        text: The measure, as for `measure_in_short`.
        kind: Whether it is a key figure or a section.

    Raises:
        ParameterError: It holds a mistake.
    """
    measure = measure_in_short(text)
    mistake = mistake_of(validate(kind, measure, name=measure["metric"]))
    if mistake:
        raise ParameterError(mistake)
    return measure


def _take_word(measure: dict[str, Any], word: str, text: str) -> None:
    name, equals, said = word.partition("=")
    if not equals or not name:
        raise _unreadable(text)
    try:
        value = yaml.safe_load(said)
    except yaml.YAMLError as error:
        raise ParameterError(f"`{name}` is {said!r}; it must be a value of YAML.") from error
    place, dot, inner = name.partition(".")
    if dot and place in _NESTED:
        measure.setdefault(place, {})[inner] = value
    elif name in _FIELDS:
        measure[name] = value
    else:
        measure.setdefault("arguments", {})[name] = value


def _unreadable(text: str) -> ParameterError:
    return ParameterError(
        f"{text!r} is no measure; write `metric`, `metric:period` or `metric:period:column`, and "
        "after it `name=value` for whatever else it needs, such as `n=7`."
    )
