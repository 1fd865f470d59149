"""Bookings on the staff site, and what hangs on the ledger: the life of events, erasing people."""

import json
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.timezone import make_naive
from import_export.resources import ModelResource
from unfold.decorators import action

import evently.users.admin
import events.admin
from bookings import seat_map
from bookings.erasure import erase_user
from bookings.event_services import change_event, delete_event
from bookings.life import life_of
from bookings.models import Booking
from bookings.services import cancel_booking
from evently.api.identity import MAX_ID, is_number
from evently.api.staff import Exported, LookOnlyAdmin, link_to, linked, state
from evently.users.models import User
from events.admin import TIMES, EventForm
from events.models import Event, Seat
from waitlists.models import WaitlistEntry


class EventResource(ModelResource):
    class Meta:
        model = Event
        fields = [
            "id", "name", "venue", "start_time", "end_time", "timezone", "status", "total_seats",
        ]  # fmt: skip


SHOWN_BESIDE = 15
# To the form of an event that is made like another one.
COPIED = ["name", "venue", "description", "timezone", "total_seats", "max_per_user"]


class BookingResource(ModelResource):
    class Meta:
        model = Booking
        fields = [
            "id", "event__name", "seat__seat_number", "user__username", "user__email",
            "status", "created_at", "cancelled_at",
        ]  # fmt: skip


@admin.register(Booking)
class BookingAdmin(Exported, LookOnlyAdmin):
    resource_classes = [BookingResource]
    list_display = [
        "id", linked("event"), linked("seat"), linked("user"),
        state(active="success", cancelled="danger"), "created_at", "cancelled_at",
    ]  # fmt: skip
    list_select_related = ["event", "seat", "user"]
    list_filter = ["status", "created_at"]
    date_hierarchy = "created_at"
    search_fields = ["id"]  # so that there is a box; what is looked for in it stands below
    search_help_text = (
        "A booking's number, a seat, or a part of an event's name, a user's name or mail"
    )
    fields = ["event", "seat", "user", "status", "created_at", "cancelled_at"]
    actions = ["cancel"]
    change_form_outer_after_template = "bookings/life.html"

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet, search_term: str
    ) -> tuple[QuerySet, bool]:
        """Look for the term in the short tables: joined to a million bookings it takes long."""
        term = search_term.strip()
        if not term:
            return queryset, False
        users = User.objects.filter(Q(username__icontains=term) | Q(email__icontains=term))
        found = (
            Q(user__in=users.order_by().values("id"))
            | Q(event__in=Event.objects.filter(name__icontains=term).order_by().values("id"))
            | Q(seat__in=Seat.objects.filter(seat_number=term).order_by().values("id"))
        )
        if is_number(term) and int(term) <= MAX_ID:
            found |= Q(id=int(term))
        return queryset.filter(found), False

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict | None = None,
    ) -> HttpResponse:
        booking = self.get_object(request, object_id)
        life = {"life": life_of(booking)} if booking else {}
        return super().change_view(request, object_id, form_url, (extra_context or {}) | life)

    @admin.action(permissions=["change"], description="Cancel selected bookings")
    def cancel(self, request: HttpRequest, queryset: QuerySet[Booking]) -> HttpResponse | None:
        """Cancel them, after a page that asks whether to."""
        if "post" not in request.POST:
            return self._ask_whether_to_cancel(request, queryset.active())
        self.run_each(
            request,
            queryset.active(),
            lambda booking: cancel_booking(booking_id=booking.id),
            done="cancelled",
        )
        return None

    def _ask_whether_to_cancel(
        self, request: HttpRequest, bookings: QuerySet[Booking]
    ) -> TemplateResponse:
        shown = bookings.select_related("event", "seat", "user")
        return self.ask(
            request, "bookings/cancel_bookings.html", title="Cancel bookings", bookings=shown
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
        return self.ask(
            request,
            "bookings/erase_users.html",
            title="Erase users",
            users=users,
            bookings=Booking.objects.filter(user__in=users).count(),
            entries=WaitlistEntry.objects.filter(user__in=users).live().count(),
        )


def _erase(user: User) -> None:
    erase_user(user_id=user.id)
    user.refresh_from_db()  # for the staff site's log, which notes a row's name


@admin.register(Event)
class EventAdmin(Exported, events.admin.EventAdmin):
    resource_classes = [EventResource]
    actions = ["cancel"]
    change_form_outer_before_template = "bookings/event_panels.html"
    actions_detail = ["duplicate", "cancel_this"]

    def get_urls(self) -> list:
        seats = path(
            "<int:event_id>/seats/",
            self.admin_site.admin_view(self.seats_view),
            name="events_event_seats",
        )
        return [seats, *super().get_urls()]

    def seats_view(self, request: HttpRequest, event_id: int) -> HttpResponse:
        """Answer the seats as JSON, or change them: what the page's seat map asks for."""
        event = get_object_or_404(Event, id=event_id)
        if request.method != "POST":
            if not self.has_view_permission(request, event):
                raise PermissionDenied
            return seat_map.show(request, event)
        if not request.user.has_perm("events.change_seat"):
            raise PermissionDenied
        return seat_map.change(request, event)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict | None = None,
    ) -> HttpResponse:
        event = self.get_object(request, object_id)
        panels = self._panels(request, event) if event else {}
        return super().change_view(request, object_id, form_url, (extra_context or {}) | panels)

    def _panels(self, request: HttpRequest, event: Event) -> dict[str, Any]:
        bookings = Booking.objects.filter(event=event).select_related("seat", "user")
        line = WaitlistEntry.objects.filter(event=event).waiting().select_related("user")
        return {
            "url": reverse("admin:events_event_seats", args=[event.id]),
            "labels": json.dumps({status.value: str(status.label) for status in Seat.Status}),
            "may_change": request.user.has_perm("events.change_seat"),
            "latest_bookings": bookings.active()[:SHOWN_BESIDE],
            "first_in_line": line[:SHOWN_BESIDE],
            "numbers": {
                "total": event.total_seats,
                "available": event.available_seats,
                "booked": (booked := bookings.active().count()),
                "waiting": line.count(),
                "percent": round(100 * booked / event.total_seats) if event.total_seats else 0,
            },
        }

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

    def has_duplicate_permission(self, request: HttpRequest, object_id: object = None) -> bool:
        """Tell whether whoever asks may add events. (The library asks with an id.)"""
        return self.has_add_permission(request)

    @action(description="Duplicate", permissions=["duplicate"], icon="content_copy")
    def duplicate(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Lead to the form of a new event, filled in as this one is."""
        event = get_object_or_404(Event, id=object_id)
        facts = {name: getattr(event, name) for name in COPIED} | {"status": Event.Status.DRAFT}
        for name in TIMES:
            facts[name] = make_naive(getattr(event, name), ZoneInfo(event.timezone)).isoformat()
        filled_in = urlencode({name: value for name, value in facts.items() if value is not None})
        return redirect(f"{reverse('admin:events_event_add')}?{filled_in}")

    @action(description="Cancel event", permissions=["change"], icon="event_busy")
    def cancel_this(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask whether to cancel it; the answer goes the way of the list's action."""
        events = Event.objects.filter(id=object_id).exclude(status=Event.Status.CANCELLED)
        return self._ask_whether_to_cancel(request, events)

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
        return self.ask(
            request,
            "bookings/cancel_events.html",
            title="Cancel events",
            events=coming,
            bookings=Booking.objects.filter(event__in=coming).active().count(),
            entries=WaitlistEntry.objects.filter(event__in=coming).live().count(),
        )
