"""From the words of a command or a mapping to files and tables that can be read."""

from pathlib import Path

from analytics_lib.core.checks import suggest
from analytics_lib.core.errors import ParameterError, SchemaError
from analytics_lib.warehouse.columnar_files import open_duckdb, open_parquet
from analytics_lib.warehouse.csv_files import open_csv
from analytics_lib.warehouse.json_files import open_json_lines
from analytics_lib.warehouse.postgres import SCHEMES, open_postgres
from analytics_lib.warehouse.source_files import SourceFile

MAPPING_SUFFIXES = (".yaml", ".yml")
_DUCKDB_SUFFIXES = (".duckdb", ".ddb", ".db")
_CSV_SUFFIXES = (".csv", ".csv.gz")
_JSON_SUFFIXES = (".jsonl", ".ndjson", ".jsonl.gz", ".ndjson.gz")
_PARQUET_SUFFIXES = (".parquet",)
_FILE_SUFFIXES = (*_PARQUET_SUFFIXES, *_CSV_SUFFIXES, *_JSON_SUFFIXES)


def open_location(text: str, *, root: Path, delimiter: str = ",") -> list[SourceFile]:
    """Open what a location names.

    Args:
        text: A file, a folder of files, `file.duckdb#table`, or
            `postgresql://host/database#schema.table`.
        root: Folder that a relative path starts from.
        delimiter: Between the fields of CSV files.

    Raises:
        ParameterError: There is no such file, or of no kind that can be read.
        SchemaError: A file is empty, truncated or damaged, or a folder has no data.
    """
    if text.startswith(SCHEMES):
        return [open_postgres(text)]
    name, _, table = text.partition("#")
    if name.endswith(_DUCKDB_SUFFIXES):
        return [open_duckdb(_existing(root / name), table=table or None)]
    path = _existing(root / text)
    if path.is_dir():
        return [_open_file(found, delimiter=delimiter) for found in _data_files(path)]
    return [_open_file(path, delimiter=delimiter)]


def project_root(path: Path) -> Path:
    """The nearest folder at or above `path` with a `pyproject.toml` or `parameters`; else itself.

    The relative paths of a mapping file start there.
    """
    start = path.resolve().parent
    for folder in (start, *start.parents):
        if is_project(folder):
            return folder
    return start


def is_project(folder: Path) -> bool:
    """Whether a folder is the root of a project."""
    return (folder / "pyproject.toml").is_file() or (folder / "parameters").is_dir()


def _existing(path: Path) -> Path:
    if path.exists():
        return path
    siblings = sorted(found.name for found in path.parent.iterdir()) if path.parent.is_dir() else []
    raise ParameterError(
        f"There is no file or folder `{path.name}` in `{path.parent.name}`."
        + suggest(path.name, siblings)
    )


def _data_files(folder: Path) -> list[Path]:
    found = sorted(
        path
        for path in folder.rglob("*")
        if path.is_file()
        and path.name.endswith(_FILE_SUFFIXES)
        and not any(part.startswith((".", "_")) for part in path.relative_to(folder).parts)
    )
    if not found:
        raise SchemaError(
            f"The folder `{folder.name}` has no data; it must hold files of the kinds "
            f"{list(_FILE_SUFFIXES)}."
        )
    return found


def _open_file(path: Path, *, delimiter: str) -> SourceFile:
    if path.name.endswith(_PARQUET_SUFFIXES):
        return open_parquet(path)
    if path.name.endswith(_CSV_SUFFIXES):
        return open_csv(path, delimiter=delimiter)
    if path.name.endswith(_JSON_SUFFIXES):
        return open_json_lines(path)
    kinds = [*_FILE_SUFFIXES, *_DUCKDB_SUFFIXES]
    raise ParameterError(f"`{path.name}` is of no kind that can be read; kinds are {kinds}.")
