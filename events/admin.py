"""Events and seats on the staff site, as far as this floor goes.

Neither is registered here: the floors above extend them by what needs the line or the ledger.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import groupby
from typing import Any

from django.conf import settings
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.dateparse import parse_datetime
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext_lazy
from unfold.contrib.filters.admin import AutocompleteSelectFilter

from evently.api.fields import EARLIEST, LATEST
from evently.api.staff import LookOnlyAdmin, StaffAdmin
from evently.api.staff_actions import REFUSALS, explain
from evently.api.staff_columns import linked, moment, shown_moment, state
from evently.api.staff_sheets import Imported
from events.forms import SEATS, EventForm, NewEventForm
from events.importing import EventResource
from events.models import DEADLINES, MOMENTS, TIMES, Event, Seat
from events.services import block_seats, create_event

SEATS_PER_CHANGE = 1_000

SHOWN_DEADLINES = [moment(name) for name in DEADLINES]
STATE = state(draft="info", published="success", cancelled="danger")
SEAT_STATE = state(available="success", held="warning", booked="info", blocked="danger")


class EventAdmin(Imported, StaffAdmin):
    form = EventForm
    add_form = NewEventForm
    resource_classes = [EventResource]
    list_display = ["name", "venue", "starts", STATE, "total_seats", "available_seats"]
    list_filter = ["status", "start_time"]
    show_facets = admin.ShowFacets.ALWAYS
    date_hierarchy = "start_time"
    search_fields = ["name", "venue"]
    search_help_text = gettext_lazy("A part of the name or the venue")
    empty_text = gettext_lazy("No event is like that. Add one, or import a sheet of them.")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Event]:
        return super().get_queryset(request).with_available_seats()

    def get_form(self, request: HttpRequest, obj: Event | None = None, **kwargs: Any) -> type:
        form = {} if obj else {"form": self.add_form}
        return super().get_form(request, obj, **(form | kwargs))

    def get_fields(self, request: HttpRequest, obj: Event | None = None) -> list[Any]:
        may_edit = obj is None or self.has_change_permission(request, obj)
        times = [*TIMES, "timezone"] if may_edit else ["starts", "ends"]
        seats = ["total_seats", "available_seats", "related"] if obj else SEATS
        deadlines = DEADLINES if may_edit else SHOWN_DEADLINES
        return [
            "name", "venue", *times, *seats, "max_per_user", *deadlines, "status", "description",
        ]  # fmt: skip

    def get_readonly_fields(self, request: HttpRequest, obj: Event | None = None) -> list[str]:
        if obj is None:
            return []
        status = [] if obj.status == Event.Status.DRAFT else ["status"]
        return [*status, "total_seats", "available_seats", "related"]

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        given = super().get_changeform_initial_data(request)
        # Those of an address are texts, and may be wrong.
        times = {name: _moment(given[name]) for name in MOMENTS if name in given}
        return {"timezone": settings.TIME_ZONE} | given | times

    def save_model(self, request: HttpRequest, obj: Event, form: Any, change: bool) -> None:
        obj.pk = create_event(**form.facts).pk

    @admin.display(ordering="start_time", description=gettext_lazy("starts"))
    def starts(self, event: Event) -> SafeString | str:
        return shown_moment(event.start_time, event.timezone)

    @admin.display(ordering="end_time", description=gettext_lazy("ends"))
    def ends(self, event: Event) -> SafeString | str:
        return shown_moment(event.end_time, event.timezone)

    @admin.display(ordering="available_seats", description=gettext_lazy("available seats"))
    def available_seats(self, event: Event) -> int:
        return event.available_seats


class SeatAdmin(LookOnlyAdmin):
    list_display = [
        "seat_number",
        linked("event"),
        SEAT_STATE,
        linked("held_for"),
        moment("held_until"),
    ]
    list_select_related = ["event", "held_for", "hold"]
    list_filter = [("event", AutocompleteSelectFilter), "status"]
    list_filter_submit = True
    search_fields = ["seat_number", "event__name"]
    # By the column: Django would follow "event" into that model's own ordering.
    ordering = ["event_id", "position"]
    fields = [
        "event", "seat_number", "position", "status", "held_for", "held_until", "hold", "related",
    ]  # fmt: skip
    readonly_fields = ["related"]
    actions = ["block"]

    def described(self, row: Seat) -> str:
        return f"{row}, {row.event}"

    @admin.action(permissions=["change"], description=gettext_lazy("Block selected seats"))
    def block(self, request: HttpRequest, queryset: QuerySet[Seat]) -> HttpResponse:
        return self.ask_about_seats(
            request,
            queryset.available(),
            block_seats,
            action="block",
            title=_("Block seats"),
            warning=_("Seats that are blocked are out of the sale until they are given back."),
            done=ngettext_lazy("%d seat blocked.", "%d seats blocked."),
            only=_("Only an available seat can be blocked."),
        )

    def ask_about_seats(
        self,
        request: HttpRequest,
        seats: QuerySet[Seat],
        service: Callable[..., int],
        *,
        done: Any,
        only: str,
        **asked: str,
    ) -> HttpResponse:
        """Change the seats once somebody says yes (see `confirmed`)."""

        def change(rows: QuerySet[Seat]) -> None:
            self.change_seats(request, rows, service, done=done, only=only)

        return self.confirmed(request, seats, change, **asked)

    def change_seats(
        self,
        request: HttpRequest,
        seats: QuerySet[Seat],
        service: Callable[..., int],
        *,
        done: Any,
        only: str,
    ) -> None:
        """Call the service for the seats of one event after the other.

        `only` says which seats it changes; it leaves the others as they are.
        """
        changed, refused = 0, Counter[str]()
        for event_id, seat_ids in _portions(seats):
            try:
                number = service(event_id=event_id, seat_ids=seat_ids)
            except REFUSALS as refusal:
                refused[explain(refusal)] += len(seat_ids)
            else:
                changed += number
                refused[only] += len(seat_ids) - number
        self.report(request, changed, refused, done=done)


def _moment(text: str) -> datetime | None:
    try:
        moment = parse_datetime(text)
    except ValueError:
        return None
    return moment if moment and EARLIEST.year <= moment.year <= LATEST.year else None


def _portions(seats: QuerySet[Seat]) -> Iterator[tuple[int, list[int]]]:
    """Yield ids of seats of one event, few enough that its gate is not closed for long."""
    rows = list(seats.order_by("event_id", "position").values_list("event_id", "id"))
    for event_id, group in groupby(rows, key=lambda row: row[0]):
        seat_ids = [seat_id for _, seat_id in group]
        for start in range(0, len(seat_ids), SEATS_PER_CHANGE):
            yield event_id, seat_ids[start : start + SEATS_PER_CHANGE]
