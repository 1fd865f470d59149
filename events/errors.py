"""Why something about an event or a seat can't be done."""

from django.utils.translation import gettext_noop as _

from evently.api.errors import Invalid, Missing, NotYet, Refused, Stale


class EventNotFound(Missing):
    code = "event_not_found"
    detail = _("There is no such event.")


class EventNotOnSale(Refused):
    code = "event_not_on_sale"
    detail = _("This event isn't on sale.")


class SalesNotStarted(NotYet):
    code = "sales_not_started"
    detail = _("The sale of this event hasn't started yet.")


class SalesEnded(Refused):
    code = "sales_ended"
    detail = _("The sale of this event has ended.")


class SeatNotFound(Missing):
    code = "seat_not_found"
    detail = _("This event has no such seat.")


class SeatUnavailable(Refused):
    code = "seat_unavailable"
    detail = _("This seat isn't available.")


class StaleVersion(Stale):
    code = "precondition_failed"
    detail = _("Somebody changed this event meanwhile. Look again and retry.")


class TotalSeatsImmutable(Invalid):
    code = "total_seats_immutable"
    detail = _("The number of seats can't change once the event exists.")


class TooManyRows(Invalid):
    code = "too_many_rows"
    detail = _("A hall has at most 702 rows, A to ZZ.")


class StatusChangeRefused(Refused):
    code = "status_change_refused"
    detail = _("An event goes from draft to published to cancelled, step by step and never back.")
