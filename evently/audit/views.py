"""The record of changes, for staff to read."""

from rest_framework.request import Request
from rest_framework.response import Response

from evently.api.identity import IsAdmin
from evently.api.pagination import KeysetPagination
from evently.api.views import EndpointSet
from evently.audit.filters import AuditFilter
from evently.audit.models import AuditRecord
from evently.audit.serializers import AuditRecordSerializer
from evently.audit.shapes import RECORD_COLUMNS, shape_record


class AuditViewSet(EndpointSet):
    """Who changed what, and when."""

    queryset = AuditRecord.objects.order_by("-at", "-id")
    serializer_class = AuditRecordSerializer
    pagination_class = KeysetPagination
    filterset_class = AuditFilter
    permission_classes = [IsAdmin]

    def list(self, request: Request) -> Response:
        """List changes by staff, and bookings, cancels, offers and lapses, newest first.

        `before` and `after` tell what changed: an event's facts, a booking's or a seat's state,
        of people their role and whether they are active. There is no personal data in them.
        """
        return self.listed(self.get_queryset().values(*RECORD_COLUMNS), shape_record)
