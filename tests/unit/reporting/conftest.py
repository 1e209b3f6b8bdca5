"""A tiny project to publish from: one notebook, one run, no lake."""

import json

import pytest

from analytics_lib.reporting.project import Project

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
