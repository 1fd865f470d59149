"""The line over HTTP: joining, waiting, being offered a seat, accepting, leaving."""

import pytest

from bookings.models import Booking
from bookings.services import cancel_booking
from events.models import Seat
from tests.counting import queries_of
from tests.factories import EventFactory, UserFactory, expire_offer, make_entry, make_full_event
from tests.shown import shown_event
from waitlists.models import WaitlistEntry

pytestmark = pytest.mark.django_db


@pytest.fixture
def full():
    """A full event, and the booking of its only seat."""
    event, [booking] = make_full_event()
    return event, booking


@pytest.fixture
def offered(full, stranger):
    """The stranger's entry, for which the event's only seat is kept."""
    event, booking = full
    entry = make_entry(event, stranger)
    cancel_booking(booking_id=booking.id)
    entry.refresh_from_db()
    return entry


def shown(entry, **values):
    """Return an entry as it is answered, of an event that the factory made."""
    return {
        "id": entry.id,
        "user_id": entry.user_id,
        "event_id": entry.event_id,
        "event": shown_event(entry.event),
        "status": "waiting",
        "position": None,
        "party_size": 1,
        "adjacent": "no",
        "seats_ahead": None,
        "likelihood": None,
        "offered_seat": None,
        "offered_seats": [],
        "gathered_seats": [],
        "offer_expires_at": None,
        "created_at": entry.created_at.isoformat(),
    } | values


def shown_offer(entry):
    seat = entry.offered_seat
    return shown(
        entry,
        status="offered",
        offered_seat={"id": seat.id, "seat_number": "Seat-1"},
        offered_seats=[{"id": seat.id, "seat_number": "Seat-1"}],
        offer_expires_at=seat.held_until.isoformat(),
    )


def mine(client):
    response = client.get("/waitlists/me")
    assert response.status_code == 200
    return response.json()


# --- Joining ------------------------------------------------------------------------------------


def test_joined_line_is_answered_in_full_with_its_place(full, as_stranger, stranger):
    event, _ = full
    make_entry(event)

    response = as_stranger.post("/waitlists", {"event_id": event.id})

    entry = WaitlistEntry.objects.get(user=stranger)
    assert response.status_code == 201
    assert response["Location"] == f"/waitlists/{entry.id}"
    assert response.json() == shown(entry, position=2, seats_ahead=1, likelihood=0.0)


def test_joining_again_answers_the_same_entry(full, as_stranger):
    event, _ = full
    first = as_stranger.post("/waitlists", {"event_id": event.id})

    again = as_stranger.post("/waitlists", {"event_id": event.id})

    assert (again.status_code, again.json()) == (200, first.json())
    assert again["Location"] == first["Location"]


def test_joining_with_an_open_offer_answers_the_offer(offered, as_stranger):
    response = as_stranger.post("/waitlists", {"event_id": offered.event_id})

    assert (response.status_code, response.json()) == (200, shown_offer(offered))


def test_joining_after_leaving_is_at_the_end(full, as_stranger, stranger):
    event, _ = full
    as_stranger.delete(f"/waitlists/{make_entry(event, stranger).id}")
    make_entry(event)

    response = as_stranger.post("/waitlists", {"event_id": event.id})

    assert (response.status_code, response.json()["position"]) == (201, 2)


def test_joining_while_seats_are_on_sale_is_refused(event, as_stranger):
    response = as_stranger.post("/waitlists", {"event_id": event.id})

    assert response.status_code == 409
    assert response.json() == {
        "type": "urn:evently:problem:seats_available",
        "title": "Seats available",
        "status": 409,
        "detail": "Seats of this event are on sale; there is nothing to wait for.",
        "code": "seats_available",
    }


def test_joining_a_hall_without_seats_is_waiting(as_stranger):
    event = EventFactory(total_seats=0)

    assert as_stranger.post("/waitlists", {"event_id": event.id}).status_code == 201


# --- Waiting ------------------------------------------------------------------------------------


def test_my_entries_are_the_live_ones_the_oldest_first(as_stranger, stranger):
    ended, second, first_too = (make_full_event()[0] for _ in range(3))
    as_stranger.delete(f"/waitlists/{make_entry(ended, stranger).id}")
    make_entry(second)
    entries = [make_entry(second, stranger), make_entry(first_too, stranger)]

    # The first event has one booking, so no two seats can come free; of the other's one may, as
    # likely as a rule of succession says of a single booking that wasn't cancelled: 1 in 3.
    assert mine(as_stranger) == [
        shown(entries[0], position=2, seats_ahead=1, likelihood=0.0),
        shown(entries[1], position=1, seats_ahead=0, likelihood=0.333),
    ]


def test_position_moves_up_when_somebody_ahead_leaves(full, as_admin, as_stranger, stranger):
    event, _ = full
    ahead, own = make_entry(event), make_entry(event, stranger)
    make_entry(event)

    as_admin.delete(f"/waitlists/{ahead.id}")

    assert mine(as_stranger) == [shown(own, position=1, seats_ahead=0, likelihood=0.333)]


def test_offer_is_shown_with_its_seat_and_deadline(offered, as_stranger):
    assert mine(as_stranger) == [shown_offer(offered)]
    assert as_stranger.get(f"/waitlists/{offered.id}").json() == shown_offer(offered)


def test_offer_that_nobody_has_swept_is_no_longer_shown(offered, as_stranger):
    expire_offer(offered)

    assert mine(as_stranger) == []
    assert as_stranger.get(f"/waitlists/{offered.id}").status_code == 404


def test_entries_cost_the_same_for_one_and_three(as_stranger, stranger):
    make_entry(make_full_event()[0], stranger)
    one = queries_of(lambda: as_stranger.get("/waitlists/me"))
    for _ in range(2):
        make_entry(make_full_event()[0], stranger)

    assert queries_of(lambda: as_stranger.get("/waitlists/me")) == one


# --- Leaving ------------------------------------------------------------------------------------


def test_leaving_twice_is_leaving_once(full, as_stranger, stranger):
    entry = make_entry(full[0], stranger)

    first = as_stranger.delete(f"/waitlists/{entry.id}")
    before = list(WaitlistEntry.objects.values())
    again = as_stranger.delete(f"/waitlists/{entry.id}")

    assert [(answer.status_code, answer.content) for answer in (first, again)] == [(204, b"")] * 2
    assert list(WaitlistEntry.objects.values()) == before
    assert mine(as_stranger) == []


def test_leaving_with_an_offer_passes_the_seat_on(offered, as_stranger):
    behind = make_entry(offered.event, UserFactory())

    as_stranger.delete(f"/waitlists/{offered.id}")

    behind.refresh_from_db()
    assert (behind.status, behind.offered_seat.seat_number) == ("offered", "Seat-1")


def test_leaving_as_the_last_with_an_offer_puts_the_seat_on_sale(offered, as_stranger):
    as_stranger.delete(f"/waitlists/{offered.id}")

    assert Seat.objects.get(event_id=offered.event_id).status == "available"


# --- Accepting ----------------------------------------------------------------------------------


def test_accepted_offer_is_answered_as_a_booking(as_stranger, offered):
    response = as_stranger.post(f"/waitlists/{offered.id}/accept")

    booking = Booking.objects.active().get(event_id=offered.event_id)
    assert response.status_code == 201
    assert response["Location"] == f"/bookings/{booking.id}"
    assert response.json() == {
        "id": booking.id,
        "user_id": offered.user_id,
        "event_id": offered.event_id,
        "seat_id": offered.offered_seat_id,
        "seat_number": "Seat-1",
        "order_id": None,
        "status": "active",
        "is_offered_back": False,
        "created_at": booking.created_at.isoformat(),
        "cancelled_at": None,
    }


@pytest.mark.parametrize("ended_by", ["time", "accepting", "leaving"])
def test_offer_that_is_over_cannot_be_accepted(as_stranger, offered, ended_by):
    path = f"/waitlists/{offered.id}"
    {
        "time": lambda: expire_offer(offered),
        "accepting": lambda: as_stranger.post(f"{path}/accept"),
        "leaving": lambda: as_stranger.delete(path),
    }[ended_by]()

    response = as_stranger.post(f"{path}/accept")

    assert response.status_code == 409
    assert response.json() == {
        "type": "urn:evently:problem:no_open_offer",
        "title": "No open offer",
        "status": 409,
        "detail": "No seat is being kept for this entry.",
        "code": "no_open_offer",
    }
