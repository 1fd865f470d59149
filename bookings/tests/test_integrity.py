"""Each promise broken by hand is reported; what is safe is repaired."""

from contextlib import contextmanager
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from bookings.cancelling import finish_cancelled_events
from bookings.integrity import Breach, breaches, repair
from bookings.models import Booking, Order
from bookings.recount import recount
from bookings.services import cancel_booking
from evently.transactions import database_now
from events.models import Event, Hold, Seat
from notifications.models import Notification
from tests.factories import (
    NOW,
    EventFactory,
    UserFactory,
    make_booking,
    make_entry,
    make_full_event,
    make_hold,
    make_order,
)
from waitlists.models import WaitlistEntry
from waitlists.services import move_entry

pytestmark = pytest.mark.django_db(transaction=True)

MISCOUNTED = "12: the counts aren't what there is (event)"


def make_offer():
    """Return an event with one seat that is held for the head of its line."""
    event, [booking] = make_full_event()
    entry = make_entry(event)
    cancel_booking(booking_id=booking.id)
    return event, entry


def seats_of(event):
    return list(event.seats.order_by("position").values_list("status", flat=True))


def said(promise_begins: str) -> list[Breach]:
    return [breach for breach in breaches() if breach.promise.startswith(promise_begins)]


@contextmanager
def without(model, constraint):
    """Take a constraint away and put it back over the rows as the test leaves them: none."""
    [found] = [each for each in model._meta.constraints if each.name == constraint]
    with connection.schema_editor() as editor:
        editor.remove_constraint(model, found)
    try:
        yield
    finally:
        model.objects.all().delete()
        with connection.schema_editor() as editor:
            editor.add_constraint(model, found)


def test_breaches_name_a_seat_sold_twice(event):
    booking = make_booking(event)
    with without(Booking, "booking_active_once_per_seat"):
        second = Booking.objects.create(
            event=event, seat=booking.seat, user=booking.user, created_at=NOW
        )

        assert [breach.row_id for breach in said("1:")] == [second.id]


def test_breaches_name_who_is_in_the_line_twice():
    event, _ = make_full_event()
    entry = make_entry(event)
    with without(WaitlistEntry, "entry_live_once_per_user"):
        second = WaitlistEntry.objects.create(event=event, user=entry.user, created_at=NOW)

        assert [breach.row_id for breach in said("3")] == [second.id]


def test_breaches_after_a_busy_life_are_none(event):
    cancel_booking(booking_id=make_booking(event).id)
    make_offer()

    assert breaches() == []


def test_breaches_name_a_booked_seat_without_booking(event):
    seat = event.seats.first()
    Seat.objects.filter(id=seat.id).update(status="booked")

    assert breaches() == [
        Breach("2: a booked seat has no active booking (seat)", event.id, seat.id),
        Breach(MISCOUNTED, event.id, event.id),
    ]


def test_breaches_name_an_active_booking_whose_seat_is_on_sale(event):
    booking = make_booking(event)
    Seat.objects.filter(id=booking.seat_id).update(status="available")

    assert breaches() == [
        Breach("2: an active booking's seat isn't booked (booking)", event.id, booking.id),
        Breach(MISCOUNTED, event.id, event.id),
    ]


def test_breaches_name_a_held_seat_without_offer(event):
    seat = event.seats.first()
    Seat.objects.filter(id=seat.id).update(status="held", held_for=UserFactory(), held_until=NOW)

    assert breaches() == [
        Breach("2: a held seat has no offer (seat)", event.id, seat.id),
        Breach(MISCOUNTED, event.id, event.id),
    ]


@pytest.mark.parametrize(
    "change", [{"status": "released", "ended_at": NOW}, {"user": None}, {"expires_at": None}]
)
def test_breaches_name_seats_of_a_hold_that_isnt_open_or_is_another(change, event):
    hold = make_hold(event, seat_numbers=["Seat-1"])
    anew = {"user": UserFactory().id, "expires_at": hold.expires_at + timedelta(minutes=1)}
    changes = {name: value or anew[name] for name, value in change.items()}
    Hold.objects.filter(id=hold.id).update(**changes)
    [seat] = hold.seats.all()

    assert breaches() == [Breach("2: a held seat has no such open hold (seat)", event.id, seat.id)]


def test_breaches_name_an_open_hold_without_a_seat(event):
    hold = make_hold(event, seat_numbers=["Seat-1"])
    Seat.objects.filter(hold=hold).update(
        status="available", hold=None, held_for=None, held_until=None
    )

    found = Breach("2: an open hold has no seat (hold)", event.id, hold.id)
    assert found in breaches()


def test_breaches_name_a_seat_that_another_than_its_holder_offers_back(event):
    seat_id = make_booking(event).seat_id
    Seat.objects.filter(id=seat_id).update(offered_back_by=UserFactory())

    broken = "a seat is offered back by another than its holder (seat)"
    assert breaches() == [Breach(broken, event.id, seat_id)]


@pytest.mark.parametrize("column", ["user", "event"])
def test_breaches_name_a_booking_that_is_part_of_anothers_order(column, event):
    order = make_order(event, seat_numbers=["Seat-1"])
    booking = order.bookings.get()
    another = UserFactory() if column == "user" else EventFactory()
    Order.objects.filter(id=order.id).update(**{column: another})

    found = Breach("a booking is part of another's order (booking)", event.id, booking.id)
    assert breaches() == [found]


def test_repair_releases_the_seats_of_a_hold_that_isnt_open(event):
    hold = make_hold(event)
    Hold.objects.filter(id=hold.id).update(status="released", ended_at=NOW)

    repair(event_id=event.id)

    assert seats_of(event) == ["available"] * 3
    assert breaches() == []


def test_breaches_name_an_offer_whose_seat_is_held_for_another():
    event, entry = make_offer()
    Seat.objects.filter(event=event).update(held_for=UserFactory())

    assert said("2: an offer") == [
        Breach("2: an offer's seats aren't held for its owner (entry)", event.id, entry.id)
    ]


@pytest.mark.parametrize(
    ("party", "fits"),
    [
        ({}, True),
        ({"party_size": 2}, True),
        ({"party_size": 2, "adjacent": "required"}, False),
        ({"party_size": 3, "adjacent": "preferred"}, False),
    ],
)
def test_breaches_name_who_waits_for_what_is_on_sale(party, fits):
    event, _ = make_full_event(seats=3)
    entry = make_entry(event)
    WaitlistEntry.objects.filter(id=entry.id).update(**party)
    Seat.objects.filter(event=event, position__in=[1, 3]).update(status="available")

    assert [breach.row_id for breach in said("4 and 5")] == ([entry.id] if fits else [])


def test_breaches_name_who_was_passed_over():
    event, [booking] = make_full_event()
    first, second = make_entry(event), make_entry(event)
    cancel_booking(booking_id=booking.id)
    first.refresh_from_db()
    seat = first.offered_seat
    Seat.objects.filter(id=seat.id).update(held_for=second.user)
    WaitlistEntry.objects.filter(id=first.id).update(status="waiting", offered_seat=None)
    WaitlistEntry.objects.filter(id=second.id).update(
        status="offered", offered_seat=seat, offered_at=first.offered_at
    )

    assert [breach.row_id for breach in said("6")] == [first.id]


@pytest.mark.parametrize(
    ("party", "is_passed"),
    [
        ({"party_size": 2}, True),
        ({"party_size": 2, "adjacent": "required"}, False),
        ({"party_size": 3}, False),
        ({"party_size": 2, "asked_at": NOW + timedelta(days=10_000)}, False),
    ],
)
def test_breaches_name_a_party_that_was_passed_over_though_seats_fitted(party, is_passed):
    event, _ = make_full_event(seats=3)
    first, second = make_entry(event), make_entry(event)
    seats = Seat.objects.filter(event=event, position__in=[1, 3])
    seats.update(status="held", held_for=second.user, held_until=NOW)
    WaitlistEntry.objects.filter(id=first.id).update(**party)
    WaitlistEntry.objects.filter(id=second.id).update(
        status="offered", party_size=2, offered_seat=seats[0], offered_at=database_now()
    )

    assert [breach.row_id for breach in said("6")] == ([first.id] if is_passed else [])


def test_breaches_name_for_whom_seats_are_gathered_beside_another():
    event, _ = make_full_event(seats=2)
    for entry, position in [(make_entry(event), 1), (make_entry(event), 2)]:
        WaitlistEntry.objects.filter(id=entry.id).update(party_size=2)
        seat = Seat.objects.filter(event=event, position=position)
        seat.update(status="held", held_for=entry.user, held_until=NOW)

    assert [breach.row_id for breach in said("6")] == [entry.id]


def test_breaches_name_an_offer_of_fewer_seats_than_its_party_wants():
    _, entry = make_offer()
    WaitlistEntry.objects.filter(id=entry.id).update(party_size=2)

    assert [breach.row_id for breach in said("2")] == [entry.id]


def test_breaches_after_a_seat_went_to_who_was_moved_to_the_head_are_none():
    event, [booking] = make_full_event()
    make_entry(event)
    move_entry(entry_id=make_entry(event).id, position=1, reason="Came by train")

    cancel_booking(booking_id=booking.id)

    assert breaches() == []


def test_breaches_name_who_shares_a_place_in_line():
    event, _ = make_full_event()
    first, second = make_entry(event), make_entry(event)
    elsewhere = make_entry(make_full_event()[0])
    WaitlistEntry.objects.filter(id__in=[second.id, elsewhere.id]).update(place=first.id)

    assert breaches() == [Breach("6: two in line have one place (entry)", event.id, second.id)]


@pytest.mark.parametrize("kind", ["booking_confirmed", "booking_cancelled"])
def test_breaches_name_a_booking_that_nobody_was_told_of(kind, event):
    booking = make_booking(event)
    cancel_booking(booking_id=booking.id)
    Notification.objects.filter(kind=kind).delete()

    assert [breach.row_id for breach in said("9")] == [booking.id]


def test_breaches_name_an_offer_that_nobody_was_told_of():
    event, entry = make_offer()
    Notification.objects.filter(kind="seat_offered").delete()

    assert breaches() == [Breach("9: an offer wasn't announced (entry)", event.id, entry.id)]


def make_cancelled_by_hand(event):
    """A booking in an event that was cancelled past every service."""
    booking = make_booking(event)
    Event.objects.filter(id=event.id).update(status="cancelled")
    return booking


def test_breaches_name_what_is_left_on_sale_and_booked_in_a_cancelled_event(event):
    make_cancelled_by_hand(event)
    left = event.seats.filter(status="available").order_by("id")

    on_sale = "a cancelled event's seat is available or held (seat)"
    assert breaches() == [
        *(Breach(on_sale, event.id, seat.id) for seat in left),
        Breach("a cancelled event's bookings aren't being cancelled (event)", event.id, event.id),
    ]


def test_repair_blocks_a_cancelled_events_seats_and_leaves_its_bookings_to_the_worker(event):
    booking = make_cancelled_by_hand(event)

    repair(event_id=event.id)

    repaired = breaches(), booking.status, seats_of(event)
    finish_cancelled_events()
    assert repaired == ([], "active", ["booked", "blocked", "blocked"])
    assert (breaches(), seats_of(event)) == ([], ["blocked"] * 3)


def make_unrecorded(event, seat_number, **values):
    """A booking that is whole but for its record."""
    seat = event.seats.get(seat_number=seat_number)
    user = UserFactory()
    booking = Booking.objects.create(event=event, seat=seat, user=user, **values)
    about = {"user": user, "booking_id": booking.id, "created_at": NOW, "message": "Told."}
    Notification.objects.create(kind="booking_confirmed", **about)
    Notification.objects.create(kind="booking_cancelled", **about)
    Seat.objects.filter(id=seat.id).update(status="booked" if booking.is_active else "available")
    recount(event_id=event.id)
    return booking


def test_breaches_name_a_booking_without_a_record(event):
    later = make_booking(event).created_at + timedelta(seconds=1)
    booking = make_unrecorded(event, "Seat-2", created_at=later)

    assert breaches() == [Breach("a booking wasn't recorded (booking)", event.id, booking.id)]


def test_breaches_name_a_cancellation_without_a_record(event):
    later = make_booking(event).created_at + timedelta(seconds=1)
    values = {"status": "cancelled", "created_at": NOW, "cancelled_at": later}
    booking = make_unrecorded(event, "Seat-2", **values)

    assert breaches() == [Breach("a cancellation wasn't recorded (booking)", event.id, booking.id)]


def test_breaches_leave_out_what_was_before_the_first_record(event):
    make_unrecorded(event, "Seat-1", created_at=NOW)
    nothing_recorded = breaches()
    make_booking(event, seat_number="Seat-2")

    assert (nothing_recorded, breaches()) == ([], [])


def test_breaches_name_an_event_with_a_wrong_number_of_seats(event):
    Event.objects.filter(id=event.id).update(total_seats=4)

    assert [breach.row_id for breach in breaches()] == [event.id]


def test_repair_releases_stray_seats_to_the_line_first():
    event, [first, second] = make_full_event(seats=2)
    entry = make_entry(event)
    for booking in (first, second):
        Booking.objects.filter(id=booking.id).update(status="cancelled", cancelled_at=NOW)

    repair(event_id=event.id)

    entry.refresh_from_db()
    assert (entry.status, entry.offered_seat) == ("offered", first.seat)
    assert list(event.seats.values_list("status", flat=True)) == ["held", "available"]


def test_repair_marks_a_seat_on_sale_that_has_a_booking(event):
    booking = make_booking(event)
    Seat.objects.filter(id=booking.seat_id).update(status="available")

    repair(event_id=event.id)

    assert breaches() == []


def test_repair_of_a_held_seat_that_has_a_booking_leaves_it_to_its_holder():
    event, [booking] = make_full_event()
    make_entry(event)
    Seat.objects.filter(id=booking.seat_id).update(
        status="held", held_for=UserFactory(), held_until=NOW
    )

    repair(event_id=event.id)

    assert breaches() == []
    assert event.seats.get().status == "booked"


def test_command_with_nothing_broken_says_so(event):
    out = StringIO()

    call_command("check_integrity", stdout=out)

    assert out.getvalue() == "Every promise is kept.\n"


def test_command_with_a_broken_promise_fails_and_with_fix_mends_it(event):
    seat = event.seats.first()
    Seat.objects.filter(id=seat.id).update(status="booked")
    out = StringIO()

    with pytest.raises(CommandError, match="2 broken promises"):
        call_command("check_integrity", stdout=out)
    call_command("check_integrity", "--fix", stdout=StringIO())

    assert out.getvalue() == (
        f"2: a booked seat has no active booking (seat): event {event.id}, row {seat.id}\n"
        f"{MISCOUNTED}: event {event.id}, row {event.id}\n"
    )
    assert breaches() == []
