"""Parameters as a reader sees them: words and lists instead of brackets and quotes."""

from collections.abc import Mapping, Sequence
from typing import Any

NOTHING = "not given"


def parameter_lines(value: Any) -> list[str]:  # noqa: ANN401 - any JSON value
    """What a parameter says, one line for each of several things that have parts.

    Parts that were left empty are left out.

    Examples:
        >>> parameter_lines(3), parameter_lines(["a", "b"]), parameter_lines(None)
        (['3'], ['a, b'], ['not given'])
        >>> parameter_lines([{"metric": "active_users", "where": {"kind": ["a", "b"]}}])
        ['metric: active_users, where (kind: a, b)']
    """
    if _is_list(value) and any(_has_parts(item) for item in value):
        return [_in_words(item) for item in value]
    return [_in_words(value)]


def _in_words(value: Any) -> str:  # noqa: ANN401 - any JSON value
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        given = {str(key): inner for key, inner in value.items() if not _is_nothing(inner)}
        return ", ".join(_pair(key, inner) for key, inner in given.items()) or NOTHING
    if _is_list(value):
        return ", ".join(_bracketed(item) for item in value) or NOTHING
    return NOTHING if _is_nothing(value) else str(value).strip()


def _pair(key: str, value: Any) -> str:  # noqa: ANN401 - any JSON value
    name = key.replace("_", " ")
    return f"{name} ({_in_words(value)})" if _has_parts(value) else f"{name}: {_in_words(value)}"


def _bracketed(value: Any) -> str:  # noqa: ANN401 - any JSON value
    return f"({_in_words(value)})" if _has_parts(value) or _is_list(value) else _in_words(value)


def _has_parts(value: Any) -> bool:  # noqa: ANN401 - any JSON value
    """Whether it is a mapping, or a list that holds one."""
    return isinstance(value, Mapping) or (_is_list(value) and any(map(_has_parts, value)))


def _is_nothing(value: Any) -> bool:  # noqa: ANN401 - any JSON value
    return value is None or (isinstance(value, str | Mapping | Sequence) and not value)


def _is_list(value: Any) -> bool:  # noqa: ANN401 - any JSON value
    return isinstance(value, Sequence) and not isinstance(value, str)
