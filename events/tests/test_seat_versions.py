"""What has changed on a seat map since a version of it."""

import time

import pytest
from django.db import connection

from bookings.services import cancel_booking
from events.models import Seat
from events.seat_versions import Version
from tests.counting import queries_of
from tests.factories import EventFactory, make_booking

pytestmark = pytest.mark.django_db(transaction=True)


def map_of(client, event, query=""):
    return client.get(f"/events/{event.id}/seats?{query}")


def version_of(client, event):
    return map_of(client, event)["Seat-Map-Version"]


def changed(client, event, since):
    response = map_of(client, event, f"since={since}")
    return {seat["seat_number"]: seat["status"] for seat in response.json()}


def settled_version_of(client, event):
    """Return a version that tells nothing twice: no transaction of the server is older.

    Other tests have some on the same server, for a moment.
    """
    for _ in range(500):
        version = version_of(client, event)
        if not changed(client, event, version):
            return version
        time.sleep(0.01)
    raise TimeoutError("An old transaction doesn't end.")


def test_only_seats_that_have_changed_since_are_told(client, event):
    make_booking(event, seat_number="Seat-1")
    version = settled_version_of(client, event)
    booking = make_booking(event, seat_number="Seat-2")
    once = changed(client, event, version)
    cancel_booking(booking_id=booking.id)
    Seat.objects.filter(event=event, seat_number="Seat-3").update(status="blocked")

    assert once == {"Seat-2": "booked"}
    assert changed(client, event, version) == {"Seat-2": "available", "Seat-3": "blocked"}


def test_nothing_has_changed_since_the_newest_version(client, event):
    make_booking(event)

    response = map_of(client, event, f"since={settled_version_of(client, event)}")

    assert (response.json(), response["X-Total-Count"]) == ([], "0")


def test_changes_of_another_event_are_not_told(client, event):
    version = version_of(client, event)
    make_booking(EventFactory())

    assert changed(client, event, version) == {}


def test_changes_are_told_with_the_shape_and_in_pages(client, event):
    version = version_of(client, event)
    event.seats.update(status="blocked")

    response = map_of(client, event, f"since={version}&include=shape&limit=2")

    assert [seat["place"] for seat in response.json()] == [None, None]
    assert f"since={version}" in response["Link"]
    assert response["X-Total-Count"] == "3"


def test_seat_that_is_written_without_changing_is_not_told(client, event):
    make_booking(event)
    version = settled_version_of(client, event)
    event.seats.update(section="Stalls")
    for seat in event.seats.all():
        seat.save()

    assert changed(client, event, version) == {}


def test_stamp_that_is_overwritten_is_made_anew(client, event):
    version = version_of(client, event)
    stale = list(event.seats.order_by("position"))
    make_booking(event, seat_number="Seat-1")
    between = version_of(client, event)
    stale[0].status = "booked"
    stale[0].save()

    assert changed(client, event, version) == {"Seat-1": "booked"}
    assert changed(client, event, between) == {"Seat-1": "booked"}


@pytest.mark.parametrize("since", ["9999999999999999999-{era}", "1-{other_era}"])
def test_version_of_another_database_gets_all_seats(client, event, since):
    _, era = version_of(client, event).split("-")
    other_era = f"{int(era, 16) ^ 1:x}"

    told = changed(client, event, since.format(era=era, other_era=other_era))

    assert list(told) == ["Seat-1", "Seat-2", "Seat-3"]


def test_version_comes_with_304_too(client, event):
    etag = map_of(client, event)["ETag"]
    make_booking(EventFactory())

    again = client.get(f"/events/{event.id}/seats", headers={"If-None-Match": etag})

    assert again.status_code == 304
    assert Version.read(again["Seat-Map-Version"])


def test_changes_cost_the_same_for_one_and_three(client, event):
    version = version_of(client, event)
    paths = [f"/events/{event.id}/seats?{more}since={version}" for more in ("", "compact=true&")]

    event.seats.filter(position=1).update(status="blocked")
    for_one = [queries_of(lambda path=path: client.get(path)) for path in paths]
    event.seats.update(status="booked")
    for_three = [queries_of(lambda path=path: client.get(path)) for path in paths]

    assert for_one == for_three == [3, 3]


def test_changes_are_found_in_their_index(event):
    hall = EventFactory(total_seats=2_000)
    make_booking(hall)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")

    plan = hall.seats.changed_since(1).order_by("position").explain()

    assert "seat_changed" in plan
