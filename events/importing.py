"""Events as rows of a sheet: what a list is exported as, and what makes new events."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from import_export import fields
from import_export.resources import Diff, ModelResource

from events.forms import NewEventForm
from events.models import DEADLINES, MOMENTS, Event
from events.services import create_event

TIME = "%Y-%m-%d %H:%M"


class Look(Diff):
    """What an import would make, shown as an export would show it: times in the event's zone."""

    def compare_with(self, resource: ModelResource, instance: Event) -> None:
        read = resource.export_field
        self.right = [read(field, instance) for field in resource.get_import_fields()]


class EventResource(ModelResource):
    """A row per event, its times in its own time zone.

    An import adds events and changes none. A row is checked as the form of a new event is; one
    whose name, venue and start an event has already is skipped, so that importing a sheet again
    after some of its rows were refused adds the others only.
    """

    available_seats = fields.Field(readonly=True)
    rows = fields.Field(readonly=True)
    seats_per_row = fields.Field(readonly=True)

    class Meta:
        model = Event
        fields = [
            "id", "name", "venue", "description", "start_time", "end_time", "timezone", "status",
            "total_seats", "available_seats", "max_per_user", *DEADLINES, "rows", "seats_per_row",
        ]  # fmt: skip
        use_transactions = False  # the service has its own, an event each
        store_row_values = True
        report_skipped = True

    @classmethod
    def get_diff_class(cls) -> type[Diff]:
        return Look

    def get_export_fields(self, selected_fields: Any = None) -> list[fields.Field]:
        only_imported = {"rows", "seats_per_row"}
        exported = super().get_export_fields(selected_fields)
        return [field for field in exported if field.column_name not in only_imported]

    def export_field(self, field: fields.Field, instance: Event, **kwargs: Any) -> Any:
        if field.column_name in MOMENTS:
            return _local(instance, getattr(instance, field.column_name))
        return super().export_field(field, instance, **kwargs)

    def dehydrate_available_seats(self, event: Event) -> int | str:
        return getattr(event, "available_seats", "")  # none before it is made

    def get_or_init_instance(self, instance_loader: Any, row: dict[str, Any]) -> tuple[Event, bool]:
        return Event(), True

    def import_instance(self, instance: Event, row: dict[str, Any], **kwargs: Any) -> None:
        """Read the row as the form of a new event reads what it is sent."""
        if row.get("id"):
            raise ValidationError(
                {"id": _("An import adds events and changes none; leave it empty.")}
            )
        form = NewEventForm({name: value for name, value in row.items() if value is not None})
        if not form.is_valid():
            raise ValidationError(form.errors.as_data())
        instance.facts = form.facts
        for name, value in form.facts.items():
            setattr(instance, name, value)  # for the look at it

    def skip_row(
        self, instance: Event, original: Any, row: Any, import_validation_errors: Any = None
    ) -> bool:
        if import_validation_errors:
            return False
        known = {name: instance.facts[name] for name in ("name", "venue", "start_time")}
        return Event.objects.filter(**known).exists()

    def validate_instance(
        self, instance: Event, import_validation_errors: Any = None, validate_unique: bool = True
    ) -> None:
        if import_validation_errors:
            raise ValidationError(import_validation_errors)

    def save_instance(
        self, instance: Event, is_create: bool, row: dict[str, Any], **kwargs: Any
    ) -> None:
        if not kwargs["dry_run"]:
            event = create_event(**instance.facts)
            instance.pk, instance.name = event.pk, event.name


def _local(event: Event, moment: datetime | None) -> str:
    return moment.astimezone(ZoneInfo(event.timezone)).strftime(TIME) if moment else ""
