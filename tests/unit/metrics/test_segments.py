import datetime as dt

import pandas as pd
import polars as pl
import pytest

from analytics_lib.core.errors import ParameterError, SchemaError
from analytics_lib.core.periods import day_date
from analytics_lib.metrics.rfm import DEFAULT_RFM_SEGMENTS, rfm
from analytics_lib.metrics.segment_migration import segment_migration
from analytics_lib.metrics.segment_rules import (
    SegmentRules,
    segment_by_rules,
    segment_rules_in_words,
)
from analytics_lib.metrics.segments import compare_segments


def paid(*rows, amount=pl.Int64):
    schema = {"user_id": pl.String, "day": pl.Int32, "amount": amount}
    return pl.DataFrame(rows, schema=schema, orient="row")


def test_refunds_lower_the_value_but_are_no_purchase():
    # origin: by hand; a: 10 + 20 on day 1, 30 on day 5, -12 on day 8; b is refunded more than paid
    payments = paid(
        ("a", 1, 10), ("a", 1, 20), ("a", 5, 30), ("a", 8, -12), ("b", 2, 5), ("b", 3, -7),
        ("only refunds", 4, -1), ("free", 4, 0), ("later", 11, 9), ("a", 11, 9),
    )  # fmt: skip
    found = rfm(payments, as_of=day_date(10))
    columns = ("user_id", "last_purchase", "recency_days", "frequency", "revenue", "monetary")
    assert found.select(columns).rows() == [
        ("a", dt.date(1970, 1, 6), 5, 2, 48.0, 24.0),
        ("b", dt.date(1970, 1, 3), 8, 1, -2.0, -2.0),
    ]


def test_a_refund_on_the_day_of_a_purchase_leaves_it_a_purchase_day():
    found = rfm(paid(("a", 1, 10), ("a", 1, -10)), as_of=day_date(1))
    assert found.select("frequency", "revenue").row(0) == (1, 0.0)


def test_scores_of_ten_customers_come_in_pairs():
    payments = paid(*((f"u{n}", n, 10) for n in range(10)))
    found = rfm(payments, as_of=day_date(20))
    # origin: by hand; u9 paid last
    assert found["recency_score"].to_list() == [1, 1, 2, 2, 3, 3, 4, 4, 5, 5]
    assert found["frequency_score"].to_list() == [3] * 10  # all alike


def test_ties_share_a_score_wherever_the_cut_falls():
    payments = paid(*((f"u{n}", day, 10) for n, day in enumerate([1, 2, 3, 3, 3, 3, 4, 5])))
    found = rfm(payments, as_of=day_date(9))
    # origin: by hand; mean ranks 1, 2, 4.5 (four times), 7, 8 of 8: (r - 0.5) / 8 x 5
    assert found["recency_score"].to_list() == [1, 1, 3, 3, 3, 3, 5, 5]


def test_float_amounts_are_exact_to_a_millionth():
    found = rfm(paid(*[("a", 1, 0.1)] * 3, ("b", 1, 0.3), amount=pl.Float64), as_of=day_date(1))
    assert found["revenue"].to_list() == [0.3, 0.3]
    assert found["monetary_score"].to_list() == [3, 3]


def test_amounts_that_are_not_there_are_no_payment():
    payments = paid(("a", 1, None), ("b", 1, float("nan")), ("c", 1, 1.0), amount=pl.Float64)
    assert rfm(payments, as_of=day_date(1))["user_id"].to_list() == ["c"]


def test_the_default_table_names_every_cell_and_no_other_table_is_needed():
    corners = {(5, 5): "champions", (1, 1): "hibernating", (1, 5): "cannot lose", (5, 1): "new"}
    for (recency, frequency), start in corners.items():
        [name] = [
            name
            for name, its in DEFAULT_RFM_SEGMENTS.items()
            if its["recency"][0] <= recency <= its["recency"][1]
            and its["frequency"][0] <= frequency <= its["frequency"][1]
        ]
        assert name.startswith(start)


def test_a_table_of_ones_own():
    halves = {"big": {"monetary": (2, 2)}, "small": {"monetary": (1, 1)}}
    found = rfm(paid(("a", 1, 10), ("b", 1, 20)), as_of=day_date(1), quantiles=2, segments=halves)
    assert found["segment"].to_list() == ["small", "big"]


PAID = paid(("a", 1, 10))


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"quantiles": 1}, "`quantiles` is 1"),
        ({"quantiles": 4}, "default segments are made for 5; give `segments`"),
        ({"segments": {"a": {"recncy": (1, 5)}}}, r"`segments\.a` is 'recncy'.*mean 'recency'"),
        ({"segments": {"a": {"recency": (1, 4)}}}, "'recency': 5, .* into none"),
        ({"segments": {"a": {}, "b": {"recency": (5, 5)}}}, r"into \['a', 'b'\]"),
    ],
)
def test_impossible_rfm_is_refused(asked, words):
    with pytest.raises(ParameterError, match=words):
        rfm(PAID, as_of=day_date(1), **asked)


def test_payments_without_amount_are_refused():
    with pytest.raises(SchemaError, match="`payments` is missing column 'amount'"):
        rfm(PAID.drop("amount"), as_of=day_date(1))


USERS = pl.DataFrame({
    "user_id": ["a", "b"], "days": [1, 9], "platform": ["web", "ios"], "on": [True, False],
    "born": [dt.date(2000, 1, 1), None],
})  # fmt: skip


def rules(*where, name="some", otherwise="rest"):
    return {"segments": [{"name": name, "where": list(where)}], "otherwise": otherwise}


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"segments": rules({"column": "days", "above": 1})["segments"]}, "`otherwise` is missing"),
        ({"otherwise": "rest"}, "`segments` is missing"),
        ({"segments": [], "otherwise": "rest"}, "`segments` is"),
        (rules(), "`segments.0.where` is"),
        (rules({"column": "days"}), "needs one of"),
        (rules({"column": "days", "abov": 1}), "`segments.0.where.0.abov` is unknown.*'above'"),
        (rules({"column": "days", "above": "1"}), "`segments.0.where.0.above` is '1'"),
        (rules({"column": "dayz", "above": 1}),
         r"`rules\.some\.where\.column` is 'dayz'.*Did you mean 'days'"),
        (rules({"column": "platform", "above": 1}), "asks whether `platform` above 1.0, but"),
        (rules({"column": "days", "is": "9"}), "compare it with a number"),
        (rules({"column": "days", "is": True}), "compare it with a number"),
        (rules({"column": "platform", "one_of": ["web", 1]}), "compare it with text"),
        (rules({"column": "on", "is": "yes"}), "compare it with true or false"),
        (rules({"column": "born", "is": "2000-01-01"}), "nothing but `missing`"),
        (rules({"column": "days", "one_of": []}), "`segments.0.where.0.one_of` is"),
        (rules({"column": "days", "above": 1}, name=""), "`segments.0.name` is"),
    ],
)  # fmt: skip
def test_mistaken_rules_are_refused(given, words):
    with pytest.raises(ParameterError, match=words):
        segment_by_rules(USERS, rules=given)


def test_rules_that_were_checked_before():
    checked = SegmentRules.model_validate(rules({"column": "born", "missing": True}))
    assert segment_by_rules(USERS, rules=checked)["segment"].to_list() == ["rest", "some"]


def test_categories_are_text():
    users = USERS.with_columns(pl.col("platform").cast(pl.Categorical))
    found = segment_by_rules(users, rules=rules({"column": "platform", "is": "ios"}))
    assert found["segment"].to_list() == ["rest", "some"]


def test_users_must_be_one_row_each():
    twice = pl.concat([USERS, USERS])
    given = rules({"column": "days", "above": 1})
    with pytest.raises(SchemaError, match="`users` has 2 rows of users who are already there"):
        segment_by_rules(twice, rules=given)
    nobody = USERS.with_columns(user_id=pl.lit(None, pl.String))
    with pytest.raises(SchemaError, match="`users` has 2 rows without `user_id`"):
        segment_by_rules(nobody, rules=given)
    with pytest.raises(ParameterError, match="`name` is 'days', but"):
        segment_by_rules(USERS, rules=given, name="days")


def test_comparison_by_hand():
    users = pl.DataFrame({
        "kind": ["x", "x", "x", "y", None, None],
        "days": [2, 4, 6, 5, None, 7],
        "paying": [True, False, True, False, None, True],
    })  # fmt: skip
    found = compare_segments(users, segment="kind", values=["days", "paying"])
    x = found.filter(pl.col("kind") == "x", pl.col("column") == "days").row(0, named=True)
    # origin: by hand; t(0.975, 2) = 4.303, standard error 2 / sqrt 3
    assert (x["users"], x["all_users"], x["n"], x["mean"], x["median"]) == (3, 6, 3, 4.0, 4.0)
    assert x["mean_ci_upper"] == pytest.approx(8.968, abs=1e-3)
    assert (x["share"], x["median_ci_lower"]) == (0.5, None)  # six values are needed
    assert found["kind"].to_list() == [None, None, "x", "x", "y", "y"]
    assert found["n"].to_list() == [1, 1, 3, 3, 1, 1]
    assert found["mean"].to_list() == pytest.approx([7, 1, 4, 2 / 3, 5, 0])


def test_categories_of_pandas_compare():
    users = pd.DataFrame({"kind": pd.Categorical(["b", "a"]), "days": [1, 2]})
    found = compare_segments(users, segment="kind", values=["days"])
    assert found["kind"].tolist() == ["a", "b"]


def test_what_cannot_be_compared_is_refused():
    with pytest.raises(ParameterError, match="`values` is empty"):
        compare_segments(USERS, segment="platform", values=[])
    with pytest.raises(SchemaError, match="`born` is Date"):
        compare_segments(USERS, segment="platform", values=["born"])
    with pytest.raises(SchemaError, match="`frame` is missing column 'kind'"):
        compare_segments(USERS, segment="kind", values=["days"])


def labels(**segments):
    return pl.DataFrame(
        list(segments.items()), schema={"user_id": pl.String, "segment": pl.String}, orient="row"
    )


def test_everybody_goes_somewhere():
    before = labels(a="x", b="x", c="y", d=None, e=None)
    found = segment_migration(before, labels(a="y", b=None, d=None, f="z", g="z"))
    # origin: by hand
    moves = found.filter(pl.col("users") > 0)
    assert moves.drop("ci_lower", "ci_upper").rows() == [
        ("x", "y", "moved", 1, 2, 0.5),
        ("x", None, "moved", 1, 2, 0.5),
        ("y", None, "left", 1, 1, 1.0),
        (None, "z", "entered", 2, 2, 1.0),
        (None, None, "left", 1, 2, 0.5),
        (None, None, "stayed", 1, 2, 0.5),
    ]
    # Every pair of four segments (none is one), and outside on either side.
    assert found.height == 4 * 4 + 4 + 4
    never = found.filter(pl.col("segment_before") == "z")
    assert never["share"].to_list() == [None] * 5


def test_nobody_moves_nowhere():
    assert segment_migration(labels(), labels()).is_empty()


def test_periods_that_do_not_fit_are_refused():
    numbers = labels(a="1").with_columns(pl.col("segment").cast(pl.Int64))
    with pytest.raises(SchemaError, match="`segment` is String in `before` and Int64 in `after`"):
        segment_migration(labels(a="x"), numbers)
    with pytest.raises(SchemaError, match="`after` is missing column 'segment'"):
        segment_migration(labels(a="x"), labels(a="x").drop("segment"))
    with pytest.raises(SchemaError, match="`after` has 1 rows of users"):
        segment_migration(labels(a="x"), pl.concat([labels(a="x"), labels(a="y")]))


def test_categories_sort_as_text_and_meet_those_of_another_period():
    one, other = pl.Enum(["y", "x"]), pl.Enum(["x", "z"])
    before = labels(a="y", b="x").with_columns(pl.col("segment").cast(one))
    after = labels(a="z", b="x").with_columns(pl.col("segment").cast(other))
    found = segment_migration(before, after).filter(pl.col("users") > 0)
    columns = ("segment_before", "segment_after", "movement")
    assert found.select(columns).rows() == [("x", "x", "stayed"), ("y", "z", "moved")]
    sizes = compare_segments(
        before.with_columns(days=pl.lit(1)), segment="segment", values=["days"]
    )
    assert sizes["segment"].to_list() == ["x", "y"]


def test_rules_in_words():
    where = [
        {"column": "plan_name", "one_of": ["a", "b"], "missing": False},
        {"column": "spent", "above": 1_000.5, "below": 2_000},
        {"column": "paying", "is": True},
    ]
    given = {
        "segments": [
            {"name": "x", "where": where},
            {"name": "y", "where": [{"column": "spent", "missing": True}]},
        ],
        "otherwise": "z",
    }
    # origin: by hand
    first = (
        "plan name one of a, b and plan name known and "
        "spent above 1,000.5 and spent below 2,000 and paying is true"
    )
    expected = [
        (1, "x", first),
        (2, "y", "spent missing"),
        (3, "z", "everybody else"),
    ]
    assert segment_rules_in_words(given).rows() == expected
    checked = SegmentRules.model_validate(given)
    assert segment_rules_in_words(checked).rows() == expected
    with pytest.raises(ParameterError, match="Did you mean 'otherwise'"):
        segment_rules_in_words({"segments": given["segments"], "othrwise": "z"})
