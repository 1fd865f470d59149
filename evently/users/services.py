"""Every change to people and their tokens."""

from django.utils import timezone

from evently import transactions
from evently.api.logs import log_change
from evently.users.models import ApiToken, User, digest, new_secret


def create_user(*, username: str, email: str, role: str) -> User:
    """Make a user who can't log in to the staff site until a password is set."""

    def create() -> User:
        user = User(username=username, email=email, is_staff=role == "admin")
        user.set_unusable_password()
        user.save()
        log_change("user_created", user_id=user.id)
        return user

    return transactions.run(create)


def create_token(*, user: User, name: str = "") -> tuple[ApiToken, str]:
    """Make a token and return it with its secret, which is kept nowhere else."""
    secret = new_secret()
    token = ApiToken.objects.create(user=user, name=name, digest=digest(secret))
    log_change("token_created", token_id=token.id, user_id=user.id)
    return token, secret


def revoke_token(*, token_id: int) -> bool:
    """Revoke a token for good; tell whether it was live. Repeating is harmless."""
    live = ApiToken.objects.filter(id=token_id, revoked_at=None)
    was_live = bool(live.update(revoked_at=timezone.now()))
    if was_live:
        log_change("token_revoked", token_id=token_id)
    return was_live
