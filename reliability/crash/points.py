"""A forked process that serves one request, and dies at a chosen point of it.

Django shows every statement to a wrapper, and COMMIT goes through one method; the product has no
hooks for this. Points are counted as the request comes by them.
"""

import os
import pickle
import signal
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, connections
from django.test import RequestFactory

from evently.wsgi import application

WRITES = ("INSERT", "UPDATE", "DELETE", "WITH")
COMMIT_IN_FLIGHT = "COMMIT sent, its answer not awaited"


@dataclass(frozen=True)
class Request:
    """One call of the API, by whom its headers say."""

    method: str
    path: str
    body: str = ""
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Point:
    """Where a request can die: before what, and after how many changes that were made for good."""

    before: str
    steps_done: int


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes
    points: list[Point]


class Course:
    """The points of one request, in order; dies as it comes by the one that was chosen."""

    def __init__(self, die_at: int | None) -> None:
        self.points: list[Point] = []
        self._die_at = die_at
        self._steps_done = 0
        self._commit = connection._commit
        connection._commit = self._watch_commit
        connection.execute_wrappers.append(self._watch_statement)

    def _watch_statement(self, execute: Callable, sql: str, *args: Any) -> Any:
        self._pass(sql)
        result = execute(sql, *args)
        if not connection.in_atomic_block and sql.lstrip().startswith(WRITES):
            self._step(f"an answer to {sql}")
        return result

    def _watch_commit(self) -> None:
        self._pass("COMMIT")
        self._pass(COMMIT_IN_FLIGHT, by=_send_commit)
        self._commit()
        self._step("an answer to COMMIT")

    def _step(self, what: str) -> None:
        self._steps_done += 1
        self._pass(what)

    def _pass(self, before: str, *, by: Callable[[], None] = lambda: None) -> None:
        self.points.append(Point(before, self._steps_done))
        if len(self.points) - 1 == self._die_at:
            by()
            os.kill(os.getpid(), signal.SIGKILL)


def serve(request: Request, *, die_at: int | None = None) -> Answer | None:
    """Serve in a child with a connection of its own; return its answer, None if it died."""
    connections.close_all()  # a child must not have a part in a connection of ours
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        with suppress(BaseException):
            os.write(writing, pickle.dumps(_answer(request, die_at)))
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        said = pipe.read()
    _, end = os.waitpid(child, 0)
    if die_at is not None and os.WIFSIGNALED(end) and os.WTERMSIG(end) == signal.SIGKILL:
        return None
    if not said:
        raise RuntimeError(f"The process that was to serve {request} failed.")
    return pickle.loads(said)


def _answer(request: Request, die_at: int | None) -> Answer:
    course = Course(die_at)
    environ = (
        RequestFactory(SERVER_NAME="localhost")
        .generic(
            request.method,
            request.path,
            request.body,
            "application/json",
            headers=request.headers,
        )
        .environ
    )
    begun: dict[str, Any] = {}

    def start_response(status: str, headers: list[tuple[str, str]], *args: Any) -> None:
        begun.update(status=int(status.split()[0]), headers=dict(headers))

    response = application(environ, start_response)
    body = b"".join(response)
    response.close()
    return Answer(**begun, body=body, points=course.points)


def _send_commit() -> None:
    """Hand COMMIT to the kernel: the server will read it whether we live or not."""
    session = connection.connection.pgconn
    session.send_query(b"COMMIT")
    session.flush()
