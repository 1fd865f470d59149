"""The forms of an event: as it is made, and as it is changed later."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils.timezone import make_naive
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelect2Widget,
    UnfoldAdminSelectWidget,
)

from evently.api.fields import EARLIEST, LATEST, TIME_ZONES, place
from evently.api.staff import StaffForm
from events.models import MAX_SEATS, MOMENTS, Event
from events.services import MAX_ROWS

OUT_OF_RANGE = _("The time must lie between 1900 and 2999.")
SEATS = ("total_seats", "rows", "seats_per_row")


class EventForm(StaffForm):
    """An event, its times read and shown in its own time zone. Cancelling is an action."""

    status = forms.ChoiceField(
        label=_("Status"),
        choices=[choice for choice in Event.Status.choices if choice[0] != Event.Status.CANCELLED],
        widget=UnfoldAdminSelectWidget,
        help_text=_("A draft is seen by staff only. What is published stays so, or is cancelled."),
    )
    timezone = forms.ChoiceField(
        label=_("Time zone"),
        choices=[(name, name) for name in TIME_ZONES],
        widget=UnfoldAdminSelect2Widget,
        help_text=_("All times are in this time zone."),
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
        if "timezone" in values:
            for name in MOMENTS:
                if values.get(name):
                    self._place(name)
        if self._is_empty_span("start_time", "end_time"):
            self.add_error("end_time", _("The event must end after its start."))
        if self._is_empty_span("sales_start", "sales_end"):
            self.add_error("sales_end", _("The sales must end after their start."))
        return values

    @property
    def changes(self) -> dict[str, Any]:
        """The new values; the same hours in another time zone are other times."""
        changed = set(self.changed_data)
        if "timezone" in changed:
            changed |= set(MOMENTS)
        return {name: self.cleaned_data[name] for name in changed}

    def _is_empty_span(self, first: str, last: str) -> bool:
        start, end = self.cleaned_data.get(first), self.cleaned_data.get(last)
        return bool(start and end and end <= start)

    def _place(self, name: str) -> None:
        moment = self.cleaned_data[name]
        if not EARLIEST.year <= moment.year <= LATEST.year:
            self.add_error(name, OUT_OF_RANGE)
            return
        # Django has read a time without an offset in the server's zone.
        if isinstance(moment.tzinfo, ZoneInfo):
            moment = place(make_naive(moment), self.cleaned_data["timezone"])
        self.cleaned_data[name] = moment
        if not EARLIEST <= moment <= LATEST:
            self.add_error(name, OUT_OF_RANGE)


class NewEventForm(EventForm):
    """An event to come, its seats told as a number, or as rows of so many each."""

    total_seats = forms.IntegerField(
        label=_("Total seats"),
        required=False,
        min_value=0,
        max_value=MAX_SEATS,
        widget=UnfoldAdminIntegerFieldWidget,
        help_text=_("They are named Seat-1, Seat-2 and so on. Leave it empty to name rows."),
    )
    rows = forms.IntegerField(
        label=_("Rows"),
        required=False,
        min_value=1,
        max_value=MAX_ROWS,
        widget=UnfoldAdminIntegerFieldWidget,
        help_text=_("A to Z, then AA to ZZ; their seats are named A-1, A-2 and so on."),
    )
    seats_per_row = forms.IntegerField(
        label=_("Seats per row"),
        required=False,
        min_value=1,
        max_value=MAX_SEATS,
        widget=UnfoldAdminIntegerFieldWidget,
    )

    class Meta:
        model = Event
        fields = ["name", "venue", "description", *MOMENTS, "max_per_user"]

    def clean(self) -> dict[str, Any]:
        values = super().clean()
        total, rows, in_row = (values.get(name) for name in SEATS)
        if not self.errors.keys() & set(SEATS):
            if (rows is None) != (in_row is None):
                self.add_error("rows", _("Tell both: how many rows, and of how many seats."))
            elif (total is None) == (rows is None):
                self.add_error("total_seats", _("Tell the seats as a number or as rows."))
            elif rows and rows * in_row > MAX_SEATS:
                self.add_error("rows", _("An event has at most 100,000 seats."))
            elif rows:
                values["total_seats"] = rows * in_row
        return values

    @property
    def facts(self) -> dict[str, Any]:
        """What `create_event` is to be told."""
        return {name: value for name, value in self.cleaned_data.items() if name != "rows"}
