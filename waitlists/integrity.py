"""What the rows of lines can show of the promises: each look returns what breaks one."""

from collections.abc import Callable, Iterator
from datetime import datetime

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.db.models.lookups import Exact

from events.halls import available_ids, hall_of
from events.models import Event, Seat
from waitlists.models import WaitlistEntry, wish_fitted_by
from waitlists.places import ITS_PLACE, PLACE, behind
from waitlists.releasing import owned

Row = tuple[int, int]


def kept_for_nobody_in_line() -> QuerySet[Seat]:
    """Return seats that are kept for somebody without an offer or a party to gather them for."""
    live = WaitlistEntry.objects.live().filter(event=OuterRef("event"), user=OuterRef("held_for"))
    entries = live.filter(Q(status=WaitlistEntry.Status.OFFERED) | Q(party_size__gt=1))
    return Seat.objects.kept_for_line().filter(~Exists(entries))


def offers_without_seats() -> QuerySet[WaitlistEntry]:
    """Return open offers of more or fewer seats than are kept for their owners."""
    offered = WaitlistEntry.objects.offered()
    first = _kept().filter(id=OuterRef("offered_seat"))
    number = _kept().order_by().values("event").annotate(number=Count("*")).values("number")
    kept = offered.annotate(kept=Coalesce(Subquery(number), 0))
    return kept.filter(~Exists(first) | ~Q(kept=F("party_size")))


def in_line_twice() -> QuerySet[WaitlistEntry]:
    other = WaitlistEntry.objects.live().filter(
        event=OuterRef("event"), user=OuterRef("user"), id__lt=OuterRef("id")
    )
    return WaitlistEntry.objects.live().filter(Exists(other))


def in_one_place() -> QuerySet[WaitlistEntry]:
    other = WaitlistEntry.objects.waiting().filter(
        Exact(PLACE, ITS_PLACE), event=OuterRef("event"), id__lt=OuterRef("id")
    )
    return WaitlistEntry.objects.waiting().filter(Exists(other))


def gathering_beside_another() -> QuerySet[WaitlistEntry]:
    """Return those for whom seats are gathered while they are for somebody ahead, too."""
    gathering = WaitlistEntry.objects.waiting().filter(Exists(_kept()))
    ahead = gathering.filter(~behind(ITS_PLACE), event=OuterRef("event")).exclude(id=OuterRef("id"))
    return gathering.filter(Exists(ahead))


def waiting_for_what_is_on_sale() -> Iterator[Row]:
    """Yield the event and the entry of everybody whom seats on sale would fit."""
    line = WaitlistEntry.objects.filter(event=OuterRef("id")).waiting()
    seats = Seat.objects.filter(event=OuterRef("id"))
    is_there = Exists(seats.available()) | Exists(seats.offered_back())
    events = Event.objects.filter(Exists(line), is_there).order_by("id")
    for event_id in list(events.values_list("id", flat=True)):
        for entry in whom_seats_on_sale_fit(event_id):
            yield event_id, entry.id


def whom_seats_on_sale_fit(event_id: int) -> list[WaitlistEntry]:
    """Return those waiting for whom there are seats on sale, or offered back by somebody else."""
    put_up = list(Seat.objects.filter(event_id=event_id).offered_back())
    seats = {*available_ids(event_id), *(seat.id for seat in put_up)}
    hall, own = hall_of(event_id), owned(put_up)
    may_fit = wish_fitted_by(seats=len(seats), block=hall.longest_block(seats))
    return [
        entry
        for entry in WaitlistEntry.objects.filter(event_id=event_id).waiting().filter(may_fit)
        if hall.choose(
            seats - own.get(entry.user_id, frozenset()),
            quantity=entry.party_size,
            adjacent=entry.adjacent,
        )
    ]


def passed_over(theirs: Callable[[WaitlistEntry, datetime], QuerySet[Seat]]) -> Iterator[Row]:
    """Yield everybody behind whom seats were offered that would have fitted themselves.

    But for seats that were `theirs` already: an entry's owner's, at a moment.
    """
    asked_at = Coalesce(OuterRef("asked_at"), OuterRef("created_at"))
    later = WaitlistEntry.objects.offered().filter(
        behind(ITS_PLACE),
        event=OuterRef("event"),
        party_size__gte=OuterRef("party_size"),
        offered_at__gt=asked_at,
    )
    passed = WaitlistEntry.objects.waiting().filter(Exists(later)).order_by("event", "id")
    for entry in passed:
        offers = _later_offers(entry)
        if any(_fits(entry, offer, but=theirs(entry, offer.offered_at)) for offer in offers):
            yield entry.event_id, entry.id


def _later_offers(entry: WaitlistEntry) -> QuerySet[WaitlistEntry]:
    """Return the offers of enough seats that were made behind an entry since it asks for them."""
    since = entry.asked_at or entry.created_at
    behind_it = WaitlistEntry.objects.offered().filter(behind(entry.its_place))
    return behind_it.filter(
        event=entry.event_id, party_size__gte=entry.party_size, offered_at__gt=since
    )


def _fits(entry: WaitlistEntry, offer: WaitlistEntry, *, but: QuerySet[Seat]) -> bool:
    """Tell whether the seats of an offer fit an entry, but for some."""
    kept = Seat.objects.kept_for_line().filter(event=entry.event_id, held_for=offer.user_id)
    seat_ids = list(kept.exclude(id__in=but.values("id")).values_list("id", flat=True))
    hall = hall_of(entry.event_id)
    return bool(hall.choose(seat_ids, quantity=entry.party_size, adjacent=entry.adjacent))


def _kept() -> QuerySet[Seat]:
    seats = Seat.objects.kept_for_line()
    return seats.filter(event=OuterRef("event"), held_for=OuterRef("user"))
