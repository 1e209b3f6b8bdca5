"""Small tables of every kind with ties, nulls and rows after `AS_OF`, the same every time."""

import datetime as dt
import random

import polars as pl

from analytics_lib.core.periods import day_number
from analytics_lib.synthetic.adversarial import adversarial_logs

AS_OF = dt.date(2024, 3, 31)
LAST = day_number(AS_OF)
HOUR_US = 3_600_000_000
DAY_US = 24 * HOUR_US
DAYS = ("start_day", "end_day", "opens_day", "closes_day", "enrolled_day", "unenrolled_day",
        "due_day", "submitted_day", "lesson_day", "created_day", "joined_day", "left_day", "day",
        "first_day")  # fmt: skip


def frame(names, rows):
    made = pl.DataFrame(rows, schema=names, orient="row", infer_schema_length=None)
    days = [name for name in made.columns if name in DAYS]
    return made.with_columns(pl.col(days).cast(pl.Int32))


def mixed_log():
    """The oddest logs in one, and users with times, ties, nulls and sessions."""
    draw = random.Random(3)
    rows = []
    for user in [*"abcdefgh", None]:
        at = (LAST - draw.choice([9, 40, 70])) * DAY_US + draw.randrange(DAY_US)
        for _ in range(25):
            at += draw.choice([0, 60_000_000, HOUR_US, DAY_US, 3 * DAY_US])
            rows.append((f"m{len(rows)}", user, draw.choice("aabbcx"),
                         draw.choice(["web", "ios", None]), at, draw.choice([0, 1])))  # fmt: skip
    names = ["event_id", "user_id", "event_type", "platform", "t_us", "session"]
    timed = pl.DataFrame(rows, schema=names, orient="row").with_columns(
        day=(pl.col("t_us") // DAY_US).cast(pl.Int32), quantity=pl.lit(1, pl.Int64)
    )
    odd = [adversarial_logs()[name] for name in ("nulls", "switching", "after_as_of")]
    named = [
        log.with_columns(pl.col("event_id") + f"-{at}", pl.col("user_id") + f"-{at}")
        for at, log in enumerate(odd)
    ]
    return pl.concat([timed, *named], how="diagonal_relaxed").with_columns(
        content_id="p" + (pl.col("t_us") % 5).cast(pl.String),
        campaign_source=pl.when(pl.col("t_us") % 3 > 0).then("c" + (pl.col("t_us") % 2).cast(str)),
    )


def visit_log():
    """Visits of content: with searches, positions, purchases and nulls everywhere."""
    draw = random.Random(11)
    kinds = ("content_view", "content_view", "like", "search_result", "search_click", "sale", None)
    rows = []
    for number in range(250):
        at = (LAST - draw.choice([0, 1, 5, 6, 7, 20, 34, 35, 60, -1])) * DAY_US
        at += draw.choice([0, 1, 30, 59, 1_800, 1_801, 86_399]) * 1_000_000
        user, kind = draw.choice(["a", "b", "c", "d", None]), draw.choice(kinds)
        rows.append((
            f"{number:04d}", user, draw.choice(["s", f"{user}{at // DAY_US}", None]), kind,
            draw.choice(["p", "q", "r", None]), at, at // DAY_US, draw.choice([1, 1, 2]),
            draw.choice(["mail", "web", None]), draw.choice([1, 2, 7, None]),
            draw.choice([0.1, 2.7, 0.0]) if kind == "sale" else None,
        ))  # fmt: skip
    names = ["event_id", "user_id", "session_id", "event_type", "content_id", "t_us", "day",
             "quantity", "campaign_source", "position", "value"]  # fmt: skip
    return frame(names, rows)


def learning():
    draw = random.Random(5)
    users = [f"u{number}" for number in range(9)]
    runs = [("A", "1", LAST - 200, LAST - 140), ("A", "2", LAST - 100, LAST - 40),
            ("B", "1", LAST - 190, LAST - 130)]  # fmt: skip
    kinds = ("tutor_marked", "computer_marked", "exam")
    enrolments = [
        (course, run, user, draw.choice([None, start - 20, start + 5]),
         draw.choice([None, None, start - 3, start + 3, start + 14]),
         draw.choice(["pass", "distinction", "fail", "withdrawn", None]))
        for course, run, start, _ in runs
        for user in draw.sample(users, 7)
    ]  # fmt: skip
    content = [
        (f"{course}{run}{number}", course, run, draw.choice(["quiz", "forum", "page"]),
         draw.choice([None, start, start + 10]), draw.choice([None, start + 9, start + 30]))
        for course, run, start, _ in runs
        for number in range(5)
    ] + [("free", None, None, "page", None, None)]  # fmt: skip
    studied = [
        (draw.choice([*users, None]), LAST - draw.randrange(-5, 210), draw.choice(content)[0],
         draw.randrange(1, 5))
        for _ in range(200)
    ]  # fmt: skip
    assessments = [
        (f"{course}{run}t{number}", course, run, kinds[number % 3],
         draw.choice([None, start + 10, start + 40]), draw.choice([0.0, 10.0, 12.5, 33.3]))
        for course, run, start, _ in runs
        for number in range(4)
    ]  # fmt: skip
    submissions = [
        (piece[0], user, LAST - draw.randrange(-5, 200), draw.random() < 0.2,
         draw.choice([None, 0.0, 39.1, 40.0, 55.0, 77.7, 85.0, 100.0]))
        for piece in assessments
        for user in draw.sample(users, 6)
    ]  # fmt: skip
    run = ["course_id", "presentation"]
    return {
        "courses": frame([*run, "start_day", "end_day"], runs),
        "enrolments": frame([*run, "user_id", "enrolled_day", "unenrolled_day", "outcome"],
                            enrolments),
        "content": frame(["content_id", *run, "kind", "opens_day", "closes_day"], content),
        "studied": frame(["user_id", "day", "content_id", "quantity"], studied),
        "assessments": frame(["assessment_id", *run, "kind", "due_day", "weight"], assessments),
        "submissions": frame(["assessment_id", "user_id", "submitted_day", "is_banked", "score"],
                             submissions),
    }  # fmt: skip


def lessons():
    draw = random.Random(6)
    status = ["attended", "attended", "attended", "missed", "cancelled", None]
    bookings = [
        (str(number), draw.choice("abcde"), draw.choice("tuv"), LAST - draw.randrange(-9, 90),
         draw.choice(status))
        for number in range(80)
    ]  # fmt: skip
    reviews = [
        (str(draw.randrange(80)), draw.choice([1, 3, 4, 5, None]), LAST - draw.randrange(-9, 60))
        for _ in range(40)
    ]
    slots = [(tutor, LAST - day, 60) for tutor in "tuv" for day in range(-2, 91)]
    return {
        "bookings": frame(["booking_id", "user_id", "tutor_id", "lesson_day", "status"], bookings),
        "reviews": frame(["booking_id", "rating", "day"], reviews),
        "slots": frame(["tutor_id", "day", "slots"], slots),
    }


def money():
    """Amounts in tenths, which no float holds exactly: sums must not depend on the order."""
    draw = random.Random(7)
    kinds = ("purchase", "subscription", "subscription", "refund", "purchase", "subscription")
    payments = [
        (draw.choice([*"abcdefghi", None]), LAST - draw.randrange(-4, 300), n * 7 % 13 / 10, "EUR",
         kinds[n % 6], "basic" if n % 3 else None, (None, 1, 2, 4)[n % 4])
        for n in range(200)
    ]  # fmt: skip
    costs = [(LAST - n * 3, f"c{n % 2}", n * 5 % 11 / 10, "EUR") for n in range(-1, 99)]
    names = ["user_id", "day", "amount", "currency", "kind", "plan", "months"]
    paid = frame(names, payments).with_row_index("row")
    hour = pl.col("day").cast(pl.Int64) * 24 + pl.col("row").cast(pl.Int64) % 24
    timed = paid.with_columns(
        payment_id="p" + pl.col("row").cast(pl.String), t_us=hour * 3_600_000_000
    ).drop("row")
    return {
        "payments": timed,
        "costs": frame(["day", "channel", "amount", "currency"], costs),
    }


def community():
    draw = random.Random(8)
    people = [*"abcdef", None]

    def day():
        return LAST - draw.randrange(-5, 60)

    def stay():
        joined = day()
        return joined, draw.choice([None, joined, joined + 1, joined + draw.randrange(40)])

    memberships = [(f"g{draw.randrange(4)}", draw.choice("abcdef"), *stay()) for _ in range(25)]
    interactions = [
        (str(n), day(), draw.choice(people), draw.choice(people),
         draw.choice(["rating", "rating", "message"]), draw.choice([None, 1.1, 3.3, 4.0, 5.0]))
        for n in range(90)
    ]  # fmt: skip
    partnerships = [(str(n), draw.choice(["school", "shop"]), *stay()) for n in range(12)]
    return {
        "groups": frame(
            ["group_id", "created_day", "kind"], [(f"g{n}", day(), "food") for n in range(5)]
        ),
        "memberships": frame(["group_id", "user_id", "joined_day", "left_day"], memberships),
        "interactions": frame(
            ["interaction_id", "day", "from_user", "to_user", "kind", "value"], interactions
        ),
        "partnerships": frame(["partnership_id", "kind", "start_day", "end_day"], partnerships),
        "chatted": frame(["user_id", "day"], [(draw.choice(people), day()) for _ in range(80)]),
    }


def measurements():
    draw = random.Random(9)
    rows = []
    for _ in range(200):
        day = LAST - draw.randrange(-2, 40)
        at = day * DAY_US + draw.randrange(5) * 60_000_000 + draw.randrange(60_000_000)
        rows.append((
            draw.choice(["api", "search", "mail", None]), at, day,
            draw.choice([1, 2, 8, 300, None]),
            draw.choice(["ok", "ok", "ok", "error", "timeout", None]),
            draw.choice([None, 0.1, 0.5, 0.85, 1.0]), draw.randrange(1, 4),
        ))  # fmt: skip
    names = ["service", "t_us", "day", "duration_us", "status", "saturation", "quantity"]
    return frame(names, rows)


def numbers():
    """A series with gaps, observations in groups, and users before and after."""
    draw = random.Random(10)
    weeks = list(range(60))
    draw.shuffle(weeks)
    series = [
        (dt.date(2023, 12, 4) + dt.timedelta(days=n),
         None if n in {0, 7, 30} else 0.2 * n + 5 * (n % 7 == 6) + 8 * (n > 30) + draw.random())
        for n in weeks
    ]  # fmt: skip
    observed = [
        (f"u{n:02d}", draw.choice(["x", "y", "z", None]), draw.choice(["web", "ios", None]),
         draw.randrange(6), None if n % 4 == 1 else draw.random(), draw.random())
        for n in range(40)
    ]  # fmt: skip
    later = [(f"u{n:02d}", draw.choice(["x", "y", None])) for n in range(20, 55)]
    return {
        "series": frame(["interval_start", "value"], series),
        "quiet": frame(
            ["interval_start", "value"], [row for row in series if row[1] is not None]
        ).filter(pl.col("interval_start") > dt.date(2024, 1, 3)),
        "observed": frame(["user_id", "segment", "platform", "x", "y", "z"], observed),
        "later": frame(["user_id", "segment"], later),
    }


POPULATION = frame(
    ["user_id", "first_day"], [(user, LAST - 200 + 9 * n) for n, user in enumerate("abcdex")]
)
TABLES = {
    "log": mixed_log(),
    "visits": visit_log(),
    "content_costs": frame(["content_id", "cost"], [("p", 10.1), ("q", 0.0), ("new", 3.0)]),
    "measurements": measurements(),
    "population": POPULATION,
    **learning(),
    **lessons(),
    **money(),
    **community(),
    **numbers(),
}
