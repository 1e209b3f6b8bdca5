"""Real servers on this machine: one that takes mail, one that takes webhooks."""

import shutil
import socketserver
import ssl
import subprocess
import threading
from contextlib import contextmanager
from email import message_from_bytes
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest


class Mailbox(socketserver.ThreadingTCPServer):
    """A mail server that keeps what it gets and answers as it is told."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), MailSession)
        self.port = self.server_address[1]
        self.mails, self.commands = [], []
        self.rcpt_codes, self.data_codes = [], []  # answers, first come first served; then 250
        self.vanish = False  # hang up after the text, before the answer
        self.context = None  # for STARTTLS
        self.password = None

    @property
    def messages(self):
        return [message_from_bytes(mail, policy=default) for mail in self.mails]


class MailSession(socketserver.StreamRequestHandler):
    stream = None

    def say(self, text):
        self.wfile.write(text.encode() + b"\r\n")

    def handle(self):
        self.say("220 here")
        while line := self.rfile.readline():
            words = line.decode().strip()
            self.server.commands.append(words)
            answer = getattr(self, words.split(" ")[0].lower(), None)
            if answer is None:
                self.say("250 ok")
            elif answer(words):
                return

    def finish(self):
        super().finish()
        if self.stream is not None:
            self.stream.close()

    def ehlo(self, _words):
        features = ["STARTTLS"] if self.server.context else []
        for feature in ("localhost", *features):
            self.say(f"250-{feature}")
        self.say("250 AUTH PLAIN")

    def starttls(self, _words):
        self.say("220 go on")
        try:
            self.stream = self.server.context.wrap_socket(self.request, server_side=True)
        except ssl.SSLError:  # the client does not trust us
            return True
        self.rfile, self.wfile = self.stream.makefile("rb"), self.stream.makefile("wb", 0)
        return False

    def auth(self, words):
        self.say("235 yes" if words.endswith(self.server.password) else "535 no")

    def rcpt(self, _words):
        self.say(f"{self.server.rcpt_codes.pop(0) if self.server.rcpt_codes else 250} so")

    def data(self, _words):
        return self.take()

    def quit(self, _words):
        self.say("221 bye")
        return True

    def take(self):
        self.say("354 go on")
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line[1:] if line.startswith(b"..") else line)
        code = self.server.data_codes.pop(0) if self.server.data_codes else 250
        if code == 250:
            self.server.mails.append(b"".join(lines))
        if self.server.vanish:
            return True
        self.say(f"{code} so")
        return False


class Hook(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.got.append(({k.lower(): v for k, v in self.headers.items()}, body, self.path))
        code = self.server.codes.pop(0) if self.server.codes else 204
        self.send_response(code)
        if 300 <= code < 400:
            self.send_header("Location", self.server.location)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *words):
        pass


@contextmanager
def running(server):
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def mailbox(monkeypatch):
    """A mail server, and the environment that leads to it."""
    with running(Mailbox()) as server:
        for key, value in {
            "HOST": "127.0.0.1", "PORT": str(server.port), "FROM": "Reports <reports@example.org>",
            "SECURITY": "none",
        }.items():  # fmt: skip
            monkeypatch.setenv(f"ANALYTICS_SMTP_{key}", value)
        for key in ("USER", "PASSWORD"):
            monkeypatch.delenv(f"ANALYTICS_SMTP_{key}", raising=False)
        yield server


@pytest.fixture
def hook(monkeypatch):
    """A server that takes webhooks."""
    monkeypatch.setenv("HOOK_SECRET", "a secret of the hook")
    server = ThreadingHTTPServer(("127.0.0.1", 0), Hook)
    server.got, server.codes, server.location = [], [], "http://10.0.0.1/"
    server.url = f"http://127.0.0.1:{server.server_address[1]}/in?x=1"
    with running(server):
        yield server


@pytest.fixture(scope="session")
def certificate(tmp_path_factory):
    """A certificate of this machine that nobody has signed but itself."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not here")
    folder = tmp_path_factory.mktemp("certificate")
    key, cert = folder / "key.pem", folder / "cert.pem"
    words = (
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 "
        "-subj /CN=localhost -addext subjectAltName=DNS:localhost,IP:127.0.0.1 "
        f"-keyout {key} -out {cert}"
    )
    subprocess.run(words.split(), check=True, capture_output=True)
    return cert, key


@pytest.fixture
def server_context(certificate):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*map(str, certificate))
    return context


@pytest.fixture
def page(lake_project, publish):
    """A project with one published page."""
    publish()
    return lake_project
