"""Only some events on every engine, against conditions written once more in plain Python."""

import narwhals.stable.v2 as nw
import pytest

from analytics_lib.core.periods import day_number
from analytics_lib.events.selection import only_events
from analytics_lib.synthetic.adversarial import AS_OF, adversarial_logs

LAST = day_number(AS_OF)
CONDITIONS = [
    {"platform": "web"},
    {"platform": {"one_of": ["web", "none such"]}},
    {"user_id": {"between": ["a", "b"]}},
    {"day": {"between": [LAST - 9, LAST]}, "platform": {"one_of": ["ios", "web"]}},
]


def meets(value, condition):
    if value is None:
        return False
    if not isinstance(condition, dict):
        return value == condition
    if "one_of" in condition:
        return value in condition["one_of"]
    low, high = condition["between"]
    return low <= value <= high


@pytest.mark.parametrize("where", CONDITIONS, ids=str)
@pytest.mark.parametrize("log", adversarial_logs())
def test_only_events_is_the_same_everywhere(engine, log, where):
    frame = adversarial_logs()[log]
    expected = [
        row
        for row in frame.iter_rows(named=True)
        if all(meets(row[column], c) for column, c in where.items())
    ]
    found = nw.from_native(only_events(engine.make(frame), where=where)).lazy()
    left = found.select(nw.len()).collect(backend="polars").to_native().item()
    assert left == len(expected)
    days = found.select("day").collect(backend="polars").to_native()["day"].drop_nulls().to_list()
    assert sorted(int(d) for d in days) == sorted(
        row["day"] for row in expected if row["day"] is not None
    )
