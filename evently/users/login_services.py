"""The staff site's login: tries are counted per name and per address; the second factor."""

from datetime import datetime, timedelta
from functools import partial

from django.conf import settings
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_noop as _
from django_otp import match_token
from django_otp.plugins.otp_totp.models import TOTPDevice

from evently import transactions
from evently.api.errors import Refused
from evently.audit.services import record
from evently.users.models import LoginFailures, User


class LoginLocked(Refused):
    """Too many logins have failed for this name, whether or not it exists, or from this address."""

    code = "login_locked"
    detail = _("Too many failed logins. Try again later.")


class DeviceExists(Refused):
    """The user has a second factor already; a lost one is removed first."""

    code = "device_exists"
    detail = _("This user has a second factor already. Remove it first.")


def begin_login(*, name: str, address: str) -> None:
    """Count a try for the name and the address before its password is looked at.

    Locks both rows. A try that is refused isn't counted, so it prolongs nothing.

    Raises:
        LoginLocked: too many have failed.
    """
    limits = {
        _digest("name", name.lower()): settings.EVENTLY_LOGIN_FAILURES,
        _digest("address", address): settings.EVENTLY_LOGIN_FAILURES_PER_ADDRESS,
    }
    transactions.run(partial(_begin, limits))


def forgive(*, name: str, address: str) -> None:
    """Forget the name's failures after a login that succeeded; of the address's, that one try."""
    LoginFailures.objects.filter(digest=_digest("name", name.lower())).update(number=0)
    tried = LoginFailures.objects.filter(digest=_digest("address", address), number__gt=0)
    tried.update(number=F("number") - 1)


def clear_login_failures() -> int:
    """Delete rows that neither count nor lock any more, return how many. Repeating is harmless."""
    is_over = Q(last_at__lt=Now() - max(_window(), _lock()))
    deleted, _ = LoginFailures.objects.filter(is_over).delete()
    return deleted


def enrol(*, user: User) -> TOTPDevice:
    """Give a user a second factor, which every login asks for from now on.

    Raises:
        DeviceExists: they have one.
    """
    return transactions.run(partial(_enrol, user))


def remove_device(*, user: User) -> bool:
    """Take a user's second factor away; tell whether there was one. Repeating is harmless."""
    return transactions.run(partial(_remove, user))


def has_second_factor(*, user: User, code: str) -> bool:
    """Tell whether the code is that of the user's device, or none is needed.

    A code that was right counts once; after wrong ones the device takes none for a while.
    """
    if not TOTPDevice.objects.devices_for_user(user, confirmed=True).exists():
        return settings.EVENTLY_STAFF_TOTP != "required"
    device = match_token(user, code) if code else None
    user.otp_device = device  # type: ignore[attr-defined]  # the login keeps it in the session
    return device is not None


def _begin(limits: dict[str, int]) -> None:
    # Always in one order, or two logins could wait for each other.
    fresh = [LoginFailures(digest=digest) for digest in sorted(limits)]
    LoginFailures.objects.bulk_create(fresh, ignore_conflicts=True)
    rows = LoginFailures.objects.filter(digest__in=limits).order_by("digest")
    tries = list(rows.select_for_update().annotate(now=Now()))
    if any(_is_locked(row, limits[row.digest], row.now) for row in tries):
        raise LoginLocked
    for row in tries:
        _count(row, limits[row.digest], row.now)


def _is_locked(row: LoginFailures, limit: int, now: datetime) -> bool:
    return row.number >= limit and now < row.last_at + _lock()


def _count(row: LoginFailures, limit: int, now: datetime) -> None:
    if row.number >= limit or now >= row.began_at + _window():
        row.number, row.began_at = 0, now
    row.number, row.last_at = row.number + 1, now
    row.save()


def _enrol(user: User) -> TOTPDevice:
    User.objects.select_for_update().get(id=user.id)  # two at once would both find no device
    if TOTPDevice.objects.filter(user=user).exists():
        raise DeviceExists
    device = TOTPDevice.objects.create(user=user, name="staff site")
    record("factor_added", user_id=user.id)
    return device


def _remove(user: User) -> bool:
    deleted, _ = TOTPDevice.objects.filter(user=user).delete()
    if deleted:
        record("factor_removed", user_id=user.id)
    return bool(deleted)


def _window() -> timedelta:
    return timedelta(minutes=settings.EVENTLY_LOGIN_WINDOW_MINUTES)


def _lock() -> timedelta:
    return timedelta(minutes=settings.EVENTLY_LOGIN_LOCK_MINUTES)


def _digest(kind: str, value: str) -> str:
    return salted_hmac(f"evently.login.{kind}", value, algorithm="sha256").hexdigest()
