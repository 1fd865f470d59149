"""Notifications on the staff site: to look at only."""

from django.contrib import admin
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy

from evently.api.staff import LookOnlyAdmin
from evently.api.staff_columns import link_to, linked, moment
from events.models import Event
from notifications.models import Notification


@admin.register(Notification)
class NotificationAdmin(LookOnlyAdmin):
    list_display = [
        "kind", linked("user"), "event", "message", "is_read", moment("created_at"),
        moment("delivered_at"),
    ]  # fmt: skip
    list_select_related = ["user"]
    list_filter = ["kind", "is_read", ("delivered_at", admin.EmptyFieldListFilter)]
    empty_text = gettext_lazy("Nobody was owed word of anything yet.")
    search_fields = ["message", "user__username", "user__email"]
    fields = [
        "user", "kind", "message", "is_read", "created_at", "event", "booking_id",
        "deliver_at", "delivered_at", "attempts",
    ]  # fmt: skip
    readonly_fields = ["event"]

    @admin.display(description=gettext_lazy("event"))
    def event(self, notification: Notification) -> SafeString | None:
        """Link by the number alone: the event may be gone, and Django says so then."""
        number = notification.event_id
        return link_to(Event(id=number), f"#{number}") if number else None
