from django.urls import path

from notifications.views import NotificationViewSet as View

urlpatterns = [
    path("users/me/notifications", View.as_view({"get": "list"})),
    path("users/me/notifications/<int:id>", View.as_view({"patch": "partial_update"})),
    path("users/me/notifications/read-all", View.as_view({"post": "read_all"})),
]
