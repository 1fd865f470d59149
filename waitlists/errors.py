"""Why something about a line can't be done."""

from evently.api.errors import Missing, Refused


class EntryNotFound(Missing):
    code = "not_found"
    detail = "There is no such entry."


class SeatsAvailable(Refused):
    code = "seats_available"
    detail = "Seats of this event are on sale; there is nothing to wait for."


class NoOpenOffer(Refused):
    code = "no_open_offer"
    detail = "No seat is being kept for this entry."
