"""Lists of the staff site as files: what is filtered there, and nothing that computes."""

import csv
from io import BytesIO, StringIO

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from bookings.models import Booking, Order
from bookings.services import cancel_booking
from events.models import Event, Hold
from tests.factories import (
    EventFactory,
    UserFactory,
    make_booking,
    make_entry,
    make_full_event,
    make_hold,
    make_order,
)
from tests.staff import page, staff_with, superuser
from waitlists.models import WaitlistEntry

pytestmark = pytest.mark.django_db

CSV_FORMAT, XLSX_FORMAT = "0", "1"


@pytest.fixture
def staff(db):
    return superuser()


def export(staff, model, format=CSV_FORMAT, **filters):
    address = page("changelist", model) + "export/"
    query = "&".join(f"{name}={value}" for name, value in filters.items())
    return staff.post(f"{address}?{query}", {"format": format, "resource": ""})


def rows_of(response):
    assert response.status_code == 200
    return list(csv.DictReader(StringIO(response.content.decode())))


def test_export_has_what_the_list_has(staff, holder):
    event = EventFactory(name="Concert")
    booking = make_booking(event, holder)

    [row] = rows_of(export(staff, Booking))

    assert (row["id"], row["event__name"], row["seat__seat_number"]) == (
        str(booking.id),
        "Concert",
        "Seat-1",
    )
    assert (row["user__email"], row["status"]) == (holder.email, "active")


def test_export_is_narrowed_as_the_list_is(staff, holder, stranger):
    event = EventFactory()
    make_booking(event, holder)
    make_booking(event, stranger, "Seat-2")

    rows = rows_of(export(staff, Booking, q=holder.email))

    assert [row["user__username"] for row in rows] == [holder.username]


def test_export_of_a_name_that_looks_like_a_formula_is_text(staff):
    EventFactory(name="=1+1")

    [row] = rows_of(export(staff, Event))

    assert row["name"] == "1+1"


def test_export_as_a_sheet(staff, holder):
    make_booking(EventFactory(name="Concert"), holder)

    sheet = load_workbook(BytesIO(export(staff, Booking, XLSX_FORMAT).content)).active

    [_, row] = sheet.iter_rows(values_only=True)
    assert row[1:3] == ("Concert", "Seat-1")


def test_export_of_a_line(staff, stranger):
    event, _ = make_full_event()
    make_entry(event, stranger)

    [row] = rows_of(export(staff, WaitlistEntry))

    assert (row["user__username"], row["status"]) == (stranger.username, "waiting")


def queries_of(call):
    with CaptureQueriesContext(connection) as queries:
        call()
    return len(queries)


def test_export_takes_the_same_queries_for_more_rows(staff):
    event = EventFactory(total_seats=3)
    make_booking(event, UserFactory())
    with_one = queries_of(lambda: export(staff, Booking))
    for number in (2, 3):
        make_booking(event, UserFactory(), f"Seat-{number}")

    assert queries_of(lambda: export(staff, Booking)) == with_one


@pytest.mark.parametrize(("permission", "status"), [("view_booking", 200), ("view_event", 403)])
def test_export_is_for_those_who_may_see_the_list(holder, permission, status):
    make_booking(EventFactory(), holder)

    assert export(staff_with(permission), Booking).status_code == status


def test_export_of_orders_and_holds_tells_their_seats(staff, holder):
    event = EventFactory(total_seats=4)
    order = make_order(event, holder)
    make_hold(event, holder, ("Seat-3", "Seat-4"))
    cancel_booking(booking_id=order.bookings.first().id)

    [ordered], [held] = rows_of(export(staff, Order)), rows_of(export(staff, Hold))
    booked = rows_of(export(staff, Booking))

    assert (ordered["reference"], ordered["total_seats"], ordered["seats_left"]) == (
        order.reference,
        "2",
        "1",
    )
    assert (held["user__username"], held["status"], held["seats_held"]) == ("holder", "open", "2")
    assert [row["order"] for row in booked] == [order.reference] * 2
