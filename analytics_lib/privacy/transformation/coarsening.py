"""Places and times made coarser."""

from collections.abc import Mapping
from typing import Literal, get_args

import polars as pl

from analytics_lib.core.checks import require_at_least, require_choice, require_finite
from analytics_lib.core.errors import ParameterError, SchemaError

TimeUnit = Literal["hour", "day", "week", "month", "quarter", "year"]
_EVERY: dict[TimeUnit, str] = {
    "hour": "1h", "day": "1d", "week": "1w", "month": "1mo", "quarter": "1q", "year": "1y",
}  # fmt: skip
_WHOLE_TURN = 360
_HALF_TURN = 180


def coarsen_time(values: pl.Series, *, unit: TimeUnit) -> pl.Series:
    """Move every date or time to the beginning of its hour, day, week, month, quarter or year.

    The trap: a time to the second is a fingerprint. Whoever saw one lesson
    take place finds its row, and with it the rest of the person. Weeks
    begin on Monday.

    Args:
        values: Dates or timestamps; a missing one stays missing.
        unit: What to keep.

    Returns:
        Beginnings, of the same type and name.

    Raises:
        ParameterError: The unit is unknown, or an hour is asked of dates.
        SchemaError: The column holds neither dates nor timestamps.

    Examples:
        >>> import datetime as dt
        >>> coarsen_time(pl.Series("day", [dt.date(2014, 2, 27)]), unit="month").to_list()
        [datetime.date(2014, 2, 1)]
    """
    require_choice(unit, get_args(TimeUnit), name="unit")
    if not isinstance(values.dtype, pl.Date | pl.Datetime):
        raise SchemaError(f"`{values.name}` is {values.dtype}; it must hold dates or timestamps.")
    if unit == "hour" and values.dtype == pl.Date:
        raise ParameterError(f"`unit` is 'hour', but `{values.name}` holds dates; take days.")

    return values.dt.truncate(_EVERY[unit])


def coarsen_place(values: pl.Series, *, regions: Mapping[str, str]) -> pl.Series:
    """Replace every place by the region it lies in.

    The trap: a place the list does not know must not slip through as it is.
    It is refused, and so nothing finer than a region is ever released.

    Args:
        values: Names or codes of places; a missing one stays missing.
        regions: Region of each place.

    Returns:
        Regions, under the same name.

    Raises:
        ParameterError: `regions` lacks a place.

    Examples:
        >>> places = pl.Series("city", ["Lyon", None])
        >>> coarsen_place(places, regions={"Lyon": "Auvergne-Rhône-Alpes"}).to_list()
        ['Auvergne-Rhône-Alpes', None]
    """
    texts = values.cast(pl.String)
    known = set(texts.drop_nulls().unique())
    lacking = len(known - set(regions))
    if lacking:
        raise ParameterError(
            f"`regions` lacks {lacking} of the {len(known)} places of `{values.name}`; it must "
            "have all of them."
        )
    return texts.replace_strict(dict(regions), return_dtype=pl.String) if known else texts


def coarsen_coordinates(degrees: pl.Series, *, grid: float) -> pl.Series:
    """Move latitudes or longitudes to the middle of their cell of a grid.

    The trap: cutting decimals off leaves a cell a house wide long before it
    looks short (0.001 degrees are about 100 metres), and a cell in the
    country holds fewer people than one in town: choose the grid by the emptiest.

    Args:
        degrees: Latitudes or longitudes; a missing one stays missing.
        grid: Width of a cell in degrees, above 0; 0.1 are about 11 kilometres of latitude.

    Returns:
        Middles of the cells, under the same name.

    Raises:
        ParameterError: `grid` is not above 0 and at most 360.
        SchemaError: The column holds no numbers, or some beyond 180 degrees.

    Examples:
        >>> coarsen_coordinates(pl.Series("lat", [48.8566, -33.86]), grid=0.5).to_list()
        [48.75, -33.75]
    """
    if not degrees.dtype.is_numeric():
        raise SchemaError(f"`{degrees.name}` is {degrees.dtype}; it must hold numbers.")
    require_finite(grid, name="grid")
    if not 0 < grid <= _WHOLE_TURN:
        raise ParameterError(f"`grid` is {grid}; it must be above 0 and at most {_WHOLE_TURN}.")
    plain = degrees.cast(pl.Float64).fill_nan(None)
    beyond = int((plain.abs() > _HALF_TURN).sum())
    if beyond:
        raise SchemaError(
            f"`{degrees.name}` has {beyond} values beyond {_HALF_TURN} degrees; it must hold "
            "latitudes or longitudes in degrees."
        )
    return (plain / grid).floor() * grid + grid / 2


def keep_prefix(values: pl.Series, *, characters: int, filler: str = "*") -> pl.Series:
    """Keep the first characters of a code, such as a postal code, and fill up the rest.

    Args:
        values: Text; a missing one stays missing.
        characters: How many to keep, 0 or more.
        filler: What stands for each of the others, one character.

    Returns:
        Texts of the same lengths and name.

    Raises:
        ParameterError: `characters` is below 0, or `filler` is not one character.

    Examples:
        >>> keep_prefix(pl.Series("zip", ["47677", "4760", None]), characters=3).to_list()
        ['476**', '476*', None]
    """
    require_at_least(characters, 0, name="characters")
    if len(filler) != 1:
        raise ParameterError(f"`filler` is {filler!r}; it must be one character.")
    texts = values.cast(pl.String)
    rest = texts.str.slice(characters).str.replace_all(".", filler.replace("$", "$$"))
    return (texts.str.slice(0, characters) + rest).alias(values.name)
