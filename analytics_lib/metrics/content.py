"""How much each piece of content is seen and used, and how often it is clicked where shown."""

import datetime as dt
from collections.abc import Sequence
from typing import Any, Literal, get_args

import narwhals.stable.v2 as nw
import numpy as np
import polars as pl
from scipy.special import stdtrit

from analytics_lib.core.checks import require_between, require_choice
from analytics_lib.core.errors import ParameterError
from analytics_lib.metrics.content_log import (
    VIEW_TYPES,
    counts_by_user,
    require_event_types,
    with_named_share,
)
from analytics_lib.metrics.frames import finish, flag, like
from analytics_lib.statistics import add_share_interval

ClickUnit = Literal["user", "impression"]


def content_views(
    events: Any,  # noqa: ANN401 - an EventLog or any supported frame
    *,
    as_of: dt.date,
    view_types: Sequence[str] = VIEW_TYPES,
    interactions: Sequence[str] = (),
    confidence_level: float = 0.95,
) -> Any:  # noqa: ANN401 - the caller's own kind of frame
    """How often is each piece of content viewed, by how many people, and what do they do with it?

    One reader who reloads a page all day makes many views, so views stand
    beside viewers, and the rates divide people by people: the share of viewers
    who did it at least once. Somebody who shares without ever viewing counts
    among the events, not in the rate.

    Args:
        events: An `EventLog`, or a frame with `user_id`, `day`, `event_type`,
            `content_id` and, where rows stand for several events, `quantity`.
        as_of: Last complete day; later rows are ignored.
        view_types: Event types that are views.
        interactions: Further event types to count, such as `comment`.
        confidence_level: Coverage of the Wilson intervals.

    Returns:
        One row a piece of content, most viewers first: `content_id`, `views`,
        `viewers`, `views_per_viewer`, and for each interaction `x` the events
        `x_events`, the viewers who did it `x_users`, and their share of the
        viewers `x_share`, `x_ci_lower`, `x_ci_upper`; null without viewers.

    Raises:
        SchemaError: A column is missing.
        ParameterError: No event type is a view, or one is named twice.

    Examples:
        >>> log = pl.DataFrame(
        ...     {
        ...         "user_id": ["a", "a", "b", "b"],
        ...         "day": [0, 0, 0, 0],
        ...         "content_id": ["p", "p", "p", "p"],
        ...         "event_type": ["content_view", "content_view", "content_view", "like"],
        ...     }
        ... )
        >>> found = content_views(log, as_of=dt.date(1970, 1, 1), interactions=["like"])
        >>> found.select("views", "viewers", "like_users", "like_share").rows()
        [(3, 2, 1, 0.5)]
    """
    require_event_types(view_types, name="view_types")
    if interactions:
        require_event_types([*view_types, *interactions], name="interactions")

    counted = {"views": view_types} | {f"{kind}_events": (kind,) for kind in interactions}
    people = {
        f"{kind}_users": flag((nw.col(f"{kind}_events") > 0) & (nw.col("views") > 0))
        for kind in interactions
    }
    found = finish(
        counts_by_user(events, as_of=as_of, counts=counted)
        .with_columns(viewers=flag(nw.col("views") > 0), **people)
        .group_by("content_id")
        .agg(nw.col(*counted, "viewers", *people).sum())
    ).with_columns(
        views_per_viewer=pl.col("views") / pl.when(pl.col("viewers") > 0).then("viewers")
    )
    for kind in interactions:
        found = with_named_share(
            found, name=kind, numerator=f"{kind}_users", denominator="viewers",
            confidence_level=confidence_level,
        )  # fmt: skip
    parts = ("events", "users", "share", "ci_lower", "ci_upper")
    columns = [f"{kind}_{part}" for kind in interactions for part in parts]
    ordered = found.sort("viewers", "content_id", descending=[True, False])
    return like(
        ordered.select("content_id", "views", "viewers", "views_per_viewer", *columns), events
    )


def click_through(
    events: Any,  # noqa: ANN401 - an EventLog or any supported frame
    *,
    shown: str,
    clicked: str,
    as_of: dt.date,
    unit: ClickUnit = "user",
    confidence_level: float = 0.95,
) -> Any:  # noqa: ANN401 - the caller's own kind of frame
    """How often is each piece of content clicked where it was shown?

    The trap is the unit. Clicks per impression weigh whoever saw it most, and
    the impressions of one person are not independent: a plain interval is far
    too narrow. So the default asks which share of the people who saw it
    clicked; per impression, the interval clusters by user (delta method).

    Args:
        events: An `EventLog`, or a frame with `user_id`, `day`, `event_type`, `content_id`.
        shown: Event type of an impression.
        clicked: Event type of a click. It counts on whichever side of the
            impression it lies; clicks of users who were never shown the item do not.
        as_of: Last complete day; later rows are ignored.
        unit: `user` (people who clicked / people who saw it) or `impression`
            (clicks / impressions; several clicks on one impression all count,
            so it may exceed 1).
        confidence_level: Coverage of the intervals.

    Returns:
        One row a piece of content that was shown, by `content_id`:
        `content_id`, `users` (who saw it), `shown`, `clicked` (people or
        events, by `unit`), `share`, `ci_lower`, `ci_upper`: Wilson's for
        users; for impressions with Student's t and not below 0, null where
        fewer than two users saw it.

    Raises:
        SchemaError: A column is missing.
        ParameterError: `unit` is unknown, `shown` equals `clicked`, or
            `confidence_level` is not between 0 and 1.

    Examples:
        >>> log = pl.DataFrame(
        ...     {
        ...         "user_id": ["a", "a", "a", "b"],
        ...         "day": [0, 0, 0, 0],
        ...         "content_id": ["p", "p", "p", "p"],
        ...         "event_type": ["teaser", "teaser", "click", "teaser"],
        ...     }
        ... )
        >>> asked = {"shown": "teaser", "clicked": "click", "as_of": dt.date(1970, 1, 1)}
        >>> click_through(log, **asked)["share"].to_list()  # 1 of 2 people
        [0.5]
        >>> click_through(log, **asked, unit="impression").select("shown", "clicked").rows()
        [(3, 1)]

    References:
        Deng A., Knoblich U., Lu J. (2018), Applying the Delta Method in Metric
        Analytics, KDD 2018, doi:10.1145/3219819.3219919.
    """
    require_choice(unit, get_args(ClickUnit), name="unit")
    require_between(confidence_level, 0, 1, name="confidence_level")
    if shown == clicked:
        raise ParameterError(f"`shown` and `clicked` are both {shown!r}; they must differ.")

    seen = counts_by_user(
        events, as_of=as_of, counts={"shown": (shown,), "clicked": (clicked,)}
    ).filter(nw.col("shown") > 0)
    if unit == "user":
        people = seen.with_columns(users=nw.lit(1), shown=nw.lit(1), clicked=flag(_any_click()))
        found = finish(people.group_by("content_id").agg(nw.col("users", "shown", "clicked").sum()))
        result = add_share_interval(
            found, numerator="clicked", denominator="shown", confidence_level=confidence_level
        )
    else:
        result = _clicks_per_impression(seen, confidence_level=confidence_level)
    columns = ("content_id", "users", "shown", "clicked", "share", "ci_lower", "ci_upper")
    return like(result.select(columns).sort("content_id"), events)


def _any_click() -> nw.Expr:
    return nw.col("clicked") > 0


def _clicks_per_impression(seen: nw.LazyFrame[Any], *, confidence_level: float) -> pl.DataFrame:
    """Ratio of sums with the delta-method interval, from sums over users alone."""
    found = finish(
        seen.with_columns(
            users=nw.lit(1),
            shown_2=nw.col("shown") * nw.col("shown"),
            clicked_2=nw.col("clicked") * nw.col("clicked"),
            both=nw.col("shown") * nw.col("clicked"),
        )
        .group_by("content_id")
        .agg(nw.col("users", "shown", "clicked", "shown_2", "clicked_2", "both").sum())
    ).with_columns(share=pl.col("clicked") / pl.col("shown"))
    users = pl.col("users")
    # Sum over users of (clicks - share * impressions) squared.
    squares = (
        pl.col("clicked_2")
        - 2 * pl.col("share") * pl.col("both")
        + pl.col("share") ** 2 * pl.col("shown_2")
    )
    variance = squares.clip(lower_bound=0) * users / (users - 1) / pl.col("shown") ** 2
    degrees = np.maximum(found["users"].to_numpy() - 1, 1)
    quantiles = pl.Series(stdtrit(degrees.astype(np.float64), (1 + confidence_level) / 2))
    half = pl.when(users > 1).then(variance.sqrt() * quantiles)
    return found.with_columns(
        ci_lower=(pl.col("share") - half).clip(lower_bound=0), ci_upper=pl.col("share") + half
    )
