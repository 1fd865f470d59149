"""Serve Evently for a test as it is served for real: by gunicorn, from a database of its own.

As in `with fresh_database(tmp_path) as database_url, served(database_url) as url: …`.
"""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
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
def fresh_database(folder: Path, *, is_empty: bool = False) -> Iterator[str]:
    """Yield the URL of a database of the kind that the suite runs on: prepared, or empty.

    On SQLite it is a file in `folder`, since the suite's own lives in its process's memory; on
    PostgreSQL it is dropped at the end. Prepared ones are copies: a process prepares but once.
    """
    if settings.DATABASE_URL.startswith("sqlite:"):
        file = folder / "served.sqlite3"
        file.write_bytes(b"" if is_empty else _prepared_file())
        yield f"sqlite:///{file}"
        return
    name = f"served_{uuid4().hex}"
    template = "template1" if is_empty else _prepared_database()
    _execute("CREATE DATABASE {} TEMPLATE {}", name, template)
    try:
        yield _url_of(name)
    finally:
        _execute("DROP DATABASE {} WITH (FORCE)", name)


def prepare(database_url: str) -> None:
    """Migrate and seed a database, as the demo does."""
    variables = os.environ | {"DATABASE_URL": database_url, "EVENTLY_DEMO": "1"}
    for command in (["migrate", "--no-input", "--verbosity", "0"], ["seed"]):
        subprocess.run(
            [sys.executable, "manage.py", *command],
            check=True,
            cwd=settings.BASE_DIR,
            env=variables,
        )


def forget_prepared() -> None:
    """Drop what copies were made of, as this process makes no more."""
    if _prepared_database.cache_info().currsize:
        _execute("DROP DATABASE {} WITH (FORCE)", _prepared_database())
        _prepared_database.cache_clear()


@cache
def _prepared_file() -> bytes:
    with TemporaryDirectory() as folder:
        file = Path(folder, "prepared.sqlite3")
        prepare(f"sqlite:///{file}")
        return file.read_bytes()


@cache
def _prepared_database() -> str:
    name = f"prepared_{uuid4().hex}"
    _execute("CREATE DATABASE {}", name)
    prepare(_url_of(name))
    return name


def _execute(statement: str, *names: str) -> None:
    with psycopg.connect(settings.DATABASE_URL, autocommit=True) as connection:
        connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


def _url_of(name: str) -> str:
    return urlsplit(settings.DATABASE_URL)._replace(path=f"/{name}").geturl()


@contextmanager
def served(database_url: str, **environment: str) -> Iterator[str]:
    """Serve a prepared database on a free port, yield the base URL, stop the server.

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


def _stop(server: subprocess.Popen) -> None:
    server.terminate()
    try:
        server.wait(SECONDS_TO_STOP)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()
        raise
