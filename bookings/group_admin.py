"""Several seats at once on the staff site: holds, and orders."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext_lazy
from import_export.fields import Field
from import_export.resources import ModelResource
from unfold.decorators import action, display

from bookings.claim_admin import OF_EVENT, ClaimAdmin
from bookings.holds import release_hold
from bookings.models import Booking, Order
from bookings.orders import cancel_order
from evently.api.staff_columns import EMPTY, link_to, linked, links_to, moment, once, page_address
from events.models import Hold


class OrderResource(ModelResource):
    reference = Field("reference")
    total_seats = Field("total_seats")
    seats_left = Field("seats_left")

    class Meta:
        model = Order
        fields = [
            "id", "reference", "event__name", "user__username", "user__email",
            "total_seats", "seats_left", "created_at",
        ]  # fmt: skip


class SeatsLeft(admin.SimpleListFilter):
    title = gettext_lazy("seats left")
    parameter_name = "left"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple]:
        return [("some", _("Some")), ("none", _("None"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Order]) -> QuerySet[Order]:
        if self.value() not in ("some", "none"):
            return queryset
        return queryset.having_seats_left(self.value() == "some")


class OrderAdmin(ClaimAdmin):
    resource_classes = [OrderResource]
    list_display = [
        "reference", linked("event"), linked("user"), "total_seats", "seats_left",
        moment("created_at"),
    ]  # fmt: skip
    list_select_related = ["event", "user"]
    list_filter = [OF_EVENT, SeatsLeft, "created_at"]
    search_help_text = gettext_lazy(
        "An order's reference or number, or a part of an event's name, a user's name or mail"
    )
    by_order = "id"
    empty_text = gettext_lazy("No order is like that. People order several seats through the API.")
    fields = [
        "reference", linked("event"), linked("user"), "seats", "seats_left", moment("created_at"),
        "related",
    ]  # fmt: skip
    readonly_fields = fields
    actions = ["cancel"]
    actions_detail = ["cancel_this"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Order]:
        return super().get_queryset(request).with_seats()

    def described(self, row: Order) -> str:
        return f"{row}: {row.event}, {row.user}"

    @admin.action(permissions=["change"], description=gettext_lazy("Cancel selected orders"))
    def cancel(
        self, request: HttpRequest, queryset: QuerySet[Order], back: str | None = None
    ) -> HttpResponse:
        return self.each_confirmed(
            request,
            queryset.having_seats_left(),
            lambda order: cancel_order(order_id=order.id, by_staff=True),
            done=ngettext_lazy("%d order cancelled.", "%d orders cancelled."),
            action="cancel",
            title=_("Cancel orders"),
            warning=_(
                "What is left of an order is cancelled for good; bookings: %(bookings)d. Their "
                "seats go to those in line whom they fit, or on sale again, and their holders are "
                "told."
            )
            % {"bookings": Booking.objects.filter(order__in=queryset).active().count()},
            back=back,
        )

    @action(description=gettext_lazy("Cancel order"), permissions=["act"], icon="event_busy")
    def cancel_this(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self.cancel(request, *self.one(request, object_id))

    @admin.display(description=gettext_lazy("reference"), ordering="id")
    def reference(self, order: Order) -> str:
        return order.reference

    @admin.display(description=gettext_lazy("seats"))
    def total_seats(self, order: Order) -> SafeString:
        """Tell how many, and link to their bookings."""
        bookings = page_address("changelist", Booking)
        return format_html(
            '<a href="{}?order__exact={}">{}</a>', bookings, order.pk, order.total_seats
        )

    @admin.display(description=gettext_lazy("seats left"))
    def seats_left(self, order: Order) -> int:
        return order.seats_left

    @admin.display(description=gettext_lazy("seats"))
    @once
    def seats(self, order: Order) -> SafeString:
        """Link each seat to its booking, and tell which are cancelled."""
        bookings = order.bookings.select_related("seat").order_by("seat__position")
        return format_html_join(", ", "{}", [[_booked(booking)] for booking in bookings])


def _booked(booking: Booking) -> SafeString:
    status = "" if booking.is_active else f" ({booking.get_status_display()})"
    return link_to(booking, f"{booking.seat}{status}")


class HoldResource(ModelResource):
    seats_held = Field("seats_held")

    class Meta:
        model = Hold
        fields = [
            "id", "event__name", "user__username", "user__email", "status", "seats_held",
            "is_refreshed", "created_at", "expires_at", "ended_at",
        ]  # fmt: skip


class HoldAdmin(ClaimAdmin):
    resource_classes = [HoldResource]
    list_display = [
        "id", linked("event"), linked("user"), "state", "seats_held", moment("expires_at"),
        "is_refreshed", moment("created_at"),
    ]  # fmt: skip
    list_select_related = ["event", "user"]
    list_filter = [OF_EVENT, "status", "is_refreshed", "created_at"]
    search_help_text = gettext_lazy(
        "A hold's number, or a part of an event's name, a user's name or mail"
    )
    empty_text = gettext_lazy("No hold is like that. People hold several seats through the API.")
    fields = [
        linked("event"), linked("user"), "status_in_words", "seats", moment("expires_at"),
        "is_refreshed", moment("created_at"), moment("ended_at"),
    ]  # fmt: skip
    readonly_fields = fields
    actions = ["give_back"]
    actions_detail = ["give_this_back"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Hold]:
        return super().get_queryset(request).with_is_past().with_seats_held()

    def described(self, row: Hold) -> str:
        return f"#{row.pk}: {row.event}, {row.user}"

    @admin.action(permissions=["change"], description=gettext_lazy("Give selected holds back"))
    def give_back(
        self, request: HttpRequest, queryset: QuerySet[Hold], back: str | None = None
    ) -> HttpResponse:
        return self.each_confirmed(
            request,
            queryset.current(),  # the others lapse by themselves
            lambda hold: release_hold(hold_id=hold.id),
            done=ngettext_lazy("%d hold given back.", "%d holds given back."),
            action="give_back",
            title=_("Give holds back"),
            warning=_(
                "All seats of a hold go to those in line whom they fit, or on sale again. Whoever "
                "made it isn't told."
            ),
            back=back,
        )

    @action(description=gettext_lazy("Give back"), permissions=["act"], icon="undo")
    def give_this_back(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self.give_back(request, *self.one(request, object_id))

    @display(
        description=gettext_lazy("status"),
        ordering="status",
        label={"open": "warning", "ordered": "success", "lapsed": "danger", "closed": "danger"},
    )
    def state(self, hold: Hold) -> tuple[str, Any]:
        status = _status_of(hold)
        return status.value, status.label

    @admin.display(description=gettext_lazy("status"))
    def status_in_words(self, hold: Hold) -> Any:
        return _status_of(hold).label

    @admin.display(description=gettext_lazy("seats"))
    def seats_held(self, hold: Hold) -> int | str:
        return hold.seats_held or EMPTY

    @admin.display(description=gettext_lazy("seats"))
    @once
    def seats(self, hold: Hold) -> SafeString | str:
        return links_to(hold.seats.order_by("position"))


def _status_of(hold: Hold) -> Hold.Status:
    """Return how it is; one that has run out has lapsed, swept or not."""
    status = Hold.Status(hold.status)
    return Hold.Status.LAPSED if status == Hold.Status.OPEN and hold.is_past else status
