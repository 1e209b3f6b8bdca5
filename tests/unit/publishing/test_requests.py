"""What may be asked for."""

from pathlib import Path

import polars as pl
import pytest
import yaml

from analytics_lib.core.errors import ParameterError, SchemaError
from analytics_lib.publishing.building import select_people
from analytics_lib.publishing.definition import (
    HierarchySpec,
    build_hierarchy,
    dataset_definition,
)
from analytics_lib.publishing.policy import research_policy
from analytics_lib.publishing.request import dataset_request, demands


def ask(room, **changed):
    content = {**room.request, **changed}
    return dataset_request(content, policy=room.policy, definition=room.definition)


def test_a_request_takes_what_the_level_demands(room):
    found = demands(ask(room, privacy_level="high"), room.policy)
    assert (found.k, found.l, found.t) == (10, 2, 0.5)
    stricter = demands(ask(room, k=20, t=0.3), room.policy)
    assert (stricter.k, stricter.l, stricter.t) == (20, 2, 0.3)


def test_the_rate_of_synthetic_rows_is_none_the_policys_or_ones_own(room):
    assert ask(room).rate_of_synthetic_rows(room.policy) == 0
    assert ask(room, synthetic_rate=0.25).rate_of_synthetic_rows(room.policy) == 0.25
    # origin: the default rate of the data platform's specification
    assert ask(room, synthetic_rate="default").rate_of_synthetic_rows(room.policy) == 0.1


def test_the_contact_is_never_shown(room):
    asked = ask(room)
    assert "secret" not in repr(asked)
    assert "secret" not in str(asked.public())
    assert asked.contact == "secret@university.example"


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"area": "comunity building"}, "`area` is .* Did you mean 'community building'"),
        ({"area": "advertising"}, "`area` is 'advertising'; it must be one of"),
        ({"legal_basis": "none"}, "`legal_basis`"),
        ({"privacy_level": "none"}, "`privacy_level`"),
        ({"fields": ["gendr", "outcome"]}, "'gendr', which .* Did you mean 'gender'"),
        ({"fields": ["user_id"]}, "does not offer"),
        ({"fields": ["gender", "gender"]}, "names a column twice"),
        ({"fields": ["outcome"]}, "nothing could be protected"),
        ({"fields": []}, "`fields`"),
        ({"k": 1}, "`k` is 1; it must be greater than or equal to 2"),
        ({"k": 4}, "weaker than `privacy_level` 'standard': `k` is 4, the level has 5"),
        ({"privacy_level": "high", "t": 0.6}, "`t` is 0.6, the level has 0.5"),
        ({"epsilon": 1.0}, "`epsilon` and `tables` belong together"),
        ({"tables": [["region"]]}, "`epsilon` and `tables` belong together"),
        ({"tables": [["age_band"]], "epsilon": 1.0}, "each must name one or more of `fields`"),
        ({"tables": [[]], "epsilon": 1.0}, "each must name one or more of `fields`"),
        ({"tables": [["region", "region"]], "epsilon": 1.0}, "none of them twice"),
        ({"tables": [["gender"]], "epsilon": 1.0}, "'gender', whose values are declared nowhere"),
        ({"tables": [["region"]], "epsilon": 0.0}, "`epsilon`"),
        ({"synthetic_rate": 2.0}, "`synthetic_rate` is 2.0; it must be between 0 and 1"),
        ({"synthetic_rate": "some"}, "`synthetic_rate` is 'some'; it must be between 0 and 1"),
        ({"synthetic_rate": True}, "`synthetic_rate` is True"),
        ({"purpose": "because"}, "`purpose`"),
        ({"name": "../x"}, "`name`"),
        ({"period": {"from": "2014-02-30", "to": "2014-12-31"}}, "period"),
        ({"period": {"from": "2015-01-01", "to": "2014-12-31"}}, "must not end before"),
        ({"period": {"from": "20140101", "to": "2014-12-31"}}, "must be a day such as"),
        ({"period": {"from": "2014-W01-1", "to": "2014-12-31"}}, "must be a day such as"),
        ({"tables": [["region"]], "epsilon": float("inf")}, "`epsilon`"),
        ({"purpose": " " * 40}, "`purpose`"),
        ({"requester": "  "}, "`requester`"),
        ({"contact": " \t "}, "`contact`"),
        ({"emial": "x"}, "`emial` is unknown"),
    ],
)
def test_a_wrong_request_is_told_why(room, changed, message):
    with pytest.raises(ParameterError, match=message):
        ask(room, **changed)


def test_people_of_the_period_and_place_once_each(room):
    table = room.source.table
    wales = select_people(
        table, asked=ask(room, geographic_scope=["Wales"]), definition=room.definition
    )
    assert wales.height == table.filter(region="Wales").height
    assert wales.columns == ["gender", "region", "outcome", "user_id"]
    with pytest.raises(ParameterError, match="names \\['France'\\]"):
        select_people(
            table, asked=ask(room, geographic_scope=["France"]), definition=room.definition
        )
    early = {"from": "1999-01-01", "to": "1999-12-31"}
    with pytest.raises(ParameterError, match="Nobody is in the period"):
        select_people(table, asked=ask(room, period=early), definition=room.definition)


def define(room, **changed):
    return dataset_definition({**room.definition_content, **changed}, name="learners.yaml")


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"table": "enrolment"}, "`table` is 'enrolment'"),
        ({"person": "nobody"}, "are no columns of `enrolments`"),
        ({"columns": {"user_id": {"role": "safe"}}}, "a stricter role"),
        ({"columns": {"gender": {"role": "safe"}}}, "a stricter role"),
        ({"columns": {"gender": {"role": "quasi_identifier"}}}, "needs a hierarchy"),
    ],
)
def test_a_wrong_definition_is_told_why(room, changed, message):
    with pytest.raises(ParameterError, match=message):
        define(room, **changed)


def test_groups_must_hold_everything_once(room):
    levels = [{"British": ["Wales", "Scotland"]}, {"all": []}]
    spec = room.definition.columns["region"].hierarchy.model_copy(update={"levels": levels})
    with pytest.raises(SchemaError, match=r"lacks \['British'\]"):
        build_hierarchy(spec, room.source.table["region"])


def test_what_is_asked_for_cannot_add_lines_of_its_own_to_the_datasheet(room):
    asked = ask(room, title="Results\n\nApproved by: somebody else", requester=" Dr  Example ")
    assert asked.title == "Results Approved by: somebody else"
    assert asked.requester == "Dr Example"


@pytest.mark.parametrize("address", ["example.org", "ftp://a.b/c", "https://a b", "https://a?x=1"])
def test_what_is_no_address_is_refused(room, address):
    with pytest.raises(ParameterError, match=r"`published_at` is .* must be an address"):
        research_policy(room.policy_content | {"published_at": address})


def test_a_wrong_policy_is_told_why(room):
    with pytest.raises(ParameterError, match="names something twice"):
        research_policy({**room.policy_content, "areas": ["x", "x"]})
    with pytest.raises(ParameterError, match=r"levels\.standard\.k"):
        research_policy({**room.policy_content, "levels": {"standard": {"k": 1}}})


@pytest.mark.parametrize(
    ("spec", "values", "labels"),
    [
        ({"kind": "interval", "widths": [30, 60]}, [30, 60], ("[30, 60)", "[60, 90)")),
        ({"kind": "prefix", "keep": [2]}, ["4711", "4802"], ("47*", "48*")),
        ({"kind": "suppression"}, ["f", "m"], ("*",)),
    ],
)
def test_every_kind_of_hierarchy_is_built(spec, values, labels):
    made = build_hierarchy(HierarchySpec(**spec), pl.Series("x", values))
    assert made.labels[1] == labels


@pytest.mark.parametrize(
    "spec", [{"kind": "interval"}, {"kind": "groups"}, {"kind": "suppression", "keep": [1]}]
)
def test_a_hierarchy_has_what_its_kind_needs_and_nothing_else(spec):
    with pytest.raises(ValueError, match="and nothing else"):
        HierarchySpec(**spec)


def test_the_definition_and_the_request_of_the_repository_are_valid():
    parameters = Path(__file__).resolve().parents[3] / "parameters"
    policy = research_policy(yaml.safe_load((parameters / "research_policy.yaml").read_text()))
    for path in (parameters / "datasets" / "requests").glob("*.yaml"):
        content = yaml.safe_load(path.read_text())
        source = parameters / "datasets" / f"{content['dataset']}.yaml"
        definition = dataset_definition(yaml.safe_load(source.read_text()), name=source.name)
        assert dataset_request(content, policy=policy, definition=definition).name == path.stem
    assert set(policy.areas) == {
        "food waste reduction", "community building", "sustainable consumption",
        "digital platform adoption", "social network analysis", "behavioural economics",
    }  # fmt: skip
    assert policy.expires_after_days == 365
