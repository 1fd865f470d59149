"""PgBouncer between the application and PostgreSQL, in the way a proxy of ours stands there."""

import getpass
import os
import shutil
import subprocess

import psycopg

from reliability.postgres import Postgres, unused_port
from reliability.processes import end, until

# Of sessions that PgBouncer keeps with PostgreSQL: fewer than the application has of its own.
POOL = 6
CONFIGURATION = """
[databases]
postgres = host={folder} port={target} dbname=postgres user=evently
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = {pool}
max_client_conn = 200
user = {user}
"""


class PgBouncer:
    """Debian's, in transaction mode, which drops what a connection asks for as it starts."""

    def __init__(self) -> None:
        self.port = unused_port()
        self._program = _find_program()
        self._process: subprocess.Popen | None = None

    def lead_to(self, postgres: Postgres) -> None:
        """Start in front of this server."""
        configuration = postgres.folder / "pgbouncer.ini"
        user = "nobody" if os.geteuid() == 0 else getpass.getuser()
        configuration.write_text(
            CONFIGURATION.format(
                folder=postgres.folder, target=postgres.port, port=self.port, pool=POOL, user=user
            )
        )
        configuration.chmod(0o644)
        self._process = subprocess.Popen(
            [self._program, "--quiet", str(configuration)], stderr=subprocess.DEVNULL
        )
        until(self._lets_us_in)

    def close(self) -> None:
        if self._process is not None:
            end(self._process)

    def _lets_us_in(self) -> bool:
        if self._process.poll() is not None:
            raise RuntimeError("PgBouncer ended.")
        try:
            psycopg.connect(f"postgresql://evently@127.0.0.1:{self.port}/postgres").close()
        except psycopg.OperationalError:
            return False
        return True


def _find_program() -> str:
    """Return Debian's program, installed first where we may and it isn't there."""
    if not shutil.which("pgbouncer") and os.geteuid() == 0 and shutil.which("apt-get"):
        environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        for command in (
            ["update", "-qq"],
            ["install", "-qq", "--no-install-recommends", "pgbouncer"],
        ):
            subprocess.run(["apt-get", *command], env=environment, stdout=subprocess.DEVNULL)
    program = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin")
    if program is None:
        raise SystemExit("This needs PgBouncer (Debian's package pgbouncer).")
    return program
