"""`manage.py token`: secrets are shown once, and never again."""

from datetime import UTC, datetime
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from evently.users.models import ApiToken
from evently.users.services import create_token
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


def run(*arguments):
    """Return what the command wrote to stdout."""
    out = StringIO()
    call_command("token", *arguments, stdout=out, stderr=StringIO())
    return out.getvalue()


def test_create_prints_a_secret_that_speaks_for_the_user(holder):
    secret = run("create", "holder").strip()

    assert ApiToken.objects.by_secret(secret).user == holder


def test_create_takes_an_id_as_well(holder):
    secret = run("create", str(holder.id), "--name", "till 3").strip()

    token = ApiToken.objects.by_secret(secret)
    assert (token.user, token.name) == (holder, "till 3")


def test_create_takes_digits_for_an_id_though_somebody_is_called_so(holder):
    UserFactory(username=str(holder.id))

    secret = run("create", str(holder.id)).strip()

    assert ApiToken.objects.by_secret(secret).user == holder


@pytest.mark.parametrize("user", ["nobody", "0", "9" * 30, "-", ""])
def test_create_for_unknown_user_is_refused(user):
    with pytest.raises(CommandError) as refusal:
        run("create", user)

    assert str(refusal.value) == f"There is no user {user}."


def test_create_with_too_long_a_name_is_refused(holder):
    with pytest.raises(CommandError, match="at most 100 characters"):
        run("create", "holder", "--name", "x" * 101)

    assert not ApiToken.objects.exists()


def test_create_gives_all_scopes_for_ever_unless_told_otherwise(holder):
    run("create", "holder")

    token = ApiToken.objects.get()
    assert (token.scope, token.expires_at) == ("read book admin", None)


def test_create_takes_scopes_and_days(holder):
    run("create", "holder", "--scopes", "book,read", "--expires-days", "90")

    token = ApiToken.objects.get()
    assert token.scope == "read book"
    assert round((token.expires_at - token.created_at).total_seconds()) == 90 * 24 * 3600


@pytest.mark.parametrize("scopes", ["", "root", "read, book", "read,,book", "READ"])
def test_create_with_unknown_scopes_is_refused(scopes, holder):
    with pytest.raises(CommandError, match="Scopes are one or more of read, book, admin"):
        run("create", "holder", "--scopes", scopes)

    assert not ApiToken.objects.exists()


@pytest.mark.parametrize("days", ["0", "-1", "3651", "9" * 30])
def test_create_for_senseless_days_is_refused(days, holder):
    with pytest.raises(CommandError, match="expires after 1 to 3650 days"):
        run("create", "holder", f"--expires-days={days}")


def test_revoke_makes_the_token_worthless(holder):
    token, secret = create_token(user=holder)

    assert run("revoke", str(token.id)) == f"Token {token.id} is revoked.\n"
    assert ApiToken.objects.by_secret(secret) is None


def test_revoke_twice_is_harmless(holder):
    token, _ = create_token(user=holder)
    run("revoke", str(token.id))
    revoked_at = ApiToken.objects.get().revoked_at

    assert run("revoke", str(token.id)) == f"Token {token.id} was already revoked.\n"
    assert ApiToken.objects.get().revoked_at == revoked_at


@pytest.mark.parametrize("token_id", ["1" * 30, "0"])
def test_revoke_of_unknown_token_is_refused(token_id):
    with pytest.raises(CommandError) as refusal:
        run("revoke", token_id)

    assert str(refusal.value) == f"There is no token {token_id}."


def test_list_shows_whose_tokens_there_are_without_secrets(holder, stranger):
    token, secret = create_token(user=holder, name="[red]till[/red]")
    create_token(user=stranger, name="phone")

    shown = run("list")

    assert [line.split()[:3] for line in shown.splitlines()[3:5]] == [
        [str(token.id), "holder", "[red]till[/red]"],
        [str(token.id + 1), "stranger", "phone"],
    ]
    assert secret not in shown
    assert token.digest not in shown


def test_list_of_one_user_leaves_out_others(holder, stranger):
    create_token(user=holder)
    create_token(user=stranger)

    shown = run("list", "--user", "stranger")

    assert "stranger" in shown
    assert "holder" not in shown


def test_list_shows_scopes_end_and_last_use(holder):
    end = datetime(2031, 5, 4, 12, tzinfo=UTC)
    create_token(user=holder, scopes=["read"], expires_at=end)
    ApiToken.objects.update(last_used_at=datetime(2026, 3, 2, 8, tzinfo=UTC))

    shown = run("list")

    assert ("2031-05-04 12:00 UTC" in shown, "2026-03-02 08:00 UTC" in shown) == (True, True)
    assert shown.splitlines()[3].split()[2] == "read"


def test_list_says_when_a_token_was_revoked(holder):
    token, _ = create_token(user=holder)
    run("revoke", str(token.id))

    assert f"{ApiToken.objects.get().revoked_at:%Y-%m-%d %H:%M %Z}" in run("list")


def test_list_of_unknown_user_is_refused():
    with pytest.raises(CommandError, match="There is no user nobody"):
        run("list", "--user", "nobody")


def test_token_without_an_action_is_refused():
    with pytest.raises(CommandError, match="action"):
        run()
