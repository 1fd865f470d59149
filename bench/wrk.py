"""wrk, the compiled load generator: where it is, and what it is told to send."""

import json
import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SCRIPT = ROOT / "bench" / "load.lua"
FETCHED = ROOT / ".venv" / "wrk"
# What wrk needs beside what every Debian has.
PACKAGES = ["wrk", "libluajit-5.1-2"]
SECONDS_BEYOND = 60


@dataclass
class Load:
    """What is asked again and again, with numbers of its own in each request (see `load.lua`).

    `sequences` are (first, count, every). Numbers go on from one run to the next.
    """

    method: str
    path: str
    body: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    sequences: dict[str, tuple[int, int, int]] = field(default_factory=dict)
    expected: tuple[int, ...] = (200,)
    connections: int = 8
    next_number: int = 0

    def arguments(self) -> list[str]:
        headers = [f"{name}: {value}" for name, value in self.headers.items()]
        sequences = [f"{key}={','.join(map(str, at))}" for key, at in self.sequences.items()]
        expected = ",".join(map(str, self.expected))
        what = [expected, self.method, self.path, self.body, *headers, *sequences]
        return ["1", str(self.next_number), *what]


def send(load: Load, url: str, seconds: float) -> dict:
    """Send for so long, and return what `load.lua` tells of it."""
    command = [*find(), "-t1", f"-c{load.connections}", f"-d{max(round(seconds), 1)}s"]
    done = subprocess.run(
        [*command, "--timeout", "30s", "-s", str(SCRIPT), url, "--", *load.arguments()],
        env=_environment(),
        capture_output=True,
        text=True,
        timeout=seconds + SECONDS_BEYOND,
    )
    result = read(done.stdout + done.stderr)
    load.next_number = result["next_number"]
    return result


def read(output: str) -> dict:
    """Return the result among what wrk printed."""
    for line in output.splitlines():
        if line.startswith("RESULT "):
            return json.loads(line.removeprefix("RESULT "))
    raise RuntimeError(f"wrk told no result:\n{output}")


def find() -> list[str]:
    """Return the command, of this machine or fetched from Debian into `.venv/`, without root."""
    if found := shutil.which("wrk"):
        return [found]
    program = FETCHED / "usr" / "bin" / "wrk"
    if not program.exists():
        _fetch()
    return [str(program)]


def _environment() -> dict[str, str]:
    libraries = [str(path) for path in FETCHED.glob("usr/lib/*/")]
    own = {"LD_LIBRARY_PATH": ":".join(libraries)} if libraries else {}
    return os.environ | own


def _fetch() -> None:
    with tempfile.TemporaryDirectory(prefix="evently-wrk-") as folder:
        try:
            _run("apt-get", "download", *PACKAGES, folder=folder)
            for package in Path(folder).glob("*.deb"):
                _run("dpkg-deb", "-x", str(package), str(FETCHED), folder=folder)
        except (OSError, subprocess.CalledProcessError) as error:
            raise SystemExit(
                "wrk isn't on the PATH and can't be fetched from Debian (apt-get download wrk): "
                "install it, then try again."
            ) from error


def _run(*command: str, folder: str) -> None:
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
