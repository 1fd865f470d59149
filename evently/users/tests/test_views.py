"""Who am I, and the people as staff see and make them."""

import pytest

from evently.users.models import User
from tests.counting import queries_of
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


def shown(user, role="user"):
    return {"id": user.id, "username": user.username, "email": user.email, "role": role}


def test_me_is_the_caller(as_holder, as_admin, holder, admin):
    answers = [client.get("/users/me").json() for client in (as_holder, as_admin)]

    assert answers == [shown(holder), shown(admin, role="admin")]


def test_staff_see_everybody_by_id(as_admin, admin, holder):
    inactive = UserFactory(is_active=False)

    response = as_admin.get("/admin/users")

    assert response.json() == [shown(admin, role="admin"), shown(holder), shown(inactive)]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("role=admin", ["admin"]),
        ("role=user", ["holder", "stranger"]),
        ("search=HOLD", ["holder"]),
        ("search=stranger@example", ["stranger"]),
        ("search=example.org&role=admin", ["admin"]),
        ("search=nobody", []),
    ],
)
def test_staff_narrow_the_people(as_admin, admin, holder, stranger, query, found):
    response = as_admin.get(f"/admin/users?{query}")

    assert [user["username"] for user in response.json()] == found
    assert response["X-Total-Count"] == str(len(found))


def test_people_cost_the_same_for_one_and_three(as_admin, admin):
    one = queries_of(lambda: as_admin.get("/admin/users"))
    UserFactory.create_batch(2)

    assert queries_of(lambda: as_admin.get("/admin/users")) == one


@pytest.mark.parametrize(("wish", "role"), [({}, "user"), ({"role": "admin"}, "admin")])
def test_made_user_is_answered_and_can_call(as_admin, client, wish, role):
    response = as_admin.post(
        "/admin/users", {"username": "newcomer", "email": "newcomer@example.org"} | wish
    )

    user = User.objects.get(username="newcomer")
    assert (response.status_code, response.json()) == (201, shown(user, role=role))
    assert client.as_user(user).get("/users/me").json() == shown(user, role=role)


def test_made_user_cannot_log_in_to_the_staff_site(as_admin):
    wish = {"username": "newcomer", "email": "newcomer@example.org", "password": "known"}

    as_admin.post("/admin/users", wish | {"role": "admin", "is_superuser": True})

    user = User.objects.get(username="newcomer")
    assert (user.has_usable_password(), user.is_superuser) == (False, False)


@pytest.mark.parametrize(
    ("wish", "field"),
    [({"username": "holder"}, "username"), ({"email": "HOLDER@example.org"}, "email")],
)
def test_user_who_is_there_already_is_not_made_again(as_admin, holder, wish, field):
    response = as_admin.post(
        "/admin/users", {"username": "newcomer", "email": "newcomer@example.org"} | wish
    )

    assert response.status_code == 400
    assert response.json() == {
        "type": "urn:evently:problem:invalid",
        "title": "Invalid",
        "status": 400,
        "detail": "The request has invalid values.",
        "code": "invalid",
        "errors": [{"field": field, "code": "unique", "detail": "This field must be unique."}],
    }
