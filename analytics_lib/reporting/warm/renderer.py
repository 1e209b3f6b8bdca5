"""One process that draws every chart: its JavaScript engine starts once, not in every report."""

import json
import socket
import struct
import sys
from base64 import b64decode, b64encode
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from analytics_lib.display.svg import LocalRenderer, Renderer

DRAW_TIMEOUT_S = 120.0
_LENGTH = struct.Struct("!Q")
_NOTHING: dict[str, Any] = {"data": {"values": []}, "mark": "point"}


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteRenderer:
    """Draws in the renderer process, and here where that has gone; the picture is the same.

    Attributes:
        address: Socket of the renderer process.
    """

    address: Path

    def to_svg(self, spec: dict[str, Any]) -> str:
        """A Vega-Lite specification as SVG.

        Raises:
            ValueError: It cannot be drawn.
        """
        answer = self._ask({"form": "svg", "spec": spec})
        return LocalRenderer().to_svg(spec) if answer is None else answer

    def to_png(self, spec: dict[str, Any], *, scale: float) -> bytes:
        """A Vega-Lite specification as PNG.

        Raises:
            ValueError: It cannot be drawn.
        """
        answer = self._ask({"form": "png", "spec": spec, "scale": scale})
        if answer is None:
            return LocalRenderer().to_png(spec, scale=scale)
        return b64decode(answer)

    def _ask(self, request: dict[str, Any]) -> str | None:
        try:
            with socket.socket(socket.AF_UNIX) as connection:
                connection.settimeout(DRAW_TIMEOUT_S)
                connection.connect(str(self.address))
                _send(connection, request)
                answer = _receive(connection)
        except OSError:
            return None
        if answer is None:
            return None
        if "error" in answer:
            raise ValueError(answer["error"])
        picture: str = answer["picture"]
        return picture


def serve(listener: socket.socket, renderer: Renderer) -> None:
    """Answer one request after the other until the process is ended."""
    while True:
        connection, _ = listener.accept()
        with connection, suppress(OSError):
            connection.settimeout(DRAW_TIMEOUT_S)
            request = _receive(connection)
            if request is not None:
                _send(connection, _draw(renderer, request))


def _draw(renderer: Renderer, request: dict[str, Any]) -> dict[str, str]:
    spec = request["spec"]
    try:
        if request["form"] == "svg":
            return {"picture": renderer.to_svg(spec)}
        picture = renderer.to_png(spec, scale=request["scale"])
    except ValueError as error:
        return {"error": str(error)}
    return {"picture": b64encode(picture).decode("ascii")}


def _send(connection: socket.socket, message: dict[str, Any]) -> None:
    data = json.dumps(message).encode()
    connection.sendall(_LENGTH.pack(len(data)) + data)


def _receive(connection: socket.socket) -> dict[str, Any] | None:
    head = _exactly(connection, _LENGTH.size)
    if head is None:
        return None
    data = _exactly(connection, _LENGTH.unpack(head)[0])
    if data is None:
        return None
    message: dict[str, Any] = json.loads(data)
    return message


def _exactly(connection: socket.socket, length: int) -> bytes | None:
    data = bytearray()
    while len(data) < length:
        part = connection.recv(min(1 << 20, length - len(data)))
        if not part:
            return None
        data += part
    return bytes(data)


def main() -> None:
    """Start the JavaScript engine, then serve; ends with its parent's lifeline (stdin)."""
    from threading import Thread  # noqa: PLC0415 - this process is never forked

    listener = socket.socket(fileno=int(sys.argv[1]))
    renderer = LocalRenderer()

    def work() -> None:
        renderer.to_svg(_NOTHING)
        serve(listener, renderer)

    Thread(target=work, daemon=True).start()
    sys.stdin.buffer.read()


if __name__ == "__main__":
    main()
