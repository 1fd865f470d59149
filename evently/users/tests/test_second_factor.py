"""The second factor of the staff site: asked of whoever has one, or of everybody."""

import time

import pytest
from django.contrib.auth.hashers import make_password
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django_otp.oath import TOTP
from django_otp.plugins.otp_totp.models import TOTPDevice

from evently.users.login_services import DeviceExists, enrol, remove_device
from evently.users.tests.test_login import LOCKED, NOT_RIGHT, PASSWORD
from tests.factories import AdminFactory

# The dashboard, which a login leads to, reads in a transaction of its own.
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def no_pauses(settings):
    settings.OTP_TOTP_THROTTLE_FACTOR = 0  # the pause after a wrong code has tests of its own


@pytest.fixture
def keeper(db):
    return AdminFactory(username="keeper", password=make_password(PASSWORD))


@pytest.fixture
def device(keeper):
    return enrol(user=keeper)


@pytest.fixture
def browser():
    return Client()


def code_of(device, seconds=0):
    """Return what the device shows, or showed or will show some seconds from now."""
    totp = TOTP(device.bin_key)
    totp.time = time.time() + seconds
    return f"{totp.token():06d}"


def log_in(browser, code="", password=PASSWORD):
    form = {"username": "keeper", "password": password, "code": code, "next": "/staff/"}
    response = browser.post("/staff/login/", form)
    return "in" if response.status_code == 302 else response.context["form"].non_field_errors()


def is_in(browser):
    return browser.get("/staff/").status_code == 200


def test_login_with_the_code_leads_in(browser, device):
    assert log_in(browser, code_of(device)) == "in"
    assert is_in(browser)


def test_login_without_a_device_needs_no_code(browser, keeper):
    assert log_in(browser) == "in"
    assert is_in(browser)


@pytest.mark.parametrize(
    "code", ["", "000000", "abc", "-12345", "１２３４５６", "1_2345", "1234567"]
)
def test_login_with_another_code_fails(code, browser, device):
    assert log_in(browser, code) != "in"
    assert not is_in(browser)


def test_login_fails_in_the_same_words_whatever_was_wrong(browser, device):
    wrong_code = log_in(browser, "000000")
    no_code = log_in(browser)
    wrong_password = log_in(browser, code_of(device), "wrong")

    assert wrong_code == no_code == wrong_password == NOT_RIGHT


def test_code_is_good_once(browser, device):
    code = code_of(device)
    log_in(browser, code)

    assert log_in(Client(), code) == NOT_RIGHT


def test_code_of_two_minutes_ago_is_good_no_more(browser, device):
    assert log_in(browser, code_of(device, -120)) == NOT_RIGHT


def test_code_after_wrong_ones_is_refused_for_a_while(browser, device, settings):
    settings.OTP_TOTP_THROTTLE_FACTOR = 60
    log_in(browser, "000000")

    assert log_in(browser, code_of(device)) == NOT_RIGHT


def test_code_left_out_is_no_wrong_code(browser, device, settings):
    settings.OTP_TOTP_THROTTLE_FACTOR = 60
    log_in(browser)

    assert log_in(browser, code_of(device)) == "in"


def test_wrong_codes_lock_the_login_as_wrong_passwords_do(browser, device):
    tries = [log_in(browser, "000000") for _ in range(5)]

    assert (tries, log_in(browser, code_of(device))) == ([NOT_RIGHT] * 5, LOCKED)


def test_session_from_before_the_device_is_worth_nothing(browser, keeper):
    log_in(browser)

    enrol(user=keeper)

    assert not is_in(browser)


def test_session_of_another_device_is_worth_nothing(browser, keeper, device):
    log_in(browser, code_of(device))
    remove_device(user=keeper)
    enrol(user=keeper)

    assert not is_in(browser)


def test_without_the_device_the_password_is_enough_again(browser, keeper, device):
    assert (remove_device(user=keeper), remove_device(user=keeper)) == (True, False)
    assert log_in(browser) == "in"


def test_second_device_is_refused(keeper, device):
    with pytest.raises(DeviceExists):
        enrol(user=keeper)

    assert TOTPDevice.objects.get() == device


def test_where_it_is_required_nobody_gets_in_without(browser, keeper, settings):
    settings.EVENTLY_STAFF_TOTP = "required"

    assert log_in(browser) == NOT_RIGHT


def test_where_it_is_required_a_session_without_is_worth_nothing(browser, keeper, settings):
    browser.force_login(keeper)
    settings.EVENTLY_STAFF_TOTP = "required"

    assert not is_in(browser)


def test_where_it_is_required_the_code_leads_in(browser, device, settings):
    settings.EVENTLY_STAFF_TOTP = "required"

    assert log_in(browser, code_of(device)) == "in"
    assert is_in(browser)


def test_page_asks_for_the_device_once(browser, device):
    log_in(browser, code_of(device))

    with CaptureQueriesContext(connection) as queries:
        browser.get("/staff/users/apitoken/")

    assert len([query for query in queries if "otp_totp" in query["sql"]]) == 1
