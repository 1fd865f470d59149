"""What the scenarios of a run share: PostgreSQL, data, how long to measure, and who serves."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bench import postgres, servers
from bench.data import Data
from bench.rounds import FULL, QUICK, Pace
from bench.sides import Http
from bench.wrk import Load


@dataclass(frozen=True)
class Workplace:
    folder: Path
    postgres: postgres.Postgres
    data: Data
    pace: Pace
    is_quick: bool
    # What serves until the scenario ends.
    _serving: ExitStack = field(default_factory=ExitStack)

    def size(self, number: int, *, quick: int) -> int:
        """Return how many rows to make; fewer for a quick try."""
        return quick if self.is_quick else number

    def evently(self, database: str, **options: str) -> servers.Server:
        """Serve this database until the scenario ends."""
        return self.evently_at(self.postgres.url(database), **options)

    def evently_at(self, url: str, **options: str) -> servers.Server:
        return self._serving.enter_context(servers.evently(url, self.folder, **options))

    def tutorial(self, database: str) -> servers.Server:
        url = self.postgres.url(database)
        return self._serving.enter_context(servers.tutorial(url, self.folder))

    def http(self, name: str, server: servers.Server, load: Load) -> Http:
        return Http(name, server, self.postgres, load)

    def close(self) -> None:
        """Stop what serves."""
        self._serving.close()


@contextmanager
def opened(*, is_quick: bool) -> Iterator[Workplace]:
    """Start PostgreSQL, and leave neither process nor file at the end."""
    folder = Path(tempfile.mkdtemp(prefix="evently-bench-"))
    try:
        with postgres.started() as server:
            pace = QUICK if is_quick else FULL
            yield Workplace(folder, server, Data(server), pace, is_quick)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
