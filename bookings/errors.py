"""Why something about a booking can't be done."""

from django.utils.translation import gettext_noop as _

from evently.api.errors import Missing, Refused
from events.errors import SeatUnavailable


class BookingNotFound(Missing):
    code = "not_found"
    detail = _("There is no such booking.")


class UserNotFound(Missing):
    code = "user_not_found"
    detail = _("There is no such user.")


class LimitReached(Refused):
    code = "limit_reached"
    detail = _("You have as many seats of this event as one person may.")


class BookingEnded(Refused):
    code = "booking_cancelled"
    detail = _("This booking is cancelled already.")


class SeatOnOffer(Refused):
    code = "seat_on_offer"
    detail = _("The seat is kept for somebody in line; it stays yours if they don't take it.")


class CancellationClosed(Refused):
    code = "cancellation_closed"
    detail = _("It is too late to cancel this booking; ask the organisers.")


class SeatsTaken(SeatUnavailable):
    """Of several seats that somebody named; it tells which, and what else is near."""

    detail = _("Some of these seats aren't available.")
    example = {
        "unavailable": [{"id": 7, "seat_number": "A-7", "status": "booked"}],
        "nearby": [{"id": 9, "seat_number": "A-9"}, {"id": 10, "seat_number": "A-10"}],
    }


class SeatsUnavailable(Refused):
    """Of so many seats that somebody wants; it tells how many there are, and what comes nearest."""

    code = "seats_unavailable"
    detail = _("There aren't so many seats that fit.")
    example = {
        "available_seats": 5,
        "nearby": [{"id": 9, "seat_number": "A-9"}, {"id": 21, "seat_number": "B-9"}],
    }


class HoldNotFound(Missing):
    code = "hold_not_found"
    detail = _("There is no such hold.")


class HoldEnded(Refused):
    code = "hold_ended"
    detail = _("These seats aren't kept any more.")


class HoldRefreshed(Refused):
    code = "hold_refreshed"
    detail = _("A hold can be refreshed once, and this one was.")


class OrderNotFound(Missing):
    code = "not_found"
    detail = _("There is no such order.")


class EventHasActiveBookings(Refused):
    code = "event_has_active_bookings"
    detail = _("The event has active bookings; cancel them first.")


class LastSuperuser(Refused):
    code = "last_superuser"
    detail = _("This is the last active superuser; make another one first.")
