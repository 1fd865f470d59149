"""What the pages of the staff site share: services make the changes, and may refuse.

Django's admin saves and deletes inside a transaction of its own. Our services open theirs, insist
that it is the outermost one, and mean what they commit; so these pages call them outside of any.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.utils import model_ngettext
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import ValidationError
from django.db import DataError, IntegrityError, InterfaceError, OperationalError
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.views.decorators.csrf import csrf_protect
from import_export.admin import ExportMixin
from unfold.admin import ModelAdmin
from unfold.contrib.import_export.forms import ExportForm
from unfold.decorators import display

from evently.api.errors import DomainRefusal
from evently.api.exceptions import ChangedMeanwhile, DatabaseUnavailable

REFUSALS = (DomainRefusal, OperationalError, InterfaceError, IntegrityError)

admin.site.empty_value_display = "–"
# Whatever may be deleted at all is looked at by itself first.
admin.site.disable_action("delete_selected")


class StaffPages:
    """What lists and pages of rows have in common, Django's own included that we extend."""

    list_per_page = 50
    show_full_result_count = False

    def get_changelist_instance(self, request: HttpRequest) -> ChangeList:
        try:
            return super().get_changelist_instance(request)
        # A filter in the address that no column can hold: too long a number, a null character.
        except (OverflowError, DataError) as reason:
            raise IncorrectLookupParameters(reason) from reason

    def refuse_deletion(
        self, request: HttpRequest, object_id: str, refusal: Exception
    ) -> HttpResponse:
        """Lead back to the row, with the reason why it is still there."""
        self.message_user(request, explain(refusal), messages.ERROR)
        return redirect(_page("change", self.model, object_id))

    def ask(
        self, request: HttpRequest, template: str, *, title: str, **shown: Any
    ) -> TemplateResponse:
        """Show a page that asks whether to run an action (see `staff/yes_or_no.html`)."""
        request.current_app = self.admin_site.name
        context = self.admin_site.each_context(request) | {
            "title": title,
            "opts": self.opts,
            "action_checkbox_name": ACTION_CHECKBOX_NAME,
            "media": self.media,
        }
        return TemplateResponse(request, template, context | shown)

    def run_each(
        self,
        request: HttpRequest,
        rows: Iterable[Model],
        service: Callable[[Any], object],
        *,
        done: str,
    ) -> None:
        """Call the service for one row after the other; note in each one's history what is done.

        A refusal concerns its row only.
        """
        changed, refused = 0, Counter[str]()
        for row in rows:
            try:
                service(row)
            except REFUSALS as refusal:
                refused[explain(refusal)] += 1
            else:
                self.log_change(request, row, f"{done.capitalize()}.")
                changed += 1
        self.report(request, changed, refused, done=done)

    def report(
        self, request: HttpRequest, changed: int, refused: Counter[str], *, done: str
    ) -> None:
        """Tell how many rows are done, and how many were refused for which reason."""
        refused = +refused  # without what is counted zero times
        if changed or not refused:
            level = messages.SUCCESS if changed else messages.WARNING
            self.message_user(request, f"{self._counted(changed)} {done}.", level)
        for reason, number in refused.items():
            self.message_user(request, f"{self._counted(number)}: {reason}", messages.ERROR)

    def _counted(self, number: int) -> str:
        return f"{number} {model_ngettext(self.opts, number)}"

    @admin.display(description="related")
    def related(self, row: Model) -> SafeString:
        """Link to the lists of what refers to this row.

        They are found in the models' own registry, so a floor needs no word of those above it.
        """
        shown = [
            relation
            for relation in row._meta.related_objects
            if self.admin_site.is_registered(relation.related_model)
        ]
        return format_html_join(
            " · ",
            '<a href="{}?{}__exact={}">{}</a>',
            [
                (
                    _page("changelist", relation.related_model),
                    relation.field.name,
                    row.pk,
                    capfirst(relation.related_model._meta.verbose_name_plural),
                )
                for relation in shown
            ],
        )


class StaffForm(forms.ModelForm):
    """A form that is shown once more, as it was filled in, with the reason of a refusal."""

    refusal: str | None = None

    def clean(self) -> dict[str, Any]:
        super().clean()
        if self.refusal:
            raise ValidationError(self.refusal)
        return self.cleaned_data


class ServiceAdmin(admin.ModelAdmin):
    """Django's own pages, whose changes are a service's: outside of any transaction."""

    @method_decorator(csrf_protect)
    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict | None = None,
    ) -> HttpResponse:
        try:
            return self._changeform_view(request, object_id, form_url, extra_context)
        except REFUSALS as refusal:
            request.refusal = explain(refusal)
            return self._changeform_view(request, object_id, form_url, extra_context)

    @method_decorator(csrf_protect)
    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict | None = None
    ) -> HttpResponse:
        try:
            return self._delete_view(request, object_id, extra_context)
        except REFUSALS as refusal:
            return self.refuse_deletion(request, object_id, refusal)

    def get_form(self, request: HttpRequest, *args: Any, **kwargs: Any) -> type[forms.ModelForm]:
        form = super().get_form(request, *args, **kwargs)
        form.refusal = getattr(request, "refusal", None)  # the class is made for this request
        return form


class StaffAdmin(StaffPages, ModelAdmin, ServiceAdmin):
    """Pages of the console whose changes are a service's; what it refuses is shown."""

    form = StaffForm
    list_filter_submit = False
    list_filter_sheet = False
    list_fullwidth = True
    compressed_fields = True
    warn_unsaved_form = True


class Exported(ExportMixin):
    """Mixed in before a list's other classes: what is filtered there can be had as CSV or XLSX."""

    export_form_class = ExportForm
    # Its formats and fields are asked for on a page of its own.
    show_change_form_export = False


class LookOnlyAdmin(StaffAdmin):
    """Rows that nobody writes by hand: pages to look at, and actions that call services."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Tell whether the list offers actions; a single row has nothing to edit."""
        return obj is None and bool(self.actions) and super().has_change_permission(request)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


def explain(refusal: Exception) -> str:
    """Return a sentence for people on why the change wasn't made."""
    match refusal:
        case DomainRefusal():
            return refusal.detail
        case IntegrityError():
            return ChangedMeanwhile.default_detail
    return DatabaseUnavailable.default_detail


def link_to(row: Model, text: object = None) -> SafeString:
    """Link to a row's own page."""
    return format_html(
        '<a href="{}">{}</a>', _page("change", type(row), row.pk), row if text is None else text
    )


def linked(field: str) -> Callable[[Model], SafeString | None]:
    """Make a list's column that links to the row which the field refers to."""

    @admin.display(description=field.replace("_", " "))
    def column(row: Model) -> SafeString | None:
        other = getattr(row, field)
        return link_to(other) if other else None

    column.__name__ = field
    return column


def state(**colours: str) -> Callable[[Model], tuple[str, str]]:
    """Make a list's column that shows a row's status, coloured: success, info, warning, danger."""

    @display(description="status", ordering="status", label=colours)
    def status(row: Model) -> tuple[str, str]:
        return row.status, row.get_status_display()

    return status


def _page(kind: str, model: type[Model], *args: Any) -> str:
    opts = model._meta
    return reverse(f"admin:{opts.app_label}_{opts.model_name}_{kind}", args=args)
