import datetime as dt
import json
from typing import Any

import polars as pl
import pytest

from analytics_lib.core.errors import SchemaError
from analytics_lib.events.tables import CONTRACTS
from analytics_lib.warehouse import casts
from analytics_lib.warehouse.columns import SourceFrame, derive, is_too_fine
from analytics_lib.warehouse.mapping import ColumnRule

MIDNIGHT = dt.datetime(1970, 1, 3)  # noqa: DTZ001 - as databases without zones give it
COLUMNS = {column.name: column for table in CONTRACTS.values() for column in table.columns}


def apply(
    target: str, rule: dict[str, Any], frame: pl.DataFrame, *, zone: str = "UTC"
) -> list[Any]:
    """Values; `"!"` where the source has one that cannot be read."""
    source = SourceFrame(schema=dict(frame.schema), zone=zone, label="test")
    derived = derive(COLUMNS[target], ColumnRule.model_validate(rule), source=source)
    found = frame.with_columns(derived.value.alias("_v"), derived.given.alias("_g"))
    return ["!" if given and value is None else value for value, given in found["_v", "_g"].rows()]


def micro(text: str) -> int:
    moment = dt.datetime.fromisoformat(text)
    return int((moment - dt.datetime(1970, 1, 1, tzinfo=dt.UTC)) / dt.timedelta(microseconds=1))


@pytest.mark.parametrize(
    ("target", "values", "expected"),
    [
        pytest.param(
            "quantity",
            [
                "5",
                " 6 ",
                "7.0",
                "1e3",
                "7.5",
                "abc",
                "",
                None,
                "inf",
                "nan",
                "99999999999999999999",
            ],
            [5, 6, 7, 1000, "!", "!", None, None, "!", "!", "!"],
            id="whole numbers in text",
        ),
        pytest.param("quantity", [5.0, 5.5, None], [5, "!", None], id="whole numbers in floats"),
        pytest.param("quantity", [5, None], [5, None], id="whole numbers"),
        pytest.param("quantity", [None], [None], id="nothing at all"),
        pytest.param(
            "score", ["7", "7.5", "seven", "inf", ""], [7.0, 7.5, "!", "!", None], id="numbers"
        ),
        pytest.param("score", [7, None], [7.0, None], id="numbers in integers"),
        pytest.param(
            "is_banked",
            ["1", "0", "Yes", "n", "TRUE", "f", "2", ""],
            [True, False, True, False, True, False, "!", None],
            id="truth in text",
        ),
        pytest.param("is_banked", [1, 0, 2, None], [True, False, "!", None], id="truth in numbers"),
        pytest.param("is_banked", [True, None], [True, None], id="truth"),
        pytest.param("user_id", [28400.0, 1.5, None], ["28400", "1.5", None], id="id with missing"),
        pytest.param("user_id", ["a", "", None], ["a", None, None], id="empty text is missing"),
        pytest.param("platform", [dt.date(2024, 5, 1)], ["2024-05-01"], id="date as text"),
        pytest.param(
            "day",
            ["1970-01-02", "2024-02-29", "2023-02-29", "2024-5-1", "20000", "x"],
            [1, 19782, "!", "!", 20000, "!"],
            id="day number or date in text",
        ),
        pytest.param("day", [dt.date(1970, 1, 2), None], [1, None], id="dates"),
        pytest.param("day", [1, None], [1, None], id="day numbers"),
    ],
)
def test_column_is_cast_strictly(target: str, values: list[Any], expected: list[Any]) -> None:
    assert apply(target, {"column": "x"}, pl.DataFrame({"x": values})) == expected


def test_categories_are_texts() -> None:
    frame = pl.DataFrame(
        {"x": pl.Series(["a"], dtype=pl.Categorical), "y": pl.Series(["a"], dtype=pl.Enum(["a"]))}
    )
    assert apply("platform", {"column": "x"}, frame) == ["a"]
    assert apply("platform", {"column": "y"}, frame) == ["a"]


# origin of every instant: datetime.fromisoformat of the standard library
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-05-01T10:00:00Z", "2024-05-01T10:00:00+00:00"),
        ("2024-05-01T10:00:00.123456Z", "2024-05-01T10:00:00.123456+00:00"),
        ("2024-05-01 10:00:00+02:00", "2024-05-01T10:00:00+02:00"),
        ("2024-05-01 10:00:00 +0530", "2024-05-01T10:00:00+05:30"),
        ("2024-05-01T10:00:00-05", "2024-05-01T10:00:00-05:00"),
        ("2024-05-01 10:00:00", "2024-05-01T09:00:00+00:00"),  # summer time in London
        ("2024-01-01T10:00", "2024-01-01T10:00:00+00:00"),
        ("2024-03-31 01:30:00", "!"),  # the clock skipped it
        ("2024-10-27 01:30:00", "2024-10-27T00:30:00+00:00"),  # shown twice: the earlier
        ("2024-02-30 10:00:00", "!"),
        ("2024-05-01 25:00:00", "!"),
        ("2024-05-01", "!"),
        ("yesterday", "!"),
    ],
)
def test_timestamp_in_text(text: str, expected: str) -> None:
    rule = {"timestamp": "x", "zone": "Europe/London"}
    want = expected if expected == "!" else micro(expected)
    assert apply("t_us", rule, pl.DataFrame({"x": [text]})) == [want]


@pytest.mark.parametrize(
    ("unit", "value", "micros"),
    [
        ("s", 1_714_557_600, 1_714_557_600_000_000),
        ("s", 1_714_557_600.5, 1_714_557_600_500_000),
        ("s", "1714557600.25", 1_714_557_600_250_000),
        ("ms", 1_714_557_600_001, 1_714_557_600_001_000),
        ("us", "1714557600000001", 1_714_557_600_000_001),
        ("ns", 1_714_557_600_000_001_999, 1_714_557_600_000_001),
        ("ns", 2_000.0, 2),
        ("s", "soon", "!"),
    ],
)
def test_timestamp_in_numbers(unit: str, value: Any, micros: Any) -> None:
    rule = {"timestamp": "x", "unit": unit}
    assert apply("t_us", rule, pl.DataFrame({"x": [value]})) == [micros]


def test_timestamp_of_a_database() -> None:
    naive = pl.DataFrame({"x": [dt.datetime(2024, 5, 1, 10), None]})  # noqa: DTZ001 - the point
    aware = naive.select(pl.col("x").dt.replace_time_zone("America/New_York"))
    rule = {"timestamp": "x", "zone": "Europe/London"}
    assert apply("t_us", rule, naive) == [micro("2024-05-01T09:00:00+00:00"), None]
    assert apply("t_us", rule, aware) == [micro("2024-05-01T14:00:00+00:00"), None]
    assert apply("t_us", rule, pl.DataFrame({"x": [None]})) == [None]


@pytest.mark.parametrize(
    ("text", "zone", "day"),
    [
        # origin: 2024-05-01 is day 19844 (`date -d 2024-05-01 +%s` / 86400)
        ("2024-05-01T23:30:00Z", "UTC", 19_844),
        ("2024-05-01T23:30:00Z", "Europe/London", 19_845),
        ("2024-05-01T03:30:00Z", "America/New_York", 19_843),
    ],
)
def test_day_is_local_to_the_report_zone(text: str, zone: str, day: int) -> None:
    assert apply("day", {"timestamp": "x"}, pl.DataFrame({"x": [text]}), zone=zone) == [day]


def test_date_of_several_types() -> None:
    rule = {"date": "x"}
    assert apply("day", rule, pl.DataFrame({"x": ["1970-01-03", "3", ""]})) == [2, "!", None]
    assert apply("day", rule, pl.DataFrame({"x": [MIDNIGHT]})) == [2]
    assert apply("day", rule, pl.DataFrame({"x": [None]})) == [None]
    with pytest.raises(SchemaError, match="`x` of `test` is Int64; it must be an ISO date"):
        apply("day", rule, pl.DataFrame({"x": [3]}))


def test_days_after_an_origin() -> None:
    origin = {"column": "run", "dates": {"2013B": "1970-02-01", "2013J": "1970-10-01"}}
    frame = pl.DataFrame(
        {"run": ["2013B", "2013J", "2013B", "2014B", "2013B"], "after": ["-1", "0", "", "3", "x"]}
    )
    # origin: by hand, 31 days in January and 273 days before 1 October
    assert apply("due_day", {"origin": origin, "days_after": "after"}, frame) == [
        30,
        273,
        None,
        "!",
        "!",
    ]
    assert apply("start_day", {"origin": origin}, frame) == [31, 273, 31, "!", 31]


@pytest.mark.parametrize(
    ("otherwise", "expected"),
    [
        ("quarantine", ["yes", None, "!", None, None]),
        ("keep", ["yes", None, "x", None, None]),
        ("missing", ["yes", None, None, None, None]),
    ],
)
def test_value_map(otherwise: str, expected: list[Any]) -> None:
    rule = {"column": "x", "map": {"Y": "yes", "?": None}, "otherwise": otherwise}
    frame = pl.DataFrame({"x": ["Y", "?", "x", "", None]})
    assert apply("platform", rule, frame) == expected


def test_value_map_to_other_types() -> None:
    frame = pl.DataFrame({"x": ["1", "2"]})
    assert apply("disability", {"column": "x", "map": {1: True, 2: False}}, frame) == [True, False]
    assert apply("credits", {"column": "x", "map": {"1": 10, "2": 20}}, frame) == [10, 20]
    assert apply("score", {"column": "x", "map": {"1": 0.5, "2": 1}}, frame) == [0.5, 1.0]


def test_texts_are_joined() -> None:
    frame = pl.DataFrame({"a": ["AAA", None], "b": [2013, 2014]})
    assert apply("course_id", {"join": ["a", "b"]}, frame) == ["AAA-2013", None]
    assert apply("course_id", {"join": ["a", "b"], "separator": "/"}, frame)[0] == "AAA/2013"


def test_digest_tells_columns_and_missing_values_apart() -> None:
    frame = pl.DataFrame({"a": ["x", "xy", None, ""], "b": ["yz", "z", "yz", "yz"]})
    found = apply("event_id", {"digest": ["a", "b"]}, frame)
    assert len({*found[:3]}) == 3
    assert found[2] == found[3]


def test_properties_are_json() -> None:
    frame = pl.DataFrame({"plan": ["free", None], "n": [3, None]})
    first, second = apply("properties", {"properties": ["plan", "n"]}, frame)
    assert json.loads(first) == {"plan": "free", "n": "3"}
    assert second is None


def test_region_is_coarsened() -> None:
    frame = pl.DataFrame({"x": ["Germany/Berlin/10115", "France", None]})
    assert apply("region", {"coarse_region": "x"}, frame) == ["Germany", "France", None]
    rule = {"coarse_region": "x", "parts": 2}
    assert apply("region", rule, frame) == ["Germany/Berlin", "France", None]
    dashed = {"coarse_region": "x", "separator": "-"}
    assert apply("region", dashed, pl.DataFrame({"x": ["US-CA-94107"]})) == ["US"]


@pytest.mark.parametrize(
    ("region", "fine"),
    [("US-CA", False), ("FR-971", False), ("10115", True), ("52.5,13.4", True), ("10.1.2.3", True)],
)
def test_finer_region_is_noticed(region: str, *, fine: bool) -> None:
    assert pl.select(is_too_fine(pl.lit(region))).item() is fine


def test_type_that_can_never_be_read_is_refused() -> None:
    with pytest.raises(SchemaError, match=r"`x` of `t` is List\(Int64\); it must be a number\."):
        casts.real_number("x", pl.List(pl.Int64), label="t")
