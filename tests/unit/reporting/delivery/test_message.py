"""What is said of a page: true, short, safe in every header and mail program."""

import datetime as dt
import json
import re
from email import message_from_bytes
from email.policy import default

import pytest

from analytics_lib.reporting.delivery.charts import page_charts
from analytics_lib.reporting.delivery.mail import mail_of
from analytics_lib.reporting.delivery.message import (
    LARGEST_BODY,
    notice_message,
    one_line,
    report_message,
)
from analytics_lib.reporting.delivery.outbox import new_item
from analytics_lib.reporting.delivery.outcomes import PermanentError
from analytics_lib.reporting.delivery.spec import Mail

NOW = dt.datetime(2014, 2, 2, 12, tzinfo=dt.UTC)
MAIL = Mail(to=["a@example.org"])


def item_of(version, kind="report"):
    return new_item(
        kind, run="tiny/monthly", about=version.folder, target="team", address="a@example.org"
    )


def written(version, mail=MAIL):
    item = item_of(version)
    message = report_message(version, item, mail=mail)
    made = mail_of(message, sender="r@example.org", recipient="a@b.org", key=item.key, now=NOW)
    return message, message_from_bytes(made.as_bytes(), policy=default)


def test_a_mail_has_text_html_a_chart_and_the_page(publish):
    change = {
        "name": "users", "label": "users", "unit": "users", "now": 40, "before": 30,
        "effect_size": 10, "ci_lower": 2, "ci_upper": 18, "pvalue": 0.01,
        "judgement": "more than chance",
    }  # fmt: skip
    results = {"users": {"value": 40, "unit": "users", "label": "Users", "ci_lower": 35,
                         "ci_upper": 45}}  # fmt: skip
    changes = {"previous": {"folder": "2013-12-31", "changes": [change]}}
    version = publish(results=results, changes=changes)
    message, mail = written(version, Mail(to=["a@b.org"], link="https://r.example.org/"))
    assert mail["Subject"] == "How many? Monthly, 2014-01-31"
    text = mail.get_body(("plain",)).get_content()
    assert "- Users: 40 users (35 users to 45 users); change +10 users" in text
    assert "Simulated data" in text
    assert "https://r.example.org/tiny/monthly/2014-01-31/" in text
    html = mail.get_body(("html",)).get_content()
    assert "<strong>40 users</strong>" in html
    assert 'alt="Users rose &amp; rose."' in html
    assert "<script" not in html
    assert "<link" not in html
    parts = {part.get_content_type(): part for part in mail.walk()}
    picture = parts["image/png"]
    assert picture.get_content().startswith(b"\x89PNG")
    assert f'src="cid:{picture["Content-ID"].strip("<>")}"' in html
    (attached,) = mail.iter_attachments()
    assert attached.get_filename() == "tiny_monthly_2014-01-31.html"
    assert attached.get_content().encode() == (version.path / "index.html").read_bytes()
    assert [part.get_content_type() for part in mail.walk()] == [
        "multipart/mixed", "multipart/alternative", "text/plain", "multipart/related", "text/html",
        "image/png", "text/html",
    ]  # fmt: skip
    assert message.content["results"]["users"]["value"] == 40


def test_a_title_cannot_bring_headers_or_html(publish):
    title = "Users\r\nBcc: everybody@example.net\n\n<img src=x onerror=alert(1)>\x00\u2028"
    version = publish(title=title.replace("everybody@example.net", "everybody"))
    _, mail = written(version)
    assert mail["Bcc"] is None
    assert "\n" not in mail["Subject"]
    assert mail["Subject"].startswith("Users Bcc: everybody <img")
    assert "<img src=x" not in mail.get_body(("html",)).get_content()


@pytest.mark.parametrize("length", [149, 150, 151])
def test_a_subject_has_a_length(length):
    line = one_line("x" * length)
    assert len(line) <= 150
    assert line.endswith("…") == (length > 150)


def test_a_huge_page_has_a_small_summary(publish):
    results = {
        f"r{number}": {"value": number, "unit": "users", "label": "Ä " * 900}
        for number in range(500)
    }
    notice = {"name": "n", "kind": "bounds", "severity": "warn", "status": "failed"}
    version = publish(
        results=results,
        answer="word " * 50_000,
        data_checks=[notice | {"words": "w " * 4_500}] * 99,
    )
    message, mail = written(version)
    assert len(message.text.encode()) + len(message.html.encode()) < LARGEST_BODY
    assert "488 more" in message.text
    encoded = sum(
        len(part.get_payload())
        for part in mail.walk()
        if part.get_content_maintype() == "text" and not part.is_attachment()
    )
    assert encoded < LARGEST_BODY


@pytest.mark.parametrize("leak", ["ann@example.org", "ab" * 32, "10.1.2.3"])
def test_an_identifier_does_not_leave_the_house(publish, leak):
    version = publish(answer=f"Forty users, {leak} among them.")
    with pytest.raises(PermanentError, match="held"):
        report_message(version, item_of(version), mail=MAIL)


@pytest.mark.parametrize("name", ["index.html", "data.json"])
def test_a_page_that_was_touched_or_is_gone_is_not_sent(publish, name):
    version = publish()
    path = version.path / name
    path.write_bytes(path.read_bytes() + b" ")
    with pytest.raises(PermanentError, match="analytics verify"):
        report_message(version, item_of(version), mail=MAIL)
    path.unlink()
    with pytest.raises(PermanentError, match="analytics verify"):
        report_message(version, item_of(version), mail=MAIL)


def test_a_revision_says_so(publish):
    publish()
    message, mail = written(publish(value=41))
    assert mail["Subject"].endswith("(revision 2)")
    assert "replaces a page" in message.text
    assert "Revised" in message.html


def test_a_notice_names_the_alert_and_how_to_answer():
    item = new_item(
        "notice", run="tiny/monthly", about="tiny/monthly:low#3", target="t", address="",
        words="the check failed",
    )  # fmt: skip
    message = notice_message(item, owner="Ann")
    assert message.subject == "Needs attention: tiny/monthly:low"
    assert "analytics alerts ack tiny/monthly:low" in message.text
    assert message.html == ""
    assert json.dumps(message.content)


def test_charts_are_drawn_from_the_svg_of_the_page(publish):
    page = (publish().path / "index.html").read_text()
    (chart,) = page_charts(page, most=3)
    assert chart.title == "Users rose & rose."
    assert (chart.width, chart.height) == (200, 80)
    assert chart.png[16:24] == (300).to_bytes(4, "big") + (120).to_bytes(4, "big")  # 1.5 times
    assert page_charts(page, most=0) == []
    assert page_charts(page * 5, most=2) == [chart, chart]


def test_a_chart_that_cannot_be_drawn_is_left_out(publish):
    page = (publish().path / "index.html").read_text()
    assert page_charts(page.replace("<g", "<g <"), most=1) == []
    assert page_charts(page.replace("viewbox", "box"), most=1) == []
    assert page_charts(re.sub("<title.*</title>", "", page), most=1) == []
