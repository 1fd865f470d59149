"""Every path. The API's have no trailing slash; the staff site is Django's own."""

from typing import Any

from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView
from drf_spectacular.views import SpectacularRedocView, SpectacularSwaggerView

from evently import health
from evently.api import problems
from evently.api.description import SchemaView
from evently.watching.views import Metrics

to_staff = RedirectView.as_view(url="/staff/", permanent=False)
only_read: Any = {"http_method_names": ["get", "head"]}

urlpatterns = [
    # Looked through in this order: what is called most comes first.
    path("", include("bookings.urls")),
    path("", include("events.urls")),
    path("healthz", health.Alive.as_view()),
    path("readyz", health.Ready.as_view()),
    path("metrics", Metrics.as_view()),
    path("schema", SchemaView.as_view(**only_read), name="schema"),
    path("docs", SpectacularSwaggerView.as_view(url_name="schema", **only_read)),
    path("redoc", SpectacularRedocView.as_view(url_name="schema", **only_read)),
    path("staff/", admin.site.urls),
    path("staff", to_staff),
    path("admin", to_staff),
    path("admin/", to_staff),
    path("", include("evently.users.urls")),
    path("", include("evently.audit.urls")),
    path("", include("notifications.urls")),
    path("", include("analytics.urls")),
]

handler400 = problems.bad_request
handler403 = problems.permission_denied
handler404 = problems.not_found
handler500 = problems.server_error
