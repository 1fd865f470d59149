"""Columns and links that lists and pages of the staff site share."""

from collections.abc import Callable, Iterable
from datetime import datetime
from functools import wraps
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib import admin
from django.db.models import Model
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy
from unfold.decorators import display

EMPTY = "–"
T = TypeVar("T")


def link_to(row: Model, text: object = None) -> SafeString:
    """Link to a row's own page."""
    return format_html(
        '<a href="{}">{}</a>',
        page_address("change", type(row), row.pk),
        row if text is None else text,
    )


def links_to(rows: Iterable[Model]) -> SafeString | str:
    """Link to each row's own page."""
    return format_html_join(", ", "{}", ([link_to(row)] for row in rows)) or EMPTY


def linked(field: str) -> Callable[[Model], SafeString | str]:
    """Make a list's column that links to the row which the field refers to."""

    @admin.display(description=_title(field))
    def column(row: Model) -> SafeString | str:
        other = getattr(row, field)
        return link_to(other) if other else EMPTY

    column.__name__ = field
    return column


def moment(field: str) -> Callable[[Model], SafeString | str]:
    """Make a column that shows a time in the time zone of the row's event, else the server's."""

    @admin.display(description=_title(field), ordering=field)
    def column(row: Model) -> SafeString | str:
        return shown_moment(getattr(row, field), zone_of(row))

    column.__name__ = field
    return column


def shown_moment(at: datetime | None, zone: str | None = None) -> SafeString | str:
    """Show a time in that zone (the server's unless given); a script adds the reader's beside."""
    if at is None:
        return EMPTY
    there = at.astimezone(ZoneInfo(zone or settings.TIME_ZONE))
    return format_html(
        '<span><time datetime="{}" data-shown="{}">{}</time></span>',
        at.isoformat(),
        f"{there:%Y-%m-%d %H:%M}",
        f"{there:%Y-%m-%d %H:%M %Z}",
    )


def zone_of(row: Model) -> str | None:
    """Return the time zone of the event that the row is, or belongs to."""
    return getattr(getattr(row, "event", row), "timezone", None)


def state(**colours: str) -> Callable[[Model], tuple[str, str]]:
    """Make a list's column that shows a row's status, coloured: success, info, warning, danger."""

    @display(description=gettext_lazy("status"), ordering="status", label=colours)
    def status(row: Model) -> tuple[str, str]:
        return row.status, row.get_status_display()

    return status


def once(column: Callable[[Any, Model], T]) -> Callable[[Any, Model], T]:
    """Compute a column that takes a query once for a row, whose page asks for it several times."""

    @wraps(column)
    def computed(pages: Any, row: Model) -> T:
        name = f"_{column.__name__}_once"
        if name not in vars(row):
            setattr(row, name, column(pages, row))
        return getattr(row, name)

    return computed


def page_address(kind: str, model: type[Model], *args: Any) -> str:
    """Return the address of a model's page: `changelist`, `add`, or a row's `change`, `history`."""
    opts = model._meta
    return reverse(f"admin:{opts.app_label}_{opts.model_name}_{kind}", args=args)


def _title(field: str) -> Any:
    # As the model names it.
    return gettext_lazy(field.replace("_", " "))
