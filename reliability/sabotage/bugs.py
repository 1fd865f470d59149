"""The bugs: what somebody might well write, or leave out. Each says in a line what it is."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.core.cache import cache
from django.db import connection, transaction
from django.db.backends.signals import connection_created
from django.db.models.signals import post_migrate
from limits import RateLimitItemPerMinute
from rest_framework.exceptions import PermissionDenied

from bookings import event_services
from bookings.models import Booking
from bookings.views import BookingViewSet
from evently import transactions
from evently.api import authentication, counters, identity
from evently.api.authentication import HeaderAuthentication
from evently.api.identity import Caller
from evently.api.problems import ProblemHandler
from evently.api.views import Endpoint
from evently.audit.services import record
from evently.idempotency.services import Claim
from events import counts, gate
from events.models import EventQuerySet, Seat, SeatQuerySet
from events.services import put_on_sale
from events.shapes import Row, shape_event
from notifications.services import notify
from reliability.sabotage.patching import open_gate, patch, replace, ungated
from waitlists import lapsing
from waitlists.models import WaitlistEntryQuerySet
from waitlists.releasing import release


def no_gate() -> None:
    """No gate."""
    patch(gate, "_pass", lambda passing: open_gate)


def skip_locked_without_gate() -> None:
    """SKIP LOCKED in the gate's stead."""
    no_gate()
    skip_locked_under_exclusive_gate()


def skip_locked_under_exclusive_gate() -> None:
    """SKIP LOCKED under the exclusive gate too: a stranger's lock means "full"."""
    patch(SeatQuerySet, "lock", lambda lock: lambda seats, **kwargs: lock(seats, skip_locked=True))


def no_seat_lock_nor_constraint() -> None:
    """No lock on the seat, and no unique constraint."""

    def drop_constraint(**kwargs: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute("DROP INDEX IF EXISTS booking_active_once_per_seat")

    patch(SeatQuerySet, "lock", lambda lock: lambda seats, **kwargs: seats.order_by("position"))
    post_migrate.connect(drop_constraint, weak=False)


def last_come_first_served() -> None:
    """The line is served from its end."""
    patch(WaitlistEntryQuerySet, "waiting", lambda waiting: lambda s: waiting(s).order_by("-id"))


def word_after_commit() -> None:
    """A notification is written after COMMIT only."""

    def notify_later(notifications: Any) -> None:
        owed = list(notifications)
        transaction.on_commit(lambda: notify(owed))

    replace(notify, notify_later)


def no_owner_filter() -> None:
    """Rows of others aren't left out."""
    patch(Endpoint, "reachable", lambda reachable: lambda endpoint, rows: rows)


def forbidden_instead_of_missing() -> None:
    """Another's row is 403, which tells that it exists."""

    def reachable(endpoint: Endpoint, rows: Any) -> Any:
        mine = keep(endpoint, rows)
        row = endpoint.kwargs["id"]
        if rows.filter(id=row).exists() and not mine.filter(id=row).exists():
            raise PermissionDenied
        return mine

    keep = Endpoint.reachable
    patch(Endpoint, "reachable", lambda _: reachable)


def role_believed() -> None:
    """`X-User-Role: admin` is believed of a user who is none."""

    def authenticate(self: HeaderAuthentication, request: Any) -> Any:
        if request.headers.get("X-User-Role") != "admin" or "X-User-ID" not in request.headers:
            return really(self, request)
        user = authentication._user_by_header(request.headers["X-User-ID"])
        return user, Caller(user=user, is_admin=True)

    really = HeaderAuthentication.authenticate
    patch(HeaderAuthentication, "authenticate", lambda _: authenticate)


def id_read_by_int() -> None:
    """`X-User-ID` is whatever int() takes, such as 1_0."""

    def is_number(text: str) -> bool:
        try:
            return int(text) > 0
        except ValueError:
            return False

    replace(identity.is_number, is_number)


def drafts_shown() -> None:
    """Everybody sees drafts."""
    patch(EventQuerySet, "listed", lambda listed: lambda events: events.all())


def cached_counter() -> None:
    """Available seats are counted once, and then told from the cache."""

    def shape_from_cache(row: Row) -> Row:
        counted = cache.get_or_set(f"available:{row['id']}", row["available_seats"])
        return shape_event(row | {"available_seats": counted})

    replace(shape_event, shape_from_cache)


def delete_without_gate() -> None:
    """An event is deleted beside whoever books."""
    replace(event_services.delete_event, ungated(event_services.delete_event))


def lapse_without_gate() -> None:
    """The worker lapses offers beside whoever accepts them."""
    replace(lapsing.lapse_expired_of, ungated(lapsing.lapse_expired_of))


def hint_trusted() -> None:
    """A cancel trusts what it saw of the line before the gate."""

    def release_on_hint(passed: gate.Gate, *, event: Any, seats: list) -> int:
        if passed.is_exclusive:
            return release(passed, event=event, seats=seats)
        return put_on_sale(passed, seat_ids=[seat.id for seat in seats])

    replace(release, release_on_hint)


def released_to_the_sale() -> None:
    """A seat that comes back goes on sale, past the line."""

    def to_the_sale(passed: gate.Gate, *, event: Any, seats: list) -> int:
        return put_on_sale(passed, seat_ids=[seat.id for seat in seats])

    replace(release, to_the_sale)


def deadline_ignored() -> None:
    """An offer is accepted past its deadline."""
    patch(Seat, "hold_is_open", lambda _: lambda seat, now: seat.held_until is not None)


def cancelled_twice() -> None:
    """A cancelled booking is cancelled again, and its seat, sold since, with it."""
    Booking.is_active = True  # type: ignore[misc, assignment]


def snapshot_from_before_the_gate() -> None:
    """Rows are read as they were before the wait at the gate."""

    def pass_with_old_eyes(event_id: int, **kwargs: Any) -> gate.Gate:
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
                cursor.execute("SELECT count(*) FROM events_seat")
        return passing(event_id, **kwargs)

    passing = gate._pass
    patch(gate, "_pass", lambda _: pass_with_old_eyes)


def fault_instead_of_unavailable() -> None:
    """A lock that isn't to be had is 500 instead of 503."""
    patch(ProblemHandler, "convert_known_exceptions", lambda _: lambda handler, error: error)


def body_limit_gone() -> None:
    """A body may be as large as it likes."""
    patch(Endpoint, "max_body_bytes", lambda _: 2**40)


def booking_for_anybody() -> None:
    """`user_id` of the body is believed, whoever sends it."""

    def booker(view: Any, named: int | None) -> int:
        return named or view.caller.user.id

    patch(BookingViewSet, "_booker", lambda _: booker)


def commit_not_awaited() -> None:
    """`synchronous_commit` is off: COMMIT is acknowledged before it is on the disk."""

    def set_off(connection: Any, **kwargs: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET synchronous_commit TO off")

    connection_created.connect(set_off, weak=False)


def key_in_its_own_transaction() -> None:
    """An idempotency key is committed before what it stands for."""

    def take_elsewhere(claim: Claim) -> None:
        try:
            really(claim)
        finally:
            connection.close()  # this thread's own

    def take(claim: Claim) -> None:
        with ThreadPoolExecutor(1) as elsewhere:
            elsewhere.submit(take_elsewhere, claim).result()

    really = Claim.take
    patch(Claim, "take", lambda _: take)


def unknown_outcome_tried_again() -> None:
    """A COMMIT whose answer was lost is done again, as if it hadn't been made."""

    def left_no_trace(error: Exception) -> bool:
        return isinstance(error, transactions.OutcomeUnknown) or really(error)

    really = transactions._left_no_trace
    patch(transactions, "_left_no_trace", lambda _: left_no_trace)


def no_lock_for_the_limit() -> None:
    """A limit per user is looked at without a lock."""
    patch(gate.Gate, "lock_user", lambda _: lambda passed, user_id: None)


def taken_before_added() -> None:
    """A worker commits which changes it folds before it has added them to the counts."""

    def take_and_commit(event_id: int) -> list[tuple]:
        try:
            return really(event_id)
        finally:
            connection.close()  # this thread's own

    def take_elsewhere(event_id: int) -> list[tuple]:
        with ThreadPoolExecutor(1) as elsewhere:
            return elsewhere.submit(take_and_commit, event_id).result()

    really = counts._take_changes
    patch(counts, "_take_changes", lambda _: take_elsewhere)


def cancel_not_counted() -> None:
    """A cancelled booking is taken off no count."""

    def count_gains(*args: Any, **numbers: Any) -> None:
        if not numbers.get("cancelled"):
            really(*args, **numbers)

    really = counts.count_change
    patch(counts, "count_change", lambda _: count_gains)


def throttle_not_atomic() -> None:
    """A throttle looks first and counts later."""

    def look_then_count(limiter: Any, limit: int, key: tuple[str, ...]) -> counters.Count:
        item = RateLimitItemPerMinute(limit)
        _, remaining = limiter.get_window_stats(item, *key)
        limiter.hit(item, *key)
        return counters.Count(remaining > 0, limit, max(0, remaining - 1), 1)

    replace(counters._hit, look_then_count)


def record_after_commit() -> None:
    """The audit's record is written after COMMIT only."""

    def record_later(*args: Any, **kwargs: Any) -> None:
        def write() -> None:
            with transaction.atomic():
                record(*args, **kwargs)

        transaction.on_commit(write)

    replace(record, record_later)
