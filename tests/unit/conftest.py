"""A tiny project to publish from: one notebook, one run, no lake."""

import datetime as dt
import json

import pytest

from analytics_lib.reporting.project import Project
from analytics_lib.warehouse import ingest

PARAMETERS = """as_of: str = "2014-01-31"  # Last complete day of data.
table_versions: dict = {}  # Versions of the tables to read.
n: int = 7  # Days after the first.
label: str = "a"  # A word."""


def cell(source, *, kind="code", tags=(), id_="c1"):
    made = {"cell_type": kind, "id": id_, "metadata": {"tags": list(tags)}, "source": source}
    return made | ({"outputs": [], "execution_count": None} if kind == "code" else {})


def write_notebook(path, cells, *, card=None):
    path.parent.mkdir(parents=True, exist_ok=True)
    content = {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {
            "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"},
            "analytics": {"reads": ["events"], "results": ["users"]} if card is None else card,
        },
        "cells": [made | {"id": f"cell-{number}"} for number, made in enumerate(cells)],
    }
    path.write_text(json.dumps(content))
    return path


@pytest.fixture
def project(tmp_path):
    made = Project(root=tmp_path)
    write_notebook(
        made.notebooks / "tiny.ipynb",
        [
            cell("# How many?\n\nWords.", kind="markdown"),
            cell(PARAMETERS, tags=["parameters"]),
            cell("x = n", tags=["compute"]),
        ],
    )
    (made.parameters / "tiny").mkdir(parents=True)
    (made.parameters / "tiny" / "monthly.yaml").write_text(
        'title: Monthly\nschedule: "0 6 1 * *"\nparameters:\n  n: 3\n'
    )
    return made


@pytest.fixture
def now():
    """The clock: the middle of February 2014."""
    return dt.datetime(2014, 2, 15, 12, tzinfo=dt.UTC)


MAPPING = """
source: tiny
title: Three events of two people
licence: CC0
citation: Made for this test.
kind: simulated
zone: UTC
complete_through: "2014-01-31"
assumptions: ["Days are made up."]
tables:
  events:
    from: events.csv
    consent: {declared: nobody is real}
    columns:
      event_id: number
      user_id: who
      event_type: what
      day: {date: date}
"""

POLICY = "owner: Ann\nminimum_count: 10\nperson_units: [users, learners]\n"


@pytest.fixture
def lake_project(project, monkeypatch):
    """The tiny project with a lake of three events, and a notebook that gives an answer.

    Its runs start ordinary kernels: warm processes load every library first, which takes longer
    than the few tiny runs of a test. Tests about warm processes switch them on again.
    """
    monkeypatch.setenv("ANALYTICS_PSEUDONYM_KEY", "ab" * 32)
    monkeypatch.setenv("ANALYTICS_WARM", "0")
    monkeypatch.delenv("ANALYTICS_LAKE", raising=False)
    (project.root / "events.csv").write_text(
        "number,who,what,date\n1,ann,view,2014-01-01\n2,bob,view,2014-01-02\n"
        "3,ann,view,2014-01-31\n"
    )
    mapping = project.parameters / "sources" / "tiny.yaml"
    mapping.parent.mkdir()
    mapping.write_text(MAPPING)
    project.disclosure_policy.write_text(POLICY)
    ingest(str(mapping), lake=project.lake)
    write_notebook(
        project.notebooks / "tiny.ipynb",
        [
            cell("# How many?\n\nWords.", kind="markdown"),
            cell(PARAMETERS, tags=["parameters"]),
            cell(
                "from analytics_lib import display\n"
                'display.answer("Forty users.", id="answer", results={"users": 40})',
                tags=["show"],
            ),
        ],
    )
    return project
