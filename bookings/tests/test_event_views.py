"""Changing, cancelling and deleting an event, over HTTP."""

import pytest

from bookings.models import Booking
from bookings.services import cancel_booking
from events.models import Event, Seat
from notifications.models import Notification
from tests.factories import EventFactory, make_booking, make_entry, make_full_event

FACTS = {
    "name": "Exclusive Gala",
    "venue": "Opera",
    "start_time": "2031-07-01T19:00:00",
    "end_time": "2031-07-01T23:00:00",
}

pytestmark = pytest.mark.django_db


def told():
    """Return who was told what."""
    return list(Notification.objects.order_by("id").values_list("user__username", "kind"))


# --- PUT ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("seats", [{}, {"total_seats": 3}])
def test_put_replaces_the_facts_and_leaves_the_rest(as_admin, seats):
    event = EventFactory(name="Concert", description="Loud.", timezone="Europe/Berlin")
    make_booking(event)

    response = as_admin.put(f"/admin/events/{event.id}", FACTS | seats)

    assert response.status_code == 200
    assert response.json() == {
        "id": event.id,
        "name": "Exclusive Gala",
        "venue": "Opera",
        "start_time": "2031-07-01T19:00:00+02:00",
        "end_time": "2031-07-01T23:00:00+02:00",
        "description": "Loud.",
        "timezone": "Europe/Berlin",
        "status": "published",
        "total_seats": 3,
        "available_seats": 2,
        "max_per_user": None,
        "sales_start": None,
        "sales_end": None,
        "cancel_until": None,
    }
    assert as_admin.get(f"/events/{event.id}").json() == response.json()


def test_put_twice_is_put_once(as_admin, event, holder):
    make_booking(event, holder)
    as_admin.put(f"/admin/events/{event.id}", FACTS)

    as_admin.put(f"/admin/events/{event.id}", FACTS)

    assert told() == [("holder", "booking_confirmed"), ("holder", "event_changed")]


def test_put_of_another_number_of_seats_is_refused(as_admin, event):
    response = as_admin.put(f"/admin/events/{event.id}", FACTS | {"total_seats": 4})

    assert response.status_code == 400
    assert response.json() == {
        "type": "urn:evently:problem:total_seats_immutable",
        "title": "Total seats immutable",
        "status": 400,
        "detail": "The number of seats can't change once the event exists.",
        "code": "total_seats_immutable",
    }
    assert Event.objects.get().name == event.name


# --- PATCH --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "shown"),
    [
        ({}, {}),
        ({"name": "Gala"}, {"name": "Gala"}),
        ({"description": ""}, {"description": ""}),
        ({"max_per_user": 2}, {"max_per_user": 2}),
        ({"end_time": "2030-06-02T00:00:00"}, {"end_time": "2030-06-02T00:00:00+02:00"}),
        (
            {"timezone": "UTC", "start_time": "2030-06-01T20:00:00"},
            {
                "timezone": "UTC",
                "start_time": "2030-06-01T20:00:00+00:00",
                "end_time": "2030-06-01T22:00:00+00:00",
            },
        ),
        ({"total_seats": 3, "status": "published"}, {}),
        ({"sales_end": "2030-06-01T18:00:00"}, {"sales_end": "2030-06-01T18:00:00+02:00"}),
        ({"sales_start": None, "sales_end": None, "cancel_until": None}, {}),
        ({"cancel_until": "2030-06-01T18:00:00"}, {"cancel_until": "2030-06-01T18:00:00+02:00"}),
    ],
)
def test_patch_changes_what_it_names(as_admin, changes, shown):
    event = EventFactory(timezone="Europe/Berlin", description="Loud.")
    before = as_admin.get(f"/admin/events/{event.id}").json()

    response = as_admin.patch(f"/admin/events/{event.id}", changes)

    assert (response.status_code, response.json()) == (200, before | shown)


def test_draft_that_is_published_can_be_booked(as_admin, as_holder):
    draft = EventFactory(status="draft")

    response = as_admin.patch(f"/admin/events/{draft.id}", {"status": "published"})

    assert (response.status_code, response.json()["status"]) == (200, "published")
    assert as_holder.post("/bookings", {"event_id": draft.id}).status_code == 201


def test_change_of_time_or_venue_is_told_to_whom_it_concerns(as_admin, holder, stranger):
    event, _ = make_full_event(name="Concert")
    cancelled, _ = make_full_event()
    make_entry(event, stranger)
    Notification.objects.all().delete()

    as_admin.patch(f"/admin/events/{event.id}", {"venue": "Opera"})

    owner = Booking.objects.get(event=event).user.username
    assert sorted(told()) == sorted([(owner, "event_changed"), ("stranger", "event_changed")])
    assert set(Notification.objects.values_list("message", flat=True)) == {
        "Concert has changed: the venue is Opera (was City Hall)."
    }
    assert cancelled.status == "published"


def test_event_that_is_cancelled_ends_its_bookings_and_its_line(as_admin, as_stranger, stranger):
    event, [booking] = make_full_event()
    make_entry(event, stranger)

    response = as_admin.patch(f"/admin/events/{event.id}", {"status": "cancelled"})

    booking.refresh_from_db()
    assert (response.status_code, response.json()["available_seats"]) == (200, 0)
    assert booking.status == "cancelled"
    assert as_stranger.get("/waitlists/me").json() == []
    assert as_stranger.get("/events").json() == [response.json()]
    assert told()[-2:] == [
        ("stranger", "event_cancelled"),
        (booking.user.username, "event_cancelled"),
    ]


# --- DELETE -------------------------------------------------------------------------------------


def test_deleted_event_takes_its_seats_and_past_bookings_along(as_admin, event, holder):
    cancel_booking(booking_id=make_booking(event, holder).id)
    kept = make_booking(EventFactory(), holder)

    response = as_admin.delete(f"/admin/events/{event.id}")

    assert (response.status_code, response.content) == (204, b"")
    assert as_admin.get(f"/admin/events/{event.id}").status_code == 404
    assert set(Seat.objects.values_list("event_id", flat=True)) == {kept.event_id}
    assert list(Booking.objects.all()) == [kept]


def test_deleted_event_is_told_to_its_line(as_admin, as_stranger, stranger):
    event, [booking] = make_full_event()
    make_entry(event, stranger)
    cancel_booking(booking_id=booking.id)

    response = as_admin.delete(f"/admin/events/{event.id}")

    assert response.status_code == 204
    assert told()[-1] == ("stranger", "event_deleted")
    assert as_stranger.get("/waitlists/me").json() == []


def test_deleted_event_is_gone_the_second_time(as_admin, event):
    answers = [as_admin.delete(f"/admin/events/{event.id}").status_code for _ in range(2)]

    assert answers == [204, 404]


def test_event_with_an_active_booking_is_not_deleted(as_admin, event, holder):
    make_booking(event, holder)

    response = as_admin.delete(f"/admin/events/{event.id}")

    assert response.status_code == 409
    assert response.json() == {
        "type": "urn:evently:problem:event_has_active_bookings",
        "title": "Event has active bookings",
        "status": 409,
        "detail": "The event has active bookings; cancel them first.",
        "code": "event_has_active_bookings",
    }
    assert Event.objects.get() == event
