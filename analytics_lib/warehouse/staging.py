"""One writer at a time, and a place beside the lake for what is not committed yet.

Whatever a killed ingest leaves behind is known by its name and place, and the
next ingest removes it: the staging folder itself, and data files that were
written into a table's folder but that no version names.
"""

import glob
import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from analytics_lib.core.errors import AccessError, RunError
from analytics_lib.warehouse.commit_log import LOG_FOLDER, newest_version, referenced_files

LOCK_SECONDS = 300
_NOTE = "writing.json"


@contextmanager
def writer(lake: Path, *, lock_seconds: float | None = None) -> Iterator[Path]:
    """Hold the lake for writing; yields an empty staging folder beside it.

    Raises:
        AccessError: Another ingest holds the lake for longer than the patience
            given, or the folder cannot be written.
    """
    seconds = LOCK_SECONDS if lock_seconds is None else lock_seconds
    try:
        lake.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(lake.parent / f".{lake.name}.lock", timeout=seconds):
            _clean(lake)
            with tempfile.TemporaryDirectory(
                prefix=_prefix(lake), dir=lake.parent, ignore_cleanup_errors=True
            ) as folder:
                yield Path(folder)
    except Timeout:
        raise AccessError(
            f"Another ingest is writing to the lake `{lake.name}`; waited {seconds:g} s."
        ) from None
    except PermissionError as error:
        raise AccessError(f"`{lake.name}` cannot be written ({error.strerror}).") from None


def note_writing(staging: Path, *, table: str) -> None:
    """Note that files of `table` are about to be written, for the one who must tidy up."""
    (staging / _NOTE).write_text(json.dumps({"table": table}), encoding="utf-8")


@contextmanager
def storing(what: str) -> Iterator[None]:
    """Turn the failures of a disk into an error a scheduler understands.

    Raises:
        RunError: The disk is full or failed.
    """
    import duckdb  # noqa: PLC0415 - start-up time
    import polars.exceptions as polars_errors  # noqa: PLC0415
    from deltalake.exceptions import DeltaError  # noqa: PLC0415

    failures = (OSError, duckdb.Error, polars_errors.ComputeError, DeltaError)
    try:
        yield
    except PermissionError:
        raise
    except failures as error:
        words = str(error)
        full = "No space left" in words or "os error 28" in words or "[Errno 28]" in words
        cause = "the disk is full" if full else f"writing failed ({type(error).__name__})"
        raise RunError(
            f"{what} did not finish: {cause}. Every table is either as it was or whole; mend the "
            "cause and run it again."
        ) from error


def _prefix(lake: Path) -> str:
    return f".{lake.name}.staging-"


def _clean(lake: Path) -> None:
    for leftover in sorted(lake.parent.glob(f"{glob.escape(_prefix(lake))}*")):
        note = leftover / _NOTE
        if note.is_file():
            _remove_unnamed(lake / _noted_table(note))
        shutil.rmtree(leftover, ignore_errors=True)


def _noted_table(note: Path) -> str:
    try:
        return Path(str(json.loads(note.read_text(encoding="utf-8"))["table"])).name
    except (ValueError, KeyError):
        return "_"  # the note itself was cut off: nothing had been written yet


def _remove_unnamed(table: Path) -> None:
    """Remove data files that no version of a table names; the folder if there is no version."""
    if not table.is_dir():
        return
    if newest_version(table) is None:
        shutil.rmtree(table, ignore_errors=True)
        return
    named = referenced_files(table)
    for path in table.rglob("*.parquet"):
        place = path.relative_to(table)
        if place.parts[0] != LOG_FOLDER and place.as_posix() not in named:
            path.unlink(missing_ok=True)
