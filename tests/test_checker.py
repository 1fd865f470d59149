"""The checker explains what may happen, and nothing else. Each history is made by hand."""

import pytest

from reliability.checker import Verdict, check
from reliability.history import NEVER, Answer, Call, History, load

pytestmark = pytest.mark.once

ADA, BOB, CYD = 1, 2, 3


def call(kind, user=ADA, answer=None, **about):
    return Call(kind, 0, NEVER, answer, user, **about)


def book(user, row, place=0):
    return call("book", user, Answer("booked", row, place))


def waitlist(user, row):
    return call("book", user, Answer("waitlisted", row))


def cancel(row, user=ADA):
    return call("cancel", user, Answer("done"), row=row)


def join(user, row):
    return call("join", user, Answer("joined", row))


def leave(row, user=ADA):
    return call("leave", user, Answer("done"), row=row)


def accept(user, entry, row, place=0):
    return call("accept", user, Answer("booked", row, place), row=entry)


def refused(kind, code, user=ADA, **about):
    return call(kind, user, Answer("refused", code=code), **about)


def see(kind, value, user=ADA):
    return call(kind, user, Answer("seen", value=value))


def rows(status, seats=(), bookings=(), entries=(), holds=(), orders=(), heard=()):
    return see("see_rows", (status, seats, bookings, entries, holds, orders, heard))


AVAILABLE = ("available", None, None, False)
BOOKED = ("booked", None, None, False)
EXPIRE = call("expire", answer=Answer("done"))
DELETE = call("delete", answer=Answer("done"))
CANCEL_EVENT = call("cancel_event", answer=Answer("done"))


def history(*steps, seats=1, limit=0):
    """Make a history of steps one after the other; what is in a list happens at once."""
    calls = [
        call._replace(begin=float(moment), end=moment + 0.5 if call.is_known else NEVER)
        for moment, step in enumerate(steps)
        for call in (step if isinstance(step, list) else [step])
    ]
    return History("by hand", seats, tuple(calls), limit=limit)


EXPLAINED = {
    "one buyer": history(book(ADA, 1)),
    "two buyers of one seat, the loser waits": history([waitlist(BOB, 1), book(ADA, 1)]),
    "a seat is sold again after a cancel": history(book(ADA, 1), cancel(1), book(BOB, 2)),
    "a cancel is repeated": history(book(ADA, 1), cancel(1), cancel(1)),
    "a cancelled seat is kept for the head of the line": history(
        book(ADA, 1), waitlist(BOB, 1), waitlist(CYD, 2), cancel(1), accept(BOB, 1, 2)
    ),
    "booking again accepts the offer": history(
        book(ADA, 1), waitlist(BOB, 1), cancel(1), book(BOB, 2)
    ),
    "an offer lapses, and the next in line gets it": history(
        book(ADA, 1),
        waitlist(BOB, 1),
        waitlist(CYD, 2),
        cancel(1),
        EXPIRE,
        accept(CYD, 2, 2),
    ),
    "an expired offer is no longer open": history(
        book(ADA, 1),
        join(BOB, 1),
        cancel(1),
        EXPIRE,
        refused("accept", "no_open_offer", BOB, row=1),
    ),
    "another seat is booked, and the one that was kept goes on": history(
        book(ADA, 1, 0),
        book(ADA, 2, 1),
        join(BOB, 1),
        cancel(1),
        cancel(2),
        call("book_seat", BOB, Answer("booked", 3, 1), place=1),
        book(CYD, 4, 0),
        seats=2,
    ),
    "a reader sees a booking that is under way": history(
        [book(ADA, 1), see("see_event", 0)],
    ),
    "a reader doesn't see a booking that is under way": history(
        [book(ADA, 1), see("see_event", 1)],
    ),
    "a booking of unknown outcome happened": history(
        call("book", ADA),
        waitlist(BOB, 1),
        rows("published", (BOOKED,), ((7, ADA, 0, "active"),), ((1, BOB, "waiting", None, 1),)),
    ),
    "a booking of unknown outcome didn't happen": history(
        call("book", ADA),
        book(BOB, 1),
        rows("published", (BOOKED,), ((1, BOB, 0, "active"),)),
    ),
    "a booking of unknown outcome happens later": history(
        call("book", ADA), see("see_event", 1), see("see_event", 0)
    ),
    "a join of unknown outcome happened, as asking again shows": history(
        book(ADA, 1), call("book", BOB), join(CYD, 2), waitlist(BOB, 1)
    ),
    "a booking of a deleted event, of unknown outcome, happened": history(
        call("book", ADA),
        waitlist(BOB, 1),
        CANCEL_EVENT,
        DELETE,
        rows("deleted", heard=(("booking_confirmed", ADA, 1),)),
    ),
    "an event is deleted, and everybody hears it": history(
        book(ADA, 1),
        cancel(1),
        [DELETE, refused("book", "event_not_found", BOB)],
        refused("cancel", "not_found", ADA, row=1),
    ),
    "a person's limit is reached, until they cancel": history(
        book(ADA, 1), refused("book", "limit_reached"), cancel(1), book(ADA, 2), seats=2, limit=1
    ),
    "a cancelled event takes its bookings along": history(
        book(ADA, 1), CANCEL_EVENT, refused("book", "event_not_on_sale", BOB), DELETE
    ),
}

UNEXPLAINED = {
    "a seat is sold twice": history(book(ADA, 1), book(BOB, 2)),
    "a seat is sold twice at once": history([book(ADA, 1), book(BOB, 2)]),
    "somebody waits while a seat is on sale": history(waitlist(ADA, 1)),
    "somebody waits, though there were seats all the time": history(
        [book(ADA, 1, 0), waitlist(BOB, 1)], seats=2
    ),
    "somebody is told that seats are available, and there are none": history(
        book(ADA, 1), refused("join", "seats_available", BOB)
    ),
    "the line is last come, first served": history(
        book(ADA, 1), waitlist(BOB, 1), waitlist(CYD, 2), cancel(1), accept(CYD, 2, 2)
    ),
    "who came first has the later entry": history(book(ADA, 1), waitlist(BOB, 2), waitlist(CYD, 1)),
    "somebody is in the line twice": history(book(ADA, 1), join(BOB, 1), join(BOB, 2)),
    "a cancelled booking lives again": history(
        book(ADA, 1), cancel(1), see("see_bookings", ((1, ADA, 0, "active"),))
    ),
    "a cancel takes no effect": history(book(ADA, 1), cancel(1), see("see_event", 0)),
    "an acknowledged booking is lost": history(book(ADA, 1), rows("published", (AVAILABLE,))),
    "an acknowledged cancel is lost": history(
        book(ADA, 1),
        cancel(1),
        rows("published", (BOOKED,), ((1, ADA, 0, "active"),)),
    ),
    "a seat is on sale while somebody waits": history(
        book(ADA, 1), join(BOB, 1), cancel(1), book(CYD, 2)
    ),
    "a seat is seen on sale while somebody waits": history(
        book(ADA, 1), join(BOB, 1), cancel(1), see("see_event", 1)
    ),
    "an offer lapses before its time": history(
        book(ADA, 1), join(BOB, 1), cancel(1), refused("accept", "no_open_offer", BOB, row=1)
    ),
    "an offer is accepted after its time": history(
        book(ADA, 1), join(BOB, 1), cancel(1), EXPIRE, accept(BOB, 1, 2)
    ),
    "somebody is waitlisted beside an offer that has run out": history(
        book(ADA, 1),
        join(BOB, 1),
        cancel(1),
        EXPIRE,
        waitlist(CYD, 2),
        see("see_seats", ("held",)),
        see("see_line", ((1, 1, None, 1),), BOB),
    ),
    "a new seat is sold beside the one that is kept for the buyer": history(
        book(ADA, 1, 0),
        book(ADA, 2, 1),
        join(BOB, 1),
        cancel(1),
        cancel(2),
        book(BOB, 3, 1),
        seats=2,
    ),
    "a booking of a deleted event, of which nobody was told, happened": history(
        call("book", ADA),
        waitlist(BOB, 1),
        CANCEL_EVENT,
        DELETE,
        rows("deleted"),
    ),
    "one booking of unknown outcome happened twice": history(
        call("book", ADA),
        see("see_bookings", ((1, ADA, 0, "active"), (2, ADA, 1, "active"))),
        seats=2,
    ),
    "a booking of unknown outcome comes before it was asked for": history(
        see("see_event", 0), call("book", ADA)
    ),
    "a person books beyond their limit": history(
        [book(ADA, 1, 0), book(ADA, 2, 1)], seats=2, limit=1
    ),
    "a person is refused within their limit": history(
        book(ADA, 1), refused("book", "limit_reached"), seats=2, limit=2
    ),
    "somebody else's booking is cancelled": history(
        book(ADA, 1), call("meddle_with_booking", BOB, Answer("done"), row=1)
    ),
    "a read is stale": history(book(ADA, 1), see("see_event", 1)),
    "reads go back": history([book(ADA, 1)], see("see_event", 0), see("see_event", 1)),
    "an event with a booking is deleted": history(book(ADA, 1), DELETE),
    "a booking is made in a deleted event": history(DELETE, book(ADA, 1)),
    "who left is offered a seat": history(
        book(ADA, 1), join(BOB, 1), leave(1, BOB), cancel(1), accept(BOB, 1, 2)
    ),
}


@pytest.mark.parametrize("told", EXPLAINED.values(), ids=EXPLAINED)
def test_history_that_may_be_is_explained(told):
    assert check(told).verdict is Verdict.EXPLAINED


@pytest.mark.parametrize("told", UNEXPLAINED.values(), ids=UNEXPLAINED)
def test_history_that_must_not_be_is_unexplained(told):
    assert check(told).verdict is Verdict.UNEXPLAINED


def test_search_that_is_cut_short_is_undecided():
    told = history(*(call("book", user) for user in range(9)), see("see_event", 5), seats=9)

    assert check(told, max_steps=5).verdict is Verdict.UNDECIDED


def test_finding_of_an_unexplained_history_names_what_could_not_follow():
    finding = check(history(book(ADA, 1), book(BOB, 2)))

    assert finding.explained == 1
    assert [stuck.user for stuck in finding.stuck] == [BOB]


def test_history_that_was_saved_is_the_same(tmp_path):
    told = history(book(ADA, 1), call("book", BOB), see("see_bookings", ((1, ADA, 0, "active"),)))

    told.save(tmp_path / "history.json")

    assert load(tmp_path / "history.json") == told
