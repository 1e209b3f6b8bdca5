"""Losses that are read off the sizes of the classes alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from analytics_lib.core.checks import require_at_least
from analytics_lib.privacy.assessment.classes import equivalence_classes
from analytics_lib.privacy.assessment.roles import MINIMUM_K


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassSizeLoss:
    """How much larger than needed the classes are.

    Attributes:
        discernibility: Records each record cannot be told from, summed; a suppressed one counts
            as many as the original has.
        average_class_size: Mean size of a class over k; 1 is the best there can be.
        classes: Classes of the release.
        released: Records of the release.
        suppressed: Records left out.
    """

    discernibility: int
    average_class_size: float
    classes: int
    released: int
    suppressed: int


def class_size_loss(
    released: Any,  # noqa: ANN401 - any supported frame
    *,
    quasi_identifiers: Sequence[str],
    k: int,
    suppressed: int = 0,
) -> ClassSizeLoss:
    """Are the classes of a release larger than k demands?

    The trap: neither number sees what a class has in common. A release that
    throws all ages together and one that keeps five neighbouring ages apart have the
    same sizes; read NCP beside them. And `average_class_size` leaves out the
    suppressed, so suppressing much makes it better.

    Args:
        released: One row a released record; any supported frame.
        quasi_identifiers: Columns that an attacker may know.
        k: The k that was asked for, 2 or more.
        suppressed: Records left out.

    Returns:
        Discernibility (records squared) and the average class size (a ratio).

    Raises:
        ParameterError: A name is unknown, `k` is below 2 or `suppressed` below 0.
        SchemaError: The release is empty or of an unknown library.

    Examples:
        >>> import polars as pl
        >>> table = pl.DataFrame({"age": ["20-29"] * 4 + ["30-39"] * 2})
        >>> found = class_size_loss(table, quasi_identifiers=["age"], k=2, suppressed=1)
        >>> found.discernibility, found.average_class_size  # 16 + 4 + 7; 3 over 2
        (27, 1.5)

    References:
        Bayardo R., Agrawal R. (2005), ICDE '05, 217-228 (discernibility); LeFevre K. et al. (2006),
        ICDE '06, 25 (average class size).
    """
    require_at_least(k, MINIMUM_K, name="k")
    require_at_least(suppressed, 0, name="suppressed")

    classes = equivalence_classes(released, quasi_identifiers=quasi_identifiers)
    kept, sizes = classes.records, classes.sizes
    return ClassSizeLoss(
        discernibility=int(np.sum(sizes**2)) + suppressed * (kept + suppressed),
        average_class_size=kept / len(sizes) / k,
        classes=len(sizes),
        released=kept,
        suppressed=suppressed,
    )
