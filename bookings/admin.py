"""Bookings on the staff site, and what hangs on the ledger: the life of events, erasing people."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

import evently.users.admin
import events.admin
from bookings.erasure import erase_user
from bookings.event_services import change_event, delete_event
from bookings.models import Booking
from bookings.services import cancel_booking
from evently.api.staff import LookOnlyAdmin, link_to, linked
from evently.users.models import User
from events.admin import EventForm
from events.models import Event, Seat
from waitlists.models import WaitlistEntry


@admin.register(Booking)
class BookingAdmin(LookOnlyAdmin):
    list_display = [
        "id", linked("event"), linked("seat"), linked("user"),
        "status", "created_at", "cancelled_at",
    ]  # fmt: skip
    list_select_related = ["event", "seat", "user"]
    list_filter = ["status", "created_at"]
    date_hierarchy = "created_at"
    search_fields = ["=id", "event__name", "user__username", "user__email"]
    fields = ["event", "seat", "user", "status", "created_at", "cancelled_at"]
    actions = ["cancel"]

    @admin.action(permissions=["change"], description="Cancel selected bookings")
    def cancel(self, request: HttpRequest, queryset: QuerySet[Booking]) -> None:
        self.run_each(
            request,
            queryset.active(),
            lambda booking: cancel_booking(booking_id=booking.id),
            done="cancelled",
        )


@admin.register(User)
class UserAdmin(evently.users.admin.UserAdmin):
    actions = ["erase"]

    @admin.action(permissions=["delete"], description="Erase selected users")
    def erase(self, request: HttpRequest, queryset: QuerySet[User]) -> HttpResponse | None:
        """Leave their bookings and nothing of who they were, after a page that asks whether to."""
        if "post" not in request.POST:
            return self._ask_whether_to_erase(request, queryset)
        self.run_each(request, queryset, _erase, done="erased")
        return None

    def _ask_whether_to_erase(
        self, request: HttpRequest, users: QuerySet[User]
    ) -> TemplateResponse:
        request.current_app = self.admin_site.name
        context = self.admin_site.each_context(request) | {
            "title": "Erase users",
            "users": users,
            "bookings": Booking.objects.filter(user__in=users).count(),
            "entries": WaitlistEntry.objects.filter(user__in=users).live().count(),
            "opts": self.opts,
            "action_checkbox_name": ACTION_CHECKBOX_NAME,
            "media": self.media,
        }
        return TemplateResponse(request, "bookings/erase_users.html", context)


def _erase(user: User) -> None:
    erase_user(user_id=user.id)
    user.refresh_from_db()  # for the staff site's log, which notes a row's name


@admin.register(Event)
class EventAdmin(events.admin.EventAdmin):
    actions = ["cancel"]

    def save_model(self, request: HttpRequest, obj: Event, form: EventForm, change: bool) -> None:
        if not change:
            super().save_model(request, obj, form, change)
        elif changes := form.changes:
            change_event(event_id=obj.pk, changes=changes)

    def log_deletions(self, request: HttpRequest, queryset: Any) -> None:
        """Wait: Django notes a deletion before it is made, and this one may be refused."""

    def delete_model(self, request: HttpRequest, obj: Event) -> None:
        delete_event(event_id=obj.pk)
        super().log_deletions(request, [obj])

    def get_deleted_objects(self, objs: list[Event], request: HttpRequest) -> tuple:
        """Count what goes with the event; Django would fetch a great hall seat by seat."""
        counts = {
            model._meta.verbose_name_plural: model.objects.filter(event__in=objs).count()
            for model in (Seat, Booking, WaitlistEntry)
        }
        return [link_to(event) for event in objs], counts, set(), []

    @admin.action(permissions=["change"], description="Cancel selected events")
    def cancel(self, request: HttpRequest, queryset: QuerySet[Event]) -> HttpResponse | None:
        """Cancel them with their bookings and lines, after a page that asks whether to."""
        coming = queryset.exclude(status=Event.Status.CANCELLED)
        if "post" not in request.POST:
            return self._ask_whether_to_cancel(request, coming)
        self.run_each(
            request,
            coming,
            lambda event: change_event(event_id=event.id, changes={"status": "cancelled"}),
            done="cancelled",
        )
        return None

    def _ask_whether_to_cancel(
        self, request: HttpRequest, coming: QuerySet[Event]
    ) -> TemplateResponse:
        request.current_app = self.admin_site.name
        context = self.admin_site.each_context(request) | {
            "title": "Cancel events",
            "events": coming,
            "bookings": Booking.objects.filter(event__in=coming).active().count(),
            "entries": WaitlistEntry.objects.filter(event__in=coming).live().count(),
            "opts": self.opts,
            "action_checkbox_name": ACTION_CHECKBOX_NAME,
            "media": self.media,
        }
        return TemplateResponse(request, "bookings/cancel_events.html", context)
