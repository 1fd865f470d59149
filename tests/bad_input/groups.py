"""What is wrong with holds, orders, lines and what is accepted in them."""

from tests.bad_input import (
    ABSENT,
    AFTER_SALES,
    BEFORE_SALES,
    CANCELLED,
    DRAFT,
    ENTRY,
    EVENT,
    FOREIGN_ENTRY,
    FULL,
    LARGEST_ID,
    NO_IDS,
    PARTY,
    SEATS,
    UNKNOWN,
    invalid,
    missing,
    refused,
    wrong,
    wrong_first,
)

JOIN, ACCEPT = "POST /waitlists", f"POST /waitlists/{PARTY}/accept"
HOLD, ORDER = "POST /holds", "POST /orders"


def some(event):
    return {"event_id": event, "quantity": 1}


def joined(event, size, adjacent):
    return {"event_id": event, "party_size": size, "adjacent": adjacent}


ROWS_OF_GROUPS = [
    *(
        row
        for call in (HOLD, ORDER)
        for row in (
            *wrong(call, {"quantity": 1}, "event_id", [ABSENT, *NO_IDS]),
            *wrong(call, {"event_id": EVENT}, "quantity", [ABSENT, None, "1", 1.5, True, 0, 51]),
            *wrong(call, {"event_id": EVENT}, "seat_ids", [None, 1, [], {}, [1, 1], [1] * 51]),
            *wrong(call, {"event_id": EVENT}, "seat_numbers", [None, "Seat-1", [], ["A", "A"]]),
            *wrong_first(call, {"event_id": EVENT}, "seat_ids", NO_IDS),
            *wrong_first(call, {"event_id": EVENT}, "seat_numbers", [None, 1, "", "x" * 33]),
            *wrong(call, {"event_id": EVENT, "quantity": 1}, "adjacent", [None, 1, "", "maybe"]),
            *wrong(call, {"event_id": EVENT, "quantity": 1}, "accessible", [None, 1, "true"]),
            *wrong(call, {"event_id": EVENT, "seat_ids": [1]}, "adjacent", ["no"]),
            *wrong(call, {"event_id": EVENT, "seat_ids": [1]}, "accessible", [True]),
            *wrong(call, {"event_id": EVENT, "seat_ids": [1]}, "quantity", [1]),
            missing(call, "event_not_found", what="unknown event", body=some(UNKNOWN)),
            missing(call, "event_not_found", what="a draft", body=some(DRAFT)),
            refused(call, 409, "event_not_on_sale", "cancelled", some(CANCELLED)),
            refused(call, 409, "sales_not_started", "before its sales", some(BEFORE_SALES)),
            refused(call, 409, "sales_ended", "after its sales", some(AFTER_SALES)),
            *(
                missing(call, "seat_not_found", what=f"no {seat}", body={"event_id": EVENT, **seat})
                for seat in ({"seat_numbers": ["Seat-2", "Seat-4"]}, {"seat_ids": [LARGEST_ID]})
            ),
        )
    ),
    *wrong(ORDER, {}, "hold_id", NO_IDS),
    invalid(ORDER, "hold_id", what="with seats", body={"hold_id": 1, "quantity": 1}),
    missing(ORDER, "hold_not_found", what="unknown hold", body={"hold_id": UNKNOWN}),
]

ROWS_OF_LINES = [
    *wrong(JOIN, {}, "event_id", [ABSENT, *NO_IDS]),
    missing(JOIN, "event_not_found", what="unknown event", body={"event_id": UNKNOWN}),
    missing(JOIN, "event_not_found", what="a draft", body={"event_id": DRAFT}),
    refused(JOIN, 409, "event_not_on_sale", "cancelled", {"event_id": CANCELLED}),
    refused(JOIN, 409, "seats_available", "seats on sale", {"event_id": EVENT}),
    *wrong(JOIN, {"event_id": FULL}, "party_size", [None, "2", 2.0, True, [], 0, -1, 51, 10**30]),
    *wrong(JOIN, {"event_id": FULL}, "adjacent", [None, 1, True, "", "maybe", ["no"], {}, "a\0b"]),
    *(
        refused(JOIN, 409, "party_fits_nowhere", f"{n}, {adjacent}", joined(EVENT, n, adjacent))
        for n, adjacent in ((4, "no"), (4, "preferred"), (50, "required"))
    ),
    *(
        refused(JOIN, 409, "seats_available", f"two, {adjacent}", joined(EVENT, 2, adjacent))
        for adjacent in ("required", "preferred", "no")
    ),
    refused(f"POST /waitlists/{ENTRY}/accept", 409, "no_open_offer", "still waiting"),
    refused(ACCEPT, 409, "no_open_offer", "being gathered"),
    *wrong(ACCEPT, {}, "quantity", [None, "1", 1.5, True, [], {}, 0, -1, 51, 10**30]),
    *wrong(ACCEPT, {}, "seat_ids", [None, 1, "1", {}, [], [SEATS[0]] * 2, SEATS * 11]),
    *wrong_first(ACCEPT, {}, "seat_ids", NO_IDS),
    invalid(ACCEPT, "quantity", what="both", body={"quantity": 1, "seat_ids": SEATS[:1]}),
    *(
        missing(ACCEPT, "seat_not_found", what=what, body=body)
        for what, body in (
            ("more than are kept", {"quantity": 4}),
            ("more than the party wants", {"quantity": 3}),
            ("more of these than the party wants", {"seat_ids": SEATS[::2]}),
            ("unknown", {"seat_ids": [UNKNOWN]}),
            ("one unknown", {"seat_ids": [SEATS[0], LARGEST_ID]}),
            ("another's", {"seat_ids": [SEATS[1]]}),
            ("one of another's", {"seat_ids": SEATS[:2]}),
        )
    ),
    *(
        missing(f"{method} /waitlists/{FOREIGN_ENTRY}{rest}", what="another's")
        for method, rest in (("GET", ""), ("DELETE", ""), ("POST", "/accept"))
    ),
]

ROWS = [*ROWS_OF_GROUPS, *ROWS_OF_LINES]
