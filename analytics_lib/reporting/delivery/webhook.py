"""A signed message to a program, as Standard Webhooks describes it."""

import base64
import hashlib
import hmac
import http.client
import json
import os
import socket
import ssl
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from analytics_lib.core.errors import AccessError
from analytics_lib.reporting.delivery.addresses import checked_addresses
from analytics_lib.reporting.delivery.outcomes import PermanentError, TransientError
from analytics_lib.reporting.delivery.spec import Webhook

TIMEOUT_S = 15.0
TOLERANCE_S = 300
_PREFIX = "whsec_"
_PORTS = {"https": 443, "http": 80}
_TRY_AGAIN = {408, 425, 429}
_OK, _REDIRECT, _CLIENT, _SERVER = 200, 300, 400, 500


def signature(secret: str, *, message_id: str, timestamp: int, body: bytes) -> str:
    """The signature of a message: HMAC-SHA-256 over its id, its time and its bytes.

    Args:
        secret: The key; after `whsec_` it is base64, otherwise it is taken as it is.
        message_id: Header `webhook-id`.
        timestamp: Header `webhook-timestamp`, Unix seconds.
        body: The body as it is sent.

    References:
        Standard Webhooks, specification of the symmetric signature (v1).
    """
    coded = secret.removeprefix(_PREFIX)
    key = base64.b64decode(coded) if secret.startswith(_PREFIX) else secret.encode()
    signed = f"{message_id}.{timestamp}.".encode() + body
    digest = hmac.new(key, signed, hashlib.sha256).digest()
    return "v1," + base64.b64encode(digest).decode()


def is_genuine(secret: str, *, headers: Mapping[str, str], body: bytes, now: float) -> bool:
    """Whether a received message is ours and fresh; for the receiving program.

    Args:
        secret: The key.
        headers: The headers, names in small letters.
        body: The body as it was received.
        now: The clock, Unix seconds; a message more than five minutes off is refused.
    """
    stamp = headers.get("webhook-timestamp", "")
    if not stamp.isdecimal() or abs(now - int(stamp)) > TOLERANCE_S:
        return False
    expected = signature(
        secret, message_id=headers.get("webhook-id", ""), timestamp=int(stamp), body=body
    )
    given = headers.get("webhook-signature", "").split(" ")
    return any(hmac.compare_digest(expected.encode(), text.encode()) for text in given)


def send_webhook(
    target: Webhook, content: Mapping[str, Any], *, message_id: str, timestamp: int
) -> None:
    """Send a message; a redirect is not followed.

    Args:
        target: Where to.
        content: What to say, as JSON.
        message_id: Idempotency key, the same at every attempt.
        timestamp: The clock, Unix seconds.

    Raises:
        AccessError: The environment variable of the key is not set.
        PermanentError: The address is private, or the receiver refuses the message.
        TransientError: The receiver cannot be reached, or says to try again.
    """
    secret = os.environ.get(target.secret, "")
    if not secret:
        raise AccessError(f"the environment variable `{target.secret}` is not set")
    body = json.dumps(content, sort_keys=True, ensure_ascii=False).encode()
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "analytics-lib",
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": signature(
            secret, message_id=message_id, timestamp=timestamp, body=body
        ),
    }
    try:
        status = _post(target, body, headers)
    except (OSError, http.client.HTTPException) as error:
        raise TransientError(f"the receiver did not answer ({type(error).__name__})") from error
    _require_accepted(status)


def _require_accepted(status: int) -> None:
    if _OK <= status < _REDIRECT:
        return
    if _REDIRECT <= status < _CLIENT:
        raise PermanentError(f"the receiver redirects ({status}); redirects are not followed")
    if status in _TRY_AGAIN or status >= _SERVER:
        raise TransientError(f"the receiver answered {status}")
    raise PermanentError(f"the receiver refused it with {status}")


def _post(target: Webhook, body: bytes, headers: Mapping[str, str]) -> int:
    """Send to the first of the checked addresses that answers; the name is not resolved again."""
    parts = urlsplit(target.url)
    host, port = str(parts.hostname), parts.port or _PORTS[parts.scheme]
    addresses = checked_addresses(host, port, allow_private=target.allow_private)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    stream = _connect(addresses, port)
    try:
        if parts.scheme == "https":
            stream = ssl.create_default_context().wrap_socket(stream, server_hostname=host)
        connection = http.client.HTTPConnection(host, port, timeout=TIMEOUT_S)
        connection.sock = stream
        connection.request("POST", path, body=body, headers={**headers, "Host": parts.netloc})
        with connection.getresponse() as response:
            return response.status
    finally:
        stream.close()


def _connect(addresses: list[str], port: int) -> socket.socket:
    for address in addresses[:-1]:
        try:
            return socket.create_connection((address, port), timeout=TIMEOUT_S)
        except OSError:
            continue
    return socket.create_connection((addresses[-1], port), timeout=TIMEOUT_S)
