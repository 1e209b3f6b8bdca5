import math
from typing import ClassVar

import pytest
from pydantic import BaseModel, Field, field_validator

from analytics_lib.core import errors
from analytics_lib.core.checks import (
    require_at_least,
    require_between,
    require_choice,
    require_columns,
    suggest,
)
from analytics_lib.core.errors import AnalyticsError, ParameterError, SchemaError
from analytics_lib.core.numeric import divide, relative_change
from analytics_lib.core.results import Estimate
from analytics_lib.core.strict import StrictModel, validate

EXIT_CODES = {
    "AnalyticsError": 1,
    "ParameterError": 2,
    "SchemaError": 3,
    "DisclosureError": 4,
    "BudgetError": 5,
    "AccessError": 6,
    "RunError": 7,
    "KernelDiedError": 8,
    "TimeLimitError": 9,
    "StorageError": 10,
    "IncompleteError": 11,
}


def test_every_error_has_an_exit_code_of_its_own():
    classes = [item for item in vars(errors).values() if isinstance(item, type)]
    found = {item.__name__: item.exit_code for item in classes if issubclass(item, AnalyticsError)}
    assert found == EXIT_CODES


def test_bad_input_and_bad_questions_are_value_errors_too():
    assert issubclass(ParameterError, ValueError)
    assert issubclass(SchemaError, ValueError)


@pytest.mark.parametrize(
    ("name", "choices", "words"),
    [
        pytest.param("perod", ["period", "as_of"], " Did you mean 'period'?", id="near"),
        pytest.param("zebra", ["period"], "", id="far"),
        pytest.param("x", [], "", id="nothing to choose from"),
    ],
)
def test_suggestions(name, choices, words):
    assert suggest(name, choices) == words


def test_missing_columns_are_named_with_the_nearest():
    require_columns(["a", "b"], ["a"], name="events")
    with pytest.raises(SchemaError) as caught:
        require_columns(["user", "day"], ["user_id", "day", "t_us"], name="events")
    assert str(caught.value) == (
        "`events` is missing columns 'user_id', 't_us'; available columns are ['user', 'day']."
        " Did you mean 'user'?"
    )


def test_choices():
    require_choice("day", ["day", "week"], name="granularity")
    with pytest.raises(ParameterError, match=r"must be one of \['day', 'week'\]. Did you mean 'we"):
        require_choice("weeks", ["week", "day"], name="granularity")


@pytest.mark.parametrize("value", [1, 2.5])
def test_at_least_holds_at_and_above(value):
    require_at_least(value, 1, name="n")


@pytest.mark.parametrize("value", [0, 0.999, math.nan])
def test_at_least_refuses_below(value):
    with pytest.raises(ParameterError, match=f"`n` is {value}; it must be at least 1"):
        require_at_least(value, 1, name="n")


@pytest.mark.parametrize(("value", "fine"), [(0, False), (0.5, True), (1, False)])
def test_between_excludes_its_ends(value, fine):
    if fine:
        require_between(value, 0, 1, name="level")
        return
    with pytest.raises(ParameterError, match="`level` is"):
        require_between(value, 0, 1, name="level")


@pytest.mark.parametrize("pair", [(1, 0), (math.nan, 1), (1, math.nan), (0, 0)])
def test_undefined_quotients(pair):
    assert math.isnan(divide(*pair))


def test_quotients():
    assert divide(0, 3) == 0
    assert divide(3, -2) == -1.5
    assert relative_change(150, 100) == 0.5
    assert math.isnan(relative_change(1, 0))


def test_estimate_is_defined_and_written_plainly():
    found = Estimate(value=0.5, ci_lower=0.4, ci_upper=0.6, n=10, unit="share")
    assert found.is_defined
    assert found.to_dict() == {
        "value": 0.5, "ci_lower": 0.4, "ci_upper": 0.6, "confidence_level": 0.95,
        "n": 10, "unit": "share",
    }  # fmt: skip
    nothing = Estimate(value=math.nan, n=0, unit="share")
    assert not nothing.is_defined
    assert nothing.to_dict()["value"] is None


@pytest.mark.parametrize(
    ("lower", "upper", "fine"),
    [(0.5, 0.6, True), (0.4, 0.5, True), (0.51, 0.6, False), (0.4, 0.49, False)],
)
def test_estimate_lies_in_its_interval(lower, upper, fine):
    fields = {"value": 0.5, "ci_lower": lower, "ci_upper": upper, "n": 1, "unit": "share"}
    if fine:
        assert Estimate(**fields).value == 0.5
        return
    with pytest.raises(ParameterError, match="does not hold the value"):
        Estimate(**fields)


@pytest.mark.parametrize("level", [0, 1])
def test_estimate_refuses_a_confidence_at_the_ends(level):
    with pytest.raises(ParameterError, match="must lie between 0 and 1"):
        Estimate(value=1.0, confidence_level=level, n=1, unit="days")


class Inner(StrictModel):
    width: int = Field(ge=1)


class Question(StrictModel):
    KINDS: ClassVar[tuple[str, ...]] = ("a", "b")

    period: str
    inner: Inner | None = None
    items: list[Inner] = Field(default_factory=list)
    pairs: list[int | Inner] = Field(default_factory=list)

    @field_validator("period")
    @classmethod
    def known(cls, value: str) -> str:
        if value == "never":
            raise ValueError("there is no such period")
        return value


def test_valid_settings_become_a_model():
    found = validate(Question, {"period": "2014", "inner": {"width": 1}}, name="x.yaml")
    assert found == Question(period="2014", inner=Inner(width=1))
    assert isinstance(found, BaseModel)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        pytest.param({}, "`period` is missing", id="missing"),
        pytest.param({"period": 3}, r"`period` is 3; it must be a valid string", id="type"),
        pytest.param({"period": "never"}, "`period` is 'never'; it fails: there is no", id="own"),
        pytest.param(
            {"period": "x", "perod": 1},
            r"`perod` is unknown, valid names are \['inner', 'items', 'pairs', 'period'\]",
            id="unknown",
        ),
        pytest.param(
            {"period": "x", "inner": {"width": 1, "widht": 2}},
            r"`inner.widht` is unknown, valid names are \['width'\]. Did you mean 'width'\?",
            id="unknown inside",
        ),
        pytest.param(
            {"period": "x", "items": [{"widht": 2}]}, r"`items.0.width` is missing", id="in a list"
        ),
        pytest.param({"period": "x", "pairs": [{"widht": 2}]}, "`pairs.0.int` is", id="a choice"),
        pytest.param(
            {"period": "x", "inner": {"width": 0}}, r"`inner.width` is 0; it must be", id="range"
        ),
    ],
)
def test_mistakes_in_settings_are_described(data, words):
    with pytest.raises(ParameterError, match=words):
        validate(Question, data, name="x.yaml")


def test_every_mistake_is_told_at_once():
    with pytest.raises(ParameterError, match=r"missing; .*unknown"):
        validate(Question, {"other": 1}, name="x.yaml")
