"""Rolling hours, streaks, survival and concurrency on every engine, against plain loops."""

import datetime as dt
import random

import polars as pl
import pytest
from statsmodels.duration.survfunc import SurvfuncRight

from analytics_lib.core.errors import ParameterError
from analytics_lib.core.periods import day_number
from analytics_lib.metrics.concurrency import concurrent_users
from analytics_lib.metrics.retention_hours import rolling_retention, streak_retention
from analytics_lib.metrics.survival import user_survival
from analytics_lib.statistics import kaplan_meier
from analytics_lib.synthetic.adversarial import adversarial_logs

HOUR = 3_600_000_000
DAY = 24 * HOUR
AS_OF = dt.date(2024, 3, 31)
LAST = day_number(AS_OF)
AGES = [0, 1, 2, 7]


def timed_log():
    draw = random.Random(11)
    rows = []
    for user in range(25):
        at = (LAST - draw.randrange(60)) * DAY + draw.randrange(DAY)
        for _ in range(12):
            rows.append((f"u{user}" if user else None, at))
            at += draw.choice([0, 5 * HOUR, DAY - 1, DAY, DAY + 1, 2 * DAY, 9 * DAY])
    frame = pl.DataFrame(rows, schema=["user_id", "t_us"], orient="row")
    return frame.with_columns(day=(pl.col("t_us") // DAY).cast(pl.Int32))


LOGS = {"timed": timed_log(), **{k: v for k, v in adversarial_logs().items() if v["t_us"].count()}}


@pytest.fixture(params=LOGS)
def log(request):
    return LOGS[request.param]


def by_user(log, *columns):
    found = {}
    for user, day, *rest in log.select("user_id", "day", *columns).rows():
        if user is not None and day is not None and day <= LAST and None not in rest:
            found.setdefault(user, []).append((day, *rest))
    return found


@pytest.mark.parametrize("whole_hours", [False, True])
def test_rolling_retention(engine, log, whole_hours, plain):
    found = rolling_retention(engine.make(log), ages=AGES, as_of=AS_OF, whole_hours=whole_hours)
    assert isinstance(found, engine.library)
    expected = []
    for age in AGES:
        users = retained = 0
        for rows in by_user(log, "t_us").values():
            began, first_day = min(at for _, at in rows), min(day for day, _ in rows)
            began -= began % HOUR if whole_hours else 0
            if first_day + age + 1 <= LAST:
                users += 1
                retained += any(age * DAY <= at - began < (age + 1) * DAY for _, at in rows)
        expected.append((age, users, retained))
    assert plain(found, "age", "users", "retained") == expected


@pytest.mark.parametrize("width", [1, 7])
def test_streak_retention(engine, log, width, plain):
    found = streak_retention(engine.make(log), ages=AGES, width=width, as_of=AS_OF)
    assert isinstance(found, engine.library)
    expected = []
    for age in AGES:
        users = retained = 0
        for rows in by_user(log).values():
            first = min(day for (day,) in rows)
            if first + age * width + width - 1 <= LAST:
                users += 1
                seen = {(day - first) // width for (day,) in rows}
                retained += set(range(age + 1)) <= seen
        expected.append((age, users, retained))
    assert plain(found, "age", "users", "retained") == expected


@pytest.mark.parametrize("silence", [1, 10, 30])
def test_survival_equals_statsmodels(engine, log, silence, plain):
    found = user_survival(engine.make(log), as_of=AS_OF, silence_days=silence)
    assert isinstance(found, engine.library)
    lives = [(max(r)[0] - min(r)[0], max(r)[0] + silence <= LAST) for r in by_user(log).values()]
    rows = plain(found, "age", "at_risk", "gone", "survival")
    if not any(gone for _, gone in lives):
        assert rows == []
        return
    # origin: statsmodels, SurvfuncRight
    peer = SurvfuncRight([age for age, _ in lives], [int(gone) for _, gone in lives])
    assert [row[0] for row in rows] == list(peer.surv_times)
    assert [row[1] for row in rows] == list(peer.n_risk)
    assert [row[2] for row in rows] == list(peer.n_events)
    assert [row[3] for row in rows] == pytest.approx(list(peer.surv_prob), rel=1e-12)


def test_kaplan_meier_gives_the_textbook():
    # origin: Freireich et al. 1963, 6-MP group, as in Collett 2015 and Kleinbaum and Klein 2012,
    # table 2.1: S(6) 0.857, S(7) 0.807, S(10) 0.753, S(13) 0.690, S(16) 0.627, S(22) 0.538,
    # S(23) 0.448
    weeks = [6, 6, 6, 7, 10, 13, 16, 22, 23, 6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]
    frame = pl.DataFrame({"weeks": weeks, "relapsed": [1] * 9 + [0] * 12})
    found = kaplan_meier(frame, duration="weeks", observed="relapsed")
    assert found["time"].to_list() == [6, 7, 10, 13, 16, 22, 23]
    assert [round(value, 3) for value in found["survival"]] == [
        0.857, 0.807, 0.753, 0.690, 0.627, 0.538, 0.448,
    ]  # fmt: skip
    assert found["at_risk"].to_list() == [21, 17, 15, 12, 11, 7, 6]
    assert all(found["ci_lower"] < found["survival"])
    assert all(found["ci_upper"] > found["survival"])


def test_concurrent_users_equal_a_sweep(engine, plain):
    log = LOGS["timed"]
    found = concurrent_users(engine.make(log), granularity="month", as_of=AS_OF)
    assert isinstance(found, engine.library)
    spans = []
    for rows in by_user(log, "t_us").values():
        times = sorted(at for _, at in rows)
        start = times[0]
        for before, after in zip(times, [*times[1:], None], strict=True):
            if after is None or after - before > HOUR // 2:
                spans.append((start, before))
                start = after
    peaks = {}
    for start, _ in spans:
        month = dt.datetime.fromtimestamp(start / 1e6, tz=dt.UTC).date().replace(day=1)
        there = sum(a <= start <= b for a, b in spans)
        peaks[month] = max(peaks.get(month, 0), there)
    assert {
        start: peak for start, peak in plain(found, "interval_start", "peak_users") if peak
    } == peaks


def test_a_log_of_days_knows_no_hours():
    log = pl.DataFrame({"user_id": ["a"], "day": [0]})
    with pytest.raises(ParameterError, match="time of day"):
        rolling_retention(log, ages=[1], as_of=AS_OF)
    with pytest.raises(ParameterError, match="time of day"):
        concurrent_users(log, granularity="day", as_of=AS_OF)


# origin: by hand; the n-th 24 hours include their beginning and not their end
@pytest.mark.parametrize(("pause", "age"), [(DAY - 1, 0), (DAY, 1), (DAY + 1, 1)])
def test_the_edge_of_24_hours_in_threes(pause, age):
    log = pl.DataFrame({"user_id": ["a", "a"], "t_us": [0, pause], "day": [0, 1]})
    found = rolling_retention(log, ages=[1], as_of=dt.date(1970, 1, 9))
    assert found["retained"].item() == age


@pytest.mark.parametrize(
    ("ask", "said"),
    [
        (lambda: rolling_retention(LOGS["timed"], ages=[-1], as_of=AS_OF), "`ages` is -1"),
        (lambda: streak_retention(LOGS["timed"], ages=[-1], as_of=AS_OF), "`ages` is -1"),
        (lambda: streak_retention(LOGS["timed"], ages=[1], width=0, as_of=AS_OF), "`width` is 0"),
        (lambda: user_survival(LOGS["timed"], as_of=AS_OF, silence_days=0), "`silence_days` is 0"),
    ],
)
def test_a_wrong_question_is_named(ask, said):
    with pytest.raises(ParameterError, match=said):
        ask()
