"""Lists are rendered without serializers, which describe them: both say the same, in one order."""

from datetime import UTC, datetime

import pytest
from rest_framework.renderers import JSONRenderer

from bookings.models import Booking
from bookings.serializers import BookingSerializer, ListedBookingSerializer
from bookings.services import cancel_booking
from evently.audit.models import AuditRecord
from evently.audit.serializers import AuditRecordSerializer
from evently.users.models import User
from evently.users.serializers import UserSerializer
from events.models import Event
from events.serializers import EventSerializer, SeatSerializer
from events.shapes import SEAT_COLUMNS
from notifications.models import Notification
from notifications.serializers import NotificationSerializer
from tests.factories import EventFactory, make_booking, make_entry, make_full_event
from waitlists.serializers import WaitlistEntrySerializer

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def world(admin):
    """Rows of every kind and state, all of the admin's own."""
    event = EventFactory(
        name="Fête \u2028 👩‍🚀",
        description="<b>Loud</b>",
        start_time=datetime(2030, 6, 1, 19, 0, 0, 123456, tzinfo=UTC),
        timezone="America/St_Johns",
        max_per_user=2,
        sales_start=datetime(2020, 1, 1, tzinfo=UTC),
        sales_end=datetime(2130, 1, 1, tzinfo=UTC),
        cancel_until=datetime(2130, 1, 1, tzinfo=UTC),
    )
    # Its offset was 44 minutes and 30 seconds.
    EventFactory(start_time=datetime(1930, 6, 1, tzinfo=UTC), timezone="Africa/Monrovia")
    EventFactory(status="cancelled", total_seats=0)
    make_booking(event, admin, "Seat-2")
    cancel_booking(booking_id=make_booking(event, admin, "Seat-3").id)
    full, [booking] = make_full_event(timezone="Asia/Kolkata")
    make_entry(full, admin)
    cancel_booking(booking_id=booking.id)  # and so the seat is offered to the admin
    make_entry(make_full_event()[0], admin)


def with_first_seats(events):
    for event in events:
        event.first_available_seats = list(event.seats.available().order_by("position"))
        yield event


def of_admin(model):
    return model.objects.filter(user__username="admin")


LISTS = {
    "/events": (EventSerializer, lambda: Event.objects.with_available_seats()),
    "/events?include=seats": (
        EventSerializer,
        lambda: with_first_seats(Event.objects.with_available_seats()),
    ),
    "/admin/events": (EventSerializer, lambda: Event.objects.with_available_seats()),
    "/users/me/bookings?status=all": (ListedBookingSerializer, lambda: of_admin(Booking)),
    "/admin/bookings": (ListedBookingSerializer, Booking.objects.all),
    "/users/me/notifications": (NotificationSerializer, lambda: of_admin(Notification)),
    "/admin/audit": (AuditRecordSerializer, AuditRecord.objects.all),
    "/admin/users": (UserSerializer, User.objects.all),
}


@pytest.mark.parametrize("path", LISTS)
def test_list_is_to_the_byte_what_its_serializer_says(as_admin, path):
    serializer_class, rows = LISTS[path]
    described = serializer_class(list(rows()), many=True).data

    response = as_admin.get(path)

    assert len(described) >= 2
    assert response.content == JSONRenderer().render(described)


def test_entry_has_what_its_serializer_says_in_that_order(as_admin):
    for entry in as_admin.get("/waitlists/me").json():
        assert list(entry) == list(WaitlistEntrySerializer().fields)


def test_seat_map_is_to_the_byte_what_its_serializer_says(client):
    event = Event.objects.filter(max_per_user=2).get()
    described = SeatSerializer(event.seats.order_by("position"), many=True).data
    in_short = [{name: seat[name] for name in SEAT_COLUMNS} for seat in described]

    response = client.get(f"/events/{event.id}/seats")
    in_full = client.get(f"/events/{event.id}/seats?include=shape")

    assert [seat["status"] for seat in described] == ["available", "booked", "available"]
    assert response.content == JSONRenderer().render(in_short)
    assert in_full.content == JSONRenderer().render(described)


@pytest.mark.parametrize("path", ["/events", "/admin/events"])
def test_event_is_to_the_byte_what_its_serializer_says(as_admin, path):
    for event in Event.objects.with_available_seats():
        response = as_admin.get(f"{path}/{event.id}")

        assert response.content == JSONRenderer().render(EventSerializer(event).data)


def test_made_booking_is_to_the_byte_what_its_serializer_says(as_admin):
    response = as_admin.post("/bookings", {"event_id": EventFactory().id})

    made = Booking.objects.get(id=response.json()["id"])
    assert response.content == JSONRenderer().render(BookingSerializer(made).data)
