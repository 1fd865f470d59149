"""The caller's notifications."""

from functools import partial

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from evently.api.first_page import FirstPage
from evently.api.identity import IsIdentified, IsUser
from evently.api.pagination import KeysetPagination
from evently.api.views import EndpointSet
from evently.statements import Argument
from notifications import services
from notifications.filters import NotificationFilter
from notifications.models import Notification
from notifications.serializers import MarkSerializer, NotificationSerializer
from notifications.shapes import NOTIFICATION_COLUMNS, shape_notification


class NotificationViewSet(EndpointSet):
    """What the caller was told."""

    queryset = Notification.objects.order_by("-id")
    first_page = FirstPage(
        NOTIFICATION_COLUMNS,
        lambda: Notification.objects.filter(user=Argument("user_id")).order_by("-id"),
    )
    serializer_class = NotificationSerializer
    pagination_class = KeysetPagination
    filterset_class = NotificationFilter
    permission_classes = [IsUser]

    def list(self, request: Request) -> Response:
        """List the caller's notifications, newest first."""
        user = self.caller.user
        mine = self.get_queryset().filter(user=user).values(*NOTIFICATION_COLUMNS)
        return self.listed(mine, shape_notification, user_id=user.id)

    @extend_schema(request=MarkSerializer)
    def partial_update(self, request: Request, id: int) -> Response:
        """Mark a notification as read or unread. Again: nothing changes."""
        notification = get_object_or_404(self.reachable(self.get_queryset()), id=id)
        services.mark_read(notification=notification, **self.read(MarkSerializer))
        return Response(self.get_serializer(notification).data)

    @extend_schema(request=None, responses={204: None})
    def read_all(self, request: Request) -> Response:
        """Mark all of the caller's notifications as read."""
        mark = partial(services.mark_all_read, user_id=self.caller.user.id)
        return self.once(mark, lambda _: Response(status=status.HTTP_204_NO_CONTENT))

    def get_permissions(self) -> list:
        # An admin reaches all, so the bare admin role may mark one.
        return [IsIdentified()] if self.action == "partial_update" else super().get_permissions()
