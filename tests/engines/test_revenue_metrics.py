"""Every metric of money on every engine, against plain Python that adds up exact fractions.

Amounts are quarters of a unit and terms 1, 2 or 4 months, so that every sum is exact.
"""

import datetime as dt
import random
from collections import defaultdict
from fractions import Fraction

import duckdb
import polars as pl
import pytest

from analytics_lib.core.periods import calendar_period, day_date, day_number
from analytics_lib.metrics.acquisition import acquisition_cost, payback_months, value_to_cost
from analytics_lib.metrics.cohort_revenue import cohort_revenue, value_of_customers
from analytics_lib.metrics.recurring_revenue import recurring_revenue_movements, revenue_retention
from analytics_lib.metrics.revenue import refund_share, revenue
from analytics_lib.metrics.revenue_per_user import revenue_per_user
from analytics_lib.models import purchase_history
from analytics_lib.synthetic.adversarial import AS_OF, adversarial_logs

KINDS = ("purchase", "subscription", "subscription", "refund", "purchase", "subscription")
TERMS = (None, 1, 2, 4)
MARGIN = 0.5
LAST = day_number(AS_OF)


def scattered():
    """Sixteen months of a dozen users, with times, in no order."""
    dice = random.Random(5)
    rows = [(f"u{dice.randrange(12)}", LAST - dice.randrange(480)) for _ in range(400)]
    return pl.DataFrame(rows, schema={"user_id": pl.String, "day": pl.Int32}, orient="row")


LOGS = {**adversarial_logs(), "scattered": scattered()}


def payments_of(log):
    """A payment an event; amounts, kinds and terms go round, so each case meets each other."""
    rows = [
        (user, day, n * 7 % 13 / 4, "EUR", KINDS[n % 6], "basic" if n % 3 else None, TERMS[n % 4])
        for n, (user, day) in enumerate(log.select("user_id", "day").rows())
    ]
    schema = {
        "user_id": pl.String, "day": pl.Int32, "amount": pl.Float64, "currency": pl.String,
        "kind": pl.String, "plan": pl.String, "months": pl.Int64,
    }  # fmt: skip
    return pl.DataFrame(rows, schema=schema, orient="row")


def costs_of(log):
    rows = [
        (day, f"c{n % 2}", n * 5 % 11 / 4, "EUR")
        for n, day in enumerate(log.filter(pl.col("day").is_not_null())["day"].to_list())
        if n % 3 == 0
    ]
    schema = {"day": pl.Int32, "channel": pl.String, "amount": pl.Float64, "currency": pl.String}
    return pl.DataFrame(rows, schema=schema, orient="row")


@pytest.fixture(params=LOGS)
def log(request):
    return LOGS[request.param]


def known(log):
    """Payments up to the last day: `(user, day, amount, kind, plan, months)`."""
    rows = payments_of(log).drop("currency").rows()
    return [
        (user, day, Fraction(amount), kind, plan, months or 1)
        for user, day, amount, kind, plan, months in rows
        if day is not None and day <= LAST
    ]


def month_of(day):
    date = day_date(day)
    return date.year * 12 + date.month - 1


def first_of(month):
    return dt.date(month // 12, month % 12 + 1, 1)


def spine(days, granularity):
    """Every period from the first day to the last, and whether it is over."""
    period = calendar_period(granularity, containing=day_date(min(days)))
    while period.start <= AS_OF:
        yield period, period.end <= AS_OF + dt.timedelta(days=1)
        period = period.shift(1)


def inside(rows, period):
    return [row for row in rows if period.contains(day_date(row[1]))]


def gross_and_refunds(rows):
    back = sum((row[2] for row in rows if row[3] == "refund"), Fraction())
    return sum((row[2] for row in rows if row[3] != "refund"), Fraction()), back


def number(value):
    return None if value is None else float(value)


def over(numerator, denominator):
    return float(Fraction(numerator) / Fraction(denominator)) if denominator else None


def none_or_near(found, wanted):
    """The wanted number if the found one is as good as equal, so that rows compare as rows."""
    near = isinstance(wanted, float) and found == pytest.approx(wanted, rel=1e-12)
    return wanted if near else found


def same(found, expected):
    assert len(found) == len(expected)
    for row, wanted in zip(found, expected, strict=True):
        assert [none_or_near(*pair) for pair in zip(row, wanted, strict=True)] == list(wanted)


@pytest.mark.parametrize("granularity", ["day", "week", "quarter"])
def test_revenue(engine, log, granularity, plain):
    found = revenue(engine.make(payments_of(log)), granularity=granularity, as_of=AS_OF)
    assert isinstance(found, engine.library)
    rows = known(log)
    expected = []
    for period, complete in spine([row[1] for row in rows], granularity) if rows else []:
        gross, back = gross_and_refunds(inside(rows, period))
        count = sum(row[3] != "refund" for row in inside(rows, period))
        values = (count, float(gross), float(back), float(gross - back))
        values = values if complete else (None,) * 4
        expected.append((period.start, period.end, "EUR", *values))
    assert plain(found) == expected


def test_revenue_by_plan(engine, log, plain):
    found = revenue(engine.make(payments_of(log)), granularity="month", as_of=AS_OF, by=["plan"])
    rows = known(log)
    expected = []
    for plan in (None, "basic") if rows else ():
        if not any(row[4] == plan for row in rows):
            continue
        for period, complete in spine([row[1] for row in rows], "month"):
            mine = [row for row in inside(rows, period) if row[4] == plan]
            gross, back = gross_and_refunds(mine)
            expected.append((plan, period.start, float(gross - back) if complete else None))
    assert plain(found, "plan", "interval_start", "net") == expected


def test_refund_share(engine, log, plain):
    found = refund_share(engine.make(payments_of(log)), granularity="month", as_of=AS_OF)
    rows = known(log)
    expected = []
    for period, complete in spine([row[1] for row in rows], "month") if rows else []:
        gross, back = gross_and_refunds(inside(rows, period))
        values = (float(back), float(gross), over(back, gross)) if complete else (None,) * 3
        expected.append((period.start, *values))
    same(plain(found, "interval_start", "refunds", "gross", "share"), expected)


@pytest.mark.parametrize("granularity", ["day", "month"])
def test_revenue_per_user(engine, log, granularity, plain):
    # The events are every other payment, so that some who pay are not active and some days empty.
    events = log.filter(pl.int_range(pl.len()) % 2 == 0).select("user_id", "day")
    found = revenue_per_user(
        engine.make(events), engine.make(payments_of(log)), granularity=granularity, as_of=AS_OF
    )
    assert isinstance(found, engine.library)
    seen = [row for row in events.rows() if None not in row and row[1] <= LAST]
    rows = known(log)
    days = [row[1] for row in rows] + [day for _, day in seen]
    expected = []
    for period, complete in spine(days, granularity) if days else []:
        gross, back = gross_and_refunds(inside(rows, period))
        here = {(user, day) for user, day in seen if period.contains(day_date(day))}
        active = len({user for user, _ in here})
        paying = len({r[0] for r in inside(rows, period) if r[0] and r[3] != "refund" and r[2] > 0})
        daily = Fraction(len(here), period.days)
        net = gross - back
        values = (
            net, active, paying, daily, over(net, active), over(net, paying), over(net, daily)
        )  # fmt: skip
        values = values if complete else (None,) * 7
        expected.append((period.start, *map(number, values)))
    columns = ["net", "active_users", "paying_users", "daily_active_users"]
    same(plain(found, "interval_start", *columns, "arpu", "arppu", "arpdau"), expected)


def monthly(rows):
    """What each user pays for each month."""
    found = defaultdict(Fraction)
    for user, day, amount, kind, _, months in rows:
        if kind == "subscription" and user is not None:
            for ahead in range(months):
                found[user, month_of(day) + ahead] += amount / months
    return {key: amount for key, amount in found.items() if amount > 0}


def months_of(paid):
    first, last = min(month for _, month in paid), month_of(LAST)
    for month in range(first, last + 1):
        complete = first_of(month + 1) <= AS_OF + dt.timedelta(days=1)
        yield month, complete, complete and month > first


@pytest.mark.parametrize("history_complete", [True, False])
def test_recurring_revenue_movements(engine, log, history_complete, plain):
    found = recurring_revenue_movements(
        engine.make(payments_of(log)), as_of=AS_OF, history_complete=history_complete
    )
    assert isinstance(found, engine.library)
    paid = monthly(known(log))
    users = sorted({user for user, _ in paid})
    expected, ever = [], set()
    for month, complete, later in months_of(paid) if paid else []:
        move = defaultdict(Fraction)
        for user in users:
            before, now = paid.get((user, month - 1), 0), paid.get((user, month), 0)
            move["start"] += before
            move["end"] += now
            if now and not before:
                move["reactivated" if user in ever else "new"] += now
            elif before and not now:
                move["churned"] += before
            else:
                move["expansion"] += max(now - before, 0)
                move["contraction"] += max(before - now, 0)
        ever |= {user for user in users if (user, month) in paid}
        subscribers = sum((user, month) in paid for user in users)
        values = [
            move[name]
            for name in ("start", "new", "reactivated", "expansion", "contraction", "churned")
        ]
        if not history_complete:
            values = [v if later and n not in (1, 2) else None for n, v in enumerate(values)]
        values = [*values, move["end"], subscribers] if complete else [None] * 8
        expected.append((first_of(month), *map(number, values)))
    columns = ["start", "new", "reactivated", "expansion", "contraction", "churned", "end"]
    assert plain(found, "interval_start", *columns, "subscribers") == expected


@pytest.mark.parametrize("months", [1, 12])
def test_revenue_retention(engine, log, months, plain):
    found = revenue_retention(engine.make(payments_of(log)), as_of=AS_OF, months=months)
    assert isinstance(found, engine.library)
    paid = monthly(known(log))
    expected = []
    for month, complete, _ in months_of(paid) if paid else []:
        then = {user: amount for (user, m), amount in paid.items() if m == month - months}
        start = sum(then.values(), Fraction())
        now = sum((paid.get((user, month), 0) for user in then), Fraction())
        least = sum(
            (min(paid.get((u, month), 0), amount) for u, amount in then.items()), Fraction()
        )
        values = (start, over(now, start), over(least, start)) if complete else (None,) * 3
        expected.append((first_of(month), *map(number, values)))
    same(plain(found, "interval_start", "start", "nrr", "grr"), expected)


def first_days(rows):
    found = {}
    for user, day, amount, kind, *_ in rows:
        if user is not None and kind != "refund" and amount > 0:
            found[user] = min(day, found.get(user, day))
    return found


def values_by_cohort(rows, firsts, granularity):
    """Cohort start, age, members, revenue and cumulative revenue."""
    expected = []
    if not firsts:
        return expected
    periods = list(spine(firsts.values(), granularity))
    for place, (cohort, formed) in enumerate(periods):
        members = {u for u, day in firsts.items() if cohort.contains(day_date(day))}
        total = Fraction()
        for age, (period, complete) in enumerate(periods[place:] if members else []):
            mine = [row for row in inside(rows, period) if row[0] in members]
            gross, back = gross_and_refunds(mine)
            total += gross - back
            values = (gross - back, total) if complete else (None, None)
            size = len(members) if formed else None
            expected.append((cohort.start, age, size, *map(number, values)))
    return expected


@pytest.mark.parametrize("granularity", ["week", "month"])
def test_cohort_revenue(engine, log, granularity, plain):
    found = cohort_revenue(engine.make(payments_of(log)), granularity=granularity, as_of=AS_OF)
    assert isinstance(found, engine.library)
    rows = known(log)
    expected = values_by_cohort(rows, first_days(rows), granularity)
    columns = ("cohort_start", "age", "members", "revenue", "cumulative_revenue")
    assert plain(found, *columns) == expected
    shares = [(over(r[3], r[2]) if r[3] is not None else None,
               over(r[4], r[2]) if r[4] is not None else None) for r in expected]  # fmt: skip
    same(plain(found, "revenue_per_member", "value_per_member"), shares)


def test_cohort_revenue_of_a_population(engine, plain):
    log = LOGS["steady"]
    first = LAST - 60
    people = {"a": first, "b": first + 31, "silent": first, "later": LAST + 1}
    population = pl.DataFrame(
        list(people.items()), schema={"user_id": pl.String, "first_day": pl.Int32}, orient="row"
    )
    found = cohort_revenue(
        engine.make(payments_of(log)), granularity="month", as_of=AS_OF, population=population
    )
    firsts = {user: day for user, day in people.items() if day <= LAST}
    rows = known(log)
    expected = values_by_cohort(rows, firsts, "month")
    columns = ("cohort_start", "age", "members", "revenue", "cumulative_revenue")
    assert plain(found, *columns) == expected
    assert expected[0][2] == 2  # origin: by hand, a and silent


@pytest.mark.parametrize("days", [1, 30])
def test_value_of_customers(engine, log, days):
    asked = {"days": days, "gross_margin": MARGIN, "as_of": AS_OF}
    found = value_of_customers(engine.make(payments_of(log)), **asked)
    rows = known(log)
    values = []
    for user, first in first_days(rows).items():
        if first + days - 1 <= LAST:
            mine = [row for row in rows if row[0] == user and first <= row[1] < first + days]
            gross, back = gross_and_refunds(mine)
            values.append(float(gross - back) * MARGIN)
    assert found.n == len(values)
    mean = sum(values) / len(values) if values else float("nan")
    assert found.value == pytest.approx(mean, rel=1e-12, nan_ok=True)
    assert str(found) == str(value_of_customers(payments_of(log), **asked))  # to the last bit


def money_tables(engine, log):
    tables = {"payments": payments_of(log), "costs": costs_of(log)}
    if engine.name != "DuckDB":
        return [engine.make(table) for table in tables.values()]
    connection = duckdb.connect()
    return [connection.from_arrow(table.to_arrow()) for table in tables.values()]


def spend_in(log, period):
    return sum(
        (Fraction(amount) for day, _, amount, _ in costs_of(log).rows()
         if day <= LAST and period.contains(day_date(day))), Fraction()
    )  # fmt: skip


@pytest.mark.parametrize("granularity", ["week", "month"])
def test_acquisition_cost(engine, log, granularity, plain):
    found = acquisition_cost(*money_tables(engine, log), granularity=granularity, as_of=AS_OF)
    assert isinstance(found, engine.library)
    firsts = first_days(known(log))
    days = [*firsts.values(), *(d for d in costs_of(log)["day"] if d <= LAST)]
    expected = []
    for period, complete in spine(days, granularity) if days else []:
        new = sum(period.contains(day_date(day)) for day in firsts.values())
        spend = spend_in(log, period)
        values = (spend, new, over(spend, new)) if complete else (None,) * 3
        expected.append((period.start, *map(number, values)))
    same(plain(found, "interval_start", "spend", "new_customers", "cac"), expected)


@pytest.mark.parametrize("lag", [0, 1])
def test_value_to_cost_and_payback(engine, log, lag, plain):
    tables = money_tables(engine, log)
    asked = {"gross_margin": MARGIN, "as_of": AS_OF, "lag": lag}
    ratios = value_to_cost(*tables, age=1, **asked)
    months = payback_months(*tables, **asked)
    assert isinstance(ratios, engine.library)
    assert isinstance(months, engine.library)
    rows = known(log)
    by_cohort = defaultdict(list)
    for start, _, members, _, total in values_by_cohort(rows, first_days(rows), "month"):
        by_cohort[start].append((members, total))
    wanted_ratios, wanted_months = [], []
    for start, ages in by_cohort.items():
        size = ages[0][0]
        paid_for = calendar_period("month", containing=start).shift(-lag)
        cac = over(spend_in(log, paid_for), size) if size else None
        values = [total / size * MARGIN for _, total in ages if size and total is not None]
        value = values[1] if len(values) > 1 else None
        wanted_ratios.append(
            (start, size, cac, value, value / cac if cac and value is not None else None)
        )
        reached = [age + 1 for age, v in enumerate(values) if cac and v >= cac * (1 - 1e-12)]
        wanted_months.append((start, len(values), min(reached, default=None)))
    same(plain(ratios, "cohort_start", "customers", "cac", "value", "ltv_to_cac"), wanted_ratios)
    assert plain(months, "cohort_start", "months_observed", "payback_months") == wanted_months


def test_purchase_history(engine, log):
    found = purchase_history(engine.make(payments_of(log)), as_of=AS_OF)
    days = defaultdict(lambda: defaultdict(Fraction))
    for user, day, amount, kind, *_ in known(log):
        if user is not None and kind == "purchase":
            days[user][day] += amount
    expected = []
    for user, spent in sorted(days.items()):
        first, last = min(spent), max(spent)
        later = [amount for day, amount in spent.items() if day > first]
        mean = sum(later, Fraction()) / len(later) if later else None
        expected.append((user, len(later), (last - first) / 7, (LAST - first) / 7, number(mean)))
    same(found.rows(), expected)
