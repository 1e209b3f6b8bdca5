"""Codes as words."""

import pandas as pd
import polars as pl
import pytest

from analytics_lib.core.errors import SchemaError
from analytics_lib.display import in_words


@pytest.mark.parametrize("library", [pl.DataFrame, pd.DataFrame])
def test_a_code_becomes_its_word_and_everything_else_stays(library):
    frame = library({"kind": ["a", "b", None], "n": [1, 2, 3]})
    found = in_words(frame, "kind", {"a": "Alpha"})
    assert isinstance(found, library)
    assert [value if isinstance(value, str) else None for value in found["kind"]] == [
        "Alpha", "b", None,
    ]  # fmt: skip
    assert list(found["n"]) == [1, 2, 3]
    assert next(iter(frame["kind"])) == "a"


def test_two_codes_may_not_share_a_word():
    with pytest.raises(SchemaError, match="'Alpha' to two codes"):
        in_words(pl.DataFrame({"kind": ["a"]}), "kind", {"a": "Alpha", "b": "Alpha"})


def test_a_missing_column_is_named():
    with pytest.raises(SchemaError, match="'kinds'"):
        in_words(pl.DataFrame({"kind": ["a"]}), "kinds", {})
