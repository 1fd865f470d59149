"""How commands name people."""

from django.core.management.base import CommandError

from evently.users.models import User


def find_user(id_or_username: str) -> User:
    """Return the user with this id or, unless it is of digits, this username."""
    is_id = id_or_username.isascii() and id_or_username.isdigit()
    lookup = {"id": int(id_or_username)} if is_id else {"username": id_or_username}
    user = User.objects.filter(**lookup).first()
    if user is None:
        raise CommandError(f"There is no user {id_or_username}.")
    return user
