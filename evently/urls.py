"""Every path. The API's have no trailing slash; the staff site is Django's own."""

from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView
from drf_spectacular.views import (
    SpectacularJSONAPIView,
    SpectacularRedocView,
    SpectacularSwaggerView,
)

from evently import health
from evently.api import problems

to_staff = RedirectView.as_view(url="/staff/", permanent=False)

urlpatterns = [
    path("healthz", health.healthz),
    path("readyz", health.readyz),
    path("schema", SpectacularJSONAPIView.as_view(), name="schema"),
    path("docs", SpectacularSwaggerView.as_view(url_name="schema")),
    path("redoc", SpectacularRedocView.as_view(url_name="schema")),
    path("staff/", admin.site.urls),
    path("admin", to_staff),
    path("admin/", to_staff),
    path("", include("evently.users.urls")),
    path("", include("events.urls")),
    path("", include("notifications.urls")),
    path("", include("bookings.urls")),
    path("", include("analytics.urls")),
]

handler400 = problems.bad_request
handler403 = problems.permission_denied
handler404 = problems.not_found
handler500 = problems.server_error
