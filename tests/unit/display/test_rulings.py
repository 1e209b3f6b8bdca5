"""Recommendations and alerts on the page."""

import datetime as dt

import polars as pl
import pytest

from analytics_lib.core.errors import ParameterError, SchemaError
from analytics_lib.display import rulings

ROW = {
    "kind": "alert", "severity": "info", "owner": "growth", "sentence": "Many leave.",
    "result": "gone_users", "status": "raised", "evidence": "value", "value": 0.25,
    "operator": "at_least", "limit": 0.2, "unit": "share", "as_of": dt.date(2024, 6, 30),
}  # fmt: skip
SCHEMA = pl.DataFrame([ROW]).schema


def shown(*changes):
    judged = pl.DataFrame([ROW | one for one in changes], schema=SCHEMA)
    return rulings(judged, kind="alert", id="alerts", title="Alerts")


def test_a_raised_rule_has_its_evidence():
    row = shown({}).rows[0]
    assert row["what"] == "Many leave."
    assert row["evidence"] == "Gone users: 25.0% (limit: at least 20.0%), 30 Jun 2024"
    assert row["owner"] == "growth (info)"


def test_the_end_of_an_interval_and_a_plain_number_are_told_as_such():
    row = shown({"evidence": "ci_lower", "unit": None, "value": 3.0, "limit": 2.0}).rows[0]
    assert row["evidence"] == (
        "Gone users, lower end of the interval: 3 (limit: at least 2), 30 Jun 2024"
    )


def test_what_is_not_known_says_so_after_what_is_raised_by_severity():
    table = shown(
        {"status": "not known", "value": None, "severity": "critical", "sentence": "A."},
        {"sentence": "B."},
        {"sentence": "C.", "severity": "critical"},
        {"sentence": "D.", "severity": "warning"},
        {"sentence": "E.", "status": "not raised"},
        {"sentence": "F.", "kind": "recommendation"},
    )
    said = [row["what"] for row in table.rows]
    assert said == ["C.", "D.", "B.", "Not known whether this is so: A."]
    assert "no value (limit: at least 20.0%)" in table.rows[3]["evidence"]
    assert table.note == "5 rules looked at: 3 raised, 1 not raised, 1 not known."


def test_nothing_raised_is_said():
    table = shown({"status": "not raised"})
    assert "None." in table.to_html()
    assert table.note == "1 rule looked at: 0 raised, 1 not raised, 0 not known."
    assert shown().rows[0]["evidence"] == "0 rules looked at"


def test_what_cannot_be_shown_is_refused():
    judged = pl.DataFrame([ROW])
    with pytest.raises(ParameterError, match=r"`kind` is 'alerts'.*Did you mean 'alert'"):
        rulings(judged, kind="alerts", id="a", title="A")
    with pytest.raises(ParameterError, match="title"):
        rulings(judged, kind="alert", id="a", title=" ")
    with pytest.raises(SchemaError, match="owner"):
        rulings(judged.drop("owner"), kind="alert", id="a", title="A")
    with pytest.raises(ParameterError, match="where a number must be"):
        rulings(judged.with_columns(limit=pl.lit("many")), kind="alert", id="a", title="A")
