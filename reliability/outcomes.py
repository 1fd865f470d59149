"""What a call whose answer is lost may have done, by the rows that somebody saw."""

from collections import Counter

from reliability.history import Answer, Call

Bookings = tuple[int, ...]


def possible_answers(calls: list[Call], seats: int) -> list[list[Answer]]:
    """Return what each call may have answered: one thing, where it is known.

    Whoever booked without hearing of it made a row that some reader saw, or that nobody saw
    because the event was deleted; its id is made up then. A hold that has ended doesn't tell its
    seats: any that it may have had are tried.
    """
    rows = _Rows(calls)
    return [
        [call.answer] if call.answer else rows.answers_to(call, made_up=-i, seats=seats)
        for i, call in enumerate(calls, start=1)
    ]


class _Rows:
    """What is known of rows that no answer has told of, from whoever saw some, and at the end.

    Rows of a deleted event are gone, but not what its people were told.
    """

    def __init__(self, calls: list[Call]) -> None:
        self._bookings: dict[int, tuple[int, int | None]] = {}  # the user, and the place if known
        self._entries: dict[int, int] = {}
        self._holds: dict[int, tuple[int, str, bool]] = {}
        self._places_held: dict[int, tuple[int, ...]] = {}
        self._orders: dict[int, tuple[int, Bookings]] = {}
        self._ended: set[tuple[str, int]] | None = None  # None: nobody looked at the end
        self._joins: Counter[int] = Counter()
        self._is_deleted = True
        for call in calls:
            if call.answer and call.answer.word == "seen":
                self._see(call, call.answer.value)
            elif call.answer and call.answer.word in ("waitlisted", "joined", "waiting"):
                self._entries[call.answer.row] = call.user
        self._joins -= Counter(self._entries.values())
        self._places = {row: place for row, (_, place) in self._bookings.items()}
        self._together = {row for _, bookings in self._orders.values() for row in bookings}
        self._together |= {
            row
            for call in calls
            if call.answer and call.answer.word == "ordered"
            for row, _ in call.answer.value
        }
        self._told = {
            (call.answer.word, call.answer.row)
            for call in calls
            if call.answer and call.answer.word in ("booked", "joined", "held", "ordered")
        }

    def answers_to(self, call: Call, *, made_up: int, seats: int) -> list[Answer]:
        match call.kind:
            case "cancel" | "leave" | "release" | "refresh" | "cancel_order":
                may_be = self._ended is None or (call.kind, call.row) in self._ended
                return [Answer("done")] if may_be else []
            case "delete" | "cancel_event" | "expire" | "offer_back" | "take_back":
                return [Answer("done")]
            case "book":
                waits = self._joined(call, "waitlisted", made_up)
                return self._booked(call, made_up, seats) + waits
            case "book_seat":
                return self._booked(call, made_up, seats)
            case "accept":
                return self._booked(call, made_up, seats) + self._ordered(call)
            case "join":
                return self._joined(call, "joined", made_up)
            case "order" | "order_hold":
                return self._ordered(call)
            case "hold":
                return self._held(call)
        return []

    def _see(self, call: Call, value: object) -> None:
        match call.kind:
            case "see_bookings":
                self._see_bookings(value)
            case "see_line":
                self._entries |= {row: call.user for row, *_ in value}
            case "see_rows":
                self._see_rows(*value)

    def _see_rows(
        self, status: str, seats: tuple, bookings: tuple, entries: tuple, *others: tuple
    ) -> None:
        holds, orders, *heard = others
        self._is_deleted = status == "deleted"
        self._ended = {("leave", row) for row, _, how, *_ in entries if how == "left"}
        self._entries |= {row: user for row, user, *_ in entries}
        self._see_bookings(bookings)
        self._hear(heard)
        if self._is_deleted:
            self._ended |= {("leave", row) for row in self._entries}

        self._orders = {row: (user, rows) for row, user, rows in orders}
        self._ended |= {("cancel_order", row) for row in self._orders}
        self._holds = {row: about for row, *about in holds}
        for row, (_, how, is_refreshed) in self._holds.items():
            if how == "released":
                self._ended.add(("release", row))
            elif how == "open":
                self._places_held[row] = tuple(
                    place for place, (_, _, hold, _) in enumerate(seats) if hold == row
                )
            if is_refreshed:
                self._ended.add(("refresh", row))

    def _see_bookings(self, rows: tuple) -> None:
        self._bookings |= {row: (user, place) for row, user, place, _ in rows}

    def _hear(self, heard: list[tuple]) -> None:
        for kind, user, booking in (news for some in heard for news in some):
            match kind:
                case "booking_confirmed":
                    self._bookings.setdefault(booking, (user, None))
                case "waitlist_joined":
                    self._joins[user] += 1
                case _:
                    self._ended.add(("cancel", booking))

    def _booked(self, call: Call, made_up: int, seats: int) -> list[Answer]:
        rows = [
            (row, place)
            for row, (user, place) in sorted(self._bookings.items())
            if user == call.user and self._is_untold("booked", row) and row not in self._together
        ]
        if self._ended is None:
            rows.append((made_up, None))
        return [
            Answer("booked", row, possible)
            for row, place in rows
            for possible in (range(seats) if place is None else [place])
        ]

    def _joined(self, call: Call, word: str, made_up: int) -> list[Answer]:
        # Those that were told as new were made by the calls that told of them; waitlisted is
        # whoever is so already.
        rows = [
            row
            for row, user in sorted(self._entries.items())
            if user == call.user and self._is_untold("joined", row)
        ]
        is_unseen = self._is_deleted and (self._ended is None or self._joins[call.user] > 0)
        return [Answer(word, row) for row in [*rows, *([made_up] if is_unseen else [])]]

    def _ordered(self, call: Call) -> list[Answer]:
        return [
            Answer("ordered", row, value=tuple((id, self._places[id]) for id in bookings))
            for row, (user, bookings) in sorted(self._orders.items())
            if user == call.user and self._is_untold("ordered", row)
        ]

    def _held(self, call: Call) -> list[Answer]:
        return [
            Answer("held", row, value=self._places_held.get(row))
            for row, (user, *_) in sorted(self._holds.items())
            if user == call.user and self._is_untold("held", row)
        ]

    def _is_untold(self, word: str, row: int) -> bool:
        return (word, row) not in self._told
