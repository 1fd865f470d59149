"""What the tests of the line share: offers made in earnest, and looks at what became of them."""

from bookings.models import Booking
from notifications.models import Notification
from tests import gates
from tests.factories import make_entry, make_full_event
from waitlists import services
from waitlists.models import WaitlistEntry


def make_offer(event=None):
    """Return an entry that the first seat of a full event is held for."""
    event = event or make_full_event()[0]
    entry = make_entry(event)
    give_back(event, Booking.objects.filter(event=event).order_by("seat__position").first())
    return reread(entry)


def give_back(event, *bookings):
    """Cancel bookings and release their seats in one go; return the moment."""
    with gates.exclusive(event.id) as gate:
        for booking in bookings:
            booking.status, booking.cancelled_at = "cancelled", gate.now
            booking.save()
        services.release(gate, event=event, seats=[booking.seat for booking in bookings])
    return gate.now


def reread(entry):
    return WaitlistEntry.objects.select_related("event", "offered_seat").get(id=entry.id)


def states(*entries):
    return [reread(entry).status for entry in entries]


def seats_of(event):
    return list(event.seats.order_by("position").values_list("status", flat=True))


def told(entry):
    """Return the kinds of what the entry's owner was told, in order."""
    words = Notification.objects.filter(user_id=entry.user_id).order_by("id")
    return list(words.values_list("kind", flat=True))
