"""A proxy between the application and PostgreSQL, which can do what networks do."""

import asyncio
import socket
import struct
import threading
from collections.abc import Callable
from contextlib import suppress

from reliability.postgres import Postgres

CHUNK_BYTES = 64 * 1024
# As psycopg sends it: in a chunk of its own.
COMMIT = b"COMMIT"
SECONDS_TO_COMMIT = 0.05
SECONDS_TO_START = 10


class Proxy:
    """Passes bytes on, unless told otherwise. Its attributes may be set from any thread."""

    def __init__(self) -> None:
        self.target_port = 0
        self.delay_seconds = 0.0
        self.is_stalled = False
        self.is_dropping = False
        self.is_refusing = False
        # "before" or "after": cut a connection as it commits, before or after PostgreSQL did.
        self.cuts_commit = ""
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._writers: set[asyncio.StreamWriter] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    @property
    def port(self) -> int:
        return self._listener.getsockname()[1]

    def lead_to(self, postgres: Postgres) -> None:
        self.target_port = postgres.port

    def reset(self) -> None:
        """Break every connection, both ways, without a goodbye."""
        self._do(self._break_all)

    def close(self) -> None:
        self._do(self._break_all)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._listener.close()

    def _do(self, work: Callable[[], None]) -> None:
        done = threading.Event()
        self._loop.call_soon_threadsafe(lambda: (work(), done.set()))
        done.wait(SECONDS_TO_START)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(
            asyncio.start_server(self._serve, sock=self._listener)
        )
        self._loop.run_forever()
        server.close()
        for task in (tasks := asyncio.all_tasks(self._loop)):
            task.cancel()
        self._loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
        self._loop.close()

    async def _serve(self, client: asyncio.StreamReader, answers: asyncio.StreamWriter) -> None:
        self._writers.add(answers)
        requests = None
        try:
            if self.is_refusing:
                return
            server, requests = await asyncio.open_connection("127.0.0.1", self.target_port)
            self._writers.add(requests)
            ways = [
                asyncio.ensure_future(self._pass_requests(client, requests, answers)),
                asyncio.ensure_future(self._pass_answers(server, answers)),
            ]
            await asyncio.wait(ways, return_when="FIRST_COMPLETED")
        except OSError:
            pass  # nobody is there: the client learns it by its connection's end
        finally:
            for writer in filter(None, (answers, requests)):
                _break(writer)
                self._writers.discard(writer)

    async def _pass_requests(
        self,
        client: asyncio.StreamReader,
        requests: asyncio.StreamWriter,
        answers: asyncio.StreamWriter,
    ) -> None:
        with suppress(OSError):
            while chunk := await client.read(CHUNK_BYTES):
                moment = self.cuts_commit if COMMIT in chunk else ""
                if moment:
                    _break(answers)
                if moment == "before":
                    return
                await self._write(chunk, requests)
                if moment:
                    await asyncio.sleep(SECONDS_TO_COMMIT)
                    return

    async def _pass_answers(
        self, server: asyncio.StreamReader, answers: asyncio.StreamWriter
    ) -> None:
        with suppress(OSError):
            while chunk := await server.read(CHUNK_BYTES):
                await self._write(chunk, answers)

    async def _write(self, chunk: bytes, sink: asyncio.StreamWriter) -> None:
        await self._hinder()
        if not self.is_dropping:
            sink.write(chunk)
            await sink.drain()

    async def _hinder(self) -> None:
        if self.delay_seconds:
            await asyncio.sleep(self.delay_seconds)
        while self.is_stalled:
            await asyncio.sleep(0.01)

    def _break_all(self) -> None:
        for writer in list(self._writers):
            _break(writer)


def _break(writer: asyncio.StreamWriter) -> None:
    """Reset a connection: what was still under way is lost."""
    raw = writer.get_extra_info("socket")
    with suppress(OSError):
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
