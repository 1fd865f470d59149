"""Events and seats on the staff site, as far as this floor goes.

Neither is registered here: the floors above extend them by what needs the line or the ledger.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from django import forms
from django.conf import settings
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.dateparse import parse_datetime
from django.utils.timezone import make_naive

from evently.api.fields import EARLIEST, LATEST, place
from evently.api.staff import REFUSALS, LookOnlyAdmin, StaffAdmin, StaffForm, explain, linked, state
from events.models import Event, Seat
from events.services import block_seats, create_event

SEATS_PER_CHANGE = 1_000
TIMES = ["start_time", "end_time"]


class EventForm(StaffForm):
    """An event, its times read and shown in its own time zone. Cancelling is an action."""

    status = forms.ChoiceField(
        choices=[choice for choice in Event.Status.choices if choice[0] != Event.Status.CANCELLED],
        help_text="A draft is seen by staff only. What is published stays so, or is cancelled.",
    )
    timezone = forms.ChoiceField(
        label="Time zone",
        choices=[(name, name) for name in sorted(available_timezones())],
        help_text="Both times are in this time zone.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.shown_zone = ZoneInfo(self.instance.timezone)

    def get_initial_for_field(self, field: forms.Field, field_name: str) -> Any:
        value = super().get_initial_for_field(field, field_name)
        is_moment = isinstance(value, datetime) and value.tzinfo
        return make_naive(value, self.shown_zone) if is_moment else value

    def clean(self) -> dict[str, Any]:
        values = super().clean()
        if {*TIMES, "timezone"} <= values.keys():
            for name in TIMES:
                self._place(name)
        if set(TIMES) <= values.keys() and values["end_time"] <= values["start_time"]:
            self.add_error("end_time", "The event must end after its start.")
        return values

    @property
    def changes(self) -> dict[str, Any]:
        """The new values; the same hours in another time zone are other times."""
        changed = set(self.changed_data)
        if "timezone" in changed:
            changed |= set(TIMES)
        return {name: self.cleaned_data[name] for name in changed}

    def _place(self, name: str) -> None:
        # Django has read the time in the server's zone.
        moment = place(make_naive(self.cleaned_data[name]), self.cleaned_data["timezone"])
        self.cleaned_data[name] = moment
        if not EARLIEST <= moment <= LATEST:
            self.add_error(name, "The time must lie between 1900 and 2999.")


STATE = state(draft="info", published="success", cancelled="danger")
SEAT_STATE = state(available="success", held="warning", booked="info", blocked="danger")


class EventAdmin(StaffAdmin):
    form = EventForm
    list_display = ["name", "venue", "starts", STATE, "total_seats", "available_seats"]
    list_filter = ["status", "start_time"]
    date_hierarchy = "start_time"
    search_fields = ["name", "venue"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Event]:
        return super().get_queryset(request).with_available_seats()

    def get_fields(self, request: HttpRequest, obj: Event | None = None) -> list[str]:
        may_edit = obj is None or self.has_change_permission(request, obj)
        times = [*TIMES, "timezone"] if may_edit else ["starts", "ends"]
        terms = ["status", "total_seats", "max_per_user"]
        shown_later = [] if obj is None else ["available_seats", "related"]
        return ["name", "venue", "description", *times, *terms, *shown_later]

    def get_readonly_fields(self, request: HttpRequest, obj: Event | None = None) -> list[str]:
        if obj is None:
            return []
        status = [] if obj.status == Event.Status.DRAFT else ["status"]
        return [*status, "total_seats", "available_seats", "related"]

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        given = super().get_changeform_initial_data(request)
        # Those of an address are texts.
        times = {name: parse_datetime(given[name]) for name in TIMES if name in given}
        return {"timezone": settings.TIME_ZONE} | given | times

    def save_model(self, request: HttpRequest, obj: Event, form: EventForm, change: bool) -> None:
        obj.pk = create_event(**form.cleaned_data).pk

    @admin.display(ordering="start_time")
    def starts(self, event: Event) -> str:
        return event.local_time(event.start_time)

    @admin.display(ordering="end_time")
    def ends(self, event: Event) -> str:
        return event.local_time(event.end_time)

    @admin.display(ordering="available_seats")
    def available_seats(self, event: Event) -> int:
        return event.available_seats


class SeatAdmin(LookOnlyAdmin):
    list_display = ["seat_number", linked("event"), SEAT_STATE, linked("held_for"), "held_until"]
    list_select_related = ["event", "held_for"]
    list_filter = ["status"]
    search_fields = ["seat_number", "event__name"]
    # By the column: Django would follow "event" into that model's own ordering.
    ordering = ["event_id", "position"]
    fields = [
        "event", "seat_number", "position", "status", "held_for", "held_until", "related",
    ]  # fmt: skip
    readonly_fields = ["related"]
    actions = ["block"]

    @admin.action(permissions=["change"], description="Block selected seats, out of the sale")
    def block(self, request: HttpRequest, queryset: QuerySet[Seat]) -> None:
        only = "Only an available seat can be blocked."
        self.change_seats(request, queryset, block_seats, done="blocked", only=only)

    def change_seats(
        self,
        request: HttpRequest,
        seats: QuerySet[Seat],
        service: Callable[..., int],
        *,
        done: str,
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


def _portions(seats: QuerySet[Seat]) -> Iterator[tuple[int, list[int]]]:
    """Yield ids of seats of one event, few enough that its gate is not closed for long."""
    rows = list(seats.order_by("event_id", "position").values_list("event_id", "id"))
    for event_id, group in groupby(rows, key=lambda row: row[0]):
        seat_ids = [seat_id for _, seat_id in group]
        for start in range(0, len(seat_ids), SEATS_PER_CHANGE):
            yield event_id, seat_ids[start : start + SEATS_PER_CHANGE]
