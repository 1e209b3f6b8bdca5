"""Reading settings from YAML, strictly."""

import datetime as dt
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
        ParameterError: It is not readable, no mapping, has a name twice (YAML would keep the last
            and drop the others), or holds a date that is not quoted: YAML would turn it into
            something else than the text.
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
        node = loader.get_single_node()
        _refuse_names_twice(node, label=label, seen=set())
        return None if node is None else loader.construct_document(node)
    finally:
        loader.dispose()


def _refuse_names_twice(node: yaml.Node | None, *, label: str, seen: set[int]) -> None:
    """Refuse a mapping that has a name twice; a node that is referred to is looked at once."""
    if id(node) in seen or not isinstance(node, yaml.CollectionNode):
        return
    seen.add(id(node))
    pairs = node.value if isinstance(node, yaml.MappingNode) else []
    names: set[str] = set()
    for key in (key for key, _ in pairs if isinstance(key, yaml.ScalarNode)):
        if key.value in names:
            line = key.start_mark.line + 1
            raise ParameterError(
                f"{label} has `{key.value}` twice (line {line}); it must be there once."
            )
        names.add(key.value)
    for inner in [value for _, value in pairs] or node.value:
        _refuse_names_twice(inner, label=label, seen=seen)


def _refuse_bare_dates(content: Any, *, label: str) -> None:  # noqa: ANN401 - any YAML value
    if isinstance(content, dt.date):
        raise ParameterError(
            f"{label} holds the bare date {content}; dates must be quoted, '{content}'."
        )
    inner = content.values() if isinstance(content, dict) else content
    if isinstance(content, dict | list):
        for item in inner:
            _refuse_bare_dates(item, label=label)
