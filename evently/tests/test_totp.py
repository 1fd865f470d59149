"""`manage.py totp`: a second factor is shown once, when it is made."""

import re
from base64 import b32decode
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django_otp.plugins.otp_totp.models import TOTPDevice

pytestmark = pytest.mark.django_db


def run(*arguments):
    """Return what the command wrote to stdout."""
    out = StringIO()
    call_command("totp", *arguments, stdout=out, stderr=StringIO())
    return out.getvalue()


def test_totp_shows_address_and_qr_code_of_the_new_device(holder):
    address, *picture = run("holder").splitlines()

    device = TOTPDevice.objects.get(user=holder, confirmed=True)
    assert address.startswith("otpauth://totp/Evently%3Aholder?secret=")
    assert b32decode(re.search(r"secret=(\w+)", address)[1]) == device.bin_key
    assert len(picture) > 15
    assert set("".join(picture)) - set(" \x1b[0123456789;m") <= set("█▀▄")


def test_totp_of_somebody_who_has_one_is_refused(holder):
    run("holder")

    with pytest.raises(CommandError, match="has a second factor already"):
        run("holder")


def test_totp_can_be_taken_away_and_made_anew(holder):
    run("holder")

    assert run("holder", "--remove") == "holder has no second factor any more.\n"
    assert run("holder", "--remove") == "holder has no second factor anyway.\n"
    assert run(str(holder.id)).startswith("otpauth://")


def test_totp_of_unknown_user_is_refused():
    with pytest.raises(CommandError, match="There is no user nobody"):
        run("nobody")
