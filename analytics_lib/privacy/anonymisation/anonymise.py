"""One entry: a table in, an anonymised table out, verified before it is returned."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, get_args

import numpy as np

from analytics_lib.core.checks import require_choice
from analytics_lib.core.errors import ParameterError
from analytics_lib.events.frames import like
from analytics_lib.privacy.anonymisation.coding import coded_table
from analytics_lib.privacy.anonymisation.criteria import Distance, criteria_for
from analytics_lib.privacy.anonymisation.frames import collected
from analytics_lib.privacy.anonymisation.full_domain import FullDomain
from analytics_lib.privacy.anonymisation.labelling import labelled
from analytics_lib.privacy.anonymisation.methods import Method, recode
from analytics_lib.privacy.anonymisation.row_order import in_one_order
from analytics_lib.privacy.anonymisation.value_sets import Basis
from analytics_lib.privacy.anonymisation.verification import Achieved, achieved, verify
from analytics_lib.privacy.hierarchies.hierarchy import Hierarchy


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Anonymised:
    """A table that meets what was asked of it, and what that cost.

    Attributes:
        table: The released rows in random order, in the library of the table given: the
            quasi-identifiers as text, the sensitive columns and those kept.
        method: The method that lost least, or the one asked for.
        levels: Level of each quasi-identifier, where each has one for all rows; else None.
        rows: Rows of the table given.
        suppressed: Rows of it that are not released.
        ncp: Normalised certainty penalty from 0 to 1, suppressed rows counted as 1.
        basis: What the penalty counts: labels of the "hierarchy" or sets of "values". The
            two are never comparable.
        achieved: Classes, k, l and t counted again from the released labels alone.
        search: How the full-domain optimum was found and whether it is proven; else None.
    """

    table: Any
    method: Method
    levels: dict[str, int] | None
    rows: int
    suppressed: int
    ncp: float
    basis: Basis
    achieved: Achieved
    search: FullDomain | None


def anonymise(
    table: Any,  # noqa: ANN401 - any supported frame
    *,
    quasi_identifiers: Mapping[str, Hierarchy],
    k: int,
    rng: np.random.Generator,
    sensitive: str | Sequence[str] = (),
    l: int | None = None,  # noqa: E741 - its name since Machanavajjhala et al.
    t: float | None = None,
    distance: Distance = "equal",
    suppression_limit: float = 0.0,
    method: Method = "best",
    labels: Basis = "hierarchy",
    keep: Sequence[str] = (),
) -> Anonymised:
    """How can every row share its labels with k - 1 others at the least loss?

    The trap is to stop at k: of Adult's records in classes of 5 almost half
    are in classes that all earn the same, so whoever is known to be in one is
    known to earn it. Ask for `l` or `t` with the sensitive columns.

    Methods: "full_domain" gives each column one level for all rows and proves
    its optimum; "peel" takes the finest classes off first; "hybrid" joins
    what the peel leaves short of l and t, and cuts what has become too large;
    "mondrian" cuts the table in two again and again. "best" takes the local
    one that loses least.

    What remains open. No guarantee of this family holds against an attacker
    who knows the method and undoes it. Downcoding (Cohen 2022): labels that
    are as fine as possible say that finer ones were not; "peel" and "hybrid"
    are the most open to it, as their classes overlap, "mondrian" is open
    too, "full_domain" least. Minimality (Wong et al. 2007): where labels are
    coarser than k asks, l or t must have asked; "hybrid" and "full_domain"
    are open to it, "mondrian" less, as its cuts for k and l are the same
    ones. Equal choices of the joining are drawn at random, which makes them
    harder to undo and not impossible. So: release under approval, never call
    it anonymous, and attack it first.

    Args:
        table: One row a person, in polars, pandas, DuckDB, PySpark or pyarrow; it is brought into
            memory.
        quasi_identifiers: The hierarchy of each column that others may know; see
            `privacy.hierarchies`. A missing value is a value of its own.
        k: Fewest rows of a class, at least 2.
        rng: Shuffles the rows and draws among equal choices. Keep its seed secret. The same
            rows in any order and the same seed give the same result.
        sensitive: Column or columns that nobody may learn about a person.
        l: Fewest distinct values of each sensitive column in a class.
        t: Largest distance, 0 to 1, of the distribution of each sensitive column in a class
            from that in the whole table, suppressed rows included.
        distance: "equal" (total variation) or "ordered" (earth mover's over the ranks).
        suppression_limit: Largest share of rows, 0 to 1, that may be left out.
        method: "best", "full_domain", "peel" (k only), "hybrid" or "mondrian".
        labels: "hierarchy", or "values" for ranges and sets of the values of each class.
        keep: Further columns to release as they are. No other column is.

    Returns:
        The table with its method, loss and what it achieves.

    Raises:
        SchemaError: A column is missing, or a hierarchy lacks a value of its column.
        ParameterError: The demands are impossible or contradict each other.
        DisclosureError: The result does not meet the demands; nothing is returned.

    Examples:
        >>> import polars as pl
        >>> from analytics_lib.privacy.hierarchies import hierarchy_by_interval
        >>> people = pl.DataFrame({"age": [21, 23, 38, 39], "ill": [0, 1, 1, 0]})
        >>> ages = hierarchy_by_interval(people["age"], name="age", widths=[10])
        >>> result = anonymise(
        ...     people,
        ...     quasi_identifiers={"age": ages},
        ...     sensitive="ill",
        ...     k=2,
        ...     l=2,
        ...     rng=np.random.default_rng(7),
        ... )
        >>> sorted(result.table["age"])
        ['[20, 30)', '[20, 30)', '[30, 40)', '[30, 40)']
        >>> result.achieved
        Achieved(classes=2, k=2, l=2, t=0.0)

    References:
        Sweeney 2002 (k); Machanavajjhala et al. 2007 (l); Li et al. 2007 (t); Cohen,
        "Attacks on deidentification's defenses", USENIX Security 2022; Wong et al.,
        "Minimality attack in privacy preserving data publishing", VLDB 2007.
    """
    require_choice(method, get_args(Method), name="method")
    require_choice(labels, get_args(Basis), name="labels")
    require_choice(distance, get_args(Distance), name="distance")
    if not 0 <= suppression_limit <= 1:
        raise ParameterError(
            f"`suppression_limit` is {suppression_limit}; it must lie between 0 and 1."
        )
    if not quasi_identifiers:
        raise ParameterError("`quasi_identifiers` is empty; name at least one column.")
    secrets = [sensitive] if isinstance(sensitive, str) else list(sensitive)
    frame = collected(table, [*quasi_identifiers, *secrets, *keep])

    coded = coded_table(frame, quasi_identifiers, sensitive=secrets)
    frame, coded = in_one_order(frame, coded, keep=keep)
    criteria = criteria_for(coded, k=k, l=l, t=t, distance=distance)
    found = recode(
        coded,
        criteria,
        method=method,
        basis=labels,
        suppression_limit=suppression_limit,
        rng=rng,
    )
    names = list(quasi_identifiers)
    levels = None if found.search is None else found.search.levels
    generalised = labelled(coded, names, found.partition, basis=labels, levels=levels)
    rows = rng.permutation(np.flatnonzero(found.partition.classes >= 0))
    released = frame.with_columns(generalised.get_columns())[rows]

    counted = achieved(
        released, frame, quasi_identifiers=names, sensitive=secrets, distance=distance
    )
    suppressed = coded.rows - released.height
    most = int(suppression_limit * coded.rows + 1e-9)
    verify(counted, criteria, suppressed=suppressed, most_suppressed=most)
    return Anonymised(
        table=like(released, table),
        method=found.method,
        levels=None if levels is None else dict(zip(names, levels, strict=True)),
        rows=coded.rows,
        suppressed=suppressed,
        ncp=found.ncp,
        basis=labels,
        achieved=counted,
        search=found.search,
    )
