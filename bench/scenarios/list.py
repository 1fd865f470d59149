"""Reading what everybody reads: the list of events, a seat map."""

from urllib.request import urlopen

from bench.data import Halls
from bench.loads import get
from bench.outcome import Outcome
from bench.rounds import alternate
from bench.servers import Server
from bench.tutorial import data as tutorial
from bench.workplace import Workplace

USERS = 10_000
NOTHING, LIST, COUNTED = "an endpoint that does nothing", "GET /events", "the same, FastAPI"
MAP, UNCHANGED = "a seat map of 2,000", "the same, unchanged (304)"
# The latest events, so the first ones listed.
AHEAD_DAYS = 1_000


def run(place: Workplace) -> Outcome:
    small = Halls(place.size(9_985, quick=500), 20, booked=10)
    big = Halls(10, place.size(60_000, quick=1_000), booked=place.size(30_000, quick=500))
    middle = Halls(5, 2_000, booked=1_000, days=AHEAD_DAYS)
    halls = [small, big._replace(days=AHEAD_DAYS), middle]
    place.data.create("list", halls, users=USERS)
    tutorial.create(place.postgres, "list_tutorial", halls, users=USERS)

    ours, theirs = place.evently("list"), place.tutorial("list_tutorial")
    seats = f"/events/{small.events + big.events + 1}/seats"
    known = get(seats, expected=304, If_None_Match=_etag(ours, seats))
    sides = [
        place.http(NOTHING, ours, get("/nothing")),
        place.http(LIST, ours, get("/events")),
        place.http(COUNTED, theirs, get("/events")),
        place.http(MAP, ours, get(seats)),
        place.http(UNCHANGED, ours, known),
    ]
    outcome = Outcome(alternate(sides, place.pace))
    outcome.compare("list_nothing", LIST, NOTHING)
    outcome.compare("list_tutorial", LIST, COUNTED)
    return outcome


def _etag(server: Server, path: str) -> str:
    with urlopen(server.url + path) as answer:
        return answer.headers["ETag"]
