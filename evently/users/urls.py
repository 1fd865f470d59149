from django.urls import path

from evently.users.views import MeViewSet, StaffUserViewSet

urlpatterns = [
    path("users/me", MeViewSet.as_view({"get": "retrieve"})),
    path("admin/users", StaffUserViewSet.as_view({"get": "list", "post": "create"})),
]
