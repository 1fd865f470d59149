"""Several seats at once: holding them, and ordering them."""

from functools import partial

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from bookings import holds, orders
from bookings.errors import (
    CancellationClosed,
    HoldEnded,
    HoldNotFound,
    HoldRefreshed,
    LimitReached,
    SeatsTaken,
    SeatsUnavailable,
)
from bookings.group_serializers import (
    HoldRequestSerializer,
    HoldSerializer,
    OrderRequestSerializer,
    OrderSerializer,
    wish_of,
)
from bookings.models import Order
from bookings.queries import shown_holds, shown_orders, with_bookings, with_seats
from evently.api.components import LOCATION
from evently.api.exceptions import ChangedMeanwhile
from evently.api.identity import IsIdentified, IsUser
from evently.api.pagination import KeysetPagination
from evently.api.refusals import refuses
from evently.api.views import EndpointSet
from events.errors import (
    EventNotFound,
    EventNotOnSale,
    SalesEnded,
    SalesNotStarted,
    SeatNotFound,
)
from events.models import Hold

OF_SEATS = (
    EventNotFound,
    SeatNotFound,
    EventNotOnSale,
    SalesNotStarted,
    SalesEnded,
    SeatsTaken,
    SeatsUnavailable,
    LimitReached,
    ChangedMeanwhile,
)


class HoldViewSet(EndpointSet):
    """Keep seats while somebody makes up their mind."""

    queryset = Hold.objects.all()
    serializer_class = HoldSerializer
    permission_classes = [IsIdentified]

    @extend_schema(
        request=HoldRequestSerializer, responses={201: HoldSerializer}, parameters=[LOCATION]
    )
    @refuses(*OF_SEATS)
    def create(self, request: Request) -> Response:
        """Keep 1 to 50 seats of an event for the caller: those that are named, or the best ones.

        All of them or none, until `expires_at`: 10 minutes from now unless the server is set up
        otherwise, and not beyond the event's start. `POST /orders` books them before then.

        Named seats that aren't all available: 409 `seat_unavailable`, which tells which ones
        (`unavailable`: id, seat_number, status) and as many that are available near them
        (`nearby`: id, seat_number; empty if there are fewer). By `quantity`: 409
        `seats_unavailable` if none fit, with the number of `available_seats`, and as many that
        aren't neighbours (`nearby`; empty if there are fewer).

        What somebody has booked and what is kept for them together stays within the event's
        `max_per_user`; where that is null, 50 seats of an event may be kept for one person at a
        time. Beyond: 409 `limit_reached`.
        """
        wish = wish_of(self.read(HoldRequestSerializer))
        make = partial(holds.make_hold, user_id=self.caller.user.id, **wish)
        return self.once(make, lambda hold: self._shown(hold.id, status.HTTP_201_CREATED))

    @extend_schema(responses=HoldSerializer)
    def retrieve(self, request: Request, id: int) -> Response:
        """Return one hold, to its owner or an admin; one past its deadline has lapsed."""
        hold = get_object_or_404(self.reachable(shown_holds()), id=id)
        return Response(with_seats(hold))

    @extend_schema(request=None, responses=HoldSerializer)
    @refuses(HoldEnded, HoldRefreshed)
    def refresh(self, request: Request, id: int) -> Response:
        """Put off an open hold's deadline, once.

        Again 10 minutes from now, unless the server is set up otherwise, at most 30 minutes since
        it was made, and not beyond the event's start. A second time: 409 `hold_refreshed`.
        """
        hold = get_object_or_404(self.reachable(Hold.objects.all()), id=id)
        refresh = partial(holds.refresh_hold, hold_id=hold.id)
        return self.once(refresh, lambda _: self._shown(hold.id, status.HTTP_200_OK))

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, id: int) -> Response:
        """Give the seats of a hold back, to the line or to the sale. Again: 204."""
        hold = get_object_or_404(self.reachable(Hold.objects.all()), id=id)
        holds.release_hold(hold_id=hold.id)
        return Response(status=status.HTTP_204_NO_CONTENT)

    def get_permissions(self) -> list:
        return [IsUser()] if self.action == "create" else super().get_permissions()

    def _shown(self, hold_id: int, code: int) -> Response:
        is_new = code == status.HTTP_201_CREATED
        return Response(
            with_seats(shown_holds().get(id=hold_id)),
            status=code,
            headers={"Location": f"/holds/{hold_id}"} if is_new else None,
        )


class OrderViewSet(EndpointSet):
    """Book several seats at once, look at them, cancel what is left of them."""

    queryset = Order.objects.all()
    serializer_class = OrderSerializer
    permission_classes = [IsIdentified]

    @extend_schema(
        request=OrderRequestSerializer, responses={201: OrderSerializer}, parameters=[LOCATION]
    )
    @refuses(*OF_SEATS, HoldNotFound, HoldEnded)
    def create(self, request: Request) -> Response:
        """Book seats for the caller, all of them or none: those of a hold, or others at once.

        Of a hold: its owner's alone, before its deadline, else 409 `hold_ended`. What is kept is
        a promise, which holds after the end of the sales, too. At once: as by `POST /holds`, with
        the same refusals.

        Each seat is a booking, which `DELETE /bookings/{id}` cancels by itself. Whoever has an
        open offer in the event's line and orders other seats gives it up.
        """
        values = self.read(OrderRequestSerializer)
        wish = values if "hold_id" in values else wish_of(values)
        service = orders.order_hold if "hold_id" in values else orders.make_order
        return self.once(partial(service, user_id=self.caller.user.id, **wish), ordered)

    @extend_schema(responses=OrderSerializer)
    def retrieve(self, request: Request, id: int) -> Response:
        """Return one order, to its owner or an admin."""
        order = get_object_or_404(self.reachable(shown_orders()), id=id)
        return Response(with_bookings([order])[0])

    @extend_schema(responses={204: None})
    @refuses(CancellationClosed)
    def destroy(self, request: Request, id: int) -> Response:
        """Cancel what is left of an order; its seats are offered to the line, or available again.

        Again: 204, nothing changes. From the event's `cancel_until` on only staff cancel: 409
        `cancellation_closed`.
        """
        order = get_object_or_404(self.reachable(Order.objects.all()), id=id)
        orders.cancel_order(order_id=order.id, by_staff=self.caller.is_admin)
        return Response(status=status.HTTP_204_NO_CONTENT)

    def get_permissions(self) -> list:
        return [IsUser()] if self.action == "create" else super().get_permissions()


class MyOrderViewSet(EndpointSet):
    """The caller's own orders."""

    queryset = shown_orders()
    serializer_class = OrderSerializer
    pagination_class = KeysetPagination
    permission_classes = [IsUser]

    def list(self, request: Request) -> Response:
        """List the caller's orders with their bookings, newest first, cancelled ones too."""
        page = self.paginate_queryset(self.get_queryset().filter(user=self.caller.user))
        return self.get_paginated_response(with_bookings(page))


def ordered(order: Order) -> Response:
    """Answer with an order that was made."""
    return Response(
        with_bookings([shown_orders().get(id=order.id)])[0],
        status=status.HTTP_201_CREATED,
        headers={"Location": f"/orders/{order.id}"},
    )
