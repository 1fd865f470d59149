"""What people are told, over HTTP."""

import pytest

from conftest import Client
from notifications.models import Notification
from tests.counting import queries_of
from tests.factories import NOW, EventFactory, NotificationFactory, expire_offer

pytestmark = pytest.mark.django_db


def ids(response):
    assert response.status_code == 200, response.content
    return [row["id"] for row in response.json()]


def shown(notification, **values):
    return {
        "id": notification.id,
        "user_id": notification.user_id,
        "kind": "booking_confirmed",
        "message": "Seat-1 at Concert is yours.",
        "is_read": False,
        "created_at": "2026-03-01T12:00:00+00:00",
        "event_id": None,
        "booking_id": None,
    } | values


# --- The list -----------------------------------------------------------------------------------


def test_notifications_are_the_callers_own_newest_first(as_holder, holder):
    first = NotificationFactory(user=holder, event_id=7, booking_id=8)
    NotificationFactory()
    last = NotificationFactory(user=holder, is_read=True)

    response = as_holder.get("/users/me/notifications")

    assert response.json() == [
        shown(last, is_read=True),
        shown(first, event_id=7, booking_id=8),
    ]


def test_notifications_are_narrowed_to_those_not_read(as_holder, holder):
    unread = NotificationFactory(user=holder).id
    read = NotificationFactory(user=holder, is_read=True).id

    asked = {
        query: ids(as_holder.get(f"/users/me/notifications{query}"))
        for query in ("?unread=true", "?unread=false", "?unread=", "")
    }

    assert asked == {
        "?unread=true": [unread],
        "?unread=false": [read],
        "?unread=": [read, unread],
        "": [read, unread],
    }


def test_notifications_cost_the_same_for_one_and_three(as_holder, holder):
    NotificationFactory(user=holder)
    one = queries_of(lambda: as_holder.get("/users/me/notifications"))
    NotificationFactory.create_batch(2, user=holder)

    assert queries_of(lambda: as_holder.get("/users/me/notifications")) == one


# --- Reading ------------------------------------------------------------------------------------


@pytest.mark.parametrize("is_read", [True, False])
def test_notification_is_marked_as_told_however_often(as_holder, holder, is_read):
    notification = NotificationFactory(user=holder, is_read=not is_read)
    path = f"/users/me/notifications/{notification.id}"

    answers = [as_holder.patch(path, {"is_read": is_read}) for _ in range(2)]

    assert [(answer.status_code, answer.json()) for answer in answers] == [
        (200, shown(notification, is_read=is_read))
    ] * 2


def test_notification_of_another_is_marked_by_the_admin_role_alone():
    notification = NotificationFactory()

    response = Client().as_admin().patch(
        f"/users/me/notifications/{notification.id}", {"is_read": True}
    )  # fmt: skip

    assert (response.status_code, response.json()) == (200, shown(notification, is_read=True))


def test_marking_leaves_the_rest_of_a_notification_alone(as_holder, holder):
    notification = NotificationFactory(user=holder)
    wish = {"is_read": True, "message": "other", "kind": "event_deleted", "id": 1}

    as_holder.patch(f"/users/me/notifications/{notification.id}", wish)

    assert Notification.objects.values("message", "kind", "deliver_at").get() == {
        "message": "Seat-1 at Concert is yours.",
        "kind": "booking_confirmed",
        "deliver_at": NOW,
    }


def test_read_all_marks_the_callers_own(as_holder, holder):
    NotificationFactory.create_batch(2, user=holder)
    others = NotificationFactory()

    answers = [as_holder.post("/users/me/notifications/read-all") for _ in range(2)]

    assert [(answer.status_code, answer.content) for answer in answers] == [(204, b"")] * 2
    assert list(Notification.objects.filter(is_read=False)) == [others]


# --- What makes one -----------------------------------------------------------------------------


def test_every_step_of_a_seat_through_a_line_is_told(client, as_admin, as_holder, as_stranger):
    """From booking to deletion, by calls alone: each kind once, told to whom it concerns."""
    event = EventFactory(name="Concert", total_seats=1)
    wish = {"event_id": event.id}
    path = f"/admin/events/{event.id}"

    booking = as_holder.post("/bookings", wish).json()["id"]
    entry = as_stranger.post("/bookings", wish).json()["waitlist_entry"]["id"]
    as_admin.patch(path, {"venue": "Opera"})
    as_holder.delete(f"/bookings/{booking}")
    expire_offer(event.waitlistentry_set.get(id=entry))
    again = as_holder.post("/bookings", wish).json()["id"]
    as_stranger.post("/waitlists", wish)
    as_admin.patch(path, {"status": "cancelled"})

    assert told(as_holder) == [
        ("booking_confirmed", booking),
        ("event_changed", None),
        ("booking_cancelled", booking),
        ("booking_confirmed", again),
        ("event_cancelled", again),
    ]
    assert told(as_stranger) == [
        ("waitlist_joined", None),
        ("event_changed", None),
        ("seat_offered", None),
        ("offer_lapsed", None),
        ("waitlist_joined", None),
        ("event_cancelled", None),
    ]
    assert set(Notification.objects.values_list("event_id", flat=True)) == {event.id}


def test_word_of_an_event_outlives_it(as_admin, as_stranger):
    event = EventFactory(total_seats=0)
    as_stranger.post("/waitlists", {"event_id": event.id})

    as_admin.delete(f"/admin/events/{event.id}")

    assert told(as_stranger) == [("waitlist_joined", None), ("event_deleted", None)]
    assert {row["event_id"] for row in as_stranger.get("/users/me/notifications").json()} == {
        event.id
    }


def told(client):
    """Return the caller's notifications, the oldest first."""
    rows = client.get("/users/me/notifications").json()
    return [(row["kind"], row["booking_id"]) for row in reversed(rows)]
