"""Bookings, and what needs the ledger: accepting an offer, and the life of an event."""

from collections.abc import Callable
from functools import partial

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import exceptions, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import ValidationError

import events.views
import waitlists.views
from bookings import event_services, offering_back, services
from bookings.errors import (
    BookingEnded,
    CancellationClosed,
    EventHasActiveBookings,
    LimitReached,
    SeatOnOffer,
    UserNotFound,
)
from bookings.filters import MyBookingFilter, StaffBookingFilter
from bookings.group_serializers import AcceptSerializer, BookedSerializer
from bookings.group_views import ordered
from bookings.models import Booking, Order
from bookings.serializers import (
    BookingRequestSerializer,
    BookingSerializer,
    ListedBookingSerializer,
    WaitlistedSerializer,
)
from bookings.shapes import BOOKING_COLUMNS, shape_booking, shape_made_booking
from evently.api.components import LOCATION
from evently.api.exceptions import ChangedMeanwhile, PreconditionRequired
from evently.api.first_page import FirstPage
from evently.api.identity import IsAdmin, IsIdentified, IsIdentifiedOrOpen, IsUser
from evently.api.pagination import KeysetPagination
from evently.api.preconditions import ETAG, IF_MATCH, expected_versions
from evently.api.refusals import refuses
from evently.api.views import EndpointSet
from evently.statements import Argument
from evently.users.models import User
from events.errors import (
    EventNotFound,
    EventNotOnSale,
    SalesEnded,
    SalesNotStarted,
    SeatNotFound,
    SeatUnavailable,
    StaleVersion,
    StatusChangeRefused,
    TotalSeatsImmutable,
)
from events.models import Event
from events.serializers import EventInputSerializer, EventReplacementSerializer, EventSerializer
from waitlists.errors import EntryNotFound, NoOpenOffer
from waitlists.models import WaitlistEntry
from waitlists.queries import shown_entry


class UserMismatch(exceptions.PermissionDenied):
    default_code = "user_mismatch"
    default_detail = "Only an admin may book for somebody else."


class BookingViewSet(EndpointSet):
    """Book a seat, look at a booking, cancel it."""

    queryset = Booking.objects.select_related("event", "seat")
    serializer_class = BookingSerializer
    permission_classes = [IsIdentified]

    @extend_schema(
        request=BookingRequestSerializer,
        responses={201: BookingSerializer, 202: WaitlistedSerializer},
        parameters=[LOCATION],
    )
    @refuses(
        UserMismatch,
        EntryNotFound,
        EventNotFound,
        SeatNotFound,
        UserNotFound,
        EventNotOnSale,
        SalesNotStarted,
        SalesEnded,
        SeatUnavailable,
        LimitReached,
        ChangedMeanwhile,
    )
    def create(self, request: Request) -> Response:
        """Book a seat: the next available one, or the one that is named.

        When the event is full and no seat was named, the user joins its line: 202. Asking again
        while waiting answers 202 with the same entry. With an open offer the call accepts it.

        Before the event's `sales_start`, and from its `sales_end` on: 409. An open offer is
        accepted all the same.
        """
        wish = self.read(BookingRequestSerializer)
        wish["user_id"] = self._booker(wish.pop("user_id", None))
        is_chosen = "seat_id" in wish or "seat_number" in wish
        book = services.book_seat if is_chosen else services.book_any_seat
        return self.once(partial(book, **wish), _booked_or_waitlisted)

    @extend_schema(responses=ListedBookingSerializer)
    def retrieve(self, request: Request, id: int) -> Response:
        """Return one booking, to its owner or an admin."""
        booking = get_object_or_404(self.reachable(self.get_queryset()), id=id)
        return Response(ListedBookingSerializer(booking).data)

    @extend_schema(responses={204: None})
    @refuses(CancellationClosed)
    def destroy(self, request: Request, id: int) -> Response:
        """Cancel a booking; its seat is offered to the first in line, or is available again.

        Again: 204, nothing changes. From the event's `cancel_until` on only staff cancel: 409
        `cancellation_closed`.
        """
        booking = get_object_or_404(self.reachable(Booking.objects.all()), id=id)
        services.cancel_booking(booking_id=booking.id, by_staff=self.caller.is_admin)
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(request=None, responses=ListedBookingSerializer)
    @refuses(BookingEnded, EventNotFound, EventNotOnSale, CancellationClosed)
    def offer_back(self, request: Request, id: int) -> Response:
        """Give the seat back if somebody takes it; until then it stays the booking's.

        The seat goes to the line like one that has come free. While it is kept for nobody, whoever
        comes next to the full event by `POST /bookings` takes it. Only as it is taken the booking
        is cancelled, and its owner told. Again: 200, nothing changes. From the event's
        `cancel_until` on: 409 `cancellation_closed`.
        """
        booking = get_object_or_404(self.reachable(Booking.objects.all()), id=id)
        offer = partial(offering_back.offer_back, booking_id=booking.id)
        return self.once(offer, lambda _: self.retrieve(request, id))

    @extend_schema(responses={204: None})
    @refuses(BookingEnded, SeatOnOffer)
    def take_back(self, request: Request, id: int) -> Response:
        """Keep the seat after all. Again: 204, nothing changes.

        While it is kept for somebody in line: 409 `seat_on_offer`.
        """
        booking = get_object_or_404(self.reachable(Booking.objects.all()), id=id)
        offering_back.take_back(booking_id=booking.id)
        return Response(status=status.HTTP_204_NO_CONTENT)

    def get_permissions(self) -> list:
        return [IsIdentifiedOrOpen()] if self.action == "create" else super().get_permissions()

    def claimant(self) -> str:
        # In the open demo the body is the caller's identity, if it is anything that can be read.
        body = self.request.data
        named = body.get("user_id") if isinstance(body, dict) and self.caller.is_nobody else None
        return f"user:{named}" if isinstance(named, int) else super().claimant()

    def _booker(self, named: int | None) -> int:
        """Tell for whom is booked: the caller, or whom an admin (or the open demo's body) names."""
        caller = self.caller
        if caller.user is not None and named in (None, caller.user.id):
            return caller.user.id
        if caller.user is not None and not caller.is_admin:
            raise UserMismatch
        if named is None:
            raise ValidationError({"user_id": "This field is required."}, code="required")
        if not User.objects.filter(id=named, is_active=True).exists():
            raise UserNotFound
        return named


class MyBookingViewSet(EndpointSet):
    """The caller's own bookings."""

    queryset = Booking.objects.order_by("-id").values(*BOOKING_COLUMNS)
    first_page = FirstPage(
        BOOKING_COLUMNS,
        lambda: Booking.objects.active().filter(user=Argument("user_id")).order_by("-id"),
    )
    serializer_class = ListedBookingSerializer
    pagination_class = KeysetPagination
    filterset_class = MyBookingFilter
    permission_classes = [IsUser]

    def list(self, request: Request) -> Response:
        """List the caller's bookings, newest first; active ones unless `status` says otherwise."""
        user = self.caller.user
        return self.listed(self.get_queryset().filter(user=user), shape_booking, user_id=user.id)


class StaffBookingViewSet(EndpointSet):
    """Everybody's bookings, for staff."""

    queryset = Booking.objects.order_by("-id").values(*BOOKING_COLUMNS)
    serializer_class = ListedBookingSerializer
    pagination_class = KeysetPagination
    filterset_class = StaffBookingFilter
    permission_classes = [IsAdmin]

    def list(self, request: Request) -> Response:
        """List bookings of all events and users, newest first."""
        return self.listed(self.get_queryset(), shape_booking)


class WaitlistEntryViewSet(waitlists.views.WaitlistEntryViewSet):
    @extend_schema(
        request=AcceptSerializer,
        responses={201: BookedSerializer},
        parameters=[LOCATION],
    )
    @refuses(EventNotFound, SeatNotFound, EventNotOnSale, NoOpenOffer, LimitReached)
    def accept(self, request: Request, id: int) -> Response:
        """Book what is kept for this entry, before its deadline: one seat, or several as an order.

        A seat that is being kept is a promise, which holds after the end of the sales, too.

        All that is offered, unless `seat_ids` or `quantity` say which or how many: then the others
        stay on offer. So a party can also take some of those that are still being gathered for
        it, and keeps waiting at its place for the rest. Without an offer: 409 `no_open_offer`.
        One that isn't kept for it: 404 `seat_not_found`.
        """
        entry = get_object_or_404(self.reachable(WaitlistEntry.objects.all()), id=id)
        accept = partial(services.accept_offer, entry_id=entry.id, **self.read(AcceptSerializer))
        return self.once(accept, _booked_or_ordered)


STEP_REFUSALS = (EventNotFound, StatusChangeRefused, StaleVersion, PreconditionRequired)
CHANGE_REFUSALS = (*STEP_REFUSALS, TotalSeatsImmutable, ChangedMeanwhile)


class StaffEventViewSet(events.views.StaffEventViewSet):
    @extend_schema(
        request=EventReplacementSerializer,
        responses=EventSerializer,
        parameters=[IF_MATCH, ETAG],
    )
    @refuses(*CHANGE_REFUSALS)
    def update(self, request: Request, id: int) -> Response:
        """Replace an event's facts; `total_seats` may be left out or equal.

        Whoever has a booking or waits is told of another time or venue.
        """
        return self._change(id, EventReplacementSerializer)

    @extend_schema(
        request=EventInputSerializer(partial=True),
        responses=EventSerializer,
        parameters=[IF_MATCH, ETAG],
    )
    @refuses(*CHANGE_REFUSALS)
    def partial_update(self, request: Request, id: int) -> Response:
        """Change some of an event's facts, or its status: from draft to published to cancelled.

        Cancelling cancels its bookings, ends its line and tells everybody.
        """
        return self._change(id, EventInputSerializer, partial=True)

    @extend_schema(request=None, responses=EventSerializer, parameters=[IF_MATCH, ETAG])
    @refuses(*STEP_REFUSALS)
    def publish(self, request: Request, id: int) -> Response:
        """Put a draft on sale. Again: 200, nothing changes.

        A cancelled event stays cancelled: 409 `status_change_refused`.
        """
        return self._step(event_services.publish_event, id)

    @extend_schema(request=None, responses=EventSerializer, parameters=[IF_MATCH, ETAG])
    @refuses(*STEP_REFUSALS)
    def cancel(self, request: Request, id: int) -> Response:
        """Cancel a published event for good, with its bookings and its line; everybody is told.

        The answer comes when all of that is done. Cut off (503), it undoes none of what is done:
        asked again, it goes on. When all is done: 200, nothing changes. A draft is deleted
        instead: 409 `status_change_refused`.
        """
        return self._step(event_services.cancel_event, id)

    @extend_schema(responses={204: None}, parameters=[IF_MATCH])
    @refuses(EventNotFound, EventHasActiveBookings, StaleVersion, PreconditionRequired)
    def destroy(self, request: Request, id: int) -> Response:
        """Delete an event with its seats and cancelled bookings; whoever waits is told."""
        event_services.delete_event(event_id=id, expected_versions=expected_versions(self.request))
        return Response(status=status.HTTP_204_NO_CONTENT)

    def _step(self, service: Callable[..., Event], event_id: int) -> Response:
        get_object_or_404(Event.objects.all(), id=event_id)
        expected = expected_versions(self.request)
        step = partial(service, event_id=event_id, expected_versions=expected)
        return self.once(step, lambda _: self.answer(event_id))

    def _change(self, event_id: int, serializer_class: type, **kwargs: bool) -> Response:
        event = get_object_or_404(Event.objects.all(), id=event_id)
        event_services.change_event(
            event_id=event_id,
            changes=self.read(serializer_class, event, **kwargs),
            expected_versions=expected_versions(self.request),
        )
        return self.answer(event_id)


def _booked_or_waitlisted(outcome: Booking | WaitlistEntry) -> Response:
    return _booked(outcome) if isinstance(outcome, Booking) else _waitlisted(outcome)


def _booked_or_ordered(outcome: Booking | Order) -> Response:
    return _booked(outcome) if isinstance(outcome, Booking) else ordered(outcome)


def _booked(booking: Booking) -> Response:
    return Response(
        shape_made_booking(booking),
        status=status.HTTP_201_CREATED,
        headers={"Location": f"/bookings/{booking.id}"},
    )


def _waitlisted(entry: WaitlistEntry) -> Response:
    body = {
        "status": "waitlisted",
        "detail": "The event is full. You are in its line; you will hear when a seat is kept.",
        "waitlist_entry": shown_entry(entry.id),
    }
    return Response(
        body,
        status=status.HTTP_202_ACCEPTED,
        headers={"Location": f"/waitlists/{entry.id}"},
    )
