"""My bookings, among ten thousand and among ten million rows."""

from bench.buffers import touched
from bench.data import LEDGER_EACH
from bench.loads import OWN
from bench.outcome import Outcome
from bench.rounds import alternate
from bench.workplace import Workplace
from bench.wrk import Load

PATH = "/users/me/bookings"
FEW, MANY = 10_000, 10_000_000


def run(place: Workplace) -> Outcome:
    sizes = {"few": FEW, "many": place.size(MANY, quick=100_000)}
    names = {key: f"my bookings, {size:,} rows" for key, size in sizes.items()}
    databases = {key: place.data.ledger(size) for key, size in sizes.items()}
    sides = [
        place.http(names[key], place.evently(databases[key]), _load(size))
        for key, size in sizes.items()
    ]
    outcome = Outcome(alternate(sides, place.pace))
    outcome.compare("mine_cost", names["many"], names["few"], "cpu_ms")
    for key in sizes:
        url = place.postgres.url(databases[key])
        [queries] = touched(url, "GET", PATH, users=[1])
        pages = sum(query["pages"] for query in queries)
        outcome.facts.append((f"{names[key]}: pages", str(pages)))
    return outcome


def _load(bookings: int) -> Load:
    """Everybody asks in turn."""
    return Load("GET", PATH, headers=OWN, sequences={"user": (1, bookings // LEDGER_EACH, 1)})
