"""Why something about an event or a seat can't be done."""

from evently.api.errors import Invalid, Missing, Refused, Stale


class EventNotFound(Missing):
    code = "event_not_found"
    detail = "There is no such event."


class EventNotOnSale(Refused):
    code = "event_not_on_sale"
    detail = "This event isn't on sale."


class SeatNotFound(Missing):
    code = "seat_not_found"
    detail = "This event has no such seat."


class SeatUnavailable(Refused):
    code = "seat_unavailable"
    detail = "This seat isn't available."


class StaleVersion(Stale):
    code = "precondition_failed"
    detail = "Somebody changed this event meanwhile. Look again and retry."


class TotalSeatsImmutable(Invalid):
    code = "total_seats_immutable"
    detail = "The number of seats can't change once the event exists."


class StatusChangeRefused(Refused):
    code = "status_change_refused"
    detail = "An event goes from draft to published to cancelled, step by step and never back."
