"""The entry: what comes out, in which library, and what is refused."""

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pytest

from analytics_lib.core.errors import DisclosureError, ParameterError, SchemaError
from analytics_lib.privacy.anonymisation import Criteria, anonymise
from analytics_lib.privacy.anonymisation.coding import coded_table
from analytics_lib.privacy.anonymisation.labelling import labelled
from analytics_lib.privacy.anonymisation.partition import partition_of
from analytics_lib.privacy.anonymisation.verification import Achieved, achieved, verify
from analytics_lib.privacy.hierarchies import (
    hierarchy_by_interval,
    hierarchy_by_suppression,
    hierarchy_from_table,
)

CITY = hierarchy_from_table(
    pl.DataFrame(
        [("Rome", "South", "*"), ("Pisa", "South", "*"), ("Oslo", "North", "*")], orient="row"
    ),
    name="city",
)
AGE = hierarchy_by_interval(range(20, 40), name="age", widths=[10])
TREES = {"city": CITY, "age": AGE}
PEOPLE = pl.DataFrame(
    {
        "person": [f"p{i}" for i in range(8)],
        "city": ["Rome", "Rome", "Pisa", "Pisa", "Oslo", "Oslo", "Oslo", "Oslo"],
        "age": [21, 22, 23, 24, 31, 32, 33, 34],
        "ill": ["flu", "flu", "flu", "cold", "flu", "cold", "flu", "cold"],
        "note": ["a", "b", "c", "d", "e", "f", "g", "h"],
    }
)


def run(table=PEOPLE, **asked):
    given = {"quasi_identifiers": TREES, "k": 4, "rng": np.random.default_rng(3)}
    return anonymise(table, **(given | asked))


def as_duckdb(frame):
    return duckdb.connect().from_arrow(frame.to_arrow())


@pytest.mark.parametrize(
    ("convert", "kind"),
    [
        (lambda frame: frame, pl.DataFrame),
        (lambda frame: frame.lazy(), pl.DataFrame),
        (lambda frame: frame.to_pandas(), pd.DataFrame),
        (as_duckdb, duckdb.DuckDBPyRelation),
    ],
)
def test_the_table_comes_back_in_the_library_it_came_in(convert, kind):
    source = convert(PEOPLE)
    found = run(source, sensitive="ill", method="peel")
    assert isinstance(found.table, kind)
    plain = found.table if isinstance(found.table, pl.DataFrame) else pl.DataFrame(found.table)
    if kind is duckdb.DuckDBPyRelation:
        plain = found.table.pl()
    if kind is pd.DataFrame:
        plain = pl.from_pandas(found.table)
        assert found.table.index.equals(pd.RangeIndex(8))
    # origin: by hand
    assert sorted(plain.rows()) == sorted(
        [("South", "[20, 30)", "flu")] * 3
        + [("South", "[20, 30)", "cold")]
        + [("Oslo", "[30, 40)", "flu"), ("Oslo", "[30, 40)", "cold")] * 2
    )
    assert plain.columns == ["city", "age", "ill"]


def test_the_result_says_what_was_lost():
    found = run(sensitive="ill", method="peel")
    # origin: by hand. 4 cells of 2 of 3 cities; 8 cells of 3 of 13 years.
    assert found.ncp == pytest.approx((4 * 2 / 3 + 8 * 3 / 13) / 16)
    assert (found.method, found.basis, found.levels) == ("peel", "hierarchy", None)
    assert (found.rows, found.suppressed, found.search) == (8, 0, None)
    assert found.achieved == Achieved(classes=2, k=4, l=2, t=pytest.approx(1 / 8))


def test_value_sets_and_ranges():
    found = run(method="mondrian", labels="values")
    # origin: by hand
    assert set(found.table.rows()) == {("{Rome, Pisa}", "[21, 24]"), ("Oslo", "[31, 34]")}
    assert found.basis == "values"


def test_full_domain_gives_each_column_one_level():
    found = run(method="full_domain")
    assert found.levels == {"city": 1, "age": 1}
    assert found.search.optimal
    assert set(found.table.rows()) == {("South", "[20, 30)"), ("North", "[30, 40)")}


def test_missing_values_are_a_class_of_their_own():
    table = PEOPLE.with_columns(
        pl.when(pl.col("city") == "Oslo").then(None).otherwise("city").alias("city")
    )
    found = run(table, method="peel")
    assert found.table["city"].null_count() == 4
    sets = run(table, method="mondrian", labels="values", k=8)
    assert set(sets.table["city"]) == {"{Rome, Pisa, (missing)}"}
    ages = table.with_columns(pl.when(pl.col("age") < 31).then("age").alias("age"))
    assert set(run(ages, method="mondrian", labels="values", k=8).table["age"]) == {"*"}


def test_columns_nobody_asked_for_are_not_released():
    assert run().table.columns == ["city", "age"]
    kept = run(keep=["note"]).table
    assert sorted(kept["note"]) == sorted(PEOPLE["note"])


def test_rows_are_shuffled_by_the_generator_given():
    many = pl.concat([PEOPLE] * 50).with_columns(note=pl.int_range(400).cast(pl.String))
    orders = [
        run(many, keep=["note"], rng=np.random.default_rng(seed)).table["note"].to_list()
        for seed in (1, 1, 2)
    ]
    assert orders[0] == orders[1] != orders[2]
    assert orders[0] != many["note"].to_list()
    # no place says where a row was: expected correlation 0, standard error 0.05
    places = [int(note) for note in orders[0]]
    assert abs(np.corrcoef(places, range(400))[0, 1]) < 0.2


def test_the_input_is_not_changed():
    before = PEOPLE.clone()
    run(sensitive="ill", keep=["note"])
    assert PEOPLE.equals(before)


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"k": 1}, "`k` is 1; it must be at least 2"),
        ({"k": 9}, "`k` is 9, but the table has 8 rows"),
        ({"l": 2}, "`l` is 2; it needs a column named as `sensitive`"),
        ({"l": 3, "sensitive": "ill"}, "`l` is 3, but a sensitive column has 2 values"),
        ({"suppression_limit": 1.01}, r"`suppression_limit` is 1.01; it must lie between 0 and 1"),
        ({"suppression_limit": -0.01}, r"`suppression_limit` is -0.01"),
        ({"suppression_limit": float("nan")}, "`suppression_limit` is nan"),
        ({"method": "peal"}, "Did you mean 'peel'"),
        ({"labels": "value"}, "Did you mean 'values'"),
        ({"distance": "equl"}, "Did you mean 'equal'"),
        ({"quasi_identifiers": {}}, "`quasi_identifiers` is empty"),
        ({"method": "peel", "t": 0.5, "sensitive": "ill"}, "'peel', which knows only `k`"),
        ({"method": "full_domain", "labels": "values"}, "'full_domain' knows labels"),
        ({"sensitive": "city"}, r"Columns \['city'\] are named in two roles"),
    ],
)
def test_what_cannot_be_asked(asked, message):
    with pytest.raises(ParameterError, match=message):
        run(**asked)


def test_a_table_without_rows_or_without_values():
    with pytest.raises(ParameterError, match="`k` is 4, but the table has 0 rows"):
        run(PEOPLE.clear(), sensitive="ill")
    nobody = PEOPLE.with_columns(pl.lit(None).alias("age"))
    found = run(nobody)
    assert found.table["age"].null_count() == 8
    assert run(nobody, method="mondrian", labels="values").achieved.k == 4


def test_several_sensitive_columns_are_all_protected():
    table = PEOPLE.with_columns(paid=pl.Series([1.0, 1.0, 1.0, 1.0, 2.0, None, 2.0, None]))
    apart = run(table, sensitive=["ill", "paid"], l=2)
    # origin: by hand. "paid" is the same for all of the South, so only one class can be diverse.
    assert apart.achieved.classes == 1
    assert run(table, sensitive=["ill"], l=2).achieved.classes == 2


def test_an_unknown_column_names_the_nearest():
    with pytest.raises(SchemaError, match=r"missing column 'agee'.*Did you mean 'age'"):
        run(quasi_identifiers={"agee": AGE})


def test_a_hierarchy_that_lacks_a_value_names_the_column_of_the_table():
    with pytest.raises(SchemaError, match="`person` lacks 8 distinct values") as told:
        run(quasi_identifiers={"person": CITY})
    assert "p0" not in str(told.value)


def test_what_does_not_meet_the_demands_is_refused():
    met = Achieved(classes=2, k=4, l=2, t=0.1)
    asked = Criteria(k=4, l=2, t=0.1)
    verify(met, asked, suppressed=1, most_suppressed=1)
    for found, demands, suppressed in [
        (Achieved(classes=2, k=3, l=2, t=0.1), asked, 0),
        (Achieved(classes=2, k=4, l=1, t=0.1), asked, 0),
        (Achieved(classes=2, k=4, l=None, t=0.1), asked, 0),
        (Achieved(classes=2, k=4, l=2, t=0.101), asked, 0),
        (Achieved(classes=2, k=4, l=2, t=None), asked, 0),
        (Achieved(classes=0, k=0, l=None, t=None), asked, 0),
        (met, asked, 2),
    ]:
        with pytest.raises(DisclosureError):
            verify(found, demands, suppressed=suppressed, most_suppressed=1)


@pytest.mark.parametrize(
    ("distance", "expected"),
    [
        # origin: by hand, from Li et al., t-closeness, ICDE 2007, with three ranks; the class of
        # "a" has (1, 0, 0), the table (1/3, 1/3, 1/3).
        ("equal", 2 / 3),
        ("ordered", 1 / 2),
    ],
)
def test_the_distance_counted_again(distance, expected):
    table = pl.DataFrame({"city": ["a", "b", "c"], "rank": [1, 2, 3]})
    found = achieved(
        table, table, quasi_identifiers=["city"], sensitive=["rank"], distance=distance
    )
    assert found == Achieved(classes=3, k=1, l=1, t=pytest.approx(expected))


def test_a_planted_fault_is_caught(monkeypatch):
    """A method that makes classes too small is refused by the independent count."""
    monkeypatch.setattr(
        "analytics_lib.privacy.anonymisation.methods.join_short_classes",
        lambda coded, *_, **__: partition_of(coded, np.arange(coded.rows) // 3),
    )
    with pytest.raises(DisclosureError, match="A class has 2 rows; `k` is 4"):
        run(method="peel")


def test_suppressed_rows_have_no_labels():
    coded = coded_table(PEOPLE, TREES)
    partition = partition_of(coded, np.array([0, 0, 0, 0, -1, -1, -1, -1]))
    found = labelled(coded, ["city", "age"], partition, basis="hierarchy")
    assert found[4:].rows() == [(None, None)] * 4


@pytest.mark.parametrize("method", ["hybrid", "mondrian", "full_domain", "best"])
@pytest.mark.parametrize("seed", [3, 37, 65, 66, 79])  # where what was left over came by its order
def test_the_order_of_the_rows_changes_nothing(seed, method):
    drawn = np.random.default_rng(seed)
    rows = 60 + seed % 7
    table = pl.DataFrame(
        {
            "age": drawn.integers(20, 80, rows),
            "city": drawn.choice(list("abcdefgh"), rows),
            "ill": drawn.choice(list("xyz"), rows),
            "kept": drawn.integers(0, 9, rows),
        }
    )
    trees = {
        "age": hierarchy_by_interval(pl.Series(range(20, 80)), name="age", widths=[5, 10, 20]),
        "city": hierarchy_by_suppression(pl.Series(list("abcdefgh")), name="city"),
    }
    found = [
        anonymise(
            table.sample(fraction=1, shuffle=True, seed=order),
            quasi_identifiers=trees,
            k=4,
            l=2,
            sensitive="ill",
            keep=["kept"],
            method=method,
            rng=np.random.default_rng(1),
        )
        for order in range(4)
    ]
    assert len({one.ncp for one in found}) == 1
    assert all(one.table.equals(found[0].table) for one in found)
