"""Reading settings from YAML, strictly."""

import datetime as dt
from collections import Counter
from pathlib import Path
from typing import Any

import yaml

from analytics_lib.core.errors import ParameterError

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml's is ten times as fast


def read_yaml(path: Path, *, label: str) -> dict[str, Any]:
    """Read a YAML file that must be a mapping.

    Args:
        path: The file.
        label: What messages call it.

    Raises:
        ParameterError: It is not readable, no mapping, says something twice (YAML would
            take the last and say nothing), contains itself, or holds a date that is not
            quoted: YAML would turn it into something else than the text.
    """
    try:
        content = _content(path.read_text(encoding="utf-8"), label=label)
    except ParameterError:
        raise
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        where = getattr(error, "problem_mark", None)
        line = f" (line {where.line + 1})" if where else ""
        raise ParameterError(f"{label} is not readable YAML{line}.") from error
    except ValueError as error:  # an unquoted date that does not exist, such as 2014-02-30
        raise ParameterError(f"{label} holds a date that does not exist: {error}.") from error
    if not isinstance(content, dict):
        raise ParameterError(f"{label} is empty or no mapping of names to values.")
    _refuse_bare_dates(content, label=label)
    return content


def _content(text: str, *, label: str) -> Any:  # noqa: ANN401 - any YAML value
    loader = _LOADER(text)
    try:
        tree = loader.get_single_node()
        _refuse_second_words(tree, label=label)
        return None if tree is None else loader.construct_document(tree)
    finally:
        loader.dispose()


def _refuse_second_words(node: yaml.Node | None, *, label: str) -> None:
    """Refuse a name that a mapping gives twice and a value that contains itself."""
    looked_at: set[int] = set()

    def look(node: yaml.Node | None, above: frozenset[int]) -> None:
        if id(node) in above:
            raise ParameterError(f"{label} holds a value that contains itself (`&` and `*`).")
        if not isinstance(node, yaml.CollectionNode) or id(node) in looked_at:
            return
        parts = node.value
        if isinstance(node, yaml.MappingNode):
            _refuse_twice([key for key, _ in node.value], label=label)
            parts = [value for _, value in node.value]
        for part in parts:
            look(part, above | {id(node)})
        looked_at.add(id(node))

    look(node, frozenset())


def _refuse_twice(keys: list[yaml.Node], *, label: str) -> None:
    names = [key.value for key in keys if isinstance(key, yaml.ScalarNode)]
    twice = [name for name, number in Counter(names).items() if number > 1 and name != "<<"]
    if twice:
        lines = [key.start_mark.line + 1 for key in keys if key.value == twice[0]]
        raise ParameterError(
            f"{label} says `{twice[0]}` more than once (lines {lines}); say it once."
        )


def _refuse_bare_dates(content: Any, *, label: str) -> None:  # noqa: ANN401 - any YAML value
    if isinstance(content, dt.date):
        raise ParameterError(
            f"{label} holds the bare date {content}; dates must be quoted, '{content}'."
        )
    inner = content.values() if isinstance(content, dict) else content
    if isinstance(content, dict | list):
        for item in inner:
            _refuse_bare_dates(item, label=label)
