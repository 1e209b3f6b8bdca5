"""Report notebooks are pages, not programs; the checker is tested on planted faults first."""

import copy
import json
from pathlib import Path

import pytest
import yaml

from analytics_lib.reporting.matrix import run_names
from analytics_lib.reporting.models import MODELS, model_of
from analytics_lib.reporting.notebook import PRESS_PARAMETERS, read_notebook
from analytics_lib.reporting.project import find_project
from analytics_lib.reporting.questions import load_question

ROOT = Path(__file__).resolve().parents[2]
REPORTS = sorted((ROOT / "notebooks" / "reports").glob("*.ipynb"))
EXPLORE = sorted((ROOT / "notebooks" / "explore").glob("*.ipynb"))
PROJECT = find_project(ROOT)


@pytest.mark.parametrize("path", REPORTS, ids=lambda path: path.stem)
def test_a_report_notebook_is_thin(path, check):
    assert check(path) == []


def code(id_, tag, source, **more):
    cell = {
        "cell_type": "code", "id": id_, "metadata": {"tags": [tag]},
        "source": source, "outputs": [], "execution_count": None,
    }  # fmt: skip
    return cell | more


PRESS = "as_of: str = '2024-06-30'  # Day.\ntable_versions: dict = {}  # Versions.\n"
GOOD = {
    "metadata": {"analytics": {"reads": [], "results": []}},
    "cells": [
        {"cell_type": "markdown", "id": "title", "metadata": {}, "source": "# Why?"},
        code("parameters", "parameters", f"{PRESS}n: int = 3  # Days."),
        code("compute", "compute", "x = al.f(n)"),
        code("show", "show", "display.note('x')"),
    ],
}


def test_the_checker_passes_a_good_notebook(check):
    assert check(GOOD) == []


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        (code("bad", "show", "def f():\n    pass"), "bad: logic: FunctionDef"),
        (code("bad", "show", "x = [i for i in y]"), "bad: logic: ListComp"),
        (code("bad", "show", "for i in y:\n    i"), "bad: logic: For"),
        (code("bad", "show", "a if b else c"), "bad: logic: IfExp"),
        (code("bad", "show", "with a as b:\n    b"), "bad: logic: With"),
        (code("bad", "show", "f(lambda x: x)"), "bad: logic: Lambda"),
        (code("bad", "show", "frame.group_by('a')"), "bad: a dataframe verb: group_by"),
        (code("bad", "show", "frame.loc[1]"), "bad: a dataframe verb: loc"),
        (code("bad", "show", "open_lake('/home/x')"), "bad: an absolute path"),
        (code("bad", "show", r"open_lake('C:\\x')"), "bad: an absolute path"),
        (code("bad", "show", "open_lake('https://a.org')"), "bad: an address"),
        (code("bad", "imports", "import requests"), "bad: it imports requests"),
        (code("bad", "imports", "from urllib.request import x"), "bad: it imports urllib.request"),
        (code("bad", "show", "eval('1 + 1')"), "bad: it calls eval"),
        (code("bad", "show", "exec(text)"), "bad: it calls exec"),
        (code("bad", "show", "builtins.exec(text)"), "bad: it calls builtins.exec"),
        (code("bad", "show", "__import__('os')"), "bad: it calls __import__"),
        (code("bad", "show", "compile(text, 'x', 'exec')"), "bad: it calls compile"),
        (code("bad", "load", "x = open('x').read()"), "bad: it calls open"),
        (code("bad", "load", "x = open('../x').read()"), "bad: a path out of its folder"),
        (code("bad", "load", "x = al.f('..')"), "bad: a path out of its folder"),
        (code("bad", "load", "x = Path('x').read_text()"), "bad: it calls Path('x').read_text"),
        (code("bad", "load", "x = pl.read_csv('x.csv')"), "bad: it calls pl.read_csv"),
        (code("bad", "show", "frame.write_parquet('x')"), "bad: it calls frame.write_parquet"),
        (code("bad", "imports", "import time, random, os"), "bad: it imports time"),
        (code("bad", "imports", "import time, random, os"), "bad: it imports random"),
        (code("bad", "imports", "import time, random, os"), "bad: it imports os"),
        (code("bad", "imports", "from os import path"), "bad: it imports os"),
        (code("bad", "imports", "import importlib.util"), "bad: it imports importlib.util"),
        (code("bad", "load", "day = dt.date.today()"), "bad: it asks the clock: dt.date.today"),
        (code("bad", "load", "day = datetime.now()"), "bad: it asks the clock: datetime.now"),
        (
            code("bad", "load", "r = np.random.default_rng()"),
            "bad: np.random.default_rng without a seed",
        ),
        (
            code("bad", "compute", "x = random.random()"),
            "bad: random.random draws from a generator without a seed",
        ),
        (
            code("bad", "load", "r = np.random.default_rng(None)"),
            "bad: np.random.default_rng without a seed",
        ),
        (code("bad", "compute", "x = frame.sample(3)"), "bad: frame.sample without a seed"),
        (
            code("bad", "compute", "x = frame.sample(3, seed=None)"),
            "bad: frame.sample without a seed",
        ),
        (code("bad", "show", "display.bar(x, id='a')"), "bad: the chart bar has no words"),
        (
            code("bad", "show", "display.bar(x, title=t, subtitle=' ')"),
            "bad: the chart bar has no words",
        ),
        (
            code("bad", "show", "display.figure(x, title=t, subtitle=t)"),
            "bad: the chart figure has no words",
        ),
        (code("bad", "show", "%matplotlib inline"), "bad: is no Python of a script"),
        (code("bad", "compute", "x = 1"), "bad: is not one assignment from one call"),
        (code("bad", "compute", "x = f()\ny = g()"), "bad: is not one assignment from one call"),
        (code("bad", "other", "x"), "bad: tags ['other']"),
        (code("bad", "show", "x", outputs=[{}]), "bad: has outputs"),
        (code("bad", "show", "x", execution_count=1), "bad: has outputs"),
        (code("Bad 1", "show", "x"), "cell ids are not unique lower-case words"),
        (code("show", "show", "x"), "cell ids are not unique lower-case words"),
        (code("bad", "parameters", "n = 3"), "bad: a parameter without annotation"),
        (code("bad", "parameters", "n: int = 3"), "bad: no help for n"),
        (code("bad", "parameters", "n: int = f()  # N."), "bad: n is no literal"),
        (
            {"cell_type": "markdown", "id": "bad", "metadata": {}, "source": "# Another?"},
            "2 first-level headings",
        ),
    ],
)
def test_the_checker_catches_a_planted_fault(cell, said, check):
    notebook = copy.deepcopy(GOOD)
    notebook["cells"].append(cell)
    assert said in check(notebook)


@pytest.mark.parametrize(
    "text",
    [
        "![A cat](https://example.org/cat.png)",
        "See ![](  <HTTP://example.org/cat.png>)",
        "![A cat](//example.org/cat.png 'A cat')",
        "![A cat][cat]\n\n[Cat]: https://example.org/cat.png",
        "![cat]\n\n[cat]: <//example.org/cat.png>",
        '<img alt="A cat"\n src="https://example.org/cat.png">',
        "<img src=//example.org/cat.png>",
        "<iframe src='https://example.org'></iframe>",
        '<link rel="stylesheet" href="https://example.org/a.css">',
        "<style>p { background: url('https://example.org/cat.png') }</style>",
    ],
)
def test_an_image_from_the_network_is_found(text, check):
    notebook = copy.deepcopy(GOOD)
    words = {"cell_type": "markdown", "id": "words", "metadata": {}, "source": text}
    notebook["cells"].append(words)
    assert check(notebook) == ["words: an image from the network"]
    notebook["cells"][-1] = words | {"source": text.splitlines(keepends=True)}
    assert check(notebook) == ["words: an image from the network"]


@pytest.mark.parametrize(
    "text",
    [
        "[A page](https://example.org/cat.png)",
        "A page: https://example.org",
        '<a href="https://example.org">a page</a>',
        "![A cat](data:image/png;base64,AAAA)",
        "![A cat](cat.png), see [cat]\n\n[cat]: https://example.org",
    ],
)
def test_a_link_is_no_image(text, check):
    notebook = copy.deepcopy(GOOD)
    words = {"cell_type": "markdown", "id": "words", "metadata": {}, "source": text}
    notebook["cells"].append(words)
    assert check(notebook) == []


@pytest.mark.parametrize(
    "source",
    [
        "rng = np.random.default_rng(7)",
        "x = al.f(seed=3)",
        "x = al.trust_scores(rows, kind='a/b')",
        "display.bar(x, title=t, subtitle=f(t))",
        "display.figure(x, title=t, subtitle=t, description=t)",
        "rules = al.read_segment_rules(segment_rules)",
        "x = al.f('...', n)",
        "import datetime as dt",
        "from analytics_lib.publishing import portfolio",
    ],
)
def test_what_is_allowed_is_no_finding(source, check):
    notebook = copy.deepcopy(GOOD)
    notebook["cells"].append(code("fine", "show", source))
    assert check(notebook) == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda n: n["cells"].pop(1), "the first code cell is not tagged parameters"),
        (lambda n: n["cells"][0].update(source="# Why."), "it does not begin with a question"),
        (lambda n: n["metadata"].pop("analytics"), "no card of what it reads and answers"),
        (lambda n: n["metadata"].update(papermill={}), "papermill metadata"),
        (
            lambda n: n["cells"][1].update(source="as_of: str = ''  # Day."),
            "it does not declare table_versions",
        ),
        (
            lambda n: n["cells"].extend(code("x" * i, "show", "x") for i in range(5, 43)),
            "41 code cells",
        ),
    ],
)
def test_the_checker_catches_a_missing_part(change, said, check):
    notebook = copy.deepcopy(GOOD)
    change(notebook)
    assert said in check(notebook)


@pytest.mark.parametrize("path", EXPLORE, ids=lambda path: path.stem)
def test_an_exploration_notebook_is_stripped(path):
    cells = json.loads(path.read_text())["cells"]
    codes = [cell for cell in cells if cell["cell_type"] == "code"]
    assert [cell["id"] for cell in codes if cell["outputs"] or cell["execution_count"]] == []


@pytest.mark.parametrize("name", run_names(PROJECT))
def test_every_question_is_valid_and_asks_a_report(name):
    assert load_question(PROJECT, name).parameters is not None


@pytest.mark.parametrize("name", sorted(MODELS))
def test_a_model_and_its_notebook_declare_the_same_parameters(name):
    notebook = read_notebook(PROJECT.notebook(name))
    declared = {s.name: s.default for s in notebook.slots if s.name not in PRESS_PARAMETERS}
    model = model_of(notebook)
    assert {key: field.default for key, field in model.model_fields.items()} == declared


def test_every_report_has_a_question_and_the_policy_an_owner():
    assert {name.partition("/")[0] for name in run_names(PROJECT)} == set(PROJECT.report_names())
    assert yaml.safe_load(PROJECT.disclosure_policy.read_text())["owner"]
