"""Mail by SMTP: one message, one recipient, over TLS."""

import os
import smtplib
import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import TYPE_CHECKING

from analytics_lib.core.errors import AccessError
from analytics_lib.reporting.delivery.message import Message
from analytics_lib.reporting.delivery.outcomes import (
    PermanentError,
    TransientError,
    UncertainError,
)

if TYPE_CHECKING:
    import datetime as dt

TIMEOUT_S = 30.0
_PORTS = {"starttls": 587, "tls": 465, "none": 25}
_LOCAL = {"localhost", "127.0.0.1", "::1"}
_PERMANENT = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class MailServer:
    """The server that takes our mail.

    Attributes:
        host: Its name.
        port: Its port.
        sender: Address in `From`.
        security: `starttls`, `tls` from the start, or `none`.
        user: Name to log in with; empty for none.
        password: Its password.
    """

    host: str
    port: int
    sender: str
    security: str
    user: str
    password: str


def mail_server() -> MailServer:
    """The server named by the environment.

    The variables are `ANALYTICS_SMTP_HOST`, `_PORT`, `_FROM`, `_SECURITY` (`starttls` unless it
    says `tls` or `none`), `_USER` and `_PASSWORD`.

    Raises:
        AccessError: Something is missing or impossible, or a password would travel in the clear.
    """
    given = {
        key: os.environ.get(f"ANALYTICS_SMTP_{key.upper()}", "")
        for key in ("host", "port", "from", "security", "user", "password")
    }
    missing = [f"ANALYTICS_SMTP_{key.upper()}" for key in ("host", "from") if not given[key]]
    if missing:
        raise AccessError(f"mail needs the environment variables {missing}")
    security = given["security"] or "starttls"
    if security not in _PORTS:
        raise AccessError(f"`ANALYTICS_SMTP_SECURITY` must be one of {sorted(_PORTS)}")
    if given["port"] and not given["port"].isdecimal():
        raise AccessError("`ANALYTICS_SMTP_PORT` must be a number")
    if security == "none" and given["user"] and given["host"] not in _LOCAL:
        raise AccessError("a password is not sent without TLS; set `ANALYTICS_SMTP_SECURITY`")
    return MailServer(
        host=given["host"],
        port=int(given["port"] or _PORTS[security]),
        sender=given["from"],
        security=security,
        user=given["user"],
        password=given["password"],
    )


def mail_of(
    message: Message, *, sender: str, recipient: str, key: str, now: "dt.datetime"
) -> EmailMessage:
    """The message as a mail: text, HTML with its charts, and the page attached.

    Its id is made of the idempotency key: a server that sees it twice can tell.
    """
    mail = EmailMessage(policy=SMTP)
    mail["Subject"] = message.subject
    mail["From"] = sender
    mail["To"] = recipient
    mail["Date"] = format_datetime(now)
    mail["Message-ID"] = f"<{key}@{sender.rpartition('@')[2].rstrip('>')}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(message.text)
    if message.html:
        mail.add_alternative(message.html, subtype="html")
        body = mail.get_payload()[1]  # type: ignore[index]
        for id_, picture in message.pictures.items():
            body.add_related(  # type: ignore[union-attr]
                picture.png, "image", "png", cid=f"<{id_}>", disposition="inline"
            )
    for name, content in message.attachments.items():
        mail.add_attachment(content, maintype="text", subtype="html", filename=name)
    return mail


def send_mail(server: MailServer, mail: EmailMessage) -> None:
    """Hand a mail to the server.

    Raises:
        AccessError: The server does not know the user, or its certificate is not trusted.
        PermanentError: It refuses the mail for good.
        TransientError: It cannot be reached, or says to try again.
        UncertainError: The connection broke after the text was sent and before the answer.
    """
    try:
        connection = _connected(server)
    except (smtplib.SMTPAuthenticationError, ssl.SSLError) as error:
        raise AccessError(f"the mail server lets nobody in ({type(error).__name__})") from error
    except (smtplib.SMTPException, OSError) as error:
        raise TransientError(
            f"the mail server cannot be spoken to ({type(error).__name__})"
        ) from error
    try:
        _transmit(connection, mail)
    finally:
        connection.close()


def _connected(server: MailServer) -> smtplib.SMTP:
    context = ssl.create_default_context()
    if server.security == "tls":
        connection: smtplib.SMTP = smtplib.SMTP_SSL(
            server.host, server.port, timeout=TIMEOUT_S, context=context
        )
    else:
        connection = smtplib.SMTP(server.host, server.port, timeout=TIMEOUT_S)
    try:
        connection.ehlo()
        if server.security == "starttls":
            connection.starttls(context=context)
            connection.ehlo()
        if server.user:
            connection.login(server.user, server.password)
    except BaseException:
        connection.close()
        raise
    return connection


def _transmit(connection: smtplib.SMTP, mail: EmailMessage) -> None:
    """Envelope, then text; only between the text and its answer can the outcome be unknown."""
    try:
        _require_taken(connection.mail(_bare(mail["From"]))[0])
        _require_taken(connection.rcpt(_bare(mail["To"]))[0])
    except OSError as error:  # smtplib's own errors are of this class too
        raise TransientError(f"the mail server broke off ({type(error).__name__})") from error
    try:
        code = connection.data(mail.as_bytes())[0]
    except smtplib.SMTPDataError as error:
        code = error.smtp_code
    except OSError as error:
        raise UncertainError(
            f"the connection broke before the mail server answered ({type(error).__name__})"
        ) from error
    _require_taken(code)


def _require_taken(code: int) -> None:
    if code >= _PERMANENT:
        raise PermanentError(f"the mail server refused it with {code}")
    if not 200 <= code < 300:  # noqa: PLR2004 - the replies of RFC 5321
        raise TransientError(f"the mail server answered {code}")


def _bare(address: str) -> str:
    return str(address).rpartition("<")[2].rstrip(">")
