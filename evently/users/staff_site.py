"""The staff site's own doings around Django's admin: its login, and the second factor."""

from http import HTTPStatus
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.i18n import set_language
from django_otp import DEVICE_ID_SESSION_KEY
from django_otp.plugins.otp_totp.models import TOTPDevice
from unfold.forms import AuthenticationForm
from unfold.sites import UnfoldAdminSite
from unfold.widgets import UnfoldAdminTextInputWidget

from evently.api.addresses import client_address
from evently.audit.services import record
from evently.users.login_services import LoginLocked, begin_login, forgive, has_second_factor

NOT_RIGHT = _(
    "That login isn't right. Name and password are case-sensitive; a code holds for half a minute, "
    "and once."
)


class LoginForm(AuthenticationForm):
    """Name, password, code. It fails in the same words whatever was wrong with them."""

    error_messages = {"invalid_login": NOT_RIGHT, "inactive": NOT_RIGHT}
    code = forms.RegexField(
        r"^[0-9]{6}$",
        required=False,
        label=_("Code, if you have a second factor"),
        widget=UnfoldAdminTextInputWidget(
            {"autocomplete": "one-time-code", "inputmode": "numeric"}
        ),
    )

    def clean(self) -> dict[str, Any]:
        if self.errors:
            return self.cleaned_data  # something is missing, so nothing is tried
        who = {
            "name": self.cleaned_data["username"],
            "address": client_address(self.request),
        }
        try:
            begin_login(**who)
        except LoginLocked as locked:
            raise ValidationError(gettext(locked.detail), code=locked.code) from locked
        cleaned = super().clean()
        forgive(**who)
        return cleaned

    def confirm_login_allowed(self, user: Any) -> None:
        super().confirm_login_allowed(user)
        if not has_second_factor(user=user, code=self.cleaned_data["code"]):
            raise self.get_invalid_login_error()


class StaffSite(UnfoldAdminSite):
    login_form = LoginForm
    index_title = _("Dashboard")
    login_template = "staff/login.html"

    def get_urls(self) -> list:
        return [path("language/", set_language, name="language"), *super().get_urls()]

    def password_change(
        self, request: HttpRequest, extra_context: dict | None = None
    ) -> HttpResponse:
        with transaction.atomic():
            response = super().password_change(request, extra_context)
            if response.status_code == HTTPStatus.FOUND:  # on to the page that says it is done
                record("password_changed", user_id=request.user.id)
        return response

    def has_permission(self, request: HttpRequest) -> bool:
        return super().has_permission(request) and _has_proven_themselves(request)


def _has_proven_themselves(request: HttpRequest) -> bool:
    """Tell whether this session gave the second factor, where its user has or needs one.

    Asked once per request: a page asks it several times.
    """
    if not hasattr(request, "has_proven_themselves"):
        devices = TOTPDevice.objects.devices_for_user(request.user, confirmed=True)
        known = {device.persistent_id for device in devices}
        is_needed = bool(known) or settings.EVENTLY_STAFF_TOTP == "required"
        is_given = request.session.get(DEVICE_ID_SESSION_KEY) in known
        request.has_proven_themselves = is_given or not is_needed
    return request.has_proven_themselves
