"""What became of the requests for research data: projects, packages, papers, influence, feedback.

Every function takes the steps (table `research_steps`: one row a step of a request or an outcome of
its project) and looks at those taken up to `as_of`.
"""

import datetime as dt
from typing import Any

import polars as pl

from analytics_lib.core.checks import require_choice, require_columns
from analytics_lib.core.results import Estimate
from analytics_lib.display import count, interval, number, percent
from analytics_lib.events.tables.research import OUTCOMES, RESEARCH_STEPS, STEPS
from analytics_lib.statistics.means import estimate_mean, estimate_median
from analytics_lib.statistics.shares import estimate_share

HALF_A_YEAR = 182
_EPOCH = dt.date(1970, 1, 1)
_NEEDED = [column for column in RESEARCH_STEPS.names if column != "step_id"]
_COUNTED = {"approved": "approved", "rejected": "rejected", "released": "released"}


def projects(steps: Any, *, as_of: dt.date) -> pl.DataFrame:  # noqa: ANN401 - a polars frame
    """How far has each project come?

    The trap: a request that was released and has expired is in both states in a count of steps.
    Here each project has the state of its latest step, and a step of the same day counts in the
    order in which requests are taken through them.

    Args:
        steps: Steps and outcomes.
        as_of: Last day that is looked at.

    Returns:
        One row a project, sorted by it: `project`, `title`, `area`, `institution`, `state`,
        `requested`, `approved`, `rejected` and `released` (day numbers, null where not taken) and
        the number of each outcome.

    Raises:
        SchemaError: A column is missing.
    """
    taken = _taken(steps, as_of)
    order = {step: number for number, step in enumerate(STEPS)}
    own = taken.filter(pl.col("step").is_in(STEPS)).sort(
        "project", "day", pl.col("step").replace_strict(order, return_dtype=pl.Int64)
    )
    days = [
        pl.col("day").filter(pl.col("step") == step).max().alias(step)
        for step in ("requested", "approved", "rejected", "released")
    ]
    found = own.group_by("project").agg(
        pl.col("title", "area", "institution").last(), pl.col("step").last().alias("state"), *days
    )
    counts = taken.group_by("project").agg(
        [(pl.col("step") == kind).sum().cast(pl.Int64).alias(kind) for kind in OUTCOMES]
    )
    return found.join(counts, on="project", how="left").sort("project")


def by_group(steps: Any, *, group: str, as_of: dt.date) -> pl.DataFrame:  # noqa: ANN401 - likewise
    """How many projects, packages and outcomes has each area or institution?

    Args:
        steps: Steps and outcomes.
        group: "area" or "institution".
        as_of: Last day that is looked at.

    Returns:
        One row a group, the most projects first: the group, `projects`, `approved`, `rejected`,
        `released` (ever), `valid` (released and not expired), `paper`, `policy`, `finding`.

    Raises:
        ParameterError: There is no such group.
        SchemaError: A column is missing.
    """
    require_choice(group, ("area", "institution"), name="group")
    return (
        projects(steps, as_of=as_of)
        .group_by(group)
        .agg(
            pl.len().cast(pl.Int64).alias("projects"),
            *[
                pl.col(day).is_not_null().sum().cast(pl.Int64).alias(n)
                for n, day in _COUNTED.items()
            ],
            (pl.col("state") == "released").sum().cast(pl.Int64).alias("valid"),
            pl.col("paper", "policy", "finding").sum(),
        )
        .sort(["projects", group], descending=[True, False])
    )


def totals(steps: Any, *, as_of: dt.date) -> dict[str, int]:  # noqa: ANN401 - likewise
    """How many of each are there in all?

    Returns:
        `projects`, `institutions`, `areas`, `waiting` (neither approved nor rejected), `approved`,
        `rejected`, `released`, `valid`, `expired`, and each kind of outcome.
    """
    found = projects(steps, as_of=as_of)
    states = found["state"].to_list()
    return {
        "projects": found.height,
        "institutions": found["institution"].n_unique(),
        "areas": found["area"].n_unique(),
        "waiting": sum(state in {"requested", "reviewed"} for state in states),
        **{name: found.height - found[day].null_count() for name, day in _COUNTED.items()},
        "valid": states.count("released"),
        "expired": states.count("expired"),
        **{kind: int(found[kind].sum()) for kind in OUTCOMES},
    }


def approval_rate(steps: Any, *, as_of: dt.date) -> Estimate:  # noqa: ANN401 - likewise
    """Of the requests that were decided, what share was approved?

    Returns:
        The share, with its Wilson interval; `nan` where none was decided.
    """
    found = totals(steps, as_of=as_of)
    return estimate_share(found["approved"], found["approved"] + found["rejected"])


def days_to_release(steps: Any, *, as_of: dt.date) -> Estimate:  # noqa: ANN401 - likewise
    """How many days pass from a request to its package, in the middle?

    The trap: requests that wait still are not in it, so a growing queue does not show here.

    Returns:
        The median over released projects, in days; `nan` without any.
    """
    found = projects(steps, as_of=as_of).select(
        days=(pl.col("released") - pl.col("requested")).cast(pl.Float64)
    )
    return estimate_median(found["days"].drop_nulls().to_numpy(), unit="days")


def outcomes(steps: Any, *, kind: str, as_of: dt.date) -> pl.DataFrame:  # noqa: ANN401 - likewise
    """What came of the projects: papers, influence on policy, findings, or feedback?

    Args:
        steps: Steps and outcomes.
        kind: "paper", "policy", "feedback" or "finding".
        as_of: Last day that is looked at.

    Returns:
        One row an outcome, the latest first: `date`, `title`, `area`, `institution`, `reference`,
        `score`.

    Raises:
        ParameterError: There is no such kind.
        SchemaError: A column is missing.
    """
    require_choice(kind, OUTCOMES, name="kind")
    return (
        _taken(steps, as_of)
        .filter(pl.col("step") == kind)
        .with_columns(date=pl.col("day").cast(pl.Date))
        .sort(["day", "title"], descending=[True, False])
        .select("date", "title", "area", "institution", "reference", "score")
    )


def feedback_score(steps: Any, *, as_of: dt.date) -> Estimate:  # noqa: ANN401 - likewise
    """How good do researchers find the data, on average?

    Returns:
        The mean score in points of 1 to 5, with its t interval; `nan` without feedback.
    """
    scores = outcomes(steps, kind="feedback", as_of=as_of)["score"].drop_nulls()
    return estimate_mean(scores.to_numpy(), unit="points")


def share_with_paper(steps: Any, *, as_of: dt.date) -> Estimate:  # noqa: ANN401 - likewise
    """Of the projects released half a year ago or earlier, what share has a paper?

    The trap: a package of last month has no paper yet and would pull the share down. Only projects
    that have had half a year are in the base.

    Returns:
        The share, with its Wilson interval; `nan` where none has had half a year.
    """
    last = (as_of - _EPOCH).days - HALF_A_YEAR
    ripe = projects(steps, as_of=as_of).filter(pl.col("released") <= last)
    return estimate_share(ripe.filter(pl.col("paper") > 0).height, ripe.height)


def describe_programme(steps: Any, *, as_of: dt.date) -> str:  # noqa: ANN401 - likewise
    """Who asked for data, what did they get, and what came of it, in a sentence or two?"""
    found, rate = totals(steps, as_of=as_of), approval_rate(steps, as_of=as_of)
    approved = (
        f"{percent(rate.value)} of the {number(rate.n)} decided were approved ({interval(rate)})"
        if rate.is_defined
        else "none is decided"
    )
    return (
        f"{count(found['institutions'], 'institutions')} asked for data for "
        f"{count(found['projects'], 'projects')}; {approved}, {number(found['released'])} are "
        f"released. "
        f"{count(found['valid'], 'packages')} may still be used. "
        f"So far {count(found['paper'], 'papers')}, {count(found['finding'], 'findings')} and "
        f"{count(found['policy'], 'influences')} on policy have come of them."
    )


def _taken(steps: Any, as_of: dt.date) -> pl.DataFrame:  # noqa: ANN401 - likewise
    frame: pl.DataFrame = steps.collect() if isinstance(steps, pl.LazyFrame) else steps
    require_columns(frame.columns, _NEEDED, name="steps")
    return frame.filter(pl.col("day") <= (as_of - _EPOCH).days)
