"""What happens to a request before Django sees it: it is mended, and let in or not."""

import json
import time
import uuid
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from io import BytesIO
from queue import Empty, SimpleQueue
from threading import Lock
from typing import Any

import structlog
from django.conf import settings
from django.utils.http import parse_header_parameters

from evently.api.document import MEDIA_TYPE, problem
from evently.api.exceptions import DatabaseUnavailable
from evently.metrics import database_refusals

Application = Callable[[dict[str, Any], Any], Iterable[bytes]]


PATIENCE_SECONDS = 5
IMPATIENCE_SECONDS = 1
# A booking takes two or three milliseconds.
TURN_SECONDS = 0.25
# What is to be answered whatever the database does.
ALWAYS = {"/healthz", "/metrics"}

logger = structlog.get_logger("evently.transport")


class Lanes:
    """Let so many requests at a time come as far as Django; others wait for one of them to end.

    A database that hangs keeps whoever asks it. As many of the server's threads again stay free by
    this: all but one of them wait, for at most 5 s without anything moving, and the last one for
    1 s, so that there is soon somebody to refuse (503), and to tell that the process is alive.
    """

    def __init__(self, application: Application, *, number: int) -> None:
        self._application = application
        # Tokens in queues, which are written in C as semaphores aren't.
        self._free = _tokens(number)
        self._patient = _tokens(max(number - 1, 1))
        self._moved_at = time.monotonic()

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if environ["PATH_INFO"] in ALWAYS:
            return self._application(environ, start_response)
        if not _taken(self._free) and not self._wait():
            return _refuse(start_response)
        try:
            self._moved_at = time.monotonic()
            return self._application(environ, start_response)
        finally:
            self._moved_at = time.monotonic()
            self._free.put(None)

    def _wait(self) -> bool:
        """Wait for a lane, and tell whether there was one."""
        is_patient = _taken(self._patient)
        patience = PATIENCE_SECONDS if is_patient else IMPATIENCE_SECONDS
        try:
            stalled = time.monotonic() - self._moved_at
            return _taken(self._free, within_seconds=max(patience - stalled, 0))
        finally:
            if is_patient:
                self._patient.put(None)


class Turns:
    """Let one request at a time be answered, unless it takes so long that it must be waiting.

    Python computes one at a time anyway, and threads that change places whenever one of them asks
    the database cost a booking a tenth of its time. So they take turns, in the order in which they
    came, with one connection to the database; others are used when somebody waits there for long.
    """

    def __init__(self, application: Application) -> None:
        self._application = application
        self._turn = _Turn()

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if not self._turn.take(within_seconds=TURN_SECONDS):
            return self._application(environ, start_response)
        try:
            answer = self._application(environ, start_response)
        except BaseException:
            self._turn.end()
            raise
        return _Closing(answer, self._turn.end)


class _Turn:
    """A lock that is handed on in the order in which it was asked for."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._is_taken = False
        self._begun_at = 0.0
        self._waiting: deque[Any] = deque()

    def take(self, *, within_seconds: float) -> bool:
        """Wait for the turn, and tell whether it came in time, counted from when it was taken."""
        with self._lock:
            now = time.monotonic()
            if not self._is_taken:
                self._is_taken = True
                self._begun_at = now
                return True
            left = self._begun_at + within_seconds - now
            if left <= 0:
                return False
            mine = Lock()
            mine.acquire()
            self._waiting.append(mine)
        if mine.acquire(timeout=left):
            return True
        with self._lock:
            if mine not in self._waiting:
                return True  # it was handed on at the last moment
            self._waiting.remove(mine)
            return False

    def end(self) -> None:
        with self._lock:
            self._begun_at = time.monotonic()
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._is_taken = False


class _Closing:
    """An answer after which, once the server has sent and closed it, something else is done."""

    def __init__(self, answer: Iterable[bytes], then: Callable[[], None]) -> None:
        self._answer = answer
        self._then = then

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._answer)

    def close(self) -> None:
        try:
            if hasattr(self._answer, "close"):
                self._answer.close()
        finally:
            self._then()


def _tokens(number: int) -> SimpleQueue[None]:
    tokens: SimpleQueue[None] = SimpleQueue()
    for _ in range(number):
        tokens.put(None)
    return tokens


def _taken(tokens: SimpleQueue[None], *, within_seconds: float = 0) -> bool:
    try:
        tokens.get(timeout=within_seconds)
    except Empty:
        return False
    return True


def _refuse(start_response: Any) -> list[bytes]:
    database_refusals.labels("EveryLaneBusy").inc()
    logger.warning("request_refused", reason="every lane is busy")
    reason = DatabaseUnavailable
    body = problem(
        status=reason.status_code, code=reason.default_code, detail=str(reason.default_detail)
    )
    headers = {
        "Content-Type": MEDIA_TYPE,
        "Retry-After": str(reason.wait),
        "X-Request-ID": uuid.uuid4().hex,
    }
    start_response("503 Service Unavailable", list(headers.items()))
    return [json.dumps(body).encode()]


def mended(application: Application) -> Application:
    def serve(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        _receive_chunks(environ)
        _drop_unreadable_media_type(environ)
        return application(environ, start_response)

    return serve


def _receive_chunks(environ: dict[str, Any]) -> None:
    """Give a body that comes in chunks its length: Django takes one without for empty."""
    if "HTTP_TRANSFER_ENCODING" in environ and not environ.get("CONTENT_LENGTH"):
        try:
            # One byte too many is enough to be refused as too large.
            body = environ["wsgi.input"].read(settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1)
            length = len(body)
        except OSError:  # it broke off, stalled, or isn't in chunks at all
            body, length = b"", 1
        environ |= {"wsgi.input": BytesIO(body), "CONTENT_LENGTH": str(length)}


def _drop_unreadable_media_type(environ: dict[str, Any]) -> None:
    """Leave a Content-Type such as `application/json; charset*=x''%41` out: Django fails on it."""
    try:
        parse_header_parameters(environ.get("CONTENT_TYPE", ""))
    except (ValueError, LookupError):
        environ["CONTENT_TYPE"] = "application/octet-stream"
