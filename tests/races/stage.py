"""Actors on a stage: threads with a session each, whose statements the test holds up.

An actor calls one service. It can be told to pause after its first statement that fits a cue;
everybody else sees it then as a session that is slow at exactly that point. The product has no
hooks for this: Django shows every statement to a wrapper. Nobody sleeps to order threads: `start`
and `resume` return when the actor can't go on by itself, since it is paused, or waits for a lock
(which PostgreSQL tells), or is through.
"""

import re
import threading
import time
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from django.db import connection

PATIENCE_SECONDS = 15
POLL_SECONDS = 0.005


class ConnectionLost(Exception):
    """What an actor meets that is told to fail where it pauses."""


class Actor:
    """One thread, with a connection of its own that is closed at its end."""

    def __init__(
        self,
        play: Callable[[], Any],
        *,
        pause_after: str | None = None,
        together: threading.Barrier | None = None,
    ) -> None:
        self.is_outcome_known = False
        self._play = play
        self._cue = pause_after
        self._together = together
        self._pid: int | None = None
        self._changed = threading.Condition()  # guards the flags
        self._is_paused = self._may_go_on = self._is_lost = self._is_through = False
        self._outcome: Any = None
        # A daemon: not even a bug in here may keep the test run from ending.
        self._thread = threading.Thread(target=self._perform, daemon=True)

    def start(self) -> "Actor":
        self._thread.start()
        return self

    def resume(self) -> None:
        """End the pause, and wait until the actor can't go on by itself."""
        if self._is_through:
            raise RuntimeError("The actor went on to the end: its cue never came.")
        self.let_go()
        self.until_still()

    def fail(self) -> None:
        """End the pause by an exception, as if the connection broke: the work is rolled back."""
        self._is_lost = True
        self.resume()

    def let_go(self) -> None:
        """End the pause, without waiting for what follows."""
        with self._changed:
            self._is_paused, self._may_go_on = False, True
            self._changed.notify_all()

    def until_still(self) -> "Actor":
        """Wait until the actor is paused, waits for a lock, or is through."""
        until(lambda: self._is_still_soon() or self.waits_for_a_lock)
        return self

    @property
    def waits_for_a_lock(self) -> bool:
        """Ask the lock table, which is up to date even before the one who waited wakes up."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT cardinality(pg_blocking_pids(%s)) > 0", [self._pid or 0])
            return cursor.fetchone()[0]

    @property
    def has_session(self) -> bool:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE pid = %s", [self._pid])
            return cursor.fetchone()[0] > 0

    @property
    def outcome(self) -> Any:
        """What the service returned, or the exception it raised; waits for it."""
        self._thread.join(PATIENCE_SECONDS)
        if self._thread.is_alive():
            raise TimeoutError("An actor isn't through; does it wait for one that is paused?")
        self.is_outcome_known = True
        return self._outcome

    def take_off(self) -> None:
        """End the actor by all means: the next test empties the tables, which takes every lock."""
        self._thread.join(PATIENCE_SECONDS)
        if self._thread.is_alive():
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_terminate_backend(%s)", [self._pid])

    def _perform(self) -> None:
        try:
            connection.ensure_connection()
            self._pid = connection.connection.info.backend_pid
            if self._together:
                self._together.wait(PATIENCE_SECONDS)
            with connection.execute_wrapper(self._watch):
                self._outcome = self._play()
        except Exception as error:  # the test judges what it was
            self._outcome = error
        finally:
            connection.close()
            self._end()

    def _watch(self, execute: Callable, sql: str, *args: Any) -> Any:
        result = execute(sql, *args)
        if self._cue and re.search(self._cue, sql):
            self._cue = None
            self._pause()
        return result

    def _pause(self) -> None:
        with self._changed:
            self._is_paused = not self._may_go_on
            self._changed.notify_all()
            if not self._changed.wait_for(lambda: self._may_go_on, PATIENCE_SECONDS):
                raise TimeoutError("Nobody told the actor to go on.")
            if self._is_lost:
                raise ConnectionLost

    def _end(self) -> None:
        with self._changed:
            self._is_through = True
            self._changed.notify_all()

    def _is_still_soon(self) -> bool:
        with self._changed:
            return self._changed.wait_for(lambda: self._is_paused or self._is_through, POLL_SECONDS)


class Stage:
    """Everybody who plays in a test."""

    def __init__(self) -> None:
        self._actors: list[Actor] = []

    def start(
        self, service: Callable, *, pause_after: str | None = None, **arguments: Any
    ) -> Actor:
        """Let an actor call the service; return it when it can't go on by itself."""
        actor = Actor(partial(service, **arguments), pause_after=pause_after)
        self._actors.append(actor)
        return actor.start().until_still()

    def start_together(
        self, plays: Iterable[Callable[[], Any]], *, pause_after: str | None = None
    ) -> list[Actor]:
        """Let many begin at one moment, each connected already; return them at once."""
        plays = list(plays)
        together = threading.Barrier(len(plays))
        crowd = [Actor(play, pause_after=pause_after, together=together) for play in plays]
        self._actors += crowd
        return [actor.start() for actor in crowd]

    def clear(self) -> None:
        """Let nobody stay behind, and no failure unseen."""
        for actor in self._actors:
            actor.let_go()
        for actor in self._actors:
            actor.take_off()
        unseen = [actor.outcome for actor in self._actors if not actor.is_outcome_known]
        if failures := [outcome for outcome in unseen if isinstance(outcome, Exception)]:
            raise ExceptionGroup("Actors failed and the test didn't look", failures)


def until(is_so: Callable[[], bool]) -> None:
    """Ask again and again, for a bounded time."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not is_so():
        if time.monotonic() > deadline:
            raise TimeoutError("What the test waits for hasn't come.")
