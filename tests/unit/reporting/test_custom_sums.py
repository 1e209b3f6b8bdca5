"""Sums of what people contributed on custom pages: held back where few people make them up."""

import datetime as dt
import json
from types import SimpleNamespace

import polars as pl
import pytest

from analytics_lib.core.errors import DisclosureError, ParameterError
from analytics_lib.core.periods import day_number
from analytics_lib.core.strict import validate
from analytics_lib.metrics.registry import METRICS
from analytics_lib.reporting.custom.checking import sums_that_stay_back
from analytics_lib.reporting.custom.definition import Custom
from analytics_lib.reporting.custom.page import custom_page
from analytics_lib.reporting.custom.places import objects_with_sums
from analytics_lib.reporting.custom.verdicts import check_files
from analytics_lib.reporting.gate.policy import DisclosurePolicy
from analytics_lib.reporting.gate.release import judge_content
from analytics_lib.reporting.payloads import payload_of

NET = {"metric": "revenue", "period": "month", "value": "net"}
GROSS = {**NET, "value": "gross"}
TABLE = {"metric": "revenue", "period": "month", "chart": "table"}
SCHEMA = {"user_id": pl.String, "day": pl.Int64, "amount": pl.Float64, "currency": pl.String,
          "kind": pl.String, "plan": pl.String, "months": pl.Int32}  # fmt: skip


def payments(*parts):
    """Rows of (month, person, amount, kind), and the plan where it is not p."""
    rows = [
        (f"u{person}", day_number(dt.date(2024, month, 5)), float(amount), "EUR", kind,
         plan[0] if plan else "p", 1)
        for month, person, amount, kind, *plan in parts
    ]  # fmt: skip
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def each(month, people, amount):
    return [(month, person, amount, "purchase") for person in range(people)]


# January and March: 20 and 24 people who pay 10. February: one pays 1000 and 19 pay 1.
MONTHS = [*each(1, 20, 10), *each(2, 19, 1), (2, 99, 1000, "purchase"), *each(3, 24, 10)]


def policy(**more):
    return DisclosurePolicy(owner="x", minimum_count=10, person_units=["users"], **more)


STRICT = policy(dominance={"p": 10})


def page(*sections, tiles=(NET,), paid=MONTHS, rules=STRICT, events=None):
    tables = {"payments": payments(*paid).lazy()}
    lake = SimpleNamespace(
        tables=lambda: sorted(tables), table=lambda name: tables[name], prepared_events=events
    )
    return custom_page(
        lake, question="Why?", text="", tiles=tiles, sections=sections, columns=1,
        as_of=dt.date(2024, 3, 31), policy=rules,
    )  # fmt: skip


def shown(made):
    parts = [made.answer, made.tiles, *(part.shown for part in made.sections.parts)]
    objects = [part.to_payload() for part in parts]
    said = made.data.to_payload()
    objects += said.get("objects", [said])
    return [payload_of(json.loads(json.dumps(content))) for content in objects]


def cells(made, name, *, at=0):
    payload = next(payload for payload in shown(made) if payload.id == f"chart-{at + 1}")
    column = [column["name"] for column in payload.columns].index(name)
    return [row[column] for row in payload.rows]


def judged(made, *sections, rules=STRICT, proof=True):
    report = validate(
        Custom, {"question": "Why?", "tiles": [NET], "sections": list(sections)}, name="x"
    )
    payloads = [p for p in shown(made) if proof or not p.protects]
    return judge_content(
        payloads, tables={}, earlier=[], policy=rules, override=None,
        sums=objects_with_sums(report), name="custom/x",
    )  # fmt: skip


# origin: by hand; of February 1019 - 1000 - 1 = 18 are left, below a tenth of 1000; January
# is the smaller one that has to go with it, together 1219 - 1010 - 11 = 198 are left
def test_a_sum_one_person_makes_up_is_suppressed_with_another_one():
    made = page(NET)
    assert cells(made, "net") == [None, None, 240.0]
    assert made.answer.to_payload()["results"]["headline"]["value"] == 240
    assert made.tiles.tiles[0].previous is None
    subtitle = made.sections.parts[0].shown.subtitle
    assert "Sums made up by too few people, or almost by one or two, are suppressed." in subtitle
    verdict = judged(made, NET)
    assert verdict.protected_sums == ("chart-1", "key-figures")
    assert "dominance_rule" not in str([payload.columns for payload in shown(made)])


def test_the_gate_asks_for_the_proof_of_charts_and_key_figures():
    with pytest.raises(DisclosureError, match=r"dominance in `key-figures`.*in `chart-1`"):
        judged(page(NET), NET, proof=False)


def test_without_a_rule_in_the_policy_nothing_is_judged():
    made = page(NET, rules=policy())
    assert cells(made, "net") == [200.0, 1019.0, 240.0]
    assert [payload.protects for payload in shown(made)] == [()] * 4
    judged(made, NET, rules=policy())


def test_a_sum_of_too_few_people_is_suppressed_however_alike_they_are():
    # origin: by hand; nine people in February, fewer than ten
    made = page(NET, paid=[*each(1, 20, 10), *each(2, 9, 30), *each(3, 24, 10)])
    assert cells(made, "net") == [None, None, 240.0]


def test_two_charts_whose_difference_is_one_persons_are_judged_together():
    paid = [*each(1, 30, 10), *each(2, 20, 10), *each(3, 24, 10), (2, 3, 4, "refund")]
    # origin: by hand; gross alone and net alone are of 20 people, their difference is of one
    assert cells(page(GROSS, tiles=(GROSS,), paid=paid), "gross") == [300.0, 200.0, 240.0]
    both = page(GROSS, NET, paid=paid)
    assert cells(both, "gross")[1] is None
    assert cells(both, "net", at=1)[1] is None
    refunds = {"metric": "refund_share", "period": "month"}
    assert cells(page(GROSS, refunds, tiles=(GROSS,), paid=paid), "gross")[1] is None


def test_a_table_says_which_cells_are_suppressed_and_counts_stay():
    made = page(TABLE)
    assert cells(made, "gross") == [None, None, 240.0]
    assert cells(made, "refunds") == [None, None, 0.0]
    assert cells(made, "payments") == [20, 20, 24]
    assert made.sections.parts[0].shown.to_html().count("suppressed") > 6  # one a cell, the note
    judged(made, TABLE)


def test_a_month_that_is_not_over_hides_no_other():
    paid = [*each(1, 20, 10), *each(2, 21, 10), *each(3, 1, 1000)]
    tables = {"payments": payments(*paid).lazy()}
    lake = SimpleNamespace(tables=lambda: ["payments"], table=tables.get, prepared_events=None)
    made = custom_page(
        lake, question="Why?", text="", tiles=[NET], sections=[NET], columns=1,
        as_of=dt.date(2024, 3, 20), policy=STRICT,
    )  # fmt: skip
    assert cells(made, "net") == [200.0, 210.0, None]


def test_what_a_cohort_has_brought_is_protected_by_what_each_of_it_has():
    cohorts = {"metric": "cohort_revenue", "period": "month", "chart": "table",
               "columns": ["cohort", "age", "value_per_member"]}  # fmt: skip
    made = page(cohorts, paid=[*MONTHS[:20], *((2, p, 500, "purchase") for p in (0,))])
    # origin: by hand; all of January pay 10, and one of them 500 in February; March would tell
    assert cells(made, "value_per_member") == [10.0, None, None]


def of_plan_q(month):
    """Thirty others pay 10."""
    return [(month, 100 + person, 10, "purchase", "q") for person in range(30)]


# Plan p: 20, 21 and 24 people pay 10. Plan q: thirty others in each month.
TWO_PLANS = [*each(1, 20, 10), *each(2, 21, 10), *each(3, 24, 10),
             *of_plan_q(1), *of_plan_q(2), *of_plan_q(3)]  # fmt: skip
OF_P = {**NET, "where": {"plan": "p"}}


def test_a_sum_under_a_condition_is_held_against_everybodys():
    assert cells(page(OF_P, paid=TWO_PLANS), "net") == [200.0, 210.0, 240.0]
    one = [*TWO_PLANS, (2, 99, 3000, "purchase", "q")]
    # origin: by hand; all of February less plan p is 3300, and 3000 of it are one person's, so
    # plan p goes; January goes with it, since all months less the others are February: together
    # 3600 - 3010 - 20 = 570 are left, more than a tenth of 3010
    made = page(OF_P, paid=one)
    assert cells(made, "net") == [None, None, 240.0]
    assert judged(made, OF_P).protected_sums == ("chart-1", "key-figures")
    few = [*TWO_PLANS, (2, 98, 3, "purchase", "r")]
    assert cells(page(OF_P, paid=few), "net") == [200.0, 210.0, 240.0]  # one of 31 others


def test_what_somebody_paid_in_both_parts_is_theirs_in_each_part():
    # origin: by hand; person 0 pays 10 for plan p and 5000 for plan q in February
    both = [*TWO_PLANS, (2, 0, 5000, "purchase", "q")]
    assert cells(page(OF_P, paid=both), "net") == [None, None, 240.0]


def test_a_condition_that_everybody_meets_leaves_nothing_out():
    assert cells(page({**NET, "where": {"currency": "EUR"}}, paid=MONTHS), "net") == cells(
        page(NET), "net"
    )


@pytest.mark.parametrize(
    ("field", "one", "other"),
    [
        ("period", "month", "week"),
        ("by", ["plan"], ["currency"]),
        ("where", {"plan": "p"}, {"plan": "q"}),
    ],
)
def test_sums_that_could_be_subtracted_from_each_other_are_refused(field, one, other):
    def mistakes(*ways, rules=STRICT):
        sections = [{**NET, field: way} for way in ways]
        tiles = [{"metric": "refund_share", "period": one if field == "period" else "month"}]
        report = validate(
            Custom, {"question": "Why?", "tiles": tiles, "sections": sections}, name="x"
        )
        return sums_that_stay_back(report, rules)

    assert mistakes(one, one) == []
    (said,) = mistakes(one, other, one, other)
    assert said.startswith(f"`sections.1`: `{field}` is {other!r} and that of `")
    assert mistakes(one, other, rules=policy()) == []
    if field != "period":
        assert mistakes(type(one)(), one, type(one)(), one) == []  # everybody's beside it
    if field == "by":
        assert mistakes(["plan", "currency"], ["currency", "plan"]) == []


def test_sums_nobody_can_be_named_for_are_refused_with_their_place(project):
    movements = {"metric": "recurring_revenue_movements", "arguments": {"history_complete": True}}
    with pytest.raises(ParameterError, match=r"`sections.0`: .*needs a notebook"):
        page(movements)
    report = validate(Custom, {"question": "Why?", "sections": [movements]}, name="x")
    assert len(sums_that_stay_back(report, STRICT)) == 1
    assert sums_that_stay_back(report, policy()) == []
    path = project.parameters / "custom" / "money.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(
        "title: Money\nparameters:\n  question: Why?\n  tiles:\n"
        "    - {metric: recurring_revenue_movements, arguments: {history_complete: true}}\n"
    )
    project.disclosure_policy.write_text(
        "owner: x\nminimum_count: 10\nperson_units: [users]\ndominance: {p: 10}\n"
    )
    assert "needs a notebook" in check_files(project, ["money"])[0]["mistakes"][0]


def test_every_card_names_sums_of_its_own_result_and_a_function_that_knows_them():
    from analytics_lib import metrics  # noqa: PLC0415

    named = {card.contributions for card in METRICS.values() if card.sums} - {""}
    assert named == {"revenue_contributions", "cohort_contributions", "content_contributions"}
    assert all(hasattr(metrics, name) for name in named)
    assert all(card.sums for card in METRICS.values() if card.contributions)
