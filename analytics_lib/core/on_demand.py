"""Names of a room that are loaded when they are first used, so that starting stays quick."""

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any


def loaded_on_demand(room: str, homes: Mapping[str, str]) -> Callable[[str], Any]:
    """The `__getattr__` of a room whose public names lie in its modules.

    Args:
        room: The room's own name, `__name__`.
        homes: The module of each public name, within the room.

    Returns:
        Loads a name when it is asked for; any other is an `AttributeError`, as without it.

    Examples:
        >>> loaded_on_demand("analytics_lib.core", {"Period": "periods"})("Period").__name__
        'Period'
    """

    def load(name: str) -> Any:  # noqa: ANN401 - any public name
        if name in homes:
            return getattr(import_module(f"{room}.{homes[name]}"), name)
        raise AttributeError(f"module {room!r} has no attribute {name!r}")

    return load
