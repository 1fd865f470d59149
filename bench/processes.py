"""What processes cost: the CPU time they took and the memory they hold, as Linux tells it."""

import os
from pathlib import Path

from reliability.processes import children_of

TICKS = os.sysconf("SC_CLK_TCK")
# Of what `/proc/PID/stat` tells after the name, the fields utime, stime, cutime and cstime.
CPU_FIELDS = slice(11, 15)


def family(pid: int) -> list[int]:
    """Return a process and all that descend from it."""
    found = [pid]
    for member in found:
        found += children_of(member)
    return found


def cpu_seconds(pid: int) -> float:
    """Return the CPU time of a process and its descendants, those that have ended included."""
    return sum(_ticks(member) for member in family(pid)) / TICKS


def parent_of(pid: int) -> int:
    return int(_stat(pid)[1])


def memory_mb(pid: int) -> dict[str, float]:
    """Return what a process holds: `pss`, with its share of what it shares, and `rss`, with all."""
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    lines = dict(line.split(":", 1) for line in rollup.splitlines()[1:])
    return {name.lower(): int(lines[name].split()[0]) / 1024 for name in ("Pss", "Rss")}


def held_mb(pid: int) -> float:
    """Return what a process and its descendants hold together, nothing counted twice."""
    return sum(memory_mb(member)["pss"] for member in family(pid))


def _ticks(pid: int) -> int:
    try:
        return sum(int(value) for value in _stat(pid)[CPU_FIELDS])
    except OSError:
        return 0  # ended meanwhile; whoever waited for it has its time


def _stat(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
