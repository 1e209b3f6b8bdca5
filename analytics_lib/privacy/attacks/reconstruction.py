"""Computing suppressed cells of a table of counts from its totals, and from tables before it."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy.optimize import linprog

from analytics_lib.core.errors import ParameterError
from analytics_lib.privacy.attacks.findings import AttackResult, attack_result

_TOLERANCE = 1e-6


def attack_by_reconstruction(
    cells: Sequence[Sequence[int | None]],
    *,
    row_totals: Sequence[int],
    column_totals: Sequence[int],
    k: int,
    margin: float = 0.0,
) -> AttackResult:
    """Which suppressed counts follow from the totals beside them?

    The attacker looks for the least and the largest number that each suppressed cell can have
    with all totals right. Where fewer than k numbers are left, he knows it well enough.

    The trap: one suppressed cell in a row is its total minus the rest. Two in a row and two in a
    column may still leave one number only, which no look at single rows finds.

    Args:
        cells: Published counts by row, None where suppressed.
        row_totals: Published total of each row.
        column_totals: Published total of each column.
        k: Numbers that must remain possible.
        margin: The largest share that is accepted; none by default.

    Returns:
        Share of the suppressed cells that are reconstructed; the baseline is none.

    Raises:
        ParameterError: The table is not rectangular, contradicts its totals, or has no suppressed
            cell.

    Examples:
        >>> found = attack_by_reconstruction(
        ...     [[20, None], [30, 40]], row_totals=[23, 70], column_totals=[50, 43], k=5
        ... )
        >>> found.success.value, found.passed
        (1.0, False)

    References:
        Dobra A., Fienberg S. E. (2000), PNAS 97(22), 11885-11892 (bounds from margins).
    """
    width, height = len(column_totals), len(row_totals)
    if len(cells) != height or any(len(row) != width for row in cells):
        raise ParameterError("`cells` must have a row for each row total, a cell for each column.")
    hidden = [(i, j) for i in range(height) for j in range(width) if cells[i][j] is None]
    if not hidden:
        raise ParameterError("`cells` has no suppressed cell; there is nothing to reconstruct.")
    left, right = _equations(cells, hidden, row_totals, column_totals)
    known = sum(_span(left, right, place) < k for place in range(len(hidden)))
    return attack_result(
        "reconstruction",
        "Compute suppressed counts from the totals.",
        main=(known, len(hidden)),
        baseline=(0, len(hidden)),
        margin=margin,
        certain=True,
    )


def attack_by_differencing(
    now: Sequence[int], before: Sequence[int], *, k: int, margin: float = 0.0
) -> AttackResult:
    """Does a count published again, of a few people more or fewer, give those few away?

    Args:
        now: Counts as published now.
        before: The same counts as published before, in the same order.
        k: Fewest people a difference may stand for; no difference gives nothing away.
        margin: The largest share that is accepted; none by default.

    Returns:
        Share of the counts whose difference is of fewer than k people; the baseline is none.

    Raises:
        ParameterError: There are no counts, or not equally many.

    Examples:
        >>> attack_by_differencing([120, 57], [120, 56], k=5).success.value
        0.5
    """
    if len(now) != len(before) or not now:
        raise ParameterError(
            f"`now` has {len(now)} counts, `before` {len(before)}; both must have the same, at "
            "least one."
        )
    few = sum(0 < abs(new - old) < k for new, old in zip(now, before, strict=True))
    return attack_result(
        "differencing",
        "Subtract a count from the same count published before.",
        main=(few, len(now)),
        baseline=(0, len(now)),
        margin=margin,
        certain=True,
    )


def _equations(
    cells: Sequence[Sequence[int | None]],
    hidden: Sequence[tuple[int, int]],
    row_totals: Sequence[int],
    column_totals: Sequence[int],
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """One equation a row and a column: the hidden cells add up to what the shown ones leave."""
    shown = np.array([[cell or 0 for cell in row] for row in cells], dtype=np.float64)
    missing = np.concatenate(
        [np.array(row_totals) - shown.sum(axis=1), np.array(column_totals) - shown.sum(axis=0)]
    )
    sums = np.zeros((len(missing), len(hidden)))
    for place, (i, j) in enumerate(hidden):
        sums[i, place] = sums[len(row_totals) + j, place] = 1
    return sums, missing


def _span(left: npt.NDArray[np.float64], right: npt.NDArray[np.float64], place: int) -> int:
    """How many numbers a hidden cell can have."""
    goal = np.zeros(left.shape[1])
    ends = []
    for sign in (1, -1):
        goal[place] = sign
        found = linprog(goal, A_eq=left, b_eq=right, bounds=(0, None))
        if found.status != 0:
            raise ParameterError("`cells` and their totals contradict each other.")
        ends.append(sign * float(found.fun))
    return int(np.floor(ends[1] + _TOLERANCE) - np.ceil(ends[0] - _TOLERANCE)) + 1
