"""Booking, looking, cancelling, over HTTP."""

import pytest

from bookings.models import Booking
from bookings.services import cancel_booking
from tests.counting import queries_of
from tests.factories import (
    EventFactory,
    UserFactory,
    make_booking,
    make_entry,
    make_full_event,
)
from tests.shown import shown_booking, shown_event
from waitlists.models import WaitlistEntry

pytestmark = pytest.mark.django_db


def listed(booking):
    """Return a booking as it is listed, with its event (made by the factory) and its seat."""
    return shown_booking(booking) | {
        "event": shown_event(booking.event),
        "seat": {"id": booking.seat_id, "seat_number": booking.seat.seat_number},
    }


def ids(response):
    assert response.status_code == 200, response.content
    return [row["id"] for row in response.json()]


@pytest.fixture
def offered(stranger):
    """The stranger's entry, for which the only seat of its event is kept."""
    event, [booking] = make_full_event()
    entry = make_entry(event, stranger)
    cancel_booking(booking_id=booking.id)
    return entry


# --- Booking ------------------------------------------------------------------------------------


def test_booking_is_answered_in_full_with_its_place(as_holder, event, holder):
    response = as_holder.post("/bookings", {"user_id": holder.id, "event_id": event.id})

    booking = Booking.objects.get()
    assert response.status_code == 201
    assert response["Location"] == f"/bookings/{booking.id}"
    assert response.json() == shown_booking(booking)
    assert (booking.user, booking.seat.seat_number, booking.status) == (holder, "Seat-1", "active")


def test_booking_again_books_another_seat(as_holder, event):
    answers = [as_holder.post("/bookings", {"event_id": event.id}).json() for _ in range(2)]

    assert [answer["seat_number"] for answer in answers] == ["Seat-1", "Seat-2"]


def test_booking_leaves_one_seat_less(as_holder, event):
    def available():
        return as_holder.get(f"/events/{event.id}").json()["available_seats"]

    before = available()
    as_holder.post("/bookings", {"event_id": event.id})

    assert (before, available()) == (3, 2)


def test_booking_of_an_event_in_the_past_is_made(as_holder):
    past = EventFactory(start_time="2020-01-01T19:00:00Z", end_time="2020-01-01T23:00:00Z")

    assert as_holder.post("/bookings", {"event_id": past.id}).status_code == 201


def test_booking_ignores_unknown_fields(as_holder, event):
    response = as_holder.post("/bookings", {"event_id": event.id, "status": "cancelled", "x": {}})

    assert (response.status_code, response.json()["status"]) == (201, "active")


def test_booking_of_a_full_event_waits(as_stranger, stranger):
    event, _ = make_full_event()
    make_entry(event)

    response = as_stranger.post("/bookings", {"event_id": event.id})

    entry = WaitlistEntry.objects.get(user=stranger)
    assert response.status_code == 202
    assert response["Location"] == f"/waitlists/{entry.id}"
    assert response.json() == {
        "status": "waitlisted",
        "detail": "The event is full. You are in its line; you will hear when a seat is kept.",
        "waitlist_entry": {
            "id": entry.id,
            "user_id": stranger.id,
            "event_id": event.id,
            "event": shown_event(event),
            "status": "waiting",
            "position": 2,
            "party_size": 1,
            "adjacent": "no",
            "seats_ahead": 1,
            "likelihood": 0.0,
            "offered_seat": None,
            "offered_seats": [],
            "gathered_seats": [],
            "offer_expires_at": None,
            "created_at": entry.created_at.isoformat(),
        },
    }


def test_booking_again_while_waiting_answers_the_same_entry(as_stranger):
    event, _ = make_full_event()
    first = as_stranger.post("/bookings", {"event_id": event.id})

    again = as_stranger.post("/bookings", {"event_id": event.id})

    assert (again.status_code, again.json()) == (202, first.json())
    assert again["Location"] == first["Location"]
    assert WaitlistEntry.objects.count() == 1


def test_booking_with_an_open_offer_accepts_it(as_stranger, offered):
    response = as_stranger.post("/bookings", {"event_id": offered.event_id})

    assert (response.status_code, response.json()["seat_number"]) == (201, "Seat-1")
    assert ids(as_stranger.get("/waitlists/me")) == []


@pytest.mark.parametrize("named_by", ["seat_id", "seat_number"])
def test_booking_of_a_chosen_seat_books_that_one(as_holder, event, named_by):
    seat = event.seats.get(seat_number="Seat-2")
    wish = {"seat_id": seat.id, "seat_number": "Seat-2"}[named_by]

    response = as_holder.post("/bookings", {"event_id": event.id, named_by: wish})

    assert (response.status_code, response.json()["seat_id"]) == (201, seat.id)


def test_booking_of_a_chosen_seat_that_is_taken_is_refused_though_others_are_on_sale(
    as_stranger, event
):
    make_booking(event, seat_number="Seat-2")

    response = as_stranger.post("/bookings", {"event_id": event.id, "seat_number": "Seat-2"})

    assert response.status_code == 409
    assert response.json() == {
        "type": "urn:evently:problem:seat_unavailable",
        "title": "Seat unavailable",
        "status": 409,
        "detail": "This seat isn't available.",
        "code": "seat_unavailable",
    }
    assert not WaitlistEntry.objects.exists()


# --- Looking ------------------------------------------------------------------------------------


def test_booking_is_shown_to_its_owner_and_to_an_admin(as_holder, as_admin, event, holder):
    booking = make_booking(event, holder)

    answers = [client.get(f"/bookings/{booking.id}").json() for client in (as_holder, as_admin)]

    assert answers == [listed(booking), listed(booking)]


def test_my_bookings_are_the_active_ones_newest_first(as_holder, event, holder):
    first, cancelled, last = (make_booking(event, holder, f"Seat-{n}") for n in (1, 2, 3))
    cancel_booking(booking_id=cancelled.id)
    make_booking(EventFactory())

    response = as_holder.get("/users/me/bookings")

    assert response.json() == [listed(last), listed(first)]


@pytest.mark.parametrize(
    ("query", "seats"),
    [
        ("status=active", ["Seat-3", "Seat-1"]),
        ("status=cancelled", ["Seat-2"]),
        ("status=all", ["Seat-3", "Seat-2", "Seat-1"]),
        ("status=", ["Seat-3", "Seat-1"]),
    ],
)
def test_my_bookings_are_narrowed_by_status(as_holder, event, holder, query, seats):
    bookings = [make_booking(event, holder, f"Seat-{n}") for n in (1, 2, 3)]
    cancel_booking(booking_id=bookings[1].id)

    response = as_holder.get(f"/users/me/bookings?{query}")

    assert [booking["seat_number"] for booking in response.json()] == seats


def test_staff_see_all_bookings_narrowed_as_they_ask(as_admin, event, holder, stranger):
    own = make_booking(event, holder)
    cancelled = make_booking(event, stranger, "Seat-2")
    cancel_booking(booking_id=cancelled.id)
    elsewhere = make_booking(EventFactory(), stranger)

    def asked(query):
        return ids(as_admin.get(f"/admin/bookings?{query}"))

    assert as_admin.get(f"/admin/bookings?user_id={holder.id}").json() == [listed(own)]
    assert asked("") == [elsewhere.id, cancelled.id, own.id]
    assert asked("status=cancelled") == [cancelled.id]
    assert asked(f"event_id={event.id}") == [cancelled.id, own.id]
    assert asked(f"event_id={event.id}&user_id={stranger.id}&status=active") == []
    assert asked(f"event_id={2**63 - 1}") == []


@pytest.mark.parametrize("path", ["/users/me/bookings", "/admin/bookings"])
def test_bookings_cost_the_same_for_one_and_three(as_admin, admin, path):
    make_booking(EventFactory(), admin)
    one = queries_of(lambda: as_admin.get(path))
    make_booking(EventFactory(), admin)
    make_booking(EventFactory(), admin)

    assert queries_of(lambda: as_admin.get(path)) == one


# --- Cancelling ---------------------------------------------------------------------------------


def test_cancelled_booking_puts_its_seat_back_on_sale(as_holder, event, holder):
    booking = make_booking(event, holder)

    response = as_holder.delete(f"/bookings/{booking.id}")

    booking.refresh_from_db()
    assert (response.status_code, response.content) == (204, b"")
    assert (booking.status, booking.seat.status) == ("cancelled", "available")
    assert as_holder.get(f"/bookings/{booking.id}").json() == listed(booking)


def test_cancelled_booking_offers_its_seat_to_the_first_in_line(as_admin, as_stranger, offered):
    [entry] = as_stranger.get("/waitlists/me").json()

    assert (entry["status"], entry["offered_seat"]["seat_number"]) == ("offered", "Seat-1")


def test_cancelling_twice_is_cancelling_once(as_holder, event, holder):
    booking = make_booking(event, holder)
    as_holder.delete(f"/bookings/{booking.id}")
    make_booking(event, UserFactory(), "Seat-1")
    before = list(Booking.objects.values())

    again = as_holder.delete(f"/bookings/{booking.id}")

    assert again.status_code == 204
    assert list(Booking.objects.values()) == before
