"""Also routes what this floor adds to the viewsets of events and waitlists."""

from django.urls import path

from bookings.group_views import HoldViewSet, MyOrderViewSet, OrderViewSet
from bookings.views import (
    BookingViewSet,
    MyBookingViewSet,
    StaffBookingViewSet,
    StaffEventViewSet,
    WaitlistEntryViewSet,
)
from waitlists.views import MyEntryViewSet

urlpatterns = [
    path("bookings", BookingViewSet.as_view({"post": "create"})),
    path("bookings/<int:id>", BookingViewSet.as_view({"get": "retrieve", "delete": "destroy"})),
    path(
        "bookings/<int:id>/offer-back",
        BookingViewSet.as_view({"post": "offer_back", "delete": "take_back"}),
    ),
    path("users/me/bookings", MyBookingViewSet.as_view({"get": "list"})),
    path("holds", HoldViewSet.as_view({"post": "create"})),
    path("holds/<int:id>", HoldViewSet.as_view({"get": "retrieve", "delete": "destroy"})),
    path("holds/<int:id>/refresh", HoldViewSet.as_view({"post": "refresh"})),
    path("orders", OrderViewSet.as_view({"post": "create"})),
    path("orders/<int:id>", OrderViewSet.as_view({"get": "retrieve", "delete": "destroy"})),
    path("users/me/orders", MyOrderViewSet.as_view({"get": "list"})),
    path("waitlists", WaitlistEntryViewSet.as_view({"post": "create"})),
    path("waitlists/me", MyEntryViewSet.as_view({"get": "list"})),
    path(
        "waitlists/<int:id>",
        WaitlistEntryViewSet.as_view({"get": "retrieve", "delete": "destroy"}),
    ),
    path("waitlists/<int:id>/accept", WaitlistEntryViewSet.as_view({"post": "accept"})),
    path("admin/bookings", StaffBookingViewSet.as_view({"get": "list"})),
    path("admin/events/<int:id>/publish", StaffEventViewSet.as_view({"post": "publish"})),
    path("admin/events/<int:id>/cancel", StaffEventViewSet.as_view({"post": "cancel"})),
    path("admin/events", StaffEventViewSet.as_view({"get": "list", "post": "create"})),
    path(
        "admin/events/<int:id>",
        StaffEventViewSet.as_view(
            {
                "get": "retrieve",
                "put": "update",
                "patch": "partial_update",
                "delete": "destroy",
            }
        ),
    ),
]
