"""Giving seats back: first to the line, and only what nobody there gets goes on sale.

Who gets which is decided by `waitlists.sharing`. Functions that take a `gate` run inside the
caller's transaction.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import F, Q
from django.db.models.functions import Coalesce

from evently.api.logs import log_change
from evently.audit.services import record, record_all
from events import counts
from events import gate as gates
from events.errors import EventNotOnSale
from events.gate import Gate
from events.halls import available_ids, hall_of
from events.models import MAX_TOGETHER, Event, Seat, SeatQuerySet
from events.services import block_for_good, find_event, put_on_sale, seat_change
from notifications.services import notify
from waitlists.entries import Status, compose_of, ids_of, list_of, named, step
from waitlists.errors import NobodyWaits
from waitlists.models import WaitlistEntry, WaitlistEntryQuerySet, wish_fitted_by
from waitlists.places import behind, up_to
from waitlists.sharing import Pool, Shares, Wish, share_out

ENTRIES_PER_LOOK = 100


def release(gate: Gate, *, event: Event, seats: list[Seat]) -> int:
    """Give seats back: to those in line, or to the sale when nobody waits whom they fit.

    Those of a cancelled event are blocked. Return by how many more seats are on sale, for the
    caller to count with what else has changed. Nobody else sets a seat free. Needs the exclusive
    gate as soon as somebody waits.
    """
    if event.status == Event.Status.CANCELLED:
        block_for_good(gate, seat_ids=[seat.id for seat in seats])
        return 0
    heads = list(_waiting(event)[: len(seats)])
    if any(head.party_size > 1 for head in heads) or any(seat.is_offered_back for seat in seats):
        return serve_line(gate, event=event, freed=seats)
    if heads:
        gate.require_exclusive()
        pairs = zip(heads, seats, strict=False)
        _offer(gate, event, [(head, [seat]) for head, seat in pairs])
    return _put_back(gate, seats[len(heads) :])


def serve_line(
    gate: Gate,
    *,
    event: Event,
    freed: Iterable[Seat] = (),
    for_sale: bool = True,
    asking: WaitlistEntry | None = None,
) -> int:
    """Share out what came free, with what is gathered and on sale, among those in line.

    What nobody gets goes on sale, or stays as it is. What is there already fits nobody by itself,
    but whoever has just come to be `asking` for this many. Return by how many more seats are on
    sale. Exclusive gate.
    """
    gate.require_exclusive()
    known = {seat.id: seat for seat in freed}
    gathered = {seat.id: seat for seat in _gathered(event).lock() if seat.id not in known}
    loose = sorted([*known.values(), *gathered.values()], key=lambda seat: seat.position)
    put_up = list(_offered_back(event).lock())
    there = _there_for(asking, put_up) if asking else []
    beside = [*_on_sale_beside(event, loose, there), *put_up]
    on_sale = {seat.id: seat for seat in beside if seat.id not in known}
    known |= gathered | on_sale

    seat_ids = [seat.id for seat in loose]
    pool = Pool(hall_of(event.id), seat_ids, on_sale=on_sale, gathered=gathered)
    line = _Line(gate, event, pool, owned(known.values()))
    shares = share_out(pool, line.wishes())

    offers = [
        (line.entries[entry_id], [known[seat_id] for seat_id in seat_ids])
        for entry_id, seat_ids in shares.offers.items()
    ]
    sold_from = sum(seat.is_available for _, seats in offers for seat in seats)
    if offers:
        _offer(gate, event, offers)
    if pool.gatherer is not None:
        keeper = line.entries[pool.gatherer]
        _gather(gate, event, keeper, [known[seat_id] for seat_id in shares.gathered])
    _pass_over(event, gate.now, line, shares, is_sold=for_sale and bool(shares.left))
    left = [known[seat_id] for seat_id in shares.left if for_sale or seat_id in gathered]
    return _put_back(gate, left) - sold_from


def unblock_seats(*, event_id: int, seat_ids: list[int]) -> int:
    """Give blocked seats back, to the line first; return how many. Exclusive gate.

    Raises: EventNotFound, EventNotOnSale for a cancelled event, whose seats stay out of the sale.
    """

    def unblock(gate: Gate) -> int:
        event = find_event(event_id)
        if event.status == Event.Status.CANCELLED:
            raise EventNotOnSale
        seats = list(_blocked(event_id, seat_ids).lock())
        counts.count_change(gate, available=release(gate, event=event, seats=seats))
        return _record_unblocked(gate, seats)

    return gates.run_exclusively(event_id, unblock)


def offer_seats(*, event_id: int, seat_ids: list[int]) -> int:
    """Offer blocked seats to those first in line, without a sale between; return how many.

    The seats are taken by position; what is left when everybody has an offer stays blocked. A
    party that they don't fit is passed over, as elsewhere. Exclusive gate.

    Raises: EventNotFound, EventNotOnSale, NobodyWaits.
    """

    def offer(gate: Gate) -> int:
        event = find_event(event_id)
        if not event.is_on_sale:
            raise EventNotOnSale
        if not _waiting(event).exists():
            raise NobodyWaits
        seats = list(_blocked(event_id, seat_ids).lock())
        counts.count_change(
            gate, available=serve_line(gate, event=event, freed=seats, for_sale=False)
        )
        return _record_unblocked(gate, [seat for seat in seats if seat.is_held])

    return gates.run_exclusively(event_id, offer)


def deadline_of(event: Event, now: datetime, minutes: int) -> datetime:
    """Return when seats that are kept from now on are given back: by the event's start, anyway.

    Unless that has passed.
    """
    deadline = now + timedelta(minutes=minutes)
    return min(deadline, event.start_time) if event.start_time > now else deadline


def owned(seats: Iterable[Seat]) -> dict[int, frozenset[int]]:
    """Tell, by user, whose own seats are among these, since they are only offered back."""
    own: dict[int, set[int]] = defaultdict(set)
    for seat in seats:
        if seat.offered_back_by_id is not None:
            own[seat.offered_back_by_id].add(seat.id)
    return {user_id: frozenset(seat_ids) for user_id, seat_ids in own.items()}


class _Line:
    """Those who wait, from the head on, as far as they can get anything of a pool."""

    def __init__(
        self, gate: Gate, event: Event, pool: Pool, own: dict[int, frozenset[int]]
    ) -> None:
        self.event = event
        self.pool = pool
        self.own = own
        self.entries: dict[int, WaitlistEntry] = {}
        self._impatient = Q(passed_over__gte=settings.EVENTLY_PARTY_PATIENCE) | Q(
            passed_over_since__lte=gate.now
            - timedelta(minutes=settings.EVENTLY_PARTY_PATIENCE_MINUTES)
        )

    def wishes(self) -> Iterator[Wish]:
        place = 0
        while entries := self._next(place):
            for entry in entries:
                self.entries[entry.id] = entry
                place = entry.its_place
                own = self.own.get(entry.user_id, frozenset())
                wish = entry.party_size, entry.adjacent, entry.has_lost_patience
                yield Wish(entry.id, *wish, own)

    def _next(self, place: int) -> list[WaitlistEntry]:
        pool = self.pool
        may_fit = wish_fitted_by(seats=len(pool.seats), block=pool.longest_block)
        may_gather = self._impatient if pool.gatherer is None else Q(id__in=[])
        line = _waiting(self.event).filter(behind(place)).filter(may_fit | may_gather)
        return list(line.annotate(has_lost_patience=self._impatient)[:ENTRIES_PER_LOOK])


def _waiting(event: Event) -> WaitlistEntryQuerySet:
    return WaitlistEntry.objects.filter(event_id=event.id).waiting()


def _gathered(event: Event) -> SeatQuerySet:
    people = _waiting(event).order_by().values("user_id")
    return Seat.objects.filter(event_id=event.id, held_for__in=people).kept_for_line()


def _offered_back(event: Event) -> SeatQuerySet:
    return Seat.objects.filter(event_id=event.id).offered_back()


def _there_for(entry: WaitlistEntry, put_up: list[Seat]) -> list[int]:
    """Return seats on sale or offered back that fit an entry, wherever they are; none if none do.

    They are read without a lock, since nobody sells them meanwhile.
    """
    own = owned(put_up).get(entry.user_id, frozenset())
    seat_ids = {*available_ids(entry.event_id), *(seat.id for seat in put_up)} - own
    hall = hall_of(entry.event_id)
    return hall.choose(seat_ids, quantity=entry.party_size, adjacent=entry.adjacent) or []


def _on_sale_beside(event: Event, loose: list[Seat], there: list[int]) -> list[Seat]:
    """Lock and return what is on sale that may fit somebody, mostly together with other seats.

    That is as many seats as a party may want, wherever they are, all that may be in one block
    with one of the others, since neighbours follow one another by position, and what is `there`
    for somebody.
    """
    on_sale = Seat.objects.filter(event_id=event.id).available()
    # Plainly: under the exclusive gate a seat that is locked is locked by a stranger.
    first = on_sale.order_by("position").values("position")[:MAX_TOGETHER]
    wanted = Q(position__in=list(first.values_list("position", flat=True))) | Q(id__in=there)
    if loose:
        wanted |= Q(
            position__gt=loose[0].position - MAX_TOGETHER,
            position__lt=loose[-1].position + MAX_TOGETHER,
        )
    return list(on_sale.filter(wanted).lock())


def _offer(gate: Gate, event: Event, pairs: list[tuple[WaitlistEntry, list[Seat]]]) -> None:
    """Keep seats for each entry: a few statements, however many come free at once."""
    until = deadline_of(event, gate.now, settings.EVENTLY_OFFER_MINUTES)
    for entry, seats in pairs:
        entry.status, entry.offered_seat, entry.offered_at = Status.OFFERED, seats[0], gate.now
        entry.passed_over, entry.passed_over_since = 0, None
    _keep(event, ((entry, seat) for entry, seats in pairs for seat in seats), until)
    # It names the event as well as the rows: a sharded database is told where to go.
    WaitlistEntry.objects.filter(event_id=event.id).bulk_update(
        [entry for entry, _ in pairs],
        ["status", "offered_seat", "offered_at", "passed_over", "passed_over_since"],
    )
    shown = event.local_time(until)
    notify(
        compose_of("seat_offered", gate, event, entry.user_id, seat=list_of(seats), until=shown)
        for entry, seats in pairs
    )
    for entry, seats in pairs:
        for seat in seats:
            log_change("seat_offered", event_id=event.id, entry_id=entry.id, seat_id=seat.id)
    steps = (step(entry, Status.WAITING, Status.OFFERED, seats) for entry, seats in pairs)
    record_all("seat_offered", steps, at=gate.now)


def _gather(gate: Gate, event: Event, entry: WaitlistEntry, seats: list[Seat]) -> None:
    """Keep seats for a party until there are enough; as long as for the first of them."""
    news = [seat for seat in seats if not seat.is_kept_in_line_for(entry.user_id)]
    if not news:
        return
    until = deadline_of(event, gate.now, settings.EVENTLY_PARTY_PATIENCE_MINUTES)
    for seat in set(seats) - set(news):
        until = min(until, seat.held_until or until)
    _keep(event, [(entry, seat) for seat in news], until)
    record("entry_gathers", at=gate.now, after=named(seats), **ids_of(entry))


def _keep(event: Event, pairs: Iterable[tuple[WaitlistEntry, Seat]], until: datetime) -> None:
    kept = []
    for entry, seat in pairs:
        if not seat.is_offered_back:
            seat.status = Seat.Status.HELD
        seat.held_for_id, seat.held_until, seat.hold = entry.user_id, until, None
        kept.append(seat)
    Seat.objects.filter(event_id=event.id).bulk_update(
        kept, ["status", "held_for", "held_until", "hold", "offered_back_by"]
    )


def _pass_over(event: Event, now: datetime, line: _Line, shares: Shares, *, is_sold: bool) -> None:
    """Count it for all parties that got nothing, while somebody behind or the sale did.

    No more often than they have patience for, so that a long line isn't written each time.
    """
    passed = Q(party_size__gt=1, passed_over__lt=settings.EVENTLY_PARTY_PATIENCE)
    passed &= ~Q(id=line.pool.gatherer or 0)
    if not is_sold:
        if shares.last is None:
            return
        passed &= Q(up_to(line.entries[shares.last].its_place))
    _waiting(event).order_by().filter(passed).update(
        passed_over=F("passed_over") + 1,
        passed_over_since=Coalesce("passed_over_since", now),
    )


def _put_back(gate: Gate, seats: list[Seat]) -> int:
    """Put on sale what nobody in line gets; return how many.

    A seat that is offered back stays its holder's.
    """
    offered_back = [seat.id for seat in seats if seat.is_offered_back]
    if offered_back:
        kept = Seat.objects.filter(event_id=gate.event_id, id__in=offered_back)
        kept.update(held_for=None, held_until=None)
    others = [seat.id for seat in seats if not seat.is_offered_back]
    return put_on_sale(gate, seat_ids=others) if others else 0


def _blocked(event_id: int, seat_ids: list[int]) -> SeatQuerySet:
    return Seat.objects.filter(event_id=event_id, id__in=seat_ids, status=Seat.Status.BLOCKED)


def _record_unblocked(gate: Gate, seats: list[Seat]) -> int:
    log_change("seats_unblocked", event_id=gate.event_id, seats=len(seats))
    record_all("seats_unblocked", map(_unblocked, seats), at=gate.now)
    return len(seats)


def _unblocked(seat: Seat) -> dict[str, Any]:
    # As `release` left it: held where it was offered to somebody, else on sale.
    status = Seat.Status.HELD if seat.is_held else Seat.Status.AVAILABLE
    return seat_change(seat.event_id, seat.id, Seat.Status.BLOCKED, status)
