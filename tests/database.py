"""Look at the database under test from outside, with its own tools."""

import os
import subprocess

from django.db import connection

from tests.postgres import client_program


def run_client(program: str, *arguments: str) -> str:
    """Run one of PostgreSQL's client programs on the database under test; return its output."""
    params = connection.get_connection_params()
    names = {"PGDATABASE": "dbname", "PGUSER": "user", "PGPASSWORD": "password"}
    names |= {"PGHOST": "host", "PGPORT": "port"}
    told = {name: str(params[key]) for name, key in names.items() if key in params}
    done = subprocess.run(
        [client_program(program), *arguments],
        env=os.environ | told,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def dump() -> str:
    """Return all that the database holds, as SQL."""
    if connection.vendor == "postgresql":
        return run_client("pg_dump")
    return "\n".join(connection.connection.iterdump())
