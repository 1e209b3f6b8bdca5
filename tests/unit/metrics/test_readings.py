"""Reading one number out of a result, for answers and tiles."""

import math

import polars as pl
import pytest

from analytics_lib import metrics, safe_count
from analytics_lib.core.errors import ParameterError, SchemaError
from analytics_lib.display import describe_largest

MONTHS = pl.DataFrame({"users": [5, 0, 7, None], "all": [10, 0, 14, None]})


@pytest.mark.parametrize(("back", "value"), [(0, 7), (1, 0), (2, 5)])
def test_the_last_known_value_and_those_before(back, value):
    assert metrics.value_of_last(MONTHS, "users", back=back) == value


@pytest.mark.parametrize("frame", [MONTHS.clear(), MONTHS[3:]])
def test_no_value_is_nan(frame):
    assert math.isnan(metrics.value_of_last(frame, "users"))
    assert math.isnan(metrics.value_of_first(frame, "users"))
    share = metrics.share_of_last(frame, numerator="users", denominator="all")
    assert not share.is_defined


def test_before_the_beginning_is_nan():
    assert math.isnan(metrics.value_of_last(MONTHS, "users", back=3))


def test_the_last_share_has_its_base_and_interval():
    share = metrics.share_of_last(MONTHS, numerator="users", denominator="all")
    # origin: by hand, 7 of 14; the interval is that of Wilson 1927
    assert (share.value, share.n) == (0.5, 14)
    assert share.ci_lower == pytest.approx(0.2680, abs=1e-4)


@pytest.mark.parametrize(("back", "value"), [(0, 0.5), (1, 0.2), (2, None)])
def test_the_last_known_estimate_and_those_before(back, value):
    frame = pl.DataFrame(
        {"share": [0.2, 0.5, None], "low": [0.1, None, None], "high": [0.4, None, 0.9], "n": 9}
    )
    found = metrics.estimate_of_last(
        frame, "share", ci_lower="low", ci_upper="high", n="n", back=back
    )
    assert (found.value if found.is_defined else None) == value
    assert found.n == (0 if value is None else 9)
    assert found.unit == "share"
    assert math.isnan(found.ci_lower) is (back != 1)


@pytest.mark.parametrize(("count", "rows"), [(1, [5]), (3, [5, 0, 7]), (5, [5, 0, 7, None])])
def test_the_first_rows(count, rows):
    assert metrics.first_rows(MONTHS, count)["users"].to_list() == rows


def test_steps_have_names_and_types():
    steps = metrics.funnel_steps(product_page="view", paid=["card", "invoice"])
    assert [step.name for step in steps] == ["product page", "paid"]
    assert steps[1].event_types == ("card", "invoice")


def test_reading_a_funnel():
    found = pl.DataFrame({"step": [1, 2, 1, 2], "reached": [8, 2, 4, 4], "of": list("aabb")})
    assert metrics.last_step(found)["of"].to_list() == ["a", "b"]
    assert metrics.steps_after_first(found)["reached"].to_list() == [2, 4]
    one = found.filter(pl.col("of") == "a")
    assert metrics.funnel_share(one).value == 0.25
    assert not metrics.funnel_share(one.clear()).is_defined


@pytest.mark.parametrize(("count", "shown"), [(0, 0), (1, None), (9, None), (10, 10), (11, 11)])
def test_a_small_count_is_not_shown(count, shown):
    assert safe_count(count, minimum=10) == shown


def test_mistakes_are_named():
    with pytest.raises(ParameterError, match="`back` is -1"):
        metrics.value_of_last(MONTHS, "users", back=-1)
    with pytest.raises(ParameterError, match="`count` is 0"):
        metrics.first_rows(MONTHS, 0)
    with pytest.raises(ParameterError, match="`back` is -1"):
        metrics.estimate_of_last(MONTHS, "all", ci_lower="all", ci_upper="all", n="all", back=-1)
    with pytest.raises(SchemaError, match="'user'"):
        metrics.value_of_last(MONTHS, "user")
    with pytest.raises(ParameterError, match="`minimum` is 1"):
        safe_count(3, minimum=1)


def test_the_largest_is_named_or_there_is_none():
    frame = pl.DataFrame({"name": ["pay", "look"]})
    asked = {"what": "the step to mend first", "label": "name"}
    assert describe_largest(frame, **asked) == "The step to mend first is pay."
    assert describe_largest(frame.clear(), **asked).endswith("cannot be named: there is none.")


def test_reading_groups():
    frame = pl.DataFrame({"of": ["a", "b", "c"], "n": [3, None, 1], "all": [4, 4, 4]})
    assert metrics.smallest_label(frame, label="of", column="n") == "c"
    assert metrics.rows_of_group(frame, column="of", value="b")["n"].to_list() == [None]
    assert metrics.known_rows(frame, "n")["of"].to_list() == ["a", "c"]
    share = metrics.share_of_group(frame, column="of", value="a", numerator="n", denominator="all")
    assert (share.value, share.n) == (0.75, 4)
    with pytest.raises(ParameterError, match="`of` is 'd'"):
        metrics.rows_of_group(frame, column="of", value="d")
    with pytest.raises(SchemaError, match="no value in 'n'"):
        metrics.smallest_label(frame[1:2], label="of", column="n")
