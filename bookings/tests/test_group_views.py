"""Holds and orders, over HTTP."""

import pytest

from bookings.models import Booking, Order
from bookings.references import id_of
from events.models import Hold
from tests.counting import queries_of
from tests.factories import EventFactory, expire_hold, make_booking, make_hold, make_order
from tests.shown import shown_booking, shown_event

pytestmark = pytest.mark.django_db


def problem(code, detail, status=409, **members):
    title = code.replace("_", " ").capitalize()
    return {
        "type": f"urn:evently:problem:{code}",
        "title": title,
        "status": status,
        "detail": detail,
        "code": code,
    } | members


def ids_by_number(event):
    return dict(event.seats.values_list("seat_number", "id"))


# --- Holds --------------------------------------------------------------------------------------


def test_hold_is_answered_in_full_with_its_place(as_holder, event, holder):
    response = as_holder.post(
        "/holds", {"event_id": event.id, "seat_numbers": ["Seat-3", "Seat-2"]}
    )

    held, ids = Hold.objects.get(), ids_by_number(event)
    assert (response.status_code, response["Location"]) == (201, f"/holds/{held.id}")
    assert response.json() == {
        "id": held.id,
        "user_id": holder.id,
        "event_id": event.id,
        "event": shown_event(event),
        "status": "open",
        "seats": [
            {"id": ids[name], "seat_number": name, "section": "", "row": "", "number": None}
            for name in ["Seat-2", "Seat-3"]
        ],
        "adjacent": True,
        "created_at": held.created_at.isoformat(),
        "expires_at": held.expires_at.isoformat(),
        "can_be_refreshed": True,
        "ended_at": None,
    }
    assert as_holder.get(f"/holds/{held.id}").json() == response.json()


def test_hold_of_seats_that_are_apart_says_so(as_holder, event):
    body = {"event_id": event.id, "seat_numbers": ["Seat-1", "Seat-3"]}

    assert as_holder.post("/holds", body).json()["adjacent"] is False


def test_hold_of_taken_seats_is_409_and_names_them(as_holder, event):
    make_booking(event)

    response = as_holder.post("/holds", {"event_id": event.id, "seat_numbers": ["Seat-1"]})

    ids = ids_by_number(event)
    assert response.status_code == 409
    assert response["Content-Type"] == "application/problem+json"
    assert response.json() == problem(
        "seat_unavailable",
        "Some of these seats aren't available.",
        unavailable=[{"id": ids["Seat-1"], "seat_number": "Seat-1", "status": "booked"}],
        nearby=[{"id": ids["Seat-2"], "seat_number": "Seat-2"}],
    )


def test_hold_of_too_many_is_409_and_tells_how_many_there_are(as_holder, event):
    response = as_holder.post("/holds", {"event_id": event.id, "quantity": 4})

    assert response.json() == problem(
        "seats_unavailable",
        "There aren't so many seats that fit.",
        available_seats=3,
        nearby=[],
    )


def test_hold_under_a_key_is_made_once(as_holder, event):
    body, key = {"event_id": event.id, "quantity": 2}, {"Idempotency-Key": "two-seats"}
    first, second = (as_holder.post("/holds", body, headers=key) for _ in range(2))

    assert first.content == second.content
    assert Hold.objects.count() == 1


@pytest.mark.parametrize(
    ("body", "field", "detail"),
    [
        ({}, "quantity", "Tell one of seat_ids, seat_numbers and quantity."),
        (
            {"seat_ids": [1], "quantity": 1},
            "quantity",
            "Tell one of seat_ids, seat_numbers and quantity.",
        ),
        ({"seat_ids": [1, 1]}, "seat_ids", "Each seat may be named once."),
        ({"seat_numbers": ["A", "A"]}, "seat_numbers", "Each seat may be named once."),
        ({"seat_ids": [1], "adjacent": "no"}, "adjacent", "Only with quantity."),
        ({"seat_ids": [1], "accessible": True}, "accessible", "Only with quantity."),
        ({"quantity": 51}, "quantity", "Ensure this value is less than or equal to 50."),
        ({"quantity": 0}, "quantity", "Ensure this value is greater than or equal to 1."),
    ],
)
def test_hold_of_unclear_seats_is_400(as_holder, event, body, field, detail):
    response = as_holder.post("/holds", {"event_id": event.id} | body)

    assert response.status_code == 400
    [error] = response.json()["errors"]
    assert (error["field"], error["detail"]) == (field, detail)


def test_hold_past_its_deadline_is_shown_as_lapsed(as_holder, event, holder):
    held = make_hold(event, holder)
    expire_hold(held)

    answer = as_holder.get(f"/holds/{held.id}").json()

    held.refresh_from_db()
    assert (answer["status"], answer["seats"], answer["adjacent"]) == ("lapsed", [], False)
    assert answer["ended_at"] == held.expires_at.isoformat()
    assert answer["can_be_refreshed"] is False


def test_refresh_is_answered_with_the_hold_once(as_holder, event, holder):
    held = make_hold(event, holder)
    response = as_holder.post(f"/holds/{held.id}/refresh")
    again = as_holder.post(f"/holds/{held.id}/refresh")

    assert response.status_code == 200
    assert response.json() == as_holder.get(f"/holds/{held.id}").json()
    assert response.json()["can_be_refreshed"] is False
    assert again.json() == problem(
        "hold_refreshed", "A hold can be refreshed once, and this one was."
    )


def test_refresh_of_what_has_ended_is_409(as_holder, event, holder):
    held = make_hold(event, holder)
    as_holder.delete(f"/holds/{held.id}")

    response = as_holder.post(f"/holds/{held.id}/refresh")

    assert response.json() == problem("hold_ended", "These seats aren't kept any more.")


def test_release_is_204_and_again_204(as_holder, event, holder):
    held = make_hold(event, holder)

    assert [as_holder.delete(f"/holds/{held.id}").status_code for _ in range(2)] == [204, 204]
    assert as_holder.get(f"/holds/{held.id}").json()["status"] == "released"


def test_anothers_hold_isnt_there_and_an_admin_reaches_it(as_stranger, as_admin, event, holder):
    path = f"/holds/{make_hold(event, holder).id}"

    assert as_stranger.get(path).status_code == as_stranger.delete(path).status_code == 404
    assert as_stranger.post(f"{path}/refresh").status_code == 404
    assert as_admin.get(path).status_code == 200


# --- Orders -------------------------------------------------------------------------------------


def test_order_is_answered_in_full_with_its_place(as_holder, event, holder):
    body = {"event_id": event.id, "quantity": 2, "adjacent": "required", "accessible": False}
    response = as_holder.post("/orders", body)

    made = Order.objects.get()
    assert (response.status_code, response["Location"]) == (201, f"/orders/{made.id}")
    assert response.json() == {
        "id": made.id,
        "reference": made.reference,
        "user_id": holder.id,
        "event_id": event.id,
        "event": shown_event(event),
        "status": "active",
        "adjacent": True,
        "bookings": [shown_booking(booking) for booking in made.bookings.order_by("id")],
        "created_at": made.created_at.isoformat(),
    }
    assert id_of(response.json()["reference"]) == made.id
    assert as_holder.get(f"/orders/{made.id}").json() == response.json()


def test_order_of_a_hold_books_what_it_keeps(as_holder, event, holder):
    held = make_hold(event, holder)

    response = as_holder.post("/orders", {"hold_id": held.id})
    again = as_holder.post("/orders", {"hold_id": held.id})

    seats = [booking["seat_number"] for booking in response.json()["bookings"]]
    assert (response.status_code, seats) == (201, ["Seat-1", "Seat-2"])
    assert again.json() == problem("hold_ended", "These seats aren't kept any more.")
    assert as_holder.get(f"/holds/{held.id}").json()["status"] == "ordered"


def test_order_of_anothers_hold_is_404_for_an_admin_too(as_admin, as_stranger, event, holder):
    held = make_hold(event, holder)

    for somebody in (as_admin, as_stranger):
        response = somebody.post("/orders", {"hold_id": held.id})
        assert response.json() == problem("hold_not_found", "There is no such hold.", 404)


def test_order_of_a_hold_and_of_seats_is_400(as_holder, event):
    response = as_holder.post("/orders", {"hold_id": 1, "event_id": event.id, "quantity": 1})
    nothing = as_holder.post("/orders", {})

    assert response.json()["errors"] == [
        {"field": "hold_id", "code": "invalid", "detail": "Tell either a hold or seats."}
    ]
    assert nothing.json()["errors"] == [
        {"field": "event_id", "code": "required", "detail": "This field is required."}
    ]


def test_order_under_a_key_is_made_once(as_holder, event):
    body, key = {"event_id": event.id, "quantity": 1}, {"Idempotency-Key": "one-order"}
    first, second = (as_holder.post("/orders", body, headers=key) for _ in range(2))

    assert first.content == second.content
    assert (Order.objects.count(), Booking.objects.count()) == (1, 1)


def test_order_is_cancelled_by_parts_and_as_a_whole(as_holder, event, holder):
    made = make_order(event, holder)
    path, first = f"/orders/{made.id}", made.bookings.first()
    statuses = [as_holder.get(path).json()["status"]]
    as_holder.delete(f"/bookings/{first.id}")
    statuses.append(as_holder.get(path).json()["status"])
    answers = [as_holder.delete(path).status_code for _ in range(2)]
    statuses.append(as_holder.get(path).json()["status"])

    assert statuses == ["active", "partly_cancelled", "cancelled"]
    assert answers == [204, 204]


def test_anothers_order_isnt_there_and_an_admin_reaches_it(as_stranger, as_admin, event, holder):
    path = f"/orders/{make_order(event, holder).id}"

    assert as_stranger.get(path).status_code == as_stranger.delete(path).status_code == 404
    assert as_admin.get(path).status_code == 200


def test_my_orders_are_listed_newest_first_page_by_page(as_holder, holder, stranger):
    event = EventFactory(total_seats=5)
    older = make_order(event, holder, ["Seat-1", "Seat-2"])
    newer = make_order(event, holder, ["Seat-3"])
    make_order(event, stranger, ["Seat-4"])

    first = as_holder.get("/users/me/orders?limit=1")
    rest = as_holder.get("/users/me/orders").json()

    assert [order["id"] for order in first.json()] == [newer.id]
    assert 'rel="next"' in first["Link"]
    assert [order["id"] for order in rest] == [newer.id, older.id]
    assert rest[1] == as_holder.get(f"/orders/{older.id}").json()


def test_my_orders_take_as_many_queries_with_3_as_with_1(as_holder, holder):
    event = EventFactory(total_seats=9)
    make_order(event, holder, ["Seat-1"])
    with_1 = queries_of(lambda: as_holder.get("/users/me/orders"))
    for number in (2, 4):
        make_order(event, holder, [f"Seat-{number}", f"Seat-{number + 1}"])

    assert queries_of(lambda: as_holder.get("/users/me/orders")) == with_1


def test_booking_of_an_order_names_it(as_holder, event, holder):
    made = make_order(event, holder)

    listed = as_holder.get("/users/me/bookings").json()

    assert {booking["order_id"] for booking in listed} == {made.id}
