"""A flash sale: everybody at once, each over a connection that is kept, and every answer looked at.

wrk can't do this: each person asks once, and who is told what, and when, is the point.
"""

import asyncio
import time
from contextlib import suppress
from typing import NamedTuple
from urllib.parse import urlsplit

SOLD = 201

Stream = tuple[asyncio.StreamReader, asyncio.StreamWriter]

PATIENCE_SECONDS = 30
LOST = 0


class Reply(NamedTuple):
    """What one person was told; `status` 0: the connection was lost."""

    status: int
    begin: float
    end: float


def rush(url: str, requests: list[bytes], *, connections: int) -> list[Reply]:
    """Send all requests, so many at a time, and return what came of each."""
    return asyncio.run(_rush(url, requests, connections))


def post(path: str, body: str, **headers: str) -> bytes:
    lines = [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    lines += ["Host: 127.0.0.1", "Content-Type: application/json", f"Content-Length: {len(body)}"]
    return "\r\n".join([f"POST {path} HTTP/1.1", *lines, "", body]).encode()


def told_early(replies: list[Reply]) -> int:
    """Count who was told to wait before somebody who came after that was sold a seat."""
    last_begin = max((r.begin for r in replies if r.status == SOLD), default=0.0)
    return sum(reply.status == 202 and reply.end < last_begin for reply in replies)


async def _rush(url: str, requests: list[bytes], connections: int) -> list[Reply]:
    waiting = list(reversed(requests))
    replies: list[Reply] = []
    clients = [_client(url, waiting, replies) for _ in range(connections)]
    await asyncio.gather(*clients)
    return replies


async def _client(url: str, waiting: list[bytes], replies: list[Reply]) -> None:
    """Send one waiting request after the other, over a new connection when one is lost."""
    stream: Stream | None = None
    while waiting:
        request, begin, status = waiting.pop(), time.monotonic(), LOST
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                stream = stream or await _connect(url)
                status = await _ask(*stream, request)
        except (OSError, EOFError, ValueError):
            stream = await _hang_up(stream)
        replies.append(Reply(status, begin, time.monotonic()))
    await _hang_up(stream)


async def _hang_up(stream: Stream | None) -> None:
    if stream:
        stream[1].close()
        with suppress(OSError):
            await stream[1].wait_closed()


async def _connect(url: str) -> Stream:
    address = urlsplit(url)
    return await asyncio.open_connection(address.hostname, address.port)


async def _ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes) -> int:
    writer.write(request)
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    status, *lines = head.split("\r\n")
    fields = dict(line.lower().split(": ", 1) for line in lines if line)
    if "content-length" in fields:
        await reader.readexactly(int(fields["content-length"]))
    else:
        await reader.readuntil(b"\r\n0\r\n\r\n")  # in chunks, of which this is the last
    return int(status.split()[1])
