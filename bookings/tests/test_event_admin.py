"""The life of an event on the staff site: changing, cancelling, deleting."""

from contextlib import closing
from datetime import UTC, datetime

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection

from bookings.cancelling import begin_cancelling
from bookings.event_services import change_event, delete_event
from bookings.models import Booking
from events import gate
from events.models import Event, Seat
from notifications.models import Notification
from tests.factories import (
    NOW,
    EventFactory,
    make_booking,
    make_entry,
    make_full_event,
    make_hold,
    make_order,
)
from tests.staff import errors, page, staff_with, superuser, told
from waitlists.models import WaitlistEntry

pytestmark = pytest.mark.django_db

BUSY = "The database can't answer now. Try again in a moment."
# Where the services' transactions are real, and really refuse to be anybody's inner one.
committed = pytest.mark.django_db(transaction=True)


@pytest.fixture
def staff(db):
    return superuser()


@pytest.fixture
def closed_gate(event, monkeypatch):
    """Another session holds the event's gate, and nobody waits long for it."""
    monkeypatch.setattr(gate, "GATE_TIMEOUT", "50ms")
    with closing(connection.copy()) as session, session.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s, hashint8(%s))", [gate.NAMESPACE, event.id])
        yield


def form_values(event, **changes):
    """What the form of an event sends, times in UTC."""
    return {
        "name": event.name,
        "venue": event.venue,
        "description": event.description,
        "start_time_0": f"{event.start_time:%Y-%m-%d}",
        "start_time_1": f"{event.start_time:%H:%M:%S}",
        "end_time_0": f"{event.end_time:%Y-%m-%d}",
        "end_time_1": f"{event.end_time:%H:%M:%S}",
        "timezone": event.timezone,
        "status": event.status,
        "max_per_user": event.max_per_user or "",
    } | changes


def history(event_id):
    """Return what the site noted of an event: 1 added, 2 changed, 3 deleted."""
    entries = LogEntry.objects.filter(content_type__model="event", object_id=event_id)
    return list(entries.order_by("id").values_list("action_flag", flat=True))


def kinds(user):
    return list(
        Notification.objects.filter(user=user).order_by("id").values_list("kind", flat=True)
    )


def test_event_page_leads_to_its_bookings_and_line(staff, event):
    content = staff.see(event).content.decode()

    for link in [
        f'<a href="/staff/bookings/booking/?event__exact={event.id}">Bookings</a>',
        f'<a href="/staff/bookings/order/?event__exact={event.id}">Orders</a>',
        f'<a href="/staff/events/hold/?event__exact={event.id}">Holds</a>',
        f'<a href="/staff/waitlists/waitlistentry/?event__exact={event.id}">Waitlist entries</a>',
    ]:
        assert link in content


@committed
def test_change_event_tells_its_people(staff, holder):
    event = EventFactory()
    make_booking(event, holder)

    response = staff.change(event, **form_values(event, venue="Opera", total_seats="9"))

    event.refresh_from_db()
    assert (event.venue, event.total_seats, history(event.id)) == ("Opera", 3, [2])
    assert [message.level_tag for message in response.context["messages"]] == ["success"]
    assert kinds(holder) == ["booking_confirmed", "event_changed"]


@committed
def test_change_event_to_another_time_zone_moves_its_times(staff):
    event = EventFactory(start_time=datetime(2030, 6, 1, 19, tzinfo=UTC))

    staff.change(event, **form_values(event, timezone="Europe/Berlin"))

    event.refresh_from_db()
    assert event.start_time == datetime(2030, 6, 1, 17, tzinfo=UTC)


@committed
def test_change_event_shows_its_times_in_its_time_zone_and_keeps_them(staff, holder):
    event = EventFactory(
        start_time=datetime(2030, 6, 1, 17, 30, 15, 250, tzinfo=UTC), timezone="Europe/Berlin"
    )
    make_booking(event, holder)

    form = staff.see(event).context["adminform"].form
    staff.change(event, **form_values(event, start_time_1="19:30:15", end_time_1="22:30:15"))

    before = event.start_time
    event.refresh_from_db()
    assert form["start_time"].initial == datetime(2030, 6, 1, 19, 30, 15)  # noqa: DTZ001
    assert (event.start_time, kinds(holder)) == (before, ["booking_confirmed"])


@committed
@pytest.mark.parametrize(("written", "limit"), [("2", 2), ("", None)])
def test_change_event_sets_and_lifts_the_limit_per_user(staff, written, limit):
    event = EventFactory(max_per_user=5)

    staff.change(event, **form_values(event, max_per_user=written))

    event.refresh_from_db()
    assert (event.max_per_user, event.version) == (limit, 2)


@committed
def test_change_event_shows_its_deadlines_in_its_time_zone_and_keeps_them(staff):
    event = EventFactory(
        sales_start=datetime(2030, 5, 1, 8, tzinfo=UTC),
        sales_end=datetime(2030, 6, 1, 8, tzinfo=UTC),
        timezone="Europe/Berlin",
    )
    local = {"start_time_1": "21:00", "end_time_0": "2030-06-02", "end_time_1": "00:00"}
    sales = {
        "sales_start_0": "2030-05-01",
        "sales_start_1": "10:00:00",
        "sales_end_0": "",
        "sales_end_1": "",
    }

    form = staff.see(event).context["adminform"].form
    staff.change(event, **form_values(event, **local, **sales))

    before = event.sales_start
    event.refresh_from_db()
    assert form["sales_start"].initial == datetime(2030, 5, 1, 10)  # noqa: DTZ001
    assert (event.sales_start, event.sales_end, event.version) == (before, None, 2)


@committed
def test_change_event_to_another_time_zone_moves_its_deadlines(staff):
    event = EventFactory(cancel_until=datetime(2030, 5, 1, 8, tzinfo=UTC))
    deadline = {"cancel_until_0": "2030-05-01", "cancel_until_1": "08:00:00"}

    staff.change(event, **form_values(event, timezone="Europe/Berlin", **deadline))

    event.refresh_from_db()
    assert event.cancel_until == datetime(2030, 5, 1, 6, tzinfo=UTC)


@committed
def test_change_event_publishes_a_draft(staff):
    event = EventFactory(status="draft")

    staff.change(event, **form_values(event, status="published"))

    event.refresh_from_db()
    assert event.status == "published"


@committed
@pytest.mark.parametrize("status", ["draft", "cancelled"])
def test_change_event_leaves_the_status_of_a_published_one(status, staff, event):
    staff.change(event, **form_values(event, status=status))

    event.refresh_from_db()
    assert event.status == "published"


@committed
def test_change_event_that_is_gone_says_so(staff, event):
    event_id = event.id
    delete_event(event_id=event_id)

    response = staff.change(event, **form_values(event))

    assert told(response) == [f"event with ID “{event_id}” doesn’t exist. Perhaps it was deleted?"]


def test_change_event_without_permission_is_refused(event):
    response = staff_with("view_event").change(event, **form_values(event, name="Mine"))

    assert response.status_code == 403


@committed
@pytest.mark.postgresql
def test_change_event_while_its_gate_is_closed_shows_the_form_again(staff, event, closed_gate):
    response = staff.change(event, **form_values(event, name="New name"))

    assert errors(response) == [BUSY]
    assert response.context["adminform"].form["name"].value() == "New name"
    assert (Event.objects.get().name, history(event.id)) == (event.name, [])


@committed
@pytest.mark.postgresql
def test_delete_event_while_its_gate_is_closed_says_so(staff, event, closed_gate):
    response = staff.delete_row(event)

    assert told(response) == [BUSY]
    assert (Event.objects.count(), history(event.id)) == (1, [])


@committed
@pytest.mark.postgresql
def test_cancel_events_while_a_gate_is_closed_cancels_the_others(staff, event, closed_gate):
    response = staff.run("cancel", event, EventFactory())

    assert told(response) == ["1 event cancelled.", f"1 event: {BUSY}"]
    assert [history(row.id) for row in Event.objects.order_by("id")] == [[], [2]]


@committed
def test_delete_event_takes_seats_along_and_keeps_its_history(staff, stranger):
    event, [booking] = make_full_event()
    staff.change(event, **form_values(event, name="Gala"))
    make_entry(event, stranger)
    Seat.objects.update(status="blocked")
    Booking.objects.update(status="cancelled", cancelled_at=booking.created_at)

    response = staff.delete_row(event)

    assert told(response) == ["The event “Gala” was deleted successfully."]
    assert [m.objects.count() for m in (Event, Seat, Booking, WaitlistEntry)] == [0, 0, 0, 0]
    assert history(event.id) == [2, 3]
    assert kinds(stranger) == ["waitlist_joined", "event_deleted"]


@committed
def test_delete_event_with_an_active_booking_is_refused(staff, event):
    make_booking(event)

    asked = staff.get(page("delete", Event, event.id)).context
    staff.delete_row(event)

    assert asked["protected"] == ["The event has active bookings; cancel them first."]
    assert (Event.objects.count(), history(event.id)) == (1, [])


def test_delete_event_asks_first_and_counts_what_goes_with_it(staff):
    event = EventFactory(total_seats=4)
    make_order(event)
    make_hold(event, seat_numbers=("Seat-3", "Seat-4"))

    response = staff.get(page("delete", Event, event.id))

    assert dict(response.context["model_count"]) == {
        "seats": 4,
        "holds": 1,
        "bookings": 2,
        "orders": 1,
        "waitlist entries": 0,
    }


def test_delete_event_without_permission_is_refused(event):
    response = staff_with("view_event", "change_event").delete_row(event)

    assert (response.status_code, Event.objects.count()) == (403, 1)


def test_delete_event_without_a_csrf_token_is_refused(staff, event):
    staff.handler.enforce_csrf_checks = True

    assert (staff.delete_row(event).status_code, Event.objects.count()) == (403, 1)


def test_events_can_not_be_deleted_from_the_list(staff, event):
    choices = staff.see_list(Event).context["action_form"].fields["action"].choices

    assert [name for name, _ in choices] == ["", "cancel"]


def test_cancel_events_asks_first(staff):
    event, _ = make_full_event(seats=2)
    make_entry(event)

    warning = staff.ask("cancel", event).context["warning"]

    assert "cancelled with it: 2. People in line who are sent home: 1." in warning
    assert Event.objects.get().status == "published"


@committed
def test_cancel_events_leads_to_a_page_that_cancels_their_bookings(staff, holder, stranger):
    event = EventFactory(total_seats=1)
    make_booking(event, holder)
    make_entry(event, stranger)

    response = staff.run("cancel", event)
    batch = staff.post(response.redirect_chain[0][0]).json()

    assert told(response) == ["1 event cancelled."]
    assert response.context["events"] == [(event, 1)]
    assert batch == {"left": 0}
    assert (Event.objects.get().status, history(event.id)) == ("cancelled", [2])
    assert [kinds(holder)[-1], kinds(stranger)[-1]] == ["event_cancelled", "event_cancelled"]


@committed
def test_page_of_cancelling_goes_on_batch_by_batch(staff, monkeypatch):
    monkeypatch.setattr("bookings.cancelling.BOOKINGS_PER_BATCH", 2)
    event, _ = make_full_event(seats=5)
    address = staff.run("cancel", event).redirect_chain[0][0]

    batches = [staff.post(address).json()["left"] for _ in range(4)]

    assert batches == [3, 1, 0, 0]
    assert "still being cancelled" not in staff.see(event).content.decode()


@committed
def test_event_that_is_being_cancelled_leads_to_how_far_it_is(staff):
    event, _ = make_full_event()
    begin_cancelling(event_id=event.id)

    content = staff.see(event).content.decode()

    assert f'href="/staff/events/event/cancelling/?id={event.id}"' in content


@pytest.mark.parametrize("ids", ["", "id=x", "id=0", "id=999999", "id=" + "9" * 30])
def test_page_of_cancelling_no_event_says_what_to_do(staff, ids):
    response = staff.get(f"/staff/events/event/cancelling/?{ids}")

    assert "No event is being cancelled." in response.content.decode()


@committed
def test_page_of_cancelling_without_permission_to_change_is_refused(event):
    begin_cancelling(event_id=event.id)

    browser = staff_with("view_event")

    assert browser.post(f"/staff/events/event/cancelling/?id={event.id}").status_code == 403


@committed
def test_cancel_events_that_are_cancelled_does_nothing(staff):
    event = EventFactory(status="cancelled")

    response = staff.run("cancel", event)

    assert told(response) == ["Nothing to do: that is done, or can't be."]
    assert history(event.id) == []


def test_cancel_events_without_permission_to_change_does_nothing(event):
    staff_with("view_event").run("cancel", event)

    assert Event.objects.get().status == "published"


def test_duplicate_leads_to_a_form_that_is_filled_in(staff):
    event = EventFactory(
        name="Gala", timezone="Asia/Kolkata", total_seats=7, sales_end=NOW, cancel_until=NOW
    )

    response = staff.get(f"/staff/events/event/{event.id}/duplicate/", follow=True)

    form = response.context["adminform"].form
    assert form["name"].value() == "Gala"
    assert form["total_seats"].value() == 7
    assert (
        form["start_time"].value().isoformat() == "2030-06-02T00:30:00"
    )  # in the event's time zone
    assert form["status"].value() == "draft"
    assert (form["sales_end"].value(), form["cancel_until"].value()) == (None, None)


def test_event_page_leads_to_a_page_that_asks_whether_to_cancel(staff, event):
    response = staff.get(f"/staff/events/event/{event.id}/cancel_this/")

    assert [key for key, _ in response.context["rows"]] == [event.id]
    assert 'name="action" value="cancel"' in response.content.decode()


@committed
def test_change_of_an_event_that_somebody_changed_meanwhile_is_refused(staff):
    event = EventFactory(venue="Hall")
    change_event(event_id=event.id, changes={"venue": "Park"})

    response = staff.change(event, **form_values(event, name="Gala"), seen_version="1")

    event.refresh_from_db()
    assert errors(response) == ["Somebody changed this event meanwhile. Look again and retry."]
    assert (event.name, event.venue) != ("Gala", "Hall")


def test_event_s_page_sends_the_version_that_it_shows(staff, event):
    content = staff.see(event).content.decode()

    assert '<input type="hidden" name="seen_version" value="1" form="event_form">' in content
    assert 'id="event_form"' in content


def test_duplicate_of_a_long_description_is_filled_in(staff):
    event = EventFactory(description="ü" * 9_000)

    response = staff.get(f"/staff/events/event/{event.id}/duplicate/", follow=True)

    assert response.context["adminform"].form["description"].value() == event.description
