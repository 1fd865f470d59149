"""Counts made anew, whatever they were; and what is told of those that are wrong."""

from datetime import date

import pytest

from bookings.integrity import Breach, breaches, repair
from bookings.recount import recount, recount_all
from bookings.services import cancel_booking
from events.counts import fold_all
from events.errors import EventNotFound
from events.models import DayCount, Event, SeatChange, SeatCount
from tests.factories import EventFactory, make_booking, make_full_event

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def busy():
    """An event of three seats: one booked, two cancelled, one of them not folded yet."""
    event, bookings = make_full_event(seats=3)
    cancel_booking(booking_id=bookings[0].id)
    fold_all()
    cancel_booking(booking_id=bookings[1].id)
    return event


def lose_a_change(event):
    SeatChange.objects.filter(event=event).delete()


def lose_the_counts(event):
    SeatCount.objects.filter(event=event).delete()


def lose_a_day(event):
    DayCount.objects.filter(event=event).delete()


def count_a_cancellation_of_another_day(event):
    DayCount.objects.filter(event=event).update(cancelled_since=0)


def count_a_seat_twice(event):
    SeatCount.objects.filter(event=event).update(available=3)


def count_the_days_wrongly(event):
    DayCount.objects.filter(event=event).update(day=date(2026, 3, 1))


FAULTS = [
    lose_a_change,
    lose_the_counts,
    lose_a_day,
    count_a_cancellation_of_another_day,
    count_a_seat_twice,
    count_the_days_wrongly,
]


@pytest.mark.parametrize("break_counts", FAULTS)
def test_wrong_counts_are_named_and_counted_anew(break_counts, busy, event):
    break_counts(busy)

    found = breaches()
    recount(event_id=busy.id)

    assert found == [Breach("12: the counts aren't what there is (event)", busy.id, busy.id)]
    assert breaches() == []
    assert Event.objects.with_available_seats().get(id=busy.id).available_seats == 2


def test_right_counts_counted_anew_stay_as_they_are(busy):
    fold_all()
    before = rows()

    recount(event_id=busy.id)

    assert rows() == before


def test_repair_counts_anew(busy):
    lose_a_change(busy)

    repair(event_id=busy.id)

    assert breaches() == []


def test_unknown_event_is_not_counted():
    with pytest.raises(EventNotFound):
        recount(event_id=1)


def test_all_events_are_counted_anew_one_after_the_other(busy, event):
    for each in (busy, event):
        count_a_seat_twice(each)
    heard = []

    recount_all(advance=lambda done, total: heard.append((done, total)))

    assert breaches() == []
    assert heard == [(1, 2), (2, 2)]


def test_counting_for_another_time_zone_goes_on_where_it_was_cut_off(busy, event, settings):
    make_booking(event)
    settings.TIME_ZONE = "Pacific/Kiritimati"

    def cut_off(done, total):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        recount_all(advance=cut_off)
    heard = []
    recount_all(advance=lambda done, total: heard.append((done, total)))

    assert heard == [(1, 1)]
    assert not Event.objects.uncounted().exists()
    assert breaches() == []


def test_event_that_is_deleted_meanwhile_is_passed_over(event):
    other = EventFactory()

    recount_all(advance=lambda done, total: Event.objects.filter(id=other.id).delete())

    assert list(Event.objects.all()) == [event]


def rows():
    days = DayCount.objects.values_list("event_id", "day", "booked", "cancelled", "cancelled_since")
    counts = SeatCount.objects.order_by("pk").values_list("pk", "available", "booked", "cancelled")
    return list(counts), list(days)
