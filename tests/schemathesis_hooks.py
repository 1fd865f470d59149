"""What Evently's schema can't say, told to schemathesis: rules between values, a server's limits.

No check is switched off. A refusal of data that fits the schema counts as right only where each
of its reasons is listed here, and what a DELETE leaves only where that has ended.
"""

from datetime import UTC, datetime
from urllib.parse import urlencode
from zoneinfo import available_timezones

import schemathesis
from hypothesis import strategies as st
from schemathesis.openapi.checks import RejectedPositiveData, UseAfterFree

# Longer request lines are refused by the server, before Evently is asked.
LONGEST_QUERY = 8_000

RULES = {
    ("accessible", "Only with quantity."),
    ("adjacent", "Only with quantity."),
    ("event_id", "This field is required."),  # where no hold is ordered
    ("hold_id", "Tell either a hold or seats."),
    ("quantity", "Tell either seat_ids or quantity."),
    ("quantity", "Tell one of seat_ids, seat_numbers and quantity."),
    ("seat_ids", "Each seat may be named once."),
    ("seat_numbers", "Each seat may be named once."),
    ("If-Match", "Must be * or a list of entity tags."),
    ("accessible", "The row has no such seat."),
    ("blocked", "The row has no such seat."),
    ("cursor", "This cursor can't be read."),
    ("cursor", "This cursor doesn't belong to this list."),
    ("email", "This field must be unique."),
    ("end_time", "Must be after start_time."),
    ("gaps_after", "The row has no such seat."),
    ("name", "The name must be without a hyphen, which joins the parts of a seat's name."),
    ("rows", "This list may not be empty."),  # the description tells no bound of nested lists
    ("rows", "Two have the same name."),
    ("sales_end", "Must be after sales_start."),
    ("sections", "A hall has at most 100000 seats."),
    ("sections", "This list may not be empty."),
    ("sections", "Two have the same name."),
    ("since", "The range may have at most 3660 days."),
    ("starts_before", "Must not be before starts_after."),
    ("status", "Must not be told with since or compact."),
    ("total_seats", "Tell either total_seats or a layout."),
    ("total_seats", "This field is required."),  # where no layout is told
    ("until", "Must not be before since."),
    ("user_id", "This field is required."),  # when the caller is the bare admin role, or nobody
    ("username", "This field must be unique."),
}
NOT_AN_INTEGER = "A valid integer is required."

first, last = datetime(1900, 1, 1), datetime(2999, 12, 31)  # noqa: DTZ001  hypothesis adds the zone
moments = st.datetimes(first, last, timezones=st.just(UTC))
for name, strategy in {
    "date": moments.map(lambda moment: moment.date().isoformat()),
    "date-time": moments.map(lambda moment: moment.isoformat()),
    "email": st.integers(min_value=1).map(lambda number: f"person-{number}@example.org"),
    "iana-time-zone": st.sampled_from(sorted(available_timezones())),
}.items():
    schemathesis.openapi.format(name, strategy)


@schemathesis.hook
def filter_query(context, query):
    return len(urlencode(query or {}, doseq=True)) <= LONGEST_QUERY


@schemathesis.hook
def filter_failure(context, failure, case, response):
    """Drop what only looks like a failure, and keep every other."""
    if isinstance(failure, RejectedPositiveData):
        return not is_refused_by_rules(case, response)
    if isinstance(failure, UseAfterFree):
        return not is_cancelled_booking(case, response)
    return True


def is_refused_by_rules(case, response):
    problem = response.json()
    # Of a field within others, the rule is about the field itself.
    reasons = {(name_of(error["field"]), error["detail"]) for error in problem.get("errors", [])}
    reasons -= RULES | {(name, NOT_AN_INTEGER) for name in whole_floats(case.body)}
    reasons -= {(name, detail) for name, detail in reasons if name in empty_moments(case.body)}
    return problem["code"] in ("invalid", "total_seats_immutable") and not reasons


def name_of(field):
    """Return the innermost name of a path such as `layout.sections.0.rows.1.blocked.2`."""
    return [part for part in (field or "").split(".") if not part.isdigit()][-1]


def empty_moments(body):
    """Return the times that are "", which schemathesis takes for one where null is allowed too."""
    members = body if isinstance(body, dict) else {}
    return {
        name for name in ("sales_start", "sales_end", "cancel_until") if members.get(name) == ""
    }


def whole_floats(body):
    """Return the fields that are 5.0: for JSON Schema an integer, for Evently none."""
    if isinstance(body, list):
        return set().union(*map(whole_floats, body))
    members = body.items() if isinstance(body, dict) else ()
    whole = {
        name
        for name, value in members
        for number in (value if isinstance(value, list) else [value])
        if isinstance(number, float) and number.is_integer()
    }
    return whole.union(*(whole_floats(value) for _, value in members))


def is_cancelled_booking(case, response):
    """DELETE cancels a booking or an order, or releases a hold; it stays to be looked at."""
    ended = {"cancelled", "released", "lapsed", "ordered", "closed"}
    paths = {"/bookings/{id}", "/orders/{id}", "/holds/{id}", "/holds/{id}/refresh"}
    return case.operation.path in paths and response.json()["status"] in ended
