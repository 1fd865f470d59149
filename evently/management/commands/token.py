"""`manage.py token`: make, revoke and list bearer tokens."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from evently.management import terminal
from evently.users.models import ApiToken, User
from evently.users.services import create_token, revoke_token

MOMENT = "%Y-%m-%d %H:%M %Z"


class Command(BaseCommand):
    help = "Make, revoke and list the bearer tokens that EVENTLY_AUTH=tokens asks for."

    def add_arguments(self, parser: ArgumentParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        create = actions.add_parser("create", help="make a token and print it, this once")
        create.add_argument("user", help="an id or a username; of digits, an id")
        create.add_argument("--name", default="", help="what it is used for")
        revoke = actions.add_parser("revoke", help="make a token worthless for good")
        revoke.add_argument("token_id", type=int, metavar="id")
        show = actions.add_parser("list", help="show tokens, without their secrets")
        show.add_argument("--user", help="an id or a username: only theirs")

    def handle(self, *args: Any, action: str, **options: Any) -> None:
        match action:
            case "create":
                self._create(options["user"], options["name"])
            case "revoke":
                self._revoke(options["token_id"])
            case "list":
                self._list(options["user"])

    def _create(self, id_or_username: str, name: str) -> None:
        longest = ApiToken._meta.get_field("name").max_length
        if len(name) > longest:
            raise CommandError(f"A token's name has at most {longest} characters.")
        user = _find_user(id_or_username)
        token, secret = create_token(user=user, name=name)
        self.stderr.write(f"Token {token.id} of {user.username}; its secret is shown this once:")
        self.stdout.write(secret)

    def _revoke(self, token_id: int) -> None:
        if not ApiToken.objects.filter(id=token_id).exists():
            raise CommandError(f"There is no token {token_id}.")
        was_live = revoke_token(token_id=token_id)
        self.stdout.write(f"Token {token_id} {'is' if was_live else 'was already'} revoked.")

    def _list(self, id_or_username: str | None) -> None:
        tokens = ApiToken.objects.select_related("user")
        if id_or_username is not None:
            tokens = tokens.filter(user=_find_user(id_or_username))
        table = terminal.table("id", "user", "name", "created", "revoked")
        for token in tokens:
            table.add_row(
                str(token.id),
                token.user.username,
                token.name,
                f"{token.created_at:{MOMENT}}",
                f"{token.revoked_at:{MOMENT}}" if token.revoked_at else "",
            )
        terminal.console(self.stdout).print(table)


def _find_user(id_or_username: str) -> User:
    is_id = id_or_username.isascii() and id_or_username.isdigit()
    lookup = {"id": int(id_or_username)} if is_id else {"username": id_or_username}
    user = User.objects.filter(**lookup).first()
    if user is None:
        raise CommandError(f"There is no user {id_or_username}.")
    return user
