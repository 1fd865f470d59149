"""Bugs about several seats at once: holds, orders, parties, offering back."""

from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import Q
from django.db.models.signals import post_migrate

from bookings import choosing, sales
from bookings.choosing import SeatsTaken
from bookings.offering_back import hand_over
from events import gate
from events.models import Hold, Seat
from reliability.sabotage.patching import patch, replace
from waitlists import services as waitlists
from waitlists.entries import Status, end_entries
from waitlists.models import WaitlistEntry, wish_fitted_by
from waitlists.sharing import Pool, Wish


def hold_not_all_or_none() -> None:
    """Of several seats that are named, those that are left are kept or sold."""

    def lock_what_is_left(passed: gate.Gate, wish: choosing.Wish) -> list[Seat]:
        try:
            return really(passed, wish)
        except SeatsTaken as refusal:
            taken = {seat["seat_number"] for seat in refusal.members["unavailable"]}
            left = [number for number in wish.seat_numbers if number not in taken]
            if not left:
                raise
            return really(passed, choosing.Wish(seat_numbers=left))

    really = choosing._lock_named
    replace(really, lock_what_is_left)


def held_seats_sold() -> None:
    """An order takes seats that are held for others."""

    def lock_held_too(passed: gate.Gate, wish: choosing.Wish) -> list[Seat]:
        named = Seat.objects.filter(event_id=passed.event_id, seat_number__in=wish.seat_numbers)
        seats = list(named.lock())
        is_taken = any(not seat.is_available and not seat.is_held for seat in seats)
        return really(passed, wish) if is_taken else seats

    really = choosing._lock_named
    replace(really, lock_held_too)


def holds_deadline_ignored() -> None:
    """The seats of a hold are ordered past its deadline."""
    patch(Hold, "is_open", lambda _: lambda hold, now: hold.status == Hold.Status.OPEN)


def holds_not_limited() -> None:
    """What somebody's holds keep doesn't count for their limit."""
    replace(sales._kept_in_holds, lambda *args, **kwargs: Seat.objects.none())


def party_offered_fewer() -> None:
    """A party is offered what there is, though it wants more."""

    def choose_fewer(pool: Pool, wish: Wish) -> list[int] | None:
        fewer = wish._replace(size=max(1, min(wish.size, len(pool.seats))))
        return really(pool, fewer) if pool.seats else None

    really = Pool.choose
    patch(Pool, "choose", lambda _: choose_fewer)
    replace(wish_fitted_by, lambda **_: Q())


def party_split() -> None:
    """A party that has to sit side by side is offered seats that are apart."""
    patch(Pool, "choose", lambda really: lambda p, wish: really(p, wish._replace(adjacent="no")))
    patch(Pool, "longest_block", lambda _: property(lambda pool: len(pool.seats)))


def patience_without_end() -> None:
    """A party is passed over without end."""
    settings.EVENTLY_PARTY_PATIENCE = 1_000


def rest_of_an_offer_dropped() -> None:
    """Who accepts a part of an offer loses the rest."""

    def end(passed: gate.Gate, entry: WaitlistEntry, *args: Any) -> None:
        entry.status = Status.ACCEPTED
        end_entries(passed, [entry], entry.status)

    replace(waitlists._go_on_without, end)


def offered_back_sold_to_two() -> None:
    """A seat that is offered back is sold, and stays its holder's as well."""

    def drop_constraint(**kwargs: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute("DROP INDEX IF EXISTS booking_active_once_per_seat")

    replace(hand_over, lambda *args: None)
    post_migrate.connect(drop_constraint, weak=False)
