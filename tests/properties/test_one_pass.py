"""One pass over the sorted log and the engine give the same answer to the same question."""

import datetime as dt

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics_lib import metrics
from analytics_lib.core.periods import day_number
from analytics_lib.metrics import user_runs

AS_OF = dt.date(2024, 3, 2)
LAST = day_number(AS_OF)
MINUTE = 60_000_000
DAY = 1_440 * MINUTE
MODEST = settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])

instant = st.one_of(
    st.none(),
    st.integers(0, 12).map(lambda n: (LAST - 1) * DAY + n * 15 * MINUTE),  # ties and borders
    st.integers((LAST - 40) * DAY, (LAST + 2) * DAY),
)
logs = st.lists(
    st.tuples(
        st.sampled_from(["a", "b", "c", None]), st.sampled_from(["x", "y", "z", None]), instant
    ),
    max_size=40,
)


def frame(rows, *, ids):
    schema = {"user_id": pl.String, "event_type": pl.String, "t_us": pl.Int64}
    log = pl.DataFrame(rows, schema=schema, orient="row").with_columns(
        day=(pl.col("t_us") // DAY).cast(pl.Int32)
    )
    return log.with_row_index("event_id") if ids else log


def by_the_engine(ask):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(user_runs, "FETCHERS", {})
        return ask()


@MODEST
@given(
    rows=logs,
    split=st.booleans(),
    views=st.sampled_from([[], ["x"]]),
    keys=st.sampled_from([[], ["y"]]),
)
def test_sessions_are_the_same(rows, split, views, keys):
    log = frame([*rows, ("d", "x", LAST * DAY)], ids=False)

    def ask():
        return metrics.session_quality(
            log, granularity="week", as_of=AS_OF, split_at_midnight=split, view_types=views,
            key_types=keys,
        )  # fmt: skip

    found, expected = ask(), by_the_engine(ask)
    assert found.schema == expected.schema
    means = ["mean_seconds"]  # added up in another order
    assert found.drop(means).equals(expected.drop(means))
    assert found["mean_seconds"].to_list() == pytest.approx(expected["mean_seconds"].to_list())


@MODEST
@given(
    rows=logs,
    ids=st.booleans(),
    steps=st.sampled_from(["xy", "xyx", "xx", "xyz"]),
    window_of=st.sampled_from(["funnel", "step"]),
    window=st.sampled_from([0.02, 1, 7]),
    has_stop=st.booleans(),
    include=st.booleans(),
)
def test_funnels_are_the_same(rows, ids, steps, window_of, window, has_stop, include):
    log = frame([*rows, ("d", "x", (LAST - 9) * DAY)], ids=ids)

    def ask():
        return metrics.funnel(
            log, steps=list(steps), as_of=AS_OF, window_days=window, window_of=window_of,
            exclude=["z"] if has_stop and "z" not in steps else [], include_incomplete=include,
        )  # fmt: skip

    found, expected = ask(), by_the_engine(ask)
    assert found.schema == expected.schema
    assert found.equals(expected)


@MODEST
@given(rows=logs, kind=st.sampled_from(["on", "on_or_after", "bracket"]), width=st.integers(1, 9))
def test_retention_is_the_same(rows, kind, width):
    log = frame([*rows, ("d", "x", (LAST - 9) * DAY)], ids=False)

    def ask():
        return metrics.retention_curve(
            log, kind=kind, ages=[0, 1, 7], width=width if kind == "bracket" else 1, as_of=AS_OF
        )

    found, expected = ask(), by_the_engine(ask)
    assert found.schema == expected.schema
    assert found.equals(expected)
