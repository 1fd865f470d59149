"""The checker tells apart what may happen to groups, and what may not; made by hand."""

import pytest

from reliability.checker import Verdict, check
from reliability.history import Answer
from tests.test_checker import (
    ADA,
    AVAILABLE,
    BOB,
    BOOKED,
    CYD,
    EXPIRE,
    accept,
    book,
    call,
    cancel,
    history,
    join,
    leave,
    refused,
    rows,
    see,
    waitlist,
)

pytestmark = pytest.mark.once


def hold(user, row, *places):
    return call("hold", user, Answer("held", row, value=places), places=places)


def order(user, new, *sold):
    places = tuple(place for _, place in sold)
    return call("order", user, Answer("ordered", new, value=sold), places=places)


def order_hold(user, held, new, *sold):
    return call("order_hold", user, Answer("ordered", new, value=sold), row=held)


def done(kind, row, user=ADA):
    return call(kind, user, Answer("done"), row=row)


def join_as(user, row, size, *, is_adjacent=False):
    return call("join", user, Answer("joined", row), size=size, is_adjacent=is_adjacent)


def accept_all(user, entry, new, *sold):
    return call("accept", user, Answer("ordered", new, value=sold), row=entry)


def accept_one(user, entry, new, place):
    return call("accept", user, Answer("booked", new, place), row=entry, size=1)


def sell_out(seats):
    """Let Ada book them all, a booking of id n + 1 at place n."""
    return [book(ADA, place + 1, place) for place in range(seats)]


WAITS_FOR_TWO = (*sell_out(3), join_as(BOB, 1, 2))
NEIGHBOURS_WANTED = (*sell_out(3), join_as(BOB, 1, 2, is_adjacent=True))
# Three times one seat goes on sale, and is sold again.
PASSED_OVER = (
    *NEIGHBOURS_WANTED[:-1],
    join_as(BOB, 1, 3),
    *(step for n in range(3, 6) for step in (cancel(n), book(ADA, n + 1, 2))),
)
OFFER_OF_TWO = (*WAITS_FOR_TWO, cancel(1), cancel(2))
PUT_UP = (book(ADA, 1), done("offer_back", 1))

EXPLAINED = {
    "a hold is ordered": history(
        hold(ADA, 1, 0, 1), order_hold(ADA, 1, 1, (1, 0), (2, 1)), seats=2
    ),
    "held seats are nobody else's": history(
        hold(ADA, 1, 0, 1), refused("hold", "seat_unavailable", BOB, places=(1, 2)), seats=3
    ),
    "a hold runs out, and its seats are sold": history(
        hold(ADA, 1, 0), EXPIRE, book(BOB, 1), refused("order_hold", "hold_ended", row=1)
    ),
    "a hold that is released goes to the line": history(
        hold(ADA, 1, 0), waitlist(BOB, 1), done("release", 1), accept(BOB, 1, 1)
    ),
    "a hold is refreshed once": history(
        hold(ADA, 1, 0), done("refresh", 1), refused("refresh", "hold_refreshed", row=1)
    ),
    "what is held counts for the limit": history(
        hold(ADA, 1, 0), refused("book", "limit_reached"), seats=2, limit=1
    ),
    "a hold of unknown outcome happened": history(
        call("hold", ADA, places=(0,)),
        waitlist(BOB, 1),
        rows(
            "published",
            (("held", ADA, 5, False),),
            entries=((1, BOB, "waiting", None, 1),),
            holds=((5, ADA, "open", False),),
        ),
    ),
    "a hold of unknown outcome happened and ran out": history(
        call("hold", ADA, size=1),
        waitlist(BOB, 1),
        EXPIRE,
        accept(BOB, 1, 1),
        rows(
            "published",
            (BOOKED,),
            ((1, BOB, 0, "active"),),
            ((1, BOB, "accepted", None, None),),
            ((5, ADA, "lapsed", False),),
        ),
    ),
    "an order of unknown outcome happened": history(
        call("order", ADA, size=2),
        waitlist(BOB, 1),
        rows(
            "published",
            (BOOKED, BOOKED),
            ((1, ADA, 0, "active"), (2, ADA, 1, "active")),
            ((1, BOB, "waiting", None, 1),),
            orders=((3, ADA, (1, 2)),),
        ),
        seats=2,
    ),
    "an order is cancelled as a whole": history(
        order(ADA, 1, (1, 0), (2, 1)), cancel(1), done("cancel_order", 1), see("see_event", 2),
        seats=2,
    ),
    "a party waits while a seat that doesn't fit it is sold": history(
        *WAITS_FOR_TWO, cancel(1), book(CYD, 4, 0), seats=3
    ),
    "a party gets any seats that fit it": history(
        *OFFER_OF_TWO, accept_all(BOB, 1, 1, (4, 0), (5, 1)), seats=3
    ),
    "a party that sits side by side waits for neighbours": history(
        *NEIGHBOURS_WANTED, cancel(1), cancel(3), see("see_event", 2), cancel(2),
        accept_all(BOB, 1, 1, (4, 1), (5, 2)), see("see_event", 1), seats=3,
    ),
    "who comes alone behind a party takes what doesn't fit it": history(
        *WAITS_FOR_TWO, join(CYD, 2), cancel(1), accept(CYD, 2, 4), seats=3
    ),
    "a party that was passed over has seats gathered": history(
        *PASSED_OVER, cancel(6), see("see_seats", ("booked", "booked", "held")), seats=3
    ),
    "what was gathered too long goes on sale": history(
        *PASSED_OVER, cancel(6), EXPIRE, see("see_event", 1), seats=3
    ),
    "a party accepts a part, and keeps the rest": history(
        *OFFER_OF_TWO,
        accept_one(BOB, 1, 4, 0),
        accept(BOB, 1, 5, 1),
        seats=3,
    ),
    "a party takes some of what is gathered, and goes on for the rest": history(
        *PASSED_OVER,
        cancel(6),
        accept_one(BOB, 1, 7, 2),
        see("see_line", ((1, 1, None, 2),), BOB),
        seats=3,
    ),
    "a seat that is offered back is its holder's until somebody takes it": history(
        *PUT_UP, see("see_bookings", ((1, ADA, 0, "active"),)), book(BOB, 2),
        see("see_bookings", ((1, ADA, 0, "cancelled"),)),
    ),
    "a seat that is offered back is kept for the line": history(
        book(ADA, 1), join(BOB, 1), done("offer_back", 1),
        refused("take_back", "seat_on_offer", row=1), accept(BOB, 1, 2),
    ),
    "one's own seat that is offered back is for others": history(
        book(ADA, 1), join(ADA, 1), join(BOB, 2), done("offer_back", 1), accept(BOB, 2, 2)
    ),
    "seats that are offered back are gathered": history(
        *PASSED_OVER, done("offer_back", 1),
        refused("take_back", "seat_on_offer", row=1), waitlist(CYD, 2), seats=3
    ),
    "an offer of a seat that is offered back runs out": history(
        book(ADA, 1), join(BOB, 1), done("offer_back", 1), EXPIRE, done("take_back", 1),
        see("see_bookings", ((1, ADA, 0, "active"),)),
    ),
}  # fmt: skip

UNEXPLAINED = {
    "a held seat is sold to another": history(hold(ADA, 1, 0), book(BOB, 1)),
    "a held seat is held by another": history(hold(ADA, 1, 0, 1), hold(BOB, 2, 1, 2), seats=3),
    "a hold keeps fewer seats than were named": history(
        book(BOB, 1, 0), call("hold", ADA, Answer("held", 1, value=(1,)), places=(0, 1)), seats=2
    ),
    "a hold of neighbours has a gap": history(
        call("hold", ADA, Answer("held", 1, value=(0, 2)), size=2, is_adjacent=True), seats=3
    ),
    "an order has fewer seats than its hold": history(
        hold(ADA, 1, 0, 1), order_hold(ADA, 1, 1, (1, 0)), seats=2
    ),
    "a hold is ordered past its deadline": history(
        hold(ADA, 1, 0), EXPIRE, order_hold(ADA, 1, 1, (1, 0))
    ),
    "a hold that was released keeps its seats": history(
        hold(ADA, 1, 0), done("release", 1), waitlist(BOB, 1)
    ),
    "a hold is refreshed twice": history(hold(ADA, 1, 0), done("refresh", 1), done("refresh", 1)),
    "somebody holds more than their limit": history(
        book(ADA, 1), hold(ADA, 1, 1), seats=2, limit=1
    ),
    "somebody is refused what is on sale": history(
        refused("hold", "seats_unavailable", size=2, is_adjacent=True), seats=2
    ),
    "a hold is lost": history(hold(ADA, 1, 0), rows("published", (AVAILABLE,))),
    "an order is lost, and its bookings aren't": history(
        order(ADA, 1, (1, 0)), rows("published", (BOOKED,), ((1, ADA, 0, "active"),))
    ),
    "a cancelled order leaves a booking": history(
        order(ADA, 1, (1, 0), (2, 1)), done("cancel_order", 1), see("see_event", 1), seats=2
    ),
    "a party waits while seats that fit it are on sale": history(
        *WAITS_FOR_TWO, cancel(1), cancel(2), see("see_event", 2), seats=3
    ),
    "a party is told to wait while what it asks for is on sale": history(
        join_as(BOB, 1, 2), seats=3
    ),
    "a party is offered fewer seats than it wants": history(
        *WAITS_FOR_TWO, cancel(1), accept(BOB, 1, 4), seats=3
    ),
    "a party that has to sit side by side is split": history(
        *NEIGHBOURS_WANTED, cancel(1), cancel(3), accept_all(BOB, 1, 1, (4, 0), (5, 2)), seats=3
    ),
    "seats that fit the first go to a party behind it": history(
        *WAITS_FOR_TWO, join_as(CYD, 2, 2), cancel(1), cancel(2),
        accept_all(CYD, 2, 1, (4, 0), (5, 1)), seats=3,
    ),
    "a party is passed over once too often": history(
        *PASSED_OVER, cancel(6), see("see_event", 1), seats=3
    ),
    "what is gathered for a party is sold": history(
        *PASSED_OVER, cancel(6), book(CYD, 7, 2), seats=3
    ),
    "a party accepts a part, and loses the rest": history(
        *OFFER_OF_TWO,
        accept_one(BOB, 1, 4, 0),
        refused("accept", "no_open_offer", BOB, row=1),
        seats=3,
    ),
    "a seat that is offered back is sold to two": history(
        *PUT_UP, book(BOB, 2), see("see_bookings", ((1, ADA, 0, "active"),))
    ),
    "a seat that is offered back is sold while another is on sale": history(
        *PUT_UP, book(BOB, 2, 0), seats=2
    ),
    "a seat that is offered back is lost though nobody took it": history(
        *PUT_UP, see("see_bookings", ((1, ADA, 0, "cancelled"),))
    ),
    "one's own seat that is offered back is offered to oneself": history(
        book(ADA, 1), join(ADA, 1), done("offer_back", 1), accept(ADA, 1, 2)
    ),
    "a seat that is gathered, though it is offered back, is sold": history(
        *PASSED_OVER, done("offer_back", 1), book(CYD, 7), seats=3
    ),
    "who left is offered what is offered back": history(
        book(ADA, 1), join(BOB, 1), leave(1, BOB), done("offer_back", 1), accept(BOB, 1, 2)
    ),
    "a hold of unknown outcome kept a seat that was sold": history(
        book(BOB, 1),
        call("hold", ADA, size=1),
        rows(
            "published",
            (BOOKED,),
            ((1, BOB, 0, "active"),),
            holds=((5, ADA, "lapsed", False),),
        ),
    ),
}  # fmt: skip


@pytest.mark.parametrize("told", EXPLAINED.values(), ids=EXPLAINED)
def test_history_of_groups_that_may_be_is_explained(told):
    assert check(told).verdict is Verdict.EXPLAINED


@pytest.mark.parametrize("told", UNEXPLAINED.values(), ids=UNEXPLAINED)
def test_history_of_groups_that_must_not_be_is_unexplained(told):
    assert check(told).verdict is Verdict.UNEXPLAINED
