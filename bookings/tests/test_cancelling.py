"""Cancelling an event: what is so after each step, and who goes on where somebody stopped."""

from contextlib import closing
from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bookings import cancelling
from bookings.cancelling import begin_cancelling, cancel_next_batch, finish_cancelled_events
from bookings.errors import EventHasActiveBookings
from bookings.event_services import change_event, delete_event
from bookings.integrity import breaches
from bookings.models import Booking
from bookings.services import accept_offer, book_any_seat, book_seat, cancel_booking
from events import gate
from events.errors import EventNotFound, EventNotOnSale, StatusChangeRefused
from events.models import Event
from notifications.models import Notification
from tests.factories import EventFactory, make_booking, make_entry, make_full_event
from waitlists.models import WaitlistEntry
from waitlists.releasing import unblock_seats
from waitlists.services import join

pytestmark = pytest.mark.django_db(transaction=True)

NOBODYS_ID = 2**40


@pytest.fixture(autouse=True)
def small_batches(monkeypatch):
    monkeypatch.setattr(cancelling, "BOOKINGS_PER_BATCH", 2)


@pytest.fixture
def begun():
    """Return an event of three bookings whose cancelling has begun, and these."""
    event, bookings = make_full_event(seats=3)
    begin_cancelling(event_id=event.id)
    return event, bookings


def seats_of(event):
    return list(event.seats.order_by("position").values_list("status", flat=True))


def statuses_of(event):
    bookings = Booking.objects.filter(event=event).order_by("id")
    return list(bookings.values_list("status", flat=True))


def available_of(event):
    return Event.objects.with_available_seats().get(id=event.id).available_seats


def told(user):
    words = Notification.objects.filter(user=user).order_by("id")
    return list(words.values_list("kind", flat=True))


def is_being_cancelled(event):
    return Event.objects.cancelling().filter(id=event.id).exists()


def test_begin_takes_the_event_off_sale_and_leaves_its_bookings():
    event = EventFactory(total_seats=3)
    make_booking(event, seat_number="Seat-2")

    assert begin_cancelling(event_id=event.id) == 1

    assert Event.objects.get(id=event.id).status == "cancelled"
    assert (seats_of(event), available_of(event)) == (["blocked", "booked", "blocked"], 0)
    assert (statuses_of(event), is_being_cancelled(event)) == (["active"], True)
    assert breaches() == []


def test_begin_closes_the_line_and_tells_it():
    event, [_, booking] = make_full_event(seats=2)
    offered, waiting = make_entry(event), make_entry(event)
    cancel_booking(booking_id=booking.id)

    begin_cancelling(event_id=event.id)

    assert set(WaitlistEntry.objects.values_list("status", flat=True)) == {"closed"}
    assert seats_of(event) == ["booked", "blocked"]
    assert [told(entry.user)[-1] for entry in (offered, waiting)] == ["event_cancelled"] * 2
    assert breaches() == []


def test_begin_twice_does_nothing_twice(begun):
    event, _ = begun

    assert begin_cancelling(event_id=event.id) == 3

    assert Event.objects.get(id=event.id).version == 2
    assert (statuses_of(event), breaches()) == (["active"] * 3, [])


def test_begin_without_bookings_is_all_there_is_to_do(event):
    assert begin_cancelling(event_id=event.id) == 0

    assert (seats_of(event), is_being_cancelled(event)) == (["blocked"] * 3, False)


def test_begin_for_a_draft_is_refused():
    event = EventFactory(status="draft")

    with pytest.raises(StatusChangeRefused):
        begin_cancelling(event_id=event.id)


def test_begin_for_an_unknown_event_is_not_found():
    with pytest.raises(EventNotFound):
        begin_cancelling(event_id=NOBODYS_ID)


def test_each_batch_cancels_the_next_bookings_until_none_is_left(begun):
    event, _ = begun
    seen = []

    for _ in range(3):
        left = cancel_next_batch(event_id=event.id)
        seen.append((left, statuses_of(event), seats_of(event), is_being_cancelled(event)))
        assert (available_of(event), breaches()) == (0, [])

    at_the_end = (0, ["cancelled"] * 3, ["blocked"] * 3, False)
    after_one = ["cancelled", "cancelled", "active"], ["blocked", "blocked", "booked"]
    assert seen == [(1, *after_one, True), at_the_end, at_the_end]


def test_batch_tells_each_holder_once_and_of_their_booking(begun):
    event, bookings = begun

    for _ in range(3):
        cancel_next_batch(event_id=event.id)

    words = Notification.objects.filter(kind="event_cancelled").order_by("id")
    assert list(words.values_list("user_id", "event_id", "booking_id", "message")) == [
        (booking.user_id, event.id, booking.id, f"{event.name} is cancelled.")
        for booking in bookings
    ]


def test_batch_of_an_event_that_is_on_sale_does_nothing(event):
    make_booking(event)

    assert cancel_next_batch(event_id=event.id) == 0

    assert statuses_of(event) == ["active"]


def test_batch_of_an_event_that_is_gone_does_nothing():
    assert cancel_next_batch(event_id=NOBODYS_ID) == 0


def test_figures_between_batches_tell_what_is_so(begun, as_admin):
    event, bookings = begun
    Booking.objects.filter(id=bookings[0].id).update(created_at=datetime(2026, 3, 1, tzinfo=UTC))
    call = "/admin/analytics?since=2026-03-01"
    cancelling_begun = as_admin.get(call).json()["totals"]
    cancel_next_batch(event_id=event.id)

    totals = as_admin.get(call).json()["totals"]

    numbers = ("bookings", "active", "cancelled")
    assert [cancelling_begun[name] for name in numbers] == [3, 3, 0]
    assert [totals[name] for name in numbers] == [3, 1, 2]


def test_change_to_cancelled_goes_on_until_nothing_is_left():
    event, _ = make_full_event(seats=5)

    change_event(event_id=event.id, changes={"status": "cancelled"})

    assert (statuses_of(event), seats_of(event)) == (["cancelled"] * 5, ["blocked"] * 5)
    assert (is_being_cancelled(event), breaches()) == (False, [])


@pytest.mark.parametrize("changes", [{"status": "cancelled"}, {"venue": "Park"}])
@pytest.mark.parametrize("batches", [0, 1])
def test_change_of_an_event_that_is_being_cancelled_goes_on_with_it(begun, batches, changes):
    event, bookings = begun
    for _ in range(batches):
        cancel_next_batch(event_id=event.id)

    change_event(event_id=event.id, changes=changes)

    assert (statuses_of(event), is_being_cancelled(event)) == (["cancelled"] * 3, False)
    assert [told(booking.user)[1:] for booking in bookings] == [["event_cancelled"]] * 3
    assert breaches() == []


def test_cancel_of_ones_own_booking_between_batches_leaves_its_seat_blocked(begun):
    event, bookings = begun

    cancel_booking(booking_id=bookings[1].id)

    assert seats_of(event) == ["booked", "blocked", "booked"]
    assert (available_of(event), breaches()) == (0, [])
    assert cancel_next_batch(event_id=event.id) == 0
    assert told(bookings[1].user) == ["booking_confirmed", "booking_cancelled"]
    assert breaches() == []


def test_batch_after_everybody_has_cancelled_ends_it(begun):
    event, bookings = begun
    for booking in bookings:
        cancel_booking(booking_id=booking.id)

    assert cancel_next_batch(event_id=event.id) == 0

    assert not is_being_cancelled(event)


def test_delete_between_batches_is_refused(begun):
    event, _ = begun
    cancel_next_batch(event_id=event.id)

    with pytest.raises(EventHasActiveBookings):
        delete_event(event_id=event.id)

    cancel_next_batch(event_id=event.id)
    delete_event(event_id=event.id)
    assert not Event.objects.exists()


@pytest.mark.parametrize("batches", [0, 1])
def test_nothing_of_an_event_that_is_being_cancelled_is_to_be_had(begun, stranger, batches):
    event, _ = begun
    for _ in range(batches):
        cancel_next_batch(event_id=event.id)
    wish = {"event_id": event.id, "user_id": stranger.id}

    with pytest.raises(EventNotOnSale):
        book_any_seat(**wish)
    with pytest.raises(EventNotOnSale):
        book_seat(**wish, seat_number="Seat-1")
    with pytest.raises(EventNotOnSale):
        join(**wish)
    with pytest.raises(EventNotOnSale):
        unblock_seats(event_id=event.id, seat_ids=[event.seats.get(position=1).id])


def test_offer_of_an_event_that_is_being_cancelled_is_not_to_be_had():
    event, [_, booking] = make_full_event(seats=2)
    entry = make_entry(event)
    cancel_booking(booking_id=booking.id)
    begin_cancelling(event_id=event.id)

    with pytest.raises(EventNotOnSale):
        accept_offer(entry_id=entry.id)


def test_cancelled_event_says_how_many_bookings_it_had(caplog):
    event, bookings = make_full_event(seats=3)
    begin_cancelling(event_id=event.id)
    cancel_booking(booking_id=bookings[0].id)
    cancel_next_batch(event_id=event.id)

    lines = [record.msg for record in caplog.records if record.name == "evently.changes"]
    numbers = [(line["event"], line["bookings"]) for line in lines if "bookings" in line]
    assert numbers == [("event_cancelled", 3), ("bookings_cancelled", 2)]


@pytest.mark.parametrize("batches", [0, 1])
def test_finishing_goes_on_where_somebody_stopped(begun, batches):
    event, _ = begun
    for _ in range(batches):
        cancel_next_batch(event_id=event.id)

    assert (finish_cancelled_events(), finish_cancelled_events()) == (1, 0)

    assert (statuses_of(event), is_being_cancelled(event)) == (["cancelled"] * 3, False)
    assert breaches() == []


def test_finishing_with_nothing_to_do_takes_one_statement_and_reads_no_booking():
    event, _ = make_full_event(seats=3)
    change_event(event_id=event.id, changes={"status": "cancelled"})

    with CaptureQueriesContext(connection) as queries:
        assert finish_cancelled_events() == 0

    [statement] = [query["sql"] for query in queries]
    assert "bookings_booking" not in statement


@pytest.mark.postgresql
def test_finishing_leaves_an_event_whose_gate_is_closed_for_the_next_time(begun, monkeypatch):
    monkeypatch.setattr(gate, "GATE_TIMEOUT", "50ms")
    closed, _ = begun
    another, _ = make_full_event()
    begin_cancelling(event_id=another.id)

    with closing(connection.copy()) as session, session.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s, hashint8(%s))", [gate.NAMESPACE, closed.id])
        assert finish_cancelled_events() == 1

    assert (is_being_cancelled(closed), is_being_cancelled(another)) == (True, False)
    assert finish_cancelled_events() == 1
