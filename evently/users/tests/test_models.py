"""What the database itself refuses of people and tokens."""

import pytest
from django.db import IntegrityError

from evently.users.models import ApiToken, User, digest
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


def test_address_of_another_in_other_letters_is_refused(holder):
    with pytest.raises(IntegrityError, match="user_email_unique_in_any_case"):
        User.objects.create(username="twin", email=holder.email.upper())


def test_username_of_another_is_refused(holder):
    with pytest.raises(IntegrityError, match="username"):
        UserFactory(username=holder.username, email="another@example.org")


def test_secret_of_another_token_is_refused(holder, stranger):
    ApiToken.objects.create(user=holder, digest=digest("secret"))

    with pytest.raises(IntegrityError, match="digest"):
        ApiToken.objects.create(user=stranger, digest=digest("secret"))


@pytest.mark.parametrize(("is_staff", "role"), [(True, "admin"), (False, "user")])
def test_role_is_told_from_staff(is_staff, role):
    assert User(is_staff=is_staff).role == role
