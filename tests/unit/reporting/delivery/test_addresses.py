"""A webhook goes to the public internet only, whatever its address is wrapped in."""

import socket

import pytest

from analytics_lib.core.errors import ParameterError
from analytics_lib.reporting.delivery.addresses import checked_addresses
from analytics_lib.reporting.delivery.outcomes import PermanentError, TransientError
from analytics_lib.reporting.delivery.spec import Webhook
from analytics_lib.reporting.delivery.webhook import send_webhook
from analytics_lib.reporting.questions import load_question

# origin: the special-purpose address registries of IANA (RFC 6890 and its successors)
PRIVATE = [
    "127.0.0.1", "127.255.255.254", "::1", "0.0.0.0", "::", "10.0.0.1", "10.255.255.255",
    "172.16.0.1", "172.31.255.255", "192.168.0.1", "169.254.169.254", "fe80::1", "fc00::1",
    "fd12:3456::1", "100.64.0.1", "224.0.0.1", "ff02::1", "255.255.255.255", "192.0.2.1",
    "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254",
    "64:ff9b::a00:1", "2002:a00:1::", "2001:0:4136:e378:8000:63bf:f5ff:fffe",
    "127.1", "2130706433", "0x7f000001", "localhost",
]  # fmt: skip
PUBLIC = [
    "9.255.255.255", "11.0.0.0", "172.15.255.255", "172.32.0.0", "169.253.255.255", "8.8.8.8",
    "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808",
]  # fmt: skip


@pytest.mark.parametrize("host", PRIVATE)
def test_private_addresses_are_refused_in_any_spelling(host):
    with pytest.raises(PermanentError, match="private address"):
        checked_addresses(host, 443, allow_private=False)
    assert checked_addresses(host, 443, allow_private=True)


@pytest.mark.parametrize("host", PUBLIC)
def test_public_addresses_are_let_through(host):
    assert len(checked_addresses(host, 443, allow_private=False)) == 1


def answers(*addresses):
    return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 443)) for address in addresses]


def test_one_private_address_among_public_ones_is_enough(monkeypatch):
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: answers("8.8.8.8", "10.0.0.1"))
    with pytest.raises(PermanentError):
        checked_addresses("mixed.example.org", 443, allow_private=False)


def test_a_name_that_changes_its_answer_leads_nowhere_else(monkeypatch):
    """Rebinding: the second answer would be this machine; only the first is spoken to."""
    asked, spoken_to = [], []

    def resolve(host, *_, **__):
        asked.append(host)
        return answers("8.8.8.8") if len(asked) == 1 else answers("127.0.0.1")

    def connect(address, timeout):
        spoken_to.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    monkeypatch.setattr(socket, "create_connection", connect)
    monkeypatch.setenv("HOOK_SECRET", "s")
    target = Webhook(url="https://rebind.example.org/in", secret="HOOK_SECRET")
    with pytest.raises(TransientError):
        send_webhook(target, {}, message_id="m", timestamp=1)
    assert asked == ["rebind.example.org"]
    assert spoken_to == [("8.8.8.8", 443)]


def test_the_next_address_is_tried_where_the_first_does_not_answer(monkeypatch):
    spoken_to = []

    def connect(address, timeout):
        spoken_to.append(address[0])
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: answers("8.8.8.8", "9.9.9.9"))
    monkeypatch.setattr(socket, "create_connection", connect)
    monkeypatch.setenv("HOOK_SECRET", "s")
    target = Webhook(url="https://two.example.org", secret="HOOK_SECRET")
    with pytest.raises(TransientError):
        send_webhook(target, {}, message_id="m", timestamp=1)
    assert spoken_to == ["8.8.8.8", "9.9.9.9"]


def test_a_name_without_an_address_is_tried_again_later(monkeypatch):
    def resolve(*_, **__):
        raise socket.gaierror

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    with pytest.raises(TransientError, match="cannot be resolved"):
        checked_addresses("gone.example.org", 443, allow_private=False)


MISTAKES = {
    "{name: x}": "exactly one of",
    "{name: x, drop: {folder: a}, service: {address: A}}": "exactly one of",
    "{name: x, mail: {to: []}}": "at least 1 item",
    "{name: x, mail: {to: ['no address']}}": "pattern",
    '{name: x, mail: {to: ["a@b\\nBcc: c@d"]}}': "pattern",
    '{name: x, mail: {to: ["a@b.org\\n"]}}': "pattern",
    "{name: x, mail: {to: ['ä@b.org']}}": "pattern",
    "{name: x, mail: {to: ['a@b.org,c@d.org']}}": "pattern",
    "{name: x, mail: {to: [a@b.org], link: 'javascript:x'}}": "pattern",
    "{name: x, webhook: {url: 'http://a.org', secret: S}}": "https://",
    "{name: x, webhook: {url: 'ftp://a.org', secret: S, allow_private: true}}": "https://",
    "{name: x, webhook: {url: 'https://u:p@a.org', secret: S}}": "neither a user",
    "{name: x, webhook: {url: 'https://a.org:99999', secret: S}}": "Port",
    "{name: x, webhook: {url: 'https://a.org', secret: not a name}}": "pattern",
}


@pytest.mark.parametrize(("target", "words"), list(MISTAKES.items()))
def test_a_mistake_in_a_target_is_refused(project, ask, target, words):
    ask(f"deliver:\n  - {target}\n")
    with pytest.raises(ParameterError) as caught:
        load_question(project, "tiny/monthly")
    assert words in str(caught.value)


def test_targets_have_names_of_their_own_and_notices_no_files(project, ask):
    ask("deliver:\n" + "  - {name: x, drop: {folder: a}}\n" * 2)
    with pytest.raises(ParameterError, match="named twice"):
        load_question(project, "tiny/monthly")
    ask("owner: {name: Ann, notify: [{name: x, drop: {folder: a}}]}\n")
    with pytest.raises(ParameterError, match="a notice has none"):
        load_question(project, "tiny/monthly")
