"""Holds and orders as they are shown, with their seats."""

from collections import defaultdict
from collections.abc import Sequence

from django.db.models import QuerySet

from bookings.models import Booking, Order
from bookings.shapes import (
    HELD_COLUMNS,
    HOLD_COLUMNS,
    ORDER_COLUMNS,
    ORDERED_COLUMNS,
    shape_hold,
    shape_order,
)
from events.models import Hold, Seat
from events.shapes import Row


def shown_holds() -> QuerySet:
    """Return holds as rows for `with_seats`."""
    return Hold.objects.with_is_past().values(*HOLD_COLUMNS)


def with_seats(row: Row) -> Row:
    """Return a hold as it is shown: one query more."""
    seats = Seat.objects.filter(event_id=row["event_id"], hold=row["id"]).order_by("position")
    return shape_hold(row, list(seats.values(*HELD_COLUMNS)))


def shown_orders() -> QuerySet:
    """Return orders, newest first, as rows for `with_bookings`."""
    return Order.objects.order_by("-id").values(*ORDER_COLUMNS)


def with_bookings(rows: Sequence[Row]) -> list[Row]:
    """Return orders as they are shown: one query more, however many they are."""
    of_order: dict[int, list[Row]] = defaultdict(list)
    bookings = Booking.objects.filter(order__in=[row["id"] for row in rows]).order_by("id")
    for booking in bookings.values(*ORDERED_COLUMNS):
        of_order[booking["order_id"]].append(booking)
    return [shape_order(row, of_order[row["id"]]) for row in rows]
