"""People and their tokens on the staff site.

Users aren't registered here: a floor above extends them by what needs the lines.
"""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext_lazy
from django_otp.plugins.otp_totp.models import TOTPDevice
from unfold.admin import ModelAdmin
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from evently.api.staff import LookOnlyAdmin, StaffAdmin, StaffForm, StaffPages
from evently.api.staff_actions import REFUSALS
from evently.api.staff_columns import linked, moment
from evently.audit.services import record
from evently.users.models import SCOPES, ApiToken, User
from evently.users.services import create_token, revoke_token

# Its own pages show the keys, by which anybody can make a device's codes.
admin.site.unregister(TOTPDevice)


class EmailOnce(forms.ModelForm):
    """Says it in words, where the model's constraint would give its name."""

    def clean_email(self) -> str:
        email = self.cleaned_data["email"]
        if User.objects.exclude(pk=self.instance.pk).filter(email__iexact=email).exists():
            raise ValidationError(_("A user with that e-mail address already exists."))
        return email


class NewUserForm(EmailOnce, UserCreationForm):
    pass


class UserForm(EmailOnce, UserChangeForm):
    pass


class PasswordForm(AdminPasswordChangeForm):
    """Another's password, or none: recorded, since whoever sets it can log in as them."""

    def save(self, commit: bool = True) -> User:
        with transaction.atomic():
            user = super().save(commit)
            record("password_changed", user_id=user.id)
        return user


class UserAdmin(StaffPages, DjangoUserAdmin, ModelAdmin):
    """Django's own pages for users, with the e-mail address that ours need."""

    add_form = NewUserForm
    form = UserForm
    change_password_form = PasswordForm
    list_display = ["username", "email", "first_name", "last_name", "is_staff", "is_active"]
    readonly_fields = ["related", "last_login", "date_joined"]
    fieldsets = [*DjangoUserAdmin.fieldsets, (gettext_lazy("Elsewhere"), {"fields": ["related"]})]
    add_fieldsets = [
        (
            None,
            {
                "classes": ["wide"],
                "fields": ["username", "email", "usable_password", "password1", "password2"],
            },
        )
    ]

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        form.powers_before = _powers_of(User.objects.get(pk=obj.pk)) if change else None
        super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        user = form.instance
        action = "user_changed" if change else "user_created"
        record(action, before=form.powers_before, after=_powers_of(user), user_id=user.id)

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict | None = None
    ) -> HttpResponse:
        try:
            return super().delete_view(request, object_id, extra_context)
        # Somebody booked for them since the page looked.
        except REFUSALS as refusal:
            return self.refuse_deletion(request, object_id, refusal)

    def delete_model(self, request: HttpRequest, obj: User) -> None:
        user_id, before = obj.id, _powers_of(obj)
        super().delete_model(request, obj)
        record("user_deleted", before=before, user_id=user_id)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> tuple:
        """Let tokens and notifications go with their owner, though nobody may delete them alone.

        What is more than the owner's own is protected by its foreign key.
        """
        deleted, counts, _needed, protected = super().get_deleted_objects(objs, request)
        return deleted, counts, set(), protected


def _powers_of(user: User) -> dict[str, Any]:
    groups = user.groups.order_by("id").values_list("id", flat=True)
    permissions = user.user_permissions.order_by("codename").values_list("codename", flat=True)
    return user.powers | {"groups": list(groups), "permissions": list(permissions)}


admin.site.unregister(Group)


@admin.register(Group)
class GroupAdmin(StaffPages, DjangoGroupAdmin, ModelAdmin):
    """Django's own pages for groups; what their members may do is recorded."""

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        before = _permissions_of(form.instance) if change else None
        super().save_related(request, form, formsets, change)
        action = "group_changed" if change else "group_created"
        after = _permissions_of(form.instance)
        record(action, before=before, after=after, group_id=form.instance.id)

    def delete_model(self, request: HttpRequest, obj: Group) -> None:
        group_id, before = obj.id, _permissions_of(obj)
        super().delete_model(request, obj)
        record("group_deleted", before=before, group_id=group_id)


def _permissions_of(group: Group) -> dict[str, list[str]]:
    names = group.permissions.order_by("codename").values_list("codename", flat=True)
    return {"permissions": list(names)}


class NewTokenForm(StaffForm):
    scopes = forms.MultipleChoiceField(
        choices=[(scope, scope) for scope in SCOPES],
        initial=SCOPES,
        widget=forms.CheckboxSelectMultiple,
        label=gettext_lazy("Scopes"),
        help_text=gettext_lazy("What the token is good for. No scope makes its user an admin."),
    )

    def clean_user(self) -> User:
        user = self.cleaned_data["user"]
        if user.is_staff and user != self.maker and not self.maker.is_superuser:
            raise ValidationError(_("Only a superuser makes tokens for others of the staff."))
        return user

    def clean_expires_at(self) -> Any:
        end = self.cleaned_data["expires_at"]
        if end is not None and end <= timezone.now():
            raise ValidationError(_("That has passed already."))
        return end


TOKEN_MOMENTS = [
    moment(name) for name in ("created_at", "expires_at", "last_used_at", "revoked_at")
]


@admin.register(ApiToken)
class ApiTokenAdmin(LookOnlyAdmin):
    """Tokens are made and revoked, nothing else. Their secret is shown once, when they are made."""

    form = NewTokenForm
    list_display = [
        "__str__",
        linked("user"),
        "scope",
        *TOKEN_MOMENTS,
    ]
    list_select_related = ["user"]
    list_filter = [("revoked_at", admin.EmptyFieldListFilter), "created_at"]
    search_fields = ["name", "user__username", "user__email"]
    autocomplete_fields = ["user"]
    actions = ["revoke"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return StaffAdmin.has_add_permission(self, request)

    def get_form(self, request: HttpRequest, *args: Any, **kwargs: Any) -> type[forms.ModelForm]:
        form = super().get_form(request, *args, **kwargs)
        form.maker = request.user  # the class is made for this request
        return form

    def get_fields(self, request: HttpRequest, obj: ApiToken | None = None) -> list[Any]:
        if obj is None:
            return ["user", "name", "scopes", "expires_at"]
        return ["user", "name", "scope", *TOKEN_MOMENTS]

    def get_readonly_fields(self, request: HttpRequest, obj: ApiToken | None = None) -> list[Any]:
        return TOKEN_MOMENTS if obj else []

    def save_model(self, request: HttpRequest, obj: ApiToken, form: Any, change: bool) -> None:
        token, secret = create_token(**form.cleaned_data)
        obj.pk = token.pk
        self.message_user(
            request,
            _("The token's secret, which is shown only this once: %(secret)s") % {"secret": secret},
            messages.WARNING,
        )

    @admin.action(permissions=["change"], description=gettext_lazy("Revoke selected tokens"))
    def revoke(self, request: HttpRequest, queryset: QuerySet[ApiToken]) -> HttpResponse:
        return self.each_confirmed(
            request,
            queryset.filter(revoked_at=None),
            lambda token: revoke_token(token_id=token.id),
            done=ngettext_lazy("%d token revoked.", "%d tokens revoked."),
            action="revoke",
            title=_("Revoke tokens"),
            warning=_("Whoever calls with them is refused at once, for good."),
        )

    def described(self, row: ApiToken) -> str:
        return f"{row}, {row.user}"
