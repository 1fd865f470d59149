"""Entries with all that is shown of them."""

from collections import defaultdict

from django.db.models import F, QuerySet

from events.models import Seat, unfolded
from events.shapes import Row
from waitlists.models import WaitlistEntry, WaitlistEntryQuerySet
from waitlists.shapes import ENTRY_COLUMNS, shape_entry


def shown_entries(entries: WaitlistEntryQuerySet) -> QuerySet[WaitlistEntry, Row]:
    """Return rows of `ENTRY_COLUMNS`, in one statement."""
    told = entries.with_position().annotate(
        booked=F("event__seat_count__booked") + unfolded("booked", event="event"),
        cancelled=F("event__seat_count__cancelled") + unfolded("cancelled", event="event"),
    )
    return told.values(*ENTRY_COLUMNS)


def shown_entry(entry_id: int) -> Row | None:
    """Return an entry as the API shows it."""
    rows = list(shown_entries(WaitlistEntry.objects.filter(id=entry_id)))
    attach_kept_seats(rows)
    return shape_entry(rows[0]) if rows else None


def attach_kept_seats(rows: list[Row]) -> None:
    """Give the rows of parties the seats that are kept for them: one statement, if there are any.

    Whoever waits alone has none but the one that is offered.
    """
    parties = {(row["event_id"], row["user_id"]): row for row in rows if row["party_size"] > 1}
    if not parties:
        return
    events, users = map(set, zip(*parties, strict=True))
    kept: dict[tuple[int, int], list[Row]] = defaultdict(list)
    seats = Seat.objects.kept_for_line().filter(event__in=events, held_for__in=users)
    columns = seats.order_by("position").values_list("event", "held_for", "id", "seat_number")
    for event_id, user_id, seat_id, seat_number in columns:
        kept[event_id, user_id].append({"id": seat_id, "seat_number": seat_number})
    for pair, row in parties.items():
        row["kept_seats"] = kept[pair]
