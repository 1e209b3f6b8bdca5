"""The release gate: planted disclosures, each must be found; safe pages must pass."""

import base64
import json
from dataclasses import replace
from urllib.parse import quote

import polars as pl
import pytest

from analytics_lib.core.errors import AccessError, DisclosureError, ParameterError
from analytics_lib.reporting.gate.differences import Earlier
from analytics_lib.reporting.gate.override import Override, parse_override
from analytics_lib.reporting.gate.policy import DisclosurePolicy, load_policy
from analytics_lib.reporting.gate.release import judge_content, require_clean_bytes
from analytics_lib.reporting.gate.words import package_words
from analytics_lib.reporting.payloads import Payload

POLICY = DisclosurePolicy(
    owner="Ann", minimum_count=10, person_units=["users"], may_override=["Ann Lee"]
)
PSEUDONYM = "0123456789abcdef" * 4


def table(rows, *, columns=(("group", None), ("users", "users")), id_="groups", results=None):
    described = [{"name": name, "label": name, "unit": unit} for name, unit in columns]
    return Payload(
        kind="table", id=id_, title="T", columns=described, rows=rows, results=results or {}
    )


def result(value, *, n=None, unit="", n_unit=""):
    return {"value": value, "n": n, "unit": unit, "n_unit": n_unit}


def judge(*payloads, earlier=(), tables=None, policy=POLICY, override=None):
    return judge_content(
        payloads, tables=tables or {}, earlier=earlier, policy=policy, override=override, name="r"
    )


def held(*payloads, **how):
    with pytest.raises(DisclosureError) as caught:
        judge(*payloads, **how)
    return str(caught.value)


# origin: the threshold of the policy, below, at and above, and none at all
@pytest.mark.parametrize(("count", "safe"), [(9, False), (10, True), (11, True), (0, True)])
def test_the_threshold_holds_in_cells_and_results(count, safe):
    for payload in (
        table([["a", count]]),
        table([], results={"x": result(count, unit="users")}),
        table([], results={"x": result(1.0, n=count, unit="share", n_unit="users")}),
    ):
        if safe:
            assert judge(payload).findings == ()
        else:
            assert "small count in `groups`" in held(payload)


@pytest.mark.parametrize("name", ["minimum_count", "round_counts_to"])
def test_a_policy_number_that_is_a_slip_of_the_finger_is_refused(project, name):
    text = {"minimum_count": "10", "round_counts_to": "1"} | {name: "1" * 30}
    lines = "".join(f"{key}: {value}\n" for key, value in text.items())
    project.disclosure_policy.write_text(f"owner: Ann\nperson_units: [users]\n{lines}")
    with pytest.raises(ParameterError, match=f"`{name}` is 1+; it must be less than or equal"):
        load_policy(project)


def test_a_whole_number_without_a_unit_may_count_people_until_it_says_otherwise():
    assert "has no unit" in held(table([], results={"x": result(3.0)}))
    assert not judge(table([], results={"x": result(3.5)})).findings
    named = table([], id_="tiles", results={"x": result(3.0, unit="minutes")})
    assert not judge(table([], results={"x": result(3.0)}), named).findings


def test_the_base_of_a_result_counts_people_until_it_says_otherwise():
    assert "rests on too few" in held(table([], results={"x": result(0.5, n=4, unit="share")}))
    visits = result(0.5, n=4, unit="share", n_unit="visits")
    assert not judge(table([], results={"x": visits})).findings


def test_a_share_times_its_base_is_a_count():
    columns = (("day", None), ("share", "share"), ("users", "users"))
    # origin: 2 % of 300 are 6 people, 4 % are 12; 0.0213 of 300 is no whole number of people
    assert "behind a share" in held(table([["Sunday", 0.02, 300]], columns=columns))
    assert not judge(table([["Sunday", 0.04, 300]], columns=columns)).findings
    assert not judge(table([["Sunday", 0.0213, 300]], columns=columns)).findings
    estimate = result(0.02, n=300, unit="share", n_unit="users")
    assert "times its base" in held(table([], results={"x": estimate}))


def test_a_share_whose_parts_are_shown_is_judged_by_its_parts():
    columns = (("group", None), ("came", "users"), ("users", "users"), ("share", "share"))
    # 0.5 of 12 would be 6 people, but it is 12 of 24
    assert not judge(table([["a", 12, 24, 0.5]], columns=columns)).findings


def test_those_whom_a_share_leaves_out_are_a_count():
    columns = (("cohort", None), ("share", "share"), ("users", "users"))
    # origin: by hand; 96 % of 25 came back, so 1 did not; 60 % came back and 10 did not
    assert "leave so few out" in held(table([["January", 0.96, 25]], columns=columns))
    assert not judge(table([["January", 0.6, 25], ["May", 1.0, 25]], columns=columns)).findings
    estimate = result(0.96, n=25, unit="share", n_unit="users")
    assert "times its base" in held(table([], results={"x": estimate}))
    both = (("group", None), ("came", "users"), ("users", "users"), ("share", "share"))
    assert "leave so few out" in held(table([["a", 12, 16, 0.75]], columns=both))


@pytest.mark.parametrize("unit", ["%", "percent", "per cent"])
def test_a_percentage_is_a_share(unit):
    columns = (("cohort", None), ("part", unit), ("users", "users"))
    # origin: by hand; 3 % of 100 are 3 people, 20 % are 20
    assert "behind a share" in held(table([["January", 3.0, 100]], columns=columns))
    assert not judge(table([["January", 20.0, 100]], columns=columns)).findings
    assert "times its base" in held(table([], results={"x": result(3.0, n=100, unit=unit)}))


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("Only 2 users bought.", False),
        ("It was 9 active users a week.", False),
        ("of 3 users", False),
        ("2 weeks and 12 users", True),
        ("in 2024 users rose", True),
        ("0 users", True),
        ("1.2 users each", True),
        ("week-2 users", True),
        ("the 10 users and 2 visits", True),
    ],
)
def test_a_few_people_said_in_words_are_a_small_count(text, safe):
    note = Payload(kind="note", id="n", title=text, columns=[], rows=[], results={})
    cell = table([[text, 40]])
    for payload in (note, cell):
        if safe:
            assert not judge(payload).findings
        else:
            assert "small count in words" in held(payload)


def test_counts_are_rounded_where_the_policy_asks():
    policy = POLICY.model_copy(update={"round_counts_to": 5})
    assert "not rounded" in held(table([["a", 41]]), policy=policy)
    assert "not rounded" in held(table([], results={"x": result(41, unit="users")}), policy=policy)
    assert not judge(table([["a", 40]]), policy=policy).findings


@pytest.mark.parametrize(
    "total",
    [
        table([], id_="tiles", results={"all": result(57, unit="users")}),
        table([], id_="tiles", results={"s": result(0.5, n=57, unit="share", n_unit="users")}),
        table([["x", 30], ["y", 27]], id_="other"),
        table([["all", 57]], id_="other"),
    ],
)
def test_a_hidden_cell_is_not_the_rest_of_a_total(total):
    # origin: 57 less 40 and 12 are 5
    assert "difference to a total" in held(table([["a", 40], ["b", None], ["c", 12]]), total)
    assert not judge(table([["a", 40], ["b", None], ["c", None]]), total).findings


def test_rounded_counts_leave_nothing_exact_of_a_total():
    total = table([], id_="tiles", results={"all": result(137, unit="users")})
    rows = [["a", 40], ["b", None], ["c", 20], ["d", 30], ["e", 40]]
    # origin: 137 less 130 are 7, but each of the four may be up to five more or fewer
    assert not judge(table(rows), total).findings
    rows[0][1] = 41  # one that is not rounded: nothing shows that any is
    assert "difference to a total" in held(table(rows), total)
    # three multiples of ten may be chance
    three = table([], id_="tiles", results={"all": result(97, unit="users")})
    assert "difference to a total" in held(table([["b", None], *rows[2:]]), three)


def test_what_adds_up_to_nothing_is_no_total():
    other = table([["x", 30], ["y", 27]], id_="o", columns=(("w", None), ("active", "users")))
    assert not judge(table([["a", 40], ["b", None], ["c", 12]]), other).findings


def test_two_splits_of_the_same_people_do_not_give_each_other_away():
    columns = (("kind", None), ("used", None), ("users", "users"))
    rows = [["a", True, 55], ["a", False, None], ["b", True, 30], ["b", False, 30]]
    # origin: both kinds split 60 people; 60 less 55 are 5
    assert "difference to a like group" in held(table(rows, columns=columns))
    rows[0][2] = None
    assert not judge(table(rows, columns=columns)).findings


def test_what_is_hidden_here_is_not_shown_there():
    said = held(table([["a", None], ["b", 30]]), table([["a", 12], ["b", 30]], id_="again"))
    assert "1 hidden counts are shown in `again`" in said


def test_people_are_people_however_the_unit_is_spelled():
    # origin: one of three units that a reader takes for people, and none but a label that says so
    for unit in ("Users", "user", "active users", "users a week"):
        columns = (("group", None), ("n", unit))
        assert "small count in `groups`" in held(table([["a", 3]], columns=columns))
    assert "small count" in held(table([["a", 3]], columns=(("group", None), ("users", None))))
    for unit in ("visits per user", "users, rounded", "sessions"):
        assert not judge(table([["a", 3]], columns=(("group", None), ("n", unit)))).findings


AGES = (("cohort", None), ("age", None), ("users", "users"))


def test_counts_that_are_rounded_do_not_say_how_many_came_late():
    exact = (table([["a", 383], ["b", 372], ["c", 151], ["d", 96]]),)
    before = [Earlier(same_date=True, payloads=exact)]
    # origin: by hand; each differs by fewer than ten, and so does any other count of that ten
    now = table([["a", 380], ["b", 370], ["c", 150], ["d", 100]])
    assert not judge(now, earlier=before).findings
    assert "earlier page" in held(table([["a", 380], ["b", 370], ["c", 150]]), earlier=before)


def test_rows_are_told_apart_by_their_ages():
    # origin: of the cohort a one age is hidden here and shown there, by a table of the same rows
    hidden = table([["a", 1, None], ["a", 2, 20]], columns=AGES)
    shown = table([["a", 1, 14], ["a", 2, 20]], columns=AGES, id_="other")
    assert "1 hidden counts are shown in `other`" in held(hidden, shown)
    # origin: 40 less 38 are two people who came late
    before = Earlier(same_date=True, payloads=[table([["a", 1, 38], ["a", 2, 20]], columns=AGES)])
    now = table([["a", 1, 40], ["a", 2, 20]], columns=AGES)
    assert "1 counts of the same period differ" in held(now, earlier=[before])


def test_two_tables_do_not_differ_by_a_few_people():
    # origin: 103 less 100 are three people whom the second table leaves out; ten are enough
    everybody = table([["a", 103], ["b", 210]])
    some = table([["a", 100], ["b", 200]], id_="some")
    assert "1 counts differ from those of the same rows in `some`" in held(everybody, some)
    assert not judge(everybody, table([["a", 93], ["b", 210]], id_="some")).findings
    first, second = replace(everybody, metric="active_users"), replace(some, metric="lifecycle")
    assert not judge(first, second).findings


def test_a_period_that_grew_by_a_few_late_people_is_held():
    was = Earlier(same_date=False, payloads=[table([["2024-05-01", 40]])])
    assert "difference to an earlier page" in held(table([["2024-05-01", 43]]), earlier=[was])
    assert not judge(table([["2024-05-01", 50]]), earlier=[was]).findings
    assert not judge(table([["2024-05-01", 40]]), earlier=[was]).findings
    assert not judge(table([["2024-06-01", 43]]), earlier=[was]).findings


def test_what_an_earlier_page_showed_is_no_secret_any_more():
    # origin: by hand; 57 less 40 and the 12 published in June are 5
    total = table([], id_="tiles", results={"all": result(57, unit="users")})
    now = table([["2024-04-01", 40], ["2024-05-01", None], ["2024-06-01", None]])
    assert not judge(now, total).findings
    was = Earlier(same_date=False, payloads=[table([["2024-04-01", 40], ["2024-05-01", 12]])])
    assert "here and on an earlier page" in held(now, total, earlier=[was])


def test_a_revision_of_the_same_date_is_about_the_same_people():
    rows, results = [["a", 40]], {"all": result(40, unit="users")}
    was = [table(rows, results=results)]
    now = [table([["a", 43]]), table([], id_="x")]
    assert "earlier page" in held(*now, earlier=[Earlier(same_date=True, payloads=was)])
    assert not judge(*now, earlier=[Earlier(same_date=False, payloads=was)]).findings
    grown = table(rows, results={"all": result(41, unit="users")})
    assert "earlier page" in held(grown, earlier=[Earlier(same_date=True, payloads=was)])


def test_the_policy_may_allow_differences_but_no_small_count():
    policy = POLICY.model_copy(update={"differencing": "allow"})
    total = table([], id_="tiles", results={"all": result(57, unit="users")})
    rows = [["a", 40], ["b", None], ["c", 12]]
    assert not judge(table(rows), total, policy=policy).findings
    assert held(table([["a", 9]]), policy=policy)


PEOPLE = pl.LazyFrame(
    {
        "user_id": [f"u{at}" for at in range(30)],
        "user_type": ["f"] * 15 + ["m"] * 15,
        "region": ["North"] * 14 + ["South"] * 16,
    }
)


def test_traits_that_fit_few_people_are_held_whatever_the_columns_are_called():
    columns = (("x", None), ("y", None), ("clicks", "clicks"))
    # origin: by hand; one woman in the South, 14 in the North
    rare = table([["South", "f", 100]], columns=columns)
    assert "fit fewer than 10 people" in held(rare, tables={"users": PEOPLE})
    common = table([["North", "f", 100], ["West", "f", 1]], columns=columns)
    assert not judge(common, tables={"users": PEOPLE}).findings
    assert not judge(rare, tables={"content": PEOPLE, "unknown": PEOPLE}).findings


def test_a_held_page_is_released_only_by_a_name_in_the_policy():
    small = table([["a", 3]])
    verdict = judge(small, override=Override(name="Ann Lee", reason="agreed"))
    said = verdict.to_dict(POLICY)
    assert said["override"] == {"name": "Ann Lee", "reason": "agreed"}
    assert said["result"] == "released in spite of findings"
    assert len(said["findings"]) == 1
    with pytest.raises(AccessError, match="Did you mean 'Ann Lee'"):
        judge(small, override=Override(name="Ann Le", reason="agreed"))


def test_a_signature_that_was_not_needed_is_not_on_the_page():
    verdict = judge(table([["a", 30]]), override=Override(name="Ann Lee", reason="agreed"))
    assert verdict.override is None
    assert verdict.to_dict(POLICY)["result"] == "passed"
    assert (verdict.objects, verdict.cells) == (1, 2)


@pytest.mark.parametrize("text", ["Ann", "Ann:", ": because"])
def test_a_signature_has_a_name_and_a_reason(text):
    with pytest.raises(ParameterError, match="Name: reason"):
        parse_override(text)


SECRET = "s3cret/with&signs"  # long enough, with signs that formats write differently


@pytest.mark.parametrize(
    "planted",
    [
        PSEUDONYM,
        PSEUDONYM.upper(),
        "ann@example.org",
        "ann%40example.org",
        "ann&#64;example.org",
        "ann&commat;example.co.uk",
        "192.168.10.7",
        "ghp_" + "a1B2" * 9,
        "eyJhbGciOiJI.eyJzdWIiOiIx.c2lnbmF0dXJl",
        "-----BEGIN RSA PRIVATE KEY-----",
        SECRET,
        SECRET.replace("&", "&amp;"),
        quote(SECRET, safe=""),
        SECRET.encode().hex(),
        base64.b64encode(b"user:" + SECRET.encode()).decode(),
    ],
)
def test_no_identifier_and_no_secret_leaves_in_any_file(planted):
    for content in (f'<text aria-label="{planted}">', f"a,b\n1,{planted}\n".encode()):
        with pytest.raises(DisclosureError) as caught:
            require_clean_bytes({"index.html": "fine", "x": content}, secrets=[SECRET], name="r")
        assert "`x`" in str(caught.value)
        assert planted not in str(caught.value)


@pytest.mark.parametrize(
    "harmless", ["1.2.3", "300.1.1.1", "1.2.3.4.5", "12 @ 3", PSEUDONYM[1:], "secret", "pass"]
)
def test_what_only_looks_alike_passes(harmless):
    require_clean_bytes({"x": harmless}, secrets=["pass", SECRET], name="r")


def test_a_secret_with_quotes_is_found_in_json_and_on_a_page():
    secret = 'pass"wo\\rd'
    for text in (json.dumps({"x": secret}), "pass&#34;wo\\rd", "pass&quot;wo\\rd"):
        with pytest.raises(DisclosureError, match="1 secrets"):
            require_clean_bytes({"data.json": text}, secrets=[secret], name="r")


def test_nothing_is_published_without_a_policy(project):
    with pytest.raises(ParameterError, match="nothing is published without a policy"):
        load_policy(project)


WROTE = ["# Which groups?", "title = 'Kept'", "T", "groups"]


@pytest.mark.parametrize(
    ("cell", "held_back"),
    [
        ("Kept 2013J", False),  # written in the notebook; digits say nothing
        ("North", False),  # a region of the users who were read
        ("Monday", False),  # a word of the calendar
        ("kept > NORTH", False),
        ("x", False),  # a single letter
        ("Beispielmann", True),
        ("Kept by Beispielmann", True),
        ("u7", False),
    ],
)
def test_a_word_is_traced_to_where_it_comes_from(cell, held_back):
    shown = table([[cell, 40]])
    how = {"tables": {"users": PEOPLE, "unknown": PEOPLE}, "policy": POLICY, "override": None}
    if held_back:
        with pytest.raises(DisclosureError, match="words of unknown origin in `groups`"):
            judge_content([shown], earlier=(), sources=WROTE, name="r", **how)
    else:
        assert not judge_content([shown], earlier=(), sources=WROTE, name="r", **how).findings


def test_a_title_made_of_a_name_is_held_too():
    named = replace(table([["Kept", 40]]), title="Beispielmann leads")
    with pytest.raises(DisclosureError, match="unknown origin"):
        judge_content(
            [named], tables={}, earlier=(), policy=POLICY, override=None, sources=WROTE, name="r"
        )


def test_the_words_of_the_package_are_those_of_its_code_and_not_of_its_references():
    words = package_words()
    assert {"suppressed", "january", "dormant"} <= words
    assert "hundepool" not in words  # stands in the docstring of a function only
