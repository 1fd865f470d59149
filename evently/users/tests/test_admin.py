"""People and tokens on the staff site, and what holds for all of its pages."""

import re
from datetime import UTC, datetime

import pytest
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.test import Client, RequestFactory
from django.urls import get_resolver
from django_otp.plugins.otp_totp.models import TOTPDevice

from evently.users.models import ApiToken, User
from evently.users.services import create_token
from tests.factories import (
    AdminFactory,
    EventFactory,
    NotificationFactory,
    UserFactory,
    make_booking,
)
from tests.staff import Browser, errors, page, staff_with, superuser, told

pytestmark = pytest.mark.django_db

MODELS = [User, ApiToken]
NEW_USER = {
    "username": "newcomer",
    "email": "newcomer@example.org",
    "usable_password": "true",
    "password1": "a-Long-enough-1",
    "password2": "a-Long-enough-1",
}


@pytest.fixture
def staff(db):
    return superuser()


def make_token(user=None):
    token, _ = create_token(user=user or UserFactory(), name="till")
    return token


def test_site_bears_the_name_of_evently():
    page = Client().get("/staff/login/").content.decode()

    assert re.findall(r"<title>\s*(.*?)\s*</title>", page) == ["Log in | Evently"]


def test_page_for_nobody_leads_to_the_login():
    response = Client().get("/staff/users/user/")

    assert (response.status_code, response["Location"]) == (
        302,
        "/staff/login/?next=/staff/users/user/",
    )


def test_page_for_a_user_who_is_no_staff_leads_to_the_login(holder):
    browser = Browser()
    browser.force_login(holder)

    assert browser.see_list(User)["Location"] == "/staff/login/?next=/staff/users/user/"


@pytest.mark.parametrize("model", MODELS)
def test_list_without_permission_is_refused(model):
    response = staff_with().see_list(model)

    assert (response.status_code, response["Content-Type"]) == (403, "text/html; charset=utf-8")


@pytest.mark.parametrize("model", MODELS)
def test_list_with_view_permission_offers_no_action(model):
    response = staff_with(f"view_{model._meta.model_name}").see_list(model)

    assert (response.status_code, response.context["action_form"]) == (200, None)


@pytest.mark.parametrize(("model", "make"), [(User, UserFactory), (ApiToken, make_token)])
def test_list_costs_the_same_number_of_queries_for_more_rows(model, make, staff):
    make()
    one = staff.count_list_queries(model)
    make()
    make()

    assert staff.count_list_queries(model) == one


def test_unknown_page_is_404_in_html(staff):
    response = staff.get("/staff/no/such/page/")

    assert (response.status_code, response["Content-Type"]) == (404, "text/html; charset=utf-8")


def test_lookup_that_is_not_allowed_is_400_in_html(staff):
    response = staff.get("/staff/users/user/?_to_field=password")

    assert (response.status_code, response["Content-Type"]) == (400, "text/html; charset=utf-8")


def test_failure_on_the_staff_site_is_500_in_html():
    answer = get_resolver().resolve_error_handler(500)

    response = answer(RequestFactory().get("/staff/users/user/"))

    assert (response.status_code, response["Content-Type"]) == (500, "text/html; charset=utf-8")


def test_add_user_makes_somebody_who_can_log_in(staff):
    staff.add(User, **NEW_USER)

    user = User.objects.get(username="newcomer")
    assert (user.email, user.check_password("a-Long-enough-1")) == ("newcomer@example.org", True)


def test_add_user_without_an_address_is_refused(staff):
    response = staff.add(User, **NEW_USER | {"email": ""})

    assert errors(response) == ["This field is required."]


def test_add_user_with_an_address_in_use_is_refused(staff, holder):
    response = staff.add(User, **NEW_USER | {"email": holder.email.upper()})

    assert errors(response) == ["A user with that e-mail address already exists."]


def test_change_user_keeps_their_own_address(staff, holder):
    staff.change(holder, username="holder", email=holder.email, first_name="Hedy")

    holder.refresh_from_db()
    assert (holder.first_name, holder.email) == ("Hedy", "holder@example.org")


@pytest.mark.parametrize("term", ["hold", "HOLDER@EXAMPLE", "Hedy", "Lamarr"])
def test_search_users_finds_by_name_and_address(term, staff, stranger):
    wanted = UserFactory(username="holder", first_name="Hedy", last_name="Lamarr")

    assert staff.rows(User, q=term) == [wanted]


def test_user_page_leads_to_the_lists_of_what_is_theirs(staff, holder):
    content = staff.see(holder).content.decode()

    related = re.findall(r'<a href="(/staff/\w+/\w+/\?user__exact=\d+)">', content)
    assert sorted(related) == [
        f"/staff/bookings/booking/?user__exact={holder.id}",
        f"/staff/bookings/order/?user__exact={holder.id}",
        f"/staff/events/hold/?user__exact={holder.id}",
        f"/staff/notifications/notification/?user__exact={holder.id}",
        f"/staff/users/apitoken/?user__exact={holder.id}",
        f"/staff/waitlists/waitlistentry/?user__exact={holder.id}",
    ]
    assert [staff.get(url).status_code for url in related] == [200] * 6


@pytest.mark.django_db(transaction=True)
def test_delete_user_takes_tokens_and_notifications_along(holder):
    theirs = [make_token(holder), NotificationFactory(user=holder)]

    staff_with("view_user", "delete_user").delete_row(holder)

    assert not User.objects.filter(id=holder.id).exists()
    assert [type(row).objects.count() for row in theirs] == [0, 0]


def test_delete_user_with_a_booking_is_refused(staff, holder):
    make_booking(EventFactory(), holder)

    response = staff.delete_row(holder)

    assert response.context["title"] == "Cannot delete user"
    assert User.objects.filter(id=holder.id).exists()


def test_add_token_shows_its_secret_once(staff, holder):
    response = staff.add(ApiToken, user=holder.id, name="till", scopes=["book", "read"])

    [shown] = [message for message in told(response) if "secret" in message]
    token = ApiToken.objects.by_secret(shown.rpartition(" ")[2])
    assert (token.user, token.name, token.scope, token.expires_at) == (
        holder,
        "till",
        "read book",
        None,
    )
    assert "evently_" not in staff.see_list(ApiToken).content.decode()


def test_add_token_asks_for_user_name_scopes_and_end_only(staff):
    form = staff.get(page("add", ApiToken)).context["adminform"].form

    assert sorted(form.fields) == ["expires_at", "name", "scopes", "user"]


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"scopes": []}, "This field is required."),
        (
            {"scopes": ["root"]},
            "Select a valid choice. root is not one of the available choices.",
        ),
        ({"expires_at_0": "2026-01-01", "expires_at_1": "12:00"}, "That has passed already."),
    ],
)
def test_add_token_that_makes_no_sense_is_refused(values, reason, staff, holder):
    response = staff.add(ApiToken, **{"user": holder.id, "name": "", "scopes": ["read"]} | values)

    assert errors(response) == [reason]
    assert not ApiToken.objects.exists()


def test_token_list_and_page_show_scopes_end_and_last_use(staff, holder):
    token, _ = create_token(
        user=holder, scopes=["read"], expires_at=datetime(2031, 5, 4, tzinfo=UTC)
    )
    ApiToken.objects.update(last_used_at=datetime(2026, 3, 2, tzinfo=UTC))

    for content in (staff.see_list(ApiToken).content.decode(), staff.see(token).content.decode()):
        assert ("2031-05-04 00:00 UTC" in content, "2026-03-02 00:00 UTC" in content) == (
            True,
            True,
        )
    assert staff.rows(ApiToken)[0].scope == "read"


def test_second_factors_are_shown_to_nobody():
    assert not admin.site.is_registered(TOTPDevice)


def test_token_page_shows_neither_secret_nor_hash(staff, holder):
    token, secret = create_token(user=holder)

    content = staff.see(token).content.decode()

    assert (secret in content, token.digest in content) == (False, False)


def test_token_can_not_be_changed_or_deleted(staff):
    token = make_token()

    answers = [staff.change(token, name="mine"), staff.delete_row(token)]

    assert [answer.status_code for answer in answers] == [403, 403]
    token.refresh_from_db()
    assert token.name == "till"


@pytest.mark.django_db(transaction=True)
def test_revoke_ends_live_tokens_and_is_noted(staff, holder):
    token, secret = create_token(user=holder)
    revoked, _ = create_token(user=holder)
    staff.run("revoke", revoked)

    response = staff.run("revoke", token, revoked)

    assert told(response) == ["1 token revoked."]
    assert ApiToken.objects.by_secret(secret) is None
    assert LogEntry.objects.filter(object_id=token.id).get().is_change()


def test_revoke_without_permission_to_change_does_nothing(holder):
    token = make_token(holder)

    staff_with("view_apitoken").run("revoke", token)

    token.refresh_from_db()
    assert token.revoked_at is None


def test_token_of_other_staff_is_made_by_a_superuser_only():
    maker, other = staff_with("add_apitoken", "view_apitoken", "view_user"), AdminFactory()

    response = maker.add(ApiToken, user=other.id, name="", scopes=["read"])

    assert errors(response) == ["Only a superuser makes tokens for others of the staff."]
    assert not ApiToken.objects.exists()
