"""Webhooks against a real server: signature, answers, redirects."""

import base64
import hashlib
import hmac
import json
import subprocess

import pytest

from analytics_lib.core.errors import AccessError
from analytics_lib.reporting.delivery.outcomes import PermanentError, TransientError
from analytics_lib.reporting.delivery.spec import Webhook
from analytics_lib.reporting.delivery.webhook import is_genuine, send_webhook, signature


def send(hook, **settings):
    target = Webhook(url=hook.url, secret="HOOK_SECRET", allow_private=True, **settings)
    send_webhook(target, {"a": "é"}, message_id="msg_1", timestamp=1_400_000_000)


def test_the_receiver_gets_signed_json(hook):
    send(hook)
    ((headers, body, path),) = hook.got
    assert json.loads(body) == {"a": "é"}
    assert path == "/in?x=1"
    assert headers["host"].startswith("127.0.0.1:")
    # origin: worked out here from the specification of Standard Webhooks
    signed = b"msg_1.1400000000." + body
    mac = hmac.new(b"a secret of the hook", signed, hashlib.sha256).digest()
    assert headers["webhook-signature"] == "v1," + base64.b64encode(mac).decode()


def test_the_signature_of_the_specification():
    # origin: example of the Standard Webhooks reference libraries (their test of `sign`)
    made = signature(
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", message_id="msg_p5jXN8AQM9LWM0D4loKWxJek",
        timestamp=1614265330, body=b'{"test": 2432232314}',
    )  # fmt: skip
    assert made == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@pytest.mark.skipif(
    subprocess.run(["which", "openssl"], capture_output=True, check=False).returncode != 0,
    reason="openssl is not here",
)
def test_another_program_makes_the_same_signature():
    done = subprocess.run(
        ["openssl", "dgst", "-sha256", "-hmac", "key", "-binary"],
        input=b"id.5.body", capture_output=True, check=True,
    )  # fmt: skip
    made = signature("key", message_id="id", timestamp=5, body=b"body")
    assert made == "v1," + base64.b64encode(done.stdout).decode()


@pytest.mark.parametrize(
    ("change", "genuine"),
    [
        ({}, True),
        ({"now": 1_400_000_300}, True), ({"now": 1_400_000_301}, False),
        ({"now": 1_399_999_700}, True), ({"now": 1_399_999_699}, False),
        ({"body": b"{}"}, False), ({"webhook-id": "msg_2"}, False),
        ({"webhook-timestamp": "1400000001"}, False), ({"webhook-timestamp": "x"}, False),
        ({"webhook-signature": ""}, False), ({"secret": "another"}, False),
    ],
)  # fmt: skip
def test_a_receiver_can_tell_what_is_ours(hook, change, genuine):
    send(hook)
    ((headers, body, _),) = hook.got
    settings = {"now": 1_400_000_000, "secret": "a secret of the hook", "body": body}
    for name, value in change.items():
        (settings if name in settings else headers)[name] = value
    secret = settings.pop("secret")
    assert is_genuine(secret, headers=headers, **settings) is genuine


@pytest.mark.parametrize(
    ("code", "error"),
    [
        (200, None), (204, None), (299, None),
        (301, PermanentError), (302, PermanentError), (307, PermanentError),
        (400, PermanentError), (404, PermanentError), (410, PermanentError),
        (408, TransientError), (425, TransientError), (429, TransientError),
        (500, TransientError), (503, TransientError),
    ],
)  # fmt: skip
def test_answers(hook, code, error):
    hook.codes = [code]
    if error is None:
        send(hook)
    else:
        with pytest.raises(error, match=str(code)):
            send(hook)
    assert len(hook.got) == 1  # a redirect is not followed, to wherever it leads


def test_what_cannot_be_reached_is_tried_again(monkeypatch):
    monkeypatch.setenv("HOOK_SECRET", "x")
    target = Webhook(url="http://127.0.0.1:9/", secret="HOOK_SECRET", allow_private=True)
    with pytest.raises(TransientError, match="ConnectionRefusedError"):
        send_webhook(target, {}, message_id="m", timestamp=1)


def test_without_its_key_nothing_is_sent(hook, monkeypatch):
    monkeypatch.delenv("HOOK_SECRET")
    with pytest.raises(AccessError, match="HOOK_SECRET"):
        send(hook)
    assert hook.got == []


def test_private_addresses_need_permission(hook):
    https = hook.url.replace("http:", "https:")
    target = Webhook(url=https, secret="HOOK_SECRET")
    with pytest.raises(PermanentError, match="allow_private"):
        send_webhook(target, {}, message_id="m", timestamp=1)
    assert hook.got == []


def test_tls_is_checked_against_the_name(hook, server_context, certificate, monkeypatch):
    hook.socket = server_context.wrap_socket(hook.socket, server_side=True)
    hook.url = hook.url.replace("http:", "https:").replace("127.0.0.1", "localhost")
    with pytest.raises(TransientError, match="SSLCertVerificationError"):
        send(hook)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
    send(hook)
    assert len(hook.got) == 1
