"""The metric dictionary: written once, whole, and again when the package changes."""

import json

import pytest
from typer.testing import CliRunner

from analytics_lib.cli.app import app
from analytics_lib.metrics import METRICS
from analytics_lib.metrics.registry.card import NO_BOUNDS
from analytics_lib.reporting import dictionary
from analytics_lib.reporting.dictionary import build_dictionary


def test_every_metric_is_on_the_page_and_in_the_file(project):
    build_dictionary(project)
    page = (project.site / "metrics.html").read_text()
    found = json.loads((project.site / "metrics.json").read_text())["metrics"]
    assert {card["function"] for card in found} == set(METRICS)
    assert all(f'id="{name}"' in page for name in METRICS)
    assert "<script" not in page


# origin: the cards themselves, written by hand
def test_bounds_stand_on_the_page_with_their_reason(project):
    build_dictionary(project)
    page = (project.site / "metrics.html").read_text()
    assert "<strong>Alert</strong> below 99.9%. 99.9 % leave 43 minutes" in page
    assert "<strong>Alert</strong> above 1.0%. With an objective" in page
    assert "below -3 standard deviations or above 3 standard deviations." in page
    assert "No alert bounds. Depends on the size of the platform" in page
    file = json.loads((project.site / "metrics.json").read_text())["metrics"]
    cards = {card["function"]: card for card in file}
    assert (cards["error_shares"]["alert_below"], cards["error_shares"]["alert_above"]) == (
        None, 0.01,
    )  # fmt: skip
    assert "alert_below: 0.999" in call("show", "availability").output
    assert "alert_reason: Depends on the size" in call("show", "active_users").output


@pytest.mark.parametrize("name", sorted(METRICS))
def test_every_card_has_a_reason_for_its_bounds(name):
    card = METRICS[name]
    assert card.alert_reason.endswith(".")
    below, above = card.alert_below, card.alert_above
    if below is not None or above is not None:
        assert card.alert_reason != NO_BOUNDS
        assert below is None or above is None or below < above


def test_it_is_written_again_only_when_the_package_changes(project, monkeypatch):
    build_dictionary(project)
    page = project.site / "metrics.html"
    page.write_text("kept")
    build_dictionary(project)
    assert page.read_text() == "kept"
    monkeypatch.setattr(dictionary, "package_digest", lambda: "another")
    build_dictionary(project)
    assert page.read_text() != "kept"


def test_a_broken_catalogue_is_written_anew(project):
    build_dictionary(project)
    (project.site / "metrics.json").write_text("{")
    build_dictionary(project)
    assert json.loads((project.site / "metrics.json").read_text())["metrics"]


def call(*words):
    return CliRunner().invoke(app, ["metrics", *words])


def test_the_command_lists_and_shows():
    listed = call("list")
    assert listed.exit_code == 0
    assert "How many different users were active in each calendar period?" in listed.output
    assert len(json.loads(call("list", "--json").stdout)) == len(METRICS)
    shown = call("show", "funnel")
    assert "windowFunnel" in shown.output
    assert json.loads(call("show", "funnel", "--json").stdout)["unit"] == "users"


def test_an_unknown_metric_gets_the_nearest_name():
    result = call("show", "funel")
    assert result.exit_code != 0
    assert "Did you mean 'funnel'?" in str(result.exception)
