"""A whole hall in one answer."""

import pytest

from events import compact_map
from events.models import Seat
from events.services import create_event
from events.tests.test_seat_versions import settled_version_of
from tests.factories import NOW, EventFactory, make_booking

pytestmark = pytest.mark.django_db(transaction=True)


def compact(client, event, query=""):
    response = client.get(f"/events/{event.id}/seats?compact=true&{query}")
    assert response.status_code == 200
    return response.json()


@pytest.fixture
def hall(db):
    rows = [
        {"name": "A", "seats": 4, "gaps_after": [2], "blocked": [4], "accessible": [1, 4]},
        {"name": "B", "seats": 2, "gaps_after": [], "blocked": [], "accessible": []},
    ]
    sections = [{"name": "Stalls", "rows": rows}, {"name": "Circle", "rows": rows[1:]}]
    end = NOW.replace(hour=23)
    return create_event(
        name="Gala", venue="Opera", start_time=NOW, end_time=end, layout={"sections": sections}
    )


def test_hall_is_told_by_sections_and_rows(client, hall):
    make_booking(hall, seat_number="Stalls-A-2")
    first = hall.seats.order_by("position")[0].id

    answer = client.get(f"/events/{hall.id}/seats?compact=true")

    assert answer.json() == {
        "version": answer["Seat-Map-Version"],
        "total_seats": 8,
        "sections": [
            {
                "name": "Stalls",
                "rows": [
                    {
                        "name": "A",
                        "first_id": first,
                        "seats": "abax",
                        "gaps_after": [2],
                        "accessible": [1, 4],
                    },
                    {"name": "B", "first_id": first + 4, "seats": "aa"},
                ],
            },
            {"name": "Circle", "rows": [{"name": "B", "first_id": first + 6, "seats": "aa"}]},
        ],
    }
    assert answer["X-Total-Count"] == "8"


def test_hall_without_a_shape_is_one_row(client, event):
    first = event.seats.order_by("position")[0].id

    assert compact(client, event)["sections"] == [
        {"name": "", "rows": [{"name": "", "first_id": first, "seats": "aaa"}]}
    ]


def test_hall_without_seats_has_no_sections(client):
    assert compact(client, EventFactory(total_seats=0))["sections"] == []


def test_ids_and_numbers_that_can_not_be_counted_are_listed(client, event):
    first, second, third = event.seats.order_by("-position")
    for position, seat in enumerate((first, second, third), 101):
        Seat.objects.filter(id=seat.id).update(position=position, seat_number=f"Box-{seat.id}")

    [section] = compact(client, event)["sections"]

    ids = [first.id, second.id, third.id]
    numbers = [f"Box-{id}" for id in ids]
    assert section["rows"] == [{"name": "", "ids": ids, "seats": "aaa", "seat_numbers": numbers}]


def test_changes_are_told_by_where_the_seats_are(client, hall):
    version = compact(client, hall)["version"]
    make_booking(hall, seat_number="Stalls-B-1")
    hall.seats.filter(section="Circle").update(status="blocked")

    answer = compact(client, hall, f"since={version}")

    assert answer == {
        "version": answer["version"],
        "total_seats": 8,
        "changed": {"b": [5], "x": [7, 8]},
    }


def test_whole_hall_is_told_where_too_much_has_changed(client, hall, monkeypatch):
    monkeypatch.setattr(compact_map, "MAX_CHANGES", 1)
    version = compact(client, hall)["version"]
    hall.seats.filter(section="Circle").update(status="blocked")

    assert "sections" in compact(client, hall, f"since={version}")


def test_version_of_another_database_gets_the_whole_hall(client, hall):
    assert "sections" in compact(client, hall, "since=9999999999999999999-0")


def test_answer_is_304_until_a_seat_of_the_event_changes(client, hall):
    path = f"/events/{hall.id}/seats?compact=true"
    make_booking(hall, seat_number="Stalls-A-2")
    settled_version_of(client, hall)
    first = client.get(path)
    make_booking(EventFactory())
    again = client.get(path, headers={"If-None-Match": first["ETag"]})
    make_booking(hall, seat_number="Stalls-A-1")
    later = client.get(path, headers={"If-None-Match": first["ETag"]})

    assert (again.status_code, later.status_code) == (304, 200)
