"""Logical dates: which day a report is about, from its schedule and the data at hand.

A report is about whole days. Its logical date `as_of` is the day before the
schedule's last firing that the clock has reached and the data cover: a report
whose data are late waits, it is never run on half a day.
"""

import datetime as dt
from itertools import islice
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

from analytics_lib.core.errors import ParameterError
from analytics_lib.core.periods import require_zone

ONE_DAY = dt.timedelta(days=1)
_FIELDS = 5  # minute, hour, day, month, weekday; a sixth would be seconds, which no crontab has


def require_schedule(schedule: str | None, *, zone: str, name: str) -> None:
    """Refuse a cron expression or a zone that does not exist.

    Raises:
        ParameterError: Either is wrong.
    """
    require_zone(zone, name=f"{name}: zone")
    if schedule is None:
        return
    mistake = _cron_mistake(schedule)
    if mistake:
        raise ParameterError(
            f"{name}: `schedule` is {schedule!r}; it must be a cron expression such as "
            f"'0 6 1 * *' (06:00 on the first of each month): {mistake}."
        )


def _cron_mistake(schedule: str) -> str:
    """What is wrong with a cron expression; nothing where it is right."""
    if len(schedule.split()) != _FIELDS:
        return "Wrong number of fields"
    try:
        CronSim(schedule, dt.datetime(2000, 1, 1, tzinfo=dt.UTC))
    except CronSimError as error:
        return str(error)
    return ""


def logical_date(
    schedule: str | None, *, zone: str, now: dt.datetime, last_complete_day: dt.date
) -> dt.date:
    """The latest day the report can be about.

    Args:
        schedule: Cron expression, or `None` to follow the data.
        zone: Time zone of the schedule.
        now: The clock, with a time zone.
        last_complete_day: Last day for which all data are in.

    Returns:
        The day before the last firing up to `now` that the data cover; without
        a schedule, the last complete day.
    """
    if schedule is None:
        return last_complete_day
    local = ZoneInfo(zone)
    covered = dt.datetime.combine(last_complete_day + ONE_DAY, dt.time.max, tzinfo=local)
    start = min(now.astimezone(local), covered)
    fired: dt.datetime = next(CronSim(schedule, start, reverse=True))
    return fired.date() - ONE_DAY


def coming_times(
    schedule: str | None, *, zone: str, now: dt.datetime, number: int
) -> list[dt.datetime]:
    """The next firings of a schedule in its zone; none without a schedule.

    Examples:
        >>> now = dt.datetime(2024, 3, 30, 12, tzinfo=dt.UTC)
        >>> times = coming_times("0 6 * * *", zone="Europe/London", now=now, number=1)
        >>> times[0].isoformat()  # the clocks have changed in the night
        '2024-03-31T06:00:00+01:00'
    """
    if schedule is None:
        return []
    return list(islice(CronSim(schedule, now.astimezone(ZoneInfo(zone))), number))


def missed_dates(
    schedule: str | None, *, zone: str, newest: dt.date, latest: dt.date, limit: int
) -> list[dt.date]:
    """Logical dates that passed without a page between two others, the last `limit` of them.

    Args:
        schedule: Cron expression; without one there is no date to miss.
        zone: Time zone of the schedule.
        newest: The newest date that has a page.
        latest: The date that is due now.
        limit: How many to catch up with at most.

    Examples:
        >>> dates = {"newest": dt.date(2024, 1, 31), "latest": dt.date(2024, 4, 30)}
        >>> [str(day) for day in missed_dates("0 6 1 * *", zone="UTC", limit=1, **dates)]
        ['2024-03-31']
    """
    if schedule is None or limit < 1 or newest >= latest:
        return []
    between = (
        logical_dates_between(schedule, zone=zone, first=newest + ONE_DAY, last=latest - ONE_DAY)
        if newest + ONE_DAY < latest
        else []
    )
    return between[-limit:]


def logical_dates_between(
    schedule: str | None, *, zone: str, first: dt.date, last: dt.date
) -> list[dt.date]:
    """Every logical date from `first` to `last`, both included, for a back-fill.

    Raises:
        ParameterError: There is no schedule to step by, or `last` lies before `first`.
    """
    if schedule is None:
        raise ParameterError("A back-fill needs a `schedule` in the parameters file to step by.")
    if last < first:
        raise ParameterError(f"The back-fill ends on {last}, before it starts on {first}.")
    local = ZoneInfo(zone)
    start = dt.datetime.combine(first + ONE_DAY, dt.time.min, tzinfo=local)
    found: list[dt.date] = []
    for fired in CronSim(schedule, start - dt.timedelta(seconds=1)):
        day = fired.date() - ONE_DAY
        if day > last:
            return found
        if day not in found:
            found.append(day)
    return found  # pragma: no cover - a cron expression never ends
