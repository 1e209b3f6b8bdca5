"""Complementary suppression: no sum may give a hidden count away."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics_lib.core.errors import ParameterError, SchemaError
from analytics_lib.privacy import protect_counts

MINIMUM = 10


def shown(counts, **how):
    frame = pl.DataFrame({"group": [str(at) for at in range(len(counts))], "users": counts})
    safe = protect_counts(frame, counts=["users"], minimum=MINIMUM, **how)
    return safe["users"].to_list()


# origin: by hand
@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        pytest.param([40, 9, 12], [40, None, None], id="the smallest other row goes too"),
        pytest.param([40, 10, 12], [40, 10, 12], id="ten are enough"),
        pytest.param([40, 9, 8], [40, None, None], id="two small ones hide each other"),
        pytest.param([40, 30, 4, 5], [40, None, None, None], id="two small ones are nine people"),
        pytest.param([40, 30, 5, 5], [40, 30, None, None], id="two small ones are ten people"),
        pytest.param([40, 0, 3], [None, 0, None], id="a count of none hides nobody"),
        pytest.param([3], [None], id="there is nothing to hide it with"),
        pytest.param([40, None, 3], [None, None, None], id="what is not known hides nobody"),
        pytest.param([], [], id="no rows"),
    ],
)
def test_a_hidden_count_is_not_the_rest_of_a_total(counts, expected):
    frame = pl.DataFrame(
        {"group": [str(at) for at in range(len(counts))], "users": counts},
        schema={"group": pl.String, "users": pl.Int64},
    )
    safe = protect_counts(frame, counts=["users"], minimum=MINIMUM, adds_up_over=["group"])
    assert safe["users"].to_list() == expected


def test_without_a_total_only_small_counts_go():
    assert shown([40, 9, 12]) == [40, None, 12]


def test_sums_are_looked_at_within_the_groups_of_the_rest():
    # origin: by hand; each kind splits the same 60 learners in two
    frame = pl.DataFrame(
        {
            "kind": ["a", "a", "b", "b"],
            "used": [True, False, True, False],
            "learners": [55, 5, 30, 30],
        }
    )
    safe = protect_counts(
        frame, counts=["learners"], by=["kind", "used"], adds_up_over=["used"], minimum=MINIMUM
    )
    assert safe["learners"].to_list() == [None, None, 30, 30]


def test_only_what_adds_up_is_complemented():
    frame = pl.DataFrame({"month": [1, 2, 3], "active": [9, 40, 50], "new": [20, 30, 40]})
    safe = protect_counts(
        frame, counts=["active", "new"], additive=["new"], adds_up_over=["month"], minimum=MINIMUM
    )
    assert safe["suppressed"].to_list() == [True, True, False]  # 20 new need company, 30 are next


def test_shares_are_those_of_the_rounded_counts():
    # origin: by hand; 17 of 44 become 15 of 45
    frame = pl.DataFrame({"group": ["a", "b"], "came": [17, 5], "users": [44, 30]})
    safe = protect_counts(
        frame,
        counts=["came", "users"],
        shares={"share": ("came", "users")},
        round_to=5,
        minimum=MINIMUM,
    )
    assert safe.row(0) == ("a", 15, 45, 15 / 45, False)
    assert safe.row(1) == ("b", None, None, None, True)


# origin: half up, by hand, around 12.5 as no whole number lies on it, and around 15 by tens
@pytest.mark.parametrize(
    ("value", "step", "expected"), [(12, 5, 10), (13, 5, 15), (14, 10, 10), (15, 10, 20)]
)
def test_rounding_is_to_the_nearest_half_up(value, step, expected):
    assert shown([value], round_to=step) == [expected]


@given(
    st.lists(st.integers(0, 30), min_size=4, max_size=24).filter(
        lambda counts: len(counts) % 2 == 0
    )
)
def test_no_line_of_a_table_gives_a_cell_away(counts):
    """Whoever knows every total is left with two cells or more, and with ten people or more."""
    half = len(counts) // 2
    frame = pl.DataFrame(
        {
            "row": ["a"] * half + ["b"] * half,
            "column": [str(at) for at in range(half)] * 2,
            "users": counts,
        }
    )
    safe = protect_counts(frame, counts=["users"], adds_up_over=["row", "column"], minimum=MINIMUM)
    for dimension in ("row", "column"):
        other = "column" if dimension == "row" else "row"
        for line in safe.with_columns(true=frame["users"]).partition_by(other):
            hidden = line.filter(pl.col("users").is_null() & (pl.col("true") > 0))
            left = line.filter(pl.col("users") > 0)
            if not hidden.is_empty() and not left.is_empty():
                assert hidden.height >= 2
                assert hidden["true"].sum() >= MINIMUM
    assert not safe.filter((pl.col("users") > 0) & (pl.col("users") < MINIMUM)).height


def test_those_who_are_left_out_are_counted_in_every_total():
    frame = pl.DataFrame(
        {"used": ["yes", "no", "never"], "learners": [21, 60, 90], "completed": [16, 25, 30]}
    )
    how = {"counts": ["learners", "completed"], "adds_up_over": ["used"], "minimum": MINIMUM}
    assert protect_counts(frame, **how)["completed"].to_list() == [16, 25, 30]
    # origin: by hand; 5 of 21 did not complete, and the total less the others is theirs: the row
    # with fewest of each goes too
    safe = protect_counts(frame, **how, parts=[("completed", "learners")])
    assert safe.columns == [*frame.columns, "suppressed"]
    assert safe["completed"].to_list() == [None, None, 30]
    assert safe["learners"].to_list() == [None, None, 90]


@pytest.mark.parametrize(
    ("how", "error", "said"),
    [
        ({"minimum": 1}, ParameterError, "`minimum` is 1"),
        ({"round_to": 0}, ParameterError, "`round_to` is 0"),
        ({"round_to": 11}, ParameterError, "at most `minimum`"),
        ({"shares": {"s": ("users", "x")}}, ParameterError, "of ['x']; they must be"),
        ({"parts": [("x", "users")]}, ParameterError, "of ['x']; they must be"),
        ({"dependents": ["group"], "round_to": 5}, ParameterError, "Compute them anew"),
        ({"adds_up_over": ["grop"]}, SchemaError, "Did you mean 'group'?"),
    ],
)
def test_a_wrong_question_is_refused(how, error, said):
    frame = pl.DataFrame({"group": ["a"], "users": [1]})
    with pytest.raises(error) as caught:
        protect_counts(frame, **({"counts": ["users"], "minimum": MINIMUM} | how))
    assert said in str(caught.value)
