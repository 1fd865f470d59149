"""`manage.py erase_user`: asks first."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from evently.users.models import User
from tests.factories import AdminFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def answer(monkeypatch):
    """Answer the command's question."""
    return lambda text: monkeypatch.setattr("sys.stdin", StringIO(f"{text}\n"))


def run(*arguments):
    """Return what the command wrote to stdout."""
    out = StringIO()
    call_command("erase_user", *map(str, arguments), stdout=out)
    return out.getvalue()


def test_erase_with_yes_erases_without_a_question(holder):
    assert run(holder.id, "--yes") == f"User {holder.id} is erased.\n"
    assert User.objects.get(id=holder.id).is_erased


def test_erase_is_done_when_answered_yes(holder, answer):
    answer("Y")

    run(holder.id)

    assert User.objects.get(id=holder.id).is_erased


@pytest.mark.parametrize("text", ["", "n", "yes please"])
def test_erase_is_not_done_when_answered_otherwise(text, holder, answer):
    answer(text)

    with pytest.raises(CommandError, match="Nothing was changed"):
        run(holder.id)

    assert not User.objects.get(id=holder.id).is_erased


@pytest.mark.parametrize("user_id", [0, -1, 2**40, 10**30])
def test_erase_of_nobody_is_refused(user_id, db):
    with pytest.raises(CommandError, match="There is no such user"):
        run("--yes", "--", user_id)


def test_erase_of_the_last_superuser_is_refused():
    with pytest.raises(CommandError, match="last active superuser"):
        run(AdminFactory(is_superuser=True).id, "--yes")
