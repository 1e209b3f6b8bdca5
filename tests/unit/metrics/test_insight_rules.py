"""Recommendations and alerts: judged on named results, never in order without evidence."""

import datetime as dt
import math

import pytest
from pydantic import ValidationError

from analytics_lib.core.errors import ParameterError
from analytics_lib.core.results import Estimate
from analytics_lib.metrics.insights import InsightRules, judge_rules

DAY = dt.date(2024, 6, 30)
RULE = {
    "name": "churn", "kind": "alert", "result": "churn", "above": 0.2,
    "sentence": "Many users went quiet.", "severity": "warning", "owner": "growth",
}  # fmt: skip


def rules(*changes):
    return InsightRules.model_validate(
        {"rules": [{k: v for k, v in (RULE | one).items() if v is not None} for one in changes]}
    )


def judged(value, **changes):
    found = judge_rules(rules(changes), results={"churn": value}, as_of=DAY)
    return found.row(0, named=True)


@pytest.mark.parametrize(
    ("operator", "below", "at", "above"),
    [
        ("above", "not raised", "not raised", "raised"),
        ("at_least", "not raised", "raised", "raised"),
        ("below", "raised", "not raised", "not raised"),
        ("at_most", "raised", "raised", "not raised"),
    ],
)
def test_a_limit_from_below_at_and_above(operator, below, at, above):
    for value, status in ((0.1999, below), (0.2, at), (0.2001, above)):
        row = judged(value, **({"above": None} | {operator: 0.2}))
        assert (row["status"], row["value"], row["limit"]) == (status, value, 0.2)
        assert (row["operator"], row["as_of"]) == (operator, DAY)


@pytest.mark.parametrize(
    "value", [None, math.nan, math.inf, Estimate(value=math.nan, n=0, unit="share")]
)
def test_without_evidence_nothing_is_known(value):
    for operator in ("above", "at_least", "below", "at_most"):
        row = judged(value, **({"above": None} | {operator: 0.2}))
        assert row["status"] == "not known"
        assert row["value"] is None


def test_the_end_of_an_interval_asks_for_more_than_chance():
    share = Estimate(value=0.25, ci_lower=0.18, ci_upper=0.33, n=100, unit="share")
    assert judged(share)["status"] == "raised"
    lower = judged(share, evidence="ci_lower")
    assert (lower["status"], lower["value"], lower["unit"]) == ("not raised", 0.18, "share")
    assert judged(share, evidence="ci_upper", above=0.3)["status"] == "raised"
    # A plain number has no interval, so its end is not known.
    assert judged(0.5, evidence="ci_lower")["status"] == "not known"
    no_interval = Estimate(value=0.5, n=100, unit="share")
    assert judged(no_interval, evidence="ci_lower")["status"] == "not known"


def test_an_unknown_result_is_explained():
    with pytest.raises(ParameterError, match=r"`rules.churn.result` is 'chrn'.*mean 'churn'"):
        judged(0.1, result="chrn")


def test_the_rules_keep_their_order_and_none_is_an_empty_table():
    found = judge_rules(
        rules({"name": "b"}, {"name": "a", "kind": "recommendation"}),
        results={"churn": 1},
        as_of=DAY,
    )
    assert found["name"].to_list() == ["b", "a"]
    assert judge_rules(InsightRules(), results={}, as_of=DAY).is_empty()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ([{"above": None}], "exactly one of"),
        ([{"below": 0.1}], "exactly one of"),
        ([{"above": math.nan}], "finite number"),
        ([{}, {}], r"names \['churn'\] more than once"),
        ([{"severity": "hold"}], "'info', 'warning' or 'critical'"),
        ([{"owner": ""}], "at least 1 character"),
    ],
)
def test_a_wrong_rule_is_refused(changes, said):
    with pytest.raises(ValidationError, match=said):
        rules(*changes)
