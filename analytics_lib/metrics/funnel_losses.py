"""Where a funnel loses most, counted in people who would have arrived at its end."""

from collections.abc import Sequence
from typing import Any

import polars as pl

from analytics_lib.core.checks import require_between
from analytics_lib.events.boundary import as_table
from analytics_lib.metrics.frames import finish, like

_NEEDED = ["step", "name", "reached", "base", "share", "lost"]


def recoverable_losses(
    steps: Any,  # noqa: ANN401 - any supported frame
    *,
    recovered: float = 0.1,
    by: Sequence[str] = (),
) -> Any:  # noqa: ANN401 - the caller's own kind of frame
    """Which step would bring most people to the end if a few of its lost ones went on?

    The trap is to mend the step with the largest drop: whom it loses may be
    lost again later. Here the recovered go on with the shares of the later
    steps.

    Args:
        steps: Result of `funnel`, without optional steps.
        recovered: Share of the lost of a step who would go on, 0 to 1.
        by: The columns the funnel was broken down by.

    Returns:
        One row a step after the first (and group), largest gain first: the `by`
        columns, `step`, `name`, `lost`, `recovered`, `gain` (more who reach the
        end, not rounded); null where a later share is not known.

    Raises:
        SchemaError: A column is missing.
        ParameterError: `recovered` does not lie between 0 and 1.

    Examples:
        >>> found = pl.DataFrame(
        ...     {
        ...         "step": [1, 2, 3],
        ...         "name": ["view", "cart", "buy"],
        ...         "reached": [100, 50, 10],
        ...         "base": [100, 100, 50],
        ...         "share": [1.0, 0.5, 0.2],
        ...         "lost": [0, 50, 40],
        ...     }
        ... )
        >>> recoverable_losses(found).select("name", "gain").rows()
        [('buy', 4.0), ('cart', 1.0)]
    """
    require_between(recovered, 0, 1, name="recovered")

    table = finish(as_table(steps, [*by, *_NEEDED], name="steps")).sort(*by, "step")
    # Not the product divided by its own first share: nobody may have passed this step.
    shares = pl.col("share").shift(-1, fill_value=1.0)
    unknown = shares.is_null().cast(pl.Int64).cum_sum(reverse=True)
    later = pl.when(unknown == 0).then(shares.cum_prod(reverse=True))
    onward = later.over(by) if by else later
    gains = (
        table.with_columns(recovered=pl.col("lost") * recovered)
        .with_columns(gain=pl.col("recovered") * onward)
        .filter(pl.col("step") > 1)
        .sort(*by, "gain", "step", descending=[*(False for _ in by), True, False], nulls_last=True)
    )
    return like(gains.select(*by, "step", "name", "lost", "recovered", "gain"), steps)
