"""What a crowd of so many does in a hall of so many seats: told by a seed."""

import random
from typing import NamedTuple

# How often each kind of call is made, by what the crowd is after.
TEMPERS = {
    "rush": {"book": 8, "book_seat": 5, "expire": 0.3},
    "churn": {"book": 6, "book_seat": 3, "cancel": 9, "staff_cancel": 2, "delete": 0.1},
    "line": {"cancel": 5, "join": 5, "leave": 3, "accept": 5, "expire": 2, "delete": 0.1},
    "lapse": {"book_seat": 2, "cancel": 5, "join": 3, "accept": 4, "expire": 4},
    "ending": {"cancel": 7, "staff_cancel": 3, "delete": 3},
    "called_off": {"book_seat": 2, "cancel": 4, "join": 3, "accept": 3, "cancel_event": 0.3},
}
# Of several seats at once. Who comes alone is rare, since each takes what a party waits for.
GROUP_TEMPERS = {
    "holds": {
        "hold": 7, "order_hold": 7, "release": 3, "refresh": 2, "order": 1, "expire": 3,
        "accept": 0.5, "leave": 0.3,
    },
    "orders": {"order": 4, "cancel_order": 7, "hold": 1, "order_hold": 1, "join_as_party": 1},
    "parties": {
        "order": 2, "join_as_party": 4, "cancel": 4, "cancel_order": 5, "accept": 6,
        "accept_part": 5, "see_line": 3, "hold": 1, "release": 1, "expire": 0.5,
    },
    "giving_back": {
        "order": 4, "book": 2, "offer_back": 6, "take_back": 2, "join_as_party": 3, "join": 1,
        "accept": 5, "accept_part": 1, "see_line": 2, "expire": 1,
    },
    "groups_called_off": {
        "hold": 4, "order_hold": 2, "order": 3, "cancel_order": 3, "join_as_party": 4,
        "accept": 3, "accept_part": 1, "offer_back": 2, "expire": 1, "cancel_event": 0.2,
    },
}  # fmt: skip
# Where a temper doesn't say otherwise.
ALWAYS = {
    "book": 5, "book_seat": 1, "cancel": 3, "staff_cancel": 1, "join": 2, "leave": 1,
    "accept": 2, "expire": 0.5, "meddle": 0.7,
    "see_event": 1, "see_seats": 1, "see_bookings": 1, "see_line": 1,
}  # fmt: skip
OF_GROUPS = {"book": 0.5, "book_seat": 0.5, "join": 0.3, "staff_cancel": 4, "accept": 5}


class Plan(NamedTuple):
    seed: str
    seats: int
    people: int
    calls: int
    temper: str
    # The share of people who send idempotency keys.
    careful: float
    # How many seats a person may have booked at a time; 0: any number.
    limit: int

    @property
    def often(self) -> dict[str, float]:
        """Return the kinds of calls, and how often each is made."""
        if self.is_of_groups:
            return ALWAYS | OF_GROUPS | GROUP_TEMPERS[self.temper]
        return ALWAYS | TEMPERS[self.temper]

    @property
    def is_of_groups(self) -> bool:
        return self.temper in GROUP_TEMPERS


def plan_for(seed: str, temper: str = "") -> Plan:
    """Return what a seed stands for, with a temper or any; the same always."""
    rng = random.Random(seed)
    temper = temper or rng.choice([*TEMPERS, *GROUP_TEMPERS])
    is_of_groups = temper in GROUP_TEMPERS
    return Plan(
        seed=seed,
        seats=rng.choice([2, 3, 4, 5, 6, 6] if is_of_groups else [1, 1, 2, 2, 3, 4]),
        people=rng.randint(4, 8),
        calls=rng.randint(56, 80),
        temper=temper,
        careful=rng.choice([0, 0, 0.5, 1]),
        limit=rng.choice([0, 0, 0, 3, 4] if is_of_groups else [0, 0, 0, 1, 2]),
    )
