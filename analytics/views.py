"""The figures, for staff."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from analytics.queries import figures
from analytics.serializers import AnalyticsQuerySerializer, AnalyticsSerializer
from evently.api.identity import IsAdmin
from evently.api.views import EndpointSet


class AnalyticsViewSet(EndpointSet):
    serializer_class = AnalyticsSerializer
    permission_classes = [IsAdmin]
    pagination_class = None
    filter_backends = []

    @extend_schema(parameters=[AnalyticsQuerySerializer], responses=AnalyticsSerializer)
    def retrieve(self, request: Request) -> Response:
        """Return booking totals, the cancellation rate, daily figures and utilisation per event.

        `since` and `until` (dates, inclusive, at most 3,660 days apart) narrow `daily`, and the
        booking totals to bookings made in that range, cancelled since or not. A day's `cancelled`
        counts the cancellations of that day, whenever the bookings were made. `daily` has no gaps.
        `events` lists the latest start first.
        """
        query = AnalyticsQuerySerializer(data=request.query_params)
        query.is_valid(raise_exception=True)
        return Response(AnalyticsSerializer(figures(**query.validated_data)).data)
