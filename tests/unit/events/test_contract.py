import pandera.errors
import polars as pl
import pytest

from analytics_lib.core.errors import ParameterError
from analytics_lib.events.contract import Column, TableContract
from analytics_lib.events.tables import CONTRACTS

KEY = "ab" * 32


def column(**changes):
    return Column(**{"name": "n", "kind": "int64", "role": "safe", "description": "d", **changes})


def contract(*columns, key=("n",)):
    return TableContract(name="t", grain="a row", key=key, columns=columns)


@pytest.mark.parametrize(
    ("changes", "words"),
    [({"role": "saef"}, "`role` is 'saef'.*'safe'"), ({"kind": "int"}, "`kind` is 'int'")],
)
def test_unknown_roles_and_kinds_are_refused(changes, words):
    with pytest.raises(ParameterError, match=words):
        column(**changes)


def test_a_key_is_among_the_columns():
    with pytest.raises(ParameterError, match=r"key of `t` names unknown columns \['m'\]"):
        contract(column(), key=("n", "m"))


@pytest.mark.parametrize(("value", "fine"), [(-1, False), (0, True), (3, True), (4, False)])
def test_limits_hold_at_their_ends(value, fine):
    schema = contract(column(minimum=0, maximum=3)).schema()
    frame = pl.DataFrame({"n": [value]})
    if fine:
        assert schema.validate(frame).equals(frame)
        return
    with pytest.raises(pandera.errors.SchemaError, match=r"must be at (least 0|most 3)"):
        schema.validate(frame)


@pytest.mark.parametrize(
    ("text", "fine"), [(KEY, True), (KEY[:-1], False), (KEY + "a", False), (KEY.upper(), False)]
)
def test_patterns_match_the_whole_text(text, fine):
    schema = contract(column(kind="string", pattern="[0-9a-f]{64}")).schema()
    frame = pl.DataFrame({"n": [text]})
    if fine:
        assert schema.validate(frame).height == 1
        return
    with pytest.raises(pandera.errors.SchemaError, match="must match"):
        schema.validate(frame)


def test_required_and_allowed():
    schema = contract(column(kind="string", required=True, allowed=("a", "b"))).schema()
    assert schema.validate(pl.DataFrame({"n": ["a"]})).height == 1
    with pytest.raises(pandera.errors.SchemaError, match="must be one of"):
        schema.validate(pl.DataFrame({"n": ["c"]}))
    with pytest.raises(pandera.errors.SchemaError, match="null"):
        schema.validate(pl.DataFrame({"n": [None]}, schema={"n": pl.String}))


@pytest.mark.parametrize("name", CONTRACTS)
def test_every_contract_is_sound(name):
    table = CONTRACTS[name]
    assert len(set(table.names)) == len(table.names)
    assert list(table.polars_schema) == table.names
    assert table.schema().validate(pl.DataFrame(schema=table.polars_schema)).is_empty()
    required = {item.name for item in table.columns if item.required}
    assert set(table.key) <= required
    assert not table.columns_with_role("direct_identifier")
    assert all(item.description.endswith(".") for item in table.columns)


def test_people_are_only_ever_named_by_pseudonym():
    for table in CONTRACTS.values():
        if "user_id" in table.names:
            assert "user_id" in table.columns_with_role("pseudonym", "direct_identifier")
