"""The staff site's login: slow to guess at, and the same for names that don't exist."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.conf import settings as running
from django.contrib.auth.hashers import make_password
from django.core.management import call_command
from django.db import connection
from django.db.models import F, QuerySet
from django.test import Client

from evently.users import login_services
from evently.users.login_services import LoginLocked, begin_login, clear_login_failures
from evently.users.models import LoginFailures
from tests.factories import AdminFactory

NOT_RIGHT = [
    "That login isn't right. Name and password are case-sensitive; a code holds for half a minute, "
    "and once."
]
LOCKED = ["Too many failed logins. Try again later."]
PASSWORD = "a-Long-enough-1"
KEEPER_FROM_AFAR = {"name": "keeper", "address": "192.0.2.7"}

pytestmark = pytest.mark.django_db


@pytest.fixture
def keeper(db):
    return AdminFactory(username="keeper", password=make_password(PASSWORD))


def log_in(name="keeper", password=PASSWORD, **request):
    """Try once; return whether it succeeded and what the page says else."""
    response = Client().post(
        "/staff/login/", {"username": name, "password": password, "next": "/staff/"}, **request
    )
    if response.status_code == 302:
        return response["Location"] == "/staff/", []
    return False, response.context["form"].non_field_errors()


def fail(name="keeper", times=5, **request):
    return [log_in(name, "wrong", **request)[1] for _ in range(times)]


def age(**amount):
    """Make all that was counted this much older."""
    earlier = timedelta(**amount)
    LoginFailures.objects.update(began_at=F("began_at") - earlier, last_at=F("last_at") - earlier)


def test_login_with_name_and_password_leads_in(keeper):
    assert log_in() == (True, [])


def test_login_locks_after_five_failures_the_right_password_too(keeper):
    assert fail() == [NOT_RIGHT] * 5
    assert [log_in("keeper", password) for password in ("wrong", PASSWORD)] == [(False, LOCKED)] * 2


def test_login_of_a_name_that_doesnt_exist_looks_the_same(keeper):
    assert fail("nobody", 7) == fail("keeper", 7)


def test_login_is_locked_for_the_name_in_any_case(keeper):
    fail("KEEPER", 2)
    fail("keeper", 3)

    assert log_in("Keeper") == log_in("keeper") == (False, LOCKED)


def test_login_of_another_name_stays_open(keeper):
    fail("somebody")

    assert log_in() == (True, [])


def test_login_opens_again_after_the_lock(keeper):
    fail()
    age(minutes=14, seconds=55)
    early = log_in()
    age(seconds=10)

    assert (early, log_in()) == ((False, LOCKED), (True, []))


def test_login_refused_while_locked_prolongs_nothing(keeper):
    fail()
    age(minutes=10)
    fail(times=3)
    age(minutes=6)

    assert log_in() == (True, [])


def test_login_after_the_lock_has_five_tries_again(keeper):
    fail()
    age(minutes=16)

    assert fail(times=6) == [NOT_RIGHT] * 5 + [LOCKED]


def test_failures_further_apart_than_the_window_dont_add_up(keeper):
    fail(times=4)
    age(minutes=16)
    fail(times=4)

    assert log_in() == (True, [])


def test_login_that_succeeds_clears_the_names_count(keeper):
    fail(times=4)
    log_in()

    assert fail(times=6) == [NOT_RIGHT] * 5 + [LOCKED]


def test_login_without_a_password_counts_for_nothing(keeper):
    for _ in range(9):
        log_in("keeper", "")

    assert not LoginFailures.objects.exists()


@pytest.mark.parametrize("name", ["x" * 151, "hol\0der"])
def test_login_with_a_name_that_nobody_can_have_fails_as_any_other(name):
    assert log_in(name)[0] is False


def test_login_of_somebody_who_is_no_staff_fails_the_same_way(keeper):
    keeper.is_staff = False
    keeper.save()

    assert [log_in()[1] for _ in range(6)] == [NOT_RIGHT] * 5 + [LOCKED]


def test_table_holds_neither_names_nor_addresses(keeper):
    fail(times=1, REMOTE_ADDR="192.0.2.7")

    rows = LoginFailures.objects.values_list("digest", flat=True)
    assert [len(digest) for digest in rows] == [64, 64]
    assert not {"keeper", "192.0.2.7"} & set(rows)


# --- By address ---------------------------------------------------------------------------------


def test_address_that_tries_many_names_is_locked(keeper, settings):
    settings.EVENTLY_LOGIN_FAILURES_PER_ADDRESS = 10
    for number in range(10):
        fail(f"name-{number}", 1, REMOTE_ADDR="192.0.2.7")

    assert log_in(REMOTE_ADDR="192.0.2.7") == (False, LOCKED)
    assert log_in(REMOTE_ADDR="192.0.2.8") == (True, [])


def test_address_that_is_locked_locks_no_names(keeper, settings):
    settings.EVENTLY_LOGIN_FAILURES_PER_ADDRESS = 1
    fail(times=9, REMOTE_ADDR="192.0.2.7")

    assert log_in(REMOTE_ADDR="192.0.2.8") == (True, [])


def test_successes_use_an_address_up_no_more_than_it_was(keeper, settings):
    settings.EVENTLY_LOGIN_FAILURES_PER_ADDRESS = 2
    fail("somebody", 1)

    assert [log_in() for _ in range(5)] == [(True, [])] * 5
    assert fail("somebody", 2) == [NOT_RIGHT, LOCKED]


def test_addresses_of_one_ipv6_network_count_together(keeper, settings):
    settings.EVENTLY_LOGIN_FAILURES_PER_ADDRESS = 2
    for last in "12":
        fail("somebody", 1, REMOTE_ADDR=f"2001:db8:0:1::{last}")

    assert log_in(REMOTE_ADDR="2001:db8:0:1::3") == (False, LOCKED)
    assert log_in(REMOTE_ADDR="2001:db8:0:2::3") == (True, [])


def test_address_is_the_one_that_the_proxy_saw(keeper, settings):
    settings.EVENTLY_LOGIN_FAILURES_PER_ADDRESS, settings.NUM_PROXIES = 2, 1
    for spoofed in "12":
        fail("somebody", 1, headers={"X-Forwarded-For": f"198.51.100.{spoofed}, 192.0.2.7"})

    assert log_in(headers={"X-Forwarded-For": "192.0.2.7"}) == (False, LOCKED)
    assert log_in(headers={"X-Forwarded-For": "192.0.2.7, 192.0.2.8"}) == (True, [])


# --- At once, and for good ----------------------------------------------------------------------


def count_let_in(tries):
    """Try with that many threads at once; return how many passwords would have been looked at."""
    begin_login(**KEEPER_FROM_AFAR)
    barrier = threading.Barrier(tries, timeout=20)

    def attempt(_):
        barrier.wait()
        try:
            begin_login(**KEEPER_FROM_AFAR)
        except LoginLocked:
            return 0
        finally:
            connection.close()
        return 1

    with ThreadPoolExecutor(tries) as pool:
        return 1 + sum(pool.map(attempt, range(tries)))


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_many_tries_at_once_look_at_five_passwords():
    assert count_let_in(12) == 5


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_many_tries_at_once_without_the_row_lock_look_at_more(monkeypatch):
    """The twin of the test above: without the lock its promise is broken."""
    everybody_has_read = threading.Barrier(12, timeout=20)
    is_locked = login_services._is_locked

    def decide(row, limit, now):
        if limit == running.EVENTLY_LOGIN_FAILURES and row.number:
            everybody_has_read.wait()
        return is_locked(row, limit, now)

    monkeypatch.setattr(login_services, "_is_locked", decide)
    monkeypatch.setattr(QuerySet, "select_for_update", lambda rows: rows)

    assert count_let_in(12) == 13


def test_rows_that_count_no_more_are_cleared(keeper):
    fail()
    age(minutes=14)
    fail("somebody", 1)
    kept = clear_login_failures()
    age(minutes=2)

    assert (kept, clear_login_failures(), LoginFailures.objects.count()) == (0, 1, 2)


@pytest.mark.django_db(transaction=True)
def test_worker_clears_them(keeper):
    fail()
    age(minutes=16)

    call_command("worker", "--once")

    assert not LoginFailures.objects.exists()


def test_cookie_of_a_login_goes_to_the_staff_site_alone_and_no_script_reads_it(keeper):
    response = Client().post("/staff/login/", {"username": "keeper", "password": PASSWORD})

    cookie = response.cookies[running.SESSION_COOKIE_NAME]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"], cookie["max-age"]) == (
        True,
        "Lax",
        "/staff/",
        43_200,
    )
