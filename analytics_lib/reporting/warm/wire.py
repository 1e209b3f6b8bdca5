"""Messages between the warm processes: one JSON line each, over sockets in a private folder."""

import json
import socket
from typing import Any

MOST_BYTES = 1 << 20


def send(connection: socket.socket, message: dict[str, Any]) -> None:
    """Send one message."""
    connection.sendall(json.dumps(message).encode() + b"\n")


def receive(connection: socket.socket) -> dict[str, Any] | None:
    """Wait for one message; `None` where the other side has gone."""
    line = bytearray()
    while not line.endswith(b"\n"):
        try:
            part = connection.recv(1)
        except ConnectionError:
            return None
        if not part:
            return None
        line += part
    message: dict[str, Any] = json.loads(line)
    return message


def send_with_file(connection: socket.socket, message: dict[str, Any], file: int) -> None:
    """Send one message and an open file with it."""
    socket.send_fds(connection, [json.dumps(message).encode() + b"\n"], [file])


def receive_with_file(connection: socket.socket) -> tuple[dict[str, Any], int] | None:
    """Wait for one message and its file; `None` where the other side has gone."""
    data, files, _, _ = socket.recv_fds(connection, MOST_BYTES, 1)
    if not data or not files:
        return None
    while not data.endswith(b"\n"):
        more = connection.recv(MOST_BYTES)
        if not more:
            return None
        data += more
    return json.loads(data), files[0]
