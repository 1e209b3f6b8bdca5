"""The peel and the joining of short classes, on tables small enough to follow by hand."""

import numpy as np
import polars as pl
import pytest

from analytics_lib.core.errors import ParameterError
from analytics_lib.privacy.anonymisation import coded_table, criteria_for
from analytics_lib.privacy.anonymisation.coding import mixed_keys
from analytics_lib.privacy.anonymisation.joining import join_short_classes
from analytics_lib.privacy.anonymisation.mondrian import mondrian
from analytics_lib.privacy.anonymisation.partition import hierarchy_ncp, partition_of
from analytics_lib.privacy.anonymisation.peel import peel
from analytics_lib.privacy.anonymisation.value_sets import value_ncp
from analytics_lib.privacy.hierarchies import hierarchy_by_interval, hierarchy_from_table

CITY = hierarchy_from_table(
    pl.DataFrame(
        [
            ("Rome", "South", "*"),
            ("Pisa", "South", "*"),
            ("Oslo", "North", "*"),
            ("Kiel", "North", "*"),
        ],
        orient="row",
    ),
    name="city",
)
SEX = hierarchy_from_table(pl.DataFrame([("f", "*"), ("m", "*")], orient="row"), name="sex")
TREES = {"city": CITY, "sex": SEX}


def coded(rows):
    table = pl.DataFrame(rows, schema=["city", "sex", "secret"], orient="row")
    return coded_table(table, TREES, sensitive=["secret"])


COMMON = [("Rome", "f", "x")] * 3
RARE = [("Oslo", "f", "x"), ("Kiel", "f", "y"), ("Oslo", "f", "y")]


def test_common_rows_are_not_coarsened_by_rare_ones():
    table = coded(COMMON + RARE)
    classes = peel(table, 3)
    assert len(set(classes[:3])) == len(set(classes[3:])) == 1
    # origin: by hand. Three cells of "North", which stands for 2 of the 3 cities there are;
    # the other nine cells are exact.
    assert hierarchy_ncp(table, partition_of(table, classes)) == pytest.approx(3 * (2 / 3) / 12)


def test_fewer_than_k_are_left_over():
    table = coded([*COMMON, ("Oslo", "m", "x")])
    classes = peel(table, 3)
    assert (classes == -1).tolist() == [False, False, False, True]
    # origin: by hand. The suppressed row loses 1, the others nothing.
    assert hierarchy_ncp(table, partition_of(table, classes)) == pytest.approx(1 / 4)


@pytest.mark.parametrize("work", [0, 50, 10**9])
@pytest.mark.parametrize("k", [2, 3, 7])
def test_every_class_has_k_rows_whatever_is_skipped(k, work):
    rng = np.random.default_rng(5)
    rows = [(str(rng.choice(CITY.values)), str(rng.choice(SEX.values)), "x") for _ in range(60)]
    classes = peel(coded(rows), k, work=work)
    kept = classes[classes >= 0]
    assert np.bincount(kept).min() >= k
    assert (classes < 0).sum() < k


def test_what_is_left_over_joins_the_nearest_class_unless_suppression_is_cheaper():
    rows = [*COMMON, ("Pisa", "m", "x"), *[("Oslo", "m", "x")] * 3]
    table = coded(rows)
    start = partition_of(table, peel(table, 3))
    criteria = criteria_for(table, k=3)
    joined = join_short_classes(
        table, start, criteria, most_suppressed=0, rng=np.random.default_rng(1)
    )
    # origin: by hand. With the row, "Rome, f" becomes "South, *": 4 rows lose (2/3 + 1) / 2;
    # "Oslo, m" becomes "*, m": 4 rows lose (1 + 0) / 2, which is less.
    assert joined.classes[3] == joined.classes[4]
    assert hierarchy_ncp(table, joined) == pytest.approx(4 * 0.5 / 7)
    dropped = join_short_classes(
        table, start, criteria, most_suppressed=1, rng=np.random.default_rng(1)
    )
    assert dropped.classes[3] == -1
    assert hierarchy_ncp(table, dropped) == pytest.approx(1 / 7)


def test_uniform_classes_join_until_they_are_diverse():
    rows = [*COMMON, *[("Pisa", "f", "y")] * 3, *[("Oslo", "f", "x"), ("Oslo", "f", "y")] * 2]
    table = coded(rows)
    start = partition_of(table, peel(table, 3))
    assert len(start.sizes) == 3
    joined = join_short_classes(
        table,
        start,
        criteria_for(table, k=3, l=2),
        most_suppressed=0,
        rng=np.random.default_rng(1),
    )
    assert sorted(joined.sizes) == [4, 6]
    assert joined.classes[0] == joined.classes[3]


def test_mondrian_cuts_where_the_hierarchy_does():
    rows = [(city, "f", "x") for city in ["Rome", "Pisa", "Oslo", "Kiel"] for _ in range(2)]
    table = coded(rows)
    four = mondrian(table, criteria_for(table, k=3), basis="hierarchy")
    # origin: by hand. 4 and 4 rows are the only cut that leaves 3 on both sides.
    assert [len(set(four[:4])), len(set(four[4:])), len(set(four))] == [1, 1, 2]
    assert hierarchy_ncp(table, partition_of(table, four)) == pytest.approx((2 / 4) / 2)
    two = partition_of(table, mondrian(table, criteria_for(table, k=2), basis="values"))
    assert two.sizes.tolist() == [2, 2, 2, 2]
    assert value_ncp(table, two) == 0


def test_mondrian_makes_no_cut_that_breaks_l_or_t():
    rows = [("Rome", "f", "x")] * 3 + [("Oslo", "f", "y")] * 3
    table = coded(rows)
    assert len(set(mondrian(table, criteria_for(table, k=3), basis="values"))) == 2
    for demand in ({"l": 2}, {"t": 0.4}):
        assert len(set(mondrian(table, criteria_for(table, k=3, **demand), basis="values"))) == 1


def test_the_penalty_by_value_sets():
    ages = hierarchy_by_interval([10, 20, 30], name="age", widths=[20])
    frame = pl.DataFrame({"city": ["Rome", "Oslo", "Kiel", "Kiel"], "age": [10, 20, None, 30]})
    table = coded_table(frame, {"city": CITY, "age": ages})
    found = value_ncp(table, partition_of(table, np.array([0, 0, 1, 1])))
    # origin: by hand. Cities: 2 of 3 for two rows, exact for two. Ages: 10 of 20 years for two
    # rows, and all that there is where one is missing.
    assert found == pytest.approx((2 * 2 / 3 + 2 * 10 / 20 + 2 * 1) / 8)
    assert value_ncp(table, partition_of(table, np.array([-1, -1, -1, -1]))) == 1


def test_keys_stay_apart_when_their_product_overflows():
    rng = np.random.default_rng(2)
    columns = [rng.integers(0, 3, 500) for _ in range(30)]
    sizes = [10] * 30
    keys = mixed_keys(columns, sizes)
    rows = list(zip(*[column.tolist() for column in columns], strict=True))
    assert len(set(keys.tolist())) == len(set(rows))
    assert len({(key, row) for key, row in zip(keys.tolist(), rows, strict=True)}) == len(set(rows))


@pytest.mark.parametrize(
    ("demands", "message"),
    [
        ({"k": 1}, "`k` is 1; it must be at least 2"),
        ({"k": 4}, "`k` is 4, but the table has 3 rows"),
        ({"k": 2, "l": 1}, "`l` is 1; it must be at least 2"),
        ({"k": 2, "l": 2}, "`l` is 2, but a sensitive column has 1 values"),
        ({"k": 2, "t": 1.5}, "`t` is 1.5; it must lie between 0 and 1"),
        ({"k": 2, "t": -0.1}, "`t` is -0.1"),
    ],
)
def test_impossible_demands(demands, message):
    with pytest.raises(ParameterError, match=message):
        criteria_for(coded(COMMON), **demands)


def test_l_and_t_need_a_sensitive_column():
    table = coded_table(pl.DataFrame({"sex": ["f", "m"]}), {"sex": SEX})
    with pytest.raises(ParameterError, match="it needs a column named as `sensitive`"):
        criteria_for(table, k=2, t=0.2)


@pytest.mark.parametrize(
    ("distance", "expected"),
    [
        # origin: by hand, from Li et al., t-closeness, ICDE 2007, with three ranks. The class
        # has (1, 0, 0), the table (1/3, 1/3, 1/3): equal 2/3; ordered (2/3 + 1/3) / 2.
        ("equal", 2 / 3),
        ("ordered", 1 / 2),
    ],
)
def test_distances(distance, expected):
    table = coded_table(
        pl.DataFrame({"sex": ["f", "m", "m"], "rank": [1, 2, 3]}), {"sex": SEX}, sensitive=["rank"]
    )
    criteria = criteria_for(table, k=2, t=0.1, distance=distance)
    counts = np.array([[1], [0], [0]])
    found = criteria.distances(counts, counts.sum(axis=0), criteria.distributions[0])
    assert found.tolist() == pytest.approx([expected])
