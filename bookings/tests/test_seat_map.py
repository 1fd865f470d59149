"""The seat map of an event on the staff site: what it is told, and what it changes."""

import pytest

from bookings.services import book_any_seat, cancel_booking
from events.models import Event
from tests.factories import (
    EventFactory,
    UserFactory,
    expire_hold,
    make_entry,
    make_full_event,
    make_hold,
)
from tests.staff import staff_with, superuser

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def staff(db):
    return superuser()


def address(event):
    return f"/staff/events/event/{event.id}/seats/"


def change(staff, event, action, seat_ids):
    return staff.post(
        address(event), {"action": action, "seats": seat_ids}, content_type="application/json"
    )


def test_map_tells_who_has_which_seat(staff, holder):
    event = EventFactory(total_seats=2)
    book_any_seat(event_id=event.id, user_id=holder.id)

    seats = staff.get(address(event)).json()["seats"]

    assert [seat[1:4] for seat in seats] == [
        ["Seat-1", "booked", holder.username],
        ["Seat-2", "available", ""],
    ]


def test_map_tells_for_whom_a_seat_is_kept(staff, stranger):
    event, [booking] = make_full_event()
    make_entry(event, stranger)
    cancel_booking(booking_id=booking.id)

    [[_, number, status, kept_for, until, _]] = staff.get(address(event)).json()["seats"]

    assert (number, status, kept_for) == ("Seat-1", "held", stranger.username)
    assert until.startswith("→ ")


def test_map_tells_the_hold_of_a_seat_until_its_deadline(staff):
    event = EventFactory(total_seats=2)
    hold = make_hold(event)

    def told():
        return [seat[-1] for seat in staff.get(address(event)).json()["seats"]]

    assert told() == [hold.id, hold.id]
    expire_hold(hold)
    assert told() == [None, None]


def test_map_that_didn_t_change_is_304(staff):
    event = EventFactory()
    etag = staff.get(address(event))["ETag"]

    again = staff.get(address(event), headers={"If-None-Match": etag})

    assert (again.status_code, again.content) == (304, b"")


def test_map_tells_only_what_has_changed_since_a_version(staff, holder):
    event = EventFactory(total_seats=2)
    version = staff.get(address(event))["Seat-Map-Version"]
    book_any_seat(event_id=event.id, user_id=holder.id)

    [seat] = staff.get(f"{address(event)}?since={version}").json()["seats"]

    assert seat[1:4] == ["Seat-1", "booked", holder.username]


def test_map_takes_the_same_queries_for_a_great_hall(staff, django_assert_max_num_queries):
    small, great = EventFactory(total_seats=1), EventFactory(total_seats=5_000)

    for event in (small, great):
        with django_assert_max_num_queries(7):
            staff.get(address(event))


def test_chosen_seats_are_blocked_and_given_back(staff):
    event = EventFactory(total_seats=3)
    chosen = list(event.seats.order_by("position").values_list("id", flat=True)[:2])

    assert change(staff, event, "block", chosen).json() == {"message": "2 blocked."}
    assert event.seats.available().count() == 1
    assert change(staff, event, "unblock", chosen).json() == {"message": "2 given back."}
    assert event.seats.available().count() == 3


def test_booked_seat_is_left_as_it_is(staff, holder):
    event = EventFactory(total_seats=1)
    booking = book_any_seat(event_id=event.id, user_id=holder.id)

    response = change(staff, event, "block", [booking.seat_id])

    assert response.json() == {"message": "0 blocked. 1 left as it is."}


@pytest.mark.parametrize(
    "body",
    [
        "",
        "[]",
        "{}",
        "[" * 100_000,
        '{"action": "sell", "seats": []}',
        '{"action": "block", "seats": ["x"]}',
        '{"action": "block", "seats": [1e999]}',
        f'{{"action": "block", "seats": [{"9" * 30}]}}',
        '{"action": "block", "seats": [0]}',
    ],
)
def test_wish_that_can_t_be_understood_is_400(staff, body):
    response = staff.post(address(EventFactory()), body, content_type="application/json")

    assert response.status_code == 400


def test_map_of_no_event_is_404(staff):
    assert staff.get(address(Event(id=10**9))).status_code == 404


def test_map_names_nobody_to_who_may_not_see_bookings():
    event = EventFactory(total_seats=1)
    book_any_seat(event_id=event.id, user_id=UserFactory(username="zelda").id)
    browser = staff_with("view_event")

    [seat] = browser.get(address(event)).json()["seats"]
    page = browser.get(f"/staff/events/event/{event.id}/change/").content.decode()

    assert seat[1:] == ["Seat-1", "booked"]
    assert "zelda" not in page
