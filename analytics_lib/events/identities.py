"""From anonymous ids to users: which links hold, and the log under the users they lead to."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import narwhals.stable.v2 as nw
import polars as pl

from analytics_lib.core.errors import SchemaError
from analytics_lib.core.periods import day_number
from analytics_lib.events.boundary import as_table
from analytics_lib.events.engines import in_library_of

MERGED = "__merged"
UNMERGED_ID = "__id"
_VERSION_DIGITS = 16
_LINK = ["anonymous_id", "user_id"]


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityMap:
    """The links that hold on a day, made by `resolve_identities`.

    Attributes:
        links: One row an anonymous id: `anonymous_id`, `user_id`; sorted.
        refused: Links that do not hold, by reason.
        as_of: Last day whose links were used; None for all there are.
        version: Names the links that hold: equal maps have equal versions.
    """

    links: pl.DataFrame
    refused: Mapping[str, int]
    as_of: dt.date | None
    version: str


def resolve_identities(
    identities: Any,  # noqa: ANN401 - any supported frame
    *,
    as_of: dt.date | None = None,
    users: Any = None,  # noqa: ANN401 - any supported frame
) -> IdentityMap:
    """Which anonymous ids belong to which user?

    The trap is a merge that cannot be undone: a shared device, or two accounts
    of one person, make one user of two. So an anonymous id belongs to one user
    or to none, nobody who is identified is merged into somebody else, and
    links are never chained. The rule looks at all links of the version at once,
    so their order does not matter.

    Args:
        identities: One row a link: `anonymous_id`, `user_id`, and `linked_day`
            (day number on which it became known).
        as_of: Links that became known later are not used, so that a past
            report comes out again; None uses all.
        users: Identified users (`user_id`); a link from one of them is refused.

    Returns:
        The links that hold. Refused are links whose anonymous id is an
        identified user (`identified`: somebody's `user_id`, itself included)
        or is linked with several users (`several users`: all of them, its
        events stay anonymous).

    Raises:
        SchemaError: A column is missing or a link is incomplete.

    Examples:
        >>> table = pl.DataFrame(
        ...     {
        ...         "anonymous_id": ["x", "kiosk", "kiosk", "ann"],
        ...         "user_id": ["ann", "ann", "ben", "ben"],
        ...         "linked_day": [1, 1, 5, 5],
        ...     }
        ... )
        >>> found = resolve_identities(table)
        >>> found.links.rows(), found.refused
        ([('x', 'ann')], {'identified': 1, 'several users': 2})
    """
    table = as_table(identities, [*_LINK, "linked_day"], name="identities")
    known: pl.DataFrame = (
        table.select(*_LINK, "linked_day").collect(backend="polars").to_native().fill_nan(None)
    )
    if sum(known.null_count().row(0)):
        raise SchemaError(
            "`identities` has links without an `anonymous_id`, a `user_id` or a `linked_day`; "
            "every link must have all three."
        )
    if as_of is not None:
        known = known.filter(pl.col("linked_day") <= day_number(as_of))
    links = known.select(_LINK).unique().sort(_LINK)
    identified = pl.col("anonymous_id").is_in(_identified(links, users).implode())
    judged = links.with_columns(
        identified=identified, several=pl.len().over("anonymous_id") > 1
    ).with_columns(several=pl.col("several") & ~pl.col("identified"))
    counts = {
        "identified": int(judged["identified"].sum()),
        "several users": int(judged["several"].sum()),
    }
    sound = judged.filter(~pl.col("identified"), ~pl.col("several")).select(_LINK)
    return IdentityMap(
        links=sound,
        refused={reason: n for reason, n in counts.items() if n},
        as_of=as_of,
        version=_digest(sound),
    )


def merge_identities(frame: nw.LazyFrame[Any], links: pl.DataFrame) -> nw.LazyFrame[Any]:
    """The events under the users the links lead to, whenever the events happened.

    Returns:
        The frame with `user_id` replaced; `__id` is the id before, `__merged`
        1 where it is another.

    Raises:
        SchemaError: Ids of events and links are of different types.
    """
    kept = frame.with_columns(nw.col("user_id").alias(UNMERGED_ID))
    if links.is_empty():
        return kept.with_columns(nw.lit(0).alias(MERGED))
    dtype = frame.collect_schema()["user_id"]
    if dtype.is_numeric() != links.schema["user_id"].is_numeric():
        raise SchemaError(
            f"`user_id` of the events is {dtype}, but ids of `identities` are "
            f"{links.schema['user_id']}; they must be of one type."
        )
    lookup = links.select(user_id="anonymous_id", __user="user_id")
    joined = kept.join(
        nw.from_native(in_library_of(lookup, frame)).lazy(), on="user_id", how="left"
    )
    merged = nw.when(nw.col("__user").is_null()).then(nw.lit(0)).otherwise(nw.lit(1))
    return joined.with_columns(
        merged.alias(MERGED), nw.coalesce("__user", "user_id").alias("user_id")
    ).drop("__user")


def _identified(links: pl.DataFrame, users: Any) -> pl.Series:  # noqa: ANN401
    if users is None:
        return links["user_id"]
    table = as_table(users, ["user_id"], name="users").select("user_id")
    declared: pl.DataFrame = table.collect(backend="polars").to_native()
    return pl.concat([links["user_id"], declared["user_id"].cast(links.schema["user_id"])])


def _digest(links: pl.DataFrame) -> str:
    text = "\n".join(f"{anonymous}\t{user}" for anonymous, user in links.iter_rows())
    return sha256(text.encode()).hexdigest()[:_VERSION_DIGITS]
