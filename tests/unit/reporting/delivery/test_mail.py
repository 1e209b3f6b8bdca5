"""Mail against a real server: what arrives, and what each answer means."""

from datetime import UTC, datetime

import pytest

from analytics_lib.core.errors import AccessError
from analytics_lib.reporting.delivery.mail import mail_of, mail_server, send_mail
from analytics_lib.reporting.delivery.message import Message
from analytics_lib.reporting.delivery.outcomes import (
    PermanentError,
    TransientError,
    UncertainError,
)

NOW = datetime(2014, 2, 2, 12, tzinfo=UTC)


def send(subject="Hello", **settings):
    message = Message(subject=subject, text="Users “40”.\n.\n", **settings)
    server = mail_server()
    send_mail(
        server,
        mail_of(message, sender=server.sender, recipient="a@example.org", key="k1", now=NOW),
    )


def test_a_mail_arrives_as_it_was_written(mailbox):
    send("Grüße aus Köln")
    (mail,) = mailbox.messages
    assert mail["Subject"] == "Grüße aus Köln"
    assert mail["To"] == "a@example.org"
    assert mail["From"] == "Reports <reports@example.org>"
    assert mail["Message-ID"] == "<k1@example.org>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail.get_content().replace("\r\n", "\n") == "Users “40”.\n.\n"
    assert any("reports@example.org>" in command for command in mailbox.commands)


@pytest.mark.parametrize("subject", ["a\r\nBcc: x@y.org", "a\nBcc: x@y.org", "a\rBcc: x@y.org"])
def test_a_subject_cannot_bring_a_header_of_its_own(mailbox, subject):
    with pytest.raises(ValueError, match=r"[Hh]eader|linefeed|carriage"):
        send(subject)
    assert mailbox.mails == []


@pytest.mark.parametrize(
    ("rcpt", "data", "error"),
    [
        ([450], [], TransientError), ([550], [], PermanentError), ([499], [], TransientError),
        ([500], [], PermanentError), ([], [451], TransientError), ([], [552], PermanentError),
    ],
)  # fmt: skip
def test_what_an_answer_means(mailbox, rcpt, data, error):
    mailbox.rcpt_codes, mailbox.data_codes = rcpt, data
    with pytest.raises(error, match=str([*rcpt, *data][0])):
        send()
    assert mailbox.mails == []


def test_a_connection_that_breaks_before_the_answer_leaves_it_open(mailbox):
    mailbox.vanish = True
    with pytest.raises(UncertainError, match="before the mail server answered"):
        send()
    assert len(mailbox.mails) == 1


def test_a_server_that_is_not_there_is_tried_again(mailbox, monkeypatch):
    monkeypatch.setenv("ANALYTICS_SMTP_PORT", "9")
    with pytest.raises(TransientError, match="ConnectionRefusedError"):
        send()


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("HOST", "", "ANALYTICS_SMTP_HOST"), ("FROM", "", "ANALYTICS_SMTP_FROM"),
        ("SECURITY", "ssl", "starttls"), ("PORT", "smtp", "a number"),
    ],
)  # fmt: skip
def test_settings_that_are_missing_or_wrong(mailbox, monkeypatch, key, value, words):
    monkeypatch.setenv(f"ANALYTICS_SMTP_{key}", value)
    with pytest.raises(AccessError, match=words):
        mail_server()


def test_a_password_never_travels_in_the_clear(mailbox, monkeypatch):
    monkeypatch.setenv("ANALYTICS_SMTP_HOST", "mail.example.org")
    monkeypatch.setenv("ANALYTICS_SMTP_USER", "ann")
    with pytest.raises(AccessError, match="without TLS"):
        mail_server()
    monkeypatch.delenv("ANALYTICS_SMTP_SECURITY")
    monkeypatch.delenv("ANALYTICS_SMTP_PORT")
    found = mail_server()
    assert (found.security, found.port) == ("starttls", 587)


def test_starttls_with_a_certificate_that_is_trusted(
    mailbox, server_context, certificate, monkeypatch
):
    mailbox.context, mailbox.password = server_context, "AGFubgBzZXNhbWU="
    monkeypatch.setenv("ANALYTICS_SMTP_SECURITY", "starttls")
    monkeypatch.setenv("ANALYTICS_SMTP_USER", "ann")
    monkeypatch.setenv(
        "ANALYTICS_SMTP_PASSWORD", "sesame"
    )  # origin: printf '\0ann\0sesame' | base64
    with pytest.raises(AccessError, match="SSLCertVerificationError"):
        send()
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
    send()
    assert len(mailbox.mails) == 1
    assert mailbox.commands.index("STARTTLS") < [c[:4] for c in mailbox.commands].index("AUTH")
    monkeypatch.setenv("ANALYTICS_SMTP_PASSWORD", "wrong")
    with pytest.raises(AccessError, match="SMTPAuthenticationError"):
        send()


def test_a_server_that_offers_no_tls_gets_no_mail(mailbox, monkeypatch):
    monkeypatch.setenv("ANALYTICS_SMTP_SECURITY", "starttls")
    with pytest.raises(TransientError, match="SMTPNotSupportedError"):
        send()
    assert mailbox.mails == []
