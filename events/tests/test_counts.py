"""Every change is counted, and folding changes nothing of what the counts tell."""

from datetime import UTC, date, datetime

import pytest
from django.db import IntegrityError, OperationalError
from django.utils.timezone import localdate

from bookings.event_services import change_event, delete_event
from bookings.integrity import breaches
from bookings.models import Booking
from bookings.recount import recount
from bookings.services import accept_offer, book_any_seat, cancel_booking
from events import counts
from events.counts import fold_all, fold_changes
from events.errors import EventNotOnSale
from events.models import DayCount, Event, SeatChange, SeatCount
from events.services import block_seats
from tests.factories import (
    EventFactory,
    expire_offer,
    make_booking,
    make_entry,
    make_full_event,
)
from waitlists.lapsing import cancel_offer, lapse_all
from waitlists.releasing import unblock_seats
from waitlists.services import leave

pytestmark = pytest.mark.django_db(transaction=True)


def changes():
    """Return what was written down: available, booked, cancelled."""
    rows = SeatChange.objects.order_by("id")
    return list(rows.values_list("available", "booked", "cancelled"))


def fold():
    """Fold everything, so that only what comes next is left."""
    fold_all()
    assert changes() == []


def available_of(event):
    return Event.objects.with_available_seats().get(id=event.id).available_seats


def folded(event):
    return SeatCount.objects.values_list("available", "booked", "cancelled").get(event=event)


@pytest.fixture
def offer():
    """An entry that the only seat of an event is kept for; folded."""
    event, [booking] = make_full_event()
    entry = make_entry(event)
    cancel_booking(booking_id=booking.id)
    fold()
    return entry


def test_new_event_is_counted_and_writes_no_change(event):
    assert folded(event) == (3, 0, 0)
    assert changes() == []


def test_booking_writes_one_change(event, holder):
    book_any_seat(event_id=event.id, user_id=holder.id)

    assert changes() == [(-1, 1, 0)]


def test_cancel_to_the_sale_writes_one_change(event):
    booking = make_booking(event)
    fold()

    cancel_booking(booking_id=booking.id)
    cancel_booking(booking_id=booking.id)

    assert changes() == [(1, 0, 1)]


def test_cancel_to_the_line_leaves_the_seat_out_of_the_sale():
    event, [booking] = make_full_event()
    make_entry(event)
    fold()

    cancel_booking(booking_id=booking.id)

    assert changes() == [(0, 0, 1)]


def test_accepted_offer_is_a_booking_of_a_seat_that_was_not_on_sale(offer):
    accept_offer(entry_id=offer.id)

    assert changes() == [(0, 1, 0)]


def test_offer_that_nobody_takes_puts_its_seat_on_sale(offer):
    expire_offer(offer)
    lapse_all()

    assert changes() == [(1, 0, 0)]


@pytest.mark.parametrize("end", [leave, cancel_offer])
def test_offer_that_is_given_up_puts_its_seat_on_sale(end, offer):
    end(entry_id=offer.id)

    assert changes() == [(1, 0, 0)]


def test_offer_that_passes_to_the_next_in_line_changes_no_count(offer):
    make_entry(offer.event)

    leave(entry_id=offer.id)

    assert changes() == []


def test_blocked_seats_leave_the_sale_and_come_back(event):
    make_booking(event)
    fold()
    seat_ids = list(event.seats.values_list("id", flat=True))

    block_seats(event_id=event.id, seat_ids=seat_ids)
    block_seats(event_id=event.id, seat_ids=seat_ids)
    unblock_seats(event_id=event.id, seat_ids=seat_ids)

    assert changes() == [(-2, 0, 0), (2, 0, 0)]


def test_cancelled_event_writes_a_change_for_each_day_of_booking_and_one_of_its_seats():
    event, bookings = make_full_event(seats=3)
    cancel_booking(booking_id=bookings.pop().id)
    move_to(bookings[0], datetime(2026, 3, 1, 12, tzinfo=UTC))

    change_event(event_id=event.id, changes={"status": "cancelled"})

    today = localdate()
    rows = SeatChange.objects.values_list("available", "booked", "cancelled", "made_on")
    assert sorted(rows) == [(-1, 0, 0, None), (0, 0, 1, date(2026, 3, 1)), (0, 0, 1, today)]
    assert (available_of(event), breaches()) == (0, [])


def test_refused_booking_writes_no_change(event, holder):
    Event.objects.filter(id=event.id).update(status="cancelled")

    with pytest.raises(EventNotOnSale):
        book_any_seat(event_id=event.id, user_id=holder.id)

    assert changes() == []


def test_fold_moves_what_was_written_into_the_counts_and_keeps_what_they_tell(event):
    first, _ = make_booking(event), make_booking(event, seat_number="Seat-2")
    cancel_booking(booking_id=first.id)
    before = available_of(event)

    assert (fold_all(), fold_all()) == (3, 0)

    assert (before, available_of(event)) == (2, 2)
    assert (folded(event), changes()) == ((2, 2, 1), [])
    days = DayCount.objects.values_list("day", "booked", "cancelled", "cancelled_since")
    assert list(days) == [(localdate(), 2, 1, 1)]


def test_fold_adds_to_the_days_that_are_counted_already(event):
    make_booking(event)
    fold()
    move_to(make_booking(event, seat_number="Seat-2"), datetime(2026, 3, 1, 12, tzinfo=UTC))
    cancel_booking(booking_id=make_booking(event, seat_number="Seat-3").id)

    fold()

    days = DayCount.objects.values_list("day", "booked", "cancelled", "cancelled_since")
    assert list(days) == [(date(2026, 3, 1), 1, 0, 0), (localdate(), 2, 1, 1)]
    assert breaches() == []


def test_fold_takes_a_portion_at_a_time(event, monkeypatch):
    monkeypatch.setattr(counts, "CHANGES_PER_FOLD", 2)
    for number in (1, 2, 3):
        make_booking(event, seat_number=f"Seat-{number}")

    assert fold_changes(event_id=event.id) == 3
    assert folded(event) == (0, 3, 0)


def test_fold_that_is_cut_off_has_left_no_trace(event, monkeypatch):
    make_booking(event)

    def cut_off(*_):
        raise OperationalError

    with monkeypatch.context() as broken:
        broken.setattr(counts, "_add_to_days", cut_off)
        assert fold_all() == 0

    assert (folded(event), changes()) == ((3, 0, 0), [(-1, 1, 0)])
    assert (fold_all(), breaches()) == (1, [])


def test_fold_leaves_alone_what_is_counted_by_days_of_another_zone(event, settings):
    make_booking(event)
    settings.TIME_ZONE = "Pacific/Kiritimati"

    assert fold_all() == 0
    assert (folded(event), available_of(event)) == ((3, 0, 0), 2)


def test_uncounted_events_are_those_without_counts_and_those_of_another_zone(event, settings):
    none = EventFactory()
    SeatCount.objects.filter(event=none).delete()
    settings.TIME_ZONE = "Pacific/Kiritimati"
    EventFactory()

    assert list(Event.objects.uncounted().order_by("id")) == [event, none]


def test_deleted_event_takes_its_counts_along(event):
    cancel_booking(booking_id=make_booking(event).id)
    fold()
    cancel_booking(booking_id=make_booking(event).id)

    delete_event(event_id=event.id)

    assert [model.objects.count() for model in (SeatCount, DayCount, SeatChange)] == [0, 0, 0]


def test_day_of_an_event_is_counted_once(event):
    numbers = {"booked": 0, "cancelled": 0, "cancelled_since": 0}
    DayCount.objects.create(event=event, day=date(2026, 3, 1), **numbers)

    with pytest.raises(IntegrityError):
        DayCount.objects.create(event=event, day=date(2026, 3, 1), **numbers)


@pytest.mark.parametrize(("cancelled", "made_on"), [(1, None), (0, date(2026, 3, 1))])
def test_cancelled_bookings_without_their_day_are_refused(event, cancelled, made_on):
    numbers = {"available": 0, "booked": 0, "cancelled": cancelled}

    with pytest.raises(IntegrityError):
        SeatChange.objects.create(event=event, day=date(2026, 3, 1), made_on=made_on, **numbers)


def move_to(booking, moment):
    """Let a booking have been made at that moment."""
    Booking.objects.filter(id=booking.id).update(created_at=moment)
    recount(event_id=booking.event_id)
