import math

import polars as pl
import pytest

from analytics_lib.core.errors import ParameterError, SchemaError
from analytics_lib.core.results import Estimate
from analytics_lib.display import (
    describe_change,
    describe_range,
    describe_share,
    describe_trend,
    describe_value,
    list_in_words,
    sentence,
    share_in_words,
)


def share(value: float, n: int = 100) -> Estimate:
    return Estimate(value=value, n=n, unit="share")


@pytest.mark.parametrize(
    ("items", "text"),
    [([], "none"), (["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c")],
)
def test_list_in_words(items: list[str], text: str) -> None:
    assert list_in_words(items) == text


def test_list_in_words_with_or() -> None:
    assert list_in_words(["a", "b"], last="or") == "a or b"


def test_sentence() -> None:
    assert sentence("is it so?") == "Is it so?"
    assert sentence("  done. ") == "Done."
    assert sentence("") == ""


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (0, "none"),
        (1e-9, "0.0%"),
        (1 - 1e-9, "100.0%"),
        (1, "all"),
        (0.479, "47.9%"),
        (0.48, "just under half"),
        (0.489, "just under half"),
        (0.49, "about half"),
        (0.5, "about half"),
        (0.51, "about half"),
        (0.511, "just over half"),
        (0.52, "just over half"),
        (0.521, "52.1%"),
        (1 / 3, "about a third"),
        (None, "an unknown share"),
        (math.nan, "an unknown share"),
    ],
)
def test_share_in_words(value: float | None, words: str) -> None:
    # origin: by hand from the rule in the docstring
    assert share_in_words(value) == words


def test_describe_share_without_an_interval() -> None:
    assert describe_share(share(0.25), of="users", did="left") == "25.0% of the 100 users left."
    assert describe_share(share(1, n=1), of="users", did="left") == "100.0% of the 1 user left."


def test_describe_share_undefined_says_why() -> None:
    nobody = describe_share(share(math.nan, n=0), of="users", did="left")
    assert nobody == "It cannot be said how many users left: there are none."
    unknown = describe_share(share(math.nan, n=5), of="users", did="left")
    assert unknown == "It cannot be said how many users left: the share is not known."


def test_describe_share_refuses_other_units() -> None:
    with pytest.raises(ParameterError, match=r"`estimate` has the unit 'days'; it must be 'share'"):
        describe_share(Estimate(value=1, n=1, unit="days"), of="users", did="left")


def test_describe_value() -> None:
    days = Estimate(value=12, ci_lower=10, ci_upper=14, n=9, unit="days")
    assert describe_value(days, what="the median") == (
        "The median is 12 days (95% interval 10 to 14)."
    )
    assert describe_value(Estimate(value=1, n=9, unit="days"), what="it") == "It is 1 day."
    undefined = Estimate(value=math.nan, n=0, unit="days")
    assert describe_value(undefined, what="it") == "It cannot be said: there is no value."


@pytest.mark.parametrize(
    ("now", "before", "text"),
    [
        (110, 100, "Users rose by 10.0% to 110 against May."),
        (90, 100, "Users fell by 10.0% to 90 against May."),
        (100, 100, "Users stayed at 100, as in May."),
        (3, 0, "Users rose from 0 to 3 against May."),
        (0, 3, "Users fell by 100.0% to 0 against May."),
        (math.nan, 3, "There is no value for users to compare with May."),
        (3, math.nan, "Users: 3; there is no value for May to compare."),
    ],
)
def test_describe_change(now: float, before: float, text: str) -> None:
    assert describe_change(now, before, what="users", against="May") == text


def test_a_share_changes_in_percentage_points() -> None:
    text = describe_change(share(0.3), share(0.25), what="retention", against="May")
    assert text == "Retention rose by 5 percentage points to 30.0% against May."


def test_a_negative_base_has_no_percentage() -> None:
    text = describe_change(5, -5, what="profit", against="May", unit="EUR")
    assert text == "Profit rose from \N{MINUS SIGN}€5 to €5 against May."


def trend(values: list[float | None]) -> str:
    frame = pl.DataFrame(
        {"age": list(range(len(values))), "y": values}, schema={"age": pl.Int64, "y": pl.Float64}
    )
    return describe_trend(frame, what="users", x="age", y="y")


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ([], "Users: no value."),
        ([None, math.nan], "Users: no value."),
        ([5.0], "Users: one value, 5 (0)."),
        ([1.0, 2.0], "Users: 1 at first (0), 2 at last (1)."),
        ([1.0, 9.0, 2.0], "Users: 1 at first (0), 2 at last (2), 9 at most (1)."),
        (
            [3.0, None, 1.0, 2.0],
            "Users: 3 at first (0), 2 at last (3), 1 at least (2); 1 point without a value.",
        ),
    ],
)
def test_describe_trend(values: list[float | None], text: str) -> None:
    assert trend(values) == text


def test_thousands_are_said_without_cents_and_small_amounts_with_them() -> None:
    def told(*values: float) -> str:
        frame = pl.DataFrame({"age": range(len(values)), "y": values})
        return describe_trend(frame, what="revenue", x="age", y="y", unit="USD")

    assert told(299_060.17, 76_109.3) == (
        "Revenue: US$299,060 at first (0), US$76,109 at last (1)."
    )
    assert told(1000.4) == "Revenue: one value, US$1,000 (0)."
    assert told(1000.4, 999.5) == "Revenue: US$1,000.40 at first (0), US$999.50 at last (1)."
    change = describe_change(1999.6, 1000, what="revenue", against="May", unit="USD")
    assert change == "Revenue rose by 100.0% to US$2,000 against May."
    frame = pl.DataFrame({"g": ["a", "b"], "v": [1500.5, 2500.25]})
    said = describe_range(frame, what="revenue", label="g", value="v", unit="EUR")
    assert said == "Revenue ranges from €1,500 (a) to €2,500 (b)."


def test_describe_range_of_few() -> None:
    def told(groups: list[str], values: list[float | None]) -> str:
        frame = pl.DataFrame({"g": groups, "v": values}, schema={"g": pl.String, "v": pl.Float64})
        return describe_range(frame, what="lateness", label="g", value="v", unit="days")

    assert told(["a", "b", "c"], [2, None, -1]) == (
        "Lateness ranges from \N{MINUS SIGN}1 days (c) to 2 days (a)."
    )
    assert told(["a", "b"], [2, 2]) == "Lateness is 2 days in every group."
    assert told(["a"], [2]) == "Lateness is 2 days in a."
    assert told(["a"], [None]) == "Lateness has no value in any group."
    assert told([], []) == "Lateness has no value in any group."


def test_text_is_no_value() -> None:
    frame = pl.DataFrame({"g": ["a"], "v": ["secret"]})
    with pytest.raises(SchemaError, match=r"column 'v' holds str values; it must hold numbers"):
        describe_range(frame, what="x", label="g", value="v")
