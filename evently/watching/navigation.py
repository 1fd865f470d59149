"""The way through the staff site: what is opened most comes first."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse

# Title, icon, app and model; a group for each of the tuples.
GROUPS = {
    "Events": [
        ("Events", "event", "events", "event"),
        ("Bookings", "confirmation_number", "bookings", "booking"),
        ("Lines", "hourglass_top", "waitlists", "waitlistentry"),
        ("Seats", "event_seat", "events", "seat"),
    ],
    "People": [
        ("Users", "person", "users", "user"),
        ("Groups", "group", "auth", "group"),
        ("Notifications", "mail", "notifications", "notification"),
        ("API tokens", "key", "users", "apitoken"),
    ],
    "Record": [("Changes", "history", "audit", "auditrecord")],
}


def sidebar(request: HttpRequest) -> list[dict[str, Any]]:
    """Return the sidebar's groups, with what whoever asks may see."""
    dashboard = {"title": "Dashboard", "icon": "dashboard", "link": reverse("admin:index")}
    groups = [{"items": [dashboard]}]
    for title, entries in GROUPS.items():
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
