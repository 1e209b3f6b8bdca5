"""Pages published by hand, without a kernel, for what happens before and after a run."""

import datetime as dt
import json

import pytest

from analytics_lib.reporting.outcomes import record_state
from analytics_lib.reporting.publication import publish_version
from analytics_lib.reporting.versions import next_version

CHART = (
    '<svg aria-labelledby="c-wide-title c-wide-desc" font-family="Arial" height="80" role="img" '
    'viewbox="0 0 200 80" width="200"><title id="c-wide-title">Users rose &amp; rose.</title>'
    '<desc id="c-wide-desc">A line.</desc><clippath id="p"><rect height="80" width="200"></rect>'
    '</clippath><g clip-path="url(#p)"><path d="M0,70L200,10" fill="none" stroke="#0072b2" '
    'stroke-width="3"></path></g></svg>'
)


@pytest.fixture
def publish(project):
    """Publish a page of `tiny/monthly` by hand: date, results, rows of a table, failed checks."""

    def make(
        as_of="2014-01-31", *, name="tiny/monthly", value=40, title="How many?", data_checks=(),
        results=None, page=CHART, answer="Forty users.", changes=None,
    ):  # fmt: skip
        date = dt.date.fromisoformat(as_of)
        given = {"users": {"value": value, "unit": "users", "label": "Users"}}
        shown = [
            {"kind": "answer", "id": "answer", "title": answer, "columns": [], "rows": [],
             "results": given if results is None else results},
            {"kind": "table", "id": "weeks", "title": "Weeks", "columns": [{"name": "week"}],
             "rows": [["a"], ["b"]], "results": {}},
        ]  # fmt: skip
        data = {"objects": shown, "changes": changes or {}, "notices": []}
        manifest = {
            "title": title, "run_title": "Monthly", "as_of": as_of, "answer": answer,
            "data": ["Simulated data"], "results": shown[0]["results"], "fingerprint": {"n": as_of},
            "data_checks": list(data_checks), "gate": {}, "compared_with": {},
        }  # fmt: skip
        version = next_version(project, name, as_of=date)
        files = {"index.html": f"<h1>{title}</h1>{page}", "data.json": json.dumps(data)}
        publish_version(version, files, manifest=manifest)
        record_state(project, name, {"status": "published", "as_of": as_of})
        return version

    return make


@pytest.fixture
def ask(project):
    """Write the parameters file of `tiny/monthly` with something added."""

    def write(extra=""):
        path = project.parameters / "tiny" / "monthly.yaml"
        path.write_text(f'title: Monthly\nschedule: "0 6 1 * *"\nparameters:\n  n: 3\n{extra}')
        return path

    return write


@pytest.fixture
def fail(project):
    """Let the last attempt of `tiny/monthly` have failed."""

    def write(*, kind="RunError", as_of="2014-02-28", log="outputs/runs/tiny/monthly/x/001"):
        state = {"status": "failed", "as_of": as_of, "kind": kind, "message": "m", "log": log}
        record_state(project, "tiny/monthly", state)
        return project.root / log

    return write
