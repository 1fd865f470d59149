"""Erase a person: nothing says any more who it was, and what they did still counts."""

from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import partial

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.db.models import Model, Q
from django_otp.plugins.otp_totp.models import TOTPDevice

from bookings.errors import HoldNotFound, LastSuperuser, UserNotFound
from bookings.holds import release_hold
from evently import transactions
from evently.idempotency.models import StoredAnswer
from evently.users.models import ApiToken, User, pseudonym
from evently.users.services import pseudonymise
from events.models import Hold
from notifications.services import withhold_mails
from waitlists import services as waitlists
from waitlists.errors import EntryNotFound
from waitlists.models import WaitlistEntry


def erase_user(*, user_id: int) -> None:
    """Replace by their id all that says who a user is, and take them out of every line.

    They become inactive and lose role, tokens, second factor, sessions and mails that are still to
    be sent; what is offered to them or held for them is given back. Bookings and records of changes
    stay: they hold ids. The person is gone once the first transaction is committed, and lines and
    holds follow at each event's gate; whoever was interrupted repeats it. Repeating is harmless.

    Raises: UserNotFound, LastSuperuser.
    """
    transactions.run(partial(_erase, user_id))

    # Only now: somebody who is still active could join once more.
    entries = WaitlistEntry.objects.filter(user_id=user_id).live()
    for entry_id in list(entries.values_list("id", flat=True)):
        with suppress(EntryNotFound):  # its event was deleted meanwhile, and the line with it
            waitlists.leave(entry_id=entry_id)
    kept = Hold.objects.filter(user_id=user_id).open()
    for hold_id in list(kept.values_list("id", flat=True)):
        with suppress(HoldNotFound):
            release_hold(hold_id=hold_id)


def _erase(user_id: int) -> None:
    # Text is looked for in tables that have no index for it.
    lengthy = transactions.LENGTHY_STATEMENT_TIMEOUT
    transactions.limit(lock_timeout=transactions.ROW_LOCK_TIMEOUT, statement_timeout=lengthy)
    user = _lock(user_id)
    for scrub in SCRUBS:
        scrub(user)
    pseudonymise(user=user)


def _lock(user_id: int) -> User:
    """Lock the user and all active superusers, by id, so that two of them can't both be erased."""
    superusers = Q(is_superuser=True, is_active=True)
    # Without keeping anybody from booking: a foreign key locks the user's key.
    locked = User.objects.select_for_update(no_key=True).order_by("id")
    users = {user.id: user for user in locked.filter(superusers | Q(id=user_id))}
    if user_id not in users:
        raise UserNotFound
    user = users[user_id]
    if user.is_superuser and user.is_active and len(users) == 1:
        raise LastSuperuser
    return user


def _end_sessions(user: User) -> None:
    # Whose a session is stands inside of it, signed. There are few: only staff have any.
    theirs = [
        session.pk
        for session in Session.objects.iterator()
        if session.get_decoded().get("_auth_user_id") == str(user.pk)
    ]
    Session.objects.filter(pk__in=theirs).delete()


def _scrub_staff_log(user: User) -> None:
    """Take names out of the staff site's own log: on the user, on their tokens, and addresses."""
    tokens = ApiToken.objects.filter(user=user).values_list("id", flat=True)
    entries = _entries_on(User, [user.id]) | _entries_on(ApiToken, tokens)
    if user.email:
        entries |= Q(object_repr__icontains=user.email) | Q(change_message__icontains=user.email)
    scrubbed = {"object_repr": pseudonym(user.id), "change_message": ""}
    LogEntry.objects.filter(entries).update(**scrubbed)


def _entries_on(model: type[Model], ids: Iterable[int]) -> Q:
    content_type = ContentType.objects.get_for_model(model)
    return Q(content_type=content_type, object_id__in=[str(id) for id in ids])


def _delete_tokens(user: User) -> None:
    ApiToken.objects.filter(user=user).delete()


def _remove_second_factor(user: User) -> None:
    TOTPDevice.objects.devices_for_user(user).delete()


def _delete_answers(user: User) -> None:
    """Delete answers kept under a key that is theirs or names them, or that tell of them."""
    # As `POST /admin/users` answered once, whatever they were called then.
    kept = Q(caller=f"user:{user.id}") | Q(body__startswith=f'{{"id":{user.id},"username":')
    if user.email:
        kept |= Q(key__icontains=user.email) | Q(body__icontains=user.email)
    StoredAnswer.objects.filter(kept).delete()


def _withhold_mails(user: User) -> None:
    withhold_mails(user_id=user.id)


# All that holds somebody's name or address, beside their own row, while that is still known.
# A table that comes to hold one gets its scrub here.
SCRUBS: list[Callable[[User], None]] = [
    _scrub_staff_log,
    _delete_tokens,
    _remove_second_factor,
    _end_sessions,
    _delete_answers,
    _withhold_mails,
]
