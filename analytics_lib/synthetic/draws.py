"""What every simulated platform draws: times of the day, and digests that name things once."""

import numpy as np
import polars as pl
import pyarrow as pa

from analytics_lib.synthetic.calendars import Integers

_HOURS = np.array([1, 1, 1, 1, 1, 2, 4, 7, 8, 8, 8, 9, 10, 9, 8, 8, 9, 11, 13, 13, 11, 8, 5, 3])


def seconds_of_day(size: int, *, rng: np.random.Generator) -> Integers:
    """Seconds after midnight, by the hours of the day: few at night, most in the evening."""
    edges = np.cumsum(_HOURS / _HOURS.sum())[:-1]
    hours = np.searchsorted(edges, rng.random(size, dtype=np.float32))
    seconds: Integers = hours * 3600 + rng.integers(0, 3600, size=size)
    return seconds


def digests(size: int, *, rng: np.random.Generator) -> pl.Series:
    """So many random digests of 64 hex digits."""
    drawn = pa.Array.from_buffers(pa.binary(32), size, [None, pa.py_buffer(rng.bytes(32 * size))])
    frame = pl.DataFrame(pa.table({"digest": drawn}))
    return frame.select(pl.col("digest").bin.encode("hex")).to_series()
