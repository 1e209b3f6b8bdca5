"""Identifiers planted in a source and in notebooks: none may reach any published file."""

import csv
import datetime as dt
import json

import pytest

from analytics_lib.reporting.batch import run_batch
from analytics_lib.reporting.planning import plan_due
from analytics_lib.reporting.project import Project
from analytics_lib.reporting.questions import select_questions
from analytics_lib.reporting.refresh import refresh_site
from analytics_lib.warehouse import ingest

NOW = dt.datetime(2014, 2, 15, 12, tzinfo=dt.UTC)
TOKEN = "tok-5f2a9c71d0"
PEOPLE = [
    (f"person{n:03}", f"Xanthippe{chr(97 + n % 26)}{chr(97 + n // 26)} Quorst", f"q{n}@example.org")
    for n in range(60)
]
MAPPING = """
source: planted
title: Events with names beside them
licence: CC0
citation: Made for this test.
kind: simulated
zone: UTC
complete_through: "2014-01-31"
tables:
  events:
    from: events.csv
    consent: {declared: nobody is real}
    columns: {event_id: number, user_id: who, event_type: what, region: where, day: {date: date}}
"""
CARD = {"reads": ["events"], "results": ["users"]}
PARAMETERS = 'as_of: str = "2014-01-31"  # Day.\ntable_versions: dict = {}  # Versions.'
START = (
    "import os\nimport polars as pl\nimport analytics_lib as al\n"
    "from analytics_lib import display\n"
    "events = al.open_lake(versions=table_versions).events()\n"
    "raw = pl.read_csv('events.csv')\n"
)
ANSWER = 'display.answer("Sixty users.", id="answer", results={"users": 60})\n'


def notebook(path, show):
    cells = [
        ("markdown", "# How many users?", []),
        ("code", PARAMETERS, ["parameters"]),
        ("code", START, ["load"]),
        ("code", show, ["show"]),
        ("code", ANSWER, ["show"]),
    ]
    made = [
        {"cell_type": kind, "id": f"c{at}", "metadata": {"tags": tags}, "source": source}
        | ({"outputs": [], "execution_count": None} if kind == "code" else {})
        for at, (kind, source, tags) in enumerate(cells)
    ]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(
        json.dumps({
            "nbformat": 4, "nbformat_minor": 5, "cells": made,
            "metadata": {"kernelspec": kernel, "analytics": CARD},
        })
    )  # fmt: skip


@pytest.fixture
def planted(tmp_path, monkeypatch):
    """A source with unused columns of names and addresses, brought into a lake."""
    project = Project(root=tmp_path)
    with (tmp_path / "events.csv").open("w", newline="") as file:
        lines = csv.writer(file)
        lines.writerow(["number", "who", "name", "email", "what", "where", "date"])
        for n, (who, name, email) in enumerate(PEOPLE):
            where = "North" if n % 2 else "South"
            lines.writerow([n, who, name, email, "view", where, f"2014-01-{n % 28 + 1:02}"])
    (tmp_path / "parameters" / "sources").mkdir(parents=True)
    mapping = tmp_path / "parameters" / "sources" / "planted.yaml"
    mapping.write_text(MAPPING)
    project.disclosure_policy.write_text("owner: Ann\nminimum_count: 10\nperson_units: [users]\n")
    (tmp_path / "parameters" / "leaky").mkdir()
    (tmp_path / "parameters" / "leaky" / "now.yaml").write_text(
        "title: Now\nsecrets: [PLANTED_TOKEN]\nexports: [csv, xlsx]\n"
    )
    monkeypatch.setenv("ANALYTICS_PSEUDONYM_KEY", "ab" * 32)
    monkeypatch.delenv("ANALYTICS_LAKE", raising=False)
    monkeypatch.setenv("PLANTED_TOKEN", TOKEN)
    ingest(str(mapping), lake=project.lake)
    return project


def publish(project, show):
    notebook(project.notebooks / "leaky.ipynb", show)
    plans = plan_due(project, select_questions(project, []), now=NOW)
    (outcome,) = run_batch(project, plans, workers=1)
    refresh_site(project)
    return outcome


def leaks(folder):
    """How many planted values stand in any file of a folder."""
    values = {value for person in PEOPLE for value in person} | {TOKEN}
    values |= {part for _, name, _ in PEOPLE for part in name.split()}
    contents = [path.read_bytes() for path in folder.rglob("*") if path.is_file()]
    return sum(value.encode() in content for value in values for content in contents)


GROUPS = (
    "groups = raw.group_by('where').agg(users=pl.col('who').n_unique(), {extra}).sort('where')\n"
    "display.table(groups, id='groups', title='Users', columns={{'where': 'Region', "
    "'users': display.Column(label='Users', unit='users')}})\n"
)


def test_unused_columns_reach_neither_the_lake_nor_a_page(planted):
    outcome = publish(planted, GROUPS.format(extra="name=pl.col('name').first()"))
    assert outcome.status == "published", outcome.error
    assert leaks(planted.site) == 0
    assert leaks(planted.lake) == 0


HOSTILE = {
    "a table of names": "display.table(raw.select('name').head(20), id='names', title='Users', "
    "columns={'name': 'Region'})",
    "names as categories of a chart": "display.bar(raw.group_by('name').agg(users=pl.len() * 30)"
    ".sort('name').head(12), id='bars', title='Users', subtitle='Users', category='name', "
    "value='users', unit='users')",
    "a name in the answer": "display.answer('First is ' + raw['name'][0], id='first')",
    "an address in a note": "display.answer(raw['email'][0], id='first')",
    "pseudonyms": "display.table(events.frame.select('user_id').collect().head(9), id='users', "
    "title='Users', columns={'user_id': 'Users'})",
    "the token": "display.answer('Users ' + os.environ['PLANTED_TOKEN'], id='token')",
    "an Altair chart with tooltips": "import altair as alt\nalt.Chart(raw.head(50)).mark_point()"
    ".encode(x='number', tooltip=['name', 'email'])",
    "a frame printed by mistake": "raw.head(3)",
    "few people": "display.table(pl.DataFrame({'where': ['North'], 'users': [3]}), id='few', "
    "title='Users', columns={'where': 'Region', 'users': display.Column(label='Users', "
    "unit='users')})",
}


@pytest.mark.parametrize("how", HOSTILE)
def test_a_hostile_notebook_publishes_nothing(planted, how):
    outcome = publish(planted, HOSTILE[how])
    assert outcome.status == "failed", how
    assert leaks(planted.site) == 0
    words = {outcome.error, json.dumps(outcome.to_dict()), planted.audit_log.read_text()}
    assert not any(value in text for person in PEOPLE for value in person for text in words)
