"""When an event's seats are sold: from the start of its sales on, until their end."""

from datetime import timedelta

import pytest

from bookings.event_services import change_event
from bookings.models import Booking
from bookings.services import accept_offer, book_any_seat, book_seat, cancel_booking
from evently.transactions import database_now
from events.errors import SalesEnded, SalesNotStarted
from events.models import Event
from events.services import require_open_sales
from tests.factories import NOW, EventFactory, make_entry, make_full_event
from waitlists.models import WaitlistEntry
from waitlists.services import join

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
MOMENT = timedelta(microseconds=1)
NOT_STARTED = {
    "type": "urn:evently:problem:sales_not_started",
    "title": "Sales not started",
    "status": 409,
    "detail": "The sale of this event hasn't started yet.",
    "code": "sales_not_started",
}
ENDED = {
    "type": "urn:evently:problem:sales_ended",
    "title": "Sales ended",
    "status": 409,
    "detail": "The sale of this event has ended.",
    "code": "sales_ended",
}


def before_its_sales(**values):
    return EventFactory(sales_start=database_now() + HOUR, **values)


def after_its_sales(**values):
    return EventFactory(sales_end=database_now() - HOUR, **values)


def end_sales(event):
    change_event(event_id=event.id, changes={"sales_end": database_now()})


def offer_after_the_end(user, seats=1):
    """Keep Seat-1 of a full event for the user, and end its sales."""
    event, [booking, *_] = make_full_event(seats=seats)
    entry = make_entry(event, user)
    cancel_booking(booking_id=booking.id)
    end_sales(event)
    return event, entry


def ways_to_ask(event, user):
    """Return calls that want a seat, any or a chosen one, or a place in the line."""
    asked = {"event_id": event.id, "user_id": user.id}
    return [
        lambda: book_any_seat(**asked),
        lambda: book_seat(**asked, seat_number="Seat-1"),
        lambda: join(**asked),
    ]


# --- The time -----------------------------------------------------------------------------------


@pytest.mark.parametrize("now", [NOW, NOW + HOUR - MOMENT])
def test_sales_are_open_from_their_start_until_just_before_their_end(now):
    require_open_sales(Event(sales_start=NOW, sales_end=NOW + HOUR), now)


@pytest.mark.parametrize("values", [{}, {"sales_start": NOW}, {"sales_end": NOW + MOMENT}])
def test_sales_without_a_start_or_an_end_are_open_there(values):
    require_open_sales(Event(**values), NOW)


def test_sales_havent_started_until_just_before_their_start():
    with pytest.raises(SalesNotStarted):
        require_open_sales(Event(sales_start=NOW), NOW - MOMENT)


def test_sales_have_ended_from_their_end_on():
    with pytest.raises(SalesEnded):
        require_open_sales(Event(sales_end=NOW), NOW)


# --- Selling ------------------------------------------------------------------------------------


@pytest.mark.parametrize("way", range(3))
@pytest.mark.parametrize(
    ("make", "refusal"), [(before_its_sales, SalesNotStarted), (after_its_sales, SalesEnded)]
)
def test_nothing_is_sold_out_of_the_time_of_sales(make, refusal, way, holder):
    with pytest.raises(refusal):
        ways_to_ask(make(), holder)[way]()

    assert not Booking.objects.exists()


@pytest.mark.parametrize("way", range(3))
def test_nobody_is_put_in_the_line_of_a_full_event_whose_sales_have_ended(way, holder):
    event, _ = make_full_event()
    end_sales(event)

    with pytest.raises(SalesEnded):
        ways_to_ask(event, holder)[way]()

    assert not WaitlistEntry.objects.exists()


def test_seat_is_sold_within_the_time_of_sales(holder):
    now = database_now()
    event = EventFactory(sales_start=now - HOUR, sales_end=now + HOUR)

    assert book_any_seat(event_id=event.id, user_id=holder.id).seat.seat_number == "Seat-1"


def test_sales_that_are_opened_again_go_on(holder):
    event = after_its_sales()
    change_event(event_id=event.id, changes={"sales_end": None})

    assert book_any_seat(event_id=event.id, user_id=holder.id).event_id == event.id


# --- The line -----------------------------------------------------------------------------------


@pytest.mark.parametrize("way", range(3))
def test_open_offer_is_accepted_after_the_end_of_the_sales(way, holder):
    event, entry = offer_after_the_end(holder)
    accept = [*ways_to_ask(event, holder)[:2], lambda: accept_offer(entry_id=entry.id)][way]

    assert accept().seat.seat_number == "Seat-1"


def test_another_seat_than_the_offered_one_isnt_sold_after_the_end(holder):
    event, entry = offer_after_the_end(holder, seats=2)
    cancel_booking(booking_id=Booking.objects.active().get().id)

    with pytest.raises(SalesEnded):
        book_seat(event_id=event.id, user_id=holder.id, seat_number="Seat-2")

    entry.refresh_from_db()
    assert entry.is_offered


def test_seat_that_comes_back_after_the_end_is_offered_to_the_line(holder):
    event, [booking] = make_full_event()
    entry = make_entry(event, holder)
    end_sales(event)

    cancel_booking(booking_id=booking.id)

    assert accept_offer(entry_id=entry.id).user_id == holder.id


def test_seat_that_comes_back_after_the_end_isnt_sold_to_others(holder):
    event, [booking] = make_full_event()
    end_sales(event)
    cancel_booking(booking_id=booking.id)

    with pytest.raises(SalesEnded):
        book_any_seat(event_id=event.id, user_id=holder.id)


# --- The calls ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "wish"),
    [("/bookings", {}), ("/bookings", {"seat_number": "Seat-1"}), ("/waitlists", {})],
)
@pytest.mark.parametrize(
    ("make", "body"), [(before_its_sales, NOT_STARTED), (after_its_sales, ENDED)]
)
def test_call_out_of_the_time_of_sales_is_409(as_holder, path, wish, make, body):
    response = as_holder.post(path, {"event_id": make().id} | wish)

    assert (response.status_code, response.json()) == (409, body)


def test_admin_buys_within_the_time_of_sales_only(as_admin, holder):
    wish = {"event_id": before_its_sales().id, "user_id": holder.id}

    assert as_admin.post("/bookings", wish).json() == NOT_STARTED


@pytest.mark.parametrize(
    ("status", "code"), [("draft", "event_not_found"), ("cancelled", "event_not_on_sale")]
)
def test_event_that_isnt_published_is_refused_for_that(as_holder, status, code):
    event = after_its_sales(status=status)

    assert as_holder.post("/bookings", {"event_id": event.id}).json()["code"] == code


def test_key_that_came_too_early_is_good_when_the_sales_have_started(as_holder):
    event = before_its_sales()
    wish, key = {"event_id": event.id}, {"Idempotency-Key": "one-wish"}
    too_early = as_holder.post("/bookings", wish, headers=key)
    change_event(event_id=event.id, changes={"sales_start": database_now()})

    response = as_holder.post("/bookings", wish, headers=key)

    assert (too_early.status_code, response.status_code) == (409, 201)


def test_key_that_came_too_late_is_refused_for_good(as_holder):
    event = after_its_sales()
    wish, key = {"event_id": event.id}, {"Idempotency-Key": "one-wish"}

    answers = [as_holder.post("/bookings", wish, headers=key) for _ in range(2)]

    assert [answer.json() for answer in answers] == [ENDED, ENDED]
    assert answers[1]["Idempotent-Replayed"] == "true"
