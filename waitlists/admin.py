"""The line on the staff site, and seats, which only the line may give back."""

from django.contrib import admin, messages
from django.contrib.admin.utils import display_for_value
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext_lazy
from import_export.fields import Field
from import_export.resources import ModelResource
from unfold.contrib.filters.admin import AutocompleteSelectFilter
from unfold.decorators import action

import events.admin
from evently.api.staff import LookOnlyAdmin
from evently.api.staff_actions import REFUSALS, explain
from evently.api.staff_columns import (
    EMPTY,
    linked,
    links_to,
    moment,
    once,
    page_address,
    shown_moment,
    state,
)
from evently.api.staff_sheets import Exported
from events.models import Seat
from waitlists.errors import NotWaiting
from waitlists.forms import MoveForm
from waitlists.lapsing import cancel_offer
from waitlists.models import WaitlistEntry
from waitlists.releasing import offer_seats, unblock_seats
from waitlists.services import leave, move_entry


@admin.register(Seat)
class SeatAdmin(events.admin.SeatAdmin):
    actions = ["block", "unblock", "offer"]

    @admin.action(
        permissions=["change"], description=gettext_lazy("Give selected blocked seats back")
    )
    def unblock(self, request: HttpRequest, queryset: QuerySet[Seat]) -> HttpResponse:
        return self.ask_about_seats(
            request,
            queryset.filter(status=Seat.Status.BLOCKED),
            unblock_seats,
            action="unblock",
            title=_("Give seats back"),
            warning=_("They go to those in line whom they fit, or on sale again."),
            done=ngettext_lazy("%d seat given back.", "%d seats given back."),
            only=_("Only a blocked seat can be given back."),
        )

    def has_offer_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("waitlists.change_waitlistentry")

    @admin.action(
        permissions=["offer"],
        description=gettext_lazy("Offer selected blocked seats to the next in line"),
    )
    def offer(self, request: HttpRequest, queryset: QuerySet[Seat]) -> HttpResponse:
        return self.ask_about_seats(
            request,
            queryset.filter(status=Seat.Status.BLOCKED),
            offer_seats,
            action="offer",
            title=_("Offer seats to the line"),
            warning=_(
                "They are offered to the next in line whom they fit, who are told, or gathered for "
                "a party; the others stay blocked."
            ),
            done=ngettext_lazy("%d seat offered.", "%d seats offered."),
            only=_("Nobody else in line wants so many seats, or these."),
        )


STATE = state(
    waiting="info", offered="warning", accepted="success", lapsed="danger", closed="danger"
)


class WaitlistEntryResource(ModelResource):
    seats_kept = Field("seats_kept")

    class Meta:
        model = WaitlistEntry
        fields = [
            "id", "event__name", "user__username", "user__email", "status", "party_size",
            "adjacent", "passed_over", "offered_seat__seat_number", "seats_kept", "created_at",
            "ended_at",
        ]  # fmt: skip


@admin.register(WaitlistEntry)
class WaitlistEntryAdmin(Exported, LookOnlyAdmin):
    resource_classes = [WaitlistEntryResource]
    list_display = [
        "id", linked("event"), linked("user"), STATE, "position", "party_size", "adjacent",
        "passed_over", linked("offered_seat"), "seats_kept", "offer_expires_at",
        moment("created_at"),
    ]  # fmt: skip
    list_select_related = ["event", "user", "offered_seat"]
    list_filter = [("event", AutocompleteSelectFilter), "status", "adjacent", "created_at"]
    list_filter_submit = True
    date_hierarchy = "created_at"
    search_fields = ["=id", "event__name", "user__username", "user__email"]
    search_help_text = gettext_lazy("An entry's number, a part of an event's name, a name or mail")
    empty_text = gettext_lazy("Nobody is in line. People join when an event is full.")
    fields = [
        linked("event"), linked("user"), "status", "position", "party_size", "adjacent",
        "passed_over", moment("passed_over_since"), "kept_seats", moment("offered_at"),
        "offer_expires_at", moment("created_at"), moment("asked_at"), moment("ended_at"),
    ]  # fmt: skip
    readonly_fields = fields
    actions = ["cancel_offers", "take_out"]
    actions_detail = ["move", "cancel_this_offer", "take_this_out"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[WaitlistEntry]:
        return super().get_queryset(request).with_position().with_seats_kept()

    def described(self, row: WaitlistEntry) -> str:
        return f"#{row.pk}: {row.user}, {row.event}"

    @admin.action(
        permissions=["change"], description=gettext_lazy("Cancel offers of selected entries")
    )
    def cancel_offers(
        self, request: HttpRequest, queryset: QuerySet[WaitlistEntry], back: str | None = None
    ) -> HttpResponse:
        return self.each_confirmed(
            request,
            queryset.offered(),
            lambda entry: cancel_offer(entry_id=entry.id),
            done=ngettext_lazy("%d offer cancelled.", "%d offers cancelled."),
            action="cancel_offers",
            title=_("Cancel offers"),
            warning=_(
                "At once the seats go to the next in line whom they fit, or on sale again; who "
                "loses them is told."
            ),
            back=back,
        )

    @admin.action(
        permissions=["change"], description=gettext_lazy("Take selected entries out of the line")
    )
    def take_out(
        self, request: HttpRequest, queryset: QuerySet[WaitlistEntry], back: str | None = None
    ) -> HttpResponse:
        return self.each_confirmed(
            request,
            queryset.live(),
            lambda entry: leave(entry_id=entry.id),
            done=ngettext_lazy("%d taken out of the line.", "%d taken out of the line."),
            action="take_out",
            title=_("Take out of the line"),
            warning=_("They lose their places; they may join again at the end."),
            back=back,
        )

    def has_move_permission(self, request: HttpRequest, object_id: object = None) -> bool:
        """Tell whether whoever asks may change the order of a line: who may change its event."""
        return self.has_act_permission(request) and request.user.has_perm("events.change_event")

    @action(description=gettext_lazy("Move in the line"), permissions=["move"], icon="swap_vert")
    def move(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask for the new position and the reason, and move."""
        entry = self.row_or_404(request, object_id)
        own_page = page_address("change", WaitlistEntry, entry.pk)
        if entry.position is None:
            self.message_user(request, _(NotWaiting.detail), messages.ERROR)
            return redirect(own_page)
        form = MoveForm(request.POST or None, initial={"position": entry.position})
        if form.is_valid():
            try:
                is_moved = move_entry(entry_id=entry.id, **form.cleaned_data)
            except REFUSALS as refusal:
                self.message_user(request, explain(refusal), messages.ERROR)
                return redirect(own_page)
            if is_moved:
                self.log_change(request, entry, [{"changed": {"fields": ["position"]}}])
                self.message_user(request, _("Moved. The reason is in the record."))
            else:
                self.message_user(request, _("That is their position already."), messages.WARNING)
            return redirect(own_page)
        title = _("Move %(entry)s") % {"entry": self.described(entry)}
        return self.fill_in(request, form, title=title, back=own_page)

    @action(description=gettext_lazy("Cancel offer"), permissions=["act"], icon="event_busy")
    def cancel_this_offer(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self.cancel_offers(request, *self.one(request, object_id))

    @action(description=gettext_lazy("Take out"), permissions=["act"], icon="person_remove")
    def take_this_out(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self.take_out(request, *self.one(request, object_id))

    # What is no field is put into words here: on a row's own page Django would say "None".
    @admin.display(description=gettext_lazy("position"))
    def position(self, entry: WaitlistEntry) -> str:
        return display_for_value(entry.position, self.get_empty_value_display())

    @admin.display(description=gettext_lazy("seats kept"))
    def seats_kept(self, entry: WaitlistEntry) -> int | str:
        return entry.seats_kept or EMPTY

    @admin.display(description=gettext_lazy("seats offered or gathered"))
    @once
    def kept_seats(self, entry: WaitlistEntry) -> SafeString | str:
        if not entry.is_live:
            return EMPTY
        kept = Seat.objects.kept_for_line().filter(event=entry.event_id, held_for=entry.user_id)
        return links_to(kept.order_by("position"))

    @admin.display(description=gettext_lazy("offer expires at"))
    def offer_expires_at(self, entry: WaitlistEntry) -> SafeString | str:
        return shown_moment(entry.offer_expires_at, entry.event.timezone)
