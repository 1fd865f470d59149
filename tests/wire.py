"""Talk to a served Evently in bytes, as no well-behaved client would."""

import json
import socket
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

PATIENCE_SECONDS = 20


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def problem(self) -> dict[str, Any]:
        assert self.headers["content-type"] == "application/problem+json", self
        return json.loads(self.body)


def request(line: str = "POST /bookings HTTP/1.1", *headers: str, body: bytes = b"") -> bytes:
    """Lay out a request with a Host, and an end of the connection after it."""
    head = "\r\n".join([line, "Host: localhost", "Connection: close", *headers, "", ""])
    return head.encode("latin-1") + body


def chunks(*parts: bytes) -> bytes:
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (*parts, b""))


def ask(url: str, sent: bytes, *, hang_up: bool = False) -> Answer:
    """Send bytes, return the final answer; `hang_up` tells the server that no more will come."""
    address = urlsplit(url)
    with socket.create_connection((address.hostname, address.port), PATIENCE_SECONDS) as line:
        line.sendall(sent)
        if hang_up:
            line.shutdown(socket.SHUT_WR)
        with line.makefile("rb") as answer:
            received = answer.read()
    head, _, body = received.removeprefix(b"HTTP/1.1 100 Continue\r\n\r\n").partition(b"\r\n\r\n")
    status, *fields = head.decode("latin-1").split("\r\n")
    headers = dict(field.split(": ", 1) for field in fields)
    return Answer(int(status.split()[1]), {name.lower(): headers[name] for name in headers}, body)
