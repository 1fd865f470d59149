"""Mishap after mishap, while crowds book: is every answer explained, and how soon is all well?"""

import os
import random
import threading
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

from reliability.checker import check
from reliability.client import Door
from reliability.cluster import Cluster
from reliability.hall import Hall, create_event, create_people
from reliability.histories import MOST_PEOPLE, Tally, report
from reliability.history import History
from reliability.mishaps import Mishap, Scene
from reliability.plans import plan_for
from reliability.proxy import Proxy

HALLS = 2
SEATS_FOR_PROBES = 20_000
PROBE_SECONDS = 2
# Fewer than elsewhere: each call that is lost doubles the orders to try.
CALLS = 40
PAUSE_SECONDS = 0.02
REST_SECONDS = 0.3
# Recovery takes at most this; a run looks for longer, to tell how long it took.
ALLOWED_SECONDS = 5
PATIENCE_SECONDS = 40
REPORT_EVERY = 20
# What is under way as a mishap strikes began before.
LONGEST_CALL_SECONDS = 0.2


class Strike(NamedTuple):
    """One mishap that happened, and how long after its end somebody could book."""

    name: str
    begin: float
    end: float
    recovery_seconds: float

    @property
    def is_late(self) -> bool:
        return self.recovery_seconds > ALLOWED_SECONDS

    def may_have_hurt(self, moment: float) -> bool:
        """Tell whether a call that began then may have been lost by it."""
        over = self.end + self.recovery_seconds
        return self.begin - LONGEST_CALL_SECONDS < moment < over


class Storm:
    """Crowds in halls, one history after the other, until the last mishap is over."""

    def __init__(self, evently: Cluster, proxy: Proxy, *, seed: str, save: Path) -> None:
        self.tally = Tally()
        self.strikes: list[Strike] = []
        self.lost_calls: list[float] = []  # when each call of unknown outcome began
        self._evently = evently
        self._seed = seed
        self._save = save
        self._halls: dict[int, Hall] = {}
        self._played: list[History] = []
        self._is_over = threading.Event()
        rng = random.Random(seed)
        self._scene = Scene(evently, proxy, rng, self._crowded_events)
        port = evently.web.port
        self._users = create_people(port, number=HALLS * MOST_PEOPLE + 1)
        self._untouched = create_event(port, seats=SEATS_FOR_PROBES)

    def rage(self, mishaps: list[Mishap], *, number: int) -> None:
        """Let so many mishaps strike, each kind as often as any other."""
        begun = time.monotonic()
        with ThreadPoolExecutor(HALLS) as halls:
            crowds = [halls.submit(self._play_on, hall) for hall in range(HALLS)]
            try:
                for mishap in _shuffled(mishaps, number, self._scene.rng):
                    time.sleep(REST_SECONDS)
                    self._strike(mishap)
            finally:
                self._is_over.set()
            for crowd in crowds:
                crowd.result()
        self.tally.seconds += time.monotonic() - begun
        self._judge()

    def _strike(self, mishap: Mishap) -> None:
        begin = time.monotonic()
        with mishap.strike(self._scene):
            time.sleep(self._scene.rng.uniform(*mishap.seconds))
        end = time.monotonic()
        strike = Strike(mishap.name, begin, end, self._seconds_to_recover(end))
        self.strikes.append(strike)
        if len(self.strikes) % REPORT_EVERY == 0:
            print(f"{len(self.strikes)} faults, {len(self._played)} histories", flush=True)
        if strike.is_late:
            print(f"LATE: {strike.recovery_seconds:.1f} s after: {strike.name}", flush=True)

    def _seconds_to_recover(self, end: float) -> float:
        """Try to book in an event that nobody touches, until it works."""
        headers = {"X-User-ID": str(self._users[-1])}
        while (seconds := time.monotonic() - end) < PATIENCE_SECONDS:
            door = Door(self._evently.web.port, timeout=PROBE_SECONDS)
            reply = door.ask("POST", "/bookings", headers, {"event_id": self._untouched})
            door.close()
            if reply is not None and reply.status == 201:
                return time.monotonic() - end
            time.sleep(PAUSE_SECONDS)
        return seconds

    def _play_on(self, number: int) -> None:
        users = self._users[number * MOST_PEOPLE : (number + 1) * MOST_PEOPLE]
        round_number = 0
        while not self._is_over.is_set():
            plan = plan_for(f"{self._seed}-{number}-{round_number}")._replace(calls=CALLS)
            round_number += 1
            hall = Hall(
                plan, port=self._evently.web.port, postgres=self._evently.postgres, users=users
            )
            self._halls[number] = hall
            history = hall.play()
            self.lost_calls += [call.begin for call in history.calls if not call.is_known]
            self._played.append(history)

    def _judge(self) -> None:
        """Check what was played, now that nobody is kept from recovering by it."""
        # New processes: a fork of one that had so many threads may hang.
        with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn")) as judges:
            findings = list(judges.map(check, self._played))
        for history, finding in zip(self._played, findings, strict=True):
            if not self.tally.add(history, finding):
                report(history, finding, self._save)
                print("during:", ", ".join(self._during(history.calls[0].begin)) or "nothing")
        self._played.clear()

    def _during(self, begin: float) -> list[str]:
        return [strike.name for strike in self.strikes if strike.end > begin]

    def _crowded_events(self) -> list[int]:
        return [hall.event for hall in list(self._halls.values()) if hall.event]


def _shuffled(mishaps: list[Mishap], number: int, rng: random.Random) -> list[Mishap]:
    """Return all kinds in a random order, again and again."""
    order: list[Mishap] = []
    while len(order) < number:
        order += rng.sample(mishaps, len(mishaps))
    return order[:number]
