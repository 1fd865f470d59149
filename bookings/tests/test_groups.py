"""What the members of each group of staff may do on the staff site."""

from importlib import import_module

import pytest
from django.apps import apps
from django.contrib.auth.models import Group

from bookings.models import Booking, Order
from events.models import Event, Hold, Seat
from tests.factories import (
    AdminFactory,
    EventFactory,
    make_booking,
    make_entry,
    make_full_event,
    make_hold,
    make_order,
)
from tests.staff import Browser, page
from waitlists.models import WaitlistEntry

pytestmark = pytest.mark.django_db

SEEN = [Event, Seat, Booking, Order, Hold, WaitlistEntry]


@pytest.fixture
def member():
    """Log in as somebody who is in this group, and in nothing else."""
    # Made by migrations, and gone where a test has emptied every table.
    import_module("bookings.migrations.0003_staff_groups").make_groups(apps, None)
    more = import_module("bookings.migrations.0006_staff_groups_see_orders_and_holds")
    more.allow(apps, None)

    def log_in(group):
        user = AdminFactory()
        user.groups.add(Group.objects.get(name=group))
        browser = Browser()
        browser.force_login(user)
        return browser

    return log_in


@pytest.mark.parametrize("group", ["organisers", "front desk", "analysts"])
@pytest.mark.parametrize("model", SEEN)
def test_every_group_sees_events_claims_and_lines(member, group, model):
    assert member(group).see_list(model).status_code == 200


@pytest.mark.parametrize(
    ("group", "status"), [("organisers", 200), ("front desk", 403), ("analysts", 403)]
)
def test_only_organisers_add_events(member, group, status):
    assert member(group).get(page("add", Event)).status_code == status


@pytest.mark.parametrize(
    ("group", "is_cancelled"), [("organisers", True), ("front desk", True), ("analysts", False)]
)
@pytest.mark.django_db(transaction=True)
def test_analysts_cancel_no_booking(member, holder, group, is_cancelled):
    booking = make_booking(EventFactory(), holder)

    member(group).run("cancel", booking)

    booking.refresh_from_db()
    assert (booking.status == "cancelled") is is_cancelled


@pytest.mark.parametrize(
    ("group", "after"),
    [("organisers", "available"), ("front desk", "available"), ("analysts", None)],
)
@pytest.mark.parametrize(("make", "action"), [(make_order, "cancel"), (make_hold, "give_back")])
@pytest.mark.django_db(transaction=True)
def test_analysts_end_no_order_and_no_hold(member, group, after, make, action):
    event = EventFactory(total_seats=2)
    row = make(event)
    [before] = set(event.seats.values_list("status", flat=True))

    member(group).run(action, row)

    assert set(event.seats.values_list("status", flat=True)) == {after or before}


@pytest.mark.parametrize(
    ("group", "status"), [("organisers", 200), ("front desk", 403), ("analysts", 403)]
)
@pytest.mark.django_db(transaction=True)
def test_only_organisers_block_seats(member, group, status):
    event = EventFactory()
    seat = event.seats.first()

    response = member(group).post(
        f"/staff/events/event/{event.id}/seats/",
        {"action": "block", "seats": [seat.id]},
        content_type="application/json",
    )

    assert response.status_code == status
    seat.refresh_from_db()
    assert (seat.status == "blocked") is (status == 200)


@pytest.mark.parametrize(
    ("group", "statuses"),
    [
        ("organisers", {"offer": 200, "move": 200, "import": 200, "export": 200, "cancel": 200}),
        ("front desk", {"offer": 200, "move": 403, "import": 403, "export": 200, "cancel": 403}),
        ("analysts", {"offer": 403, "move": 403, "import": 403, "export": 200, "cancel": 403}),
    ],
)
@pytest.mark.django_db(transaction=True)
def test_each_group_may_do_what_it_is_for(member, holder, group, statuses):
    event, _ = make_full_event()
    entry = make_entry(event, holder)
    browser = member(group)
    of_event = f"/staff/events/event/{event.id}"

    answers = {
        "offer": browser.post(
            f"{of_event}/seats/",
            {"action": "offer", "seats": []},
            content_type="application/json",
        ),
        "move": browser.get(f"/staff/waitlists/waitlistentry/{entry.id}/move/"),
        "import": browser.get("/staff/events/event/import/"),
        "export": browser.get("/staff/bookings/booking/export/"),
        "cancel": browser.get(f"{of_event}/cancel_this/"),
    }

    assert {name: answer.status_code for name, answer in answers.items()} == statuses
