"""Talking to a terminal, a log or a program."""

import json
import sys
from collections.abc import Iterable
from typing import Any, NoReturn

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

console = Console(stderr=True, highlight=False, soft_wrap=True)


def say(text: str) -> None:
    """Print a line for a person."""
    console.print(text, markup=False)


def say_damage(problems: Iterable[str]) -> None:
    """Say what cannot be read any more of what was published."""
    for words in problems:
        say(f"  damaged  {words}")


def print_json(value: Any) -> None:  # noqa: ANN401 - any JSON value
    """Print a value for a program, on standard output, alone."""
    sys.stdout.write(json.dumps(value, indent=2, ensure_ascii=False) + "\n")


def fail(message: str, *, exit_code: int) -> NoReturn:
    """Say what is wrong and end."""
    console.print(f"Error: {message}", markup=False, style="bold red")
    raise SystemExit(exit_code)


def progress_bar() -> Progress:
    """A progress bar; in a log, where no bar can move, it prints nothing by itself."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
        disable=not console.is_terminal,
        transient=True,
    )
