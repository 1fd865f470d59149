"""Entries with all that is shown of them."""

from django.db.models import QuerySet

from waitlists.models import WaitlistEntry


def shown_entries() -> QuerySet[WaitlistEntry]:
    """Return entries with their event, their offered seat and their position, in one statement."""
    return WaitlistEntry.objects.with_position().select_related("event", "offered_seat")
