"""Which part of the suite catches which bug."""

from dataclasses import dataclass

WORDS = {}


@dataclass(frozen=True)
class Catch:
    """A bug of `bugs.py`, and the tests that must notice it.

    `on` is the database that they run on; `itself`: `by` is a command of this package.
    """

    bug: str
    by: str
    on: str = "postgresql"
    is_quick: bool = False

    @property
    def tests(self) -> str:
        return self.by

    @property
    def what(self) -> str:
        return self.bug.replace("_", " ")


RACES = "tests/races/test_"
CATCHES = [
    Catch("no_gate", f"{RACES}deletes.py::test_a_booking_beside_a_delete_finds_no_event"),
    Catch(
        "skip_locked_without_gate",
        f"{RACES}buyers.py::test_a_sale_of_the_last_seat_that_fails_leaves_it_to_whoever_asked_meanwhile",
    ),
    Catch(
        "skip_locked_under_exclusive_gate",
        f"{RACES}outsiders.py::test_the_only_seat_locked_by_an_outsider_is_503_and_not_the_line",
    ),
    Catch(
        "no_seat_lock_nor_constraint",
        f"{RACES}buyers.py::test_two_buyers_of_one_chosen_seat_sell_it_once",
    ),
    Catch(
        "last_come_first_served",
        "waitlists/tests/test_services.py::test_release_holds_the_seat_for_the_head_of_the_line",
        on="sqlite",
    ),
    Catch("word_after_commit", "crashes --only 'POST /bookings: sold'", on="itself"),
    Catch("no_owner_filter", "tests/test_doors.py -x", on="sqlite"),
    Catch("forbidden_instead_of_missing", "tests/test_doors.py -x", on="sqlite"),
    Catch("role_believed", "tests/test_doors.py -x", on="sqlite"),
    Catch("drafts_shown", "tests/test_doors.py -x -k draft", on="sqlite"),
    Catch("booking_for_anybody", "tests/test_identity.py -x", on="sqlite"),
    Catch("id_read_by_int", "tests/test_bad_input.py -x -k underscore", on="sqlite"),
    Catch("body_limit_gone", "tests/test_bad_input.py -x -k large", on="sqlite"),
    Catch("cached_counter", "events/tests bookings/tests -x", on="sqlite"),
    Catch(
        "delete_without_gate", f"{RACES}deletes.py::test_a_booking_beside_a_delete_finds_no_event"
    ),
    Catch(
        "lapse_without_gate",
        f"{RACES}offers.py::test_an_offer_lapsing_while_its_owner_accepts_is_accepted",
    ),
    Catch("hint_trusted", f"{RACES}cancels.py -k saw_an_empty_line"),
    Catch("released_to_the_sale", "waitlists/tests/test_services.py -x", on="sqlite"),
    Catch("deadline_ignored", "waitlists/tests/test_offers.py -x", on="sqlite"),
    Catch("cancelled_twice", f"{RACES}cancels.py -x"),
    Catch("snapshot_from_before_the_gate", "tests/races"),
    Catch("fault_instead_of_unavailable", f"{RACES}outsiders.py -x"),
]
