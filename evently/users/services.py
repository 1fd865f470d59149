"""Every change to people and their tokens."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.utils import timezone

from evently import transactions
from evently.audit.services import record
from evently.users.models import (
    NOBODYS_ADDRESS,
    SCOPES,
    ApiToken,
    User,
    digest,
    new_secret,
    pseudonym,
    scope_of,
)

LAST_USED_PRECISION = timedelta(minutes=1)


def create_user(*, username: str, email: str, role: str) -> User:
    """Make a user who can't log in to the staff site until a password is set."""

    def create() -> User:
        user = User(username=username, email=email, is_staff=role == "admin")
        user.set_unusable_password()
        user.save()
        record("user_created", after=user.powers, user_id=user.id)
        return user

    return transactions.run(create)


def pseudonymise(*, user: User) -> None:
    """Replace by the id all that a user's row says of a person, and take every power from it.

    (The caller's transaction.) Repeating is harmless.
    """
    before, was_erased = user.powers, user.is_erased
    user.username = pseudonym(user.id)
    user.email = user.username + NOBODYS_ADDRESS
    user.first_name = user.last_name = ""
    user.is_active = user.is_staff = user.is_superuser = False
    user.last_login = None
    user.set_unusable_password()
    user.save()
    user.groups.clear()
    user.user_permissions.clear()
    if not was_erased:
        record("user_erased", before=before, after=user.powers, user_id=user.id)


def create_token(
    *,
    user: User,
    name: str = "",
    scopes: Iterable[str] = SCOPES,
    expires_at: datetime | None = None,
) -> tuple[ApiToken, str]:
    """Make a token and return it with its secret, which is kept nowhere else.

    Raises:
        ValueError: for a scope that isn't known, or for none at all.
    """
    secret, scope = new_secret(), scope_of(scopes)

    def create() -> ApiToken:
        token = ApiToken.objects.create(
            user=user, name=name, scope=scope, digest=digest(secret), expires_at=expires_at
        )
        record("token_created", token_id=token.id, user_id=user.id)
        return token

    return transactions.run(create), secret


def revoke_token(*, token_id: int) -> bool:
    """Revoke a token for good; tell whether it was live. Repeating is harmless."""

    def revoke() -> bool:
        live = ApiToken.objects.filter(id=token_id, revoked_at=None)
        user_id = live.values_list("user_id", flat=True).first()
        was_live = bool(live.update(revoked_at=timezone.now()))
        if was_live:
            record("token_revoked", token_id=token_id, user_id=user_id)
        return was_live

    return transactions.run(revoke)


def note_use(*, token: ApiToken) -> None:
    """Note when a token was last used, at most once a minute."""
    now = timezone.now()
    if token.last_used_at is None or token.last_used_at < now - LAST_USED_PRECISION:
        # Once more in the database: of many requests at the same moment one writes.
        unnoted = ApiToken.objects.unused_since(now - LAST_USED_PRECISION)
        unnoted.filter(id=token.id).update(last_used_at=now)
