"""Events on the staff site, with all that hangs on them: seats, bookings, line, and their life."""

import json
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.timezone import make_naive
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext_lazy
from unfold.decorators import action

import events.admin
from bookings import seat_map
from bookings.cancelling import begin_cancelling, cancel_next_batch
from bookings.errors import EventHasActiveBookings
from bookings.event_services import change_event, delete_event
from bookings.models import Booking, Order
from evently.api.identity import is_id
from evently.api.staff_actions import MOST_AT_ONCE
from evently.api.staff_columns import link_to
from events.models import TIMES, Event, Hold, Seat
from waitlists.models import WaitlistEntry

SHOWN_BESIDE = 8
# To the form of an event that is made like another one. When it is sold and until when it can be
# cancelled belongs to the other's date: left over, it would close a sale that nobody closed.
COPIED = ["name", "venue", "description", "timezone", "total_seats", "max_per_user"]


class EventAdmin(events.admin.EventAdmin):
    actions = ["cancel"]
    change_form_outer_before_template = "bookings/event_panels.html"
    actions_detail = ["duplicate", "cancel_this"]

    def get_urls(self) -> list:
        seats = path(
            "<int:event_id>/seats/",
            self.admin_site.admin_view(self.seats_view),
            name="events_event_seats",
        )
        cancelling = path(
            "cancelling/",
            self.admin_site.admin_view(self.cancelling_view),
            name="events_event_cancelling",
        )
        return [seats, cancelling, *super().get_urls()]

    def seats_view(self, request: HttpRequest, event_id: int) -> HttpResponse:
        """Answer the seats as JSON, or change them: what the page's seat map asks for."""
        event = get_object_or_404(Event, id=event_id)
        if request.method != "POST":
            if not self.has_view_permission(request, event):
                raise PermissionDenied
            return seat_map.show(request, event)
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
        user = request.user
        bookings = Booking.objects.filter(event=event).select_related("seat", "user")
        entries = WaitlistEntry.objects.filter(event=event)
        line = entries.with_position().select_related("user")
        return {
            "url": reverse("admin:events_event_seats", args=[event.id]),
            "labels": json.dumps({status.value: str(status.label) for status in Seat.Status}),
            "may_change": seat_map.allowed(user),
            "may_cancel": user.has_perm("bookings.change_booking"),
            "may_give_back": user.has_perm("events.change_hold"),
            "may_see_bookings": user.has_perm("bookings.view_booking"),
            "may_see_line": user.has_perm("waitlists.view_waitlistentry"),
            "own_page": request.path,
            "is_cancelling": event.is_cancelling,
            "latest_bookings": bookings.active()[:SHOWN_BESIDE],
            "first_in_line": [*line.offered()[:SHOWN_BESIDE], *line.waiting()[:SHOWN_BESIDE]],
            "numbers": {
                "total": event.total_seats,
                "available": event.available_seats,
                "booked": (booked := bookings.active().count()),
                "waiting": entries.waiting().count(),
                "percent": round(100 * booked / event.total_seats) if event.total_seats else 0,
            },
        }

    def save_model(self, request: HttpRequest, obj: Event, form: Any, change: bool) -> None:
        if not change:
            super().save_model(request, obj, form, change)
        elif changes := form.changes:
            seen = request.POST.get("seen_version", "")
            expected = [int(seen)] if is_id(seen) else None
            change_event(event_id=obj.pk, changes=changes, expected_versions=expected)

    def log_deletions(self, request: HttpRequest, queryset: Any) -> None:
        """Wait: Django notes a deletion before it is made, and this one may be refused."""

    def delete_model(self, request: HttpRequest, obj: Event) -> None:
        delete_event(event_id=obj.pk)
        super().log_deletions(request, [obj])

    def get_deleted_objects(self, objs: list[Event], request: HttpRequest) -> tuple:
        """Count what goes with the event; Django would fetch a great hall seat by seat."""
        counts = {
            model._meta.verbose_name_plural: model.objects.filter(event__in=objs).count()
            for model in (Seat, Hold, Booking, Order, WaitlistEntry)
        }
        booked = Booking.objects.filter(event__in=objs).active().exists()
        protected = [_(EventHasActiveBookings.detail)] if booked else []
        return [link_to(event) for event in objs], counts, set(), protected

    def has_duplicate_permission(self, request: HttpRequest, object_id: object = None) -> bool:
        """Tell whether whoever asks may add events. (The library asks with an id.)"""
        return self.has_add_permission(request)

    @action(description=gettext_lazy("Duplicate"), permissions=["duplicate"], icon="content_copy")
    def duplicate(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Lead to the form of a new event, filled in as this one is."""
        event = self.row_or_404(request, object_id)
        return redirect(f"{reverse('admin:events_event_add')}?like={event.pk}")

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        like = request.GET.get("like", "")
        event = Event.objects.filter(id=int(like)).first() if is_id(like) else None
        return _facts_of(event) if event else super().get_changeform_initial_data(request)

    @action(description=gettext_lazy("Cancel event"), permissions=["change"], icon="event_busy")
    def cancel_this(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self.cancel(request, *self.one(request, object_id))

    @admin.action(permissions=["change"], description=gettext_lazy("Cancel selected events"))
    def cancel(
        self, request: HttpRequest, queryset: QuerySet[Event], back: str | None = None
    ) -> HttpResponse:
        """Begin to cancel them, and lead to the page that shows how it goes on."""
        published = queryset.filter(status=Event.Status.PUBLISHED)

        def begin(events: QuerySet[Event]) -> HttpResponse:
            chosen = list(events)
            self.run_each(
                request,
                chosen,
                lambda event: begin_cancelling(event_id=event.id),
                done=ngettext_lazy("%d event cancelled.", "%d events cancelled."),
            )
            ids = urlencode([("id", event.id) for event in chosen])
            return redirect(f"{reverse('admin:events_event_cancelling')}?{ids}")

        return self.confirmed(
            request,
            published,
            begin,
            action="cancel",
            title=_("Cancel events"),
            warning=_(
                "An event that is cancelled stays so. Active bookings that are cancelled with it: "
                "%(bookings)d. People in line who are sent home: %(entries)d. All of them are told."
            )
            % {
                "bookings": Booking.objects.filter(event__in=published).active().count(),
                "entries": WaitlistEntry.objects.filter(event__in=published).live().count(),
            },
            back=back,
        )

    def cancelling_view(self, request: HttpRequest) -> HttpResponse:
        """Show how far the cancelling of events is; cancel the next bookings of one when asked.

        The page asks until none is left. Whoever leaves it leaves the rest to the worker.
        """
        ids = [int(id) for id in request.GET.getlist("id")[:MOST_AT_ONCE] if is_id(id)]
        events = list(Event.objects.filter(id__in=ids, status=Event.Status.CANCELLED))
        if not self.has_change_permission(request):
            raise PermissionDenied
        if request.method == "POST":
            return JsonResponse({"left": sum(cancel_next_batch(event_id=e.id) for e in events)})
        active = Booking.objects.filter(event__in=events).active()
        left = dict(active.order_by().values_list("event").annotate(number=Count("*")))
        shown = {"events": [(event, left.get(event.id, 0)) for event in events]}
        context = self.page(request, _("Cancelling events")) | shown
        return TemplateResponse(request, "bookings/cancelling.html", context)

    def described(self, row: Event) -> str:
        return f"{row}, {row.venue}, {row.local_time(row.start_time)}"


def _facts_of(event: Event) -> dict[str, Any]:
    """Return what the form of an event like this one begins with."""
    facts = {name: getattr(event, name) for name in COPIED} | {"status": Event.Status.DRAFT}
    for name in TIMES:
        facts[name] = make_naive(getattr(event, name), ZoneInfo(event.timezone))
    return facts | _rows_of(event)


def _rows_of(event: Event) -> dict[str, Any]:
    """Tell the seats as rows, where they are named so and every row is as long as the first."""
    in_row = Seat.objects.filter(event=event, seat_number__startswith="A-").count()
    if not in_row or event.total_seats % in_row:
        return {}
    rows = event.total_seats // in_row
    return {"rows": rows, "seats_per_row": in_row, "total_seats": None}
