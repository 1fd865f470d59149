"""What is recorded: every change by staff, and every booking, hold, cancel, offer and lapse."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Subject(TextChoices):
    """The kind of row that was changed."""

    BOOKING = "booking", _("Booking")
    ENTRY = "entry", _("Entry")
    ORDER = "order", _("Order")
    HOLD = "hold", _("Hold")
    SEAT = "seat", _("Seat")
    EVENT = "event", _("Event")
    USER = "user", _("User")
    TOKEN = "token", _("Token")
    GROUP = "group", _("Group")


class Action(TextChoices):
    BOOKING_MADE = "booking_made", _("Booking made")
    BOOKING_CANCELLED = "booking_cancelled", _("Booking cancelled")
    BOOKING_OFFERED_BACK = "booking_offered_back", _("Booking offered back")
    BOOKING_KEPT = "booking_kept", _("Booking kept after all")
    ORDER_MADE = "order_made", _("Order made")
    ORDER_CANCELLED = "order_cancelled", _("Order cancelled")
    HOLD_MADE = "hold_made", _("Hold made")
    HOLD_REFRESHED = "hold_refreshed", _("Hold refreshed")
    HOLD_RELEASED = "hold_released", _("Hold released")
    HOLD_LAPSED = "hold_lapsed", _("Hold lapsed")
    SEAT_OFFERED = "seat_offered", _("Seat offered")
    OFFER_ACCEPTED = "offer_accepted", _("Offer accepted")
    OFFER_LAPSED = "offer_lapsed", _("Offer lapsed")
    # Recorded where it ends an offer, or is another's doing; else it is a line in the log only.
    WAITLIST_LEFT = "waitlist_left", _("Waitlist left")
    ENTRY_GATHERS = "entry_gathers", _("Seats gathered")
    ENTRY_MOVED = "entry_moved", _("Entry moved")
    SEATS_BLOCKED = "seats_blocked", _("Seats blocked")
    SEATS_UNBLOCKED = "seats_unblocked", _("Seats unblocked")
    EVENT_CREATED = "event_created", _("Event created")
    EVENT_CHANGED = "event_changed", _("Event changed")
    EVENT_CANCELLED = "event_cancelled", _("Event cancelled")
    EVENT_DELETED = "event_deleted", _("Event deleted")
    EVENT_REPAIRED = "event_repaired", _("Event repaired")
    USER_CREATED = "user_created", _("User created")
    USER_CHANGED = "user_changed", _("User changed")
    USER_DELETED = "user_deleted", _("User deleted")
    USER_ERASED = "user_erased", _("User erased")
    PASSWORD_CHANGED = "password_changed", _("Password changed")
    FACTOR_ADDED = "factor_added", _("Factor added")
    FACTOR_REMOVED = "factor_removed", _("Factor removed")
    GROUP_CREATED = "group_created", _("Group created")
    GROUP_CHANGED = "group_changed", _("Group changed")
    GROUP_DELETED = "group_deleted", _("Group deleted")
    TOKEN_CREATED = "token_created", _("Token created")
    TOKEN_REVOKED = "token_revoked", _("Token revoked")

    @property
    def subject(self) -> Subject:
        return _SUBJECTS[self.value.partition("_")[0]]


# By the action's first word.
_SUBJECTS = {
    "booking": Subject.BOOKING,
    "order": Subject.ORDER,
    "hold": Subject.HOLD,
    "offer": Subject.ENTRY,
    "seat": Subject.ENTRY,  # it is offered to somebody
    "waitlist": Subject.ENTRY,
    "entry": Subject.ENTRY,
    "seats": Subject.SEAT,
    "event": Subject.EVENT,
    "user": Subject.USER,
    "password": Subject.USER,
    "factor": Subject.USER,  # the second one, of the staff site's login
    "token": Subject.TOKEN,
    "group": Subject.GROUP,
}
