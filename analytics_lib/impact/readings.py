"""What a page shows of estimates of impact: by month, side by side, drivers and limits."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

import polars as pl

from analytics_lib.core.checks import require_at_least, require_choice, require_columns
from analytics_lib.core.periods import Period, calendar_period, last_complete_period
from analytics_lib.events.boundary import as_table
from analytics_lib.events.frames import finish, like
from analytics_lib.impact.assumptions import NetAssumptions
from analytics_lib.impact.estimates import ImpactEstimates, estimate_impact
from analytics_lib.impact.factors.catalogue import factor_set
from analytics_lib.impact.factors.factor_set import FactorSet
from analytics_lib.impact.observed import inside
from analytics_lib.impact.places import GLOBAL, require_place
from analytics_lib.impact.words import FIGURE_WORDS, factor_words

ONE_DAY = dt.timedelta(days=1)
_LIMITS = ("value", "ci_lower", "ci_upper")


def complete_month(*, as_of: dt.date, back: int = 0) -> Period:
    """The last month that is over, or the one so many months before it.

    Args:
        as_of: Last complete day.
        back: Months before it.

    Raises:
        ParameterError: `back` is below 0.

    Examples:
        >>> complete_month(as_of=dt.date(2024, 6, 29), back=1).start
        datetime.date(2024, 4, 1)
    """
    require_at_least(back, 0, name="back")

    month = last_complete_period("month", as_of=as_of)
    for _ in range(back):
        month = calendar_period("month", containing=month.start - ONE_DAY)
    return month


def exchanges_within(exchanges: Any, *, region: str = GLOBAL) -> Any:  # noqa: ANN401 - any frame
    """The exchanges of one place, so that people and kilograms of a page are of the same one.

    Args:
        exchanges: One row an exchange with `region`, and `city` where the place is a city.
        region: `global`, a country, a part of one or a city.

    Returns:
        The same columns, in the caller's own kind of frame.

    Raises:
        SchemaError: A column is missing.
        ParameterError: The place is not well formed.

    Examples:
        >>> given = pl.DataFrame({"exchange_id": ["1", "2"], "region": ["GB-SCT", "IE"]})
        >>> exchanges_within(given, region="GB")["exchange_id"].to_list()
        ['1']
    """
    require_place(region)
    columns = ["region", "city"] if "/" in region else ["region"]
    table = as_table(exchanges, columns, name="exchanges")
    return like(finish(inside(table, region=region)), exchanges)


def impact_by_month(
    exchanges: Any,  # noqa: ANN401 - any supported frame
    *,
    factors: str | FactorSet,
    figures: Sequence[str],
    as_of: dt.date,
    months: int = 12,
    region: str = GLOBAL,
    net: NetAssumptions | None = None,
    draws: int = 20_000,
    seed: int,
) -> pl.DataFrame:
    """How did some figures go from month to month, each with its interval?

    The factors are the same in every month, so what the months share of their
    uncertainty is not what they differ by: two intervals that overlap do not
    make two months alike.

    Args:
        exchanges: One row an exchange (contract `exchanges`).
        factors: Name of a factor set, or a researcher's own.
        figures: Names such as `ghg_gross`; those the set says nothing of are left out.
        as_of: Last complete day.
        months: How many complete months, up to the last.
        region: The place.
        net: What stands between gross and net.
        draws: Size of each simulation.
        seed: Of each simulation.

    Returns:
        One row a figure and month, sorted by both as given: `interval_start`,
        `figure`, `name` (in words), `value`, `ci_lower`, `ci_upper` (90 %),
        `n` (exchanges), `unit`.

    Raises:
        SchemaError: A weight, unit, serving or food is bad.
        ParameterError: The set, place or a figure is unknown, or `months` is below 1.
    """
    require_at_least(months, 1, name="months")
    _require_figures(figures)

    rows = []
    for back in reversed(range(months)):
        month = complete_month(as_of=as_of, back=back)
        found = estimate_impact(
            exchanges, factors=factors, period=month, as_of=as_of, region=region, net=net,
            draws=draws, seed=seed,
        ).figures  # fmt: skip
        rows += [
            {"interval_start": month.start, "figure": name, **found[name].to_dict()}
            for name in figures
            if name in found
        ]
    schema = {
        "interval_start": pl.Date, "figure": pl.String, "value": pl.Float64,
        "ci_lower": pl.Float64, "ci_upper": pl.Float64, "n": pl.Int64, "unit": pl.String,
    }  # fmt: skip
    order = pl.col("figure").replace_strict({name: at for at, name in enumerate(figures)})
    frame = pl.DataFrame(rows, schema=schema).sort(order, "interval_start")
    return frame.select(
        "interval_start",
        "figure",
        pl.col("figure").replace_strict(FIGURE_WORDS).alias("name"),
        pl.exclude("interval_start", "figure"),
    )


def side_by_side(compared: pl.DataFrame, *, figures: Sequence[str]) -> pl.DataFrame:
    """A result of `compare_factor_sets` with one row a set.

    Args:
        compared: One row a set and figure, in polars.
        figures: Names such as `ghg_gross`, in the order of the columns.

    Returns:
        One row a set, in its order: `factor_set`, `title`, each figure with
        `<figure>_ci_lower` and `<figure>_ci_upper` (null where the set says
        nothing of it), and `reason` (why the set has no numbers here).

    Raises:
        SchemaError: A column is missing.
        ParameterError: A figure is unknown.
    """
    require_columns(compared.columns, ["factor_set", "figure", *_LIMITS, "reason"], name="compared")
    _require_figures(figures)

    table = compared.select("factor_set", "reason").unique("factor_set", maintain_order=True)
    for figure in figures:
        columns = {
            "value": figure,
            "ci_lower": f"{figure}_ci_lower",
            "ci_upper": f"{figure}_ci_upper",
        }
        one = compared.filter(figure=figure).select("factor_set", *_LIMITS).rename(columns)
        table = table.join(one, on="factor_set", how="left", maintain_order="left")
    titles = [factor_set(name).title for name in table["factor_set"]]
    return table.select(
        "factor_set",
        pl.Series("title", titles, dtype=pl.String),
        pl.exclude("factor_set", "reason"),
        "reason",
    )


def main_drivers(
    found: ImpactEstimates, *, figures: Sequence[str], most: int = 3, least: float = 0.05
) -> pl.DataFrame:
    """Which factors make the interval of each figure as wide as it is?

    Args:
        found: Estimates.
        figures: Names such as `ghg_net`; a figure without uncertainty has no row.
        most: Factors of each figure, the strongest first.
        least: Weaker correlations, either way, are left out: a simulation finds
            small ones of factors that have nothing to do with the figure.

    Returns:
        One row a figure and factor: `figure`, `name` and `factor` (in words),
        `rank_correlation` (below 0 where more of the factor makes less of the figure).

    Raises:
        ParameterError: A figure is unknown, `most` is below 1 or `least` below 0.
    """
    require_at_least(most, 1, name="most")
    require_at_least(least, 0, name="least")
    _require_figures(figures)

    order = pl.col("figure").replace_strict({name: at for at, name in enumerate(figures)})
    kept = found.drivers.filter(
        pl.col("figure").is_in(list(figures)), pl.col("rank_correlation").abs() >= least
    )
    strongest = kept.group_by("figure", maintain_order=True).head(most)
    ordered = strongest.sort(order, maintain_order=True)
    return ordered.select(
        "figure",
        pl.col("figure").replace_strict(FIGURE_WORDS).alias("name"),
        pl.Series("factor", [factor_words(name) for name in ordered["factor"]], dtype=pl.String),
        "rank_correlation",
    )


def limits_of(found: ImpactEstimates) -> pl.DataFrame:
    """What a reader must be told of an estimate, one row each: `limit`."""
    quantities = dict.fromkeys(name.partition(" of ")[0] for name in found.without_range)
    certain = [factor_words(name) for name in quantities]
    said = [f"Taken for certain, because no range was published: {', '.join(certain)}."]
    return pl.DataFrame(
        {"limit": [*found.notes, *(said if certain else [])]}, schema={"limit": pl.String}
    )


def _require_figures(figures: Sequence[str]) -> None:
    for name in figures:
        require_choice(name, FIGURE_WORDS, name="figures")
