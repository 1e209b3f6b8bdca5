"""Parameters in words."""

import pytest

from analytics_lib.reporting.parameter_words import parameter_lines

TILE = {"metric": "active_users", "higher_is_better": True, "where": {"plan": {"one_of": ["a"]}}}


# origin: by hand
@pytest.mark.parametrize(
    ("value", "lines"),
    [
        (3, ["3"]),
        (0.5, ["0.5"]),
        (False, ["no"]),
        ("What now?\n", ["What now?"]),
        ("", ["not given"]),
        ([], ["not given"]),
        ({}, ["not given"]),
        ([1, [2, 3]], ["1, (2, 3)"]),
        ({"first": 1, "last_one": None, "no": {}, "off": False}, ["first: 1, off: no"]),
        (
            [TILE, "x"],
            ["metric: active_users, higher is better: yes, where (plan (one of: a))", "x"],
        ),
        ({"steps": [{"name": "buy"}]}, ["steps ((name: buy))"]),
    ],
)
def test_a_parameter_is_read_without_brackets_and_quotes(value, lines):
    assert parameter_lines(value) == lines
