"""The line on the staff site, and seats, which only the line may give back."""

from django.contrib import admin
from django.contrib.admin.utils import display_for_value
from django.db.models import QuerySet
from django.http import HttpRequest
from import_export.resources import ModelResource

import events.admin
from evently.api.staff import Exported, LookOnlyAdmin, linked, state
from events.models import Seat
from waitlists.models import WaitlistEntry
from waitlists.services import cancel_offer, leave, unblock_seats


@admin.register(Seat)
class SeatAdmin(events.admin.SeatAdmin):
    actions = ["block", "unblock"]

    @admin.action(permissions=["change"], description="Give selected blocked seats back")
    def unblock(self, request: HttpRequest, queryset: QuerySet[Seat]) -> None:
        only = "Only a blocked seat can be given back."
        self.change_seats(request, queryset, unblock_seats, done="given back", only=only)


STATE = state(
    waiting="info", offered="warning", accepted="success", lapsed="danger", closed="danger"
)


class WaitlistEntryResource(ModelResource):
    class Meta:
        model = WaitlistEntry
        fields = [
            "id", "event__name", "user__username", "user__email", "status",
            "offered_seat__seat_number", "created_at", "ended_at",
        ]  # fmt: skip


@admin.register(WaitlistEntry)
class WaitlistEntryAdmin(Exported, LookOnlyAdmin):
    resource_classes = [WaitlistEntryResource]
    list_display = [
        "id", linked("event"), linked("user"), STATE, "position",
        linked("offered_seat"), "offer_expires_at", "created_at",
    ]  # fmt: skip
    list_select_related = ["event", "user", "offered_seat"]
    list_filter = ["status", "created_at"]
    search_fields = ["=id", "event__name", "user__username", "user__email"]
    fields = [
        "event", "user", "status", "position", "offered_seat", "offer_expires_at",
        "created_at", "ended_at",
    ]  # fmt: skip
    readonly_fields = ["position", "offer_expires_at"]
    actions = ["cancel_offers", "take_out"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[WaitlistEntry]:
        return super().get_queryset(request).with_position()

    @admin.action(permissions=["change"], description="Cancel offers of selected entries")
    def cancel_offers(self, request: HttpRequest, queryset: QuerySet[WaitlistEntry]) -> None:
        # Whoever only waits goes first, and is refused: further on they might just have been given
        # a seat that another one here has lost.
        entries = sorted(queryset, key=lambda entry: entry.is_offered)
        self.run_each(
            request, entries, lambda entry: cancel_offer(entry_id=entry.id), done="lapsed"
        )

    @admin.action(permissions=["change"], description="Take selected entries out of the line")
    def take_out(self, request: HttpRequest, queryset: QuerySet[WaitlistEntry]) -> None:
        self.run_each(
            request,
            queryset.live(),
            lambda entry: leave(entry_id=entry.id),
            done="taken out of the line",
        )

    # What is no field is put into words here: on a row's own page Django would say "None".
    @admin.display
    def position(self, entry: WaitlistEntry) -> str:
        return display_for_value(entry.position, self.get_empty_value_display())

    @admin.display
    def offer_expires_at(self, entry: WaitlistEntry) -> str:
        return display_for_value(entry.offer_expires_at, self.get_empty_value_display())
