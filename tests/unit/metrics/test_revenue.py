"""Money by hand: periods, refunds, subscriptions, cohorts, acquisition."""

import datetime as dt
import inspect
import math

import polars as pl
import pytest

from analytics_lib import metrics
from analytics_lib.core.errors import ParameterError, SchemaError
from analytics_lib.core.periods import day_number
from analytics_lib.metrics.recurring_revenue import monthly_amounts
from analytics_lib.metrics.registry.revenue import CARDS

SCHEMA = {
    "user_id": pl.String, "day": pl.Int32, "amount": pl.Float64, "currency": pl.String,
    "kind": pl.String, "months": pl.Int64,
}  # fmt: skip


def on(month, day):
    return dt.date(2024, month, day)


def paid(*rows):
    """`(user, date, amount)` and, where it is no purchase, the kind and the months."""
    full = [
        (user, day_number(date), float(amount), "EUR", *(rest or ("purchase",)))
        for user, date, amount, *rest in rows
    ]
    return pl.DataFrame([(*row, *[None] * (6 - len(row))) for row in full], SCHEMA, orient="row")


def spent(*rows):
    full = [(day_number(date), "search", float(amount), "EUR") for date, amount in rows]
    return pl.DataFrame(full, ["day", "channel", "amount", "currency"], orient="row")


@pytest.mark.parametrize(
    ("as_of", "net"),
    [
        pytest.param(on(1, 30), [None], id="January not over"),
        pytest.param(on(1, 31), [30.0], id="January just over"),
        pytest.param(on(2, 1), [30.0, None], id="February begun"),
        pytest.param(on(3, 31), [30.0, -10.0, 0.0], id="a refund in February, a quiet March"),
    ],
)
def test_a_refund_counts_when_it_is_made(as_of, net):
    payments = paid(("a", on(1, 5), 10), ("b", on(1, 31), 20), ("a", on(2, 1), 10, "refund"))
    found = metrics.revenue(payments, granularity="month", as_of=as_of)
    assert found["net"].to_list() == net


def test_the_share_paid_back_may_exceed_everything():
    payments = paid(
        ("a", on(1, 5), 10), ("b", on(2, 9), 4), ("a", on(2, 1), 10, "refund"),
        ("b", on(3, 1), 1, "refund"),
    )  # fmt: skip
    found = metrics.refund_share(payments, granularity="month", as_of=on(3, 31))
    assert found["share"].to_list() == [0.0, 2.5, None]  # origin: by hand, 10/4; nothing in March


def test_revenue_per_user_by_hand():
    events = pl.DataFrame(
        [("a", on(1, 1)), ("a", on(1, 2)), ("b", on(1, 2)), ("c", on(2, 1))],
        schema=["user_id", "date"], orient="row",
    ).with_columns(day=pl.col("date").cast(pl.Int32))  # fmt: skip
    payments = paid(("a", on(1, 2), 31), ("z", on(1, 3), 0), ("a", on(2, 2), 1, "refund"))
    found = metrics.revenue_per_user(events, payments, granularity="month", as_of=on(2, 29))
    # origin: by hand; January: 31 over 2 active, 1 paying (0 is no payment), 3/31 a day
    columns = ["net", "active_users", "paying_users", "arpu", "arppu", "arpdau"]
    assert found.select(columns).rows() == [
        (31.0, 2, 1, 15.5, 31.0, pytest.approx(31 / (3 / 31))),
        (-1.0, 1, 0, -1.0, None, pytest.approx(-29.0)),
    ]


def subscriptions():
    """a grows, b shrinks, c leaves and comes back, d pays two months at once in February."""
    return paid(
        ("a", on(1, 1), 10, "subscription"),
        ("a", on(2, 1), 15, "subscription"),
        ("a", on(3, 1), 15, "subscription"),
        ("b", on(1, 1), 20, "subscription"),
        ("b", on(2, 1), 12, "subscription"),
        ("b", on(3, 1), 12, "subscription"),
        ("c", on(1, 31), 5, "subscription"),
        ("c", on(3, 2), 6, "subscription"),
        ("d", on(2, 29), 14, "subscription", 2),
        ("a", on(2, 3), 99),  # no subscription
        ("a", on(2, 4), 3, "refund"),
    )


def test_movements_by_hand():
    found = metrics.recurring_revenue_movements(
        subscriptions(), as_of=on(4, 30), history_complete=True
    )
    columns = ["start", "new", "reactivated", "expansion", "contraction", "churned", "end"]
    # origin: by hand; nobody pays in April
    assert found.select(*columns, "subscribers").rows() == [
        (0.0, 35.0, 0.0, 0.0, 0.0, 0.0, 35.0, 3),
        (35.0, 7.0, 0.0, 5.0, 8.0, 5.0, 34.0, 3),
        (34.0, 0.0, 6.0, 0.0, 0.0, 0.0, 40.0, 4),
        (40.0, 0.0, 0.0, 0.0, 0.0, 40.0, 0.0, 0),
    ]


def test_the_month_that_runs_has_no_movements():
    found = metrics.recurring_revenue_movements(
        subscriptions(), as_of=on(3, 30), history_complete=True
    )
    assert found["end"].to_list() == [35.0, 34.0, None]
    assert found["start"].to_list() == [0.0, 35.0, None]


def test_retention_leaves_new_customers_out():
    found = metrics.revenue_retention(subscriptions(), as_of=on(4, 30))
    # origin: by hand; February: of 35 there are 10 + 12 + 0 kept, and 5 more
    assert found["nrr"].to_list() == [None, pytest.approx(27 / 35), 1.0, 0.0]
    assert found["grr"].to_list() == [None, pytest.approx(22 / 35), 1.0, 0.0]
    two = metrics.revenue_retention(subscriptions(), as_of=on(4, 30), months=2)
    # origin: by hand; March over January: 15 + 12 + 6 of 35, of which 10 + 12 + 5 without growth
    assert two["nrr"].to_list()[2] == pytest.approx(33 / 35)
    assert two["grr"].to_list()[2] == pytest.approx(27 / 35)


def test_a_year_paid_at_once_is_a_twelfth_a_month():
    payments = paid(("a", on(1, 15), 100, "subscription", 12))
    found = metrics.recurring_revenue_movements(
        payments, as_of=dt.date(2025, 2, 28), history_complete=True
    )
    # origin: by hand, to a millionth; the twelve months end with December
    assert found["end"].to_list() == [8.333333] * 12 + [0.0, 0.0]
    assert found["churned"].to_list() == [0.0] * 12 + [8.333333, 0.0]


@pytest.mark.parametrize(("months", "allowed"), [(0, False), (1, True), (120, True), (121, False)])
def test_terms(months, allowed):
    payments = paid(("a", on(1, 1), 12, "subscription", months))
    if allowed:
        amounts, _ = monthly_amounts(payments, as_of=on(1, 31))
        assert len(amounts.collect()) == 1
        return
    with pytest.raises(SchemaError, match=f"`months` of `payments` goes from {months}"):
        monthly_amounts(payments, as_of=on(1, 31))


def test_cohorts_keep_those_who_never_came_back():
    payments = paid(
        ("a", on(1, 5), 10), ("b", on(1, 9), 0), ("b", on(1, 20), 30), ("a", on(2, 5), 8),
        ("a", on(3, 5), 2, "refund"), ("c", on(2, 7), 5),
    )  # fmt: skip
    found = metrics.cohort_revenue(payments, granularity="month", as_of=on(3, 31))
    columns = ["cohort", "age", "members", "revenue", "value_per_member"]
    # origin: by hand
    assert found.select(columns).rows() == [
        ("2024-01", 0, 2, 40.0, 20.0),
        ("2024-01", 1, 2, 8.0, 24.0),
        ("2024-01", 2, 2, -2.0, 23.0),
        ("2024-02", 0, 1, 5.0, 5.0),
        ("2024-02", 1, 1, 0.0, 5.0),
    ]
    forming = metrics.cohort_revenue(payments, granularity="month", as_of=on(2, 28))
    assert forming.select(columns).rows()[-1] == ("2024-02", 0, None, None, None)


@pytest.mark.parametrize(
    ("as_of", "n", "value"),
    [
        pytest.param(on(1, 9), 0, math.nan, id="nobody's days are over"),
        pytest.param(on(1, 10), 1, 6.0, id="the first customer's just are"),
        pytest.param(on(1, 20), 2, 9.0, id="both"),
    ],
)
def test_only_customers_whose_days_are_over_count(as_of, n, value):
    payments = paid(
        ("a", on(1, 1), 10), ("a", on(1, 10), 2), ("a", on(1, 11), 99), ("b", on(1, 5), 24)
    )
    found = metrics.value_of_customers(payments, days=10, gross_margin=0.5, as_of=as_of)
    # origin: by hand; 10 days from 1 January end with the 10th: (10 + 2) / 2 and 24 / 2
    assert (found.n, found.value) == (n, pytest.approx(value, nan_ok=True))
    assert found.unit == "EUR"


def acquired():
    payments = paid(
        ("a", on(1, 5), 10), ("b", on(1, 9), 30), ("a", on(2, 5), 20), ("b", on(3, 5), 40),
        ("c", on(2, 7), 100),
    )  # fmt: skip
    return payments, spent((on(1, 1), 40), (on(1, 2), 10), (on(2, 1), 30))


def test_the_cost_of_a_customer():
    found = metrics.acquisition_cost(*acquired(), granularity="month", as_of=on(3, 31))
    assert found.select("spend", "new_customers", "cac").rows() == [
        (50.0, 2, 25.0), (30.0, 1, 30.0), (0.0, 0, None)
    ]  # fmt: skip


def test_value_to_cost_at_the_same_age():
    asked = {"gross_margin": 0.5, "as_of": on(3, 30)}
    found = metrics.value_to_cost(*acquired(), age=1, **asked)
    # origin: by hand; January: (40 + 20) / 2 * 0.5 = 15 over 25; March is not over
    assert found.select("cohort", "value", "ltv_to_cac").rows() == [
        ("2024-01", 15.0, 0.6), ("2024-02", None, None)
    ]  # fmt: skip
    young = metrics.value_to_cost(*acquired(), age=0, **asked)
    assert young["ltv_to_cac"].to_list() == [0.4, pytest.approx(5 / 3)]
    late = metrics.value_to_cost(*acquired(), age=0, lag=1, **asked)
    assert late["cac"].to_list() == [0.0, 50.0]
    assert late["ltv_to_cac"].to_list() == [None, 1.0]


@pytest.mark.parametrize(
    ("as_of", "months", "observed"),
    [
        pytest.param(on(2, 29), [None, 1], [2, 1], id="not yet"),
        pytest.param(on(3, 30), [None, 1], [2, 1], id="March not over"),
        pytest.param(on(3, 31), [3, 1], [3, 2], id="paid back in the third month"),
    ],
)
def test_payback(as_of, months, observed):
    found = metrics.payback_months(*acquired(), gross_margin=0.5, as_of=as_of)
    # origin: by hand; January cohort: 10, 15, 25 of 25; February cohort: 50 of 30 at once
    assert found["payback_months"].to_list() == months
    assert found["months_observed"].to_list() == observed


PAID, COSTS = acquired()
LAST = {"as_of": on(3, 31)}
MISTAKES = [
    (lambda: metrics.revenue(PAID, granularity="weeks", **LAST), "`granularity` is 'weeks'"),
    (lambda: metrics.refund_share(PAID, granularity="weeks", **LAST), "`granularity` is 'weeks'"),
    (lambda: metrics.revenue_per_user(
        PAID, PAID, granularity="weeks", **LAST), "`granularity` is 'weeks'"),
    (lambda: metrics.revenue_retention(PAID, months=0, **LAST), "`months` is 0"),
    (lambda: metrics.cohort_revenue(PAID, granularity="day", **LAST), "`granularity` is"),
    (lambda: metrics.value_of_customers(
        PAID, days=0, gross_margin=1, **LAST), "`days` is 0"),
    (lambda: metrics.value_of_customers(
        PAID, days=1, gross_margin=1, confidence_level=1, **LAST), "`confidence_level` is 1"),
    (lambda: metrics.acquisition_cost(
        PAID, COSTS, granularity="weeks", **LAST), "`granularity` is 'weeks'"),
    (lambda: metrics.value_to_cost(
        PAID, COSTS, age=-1, gross_margin=1, **LAST), "`age` is -1"),
    (lambda: metrics.payback_months(
        PAID, COSTS, gross_margin=2, **LAST), "`gross_margin` is 2"),
    (lambda: metrics.payback_months(
        PAID, COSTS, gross_margin=1, lag=-1, **LAST), "`lag` is -1"),
]  # fmt: skip


@pytest.mark.parametrize(("ask", "words"), MISTAKES)
def test_impossible_questions_are_refused(ask, words):
    with pytest.raises(ParameterError, match=words):
        ask()


def test_subscriptions_need_their_months():
    with pytest.raises(SchemaError, match="`payments` is missing column 'months'"):
        metrics.revenue_retention(PAID.drop("months"), **LAST)


def test_two_currencies_are_refused():
    dollars = COSTS.with_columns(currency=pl.lit("USD"))
    with pytest.raises(SchemaError, match="different currencies"):
        metrics.acquisition_cost(PAID, dollars, granularity="month", **LAST)


@pytest.mark.parametrize("card", CARDS, ids=lambda card: card.function)
def test_every_card_has_its_function(card):
    function = getattr(metrics, card.function)
    names = {"events", "payments", "costs"}
    for parameter in inspect.signature(function).parameters.values():
        assert parameter.name in names or parameter.kind is parameter.KEYWORD_ONLY
    assert function.__doc__.split("\n")[0].endswith("?")
