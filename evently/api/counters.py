"""Where calls are counted: in Redis for all processes together, or in each for its share.

The window slides: of the calls in the minute before this one, those count that by their average
pace fall into the last 60 seconds. So nobody has twice the limit at a window's edge, and a caller
costs two numbers, where a list of every call's time would hold 60,000 of them for one address.
"""

import time
from functools import cache
from threading import Lock
from typing import NamedTuple, Protocol

import structlog
from limits import RateLimitItemPerMinute
from limits.storage import RedisStorage
from limits.strategies import SlidingWindowCounterRateLimiter
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

WINDOW_SECONDS = 60
REDIS_TIMEOUT_SECONDS = 0.25
PAUSE_SECONDS = 5  # between two tries of a Redis that is away

logger = structlog.get_logger("evently.throttles")


class Count(NamedTuple):
    """What a call found: whether it is within the limit, and how much of that is left."""

    is_within: bool
    limit: int
    remaining: int
    reset_seconds: int


class Counter(Protocol):
    def hit(self, limit: int, *key: str) -> Count:
        """Count a call of this key if it is within so many per minute, in one step."""


@cache
def counter(url: str, processes: int) -> Counter:
    """Return this process's counter; without a URL it grants its share of every limit."""
    own = OwnCounter(processes)
    return SharedCounter(url, own) if url else own


class OwnCounter:
    """Counts in this process's memory, up to its share of a limit.

    The library's memory starts a thread for nearly every call, to forget what is over. Two windows
    need none: the one before this one is the past, and whatever was before that is forgotten.
    """

    def __init__(self, processes: int) -> None:
        self._processes = processes
        self._lock = Lock()
        self._window = 0.0
        self._counts: dict[tuple[str, ...], int] = {}
        self._counts_before: dict[tuple[str, ...], int] = {}

    def hit(self, limit: int, *key: str) -> Count:
        share = max(1, limit // self._processes)
        with self._lock:
            to_come = self._enter_window()
            before, count = self._counts_before.get(key, 0), self._counts.get(key, 0)
            used = int(before * to_come / WINDOW_SECONDS) + count
            is_within = used < share
            if is_within:
                self._counts[key] = count + 1
        # One of the calls before falls out of the last 60 s after each such part of a window.
        reset = to_come % (WINDOW_SECONDS / before) if before else to_come
        return Count(is_within, share, max(0, share - used - is_within), _whole_seconds(reset))

    def _enter_window(self) -> float:
        """Move on to the window of this moment; return how many seconds of it are to come."""
        window, into = divmod(time.time(), WINDOW_SECONDS)
        if window != self._window:
            follows = window == self._window + 1
            self._counts_before = self._counts if follows else {}
            self._counts = {}
            self._window = window
        return WINDOW_SECONDS - into


class SharedCounter:
    """Counts in Redis, by a script there; while that is away, in this process.

    A sale doesn't stop for a counter. One caller per pause tries Redis again, so that not every
    request waits for its time-out.
    """

    def __init__(self, url: str, own: OwnCounter) -> None:
        storage = RedisStorage(
            url.replace("unix:", "redis+unix:", 1),
            key_prefix="evently",
            socket_timeout=REDIS_TIMEOUT_SECONDS,
            socket_connect_timeout=REDIS_TIMEOUT_SECONDS,
            # Once: a connection that the server closed meanwhile is made anew.
            retry=Retry(NoBackoff(), 1),
        )
        self._limiter = SlidingWindowCounterRateLimiter(storage)
        self._own = own
        self._lock = Lock()
        self._next_try_at: float | None = None  # None: Redis answers

    def hit(self, limit: int, *key: str) -> Count:
        if not self._may_ask():
            return self._own.hit(limit, *key)
        try:
            count = _hit(self._limiter, limit, key)
        except RedisError as error:
            self._note_away(error)
            return self._own.hit(limit, *key)
        self._note_back()
        return count

    def _may_ask(self) -> bool:
        with self._lock:
            now = time.monotonic()
            if self._next_try_at is None:
                return True
            if now < self._next_try_at:
                return False
            self._next_try_at = now + PAUSE_SECONDS  # the others leave it to this one
            return True

    def _note_away(self, error: RedisError) -> None:
        with self._lock:
            is_news = self._next_try_at is None
            self._next_try_at = time.monotonic() + PAUSE_SECONDS
        if is_news:
            logger.warning("redis_away", reason=type(error).__name__)

    def _note_back(self) -> None:
        with self._lock:
            is_news = self._next_try_at is not None
            self._next_try_at = None
        if is_news:
            logger.info("redis_back")


def _hit(limiter: SlidingWindowCounterRateLimiter, limit: int, key: tuple[str, ...]) -> Count:
    item = RateLimitItemPerMinute(limit)
    is_within = limiter.hit(item, *key)
    resets_at, remaining = limiter.get_window_stats(item, *key)
    return Count(is_within, limit, remaining, _whole_seconds(resets_at - time.time()))


def _whole_seconds(reset: float) -> int:
    # One that begins after the reset: at that very moment nothing is given back yet.
    return int(max(0, reset)) + 1
