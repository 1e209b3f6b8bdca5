"""The ordered funnel gives what ClickHouse's `windowFunnel` gives, on random logs with ties.

origin: chDB 4.4, `windowFunnel(days * 86400)(toUInt64(t), event_type = 'a', ...)`, users at level
k and above, on the logs that `random_log` makes; run once, outside this project's environment.
"""

import datetime as dt
import random

import polars as pl
import pytest

from analytics_lib import metrics

STEPS = {"abc": 2, "abcd": 1}  # days of the window
EXPECTED = {
    (0, "abc"): [174, 143, 107],
    (0, "abcd"): [174, 138, 71, 27],
    (1, "abc"): [177, 136, 95],
    (1, "abcd"): [177, 120, 69, 24],
    (2, "abc"): [175, 138, 86],
    (2, "abcd"): [175, 126, 59, 27],
    (3, "abc"): [170, 142, 102],
    (3, "abcd"): [170, 134, 77, 33],
    (4, "abc"): [167, 138, 89],
    (4, "abcd"): [167, 130, 55, 29],
    (5, "abc"): [172, 136, 92],
    (5, "abcd"): [172, 127, 55, 20],
    (6, "abc"): [165, 124, 80],
    (6, "abcd"): [165, 116, 65, 34],
    (7, "abc"): [173, 148, 108],
    (7, "abcd"): [173, 139, 67, 20],
    (8, "abc"): [166, 139, 88],
    (8, "abcd"): [166, 128, 59, 21],
    (9, "abc"): [182, 142, 113],
    (9, "abcd"): [182, 129, 79, 41],
    (10, "abc"): [181, 145, 98],
    (10, "abcd"): [181, 128, 56, 20],
    (11, "abc"): [174, 145, 96],
    (11, "abcd"): [174, 128, 60, 20],
}


def random_log(seed):
    draw = random.Random(seed)
    pauses = [0, 1, 600, 3600, 86400] if seed % 3 == 0 else [1, 7, 600, 3601, 86399]
    rows = []
    for user in range(200):
        at = draw.randrange(5 * 86400)
        for _ in range(draw.randrange(1, 25)):
            at += draw.choice(pauses)
            rows.append((str(user), at, draw.choice("abcd")))
    frame = pl.DataFrame(rows, schema=["user_id", "t", "event_type"], orient="row")
    return frame.with_columns(
        t_us=pl.col("t") * 1_000_000, day=(pl.col("t") // 86400).cast(pl.Int32)
    )


@pytest.mark.parametrize("steps", STEPS)
@pytest.mark.parametrize("seed", range(12))
def test_the_funnel_equals_window_funnel(seed, steps):
    found = metrics.funnel(
        random_log(seed), steps=list(steps), as_of=dt.date(1971, 1, 1), window_days=STEPS[steps]
    )
    assert found["reached"].to_list() == EXPECTED[seed, steps]
