"""What the templates of the staff site use, by `{% load console %}`."""

from datetime import datetime
from typing import Any

from django import template
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from evently.api.staff_columns import shown_moment, zone_of

register = template.Library()

# What the way to a page ends in, by the last word of its address' name.
CRUMBS = {
    "add": _("Add"),
    "history": _("History"),
    "delete": _("Delete"),
    "import": _("Import"),
    "export": _("Export"),
}


@register.simple_tag
def moment(at: datetime | None, row: Any = None, zone: str | None = None) -> SafeString | str:
    """Show a time in that zone, that of the row's event, or of the server where it has none."""
    return shown_moment(at, zone or zone_of(row))


@register.simple_tag
def crumb(request: HttpRequest) -> Any:
    """Return what the page is, after the row or the list that it belongs to; empty for those."""
    name = (request.resolver_match.url_name if request.resolver_match else None) or ""
    return getattr(request, "crumb", None) or CRUMBS.get(name.rpartition("_")[2], "")
