"""What is recorded: every change by staff, and every booking, cancel, offer and lapse."""

from django.db.models import TextChoices


class Subject(TextChoices):
    """The kind of row that was changed."""

    BOOKING = "booking"
    ENTRY = "entry"
    SEAT = "seat"
    EVENT = "event"
    USER = "user"
    TOKEN = "token"
    GROUP = "group"


class Action(TextChoices):
    BOOKING_MADE = "booking_made"
    BOOKING_CANCELLED = "booking_cancelled"
    SEAT_OFFERED = "seat_offered"
    OFFER_ACCEPTED = "offer_accepted"
    OFFER_LAPSED = "offer_lapsed"
    # Recorded where it ends an offer, or is another's doing; else it is a line in the log only.
    WAITLIST_LEFT = "waitlist_left"
    ENTRY_MOVED = "entry_moved"
    SEATS_BLOCKED = "seats_blocked"
    SEATS_UNBLOCKED = "seats_unblocked"
    EVENT_CREATED = "event_created"
    EVENT_CHANGED = "event_changed"
    EVENT_CANCELLED = "event_cancelled"
    EVENT_DELETED = "event_deleted"
    EVENT_REPAIRED = "event_repaired"
    USER_CREATED = "user_created"
    USER_CHANGED = "user_changed"
    USER_DELETED = "user_deleted"
    USER_ERASED = "user_erased"
    PASSWORD_CHANGED = "password_changed"
    FACTOR_ADDED = "factor_added"
    FACTOR_REMOVED = "factor_removed"
    GROUP_CREATED = "group_created"
    GROUP_CHANGED = "group_changed"
    GROUP_DELETED = "group_deleted"
    TOKEN_CREATED = "token_created"
    TOKEN_REVOKED = "token_revoked"

    @property
    def subject(self) -> Subject:
        return _SUBJECTS[self.value.partition("_")[0]]


# By the action's first word.
_SUBJECTS = {
    "booking": Subject.BOOKING,
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
