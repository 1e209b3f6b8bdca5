"""The seal: what passed the checks, and nothing else."""

import dataclasses

import numpy as np
import polars as pl
import pytest

from analytics_lib.core.errors import DisclosureError, ParameterError, SchemaError
from analytics_lib.privacy.hierarchies import hierarchy_by_interval
from analytics_lib.privacy.release import Release, release, require_sealed


def people(rows=400):
    rng = np.random.default_rng(1)
    return pl.DataFrame(
        {
            "id": [f"p{number}" for number in range(rows)],
            "age": rng.integers(20, 80, size=rows),
            "ill": rng.choice(["yes", "no"], size=rows),
        }
    )


def ages(table):
    return {"age": hierarchy_by_interval(table["age"], name="age", widths=[10, 20])}


def made(table=None, **changed):
    table = people() if table is None else table
    asked = {"k": 5, "l": 2, "sensitive": ["ill"], "person": "id", **changed}
    return release(table, quasi_identifiers=ages(people()), rng=np.random.default_rng(3), **asked)


def test_a_release_holds_its_rows_and_says_what_was_done():
    found = made()
    require_sealed(found)
    assert found.table.columns == ["age", "ill"]
    assert found.table.height == 360  # origin: 400 people, a tenth of them kept out
    assert found.report["rows"] == {
        "source": 400, "control": 40, "suppressed": 0, "synthetic": 0, "released": 360,
    }  # fmt: skip
    assert found.report["achieved"]["k"] >= 5
    assert all(attack["passed"] for attack in found.report["attacks"])


def test_the_same_seed_gives_the_same_rows_in_the_same_order():
    assert made().table.equals(made().table)
    assert made().report == made().report


def test_nothing_of_the_seed_is_in_the_report():
    assert "seed" not in str(made().report)


@pytest.mark.parametrize("seal", ["", "00" * 32])
def test_nobody_makes_a_release_by_hand(seal):
    with pytest.raises(DisclosureError, match="seal of the release is broken"):
        Release(table=people(), report={"k": 5}, seal=seal)


def test_the_seal_of_one_release_is_not_that_of_another():
    good = made()
    with pytest.raises(DisclosureError, match="seal"):
        Release(table=people(), report=good.report, seal=good.seal)
    with pytest.raises(DisclosureError, match="seal"):
        dataclasses.replace(good, table=people())
    with pytest.raises(DisclosureError, match="seal"):
        Release(table=good.table, report={**good.report, "attacks": []}, seal=good.seal)


def test_a_release_changed_in_place_is_noticed():
    table = made()
    table.table[0, "ill"] = "maybe"
    with pytest.raises(DisclosureError, match="seal"):
        require_sealed(table)
    report = made()
    report.report["achieved"]["k"] = 1_000
    with pytest.raises(DisclosureError, match="seal"):
        require_sealed(report)


@pytest.mark.parametrize("other", [None, pl.DataFrame({"age": [1]}), {"table": 1}])
def test_only_a_release_is_a_release(other):
    with pytest.raises(DisclosureError, match=r"A \w+ cannot be published"):
        require_sealed(other)


def test_a_lookalike_is_refused():
    class Lookalike(Release):
        def __post_init__(self):
            pass

    good = made()
    with pytest.raises(DisclosureError, match="only what"):
        require_sealed(Lookalike(table=good.table, report=good.report, seal=good.seal))


def test_bad_demands_are_refused():
    with pytest.raises(ParameterError, match="`k` is 1; it must be at least 2"):
        made(k=1)
    with pytest.raises(ParameterError, match="the table has 4 records"):
        made(people(4))
    with pytest.raises(ParameterError, match="two roles or twice"):
        made(keep=["id"])
    with pytest.raises(ParameterError, match="two roles or twice"):
        made(keep=["ill"])
    with pytest.raises(ParameterError, match="`control_share` is 1"):
        made(control_share=1)


def test_a_hierarchy_that_lacks_a_value_is_refused():
    old = people().with_columns(age=pl.Series([99] * 400))
    with pytest.raises(SchemaError, match="hierarchy of `age` lacks 1 distinct value"):
        made(old)


def test_classes_that_share_one_value_are_not_released():
    told = people().with_columns(
        ill=pl.when(pl.col("age") < 50).then(pl.lit("yes")).otherwise(pl.lit("no"))
    )
    with pytest.raises(DisclosureError, match=r"Attacks succeed: .*homogeneity of ill"):
        made(told, l=None)


def test_synthetic_rows_come_after_the_check_and_are_counted():
    found = made(augment=lambda rows, _rng: pl.concat([rows, rows.head(36)]))
    assert found.report["rows"]["synthetic"] == 36
    assert found.table.height == 396
    assert "synthetic rows added within classes" in found.report["techniques"]
