"""Serve Evently for a test as it is served for real: by gunicorn, from a database of its own.

As in `with fresh_database(tmp_path) as database_url, served(database_url) as url: …`.
"""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import urlopen
from uuid import uuid4

import psycopg
from django.conf import settings
from psycopg import sql

THROTTLES = [
    "EVENTLY_THROTTLE_USER_WRITES_PER_MINUTE",
    "EVENTLY_THROTTLE_ADDRESS_WRITES_PER_MINUTE",
    "EVENTLY_THROTTLE_ANONYMOUS_READS_PER_MINUTE",
]
SECONDS_TO_START = 60
SECONDS_TO_STOP = 40


@contextmanager
def fresh_database(folder: Path) -> Iterator[str]:
    """Yield the URL of an empty database of the kind that the suite runs on; drop it at the end.

    On SQLite it is a file in `folder`, since the suite's own lives in its process's memory.
    """
    if settings.DATABASE_URL.startswith("sqlite:"):
        yield f"sqlite:///{folder / 'served.sqlite3'}"
        return
    name = f"served_{uuid4().hex}"
    with psycopg.connect(settings.DATABASE_URL, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            yield urlsplit(settings.DATABASE_URL)._replace(path=f"/{name}").geturl()
        finally:
            drop = sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name))
            connection.execute(drop)


@contextmanager
def served(database_url: str, **environment: str) -> Iterator[str]:
    """Migrate and seed the database, serve it on a free port, yield the base URL, stop the server.

    It runs as the demo with one process unless `environment` says otherwise. What it logs goes
    to this process's output, which pytest shows when a test fails.
    """
    variables = os.environ | {
        "DATABASE_URL": database_url,
        "EVENTLY_DEMO": "1",
        "WEB_CONCURRENCY": "1",
        **dict.fromkeys(THROTTLES, "0"),  # one client asks what a thousand would
        **environment,
    }
    _run("manage.py", "migrate", "--no-input", "--verbosity", "0", variables=variables)
    _run("manage.py", "seed", variables=variables)

    # The socket is bound here and handed on, so nobody else can take the port in between.
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        server = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "--config", "deploy/gunicorn.conf.py",
             "--bind", f"fd://{listener.fileno()}", "evently.wsgi"],
            pass_fds=[listener.fileno()],
            cwd=settings.BASE_DIR,
            env=variables,
        )  # fmt: skip
    try:
        # Answered once a worker is up; refused if the server died.
        urlopen(f"{url}/readyz", timeout=SECONDS_TO_START).close()
        yield url
    finally:
        _stop(server)


def _run(*command: str, variables: dict[str, str]) -> None:
    subprocess.run([sys.executable, *command], check=True, cwd=settings.BASE_DIR, env=variables)


def _stop(server: subprocess.Popen) -> None:
    server.terminate()
    try:
        server.wait(SECONDS_TO_STOP)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()
        raise
