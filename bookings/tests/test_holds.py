"""Keeping seats until a deadline: services."""

from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings

from bookings.choosing import Wish
from bookings.errors import (
    HoldEnded,
    HoldNotFound,
    HoldRefreshed,
    LimitReached,
    SeatsTaken,
    SeatsUnavailable,
)
from bookings.event_services import cancel_event, delete_event
from bookings.holds import make_hold, refresh_hold, release_hold
from bookings.services import book_any_seat, book_seat
from evently.audit.models import AuditRecord
from events.errors import EventNotFound, EventNotOnSale, SalesEnded, SalesNotStarted, SeatNotFound
from events.models import MAX_TOGETHER, Event, Hold, Seat
from events.services import block_seats
from tests import factories
from tests.factories import EventFactory, expire_hold, make_booking, make_entry, make_full_event
from waitlists.models import WaitlistEntry

pytestmark = pytest.mark.django_db

TEN_MINUTES = timedelta(minutes=10)


def hold(event, user, **wish):
    return make_hold(event_id=event.id, user_id=user.id, wish=Wish(**wish))


def numbers_of(held):
    return list(held.seats.order_by("position").values_list("seat_number", flat=True))


def available(event):
    return Event.objects.with_available_seats().get(id=event.id).available_seats


def statuses(event):
    return list(event.seats.order_by("position").values_list("status", flat=True))


# --- Named seats --------------------------------------------------------------------------------


def test_hold_of_named_seats_keeps_them_until_the_deadline(event, holder):
    held = hold(event, holder, seat_numbers=["Seat-3", "Seat-1"])

    held.refresh_from_db()
    seats = list(held.seats.order_by("position"))
    assert [seat.seat_number for seat in seats] == ["Seat-1", "Seat-3"]
    assert {(seat.status, seat.held_for, seat.held_until) for seat in seats} == {
        ("held", holder, held.expires_at)
    }
    assert (held.status, held.user, held.ended_at) == ("open", holder, None)
    assert held.expires_at - held.created_at == TEN_MINUTES
    assert available(event) == 1


def test_hold_by_ids_is_the_same(event, holder):
    ids = list(event.seats.order_by("position").values_list("id", flat=True)[:2])

    assert numbers_of(hold(event, holder, seat_ids=ids)) == ["Seat-1", "Seat-2"]


def test_hold_is_recorded(event, holder):
    held = hold(event, holder, seat_numbers=["Seat-1"])

    record = AuditRecord.objects.get(action="hold_made")
    assert (record.subject, record.subject_id, record.user_id) == ("hold", held.id, holder.id)
    assert (record.event_id, record.before) == (event.id, None)
    assert record.after == {"status": "open", "seats": 1}


def test_hold_with_one_taken_seat_is_refused_and_names_it_and_what_is_near(holder):
    event = EventFactory(total_seats=6)
    make_booking(event, seat_number="Seat-2")
    block_seats(event_id=event.id, seat_ids=[event.seats.get(seat_number="Seat-3").id])

    with pytest.raises(SeatsTaken) as refusal:
        hold(event, holder, seat_numbers=["Seat-1", "Seat-2", "Seat-3"])

    ids = dict(event.seats.values_list("seat_number", "id"))
    assert refusal.value.members == {
        "unavailable": [
            {"id": ids["Seat-2"], "seat_number": "Seat-2", "status": "booked"},
            {"id": ids["Seat-3"], "seat_number": "Seat-3", "status": "blocked"},
        ],
        "nearby": [
            {"id": ids[name], "seat_number": name} for name in ["Seat-4", "Seat-5", "Seat-6"]
        ],
    }
    assert (Hold.objects.count(), available(event)) == (0, 4)


def test_hold_of_a_seat_that_isnt_there_is_refused(event, holder):
    with pytest.raises(SeatNotFound):
        hold(event, holder, seat_numbers=["Seat-1", "Seat-4"])

    assert not Hold.objects.exists()


def test_hold_of_another_events_seat_is_refused(event, holder):
    others = EventFactory().seats.first()

    with pytest.raises(SeatNotFound):
        hold(event, holder, seat_ids=[others.id])


def test_hold_of_seats_whose_hold_has_run_out_gets_them(event, holder, stranger):
    before = factories.make_hold(event, stranger)
    expire_hold(before)

    after = hold(event, holder, seat_numbers=["Seat-1", "Seat-2", "Seat-3"])

    before.refresh_from_db()
    assert (before.status, numbers_of(before)) == ("lapsed", [])
    assert numbers_of(after) == ["Seat-1", "Seat-2", "Seat-3"]
    assert available(event) == 0


# --- How many -----------------------------------------------------------------------------------


def test_hold_by_quantity_gets_one_block_where_there_is_one(holder):
    event = EventFactory(total_seats=6)
    make_booking(event, seat_number="Seat-2")

    assert numbers_of(hold(event, holder, quantity=3)) == ["Seat-3", "Seat-4", "Seat-5"]


def test_hold_by_quantity_where_no_block_is_required_gets_what_there_is(event, holder):
    make_booking(event, seat_number="Seat-2")

    assert numbers_of(hold(event, holder, quantity=2)) == ["Seat-1", "Seat-3"]


def test_hold_by_quantity_that_doesnt_fit_is_refused_with_the_best_alternative(event, holder):
    make_booking(event, seat_number="Seat-2")

    with pytest.raises(SeatsUnavailable) as refusal:
        hold(event, holder, quantity=2, adjacent="required")

    apart = event.seats.available().order_by("position").values("id", "seat_number")
    assert refusal.value.members == {"available_seats": 2, "nearby": list(apart)}


def test_hold_of_more_than_there_are_is_refused_without_an_alternative(event, holder):
    with pytest.raises(SeatsUnavailable) as refusal:
        hold(event, holder, quantity=4)

    assert refusal.value.members == {"available_seats": 3, "nearby": []}


def test_hold_by_quantity_lapses_first_what_has_run_out(event, holder, stranger):
    expire_hold(factories.make_hold(event, stranger))

    assert len(numbers_of(hold(event, holder, quantity=3, adjacent="required"))) == 3


def test_refused_hold_leaves_lapsed_what_has_run_out(event, holder, stranger):
    before = factories.make_hold(event, stranger)
    expire_hold(before)

    with pytest.raises(SeatsUnavailable) as refusal:
        hold(event, holder, quantity=4)

    before.refresh_from_db()
    assert (before.status, refusal.value.members["available_seats"]) == ("lapsed", 3)
    assert statuses(event) == ["available"] * 3


# --- When, and how many for one person ----------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"status": "draft"}, EventNotFound),
        ({"status": "cancelled"}, EventNotOnSale),
        ({"sales_start": datetime(2130, 1, 1, tzinfo=UTC)}, SalesNotStarted),
        ({"sales_end": datetime(2020, 1, 1, tzinfo=UTC)}, SalesEnded),
    ],
)
def test_hold_outside_the_sale_is_refused(values, reason, holder):
    with pytest.raises(reason):
        hold(EventFactory(**values), holder, quantity=1)


def test_hold_doesnt_reach_beyond_the_events_start(holder):
    start = datetime.now(UTC) + timedelta(minutes=2)
    event = EventFactory(start_time=start)

    assert hold(event, holder, quantity=1).expires_at == start


def test_bookings_and_holds_together_stay_within_the_limit(holder):
    event = EventFactory(total_seats=5, max_per_user=3)
    make_booking(event, holder)
    hold(event, holder, seat_numbers=["Seat-2"])

    with pytest.raises(LimitReached):
        hold(event, holder, quantity=2)
    hold(event, holder, quantity=1)
    with pytest.raises(LimitReached):
        book_any_seat(event_id=event.id, user_id=holder.id)


def test_holds_that_have_run_out_or_are_anothers_dont_count(holder, stranger):
    event = EventFactory(total_seats=6, max_per_user=2)
    expire_hold(factories.make_hold(event, holder))
    factories.make_hold(event, stranger, ["Seat-3", "Seat-4"])

    hold(event, holder, seat_numbers=["Seat-5", "Seat-6"])

    assert Hold.objects.filter(user=holder).count() == 2


def test_without_a_limit_no_more_than_so_many_are_kept_for_one_person(holder):
    event = EventFactory(total_seats=MAX_TOGETHER + 1)
    hold(event, holder, quantity=MAX_TOGETHER)

    with pytest.raises(LimitReached):
        hold(event, holder, quantity=1)


def test_held_seat_is_nobodys_to_book(event, holder, stranger):
    hold(event, holder, seat_numbers=["Seat-1", "Seat-2"])

    assert book_any_seat(event_id=event.id, user_id=stranger.id).seat.seat_number == "Seat-3"
    with pytest.raises(SeatsTaken.__mro__[1]):
        book_seat(event_id=event.id, user_id=holder.id, seat_number="Seat-1")


def made_ago(held, *, minutes):
    """Make it so long ago, by the database's clock."""
    ago = timedelta(minutes=minutes)
    Hold.objects.filter(id=held.id).update(created_at=held.created_at - ago)
    held.refresh_from_db()
    return held


# --- Refreshing, and the end --------------------------------------------------------------------


def test_refresh_puts_off_the_deadline_of_hold_and_seats(event, holder):
    held = made_ago(hold(event, holder, quantity=2), minutes=9)

    refresh_hold(hold_id=held.id)

    held.refresh_from_db()
    kept = held.expires_at - held.created_at
    assert timedelta(minutes=19) <= kept < timedelta(minutes=20)
    assert {seat.held_until for seat in held.seats.all()} == {held.expires_at}
    assert held.is_refreshed


def test_refresh_stays_within_half_an_hour(event, holder, monkeypatch):
    monkeypatch.setattr(settings, "EVENTLY_HOLD_MINUTES", 20)
    held = made_ago(hold(event, holder, quantity=2), minutes=19)

    refresh_hold(hold_id=held.id)

    held.refresh_from_db()
    assert held.expires_at - held.created_at == timedelta(minutes=30)


def test_second_refresh_is_refused(event, holder):
    held = hold(event, holder, quantity=2)
    refresh_hold(hold_id=held.id)

    with pytest.raises(HoldRefreshed):
        refresh_hold(hold_id=held.id)


def test_refresh_after_the_deadline_is_refused(event, holder):
    held = hold(event, holder, quantity=2)
    expire_hold(held)

    with pytest.raises(HoldEnded):
        refresh_hold(hold_id=held.id)


def test_release_puts_the_seats_on_sale_and_repeating_is_harmless(event, holder):
    held = hold(event, holder, quantity=2)
    release_hold(hold_id=held.id)
    release_hold(hold_id=held.id)

    held.refresh_from_db()
    assert (held.status, numbers_of(held), available(event)) == ("released", [], 3)
    assert AuditRecord.objects.filter(action="hold_released").count() == 1


def test_release_gives_the_seats_to_the_line_first(holder, stranger):
    event = EventFactory(total_seats=2)
    held = hold(event, holder, quantity=2)
    entry = make_entry(event, stranger)
    release_hold(hold_id=held.id)

    entry.refresh_from_db()
    assert (entry.status, entry.offered_seat.hold) == ("offered", None)
    assert available(event) == 1


def test_release_and_refresh_of_what_isnt_there_are_refused():
    with pytest.raises(HoldNotFound):
        release_hold(hold_id=1)
    with pytest.raises(HoldNotFound):
        refresh_hold(hold_id=1)


def test_cancelling_the_event_closes_its_holds(event, holder):
    held = hold(event, holder, quantity=2)
    cancel_event(event_id=event.id)

    held.refresh_from_db()
    assert (held.status, numbers_of(held)) == ("closed", [])
    assert statuses(event) == ["blocked"] * 3
    with pytest.raises(HoldEnded):
        refresh_hold(hold_id=held.id)


def test_deleting_the_event_deletes_its_holds(event, holder):
    hold(event, holder, quantity=2)
    delete_event(event_id=event.id)

    assert (Hold.objects.count(), Seat.objects.count()) == (0, 0)


def test_full_of_holds_is_full(holder, stranger):
    event, _ = make_full_event()
    other = EventFactory(total_seats=1)
    hold(other, holder, quantity=1)

    outcome = book_any_seat(event_id=other.id, user_id=stranger.id)

    assert isinstance(outcome, WaitlistEntry)
    assert event.seats.get().status == "booked"
