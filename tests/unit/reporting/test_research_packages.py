"""A page about a released package: it depends on the package and sees no lake."""

import datetime as dt
import json

import pytest

from analytics_lib.core.errors import AccessError, ParameterError
from analytics_lib.publishing.entries import Package
from analytics_lib.publishing.register import Register
from analytics_lib.reporting.execution import execute
from analytics_lib.reporting.fingerprint import explain, fingerprint
from analytics_lib.reporting.questions import load_question
from analytics_lib.reporting.research_packages import package_digest, read_research_package

NOW = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)


def about_a_package(project, compute="x = n"):
    """The tiny report, turned into one about a package that reads no table."""
    path = project.notebooks / "tiny.ipynb"
    content = json.loads(path.read_text())
    content["metadata"]["analytics"]["reads"] = []
    for cell in content["cells"]:
        tags = cell["metadata"].get("tags", [])
        if "parameters" in tags:
            cell["source"] = "".join(cell["source"]) + '\nresearch_package: str = "a"  # Name.'
        elif "compute" in tags:
            cell["source"] = compute
    path.write_text(json.dumps(content))
    return load_question(project, "tiny/monthly")


def put_out(project, name="a"):
    register = Register(project.datasets / "register.sqlite")
    register.add(name, {"requester": "x"}, by="x", at=NOW)
    register.move(name, to="approved", allowed_from=("requested",), by="y", at=NOW)
    made = Package(name=name, version=1, manifest_sha256="0", expires_on="2027-03-01")
    register.put_out(name, by="y", at=NOW, check=lambda _: None, write=lambda _: made)
    return register


def test_a_page_runs_again_when_its_package_appears_or_expires(project):
    question = about_a_package(project)
    absent = fingerprint(project, question, tables={})
    assert absent["research package"] == "absent"
    register = put_out(project)
    there = fingerprint(project, question, tables={})
    put_out(project, "b")
    assert fingerprint(project, question, tables={}) == there
    register.move("a", to="expired", allowed_from=("released",), by="y", at=NOW)
    over = fingerprint(project, question, tables={})
    said = ["another package was released, or it expired"]
    assert explain(absent, there) == said
    assert explain(there, over) == said


def test_the_digest_of_a_package_that_is_not_there_is_a_word(project):
    assert package_digest("a", project=project) == "absent"
    with pytest.raises(ParameterError, match="no released package 'a'"):
        read_research_package("a", project=project)


def test_what_reads_no_table_finds_no_lake(project, tmp_path):
    question = about_a_package(project, compute="import analytics_lib as al\nal.open_lake()")
    parameters = {**question.parameters, "as_of": "2024-01-31", "table_versions": {}}
    with pytest.raises(AccessError, match="no lake at `no-lake`"):
        execute(
            project, question, parameters=parameters, executed=tmp_path / "x.ipynb", timeout_s=60
        )
