"""The templates of every page, and how pages say a date."""

import datetime as dt
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

_FOLDER = Path(__file__).parent / "templates"


@cache
def templates() -> Environment:
    """The page templates; an undefined name is an error, not an empty text."""
    return Environment(
        loader=FileSystemLoader(_FOLDER),
        undefined=StrictUndefined,
        autoescape=True,
        trim_blocks=False,
        keep_trailing_newline=True,
    )


def date_words(date: dt.date) -> str:
    """A date in words.

    Examples:
        >>> date_words(dt.date(2015, 6, 30))
        '30 June 2015'
    """
    return f"{date.day} {date:%B %Y}"
