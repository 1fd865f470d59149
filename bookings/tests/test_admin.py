"""Bookings on the staff site."""

import pytest
from django.contrib.admin.models import LogEntry

from bookings.models import Booking
from bookings.services import cancel_booking
from notifications.services import deliver_due
from tests.factories import EventFactory, UserFactory, make_booking, make_entry, make_full_event
from tests.staff import page, staff_with, superuser, told

pytestmark = pytest.mark.django_db

# Where the services' transactions are real, and really refuse to be anybody's inner one.
committed = pytest.mark.django_db(transaction=True)


@pytest.fixture
def staff(db):
    return superuser()


def test_list_without_permission_is_refused():
    assert staff_with().see_list(Booking).status_code == 403


def test_list_with_view_permission_offers_no_action():
    response = staff_with("view_booking").see_list(Booking)

    assert (response.status_code, response.context["action_form"]) == (200, None)


def test_list_costs_the_same_number_of_queries_for_more_rows(staff):
    make_booking(EventFactory())
    one = staff.count_list_queries(Booking)
    make_booking(EventFactory())
    make_booking(EventFactory())

    assert staff.count_list_queries(Booking) == one


@pytest.mark.parametrize("term", ["gala", "HOLDER", "holder@example"])
def test_list_is_searched(term, staff, holder):
    make_booking(EventFactory())
    wanted = make_booking(EventFactory(name="Gala"), holder)

    assert staff.rows(Booking, q=term) == [wanted]


def test_list_is_searched_by_number(staff, holder):
    event = EventFactory(name="Gala")
    make_booking(event, holder, "Seat-1")
    wanted = make_booking(event, holder, "Seat-2")

    assert staff.rows(Booking, q=str(wanted.id)) == [wanted]


@pytest.mark.parametrize(
    "filters", [{"event__exact": "many"}, {"event__exact": 10**30}, {"status__exact": "a\0b"}]
)
def test_list_filtered_by_what_can_not_be_is_still_a_list(filters, staff):
    response = staff.get(page("changelist", Booking), filters, follow=True)

    assert response.context["title"] == "Select booking to change"


def test_list_leads_to_event_seat_and_user(staff, holder):
    booking = make_booking(EventFactory(name="Gala"), holder)

    content = staff.see_list(Booking).content.decode()

    for link in [
        f'<a href="/staff/events/event/{booking.event_id}/change/">Gala</a>',
        f'<a href="/staff/events/seat/{booking.seat_id}/change/">Seat-1</a>',
        f'<a href="/staff/users/user/{holder.id}/change/">holder</a>',
    ]:
        assert link in content


def test_bookings_can_not_be_added_changed_or_deleted(staff):
    booking = make_booking(EventFactory())

    answers = [
        staff.add(Booking),
        staff.change(booking, status="cancelled"),
        staff.delete_row(booking),
    ]

    assert [answer.status_code for answer in answers] == [403, 403, 403]
    assert Booking.objects.get().status == "active"


@committed
def test_cancel_bookings_gives_the_seat_to_the_line(staff):
    event, bookings = make_full_event(seats=2)
    make_entry(event)

    response = staff.run("cancel", *bookings)

    assert told(response) == ["2 bookings cancelled."]
    assert set(event.seats.values_list("status", flat=True)) == {"held", "available"}
    assert LogEntry.objects.count() == 2


@committed
def test_cancel_bookings_again_does_nothing(staff):
    booking = make_booking(EventFactory())
    staff.run("cancel", booking)

    response = staff.run("cancel", booking)

    assert told(response) == ["Nothing to do: that is done, or can't be."]
    assert LogEntry.objects.count() == 1


def test_cancel_bookings_without_permission_to_change_does_nothing():
    booking = make_booking(EventFactory())

    staff_with("view_booking").run("cancel", booking)

    assert Booking.objects.get().status == "active"


def test_seat_page_leads_to_its_bookings(staff):
    booking = make_booking(EventFactory(), UserFactory())

    content = staff.see(booking.seat).content.decode()

    assert f'<a href="/staff/bookings/booking/?seat__exact={booking.seat_id}">' in content


def test_cancel_asks_first(staff, holder):
    booking = make_booking(EventFactory(), holder)

    [(key, text)] = staff.ask("cancel", booking).context["rows"]

    assert (key, text) == (booking.id, f"#{booking.id}: Seat-1, {booking.event}, {holder}")
    booking.refresh_from_db()
    assert booking.is_active


def test_bookings_are_found_by_their_seat(staff, holder, stranger):
    event = EventFactory()
    make_booking(event, holder)
    second = make_booking(event, stranger, "Seat-2")

    assert staff.rows(Booking, q="Seat-2") == [second]


def test_booking_s_page_tells_what_happened_to_it(staff, holder):
    booking = make_booking(EventFactory(), holder)
    cancel_booking(booking_id=booking.id)
    deliver_due()

    page = staff.see(booking)

    told = [(moment.what, moment.whom) for moment in page.context["life"]]
    assert sorted(told) == [
        (f"Booking cancelled (#{booking.id})", "System"),
        (f"Booking made (#{booking.id})", "System"),
        ("Delivered: Booking cancelled", "System"),
        ("Delivered: Booking confirmed", "System"),
        ("Owed word: Booking cancelled", ""),
        ("Owed word: Booking confirmed", ""),
    ]
    assert holder.username not in str(told)
