"""Why something about a booking can't be done."""

from django.utils.translation import gettext_noop as _

from evently.api.errors import Missing, Refused


class BookingNotFound(Missing):
    code = "not_found"
    detail = _("There is no such booking.")


class UserNotFound(Missing):
    code = "user_not_found"
    detail = _("There is no such user.")


class LimitReached(Refused):
    code = "limit_reached"
    detail = _("You have as many seats of this event as one person may.")


class CancellationClosed(Refused):
    code = "cancellation_closed"
    detail = _("It is too late to cancel this booking; ask the organisers.")


class EventHasActiveBookings(Refused):
    code = "event_has_active_bookings"
    detail = _("The event has active bookings; cancel them first.")


class LastSuperuser(Refused):
    code = "last_superuser"
    detail = _("This is the last active superuser; make another one first.")
