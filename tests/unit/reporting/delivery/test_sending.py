"""Sending from the outbox: once, to the right people, again where it failed, and never by half."""

import datetime as dt
import json
import signal
import subprocess
import sys
import types

import pytest
from filelock import FileLock

from analytics_lib.core.errors import AccessError, ParameterError
from analytics_lib.reporting.checks.alert_state import alerts
from analytics_lib.reporting.delivery.outbox import due_items, items, new_item, try_again
from analytics_lib.reporting.delivery.owed import raise_alerts
from analytics_lib.reporting.delivery.preview import would_send, write_preview
from analytics_lib.reporting.delivery.sending import deliver, undelivered
from analytics_lib.reporting.delivery.webhook import is_genuine
from analytics_lib.reporting.evidence.audit_log import broken_seals, entries

NOW = dt.datetime(2014, 2, 2, 12, tzinfo=dt.UTC)
MINUTE, SECOND = dt.timedelta(minutes=1), dt.timedelta(seconds=1)
TEAM = "deliver:\n  - {name: team, mail: {to: [a@example.org, b@example.org], charts: 0}}\n"
OWNER = "owner: {name: Ann, notify: [{name: ann, mail: {to: [ann@example.org]}}]}\n"


def hook_target(hook):
    return (
        f"deliver:\n  - {{name: hook, webhook: {{url: '{hook.url}', secret: HOOK_SECRET, "
        "allow_private: true}}\n"
    )


def states(project):
    return sorted({item.state for item in items(project)})


def events(project):
    return [entry["event"] for entry in entries(project)]


def test_each_recipient_gets_one_mail_and_never_a_second(page, ask, mailbox):
    ask(TEAM)
    sent = deliver(page, now=NOW)
    assert [one.state for one in sent] == ["delivered"] * 2
    assert undelivered(sent) == []
    assert sorted(mail["To"] for mail in mailbox.messages) == ["a@example.org", "b@example.org"]
    for later in (0, 1, 100):
        assert deliver(page, now=NOW + later * MINUTE) == []
    assert len(mailbox.mails) == 2
    delivered = [entry for entry in entries(page) if entry["event"] == "delivered"]
    assert len(delivered) == 2
    assert "example.org" not in page.audit_log.read_text()
    assert b"example.org" not in page.outbox.read_bytes()
    assert broken_seals(page) == []


def test_a_lost_outbox_sends_nothing_twice(page, ask, mailbox):
    ask(TEAM)
    deliver(page, now=NOW)
    page.outbox.unlink()
    assert deliver(page, now=NOW) == []
    assert len(mailbox.mails) == 2


def test_a_new_recipient_gets_the_page_and_a_revision_goes_to_all(page, ask, publish, mailbox):
    ask(TEAM.replace(", b@example.org", ""))
    deliver(page, now=NOW)
    ask(TEAM)
    assert [mail["To"] for mail in mailbox.messages] == ["a@example.org"]
    assert len(deliver(page, now=NOW)) == 1
    publish(value=41)
    assert len(deliver(page, now=NOW)) == 2
    assert mailbox.messages[-1]["Subject"].endswith("(revision 2)")


def test_a_back_fill_sends_the_newest_page_only(page, ask, publish, mailbox):
    ask(TEAM.replace(", b@example.org", ""))
    publish("2013-11-30")
    publish("2013-12-31")
    assert len(deliver(page, now=NOW)) == 1
    assert "2014-01-31" in mailbox.messages[0]["Subject"]


def test_nothing_is_delivered_when_the_run_failed_but_a_notice_to_the_owner(
    page, ask, fail, publish, mailbox
):
    ask(TEAM + OWNER)
    fail(kind="DisclosureError")
    deliver(page, now=NOW)
    (mail,) = mailbox.messages
    assert mail["To"] == "ann@example.org"
    assert mail["Subject"] == "Needs attention: tiny/monthly:run"
    text = mail.get_content()
    assert "DisclosureError" in text
    assert "Forty" not in text
    assert "40" not in text
    assert not list(mail.iter_attachments())
    publish("2014-02-28", value=44)  # it ran again
    deliver(page, now=NOW)
    assert len(mailbox.mails) == 3
    assert not alerts(page)[0].active


def test_a_failure_holds_back_what_was_already_in_the_outbox(page, ask, fail, mailbox):
    ask(TEAM)
    mailbox.rcpt_codes = [450, 450]
    assert [one.state for one in deliver(page, now=NOW)] == ["waiting"] * 2
    fail()
    assert deliver(page, now=NOW + dt.timedelta(hours=1)) == []
    assert mailbox.mails == []
    assert states(page) == ["waiting"]


# Delays double from one minute: after the first failure 1 minute, after the second 2.
@pytest.mark.parametrize(
    ("after", "count"),
    [(MINUTE - SECOND, 0), (MINUTE, 1), (MINUTE + SECOND, 1)],
)
def test_a_failure_is_tried_again_after_its_delay(page, ask, hook, after, count):
    ask(hook_target(hook))
    hook.codes = [503]
    (sent,) = deliver(page, now=NOW)
    assert (sent.state, sent.error) == ("waiting", "the receiver answered 503")
    assert len(deliver(page, now=NOW + after)) == count
    assert len(hook.got) == 1 + count


def test_delays_double_and_then_it_is_given_up_and_the_owner_told(page, ask, hook, mailbox):
    ask(hook_target(hook) + OWNER)
    hook.codes = [500] * 20
    now, delays = NOW, []
    for _ in range(10):
        deliver(page, now=now)
        (item,) = [item for item in items(page) if item.kind == "report"]
        delays.append((dt.datetime.fromisoformat(item.due_at) - now) / MINUTE)
        now = dt.datetime.fromisoformat(item.due_at)
    assert delays == [1, 2, 4, 8, 16, 32, 64, 128, 256, 512]
    assert (item.state, item.attempts) == ("given up", 10)
    assert len({headers["webhook-id"] for headers, *_ in hook.got}) == 1
    deliver(page, now=now)
    assert len(hook.got) == 10
    assert [mail["Subject"] for mail in mailbox.messages] == [
        "Needs attention: tiny/monthly:delivery"
    ]
    hook.codes = []
    try_again(page, item.key, now=now)
    assert [one.state for one in deliver(page, now=now)] == ["delivered"]
    with pytest.raises(ParameterError, match="no message that could be sent again"):
        try_again(page, item.key, now=now)


def test_a_refusal_for_good_is_given_up_at_once_and_the_others_are_sent(page, ask, mailbox):
    ask(TEAM)
    mailbox.rcpt_codes = [550, 250]
    sent = deliver(page, now=NOW)
    assert sorted(one.state for one in sent) == ["delivered", "given up"]
    assert len(undelivered(sent)) == 1
    failed = [entry for entry in entries(page) if entry["event"] == "delivery failed"]
    assert [entry["error"] for entry in failed] == ["the mail server refused it with 550"]


def test_an_unknown_outcome_is_not_sent_again_by_itself(page, ask, mailbox):
    ask(TEAM.replace(", b@example.org", ""))
    mailbox.vanish = True
    (sent,) = deliver(page, now=NOW)
    assert sent.state == "uncertain"
    mailbox.vanish = False
    assert deliver(page, now=NOW + dt.timedelta(days=1)) == []
    assert len(mailbox.mails) == 1
    assert "tiny/monthly:delivery" in [alert.name for alert in raise_alerts(page, now=NOW)]
    try_again(page, sent.item.key, now=NOW)
    deliver(page, now=NOW)
    assert len(mailbox.mails) == 2


KILLED = """
import datetime as dt, os, signal, sys
from pathlib import Path
from analytics_lib.reporting.delivery import sending
from analytics_lib.reporting.project import Project

def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)

setattr(sending, sys.argv[2], die)
sending.deliver(Project(root=Path(sys.argv[1])), now=dt.datetime.fromisoformat(sys.argv[3]))
"""
MOMENTS = {"before": "_hand_over", "after": "_record", "written": "finish"}


def kill(project, moment):
    """Deliver in a process that is killed at a moment of the sending."""
    words = [sys.executable, "-c", KILLED, project.root, MOMENTS[moment], NOW.isoformat()]
    done = subprocess.run(words, capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr


# marked and not sent; sent and not written down; written into the audit log but not the outbox
@pytest.mark.parametrize(
    ("moment", "state", "mails"),
    [("before", "uncertain", 0), ("after", "uncertain", 1), ("written", "delivered", 1)],
)
def test_a_killed_process_never_sends_a_mail_twice(page, ask, mailbox, moment, state, mails):
    ask(TEAM.replace(", b@example.org", ""))
    kill(page, moment)
    assert states(page) == ["sending"]
    assert deliver(page, now=NOW) == []
    assert states(page) == [state]
    assert len(mailbox.mails) == mails


@pytest.mark.parametrize(("moment", "first"), [("before", 0), ("after", 1), ("written", 1)])
def test_a_killed_process_sends_a_webhook_again_under_the_same_id(page, ask, hook, moment, first):
    ask(hook_target(hook))
    kill(page, moment)
    assert len(hook.got) == first
    deliver(page, now=NOW)
    assert states(page) == ["delivered"]
    assert len(hook.got) == {"before": 1, "after": 2, "written": 1}[moment]
    assert len({headers["webhook-id"] for headers, *_ in hook.got}) == 1
    headers, body, _ = hook.got[-1]
    stamp = int(headers["webhook-timestamp"])
    assert is_genuine("a secret of the hook", headers=headers, body=body, now=stamp)
    assert json.loads(body)["folder"] == "2014-01-31"


@pytest.mark.parametrize("folder", ["outputs/site", "a/../outputs/site_internal/x"])
def test_a_copy_never_goes_to_a_site(page, ask, folder):
    ask(f"deliver:\n  - {{name: share, drop: {{folder: {folder}}}}}\n")
    (sent,) = deliver(page, now=NOW)
    assert (sent.state, "lies in a site" in sent.error) == ("given up", True)


def test_a_copy_is_whole_or_not_there(page, ask, tmp_path):
    ask("deliver:\n  - {name: share, drop: {folder: shared}}\n")
    deliver(page, now=NOW)
    place = page.root / "shared/tiny/monthly/2014-01-31"
    source = page.site / "tiny/monthly/2014-01-31"
    assert {path.name: path.read_bytes() for path in place.iterdir()} == {
        path.name: path.read_bytes() for path in source.iterdir()
    }
    page.outbox.unlink()
    page.audit_log.unlink()
    assert [one.state for one in deliver(page, now=NOW)] == ["delivered"]  # the same again
    (place / "manifest.json").write_text("another")
    page.outbox.unlink()
    page.audit_log.unlink()
    assert [one.state for one in deliver(page, now=NOW)] == ["given up"]


def test_a_copy_that_cannot_be_written_is_tried_again(page, ask):
    (page.root / "shared").write_text("no folder")
    ask("deliver:\n  - {name: share, drop: {folder: shared}}\n")
    (sent,) = deliver(page, now=NOW)
    assert sent.state == "waiting"
    assert not list(page.root.rglob(".staging-*"))


def test_a_page_waiting_is_superseded_by_the_next(page, ask, publish, hook):
    ask(hook_target(hook))
    hook.codes = [500]
    deliver(page, now=NOW)
    publish("2014-02-28")
    deliver(page, now=NOW + MINUTE)
    assert states(page) == ["delivered", "superseded"]
    assert [json.loads(body)["folder"] for _, body, _ in hook.got] == ["2014-01-31", "2014-02-28"]


def test_a_target_that_is_gone_is_cancelled_and_a_touched_page_not_sent(page, ask, hook):
    ask(hook_target(hook))
    hook.codes = [500]
    deliver(page, now=NOW)
    ask("")
    (sent,) = deliver(page, now=NOW + MINUTE)
    assert sent.state == "cancelled"
    assert undelivered([sent]) == []
    hook.codes = [500]
    ask(hook_target(hook))
    assert [one.state for one in deliver(page, now=NOW + MINUTE)] == ["waiting"]  # it is back
    (page.parameters / "tiny/monthly.yaml").unlink()
    (sent,) = deliver(page, now=NOW + 2 * MINUTE)
    assert sent.state == "cancelled"
    ask(hook_target(hook).replace("name: hook", "name: other"))
    index = page.site / "tiny/monthly/2014-01-31/index.html"
    index.write_text("touched")
    (sent,) = deliver(page, now=NOW + MINUTE)
    assert sent.state == "given up"
    assert len(hook.got) == 2


def test_services_go_through_apprise(page, ask, monkeypatch):
    ask("deliver:\n  - {name: chat, service: {address: CHAT_ADDRESS}}\n")
    (sent,) = deliver(page, now=NOW)
    assert (sent.state, "CHAT_ADDRESS" in sent.error) == ("waiting", True)
    monkeypatch.setenv("CHAT_ADDRESS", "slack://token")
    monkeypatch.setitem(sys.modules, "apprise", None)
    (sent,) = deliver(page, now=NOW + MINUTE)
    assert "pip install apprise" in sent.error
    told = []

    class Apprise:
        def add(self, address):
            self.address = address
            return address.startswith("slack://")

        def notify(self, *, title, body):
            told.append((self.address, title, body))
            return len(told) > 1

    monkeypatch.setitem(sys.modules, "apprise", types.SimpleNamespace(Apprise=Apprise))
    (sent,) = deliver(page, now=NOW + 5 * MINUTE)
    assert (sent.state, sent.error) == ("waiting", "the service did not take it")
    (sent,) = deliver(page, now=NOW + 60 * MINUTE)
    assert sent.state == "delivered"
    assert told[1][:2] == ("slack://token", "How many? Monthly, 2014-01-31")
    assert "Forty users." in told[1][2]
    monkeypatch.setenv("CHAT_ADDRESS", "nonsense")
    ask("deliver:\n  - {name: chat2, service: {address: CHAT_ADDRESS}}\n")
    (sent,) = deliver(page, now=NOW)
    assert "does not understand" in sent.error


@pytest.mark.filterwarnings(
    "ignore:'imghdr' is deprecated:DeprecationWarning"
)  # apprise's own import
def test_the_real_apprise_brings_a_message_to_a_server(page, ask, hook, monkeypatch):
    pytest.importorskip("apprise")
    ask("deliver:\n  - {name: chat, service: {address: CHAT_ADDRESS}}\n")
    monkeypatch.setenv("CHAT_ADDRESS", hook.url.replace("http://", "json://"))
    hook.codes = [500, 200]
    (sent,) = deliver(page, now=NOW)
    assert (sent.state, sent.error) == ("waiting", "the service did not take it")
    (sent,) = deliver(page, now=NOW + 5 * MINUTE)
    assert sent.state == "delivered"
    assert len(hook.got) == 2
    headers, body, path = hook.got[1]
    assert (headers["content-type"], path.partition("?")[0]) == ("application/json", "/in")
    message = json.loads(body)
    assert message["title"] == "How many? Monthly, 2014-01-31"
    assert "Forty users." in message["message"]
    assert message["attachments"] == []
    monkeypatch.setenv("CHAT_ADDRESS", "nonsense")
    ask("deliver:\n  - {name: chat2, service: {address: CHAT_ADDRESS}}\n")
    (sent,) = deliver(page, now=NOW)
    assert "does not understand" in sent.error


def test_an_error_nobody_foresaw_stops_nobody_else(page, ask, mailbox, monkeypatch):
    ask("deliver:\n  - {name: chat, service: {address: CHAT_ADDRESS}}\n" + TEAM[9:])
    monkeypatch.setenv("CHAT_ADDRESS", "x")
    monkeypatch.setitem(sys.modules, "apprise", types.SimpleNamespace())
    sent = deliver(page, now=NOW)
    assert sorted(one.state for one in sent) == ["delivered", "delivered", "uncertain"]


def test_only_one_process_delivers(page, ask):
    ask(TEAM)
    with FileLock(f"{page.outbox}.lock"), pytest.raises(AccessError, match="right now"):
        deliver(page, now=NOW)


def test_a_notice_is_sent_once_though_the_process_died_after_queueing(page, ask, fail, mailbox):
    ask(OWNER)
    fail()
    raise_alerts(page, now=NOW)
    page.alerts.unlink()  # as if the alert had never counted as told
    raise_alerts(page, now=NOW)
    deliver(page, now=NOW)
    assert len(mailbox.mails) == 1


def test_a_preview_sends_and_remembers_nothing(page, ask, hook, mailbox, tmp_path):
    extra = "  - {name: chat, service: {address: CHAT}}\n  - {name: share, drop: {folder: x}}\n"
    ask(hook_target(hook) + TEAM[9:] + extra)
    assert len(would_send(page, now=NOW)) == 5
    paths = write_preview(page, tmp_path / "preview", now=NOW)
    assert sorted(path.suffix for path in paths) == [".eml", ".eml", ".json", ".txt", ".txt"]
    assert not page.outbox.exists()
    assert hook.got == mailbox.mails == []
    with pytest.raises(ParameterError, match="not empty"):
        write_preview(page, tmp_path / "preview", now=NOW)
    hook.codes = [500]
    deliver(page, now=NOW)
    assert would_send(page, now=NOW) == []
    assert [item.target for item in would_send(page, now=NOW + MINUTE)].count("hook") == 1


def test_keys_tell_runs_pages_targets_and_people_apart():
    base = {"run": "a/b", "about": "2014-01-31", "target": "t", "address": "x@y.org"}
    others = [{key: value + "z"} for key, value in base.items()]
    keys = {new_item("report", **{**base, **other}).key for other in [{}, *others]}
    keys.add(new_item("notice", **base).key)
    assert len(keys) == 6


def test_an_empty_outbox(project):
    assert items(project) == []
    assert due_items(project, now=NOW) == []
    assert deliver(project, now=NOW) == []


def test_a_page_that_was_removed_is_given_up_and_a_broken_file_sends_nothing(page, ask, hook):
    ask(hook_target(hook))
    hook.codes = [500]
    deliver(page, now=NOW)
    ask("deliver: [nonsense]\n")
    assert deliver(page, now=NOW + MINUTE) == []
    assert states(page) == ["waiting"]  # a mistake in the file loses no message
    assert [alert.name for alert in raise_alerts(page, now=NOW)] == ["tiny/monthly:question"]
    ask(hook_target(hook))
    for path in (page.site / "tiny/monthly/2014-01-31").iterdir():
        path.unlink()
    (sent,) = deliver(page, now=NOW + MINUTE)
    assert (sent.state, "not there any more" in sent.error) == ("given up", True)
    assert len(hook.got) == 1
