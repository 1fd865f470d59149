"""Parties in the line over HTTP: joining, seeing what is kept, accepting all of it or a part."""

import pytest

from bookings.services import cancel_booking
from tests.factories import make_entry, make_full_event
from waitlists.likelihood import likelihood
from waitlists.models import WaitlistEntry

pytestmark = pytest.mark.django_db


@pytest.fixture
def full():
    """A full event with four seats in a row, and its bookings."""
    return make_full_event(seats=4)


def wait(client, event, **party):
    return client.post("/waitlists", {"event_id": event.id} | party)


def numbers(seats):
    return [seat["seat_number"] for seat in seats]


def test_a_party_sees_how_many_seats_are_wanted_ahead(full, as_stranger):
    event, _ = full
    make_entry(event)

    response = wait(as_stranger, event, party_size=3, adjacent="required")

    told = response.json()
    assert response.status_code == 201
    assert (told["party_size"], told["adjacent"], told["seats_ahead"]) == (3, "required", 1)
    assert 0 < told["likelihood"] < 1


def test_an_offer_of_several_seats_is_accepted_as_an_order(full, as_stranger):
    event, bookings = full
    entry = wait(as_stranger, event, party_size=2, adjacent="required").json()
    for booking in bookings[:2]:
        cancel_booking(booking_id=booking.id)
    told = as_stranger.get(f"/waitlists/{entry['id']}").json()
    assert (told["status"], numbers(told["offered_seats"])) == ("offered", ["Seat-1", "Seat-2"])

    response = as_stranger.post(f"/waitlists/{entry['id']}/accept")

    assert response.status_code == 201
    assert response["Location"] == f"/orders/{response.json()['id']}"
    assert numbers(response.json()["bookings"]) == ["Seat-1", "Seat-2"]


def test_a_part_of_an_offer_is_accepted_and_the_rest_stays_on_offer(full, as_stranger):
    event, bookings = full
    entry = wait(as_stranger, event, party_size=2).json()
    for booking in bookings[:2]:
        cancel_booking(booking_id=booking.id)

    response = as_stranger.post(f"/waitlists/{entry['id']}/accept", {"quantity": 1})

    told = as_stranger.get(f"/waitlists/{entry['id']}").json()
    assert (response.status_code, response.json()["seat_number"]) == (201, "Seat-1")
    assert (told["party_size"], numbers(told["offered_seats"])) == (1, ["Seat-2"])


def test_gathered_seats_are_taken_in_part_and_the_rest_is_waited_for(full, as_stranger, settings):
    settings.EVENTLY_PARTY_PATIENCE = 1
    event, bookings = full
    entry = wait(as_stranger, event, party_size=3).json()
    make_entry(event)
    for booking in bookings[:3]:
        cancel_booking(booking_id=booking.id)
    told = as_stranger.get("/waitlists/me").json()[0]
    assert (told["status"], numbers(told["gathered_seats"])) == ("waiting", ["Seat-2", "Seat-3"])

    response = as_stranger.post(f"/waitlists/{entry['id']}/accept", {"quantity": 2})

    told = as_stranger.get("/waitlists/me").json()[0]
    assert numbers(response.json()["bookings"]) == ["Seat-2", "Seat-3"]
    assert (told["status"], told["party_size"], told["position"]) == ("waiting", 1, 1)


def test_accepting_what_is_gathered_without_saying_what_is_refused(full, as_stranger, settings):
    settings.EVENTLY_PARTY_PATIENCE = 1
    event, bookings = full
    entry = wait(as_stranger, event, party_size=3).json()
    cancel_booking(booking_id=bookings[0].id)

    response = as_stranger.post(f"/waitlists/{entry['id']}/accept")

    assert (response.status_code, response.json()["code"]) == (409, "no_open_offer")


def test_booking_with_an_offer_of_several_seats_takes_one_of_them(full, as_stranger, stranger):
    event, bookings = full
    wait(as_stranger, event, party_size=2)
    for booking in bookings[:2]:
        cancel_booking(booking_id=booking.id)

    response = as_stranger.post("/bookings", {"event_id": event.id})

    entry = WaitlistEntry.objects.get(user=stranger)
    assert (response.status_code, response.json()["seat_number"]) == (201, "Seat-1")
    assert (entry.status, entry.party_size, entry.offered_seat.seat_number) == (
        "offered",
        1,
        "Seat-2",
    )


@pytest.mark.parametrize(
    ("booked", "cancelled", "seats", "expected"),
    [
        (0, 0, 1, 0.0),  # nothing that could come free
        (1, 0, 1, 1 / 3),  # one booking, by the rule of succession
        (2, 0, 2, 1 / 16),  # two bookings at one in four
        (2, 0, 3, 0.0),
    ],
)
def test_likelihood_is_the_binomial_distributions(booked, cancelled, seats, expected):
    chance = likelihood(booked=booked, cancelled=cancelled, seats=seats)

    assert chance == pytest.approx(expected)


def test_likelihood_of_many_seats_is_as_of_fewer_by_another_way():
    few = likelihood(booked=5_000, cancelled=500, seats=500)
    more = likelihood(booked=5_000, cancelled=500, seats=501)

    assert few == pytest.approx(more, abs=0.02)
