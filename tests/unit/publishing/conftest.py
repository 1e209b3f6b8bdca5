"""A small platform: a policy, a data set, a request and a table."""

import datetime as dt
from types import SimpleNamespace

import numpy as np
import polars as pl
import pytest

from analytics_lib.publishing.decisions import approve, review, submit
from analytics_lib.publishing.definition import dataset_definition
from analytics_lib.publishing.policy import research_policy
from analytics_lib.publishing.programme import DataPlatform, Source
from analytics_lib.publishing.request import dataset_request
from analytics_lib.warehouse import SourceInfo

POLICY = {
    "publisher": "Research programme",
    "areas": ["community building", "sustainable consumption"],
    "legal_bases": ["consent"],
    "levels": {"standard": {"k": 5, "l": 2}, "high": {"k": 10, "l": 2, "t": 0.5}},
    "roles": {"reviewer": ["Manager", "Both"], "approver": ["Officer", "Second officer", "Both"]},
    "terms": {"title": "Terms of use", "text": "For the approved purpose only, and no other."},
}
DEFINITION = {
    "title": "Learners",
    "description": "Learners and their results.",
    "motivation": "Collected while teaching.",
    "table": "enrolments",
    "person": "user_id",
    "one_row": "one learner",
    "order": ["enrolled_day"],
    "period_column": "enrolled_day",
    "scope_column": "region",
    "columns": {
        "gender": {"role": "quasi_identifier", "hierarchy": {"kind": "suppression"}},
        "region": {
            "role": "quasi_identifier",
            "hierarchy": {"kind": "groups", "levels": [{"British": ["Wales", "Scotland"]}]},
        },
        "outcome": {"role": "sensitive"},
    },
    "methods": ["Compare groups."],
    "limitations": ["First enrolments only."],
}
REQUEST = {
    "name": "results",
    "dataset": "learners",
    "title": "Results by region",
    "purpose": "To learn how results differ between the regions of the country.",
    "area": "community building",
    "organisation": "Institute",
    "requester": "Dr Example",
    "contact": "secret@university.example",
    "fields": ["gender", "region", "outcome"],
    "period": {"from": "2013-01-01", "to": "2014-12-31"},
    "geographic_scope": ["all"],
    "privacy_level": "standard",
    "legal_basis": "consent",
}
NOW = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)


def enrolments(rows=400):
    rng = np.random.default_rng(1)
    return pl.DataFrame(
        {
            "user_id": [f"{number:064x}" for number in range(rows)],
            "enrolled_day": pl.Series([15_900] * rows, dtype=pl.Int32),
            "gender": rng.choice(["F", "M"], size=rows),
            "region": rng.choice(["Wales", "Scotland"], size=rows),
            "outcome": rng.choice(["pass", "fail"], size=rows),
        }
    )


@pytest.fixture
def room(tmp_path):
    """Everything a step needs; nothing is requested yet."""
    info = SourceInfo(
        source="x", title="A university", licence="CC BY 4.0", citation="A. (2014)", kind="sample",
        assumptions=("None.",), zone="Europe/London", last_complete_day=dt.date(2015, 6, 30),
        tables=("enrolments",),
    )  # fmt: skip
    policy = research_policy(POLICY)
    return SimpleNamespace(
        policy=policy,
        definition=dataset_definition(DEFINITION, name="learners.yaml"),
        platform=DataPlatform(folder=tmp_path / "datasets", policy=policy),
        source=Source(table=enrolments(), identity="ab" * 32, sources=(info,), key=b"k" * 32),
        request=REQUEST,
        policy_content=POLICY,
        definition_content=DEFINITION,
        now=NOW,
    )


def released(room, platform, *, account=None, **changed):
    """The folder of a package that goes the whole way on a platform."""
    asked = dataset_request(room.request | changed, policy=room.policy, definition=room.definition)
    register = platform.register
    submit(register, asked, at=room.now)
    review(register, asked.name, policy=room.policy, by="Manager", at=room.now, note="")
    approve(register, asked.name, policy=room.policy, by="Officer", at=room.now, note="")
    platform.release(
        asked.name, definition=room.definition, source=room.source, by="Manager", at=room.now,
        account=account,
    )  # fmt: skip
    return platform.folder / asked.name / "1"


@pytest.fixture
def release_on(room):
    """Take a package the whole way on a platform; its folder."""
    return lambda platform, **changed: released(room, platform, **changed)


@pytest.fixture
def package(room):
    """The folder of a package that went the whole way."""
    return released(room, room.platform)
