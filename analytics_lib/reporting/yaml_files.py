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
        ParameterError: It is not readable, no mapping, or holds a date that is
            not quoted: YAML would turn it into something else than the text.
    """
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), _LOADER)  # noqa: S506 - a safe loader
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


def _refuse_bare_dates(content: Any, *, label: str) -> None:  # noqa: ANN401 - any YAML value
    if isinstance(content, dt.date):
        raise ParameterError(
            f"{label} holds the bare date {content}; dates must be quoted, '{content}'."
        )
    inner = content.values() if isinstance(content, dict) else content
    if isinstance(content, dict | list):
        for item in inner:
            _refuse_bare_dates(item, label=label)
