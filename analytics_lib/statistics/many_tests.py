"""P-values of many tests, allowing for how many were made."""

from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from analytics_lib.core.checks import require_choice

Correction = Literal["holm", "fdr_bh"]
CORRECTIONS: tuple[Correction, ...] = get_args(Correction)


def adjust_pvalues(pvalues: npt.ArrayLike, *, correction: Correction) -> npt.NDArray[np.float64]:
    """How small may each p-value still be called, allowing for all the tests made?

    Of twenty tests of nothing one is "significant". A test without a p-value (`nan`) was not made
    and does not count.

    Args:
        pvalues: One a test; `nan` where none was made.
        correction: `holm` bounds the chance of any false finding, `fdr_bh` the expected share of
            false findings (Benjamini and Hochberg).

    Returns:
        Adjusted p-values in the same order; `nan` stays.

    Raises:
        ParameterError: The correction is unknown.

    Examples:
        >>> adjust_pvalues([0.01, 0.04, 0.03], correction="holm").tolist()
        [0.03, 0.06, 0.06]

    References:
        Holm S. (1979), Scand. J. Stat. 6, 65-70; Benjamini Y., Hochberg Y. (1995), J. R. Stat.
        Soc. B 57, 289-300.
    """
    require_choice(correction, CORRECTIONS, name="correction")
    given = np.asarray(pvalues, dtype=np.float64)
    known = ~np.isnan(given)
    adjusted = np.full(given.shape, np.nan)
    if known.any():
        from statsmodels.stats.multitest import multipletests  # noqa: PLC0415 - start-up time

        adjusted[known] = multipletests(given[known], method=correction)[1]
    return adjusted
