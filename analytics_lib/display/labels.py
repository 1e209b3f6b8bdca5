"""Codes of the data as words of the reader."""

from collections.abc import Mapping
from typing import Any

import narwhals.stable.v2 as nw

from analytics_lib.core.checks import require_columns
from analytics_lib.core.errors import SchemaError


def in_words(frame: Any, column: str, words: Mapping[str, str]) -> Any:  # noqa: ANN401 - any frame
    """The frame with the codes of one column replaced by words, for charts and tables.

    Args:
        frame: An aggregated frame of polars, pandas or anything Narwhals reads.
        column: Column of codes, such as `"kind"`.
        words: What each code is called. A code without a word stays as it is.

    Returns:
        The same rows and columns in the same library.

    Raises:
        SchemaError: The column is missing, or two codes would get the same
            word and could not be told apart.

    Examples:
        >>> import polars as pl
        >>> frame = pl.DataFrame({"kind": ["tutor_marked", "exam"], "late": [3, 1]})
        >>> in_words(frame, "kind", {"tutor_marked": "tutor-marked"})["kind"].to_list()
        ['tutor-marked', 'exam']
    """
    table = nw.from_native(frame)
    require_columns(table.collect_schema().names(), [column], name="frame")
    texts = list(words.values())
    doubled = sorted({text for text in texts if texts.count(text) > 1})
    if doubled:
        raise SchemaError(f"`words` gives {doubled[0]!r} to two codes; each must have its own.")

    said = nw.col(column)
    for code, text in words.items():
        said = nw.when(nw.col(column) == code).then(nw.lit(text)).otherwise(said)
    return table.with_columns(said.alias(column)).to_native()
