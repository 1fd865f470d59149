"""The folder in which the processes of one server share their figures, a few files for each."""

import fcntl
import os
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from prometheus_client.mmap_dict import MmapedDict
from prometheus_client.multiprocess import mark_process_dead

# In the place of a process's number: what all that have ended have counted.
ENDED = "ended"
# At most: a length, padding, the figure and its time.
BYTES_BESIDE_KEY = 4 + 8 + 8 + 8


def empty(folder: Path) -> None:
    """Remove what is left of an earlier server; keep the files of every process that lives.

    The worker may have begun already. Needs that all see each other's numbers: two containers
    can't share a folder.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for path in folder.glob("*.db"):
        if not _lives(_owner(path)):
            path.unlink()


def tidy(folder: Path) -> None:
    """Add what ended processes counted to one file for all of them, and forget their gauges.

    Else files would become more with each process that is replaced. Somebody reads just now, who
    would see a figure twice: then the next call does it.
    """
    folder.mkdir(parents=True, exist_ok=True)  # somebody may have tidied it away
    ended = [path for path in folder.glob("*.db") if _owner(path) != ENDED]
    ended = [path for path in ended if not _lives(_owner(path))]
    with suppress(BlockingIOError), _locked(folder, fcntl.LOCK_EX | fcntl.LOCK_NB):
        for path in ended:
            mark_process_dead(_owner(path), folder)
        for kind in ("counter", "histogram"):
            _fold(folder, kind, [path for path in ended if path.name.startswith(kind)])


@contextmanager
def reading(folder: Path) -> Iterator[None]:
    """Keep the files as they are for as long as they are read."""
    with _locked(folder, fcntl.LOCK_SH):
        yield


def _fold(folder: Path, kind: str, ended: list[Path]) -> None:
    if not ended:
        return
    target = folder / f"{kind}_{ENDED}.db"
    figures: Counter[str] = Counter()
    for path in [target, *ended]:
        if path.exists():
            for key, value, *_ in MmapedDict.read_all_values_from_file(path):
                figures[key] += value

    # Put in the old one's place when it is complete: whoever dies on the way loses nothing. All
    # of it is written beforehand: on a full disk that fails, where a mapped file would kill us.
    draft = folder / f"{kind}_{ENDED}.draft"
    draft.write_bytes(bytes(8 + sum(len(key.encode()) + BYTES_BESIDE_KEY for key in figures)))
    file = MmapedDict(str(draft))
    for key, value in figures.items():
        file.write_value(key, value, 0.0)
    file.close()
    draft.replace(target)
    for path in ended:
        path.unlink()


def _owner(path: Path) -> str:
    return path.stem.rpartition("_")[2]


def _lives(process: str) -> bool:
    try:
        os.kill(int(process), 0)
    except (ValueError, ProcessLookupError):
        return False
    except PermissionError:  # it is another user's
        return True
    return True


@contextmanager
def _locked(folder: Path, how: int) -> Iterator[None]:
    with (folder / "lock").open("a") as file:
        fcntl.flock(file, how)
        yield
