"""Transformations: worked examples, boundaries, plain-Python oracles, every refusal."""

import datetime as dt
import math
import random
from collections import Counter
from functools import partial

import numpy as np
import polars as pl
import pytest

from analytics_lib.core.errors import DisclosureError, ParameterError, SchemaError
from analytics_lib.privacy.assessment import assess_k_anonymity
from analytics_lib.privacy.transformation import (
    coarsen_coordinates,
    coarsen_place,
    coarsen_time,
    code_extremes,
    drop_free_text,
    keep_prefix,
    microaggregate,
    post_randomise,
    refuse_own_values,
    refuse_row_numbers,
    release_pseudonyms,
    round_to,
    shuffle_rows,
    suppress_cells,
    suppress_records,
)

KEY = bytes(range(32))


# -- numbers --


@pytest.mark.parametrize(
    ("age", "coded"), [(17, 18), (18, 18), (19, 19), (89, 89), (90, 90), (91, 90), (None, None)]
)
def test_extremes(age, coded):
    values = pl.Series("age", [age], dtype=pl.Int32)
    found = code_extremes(values, bottom=18, top=90)
    assert found.to_list() == [coded]
    assert (found.name, found.dtype) == ("age", pl.Int32)


def test_extremes_that_make_no_sense_are_refused():
    ages = pl.Series("age", [1, 2])
    assert code_extremes(pl.Series([0.5, 9.5]), top=1.5).to_list() == [0.5, 1.5]
    with pytest.raises(ParameterError, match="at least one must be given"):
        code_extremes(ages)
    with pytest.raises(ParameterError, match="`bottom` is 5; it must be at most `top`, 4"):
        code_extremes(ages, bottom=5, top=4)
    for bound in (float("nan"), float("inf")):
        with pytest.raises(ParameterError, match=r"`top` is .* must be a finite number"):
            code_extremes(pl.Series([0.5, 9.5]), top=bound)
    with pytest.raises(ParameterError, match="`age` has whole numbers"):
        code_extremes(ages, top=1.5)
    with pytest.raises(SchemaError, match="`city` is String; it must hold numbers"):
        code_extremes(pl.Series("city", ["a"]), top=1)


@pytest.mark.parametrize(
    ("value", "rounded"),
    [(4, 0), (5, 10), (6, 10), (15, 20), (25, 30), (-5, 0), (-6, -10)],
)
def test_halves_go_up(value, rounded):
    assert round_to(pl.Series([value]), base=10).to_list() == [rounded]
    assert round_to(pl.Series([float(value)]), base=10).to_list() == [rounded]


def test_rounding_that_makes_no_sense_is_refused():
    assert round_to(pl.Series([1.3, None]), base=0.5).to_list() == [1.5, None]
    with pytest.raises(ParameterError, match="`base` is 0; it must be above 0"):
        round_to(pl.Series([1]), base=0)
    with pytest.raises(ParameterError, match="`n` has whole numbers; `base` must be whole"):
        round_to(pl.Series("n", [1]), base=2.5)
    with pytest.raises(SchemaError):
        round_to(pl.Series(["a"]), base=2)


# -- suppression --


def random_people(seed):
    draw = random.Random(seed)
    return pl.DataFrame(
        {
            "age": [draw.choice([30, 41, 57, None]) for _ in range(60)],
            "city": [draw.choice(["Rome", "Nice", "Ulm"]) for _ in range(60)],
            "sex": [draw.choice(["f", "m"]) for _ in range(60)],
            "ill": range(60),
        }
    )


QUASI = ["age", "city", "sex"]


@pytest.mark.parametrize("seed", range(5))
def test_suppressed_records_are_those_of_small_classes(seed):
    people = random_people(seed)
    found = suppress_records(people, quasi_identifiers=QUASI, k=3)
    sizes = Counter(people.select(QUASI).rows())
    kept = [row for row in people.rows() if sizes[row[:3]] >= 3]
    assert found.table.rows() == kept
    assert (found.records, found.cells) == (60 - len(kept), 0)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("k", [2, 3, 8])
def test_suppressed_cells_leave_large_classes_only(seed, k):
    people = random_people(seed)
    found = suppress_cells(people, quasi_identifiers=QUASI, k=k)
    assert assess_k_anonymity(found.table, quasi_identifiers=QUASI, k=k).holds
    assert found.table.height + found.records == 60
    was = {row[3]: row[:3] for row in people.rows()}
    blanked = 0
    for row in found.table.rows():
        for now, before in zip(row[:3], was[row[3]], strict=True):
            assert now in {before, None}
            blanked += now is None and before is not None
    assert found.cells == blanked
    sizes = Counter(people.select(QUASI).rows())
    untouched = {row[3] for row in people.rows() if sizes[row[:3]] >= k}
    assert all(row[:3] == was[row[3]] for row in found.table.rows() if row[3] in untouched)
    assert found.table["ill"].is_sorted()


@pytest.mark.parametrize("suppress", [suppress_cells, suppress_records])
def test_suppression_that_makes_no_sense_is_refused(suppress):
    people = random_people(0)
    with pytest.raises(ParameterError, match="`k` is 1; it must be at least 2"):
        suppress(people, quasi_identifiers=QUASI, k=1)
    with pytest.raises(ParameterError, match="`k` is 61, but the table has 60 records"):
        suppress(people, quasi_identifiers=QUASI, k=61)
    with pytest.raises(ParameterError, match=r"names 'agee'.*Did you mean 'age'"):
        suppress(people, quasi_identifiers=["agee"], k=2)
    with pytest.raises(SchemaError, match="no records"):
        suppress(people.clear(), quasi_identifiers=QUASI, k=2)


# -- pseudonyms --


def test_two_releases_cannot_be_joined():
    names = pl.Series("user_id", ["ann", "bob", None, "ann"])
    first = release_pseudonyms(names, key=KEY, release="2024-01")
    again = release_pseudonyms(names, key=KEY, release="2024-01")
    second = release_pseudonyms(names, key=KEY, release="2024-02")
    assert first.to_list() == again.to_list()
    assert first[0] == first[3] != first[1]
    assert first[2] is None
    assert not set(first.drop_nulls()) & set(second.drop_nulls())
    assert first.name == "user_id"


def test_a_release_without_a_name_or_key_is_refused():
    with pytest.raises(ParameterError, match="`release` is empty"):
        release_pseudonyms(pl.Series(["ann"]), key=KEY, release=" ")
    with pytest.raises(ParameterError, match="`key` has 3 bytes"):
        release_pseudonyms(pl.Series(["ann"]), key=b"abc", release="r")


# -- microaggregation --


def plain_mdav(points, k):
    """MDAV by the words of the paper, without arrays."""
    left, groups = list(range(len(points))), []

    def distance(a, b):
        return sum((x - y) ** 2 for x, y in zip(a, b, strict=True))

    def middle():
        return [sum(points[i][d] for i in left) / len(left) for d in range(len(points[0]))]

    def take(start):
        near = sorted(left, key=lambda i: distance(points[i], start))[:k]
        groups.append(near)
        for i in near:
            left.remove(i)

    while len(left) >= 3 * k:
        centre = middle()
        r = points[max(left, key=lambda i: distance(points[i], centre))]
        s = points[max(left, key=lambda i: distance(points[i], r))]
        take(r)
        take(s)
    if len(left) >= 2 * k:
        centre = middle()
        take(points[max(left, key=lambda i: distance(points[i], centre))])
    groups.append(left)
    return groups


@pytest.mark.parametrize("rows", [10, 11, 14, 15, 19, 40])
def test_microaggregation(rows):
    draw = np.random.default_rng(rows)
    table = pl.DataFrame({"age": draw.normal(40, 10, rows), "pay": draw.normal(2e4, 5e3, rows)})
    k = 5
    found = microaggregate(table, columns=["age", "pay"], k=k)
    scaled = [
        (table[name] - table[name].mean()) / table[name].std(ddof=0) for name in table.columns
    ]
    for group in plain_mdav(list(zip(*scaled, strict=True)), k):
        assert k <= len(group) < 2 * k
        for name in table.columns:
            mean = math.fsum(table[name][i] for i in group) / len(group)
            assert [found[name][i] for i in group] == [pytest.approx(mean)] * len(group)
    assert found["age"].mean() == pytest.approx(table["age"].mean())
    assert assess_k_anonymity(found, quasi_identifiers=["age", "pay"], k=k).holds


def test_microaggregation_of_alike_people_and_of_bad_numbers():
    same = pl.DataFrame({"age": [3, 3, 3, 3, 3, 3, 3]})
    assert set(microaggregate(same, columns=["age"], k=2)["age"]) == {3}
    with pytest.raises(ParameterError, match="`k` is 8, but the table has 7 records"):
        microaggregate(same, columns=["age"], k=8)
    for bad in ([1.0, None], [1.0, math.inf], [1.0, math.nan]):
        with pytest.raises(SchemaError, match="missing or infinite"):
            microaggregate(pl.DataFrame({"age": bad}), columns=["age"], k=2)
    with pytest.raises(SchemaError, match="`city` is String"):
        microaggregate(pl.DataFrame({"city": ["a", "b"]}), columns=["city"], k=2)


# -- post-randomisation --

TEAMS = pl.Series("team", ["a"] * 6000 + ["b"] * 3000 + [None] * 1000)
COUNTS = np.array([1000, 6000, 3000])  # a missing one first


def test_the_invariant_matrix_keeps_all_counts():
    found = post_randomise(TEAMS, keep=0.7, rng=np.random.default_rng(3))
    assert found.categories.to_list() == [None, "a", "b"]
    assert found.matrix.sum(axis=1) == pytest.approx(1)
    assert COUNTS @ found.matrix == pytest.approx(COUNTS)
    after = Counter(found.values.to_list())
    # four standard deviations of a binomial count of 10,000 trials
    assert [after[value] for value in (None, "a", "b")] == pytest.approx(COUNTS, abs=200)
    expected = sum(COUNTS * (1 - found.matrix.diagonal()))
    assert found.changed == pytest.approx(expected, abs=4 * math.sqrt(expected))
    assert found.changed == sum(
        a != b for a, b in zip(TEAMS.to_list(), found.values.to_list(), strict=True)
    )


def test_the_other_matrix_is_corrected_by_its_inverse():
    found = post_randomise(TEAMS, keep=0.7, rng=np.random.default_rng(3), invariant=False)
    assert found.matrix.tolist()[0] == pytest.approx([0.8, 0.1, 0.1])
    after = Counter(found.values.to_list())
    observed = np.array([after[value] for value in (None, "a", "b")])
    assert observed == pytest.approx(COUNTS @ found.matrix, abs=200)
    assert observed @ np.linalg.inv(found.matrix) == pytest.approx(COUNTS, abs=300)


@pytest.mark.parametrize("keep", [0, 1, -0.1, math.nan])
def test_randomisation_that_makes_no_sense_is_refused(keep):
    with pytest.raises(ParameterError, match="`keep` is"):
        post_randomise(TEAMS, keep=keep, rng=np.random.default_rng(1))
    with pytest.raises(SchemaError, match="`team` has no values"):
        post_randomise(TEAMS[:0], keep=0.5, rng=np.random.default_rng(1))


# -- places and times --


@pytest.mark.parametrize(
    ("unit", "begins"),
    [
        ("hour", dt.datetime(2014, 5, 29, 13, tzinfo=dt.UTC)),
        ("day", dt.datetime(2014, 5, 29, tzinfo=dt.UTC)),
        ("week", dt.datetime(2014, 5, 26, tzinfo=dt.UTC)),
        ("month", dt.datetime(2014, 5, 1, tzinfo=dt.UTC)),
        ("quarter", dt.datetime(2014, 4, 1, tzinfo=dt.UTC)),
        ("year", dt.datetime(2014, 1, 1, tzinfo=dt.UTC)),
    ],
)
def test_times(unit, begins):
    times = pl.Series("at", [dt.datetime(2014, 5, 29, 13, 59, 59, tzinfo=dt.UTC), None])
    assert coarsen_time(times, unit=unit).to_list() == [begins, None]
    if unit != "hour":
        assert coarsen_time(times.dt.date(), unit=unit).to_list() == [begins.date(), None]


def test_times_that_make_no_sense_are_refused():
    with pytest.raises(ParameterError, match=r"`unit` is 'mont'.*Did you mean 'month'"):
        coarsen_time(pl.Series([dt.date(2014, 1, 1)]), unit="mont")
    with pytest.raises(ParameterError, match="`unit` is 'hour', but `day` holds dates"):
        coarsen_time(pl.Series("day", [dt.date(2014, 1, 1)]), unit="hour")
    with pytest.raises(SchemaError, match="`day` is Int64; it must hold dates"):
        coarsen_time(pl.Series("day", [1]), unit="day")


def test_a_place_that_no_region_has_is_refused():
    places = pl.Series("city", ["Lyon", None, "Nice"])
    regions = {"Lyon": "north", "Nice": "south"}
    assert coarsen_place(places, regions=regions).to_list() == ["north", None, "south"]
    assert coarsen_place(places[1:2], regions=regions).to_list() == [None]
    with pytest.raises(ParameterError, match="`regions` lacks 1 of the 2 places of `city`"):
        coarsen_place(places, regions={"Lyon": "north"})


def test_coordinates_and_codes():
    assert coarsen_coordinates(pl.Series([0.0, 0.9, 1.0, None]), grid=1).to_list() == [
        0.5, 0.5, 1.5, None,
    ]  # fmt: skip
    with pytest.raises(ParameterError, match="`grid` is 0"):
        coarsen_coordinates(pl.Series([1.0]), grid=0)
    with pytest.raises(SchemaError):
        coarsen_coordinates(pl.Series(["a"]), grid=1)
    codes = pl.Series("zip", ["47677", "", None])
    assert keep_prefix(codes, characters=0, filler="$").to_list() == ["$$$$$", "", None]
    with pytest.raises(ParameterError, match="`characters` is -1"):
        keep_prefix(codes, characters=-1)
    with pytest.raises(ParameterError, match="`filler` is ''"):
        keep_prefix(codes, characters=1, filler="")


# -- text and order --


def test_free_text_is_dropped_and_never_taken_for_categories():
    table = pl.DataFrame(
        {
            "sex": ["f", None],
            "age": [1, 2],
            "note": ["x", "y"],
            "tags": [["a"], ["b"]],
            "raw": [b"a", b"b"],
            "day": [dt.date(2014, 1, 1)] * 2,
        }
    )
    assert drop_free_text(table, categories=["sex"]).columns == ["sex", "age", "day"]
    phrases = table.with_columns(note=pl.Series(["x y", "y x"]))
    with pytest.raises(
        DisclosureError, match=r"`note` has 2 values that are no .* to 3 characters"
    ):
        drop_free_text(phrases, categories=["note"], most_categories=1)
    assert "note" in drop_free_text(table, categories=["note"], most_categories=1).columns
    long = table.with_columns(note=pl.lit("x" * 81))
    with pytest.raises(DisclosureError, match=r"`note` has 1 values .* up to 81 characters"):
        drop_free_text(long, categories=["note"])
    with pytest.raises(ParameterError, match="`categories` names 'sexe'"):
        drop_free_text(table, categories=["sexe"])


def test_codes_may_be_many_and_phrases_may_not():
    codes = pl.Series("code", [f"{number:020d}" for number in range(1_001)] * 2)
    assert drop_free_text(codes.to_frame(), categories=["code"]).columns == ["code"]
    for phrases in (codes + "x", codes.str.slice(10) + " b"):
        with pytest.raises(DisclosureError, match="`code` has 1001 values that are no short codes"):
            drop_free_text(phrases.to_frame(), categories=["code"])
        few = phrases.filter(phrases != phrases[0])
        assert drop_free_text(few.to_frame(), categories=["code"]).height == 2_000


@pytest.mark.parametrize(
    ("alone", "shared", "refused"),
    [(100, 0, True), (99, 0, False), (100, 100, False), (101, 100, True)],
)
def test_values_of_ones_own_are_refused_from_a_hundred_rows_and_beyond_a_half(
    alone, shared, refused
):
    values = [f"u{number}" for number in range(alone)] + ["all"] * shared
    table = pl.DataFrame({"mark": [*values, *[None] * 500]})
    for dtype in (pl.String, pl.Categorical):
        check = partial(refuse_own_values, table.cast({"mark": dtype}), columns=["mark"])
        if refused:
            with pytest.raises(DisclosureError, match=f"{alone} of {alone + shared} rows"):
                check()
        else:
            check()


@pytest.mark.parametrize(("alone", "shared", "refused"), [(900, 100, False), (901, 100, True)])
def test_a_measurement_may_be_finer_than_text(alone, shared, refused):
    table = pl.DataFrame({"paid": [*range(alone), *[-1] * shared]})
    for values in (table, table / 7):
        if refused:
            with pytest.raises(DisclosureError, match=r"In `paid`, 901 of 1001 rows .* Round it"):
                refuse_own_values(values, columns=["paid"])
        else:
            refuse_own_values(values, columns=["paid"])


def test_rows_are_shuffled_and_nothing_is_lost():
    table = pl.DataFrame({"age": [7] * 50 + [8] * 50, "pay": [x * x for x in range(100)]})
    found = shuffle_rows(table, rng=np.random.default_rng(5))
    assert found.rows() != table.rows()
    assert sorted(found.rows()) == sorted(table.rows())
    again = shuffle_rows(table, rng=np.random.default_rng(6))
    assert again.rows() != found.rows()


@pytest.mark.parametrize(
    "numbers",
    [
        pl.Series(range(100)),
        pl.Series(range(1, 101)),
        pl.Series(range(100)).shuffle(seed=1),
        pl.Series([float(x) for x in range(100)]),
        pl.Series([str(x) for x in range(100)]),
        pl.Series([x for x in range(109) if x % 12]),  # records left out leave gaps
        pl.Series(range(5000, 5100)),
        pl.Series([0, 1, 2]),
        pl.Series([2, 1]),
    ],
)
def test_a_column_that_numbers_the_rows_is_refused(numbers):
    table = pl.DataFrame({"age": [30] * len(numbers), "index": numbers})
    with pytest.raises(DisclosureError, match=r"columns \['index'\] that number its rows"):
        shuffle_rows(table, rng=np.random.default_rng(1))


@pytest.mark.parametrize(
    "values",
    [
        [30, 31, 32],  # ages, by chance
        [x * x for x in range(100)],
        [x // 2 for x in range(100)],
        [x / 2 for x in range(100)],
        [f"p{x}" for x in range(100)],
        [None] * 100,
        [0],
        [dt.date(2014, 1, 1)] * 3,
    ],
)
def test_other_columns_are_let_through(values):
    refuse_row_numbers(pl.DataFrame({"value": values}))


# -- types at their ends --


@pytest.mark.parametrize(
    ("dtype", "value"),
    [(pl.UInt8, 255), (pl.Int8, -128), (pl.UInt64, 2**64 - 1), (pl.Int64, 2**63 - 1)],
)
def test_a_multiple_beyond_the_type_is_refused_without_the_number(dtype, value):
    with pytest.raises(ParameterError, match=r"too small for the multiple of 10") as refused:
        round_to(pl.Series("n", [value, 3], dtype=dtype), base=10)
    assert str(value) not in str(refused.value)


@pytest.mark.parametrize("dtype", [pl.UInt8, pl.Int8, pl.UInt64, pl.Int64])
def test_small_and_unsigned_types_are_rounded(dtype):
    found = round_to(pl.Series("n", [4, 5, 115, None], dtype=dtype), base=10)
    assert (found.to_list(), found.dtype, found.name) == ([0, 10, 120, None], dtype, "n")


def test_large_numbers_are_rounded_exactly():
    # origin: by hand, 2^62 = 4,611,686,018,427,387,904
    found = round_to(pl.Series([2**62, -(2**62)]), base=10)
    assert found.to_list() == [4_611_686_018_427_387_900, -4_611_686_018_427_387_900]


@pytest.mark.parametrize(
    ("dtype", "bounds", "expected"),
    [
        (pl.UInt8, {"top": 300}, [1, 100]),
        (pl.UInt8, {"bottom": -5, "top": 50}, [1, 50]),
        (pl.Int8, {"bottom": -500, "top": 500}, [1, 100]),
        (pl.Int8, {"bottom": 2.0, "top": 500}, [2, 100]),
    ],
)
def test_bounds_beyond_a_small_type_hide_nothing(dtype, bounds, expected):
    found = code_extremes(pl.Series("n", [1, 100], dtype=dtype), **bounds)
    assert (found.to_list(), found.dtype) == (expected, dtype)


@pytest.mark.parametrize("bounds", [{"bottom": 256}, {"top": -1}])
def test_a_bound_that_the_type_cannot_hold_is_refused(bounds):
    with pytest.raises(ParameterError, match="`n` is UInt8, which cannot hold the bound"):
        code_extremes(pl.Series("n", [1, 100], dtype=pl.UInt8), **bounds)


def test_bounds_are_numbers():
    with pytest.raises(ParameterError, match="`top` is '9'; it must be a finite number"):
        code_extremes(pl.Series("n", [1]), top="9")
    with pytest.raises(ParameterError, match="`base` is True; it must be a finite number"):
        round_to(pl.Series("n", [1]), base=True)


def test_not_a_number_is_a_missing_category():
    values = pl.Series("n", [1.0, math.nan, None, math.nan])
    found = post_randomise(values, keep=0.5, rng=np.random.default_rng(1))
    assert found.categories.to_list() == [None, 1.0]
    # origin: by hand, three of four are missing, half of the draws
    assert found.matrix.tolist() == [[0.875, 0.125], [0.375, 0.625]]


@pytest.mark.parametrize("values", [[[1], [2]], [{"x": 1}, {"x": 2}], [b"a", b"b"]])
def test_lists_structures_and_bytes_are_no_categories(values):
    with pytest.raises(SchemaError, match="it must hold plain values"):
        post_randomise(pl.Series("n", values), keep=0.5, rng=np.random.default_rng(1))


@pytest.mark.parametrize("value", [200.0, -180.5, math.inf])
def test_degrees_beyond_half_a_turn_are_refused(value):
    with pytest.raises(SchemaError, match="`lat` has 1 values beyond 180 degrees") as refused:
        coarsen_coordinates(pl.Series("lat", [10.0, value, None]), grid=1)
    assert str(value) not in str(refused.value)


def test_not_a_number_has_no_cell():
    assert coarsen_coordinates(pl.Series([math.nan, -180.0]), grid=1).to_list() == [None, -179.5]
