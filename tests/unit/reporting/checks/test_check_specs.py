"""What a `checks:` list may say; every mistake is refused before anything runs."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from analytics_lib.core.errors import ParameterError
from analytics_lib.metrics.registry import METRICS
from analytics_lib.reporting.checks.spec import bounds_of_metric
from analytics_lib.reporting.questions import load_question
from analytics_lib.reporting.schema import parameters_schema

ROOT = Path(__file__).resolve().parents[4]
MISTAKES = {
    "{name: a, result: users}": "exactly one of",
    "{name: a, result: users, bounds: {min: 1}, change: {max_absolute: 1}}": "exactly one of",
    "{name: a, bounds: {min: 1}}": "needs a `result`",
    "{name: a, result: users, rows: {object: x, min: 1}}": "takes no `result`",
    "{name: a, result: user, bounds: {min: 1}}": "Did you mean 'users'",
    "{name: a, result: users, bounds: {minimum: 1}}": "valid names are",
    "{name: a, result: users, bounds: {}}": "`min`, `max` or both",
    "{name: a, result: users, bounds: {min: 2, max: 1}}": "at least `min`",
    "{name: a, result: users, bounds: {min: .nan}}": "finite",
    "{name: a, result: users, bounds: {min: '1'}}": "valid number",
    "{name: a, result: users, change: {}}": "`max_absolute`, `max_relative`",
    "{name: a, result: users, change: {max_relative: -0.1}}": "greater than or equal to 0",
    "{name: a, result: users, anomaly: {min_pages: 4}}": "greater than or equal to 5",
    "{name: a, result: users, anomaly: {last_pages: 6}}": "at least `min_pages`",
    "{name: a, freshness: {max_age_days: -1}}": "greater than or equal to 0",
    "{name: late, freshness: {max_age_days: 1}}": "built-in",
    "{name: A b, freshness: {max_age_days: 1}}": "pattern",
    "{name: a, severity: stop, freshness: {max_age_days: 1}}": "'hold'",
    "{name: a, cool_down_hours: -1, freshness: {max_age_days: 1}}": "greater than or equal to 0",
    "{name: a, result: users, metric: active_user}": "Did you mean 'active_users'",
    "{name: a, result: users, metric: active_users}": "neither `alert_below`",
    "{name: a, result: users, bounds: card, metric: active_user}": "Did you mean 'active_users'",
    "{name: a, result: users, bounds: card, metric: active_users}": "neither `alert_below`",
    "{name: a, result: users, bounds: card}": "name it with `metric`",
    "{name: a, bounds: card, metric: error_shares}": "needs a `result`",
    "{name: a, result: users, bounds: cards}": "`checks.0.bounds`",
}


@pytest.mark.parametrize(("check", "words"), list(MISTAKES.items()))
def test_a_mistake_in_a_check_is_refused(project, ask, check, words):
    ask(f"checks:\n  - {check}\n")
    with pytest.raises(ParameterError) as caught:
        load_question(project, "tiny/monthly")
    assert words in str(caught.value)


def test_two_checks_of_one_name_are_refused(project, ask):
    ask("checks:\n" + "  - {name: a, freshness: {max_age_days: 1}}\n" * 2)
    with pytest.raises(ParameterError, match="more than once"):
        load_question(project, "tiny/monthly")


def test_a_changed_check_is_a_reason_to_run_again(project, ask):
    before = load_question(project, "tiny/monthly").sha256
    ask("deliver:\n  - {name: team, mail: {to: [a@example.org]}}\n")
    assert load_question(project, "tiny/monthly").sha256 == before
    ask("checks:\n  - {name: a, result: users, bounds: {min: 1}}\n")
    first = load_question(project, "tiny/monthly").sha256
    ask("checks:\n  - {name: a, result: users, bounds: {min: 2}}\n")
    assert len({before, first, load_question(project, "tiny/monthly").sha256}) == 3


def test_bounds_come_from_the_card_of_a_metric(monkeypatch):
    card = replace(METRICS["active_users"], alert_below=10, alert_above=None)
    monkeypatch.setitem(METRICS, "active_users", card)
    bounds = bounds_of_metric("active_users", name="x")
    assert (bounds.min, bounds.max) == (10, None)


def test_the_card_of_a_metric_is_named_in_two_ways(project, ask):
    ask("checks:\n  - {name: a, result: users, bounds: card, metric: error_shares}\n")
    long = load_question(project, "tiny/monthly")
    ask("checks:\n  - {name: a, result: users, metric: error_shares}\n")
    assert load_question(project, "tiny/monthly").spec.checks == long.spec.checks
    assert long.spec.checks[0].kind == "metric"


@pytest.mark.parametrize(
    ("tile", "metric"),
    [
        ("{metric: error_shares, period: week, where: {service: a}}", "error_shares"),
        ("{metric: error_shares, period: week, where: {service: a}, value: errors}", None),
        ("{metric: active_users, period: week}", None),
    ],
)
def test_the_answer_of_a_custom_report_has_the_card_of_its_metric(project, tile, metric):
    shutil.copy(ROOT / "notebooks/reports/custom.ipynb", project.notebooks)
    path = project.parameters / "custom" / "services.yaml"
    path.parent.mkdir()
    path.write_text(
        f"title: Services\nparameters:\n  question: Well?\n  tiles:\n    - {tile}\n"
        "checks:\n  - {name: errors, result: headline, bounds: card}\n"
    )
    if metric is None:
        with pytest.raises(ParameterError, match=r"name it with `metric`|neither `alert_below`"):
            load_question(project, "custom/services")
    else:
        assert load_question(project, "custom/services").spec.checks[0].metric == metric


def test_the_schema_for_editors_knows_the_bounds_of_a_card(project):
    bounds = parameters_schema(project, "tiny")["$defs"]["Check"]["properties"]["bounds"]
    assert {"const": "card"} in bounds["anyOf"]


def test_the_schema_for_editors_knows_checks_and_targets(project):
    schema = parameters_schema(project, "tiny")
    assert {"checks", "deliver", "owner", "grace_hours"} <= set(schema["properties"])
    assert {"Check", "Bounds", "Target", "Mail", "Owner"} <= set(schema["$defs"])
