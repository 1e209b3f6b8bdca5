"""Words on the page that come from nowhere the press knows: a name, a comment, a free text."""

import calendar
import inspect
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cache
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import CodeType

import polars as pl

from analytics_lib.events.contract import Role
from analytics_lib.events.tables import CONTRACTS
from analytics_lib.reporting.gate.findings import Finding
from analytics_lib.reporting.payloads import Payload

PACKAGE = Path(__file__).resolve().parents[2]
_WORD = re.compile(r"[^\W\d_]{2,}")
_SPEAKING: tuple[Role, ...] = ("safe", "quasi_identifier")


def word_findings(
    payloads: Sequence[Payload],
    *,
    sources: Iterable[str],
    tables: Mapping[str, pl.LazyFrame],
) -> Iterator[Finding]:
    """Objects that hold words which neither the notebook, this package nor a safe column holds.

    A table can be aggregated, its counts large, and its labels still be the
    names of people, if somebody reads them from another file. So a word has to
    be traced: to what was written in the notebook and its parameters, to what
    this package itself says, or to a column that its contract calls safe or a
    quasi-identifier. Numbers and single letters say nothing and are left out.

    Args:
        payloads: Everything the page shows.
        sources: What was written: the notebook's cells and parameters.
        tables: The tables the report read, by name.
    """
    known = words_of(sources) | package_words()
    strange = {payload.id: _texts_with_strange_words(payload, known) for payload in payloads}
    if not any(strange.values()):
        return
    known |= _table_words(tables)
    for payload in payloads:
        left = [text for text in strange[payload.id] if words_of([text]) - known]
        if left:
            yield Finding(
                rule="words of unknown origin",
                where=payload.id,
                words=f"{len(left)} texts hold words that are in no safe column of the tables "
                "that were read, nor in the notebook",
            )


def words_of(texts: Iterable[str]) -> set[str]:
    """The words of texts, in lower case.

    Examples:
        >>> sorted(words_of(["AAA 2013J > forum_ng"]))
        ['aaa', 'forum', 'ng']
    """
    return {word for text in texts for word in _WORD.findall(text.lower())}


@cache
def package_words() -> frozenset[str]:
    """Every word this package can say: the texts in its code, and those of the calendar.

    The docstrings of functions, where the names of authors stand, are left out.
    """
    words = words_of([*calendar.month_name, *calendar.month_abbr, *calendar.day_name])
    for path in PACKAGE.rglob("*.py"):
        code = SourceFileLoader(path.stem, str(path)).get_code(path.stem)
        words |= words_of(_texts_in(code))
    return frozenset(words)


def _texts_in(constant: object) -> Iterator[str]:
    """The texts among the constants of compiled code, at any depth."""
    if isinstance(constant, str):
        yield constant
    elif isinstance(constant, tuple | frozenset):
        for item in constant:
            yield from _texts_in(item)
    elif isinstance(constant, CodeType):
        is_function = bool(constant.co_flags & inspect.CO_NEWLOCALS)
        for at, item in enumerate(constant.co_consts):
            if at > 0 or not is_function:
                yield from _texts_in(item)


def _texts_with_strange_words(payload: Payload, known: Collection[str]) -> list[str]:
    cells = [cell for row in payload.rows for cell in row if isinstance(cell, str)]
    texts = dict.fromkeys([payload.title, *cells])
    return [text for text in texts if words_of([text]).difference(known)]


def _table_words(tables: Mapping[str, pl.LazyFrame]) -> set[str]:
    words: set[str] = set()
    for name, table in tables.items():
        contract = CONTRACTS.get(name)
        if contract is None:
            continue
        schema = table.collect_schema()
        for column in contract.columns_with_role(*_SPEAKING):
            if schema.get(column) == pl.String:
                values = table.select(pl.col(column).unique()).collect()[column]
                words |= words_of(value for value in values if value is not None)
    return words
