"""Bookings on the staff site, and erasing people.

For events see `event_admin`, for orders and holds `group_admin`.
"""

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext_lazy
from import_export.fields import Field
from import_export.resources import ModelResource
from unfold.decorators import action

import evently.users.admin
from bookings.claim_admin import OF_EVENT, ClaimAdmin
from bookings.erasure import erase_user
from bookings.event_admin import EventAdmin
from bookings.group_admin import HoldAdmin, OrderAdmin
from bookings.life import life_of
from bookings.models import Booking, Order
from bookings.services import cancel_booking
from evently.api.staff_columns import linked, moment, state
from evently.users.models import User
from events.models import Event, Hold, Seat
from waitlists.models import WaitlistEntry

admin.site.register(Event, EventAdmin)
admin.site.register(Order, OrderAdmin)
admin.site.register(Hold, HoldAdmin)


class BookingResource(ModelResource):
    order = Field("order__reference")

    class Meta:
        model = Booking
        fields = [
            "id", "event__name", "seat__seat_number", "user__username", "user__email", "order",
            "status", "created_at", "cancelled_at",
        ]  # fmt: skip


@admin.register(Booking)
class BookingAdmin(ClaimAdmin):
    resource_classes = [BookingResource]
    list_display = [
        "id", linked("event"), linked("seat"), linked("user"), linked("order"),
        state(active="success", cancelled="danger"), moment("created_at"), moment("cancelled_at"),
    ]  # fmt: skip
    list_select_related = ["event", "seat", "user", "order"]
    list_filter = [OF_EVENT, "status", "created_at"]
    search_help_text = gettext_lazy(
        "A booking's number, an order's reference, a seat, or a part of an event's name, a user's "
        "name or mail"
    )
    by_order = "order"
    empty_text = gettext_lazy("No booking is like that. People book through the API.")
    fields = [
        linked("event"), linked("seat"), linked("user"), linked("order"), "status",
        moment("created_at"), moment("cancelled_at"),
    ]  # fmt: skip
    readonly_fields = fields
    actions = ["cancel"]
    actions_detail = ["cancel_this"]
    change_form_outer_after_template = "bookings/life.html"

    def described(self, row: Booking) -> str:
        return f"#{row.pk}: {row.seat}, {row.event}, {row.user}"

    def about(self, term: str) -> Q:
        seats = Seat.objects.filter(seat_number__iexact=term)
        return super().about(term) | Q(seat__in=seats.order_by().values("id"))

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict | None = None,
    ) -> HttpResponse:
        booking = self.get_object(request, object_id)
        life = {"life": life_of(booking)} if booking else {}
        return super().change_view(request, object_id, form_url, (extra_context or {}) | life)

    @admin.action(permissions=["change"], description=gettext_lazy("Cancel selected bookings"))
    def cancel(
        self, request: HttpRequest, queryset: QuerySet[Booking], back: str | None = None
    ) -> HttpResponse:
        return self.each_confirmed(
            request,
            queryset.active(),
            lambda booking: cancel_booking(booking_id=booking.id, by_staff=True),
            done=ngettext_lazy("%d booking cancelled.", "%d bookings cancelled."),
            action="cancel",
            title=_("Cancel bookings"),
            warning=_(
                "A booking that is cancelled stays so. Its seat goes to the first in line, or on "
                "sale again, and its holder is told."
            ),
            back=back,
        )

    @action(description=gettext_lazy("Cancel booking"), permissions=["act"], icon="event_busy")
    def cancel_this(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self.cancel(request, *self.one(request, object_id))


@admin.register(User)
class UserAdmin(evently.users.admin.UserAdmin):
    actions = ["erase"]

    @admin.action(permissions=["delete"], description=gettext_lazy("Erase selected users"))
    def erase(self, request: HttpRequest, queryset: QuerySet[User]) -> HttpResponse:
        """Leave their bookings and nothing of who they were."""
        return self.each_confirmed(
            request,
            queryset,
            _erase,
            done=ngettext_lazy("%d user erased.", "%d users erased."),
            action="erase",
            title=_("Erase users"),
            warning=_(
                "Nothing will say any more who they were, and they can't log in or call again. "
                "Bookings that stay, without a name: %(bookings)d. Places in lines that they "
                "lose: %(entries)d."
            )
            % {
                "bookings": Booking.objects.filter(user__in=queryset).count(),
                "entries": WaitlistEntry.objects.filter(user__in=queryset).live().count(),
            },
        )

    def described(self, row: User) -> str:
        return f"{row}, {row.email}"


def _erase(user: User) -> None:
    erase_user(user_id=user.id)
    user.refresh_from_db()  # for the staff site's log, which notes a row's name
