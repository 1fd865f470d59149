"""Why something about a line can't be done."""

from django.utils.translation import gettext_noop as _

from evently.api.errors import Invalid, Missing, Refused


class EntryNotFound(Missing):
    code = "not_found"
    detail = _("There is no such entry.")


class SeatsAvailable(Refused):
    code = "seats_available"
    detail = _("Seats of this event are on sale; there is nothing to wait for.")


class PartyFitsNowhere(Refused):
    code = "party_fits_nowhere"
    detail = _("This event has no room for so many, or not side by side, or for one person.")


class NoOpenOffer(Refused):
    code = "no_open_offer"
    detail = _("No seat is being kept for this entry.")


class NotWaiting(Refused):
    code = "not_waiting"
    detail = _("Only who waits has a position in the line.")


class NobodyWaits(Refused):
    code = "nobody_waits"
    detail = _("Nobody waits for a seat of this event.")


class MoveUnclear(Invalid):
    code = "move_unclear"
    detail = _("A move takes a position from 1 on, and a reason of 1 to 200 characters.")
