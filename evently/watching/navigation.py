"""The way through the staff site: what is opened most comes first."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

# Title, icon, app and model; a group for each of the tuples.
GROUPS = [
    (
        _("Events"),
        [
            (_("Events"), "event", "events", "event"),
            (_("Bookings"), "confirmation_number", "bookings", "booking"),
            (_("Orders"), "receipt_long", "bookings", "order"),
            (_("Holds"), "timer", "events", "hold"),
            (_("Lines"), "hourglass_top", "waitlists", "waitlistentry"),
            (_("Seats"), "event_seat", "events", "seat"),
        ],
    ),
    (
        _("People"),
        [
            (_("Users"), "person", "users", "user"),
            (_("Groups"), "group", "auth", "group"),
            (_("Notifications"), "mail", "notifications", "notification"),
            (_("API tokens"), "key", "users", "apitoken"),
        ],
    ),
    (_("Record"), [(_("Changes"), "history", "audit", "auditrecord")]),
]


def sidebar(request: HttpRequest) -> list[dict[str, Any]]:
    """Return the sidebar's groups, with what whoever asks may see."""
    dashboard = {"title": _("Dashboard"), "icon": "dashboard", "link": reverse("admin:index")}
    groups = [{"items": [dashboard]}]
    for title, entries in GROUPS:
        items = [
            {
                "title": entry,
                "icon": icon,
                "link": reverse(f"admin:{app}_{model}_changelist"),
            }
            for entry, icon, app, model in entries
            if request.user.has_perm(f"{app}.view_{model}")
        ]
        if items:
            groups.append({"title": title, "separator": True, "items": items})
    return groups
