"""What is asked of a release, held against what it can be, before anything is computed."""

from collections.abc import Mapping, Sequence
from typing import get_args

import numpy as np
import polars as pl

from analytics_lib.core.checks import require_choice, require_finite
from analytics_lib.core.errors import ParameterError
from analytics_lib.privacy.assessment.roles import require_roles
from analytics_lib.privacy.augmentation import IS_SYNTHETIC, Mark
from analytics_lib.privacy.hierarchies.hierarchy import Hierarchy


def require_kinds(
    *,
    rng: object,
    quasi_identifiers: object,
    earlier: object,
    names: Mapping[str, object],
    numbers: Mapping[str, object],
) -> None:
    """Refuse arguments of another kind than they must be.

    Args:
        rng: The generator.
        quasi_identifiers: A hierarchy by column.
        earlier: The earlier releases.
        names: Lists of names of columns.
        numbers: Numbers; None where none is asked for.

    Raises:
        ParameterError: One is of another kind.
    """
    if not isinstance(rng, np.random.Generator):
        raise _wrong("rng", rng, "a generator, as `numpy.random.default_rng` makes one")
    _require_hierarchies(quasi_identifiers)
    _require_frames(earlier)
    for name, given in names.items():
        if isinstance(given, str) or not isinstance(given, Sequence):
            raise _wrong(name, given, "a list of names of columns")
    for name, value in numbers.items():
        if value is not None:
            require_finite(value, name=name)


def require_synthetic(rate: float, mark: Mark, names: Sequence[str]) -> None:
    """Refuse a rate, a mark or a name that synthetic rows cannot have.

    Raises:
        ParameterError: One of them is wrong.
    """
    if IS_SYNTHETIC in names:
        raise ParameterError(f"`{IS_SYNTHETIC}` marks synthetic rows; rename the column.")
    require_choice(mark, get_args(Mark), name="mark")
    if not 0 <= rate <= 1:
        raise ParameterError(f"`synthetic_rate` is {rate}; it must lie between 0 and 1.")


def require_one_row_a_person(
    frame: pl.DataFrame,
    quasi_identifiers: Mapping[str, Hierarchy],
    sensitive: Sequence[str],
    person: str | None,
) -> None:
    """Refuse roles that do not fit the table, and several rows of a person.

    Raises:
        ParameterError: A role does not fit, or somebody has two rows.
    """
    require_roles(frame.columns, quasi_identifiers=list(quasi_identifiers), sensitive=sensitive)
    if person is not None and frame[person].n_unique() < frame.height:
        raise ParameterError(
            f"`{person}` has {frame[person].n_unique()} values in {frame.height} rows; a release "
            "has one row a person, or its classes hold fewer people than rows."
        )


def _require_hierarchies(given: object) -> None:
    if not isinstance(given, Mapping):
        raise _wrong("quasi_identifiers", given, "a hierarchy by name of its column")
    for name, hierarchy in given.items():
        if not isinstance(hierarchy, Hierarchy):
            raise _wrong(f"quasi_identifiers[{name!r}]", hierarchy, "a `Hierarchy`")


def _require_frames(earlier: object) -> None:
    if isinstance(earlier, pl.DataFrame | str) or not isinstance(earlier, Sequence):
        raise _wrong("earlier", earlier, "a list of polars frames")
    for one in earlier:
        if not isinstance(one, pl.DataFrame):
            raise _wrong("earlier", one, "polars frames, one for each earlier release")


def _wrong(name: str, given: object, must: str) -> ParameterError:
    return ParameterError(f"`{name}` has a {type(given).__name__}; it must be {must}.")
