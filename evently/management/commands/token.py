"""`manage.py token`: make, revoke and list bearer tokens."""

from argparse import ArgumentParser
from datetime import datetime, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from evently.management import terminal
from evently.management.people import find_user
from evently.users.models import SCOPES, ApiToken, scope_of
from evently.users.services import create_token, revoke_token

MOMENT = "%Y-%m-%d %H:%M %Z"
LONGEST_DAYS = 3650


class Command(BaseCommand):
    help = "Make, revoke and list the bearer tokens that EVENTLY_AUTH=tokens asks for."

    def add_arguments(self, parser: ArgumentParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        create = actions.add_parser("create", help="make a token and print it, this once")
        create.add_argument("user", help="an id or a username; of digits, an id")
        create.add_argument("--name", default="", help="what it is used for")
        create.add_argument(
            "--scopes",
            default=",".join(SCOPES),
            help="what it is good for, of %(default)s (the default); no scope makes an admin",
        )
        create.add_argument(
            "--expires-days", type=int, metavar="DAYS", help="for how long (default: for ever)"
        )
        revoke = actions.add_parser("revoke", help="make a token worthless for good")
        revoke.add_argument("token_id", type=int, metavar="id")
        show = actions.add_parser("list", help="show tokens, without their secrets")
        show.add_argument("--user", help="an id or a username: only theirs")

    def handle(self, *args: Any, action: str, **options: Any) -> None:
        match action:
            case "create":
                self._create(
                    options["user"], options["name"], options["scopes"], options["expires_days"]
                )
            case "revoke":
                self._revoke(options["token_id"])
            case "list":
                self._list(options["user"])

    def _create(self, id_or_username: str, name: str, scopes: str, days: int | None) -> None:
        longest = ApiToken._meta.get_field("name").max_length
        if len(name) > longest:
            raise CommandError(f"A token's name has at most {longest} characters.")
        user = find_user(id_or_username)
        token, secret = create_token(
            user=user, name=name, scopes=_scopes(scopes), expires_at=_end(days)
        )
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
            tokens = tokens.filter(user=find_user(id_or_username))
        table = terminal.table(
            "id", "user", "name", "scopes", "created", "expires", "last used", "revoked"
        )
        for token in tokens:
            table.add_row(
                str(token.id),
                token.user.username,
                token.name,
                token.scope,
                *map(
                    _moment,
                    (token.created_at, token.expires_at, token.last_used_at, token.revoked_at),
                ),
            )
        terminal.console(self.stdout).print(table)


def _scopes(text: str) -> list[str]:
    scopes = text.split(",")
    try:
        scope_of(scopes)
    except ValueError as reason:
        raise CommandError(str(reason)) from reason
    return scopes


def _end(days: int | None) -> datetime | None:
    if days is None:
        return None
    if not 1 <= days <= LONGEST_DAYS:
        raise CommandError(f"A token expires after 1 to {LONGEST_DAYS} days.")
    return timezone.now() + timedelta(days=days)


def _moment(moment: datetime | None) -> str:
    return f"{moment:{MOMENT}}" if moment else ""
