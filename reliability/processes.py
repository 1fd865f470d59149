"""Processes of a run: whose child is whose, and how each is ended."""

import os
import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

PATIENCE_SECONDS = 30
POLL_SECONDS = 0.01


def children_of(pid: int) -> list[int]:
    """Return the processes that this one has started and that still run."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and _parent_of(entry) == pid:
            found.append(int(entry.name))
    return sorted(found)


def send(pid: int, number: int) -> None:
    """Signal a process, unless it is gone already."""
    with suppress(ProcessLookupError):
        os.kill(pid, number)


def end(process: subprocess.Popen, *, patience: float = PATIENCE_SECONDS) -> None:
    """Ask a process to end; insist when it doesn't."""
    send(process.pid, signal.SIGCONT)
    process.terminate()
    try:
        process.wait(patience)
    except subprocess.TimeoutExpired:
        kill_family(process)


def kill_family(process: subprocess.Popen) -> None:
    """Kill a process and its children, all at once: nobody is left to mend anything."""
    # Stopped first, so that it makes no new child between the look and the kill.
    send(process.pid, signal.SIGSTOP)
    family = [*children_of(process.pid), process.pid]
    for pid in family:
        send(pid, signal.SIGKILL)
    process.wait(PATIENCE_SECONDS)
    until(lambda: not any(is_running(pid) for pid in family))


def is_running(pid: int) -> bool:
    """Tell whether a process exists and isn't a zombie that nobody has waited for."""
    try:
        return _fields(Path(f"/proc/{pid}"))[0] not in ("Z", "X")
    except OSError:
        return False


def until(is_so: Callable[[], bool], *, seconds: float = PATIENCE_SECONDS) -> None:
    """Ask again and again, for a bounded time."""
    deadline = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > deadline:
            raise TimeoutError("What the run waits for hasn't come.")
        time.sleep(POLL_SECONDS)


def _parent_of(entry: Path) -> int | None:
    try:
        state, parent = _fields(entry)[:2]
    except OSError:
        return None
    return None if state == "Z" else int(parent)


def _fields(entry: Path) -> list[str]:
    """Return what follows the name in a process's `stat`: its state, its parent, …"""
    return (entry / "stat").read_text().rpartition(")")[2].split()
