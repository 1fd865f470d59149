"""What clients who follow a seat map are told of transactions that end in another order."""

import pytest

from bookings.services import book_seat
from events.queries import _SEAT_MAP
from events.seat_versions import CurrentNumber
from tests.factories import EventFactory, UserFactory
from tests.races.cues import BOOKING_MADE

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def trusting_the_latest_number(monkeypatch):
    """A version is the number after the latest that can be seen."""
    monkeypatch.setattr(CurrentNumber, "template", CurrentNumber.latest)
    vars(_SEAT_MAP).pop("_composed", None)
    yield
    vars(_SEAT_MAP).pop("_composed", None)


def told_of_a_slow_buyer(stage, client):
    """Let a client look between the commits of two buyers, of whom the first comes second."""
    event = EventFactory(total_seats=2)
    slow, quick = UserFactory(), UserFactory()
    buyer = {"event_id": event.id, "user_id": slow.id, "seat_number": "Seat-1"}
    paused = stage.start(book_seat, pause_after=BOOKING_MADE, **buyer)
    book_seat(event_id=event.id, user_id=quick.id, seat_number="Seat-2")

    path = f"/events/{event.id}/seats"
    seen = client.get(path)
    paused.resume()
    assert paused.outcome.user_id == slow.id
    assert [seat["status"] for seat in seen.json()] == ["available", "booked"]

    told = client.get(f"{path}?since={seen['Seat-Map-Version']}").json()
    compact = client.get(f"{path}?compact=true&since={seen['Seat-Map-Version']}").json()
    return [seat["seat_number"] for seat in told], compact["changed"]


def test_change_that_is_committed_late_is_told(stage, client):
    assert told_of_a_slow_buyer(stage, client) == (["Seat-1", "Seat-2"], {"b": [1, 2]})


@pytest.mark.usefixtures("trusting_the_latest_number")
def test_change_that_is_committed_late_is_missed_by_the_latest_number(stage, client):
    assert told_of_a_slow_buyer(stage, client) == ([], {})
