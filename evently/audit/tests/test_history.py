"""The history of a row: who changed what, from what, to what."""

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from bookings.event_services import change_event
from bookings.services import cancel_booking
from evently.audit.actor import act_as, nobody_yet
from evently.audit.services import record
from events.models import Event
from tests.factories import EventFactory, make_booking
from tests.staff import page, superuser

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def staff(db):
    return superuser()


def history(staff, row):
    changes = staff.get(page("history", type(row), row.pk)).context["changes"]
    return [(change.what, change.whom, change.values) for change in changes]


def test_history_of_an_event_tells_who_changed_what(staff, holder):
    event = EventFactory(venue="Pub")
    with nobody_yet():
        act_as(holder.id, is_admin=True)
        change_event(event_id=event.id, changes={"venue": "<Park>"})

    assert history(staff, event) == [
        ("Event changed", holder.username, "venue: Pub → &lt;Park&gt;")
    ]


def test_history_of_a_booking_has_its_end(staff, holder):
    booking = make_booking(EventFactory(), holder)
    cancel_booking(booking_id=booking.id)

    assert history(staff, booking)[0] == (
        "Booking cancelled",
        "System",
        "status: active → cancelled",
    )


def test_history_of_who_is_gone_names_a_number(staff, event):
    change_as(987_654, event)

    assert history(staff, event) == [("Event changed", "Admin #987654", "name: A → B")]


def test_history_has_no_other_row_s_changes(staff, event):
    change_as(1, EventFactory())

    assert history(staff, event) == []


@pytest.mark.parametrize("number", ["9" * 30, "x", "-1"])
def test_history_of_no_row_leads_away(staff, number):
    assert staff.get(page("history", Event, number)).status_code == 302


def test_history_takes_the_same_queries_for_many_changes(staff, holder, stranger, event):
    change_as(holder.id, event)
    one = queries_of(staff, event)
    for user in (holder, stranger):
        change_as(user.id, event)

    assert queries_of(staff, event) == one


def change_as(user_id, event):
    with nobody_yet(), transaction.atomic():
        act_as(user_id, is_admin=True)
        record("event_changed", event_id=event.id, before={"name": "A"}, after={"name": "B"})


def queries_of(staff, event):
    history(staff, event)  # what is looked up once and for all
    with CaptureQueriesContext(connection) as queries:
        assert history(staff, event)
    return len(queries)
