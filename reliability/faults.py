"""Kill, freeze, cut and fill what serves, while crowds book: is anything acknowledged lost?"""

import argparse
import secrets
from collections import defaultdict
from pathlib import Path
from statistics import median

from reliability import figures
from reliability.cluster import cluster
from reliability.disk import NoSmallDisk
from reliability.mishaps import DISK_MISHAPS, MISHAPS, Mishap
from reliability.proxy import Proxy
from reliability.storm import Storm, Strike

NUMBER = 210
HEADINGS = ["fault", "times", "calls lost", "recovery: median s", "max s", "late"]
DISK_NUMBER = 12


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--number", type=int, default=NUMBER, help="of faults")
    parser.add_argument("--disk-number", type=int, default=DISK_NUMBER, help="of full disks")
    parser.add_argument("--only", default="", help="those whose name contains this")
    parser.add_argument("--seed", default=secrets.token_hex(4), help="to choose the same again")
    parser.add_argument("--save", type=Path, default=Path("data"), help="where unexplained ones go")


def main(options: argparse.Namespace) -> int:
    print(f"seed {options.seed}")
    is_bad = False
    for kinds, number, has_small_disk in (
        (MISHAPS, options.number, False),
        (DISK_MISHAPS, options.disk_number, True),
    ):
        chosen = [mishap for mishap in kinds if options.only in mishap.name]
        if chosen and number:
            is_bad |= _storm(chosen, number, has_small_disk, options.seed, options.save)
    return is_bad


def _storm(kinds: list[Mishap], number: int, has_small_disk: bool, seed: str, save: Path) -> bool:
    proxy = Proxy()
    try:
        with cluster(proxy=proxy, has_small_disk=has_small_disk, workers=2) as evently:
            storm = Storm(evently, proxy, seed=seed, save=save)
            storm.rage(kinds, number=number)
            storm.tally.integrity = evently.manage("check_integrity").strip()
            casualties = evently.casualties()
    except NoSmallDisk:
        print(f"NOT RUN: {', '.join(kind.name for kind in kinds)}: needs root or a name space")
        return False
    finally:
        proxy.close()
    return show(storm, casualties)


def show(storm: Storm, casualties: list[str]) -> bool:
    """Print a storm's figures; return whether something is wrong."""
    figures.show("Faults", _rows(storm), *HEADINGS)
    gone = ", ".join(casualties) or "nobody"
    lines = [("faults", f"{len(storm.strikes):,}"), ("ended for good", gone)]
    figures.show("Histories with faults", lines + storm.tally.rows())
    return storm.tally.is_bad or bool(casualties) or any(strike.is_late for strike in storm.strikes)


def _rows(storm: Storm) -> list[tuple[str, ...]]:
    by_name: dict[str, list[Strike]] = defaultdict(list)
    for strike in storm.strikes:
        by_name[strike.name].append(strike)
    rows = [_row(name, some, storm.lost_calls) for name, some in sorted(by_name.items())]
    return [*rows, _row(f"all {len(by_name)} kinds", storm.strikes, storm.lost_calls)]


def _row(name: str, strikes: list[Strike], lost_calls: list[float]) -> tuple[str, ...]:
    seconds = [strike.recovery_seconds for strike in strikes]
    late = sum(strike.is_late for strike in strikes)
    lost = sum(any(strike.may_have_hurt(moment) for strike in strikes) for moment in lost_calls)
    figures = [f"{median(seconds):.2f}", f"{max(seconds):.2f}", f"{late}"]
    return (name, f"{len(strikes)}", f"{lost}", *figures)
