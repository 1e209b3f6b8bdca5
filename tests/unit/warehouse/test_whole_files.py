"""Folders written whole or not at all."""

import polars as pl
import pytest

from analytics_lib.core.errors import RunError, SchemaError
from analytics_lib.warehouse.columnar_files import parquet_rows
from analytics_lib.warehouse.whole_files import write_folder


def test_a_folder_is_there_with_all_its_files(tmp_path):
    (tmp_path / ".staging-old").mkdir()
    write_folder(tmp_path / "made", {"a/b.txt": "x", "c": b"y"}, label="It")
    assert (tmp_path / "made" / "a" / "b.txt").read_text() == "x"
    assert [path.name for path in tmp_path.iterdir()] == ["made"]


def test_a_folder_that_is_there_is_not_overwritten(tmp_path):
    write_folder(tmp_path / "made", {"a": "first"}, label="It")
    with pytest.raises(RunError, match=r"It could not be written .*nothing was published"):
        write_folder(tmp_path / "made", {"a": "second"}, label="It")
    assert (tmp_path / "made" / "a").read_text() == "first"
    assert [path.name for path in tmp_path.iterdir()] == ["made"]


def test_rows_of_a_parquet_file(tmp_path):
    rows = pl.DataFrame({"a": [1, 2]})
    rows.write_parquet(tmp_path / "a.parquet")
    assert parquet_rows(tmp_path / "a.parquet").equals(rows)
    (tmp_path / "b.parquet").write_bytes(b"PAR1")
    with pytest.raises(SchemaError, match="truncated or no Parquet"):
        parquet_rows(tmp_path / "b.parquet")
