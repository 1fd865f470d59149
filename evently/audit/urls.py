from django.urls import path

from evently.audit.views import AuditViewSet

urlpatterns = [path("admin/audit", AuditViewSet.as_view({"get": "list"}))]
