"""What went out before about the same people, as it went out."""

import datetime as dt
from pathlib import Path

import polars as pl

from analytics_lib.core.errors import DisclosureError, ParameterError
from analytics_lib.privacy.augmentation import IS_SYNTHETIC
from analytics_lib.publishing.entries import Package
from analytics_lib.publishing.metadata import DATA
from analytics_lib.publishing.verification import verify_package
from analytics_lib.warehouse.columnar_files import parquet_rows


def rows_as_released(folder: Path, package: Package) -> pl.DataFrame:
    """The rows of an earlier package, which must be those that went out, without synthetic ones.

    The trap: a package that was deleted here is still with those who have it. A release that is
    not held against it would pass, and say that there was none.

    Raises:
        DisclosureError: It is gone or was changed.
    """
    place = folder / package.name / str(package.version)
    try:
        problems = verify_package(place, today=dt.date.min, registered=package).problems
    except ParameterError:
        problems = ("it is gone",)
    if problems:
        raise DisclosureError(
            f"The earlier package `{package.name}` version {package.version} cannot be held "
            f"against this release: {'; '.join(problems)}. Put it back from a copy; nothing is "
            "released."
        )
    return _real_rows(parquet_rows(place / f"{DATA}.parquet"))


def _real_rows(rows: pl.DataFrame) -> pl.DataFrame:
    """What an attacker keeps of a package: not the rows that it says are made up."""
    return rows.filter(~pl.col(IS_SYNTHETIC)) if IS_SYNTHETIC in rows.columns else rows
