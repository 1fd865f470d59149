"""Which part of the suite must catch which bug."""

from dataclasses import dataclass

RACES = "tests/races/test_"
LINE_SERVED = (
    "waitlists/tests/test_services.py::test_release_holds_the_seat_for_the_head_of_the_line"
)
EXPIRED_OFFER = "waitlists/tests/test_offers.py::test_take_offer_that_has_expired_is_refused"
STRANGERS_LOCK = "outsiders.py::test_the_only_seat_locked_by_an_outsider_is_503_and_not_the_line"
BESIDE_A_SALE = "buyers.py -k that_fails_leaves_it_to_whoever"
BESIDE_A_DELETE = "deletes.py::test_a_booking_beside_a_delete_finds_no_event"
WHILE_ACCEPTED = "offers.py::test_an_offer_lapsing_while_its_owner_accepts_is_accepted"
UNKNOWN = "lost_connections.py -k isnt_answered_is_unknown"
MATRIX = "tests/test_doors.py -x -k"
STRANGER = "'bookings and headers and stranger'"
BAD_INPUT = "tests/test_bad_input.py -x -k"
OF_HOLDS = "histories --temper holds --number 24"
OF_PARTIES = "histories --temper parties --number 24"
OF_OFFERS_BACK = "histories --temper giving_back --number 24"


@dataclass(frozen=True)
class Catch:
    """A bug of `bugs.py`, and what must notice it.

    `on` is the database that the tests `by` run on; `itself`: `by` is a command of this package.
    """

    bug: str
    by: str
    on: str = "postgresql"
    is_quick: bool = False


CATCHES = [
    Catch("no_gate", f"{RACES}{BESIDE_A_DELETE}"),
    Catch("no_gate", "histories --number 48", on="itself"),
    Catch("skip_locked_without_gate", f"{RACES}{BESIDE_A_SALE}"),
    Catch("skip_locked_under_exclusive_gate", f"{RACES}{STRANGERS_LOCK}"),
    Catch("no_seat_lock_nor_constraint", f"{RACES}buyers.py -k chosen_seat_sell_it_once"),
    Catch("no_lock_for_the_limit", f"{RACES}limits.py -k are_one_too_many"),
    Catch("taken_before_added", f"{RACES}counts.py -k beside_a_worker_sees_each_change_once"),
    Catch("cancel_not_counted", "events/tests/test_counts.py -k cancel", on="sqlite"),
    Catch("snapshot_from_before_the_gate", f"{RACES}cancels.py -k a_cancel_gets_the_seat"),
    Catch("hint_trusted", f"{RACES}cancels.py -k saw_an_empty_line"),
    Catch("cancelled_twice", f"{RACES}cancels.py -k release_its_seat_once"),
    Catch("delete_without_gate", f"{RACES}{BESIDE_A_DELETE}"),
    Catch("lapse_without_gate", f"{RACES}{WHILE_ACCEPTED}"),
    Catch("hold_not_all_or_none", OF_HOLDS, on="itself"),
    Catch("held_seats_sold", OF_HOLDS, on="itself"),
    Catch("holds_deadline_ignored", "histories --temper holds --number 72", on="itself"),
    Catch("holds_not_limited", OF_HOLDS, on="itself"),
    Catch("party_offered_fewer", OF_PARTIES, on="itself"),
    Catch("party_split", OF_PARTIES, on="itself"),
    Catch("patience_without_end", OF_PARTIES, on="itself"),
    Catch("rest_of_an_offer_dropped", OF_PARTIES, on="itself"),
    Catch("offered_back_sold_to_two", OF_OFFERS_BACK, on="itself"),
    Catch("last_come_first_served", LINE_SERVED, on="sqlite", is_quick=True),
    Catch("released_to_the_sale", LINE_SERVED, on="sqlite"),
    Catch("deadline_ignored", EXPIRED_OFFER, on="sqlite", is_quick=True),
    Catch("word_after_commit", "crashes --only 'POST /bookings: sold'", on="itself"),
    Catch("record_after_commit", "crashes --only 'POST /bookings: sold'", on="itself"),
    Catch("key_in_its_own_transaction", "crashes --only 'POST /bookings: sold'", on="itself"),
    Catch("unknown_outcome_tried_again", f"{RACES}{UNKNOWN}"),
    Catch(
        "commit_not_awaited",
        "faults --only 'PostgreSQL killed' --number 4 --disk-number 0",
        on="itself",
    ),
    Catch("fault_instead_of_unavailable", f"{RACES}{STRANGERS_LOCK}"),
    Catch("no_owner_filter", f"{MATRIX} 'bookings and headers and stranger'", on="sqlite"),
    Catch("forbidden_instead_of_missing", f"{MATRIX} byte_for_byte", on="sqlite"),
    Catch("role_believed", f"{MATRIX} 'seats and claims'", on="sqlite"),
    Catch("drafts_shown", f"{MATRIX} draft", on="sqlite"),
    Catch("booking_for_anybody", "tests/test_identity.py -k another_is_refused", on="sqlite"),
    Catch("id_read_by_int", f"{BAD_INPUT} underscore", on="sqlite"),
    Catch("body_limit_gone", f"{BAD_INPUT} large", on="sqlite"),
    Catch(
        "throttle_not_atomic",
        "evently/api/tests/test_counters.py -k threads_together",
        on="sqlite",
    ),
    Catch("cached_counter", "bookings/tests/test_views.py -k one_seat_less", on="sqlite"),
]
