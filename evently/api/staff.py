"""What the pages of the staff site share: services make the changes, and may refuse.

Django's admin saves and deletes inside a transaction of its own. Our services open theirs, insist
that it is the outermost one, and mean what they commit; so these pages call them outside of any.
"""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ERROR_FLAG, ORDER_VAR, SEARCH_VAR, ChangeList
from django.core.exceptions import SuspiciousOperation, ValidationError
from django.db import DataError
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.decorators import method_decorator
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy
from django.views.decorators.csrf import csrf_protect
from unfold.admin import ModelAdmin

from evently.api.identity import is_number
from evently.api.staff_actions import REFUSALS, Asking, explain
from evently.api.staff_columns import EMPTY, page_address
from evently.audit.history import history_of

# What a filter in an address brings about that no column can hold: too long a number, or none.
WRONG_FILTERS = (OverflowError, DataError, ValueError, TypeError, IndexError, ValidationError)
MOST_WORDS = 10  # of a search

admin.site.empty_value_display = EMPTY
# Whatever may be deleted at all is looked at by itself first.
admin.site.disable_action("delete_selected")


class StaffPages(Asking):
    """What lists and pages of rows have in common, Django's own included that we extend."""

    list_per_page = 50
    show_full_result_count = False
    # What a list says that has no rows.
    empty_text: Any = gettext_lazy("There is nothing here yet.")

    def changelist_view(
        self, request: HttpRequest, extra_context: dict | None = None
    ) -> HttpResponse:
        _keep_order(request, self.opts.label_lower)
        filters = (value for name, value in request.GET.items() if name != SEARCH_VAR)
        if any(value.isdigit() and not is_number(value) for value in filters):
            # More digits than a column holds.
            return redirect(f"{request.path}?{ERROR_FLAG}=1")
        return super().changelist_view(request, extra_context)

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest) -> bool:
        """Allow what Django does but patterns, which can be made to take for ever."""
        return "regex" not in lookup and super().lookup_allowed(lookup, value, request)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet, search_term: str
    ) -> tuple[QuerySet, bool]:
        """Look for the first few words: each takes a condition for each column."""
        few = " ".join(search_term.split()[:MOST_WORDS])
        return super().get_search_results(request, queryset, few)

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return super().changeform_view(request, *args, **kwargs)
        # A number that no column can hold, in a field that lets choose by number.
        except OverflowError as reason:
            raise SuspiciousOperation("A number is too large.") from reason

    def get_changelist_instance(self, request: HttpRequest) -> ChangeList:
        try:
            return super().get_changelist_instance(request)
        except WRONG_FILTERS as reason:
            raise IncorrectLookupParameters(reason) from reason

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict | None = None
    ) -> HttpResponse:
        """Show what the record tells of the row, beside what the site itself has noted."""
        told = {"changes": history_of(self.model, object_id)}
        return super().history_view(request, object_id, (extra_context or {}) | told)

    def refuse_deletion(
        self, request: HttpRequest, object_id: str, refusal: Exception
    ) -> HttpResponse:
        """Lead back to the row, with the reason why it is still there."""
        self.message_user(request, explain(refusal), messages.ERROR)
        return redirect(page_address("change", self.model, object_id))

    @admin.display(description=gettext_lazy("related"))
    def related(self, row: Model) -> SafeString:
        """Link to the lists of what refers to this row.

        They are found in the models' own registry, hidden relations too, so a floor needs no word
        of those above it.
        """
        shown = [
            relation
            for relation in row._meta.get_fields(include_hidden=True)
            if relation.one_to_many and self.admin_site.is_registered(relation.related_model)
        ]
        return format_html_join(
            " · ",
            '<a href="{}?{}__exact={}">{}</a>',
            [
                (
                    page_address("changelist", relation.related_model),
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


class LookOnlyAdmin(StaffAdmin):
    """Rows that nobody writes by hand: pages to look at, and actions that call services."""

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """Return rows with what they refer to, for a row's page as for the list."""
        return super().get_queryset(request).select_related(*(self.list_select_related or []))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Tell whether the list offers actions; a single row has nothing to edit."""
        return obj is None and bool(self.actions) and super().has_change_permission(request)

    def has_act_permission(self, request: HttpRequest, object_id: object = None) -> bool:
        """Tell whether whoever asks may run the actions on a row's own page."""
        return self.has_change_permission(request)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


def _keep_order(request: HttpRequest, name: str) -> None:
    """Show a list in the order that its reader chose last; remember another one."""
    orders = request.session.get("orders", {})
    if ORDER_VAR in request.GET:
        chosen = request.GET[ORDER_VAR]
        if orders.get(name, "") != chosen:
            request.session["orders"] = orders | {name: chosen}
    elif orders.get(name):
        request.GET = request.GET.copy()
        request.GET[ORDER_VAR] = orders[name]
