"""A worker of the server: how soon it answers after the start, and the memory it holds at rest."""

import time
from urllib.request import urlopen

from bench.data import Halls
from bench.figures import Figure
from bench.outcome import Outcome
from bench.processes import memory_mb
from bench.servers import Server
from bench.workplace import Workplace

STARTS = 3
REQUESTS = 20
REST_SECONDS = 1


def run(place: Workplace) -> Outcome:
    place.data.create("worker", [Halls(50, 100)], users=10)
    starts, pss, rss = [], [], []
    for _ in range(place.size(STARTS, quick=1)):
        server = place.evently("worker")
        starts.append(server.start_seconds)
        _greet(server)
        held = [memory_mb(pid) for pid in server.workers()]
        pss += [memory["pss"] for memory in held]
        rss += [memory["rss"] for memory in held]
        place.close()
    # The larger of the two: what `ps` shows, whatever is shared with the others.
    outcome = Outcome(figures={"worker_memory": Figure.of(rss)})
    outcome.facts = [
        ("from the start to the first answer, seconds", f"{Figure.of(starts).value:.1f}"),
        ("a worker at rest, MB (RSS)", f"{Figure.of(rss).value:.0f}"),
        ("the same with its share alone of what it shares (PSS)", f"{Figure.of(pss).value:.0f}"),
    ]
    return outcome


def _greet(server: Server) -> None:
    """Let every worker answer something, and rest."""
    for _ in range(REQUESTS):
        urlopen(f"{server.url}/events").close()
    time.sleep(REST_SECONDS)
