"""Halls with a shape: sections, rows, aisles, blocked and accessible seats."""

import pytest

from bookings.models import Booking
from events.models import Event

pytestmark = pytest.mark.django_db(transaction=True)

EVENT = {
    "name": "Gala",
    "venue": "Opera",
    "start_time": "2031-07-01T19:00:00",
    "end_time": "2031-07-01T23:00:00",
}
ROW = {"name": "A", "seats": 3}


def hall(*rows, **section):
    return EVENT | {"layout": {"sections": [{"rows": list(rows)} | section]}}


def seat_map(client, event_id):
    return client.get(f"/events/{event_id}/seats?include=shape&limit=1000").json()


def test_hall_is_made_row_by_row(as_admin, client):
    body = EVENT | {
        "layout": {
            "sections": [
                {"name": "Stalls", "rows": [{"name": "A", "seats": 3, "gaps_after": [1]}]},
                {"name": "Circle", "rows": [{"name": "A", "seats": 1}, {"name": "B", "seats": 1}]},
            ]
        }
    }

    event = as_admin.post("/admin/events", body).json()

    assert (event["total_seats"], event["available_seats"]) == (5, 5)
    assert [
        (seat["seat_number"], seat["section"], seat["row"], seat["number"], seat["place"])
        for seat in seat_map(client, event["id"])
    ] == [
        ("Stalls-A-1", "Stalls", "A", 1, 1),
        ("Stalls-A-2", "Stalls", "A", 2, 3),
        ("Stalls-A-3", "Stalls", "A", 3, 4),
        ("Circle-A-1", "Circle", "A", 1, 1),
        ("Circle-B-1", "Circle", "B", 1, 1),
    ]


def test_only_section_may_be_without_a_name(as_admin, client):
    event = as_admin.post("/admin/events", hall(ROW)).json()

    numbers = [seat["seat_number"] for seat in seat_map(client, event["id"])]

    assert numbers == ["A-1", "A-2", "A-3"]


def test_blocked_seats_are_out_of_the_sale_and_accessible_ones_are_told(as_admin, client, holder):
    row = ROW | {"blocked": [1], "accessible": [3]}
    event = as_admin.post("/admin/events", hall(row)).json()
    client.post(
        "/bookings",
        {"user_id": holder.id, "event_id": event["id"]},
        content_type="application/json",
    )

    shown = [(seat["status"], seat["is_accessible"]) for seat in seat_map(client, event["id"])]

    assert event["available_seats"] == 2
    assert shown == [("blocked", False), ("booked", False), ("available", True)]
    assert Booking.objects.get().seat.seat_number == "A-2"


def test_seat_map_without_asking_for_the_shape_has_none(as_admin, client):
    event = as_admin.post("/admin/events", hall(ROW)).json()

    [seat, *_] = client.get(f"/events/{event['id']}/seats").json()

    assert sorted(seat) == ["id", "seat_number", "status"]


def test_seat_of_a_hall_without_shape_is_nowhere(client, event):
    [seat, *_] = seat_map(client, event.id)

    assert [seat[name] for name in ("section", "row", "number", "place", "is_accessible")] == [
        "", "", None, None, False,
    ]  # fmt: skip


def test_hall_of_several_thousand_seats_is_made_and_counted(as_admin):
    rows = [{"name": str(number), "seats": 1_000, "blocked": [1]} for number in range(1, 4)]

    event = as_admin.post("/admin/events", hall(*rows)).json()

    assert (event["total_seats"], event["available_seats"]) == (3_000, 2_997)
    assert Event.objects.get().seats.count() == 3_000


SECTIONS = "layout.sections"
OF_ROW = "layout.sections.0.rows.0"


def sections(*rows, **section):
    return {"sections": [{"rows": list(rows)} | section]}


@pytest.mark.parametrize(
    ("layout", "field", "code"),
    [
        ("x", "layout", "invalid"),
        ({}, SECTIONS, "required"),
        ({"sections": []}, SECTIONS, "empty"),
        (sections(), f"{SECTIONS}.0.rows", "empty"),
        (sections(ROW, ROW), f"{SECTIONS}.0.rows", "unique"),
        ({"sections": sections(ROW)["sections"] * 2}, SECTIONS, "unique"),
        (sections(ROW, name="x" * 21), f"{SECTIONS}.0.name", "max_length"),
        (sections(ROW, name="a-b"), f"{SECTIONS}.0.name", "invalid"),
        (sections(ROW | {"name": "A-1"}), f"{OF_ROW}.name", "invalid"),
        (sections(ROW | {"name": ""}), f"{OF_ROW}.name", "blank"),
        (sections(ROW | {"seats": 0}), f"{OF_ROW}.seats", "min_value"),
        (sections(ROW | {"seats": 1_001}), f"{OF_ROW}.seats", "max_value"),
        (sections(ROW | {"seats": "3"}), f"{OF_ROW}.seats", "invalid"),
        (sections(ROW | {"blocked": [4]}), f"{OF_ROW}.blocked", "max_value"),
        (sections(ROW | {"accessible": 1}), f"{OF_ROW}.accessible", "not_a_list"),
        (
            sections(*({"name": str(number), "seats": 1_000} for number in range(101))),
            SECTIONS,
            "max_value",
        ),
    ],
)
def test_layout_that_is_wrong_is_refused(as_admin, layout, field, code):
    response = as_admin.post("/admin/events", EVENT | {"layout": layout})

    assert response.status_code == 400
    assert [(error["field"], error["code"]) for error in response.json()["errors"]] == [
        (field, code)
    ]
    assert not Event.objects.exists()


@pytest.mark.parametrize(
    ("seats", "code"),
    [({}, "required"), (hall(ROW) | {"total_seats": 3}, "invalid")],
)
def test_seats_are_told_in_one_way(as_admin, seats, code):
    response = as_admin.post("/admin/events", EVENT | seats)

    [error] = response.json()["errors"]
    assert (response.status_code, error["field"], error["code"]) == (400, "total_seats", code)
