"""Every metric once more in plain Python, one user at a time: slow, obvious, independent.

Events are `(user, day, group)` tuples; dates come from the standard library.
"""

import datetime as dt

from analytics_lib.core.periods import calendar_period, day_date, day_number


def rows_of(frame, *, group=None):
    """Known rows of a canonical polars frame as tuples."""
    groups = frame[group].to_list() if group else [None] * frame.height
    rows = zip(frame["user_id"].to_list(), frame["day"].to_list(), groups, strict=True)
    return [row for row in rows if row[0] is not None and row[1] is not None]


def known(rows, *, as_of):
    return [row for row in rows if row[1] <= day_number(as_of)]


def periods(rows, *, granularity, as_of):
    if not rows:
        return []
    period = calendar_period(granularity, containing=day_date(min(day for _, day, _ in rows)))
    found = []
    while period.start <= as_of:
        found.append(period)
        period = period.shift(1)
    return found


def users_in(rows, period, group=...):
    return {
        user
        for user, day, its in rows
        if period.contains(day_date(day)) and (group is ... or its == group)
    }


def groups_of(rows):
    return sorted({its for _, _, its in rows}, key=lambda value: (value is not None, value or ""))


def active(rows, *, granularity, as_of, by=False):
    rows = known(rows, as_of=as_of)
    spine = periods(rows, granularity=granularity, as_of=as_of)
    result = []
    for group in groups_of(rows) if by else [...]:
        for period in spine:
            count = len(users_in(rows, period, group)) if period.end <= _after(as_of) else None
            key = (group,) if by else ()
            result.append((*key, period.start, period.end, count))
    return result


def rolling(rows, *, days, as_of):
    rows = known(rows, as_of=as_of)
    if not rows:
        return []
    first = min(day for _, day, _ in rows)
    result = []
    for day in range(first, day_number(as_of) + 1):
        users = {user for user, seen, _ in rows if day - days < seen <= day}
        result.append((day_date(day), len(users) if day - days + 1 >= first else None))
    return result


def lifecycle(rows, *, granularity, as_of):
    """Start, end, active, new, returning, resurrected, dormant of a log with its whole history."""
    rows = known(rows, as_of=as_of)
    result, before, ever = [], set(), set()
    for period in periods(rows, granularity=granularity, as_of=as_of):
        now = users_in(rows, period)
        counts = (
            len(now), len(now - ever), len(now & before), len((now & ever) - before),
            len(before - now),
        )  # fmt: skip
        if period.end > _after(as_of):
            counts = (None,) * 5
        result.append((period.start, period.end, *counts))
        ever |= now
        before = now
    return result


def retention(rows, *, kind, age, as_of, width=1, by=False, population=None):
    """`(group, users, retained)` by group, in order."""
    rows = known(rows, as_of=as_of)
    last = day_number(as_of)
    people = {}
    if population is None:
        for user, day, group in rows:
            key = (user, group if by else None)
            people[key] = min(day, people.get(key, day))
    else:
        people = {(user, None): first for user, first in population if first <= last}
    totals = {} if by else {None: (0, 0)}
    for (user, group), first in people.items():
        begin, end = first + age * width, first + age * width + width - 1
        if end > last:
            totals.setdefault(group, (0, 0))
            continue
        days = {d for u, d, its in rows if u == user and (not by or its == group)}
        hit = any(d >= begin if kind == "on_or_after" else begin <= d <= end for d in days)
        users, retained = totals.get(group, (0, 0))
        totals[group] = (users + 1, retained + hit)
    order = sorted(totals, key=lambda value: (value is not None, value or ""))
    return [(group, *totals[group]) for group in order]


def cohorts(rows, *, granularity, as_of):
    """Cohort start, age, size and retained."""
    rows = known(rows, as_of=as_of)
    spine = periods(rows, granularity=granularity, as_of=as_of)
    result, seen = [], set()
    for position, period in enumerate(spine):
        members = users_in(rows, period) - seen
        seen |= members
        if not members:
            continue
        for age, later in enumerate(spine[position:]):
            complete = later.end <= _after(as_of)
            retained = len(users_in(rows, later) & members) if complete else None
            formed = period.end <= _after(as_of)
            result.append((period.start, age, len(members) if formed else None, retained))
    return result


def recurring(rows, *, granularity, as_of):
    """Cohort start, age, size and retained, where a user is in many cohorts."""
    rows = known(rows, as_of=as_of)
    spine = periods(rows, granularity=granularity, as_of=as_of)
    result = []
    for position, period in enumerate(spine):
        members = users_in(rows, period)
        for age, later in enumerate(spine[position:]):
            if not members:
                continue
            formed, complete = (end <= _after(as_of) for end in (period.end, later.end))
            retained = len(users_in(rows, later) & members) if complete else None
            result.append((period.start, age, len(members) if formed else None, retained))
    return result


def _after(as_of):
    return as_of + dt.timedelta(days=1)
