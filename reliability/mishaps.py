"""What may go wrong while people book: each begins it, and ends it again.

A mishap is a context: what stands before the `yield` strikes, what stands after it is its end.
Whatever heals itself ends as it strikes.
"""

import random
import signal
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import NamedTuple

import psycopg

from events.gate import NAMESPACE
from reliability.cluster import Cluster
from reliability.processes import send
from reliability.proxy import Proxy


class Scene(NamedTuple):
    """Where it happens; `events` tells which ones are crowded just now."""

    evently: Cluster
    proxy: Proxy
    rng: random.Random
    events: Callable[[], list[int]]


class Mishap(NamedTuple):
    name: str
    strike: Callable[[Scene], AbstractContextManager[None]]
    # From the shortest to the longest time that it lasts.
    seconds: tuple[float, float]


MISHAPS: list[Mishap] = []
DISK_MISHAPS: list[Mishap] = []
AT_ONCE = (0.0, 0.0)
A_WHILE = (0.2, 1.2)
# Beyond what anybody waits at a gate.
LONG = (5.5, 6.5)


def mishap(
    name: str, seconds: tuple[float, float] = A_WHILE, kinds: list[Mishap] = MISHAPS
) -> Callable:
    def register(work: Callable[[Scene], Iterator[None]]) -> Callable:
        kinds.append(Mishap(name, contextmanager(work), seconds))
        return work

    return register


# --- Who serves ---------------------------------------------------------------------------------


@mishap("web process killed", AT_ONCE)
def kill_web_process(scene: Scene) -> Iterator[None]:
    send(scene.rng.choice(scene.evently.web.workers()), signal.SIGKILL)
    yield


@mishap("web process stopped and continued")
def freeze_web_process(scene: Scene) -> Iterator[None]:
    pid = scene.rng.choice(scene.evently.web.workers())
    send(pid, signal.SIGSTOP)
    yield
    send(pid, signal.SIGCONT)


@mishap("gunicorn killed and started")
def kill_gunicorn(scene: Scene) -> Iterator[None]:
    scene.evently.web.kill()
    yield
    scene.evently.web.launch()


@mishap("deploy: a new gunicorn, SIGTERM to the old", AT_ONCE)
def deploy(scene: Scene) -> Iterator[None]:
    scene.evently.web.replace()
    yield


@mishap("gunicorn told to reload (SIGHUP)", AT_ONCE)
def reload_gunicorn(scene: Scene) -> Iterator[None]:
    send(scene.evently.web.master, signal.SIGHUP)
    yield


@mishap("one of two workers killed and started")
def kill_worker(scene: Scene) -> Iterator[None]:
    scene.evently.stop_worker(scene.evently.workers[0], kill=True)
    yield
    scene.evently.start_worker()


@mishap("one of two workers stopped and continued")
def freeze_worker(scene: Scene) -> Iterator[None]:
    pid = scene.rng.choice(scene.evently.workers).pid
    send(pid, signal.SIGSTOP)
    yield
    send(pid, signal.SIGCONT)


@mishap("the application's clock jumps by hours")
def jump_clock(scene: Scene) -> Iterator[None]:
    hours = scene.rng.choice([-1, 1]) * scene.rng.randint(1, 99)
    scene.evently.set_clock(ahead_seconds=hours * 3600)
    yield
    scene.evently.set_clock(ahead_seconds=0)


# --- PostgreSQL ---------------------------------------------------------------------------------


@mishap("PostgreSQL killed (-9) and started")
def kill_postgres(scene: Scene) -> Iterator[None]:
    scene.evently.postgres.kill()
    yield
    scene.evently.postgres.launch()


@mishap("PostgreSQL restarted (fast)")
def restart_postgres(scene: Scene) -> Iterator[None]:
    scene.evently.postgres.stop("fast")
    yield
    scene.evently.postgres.launch()


@mishap("PostgreSQL restarted (immediate)")
def restart_postgres_at_once(scene: Scene) -> Iterator[None]:
    scene.evently.postgres.stop("immediate")
    yield
    scene.evently.postgres.launch()


@mishap("PostgreSQL away for seconds", (4.0, 8.0))
def stop_postgres_for_long(scene: Scene) -> Iterator[None]:
    scene.evently.postgres.stop("fast")
    yield
    scene.evently.postgres.launch()


@mishap("backend killed (-9)", AT_ONCE)
def kill_backend(scene: Scene) -> Iterator[None]:
    """PostgreSQL ends all others then, and recovers as from a crash."""
    for pid in _some_backend(scene):
        send(pid, signal.SIGKILL)
    yield


@mishap("backend stopped and continued")
def freeze_backend(scene: Scene) -> Iterator[None]:
    backends = _some_backend(scene)
    for pid in backends:
        send(pid, signal.SIGSTOP)
    yield
    for pid in backends:
        send(pid, signal.SIGCONT)


@mishap("backend terminated", AT_ONCE)
def terminate_backend(scene: Scene) -> Iterator[None]:
    _terminate(scene, _some_backend(scene))
    yield


@mishap("all backends terminated", AT_ONCE)
def terminate_all_backends(scene: Scene) -> Iterator[None]:
    _terminate(scene, scene.evently.postgres.backends())
    yield


@mishap("connections exhausted")
def exhaust_connections(scene: Scene) -> Iterator[None]:
    with ExitStack() as hogs, scene.evently.postgres.connect() as killer:
        _take_every_connection(scene, hogs)
        # Those that the application holds already, too.
        killer.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE backend_type = 'client backend' AND application_name <> 'reliability'"
        )
        _take_every_connection(scene, hogs)
        yield


@mishap("disk full", kinds=DISK_MISHAPS)
def fill_disk(scene: Scene) -> Iterator[None]:
    postgres = scene.evently.postgres
    postgres.disk.fill()
    yield
    postgres.disk.empty()
    if not postgres.is_running:  # it gives up when it can't write its log
        postgres.launch()


# --- Between them -------------------------------------------------------------------------------


@mishap("network slow")
def delay_network(scene: Scene) -> Iterator[None]:
    scene.proxy.delay_seconds = scene.rng.uniform(0.005, 0.05)
    yield
    scene.proxy.delay_seconds = 0


@mishap("network stalled")
def stall_network(scene: Scene) -> Iterator[None]:
    scene.proxy.is_stalled = True
    yield
    scene.proxy.is_stalled = False


@mishap("network drops all, then resets")
def drop_network(scene: Scene) -> Iterator[None]:
    scene.proxy.is_dropping = True
    yield
    scene.proxy.is_dropping = False
    scene.proxy.reset()


@mishap("connections reset", AT_ONCE)
def reset_network(scene: Scene) -> Iterator[None]:
    scene.proxy.reset()
    yield


@mishap("connections reset and refused")
def refuse_network(scene: Scene) -> Iterator[None]:
    scene.proxy.is_refusing = True
    scene.proxy.reset()
    yield
    scene.proxy.is_refusing = False


@mishap("connection lost before COMMIT")
def cut_before_commit(scene: Scene) -> Iterator[None]:
    scene.proxy.cuts_commit = "before"
    yield
    scene.proxy.cuts_commit = ""


@mishap("COMMIT's answer lost")
def cut_after_commit(scene: Scene) -> Iterator[None]:
    scene.proxy.cuts_commit = "after"
    yield
    scene.proxy.cuts_commit = ""


# --- Strangers ----------------------------------------------------------------------------------


@mishap("seats locked by a stranger")
def lock_seats(scene: Scene) -> Iterator[None]:
    with _stranger(scene) as stranger:
        stranger.execute(
            "SELECT id FROM events_seat WHERE event_id = ANY(%s) ORDER BY id FOR UPDATE",
            [scene.events()],
        )
        yield


@mishap("gates closed by a stranger")
def close_gates(scene: Scene) -> Iterator[None]:
    with _stranger(scene) as stranger:
        _pass_gates(scene, stranger)
        yield


@mishap("gates closed for longer than anybody waits", LONG)
def close_gates_for_long(scene: Scene) -> Iterator[None]:
    with _stranger(scene) as stranger:
        _pass_gates(scene, stranger)
        yield


@mishap("a stranger idle in transaction, until PostgreSQL ends it", (0.8, 1.2))
def idle_in_transaction(scene: Scene) -> Iterator[None]:
    with _stranger(scene) as stranger:
        stranger.execute("SET idle_in_transaction_session_timeout = '700ms'")
        stranger.execute(
            "UPDATE bookings_booking SET status = status WHERE event_id = ANY(%s)",
            [scene.events()],
        )
        yield


def _some_backend(scene: Scene) -> list[int]:
    backends = scene.evently.postgres.backends()
    return [scene.rng.choice(backends)] if backends else []


def _terminate(scene: Scene, pids: list[int]) -> None:
    with scene.evently.postgres.connect() as connection:
        connection.execute("SELECT pg_terminate_backend(pid) FROM unnest(%s) AS pid", [pids])


def _take_every_connection(scene: Scene, hogs: ExitStack) -> None:
    try:
        while True:
            hogs.enter_context(scene.evently.postgres.connect())
    except psycopg.OperationalError:
        return


def _pass_gates(scene: Scene, stranger: psycopg.Connection) -> None:
    for event in sorted(scene.events()):
        stranger.execute("SELECT pg_advisory_xact_lock(%s, hashint8(%s))", [NAMESPACE, event])


@contextmanager
def _stranger(scene: Scene) -> Iterator[psycopg.Connection]:
    """A session in a transaction that changes nothing in the end."""
    connection = psycopg.connect(scene.evently.postgres.url(), application_name="reliability")
    try:
        yield connection
    finally:
        connection.close()
