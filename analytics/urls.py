from django.urls import path

from analytics.views import AnalyticsViewSet

urlpatterns = [path("admin/analytics", AnalyticsViewSet.as_view({"get": "retrieve"}))]
