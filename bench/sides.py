"""The sides of a comparison: each is run for some seconds, and tells what came and what it cost."""

from collections.abc import Callable
from typing import NamedTuple, Protocol

from bench import pgbench, wrk
from bench.postgres import Postgres
from bench.processes import cpu_seconds, held_mb
from bench.servers import Server


class Sample(NamedTuple):
    """One run of one side. CPU is per request; errors are answers or connections gone wrong.

    Memory is what the server's processes hold, each with its share of what they share.
    """

    rate: float
    python_ms: float
    postgres_ms: float
    p50_ms: float
    p99_ms: float
    errors: int
    memory_mb: float

    @property
    def cpu_ms(self) -> float:
        return self.python_ms + self.postgres_ms


class Side(Protocol):
    name: str

    def run(self, seconds: float) -> Sample: ...


class Http:
    """A server under wrk's load."""

    def __init__(self, name: str, server: Server, postgres: Postgres, load: wrk.Load) -> None:
        self.name = name
        self._server = server
        self._postgres = postgres
        self._load = load

    def run(self, seconds: float) -> Sample:
        send = lambda: wrk.send(self._load, self._server.url, seconds)  # noqa: E731
        result, python, postgres = _costing(send, self._server.pid, self._postgres.pid)
        errors = result["unexpected"] + result["socket_errors"]
        return _sample(result, python, postgres, errors, held_mb(self._server.pid))


class Sql:
    """PostgreSQL alone, under pgbench's load."""

    def __init__(
        self, name: str, postgres: Postgres, database: str, script: str, **variables: int
    ) -> None:
        self.name = name
        self._postgres = postgres
        self._url = postgres.url(database)
        self._script = script
        self._variables = variables

    def run(self, seconds: float) -> Sample:
        send = lambda: pgbench.send(self._script, self._url, seconds, **self._variables)  # noqa: E731
        result, postgres = _costing(send, self._postgres.pid)
        return _sample(result, 0.0, postgres, result["errors"], 0.0)


def _costing(send: Callable[[], dict], *pids: int) -> tuple:
    """Return what came of it, and the CPU seconds that each of the families took meanwhile."""
    before = [cpu_seconds(pid) for pid in pids]
    result = send()
    return (result, *(cpu_seconds(pid) - was for pid, was in zip(pids, before, strict=True)))


def _sample(result: dict, python: float, postgres: float, errors: int, memory: float) -> Sample:
    number = max(result["requests"], 1)
    return Sample(
        rate=result["requests"] / result["seconds"],
        python_ms=python * 1000 / number,
        postgres_ms=postgres * 1000 / number,
        p50_ms=result["p50_ms"],
        p99_ms=result["p99_ms"],
        errors=errors,
        memory_mb=memory,
    )
