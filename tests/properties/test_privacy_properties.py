"""Random tables: relations that hold whatever the answer is."""

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics_lib.privacy.assessment import assess_privacy
from analytics_lib.privacy.transformation import suppress_cells, suppress_records
from analytics_lib.privacy.utility import (
    association_change,
    ncp_by_value_sets,
    non_uniform_entropy,
)

MODEST = settings(max_examples=60)
SCHEMA = {"age": pl.Int64, "city": pl.String, "ill": pl.String, "pay": pl.Int64}
people = st.lists(
    st.tuples(
        st.sampled_from([30, 41, 57, None]),
        st.sampled_from(["n", "s", None]),
        st.sampled_from(["a", "b", "c", None]),
        st.integers(0, 5),
    ),
    min_size=2,
    max_size=60,
).map(lambda rows: pl.DataFrame(rows, schema=SCHEMA, orient="row"))


def assessed(frame, quasi=("age", "city")):
    return assess_privacy(
        frame, quasi_identifiers=quasi, sensitive=["ill", "pay"], orders={"pay": "natural"}
    )


def measures(frame):
    found = assessed(frame)
    return str([found.k_anonymity, found.prosecutor, found.uniqueness, found.sensitive])


@MODEST
@given(people, st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_no_bit(frame, random):
    order = list(range(frame.height))
    random.shuffle(order)
    assert measures(frame[order]) == measures(frame)


@MODEST
@given(people)
def test_everybody_twice_doubles_sizes_and_changes_no_share(frame):
    once, twice = assessed(frame), assessed(pl.concat([frame, frame]))
    assert twice.k_anonymity.k == 2 * once.k_anonymity.k
    for before, after in zip(once.sensitive, twice.sensitive, strict=True):
        assert after.closeness == before.closeness
        assert after.diversity.distinct_l == before.diversity.distinct_l
        assert after.alpha_k.alpha == before.alpha_k.alpha
        assert after.likeness == before.likeness


@MODEST
@given(people)
def test_knowing_less_never_gives_more_away(frame):
    much, little = assessed(frame), assessed(frame, quasi=["age"])
    assert little.k_anonymity.k >= much.k_anonymity.k
    assert little.prosecutor.average <= much.prosecutor.average
    for fine, coarse in zip(much.sensitive, little.sensitive, strict=True):
        assert coarse.diversity.distinct_l >= fine.diversity.distinct_l
        assert coarse.diversity.entropy_l >= fine.diversity.entropy_l * (1 - 1e-12)
        assert coarse.closeness.t <= fine.closeness.t + 1e-12
        assert coarse.alpha_k.alpha <= fine.alpha_k.alpha
        assert coarse.likeness.basic_beta <= fine.likeness.basic_beta + 1e-12


@MODEST
@given(people)
def test_all_measures_stay_within_their_range(frame):
    found = assessed(frame)
    assert 1 <= found.k_anonymity.k <= found.k_anonymity.largest_class <= frame.height
    assert 0 < found.prosecutor.average <= found.prosecutor.highest <= 1
    for one in found.sensitive:
        assert 0 <= one.closeness.mean <= one.closeness.t <= 1
        assert 1 <= one.diversity.entropy_l <= len(set(frame[one.sensitive])) + 1e-9
        assert 0 <= one.likeness.basic_beta <= one.likeness.enhanced_beta
        assert 0 <= one.disclosure.delta <= one.disclosure.strict_delta


@MODEST
@given(people, st.integers(2, 6))
def test_suppression_gives_k_or_nothing(frame, k):
    quasi = ["age", "city"]
    k = min(k, frame.height)
    records = suppress_records(frame, quasi_identifiers=quasi, k=k)
    cells = suppress_cells(frame, quasi_identifiers=quasi, k=k)
    assert cells.records <= records.records
    for found in (records, cells):
        assert found.table.height + found.records == frame.height
        if not found.table.is_empty():
            assert assessed(found.table).k_anonymity.k >= k


@MODEST
@given(people, st.randoms(use_true_random=False))
def test_losses_do_not_depend_on_the_order_of_rows(frame, random):
    quasi = ["age", "city"]
    recoded = frame.with_columns(city=pl.lit("*"))
    grouped = frame.with_columns(group=pl.col("pay") // 2)

    def losses(order):
        return str(
            [
                non_uniform_entropy(frame[order], recoded=recoded[order], quasi_identifiers=quasi),
                ncp_by_value_sets(grouped[order], class_column="group", quasi_identifiers=quasi),
                association_change(
                    recoded[order], original=frame[order], columns=["age", "city", "ill"]
                ).rows(),
            ]
        )

    order = list(range(frame.height))
    before = losses(order)
    random.shuffle(order)
    assert losses(order) == before
