"""Counts that give away what is not shown; planted tables, each caught."""

import itertools

import pytest

from analytics_lib.core.errors import ParameterError
from analytics_lib.privacy.attacks.reconstruction import (
    attack_by_differencing,
    attack_by_reconstruction,
)


def test_the_exact_total_beside_a_single_suppressed_cell():
    found = attack_by_reconstruction(
        [[20, None, 5], [30, 40, 9]], row_totals=[28, 79], column_totals=[50, 43, 14], k=5
    )
    assert found.success.value == 1
    assert not found.passed


def test_a_square_of_suppressed_cells_whose_totals_leave_one_solution():
    # origin: by hand; the first row has 0 left, so both its cells are 0 and the others follow.
    found = attack_by_reconstruction(
        [[None, None, 9], [None, None, 4]], row_totals=[9, 14], column_totals=[7, 3, 13], k=3
    )
    assert found.success.value == 1


def solutions(rows, columns):
    """Every 2 by 2 table with these totals, by trying."""
    for a, b in itertools.product(range(rows[0] + 1), range(rows[0] + 1)):
        c, d = columns[0] - a, columns[1] - b
        if a + b == rows[0] and c >= 0 and d >= 0 and c + d == rows[1]:
            yield a, b, c, d


@pytest.mark.parametrize(("k", "passed"), [(11, True), (12, False)])
def test_the_numbers_left_are_those_found_by_trying(k, passed):
    rows, columns = (10, 30), (22, 18)
    left = list(solutions(rows, columns))
    assert {len({table[cell] for table in left}) for cell in range(4)} == {11}
    found = attack_by_reconstruction(
        [[None, None], [None, None]], row_totals=rows, column_totals=columns, k=k
    )
    assert found.passed is passed


def test_a_table_that_cannot_be_is_refused():
    with pytest.raises(ParameterError, match="contradict"):
        attack_by_reconstruction([[None, 5]], row_totals=[3], column_totals=[1, 5], k=3)
    with pytest.raises(ParameterError, match="no suppressed cell"):
        attack_by_reconstruction([[1, 5]], row_totals=[6], column_totals=[1, 5], k=3)
    with pytest.raises(ParameterError, match="a row for each row total"):
        attack_by_reconstruction([[1], [2]], row_totals=[6], column_totals=[1, 5], k=3)


@pytest.mark.parametrize(("now", "caught"), [(100, False), (101, True), (104, True), (105, False)])
def test_one_person_more_is_one_person_known(now, caught):
    assert attack_by_differencing([now, 50], [100, 50], k=5).passed is not caught


def test_counts_that_do_not_match_are_refused():
    with pytest.raises(ParameterError, match="`now` has 1 counts, `before` 2"):
        attack_by_differencing([1], [1, 2], k=5)
