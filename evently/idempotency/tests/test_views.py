"""A POST that carries an `Idempotency-Key` is done once, and answered as it was at first."""

from datetime import timedelta

import pytest
from django.db.models.functions import Now

from bookings.models import Booking
from bookings.services import cancel_booking
from conftest import Client
from evently.idempotency.models import StoredAnswer
from evently.users.models import User
from events.models import Event
from notifications.models import Notification
from tests.factories import EventFactory, make_entry, make_full_event

pytestmark = pytest.mark.django_db

KEY = {"Idempotency-Key": "8e03978e-40d5-43dd-bc93-6894a57f9324"}
GALA = {
    "name": "Gala",
    "venue": "City Hall",
    "start_time": "2031-07-01T19:00:00Z",
    "end_time": "2031-07-01T23:00:00Z",
    "total_seats": 3,
}
NEWCOMER = {"username": "newcomer", "email": "newcomer@example.org"}


def seen(response):
    """Return what a client sees of an answer, but for the request's own id and count."""
    varying = ("X-Request-ID", "Idempotent-Replayed", "RateLimit")
    headers = {name: value for name, value in response.items() if name not in varying}
    return response.status_code, headers, response.content


def is_replayed(response):
    return response.get("Idempotent-Replayed") == "true"


def post_twice(client, path, body=None, headers=KEY):
    return [client.post(path, body, headers=headers) for _ in range(2)]


def make_offer_to(user):
    event, [booking] = make_full_event()
    entry = make_entry(event, user)
    cancel_booking(booking_id=booking.id)
    return entry


# --- Every POST ---------------------------------------------------------------------------------


def test_answer_that_is_given_again_is_counted(as_holder, event, risen):
    post_twice(as_holder, "/bookings", {"event_id": event.id})

    assert risen("evently_idempotent_replays_total") == 1


def test_booking_again_with_the_same_key_books_one_seat(as_holder, event):
    first, second = post_twice(as_holder, "/bookings", {"event_id": event.id})

    assert seen(first) == seen(second)
    assert (first.status_code, is_replayed(first), is_replayed(second)) == (201, False, True)
    assert Booking.objects.count() == Notification.objects.count() == 1


def test_booking_a_chosen_seat_again_with_the_same_key_is_no_refusal(as_holder, event):
    wish = {"event_id": event.id, "seat_number": "Seat-2"}

    first, second = post_twice(as_holder, "/bookings", wish)

    assert seen(first) == seen(second)
    assert second.status_code == 201


def test_booking_a_full_event_again_with_the_same_key_is_the_same_202(as_holder):
    event, _ = make_full_event()

    first, second = post_twice(as_holder, "/bookings", {"event_id": event.id})

    assert seen(first) == seen(second)
    assert (second.status_code, second["Location"], is_replayed(second)) == (
        202,
        first["Location"],
        True,
    )


def test_joining_again_with_the_same_key_is_201_again(as_holder):
    event, _ = make_full_event()

    first, second = post_twice(as_holder, "/waitlists", {"event_id": event.id})

    assert seen(first) == seen(second)
    assert second.status_code == 201


def test_accepting_again_with_the_same_key_is_201_again(as_holder, holder):
    entry = make_offer_to(holder)

    first, second = post_twice(as_holder, f"/waitlists/{entry.id}/accept")

    assert seen(first) == seen(second)
    assert second.status_code == 201
    assert Booking.objects.active().count() == 1


def test_marking_all_as_read_again_with_the_same_key_is_204_again(as_holder):
    first, second = post_twice(as_holder, "/users/me/notifications/read-all")

    assert seen(first) == seen(second)
    assert (second.status_code, second.content, is_replayed(second)) == (204, b"", True)


def test_creating_an_event_again_with_the_same_key_makes_one(as_admin):
    first, second = post_twice(as_admin, "/admin/events", GALA)

    assert seen(first) == seen(second)
    assert (second.status_code, Event.objects.count()) == (201, 1)


def test_making_a_user_again_with_the_same_key_makes_one_though_the_name_is_taken_now(as_admin):
    first, second = post_twice(as_admin, "/admin/users", NEWCOMER)

    assert seen(first) == seen(second)
    assert (second.status_code, User.objects.filter(username="newcomer").count()) == (201, 1)


def test_posting_without_a_key_is_done_each_time_and_kept_nowhere(as_holder, event):
    first, second = post_twice(as_holder, "/bookings", {"event_id": event.id}, headers={})

    assert first.json()["id"] != second.json()["id"]
    assert not StoredAnswer.objects.exists()


# --- What is kept -------------------------------------------------------------------------------


def test_answer_stays_the_first_one_whatever_has_happened_since(as_holder, event):
    first = as_holder.post("/bookings", {"event_id": event.id}, headers=KEY)
    cancel_booking(booking_id=first.json()["id"])

    assert as_holder.post("/bookings", {"event_id": event.id}, headers=KEY).content == first.content
    assert not Booking.objects.active().exists()


def test_refusal_that_lasts_is_the_answer_again_though_it_would_go_well_now(as_holder):
    event, [booking] = make_full_event()
    wish = {"event_id": event.id, "seat_number": "Seat-1"}
    first = as_holder.post("/bookings", wish, headers=KEY)
    cancel_booking(booking_id=booking.id)

    second = as_holder.post("/bookings", wish, headers=KEY)

    assert seen(first) == seen(second)
    assert (second.json()["code"], is_replayed(second)) == ("seat_unavailable", True)


def test_missing_event_is_missing_again_under_the_same_key(as_holder):
    first = as_holder.post("/bookings", {"event_id": 41}, headers=KEY)
    EventFactory(id=41)

    second = as_holder.post("/bookings", {"event_id": 41}, headers=KEY)

    assert seen(first) == seen(second)
    assert (second.status_code, second["Content-Type"]) == (404, "application/problem+json")


def test_missing_entry_is_kept_too(as_holder):
    first, second = post_twice(as_holder, f"/waitlists/{2**40}/accept")

    assert (first.status_code, is_replayed(second)) == (404, True)


@pytest.mark.parametrize("body", [{}, {"event_id": "1"}])
def test_invalid_request_is_not_kept(as_holder, event, body):
    assert as_holder.post("/bookings", body, headers=KEY).status_code == 400
    assert not StoredAnswer.objects.exists()

    assert as_holder.post("/bookings", {"event_id": event.id}, headers=KEY).status_code == 201


def test_unreadable_request_is_not_kept(as_holder):
    response = as_holder.generic("POST", "/bookings", b"{", "application/json", headers=KEY)

    assert (response.status_code, StoredAnswer.objects.count()) == (400, 0)


def test_forbidden_request_is_not_kept(as_holder, stranger, event):
    wish = {"event_id": event.id, "user_id": stranger.id}

    assert as_holder.post("/bookings", wish, headers=KEY).status_code == 403
    assert Client().post("/waitlists", wish, headers=KEY).status_code == 401
    assert not StoredAnswer.objects.exists()


def test_key_is_kept_24_hours_by_the_databases_clock(as_holder, event):
    first = as_holder.post("/bookings", {"event_id": event.id}, headers=KEY)
    StoredAnswer.objects.update(created_at=Now() - timedelta(hours=23, minutes=59))
    second = as_holder.post("/bookings", {"event_id": event.id}, headers=KEY)
    StoredAnswer.objects.update(created_at=Now() - timedelta(hours=24, minutes=1))

    third = as_holder.post("/bookings", {"event_id": event.id}, headers=KEY)

    assert second.content == first.content != third.content
    assert (third.status_code, is_replayed(third)) == (201, False)


# --- Whose, and for what ------------------------------------------------------------------------


def test_key_of_another_request_is_refused(as_holder, event):
    as_holder.post("/bookings", {"event_id": event.id}, headers=KEY)

    response = as_holder.post(
        "/bookings", {"event_id": event.id, "seat_number": "Seat-2"}, headers=KEY
    )

    assert response.status_code == 422
    assert response.json() == {
        "type": "urn:evently:problem:idempotency_key_reused",
        "title": "Idempotency key reused",
        "status": 422,
        "detail": "This Idempotency-Key belongs to another request. Take a new one.",
        "code": "idempotency_key_reused",
    }
    assert Booking.objects.count() == 1


def test_key_of_another_path_is_refused(as_holder, event):
    as_holder.post("/bookings", {"event_id": event.id}, headers=KEY)

    assert as_holder.post("/waitlists", {"event_id": event.id}, headers=KEY).status_code == 422


def test_key_of_another_request_is_refused_though_that_is_invalid(as_admin):
    as_admin.post("/admin/users", NEWCOMER, headers=KEY)

    response = as_admin.post("/admin/users", NEWCOMER | {"role": "admin"}, headers=KEY)

    assert response.status_code == 422


def test_same_request_in_other_words_is_the_same_request(as_holder, event):
    wish = f'{{ "seat_number":"Seat-2",  "event_id": {event.id} }}'.encode()
    first = as_holder.post(
        "/bookings", {"event_id": event.id, "seat_number": "Seat-2"}, headers=KEY
    )

    second = as_holder.generic("POST", "/bookings", wish, "application/json", headers=KEY)

    assert seen(first) == seen(second)


def test_two_callers_may_choose_the_same_key(as_holder, as_stranger, event):
    first, second = (
        person.post("/bookings", {"event_id": event.id}, headers=KEY)
        for person in (as_holder, as_stranger)
    )

    assert (first.json()["id"], is_replayed(second)) != (second.json()["id"], True)
    assert second.status_code == 201


def test_two_people_whom_the_open_demos_body_names_may_choose_the_same_key(
    client, event, holder, stranger
):
    wishes = [{"event_id": event.id, "user_id": person.id} for person in (holder, stranger)]

    answers = [client.post("/bookings", wish, headers=KEY) for wish in wishes * 2]

    assert [answer.status_code for answer in answers] == [201] * 4
    assert [is_replayed(answer) for answer in answers] == [False, False, True, True]


def test_key_in_quotes_is_the_key(as_holder, event):
    first = as_holder.post("/bookings", {"event_id": event.id}, headers=KEY)

    second = as_holder.post(
        "/bookings",
        {"event_id": event.id},
        headers={"Idempotency-Key": f'"{KEY["Idempotency-Key"]}"'},
    )

    assert seen(first) == seen(second)


def test_key_on_a_call_that_is_no_post_counts_for_nothing(as_holder):
    assert as_holder.get("/users/me", headers={"Idempotency-Key": ""}).status_code == 200
