from django.urls import path

from events.views import EventViewSet, SeatMapViewSet

urlpatterns = [
    path("events", EventViewSet.as_view({"get": "list"})),
    path("events/<int:id>", EventViewSet.as_view({"get": "retrieve"})),
    path("events/<int:id>/seats", SeatMapViewSet.as_view({"get": "list"})),
]
