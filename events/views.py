"""Events and seat maps for everybody, and the staff's view of events."""

from functools import partial
from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiParameter, PolymorphicProxySerializer, extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from evently.api.components import LOCATION
from evently.api.conditional import VERSION_HEADER
from evently.api.first_page import FirstPage
from evently.api.identity import IsAdmin
from evently.api.pagination import CountedKeysetPagination, SeatMapPagination
from evently.api.preconditions import ETAG, etag
from evently.api.views import ConditionalEndpointSet, EndpointSet
from evently.statements import Argument
from events import compact_map, services
from events.filters import EventFilter, SeatFilter, StaffEventFilter
from events.models import Event, Seat
from events.queries import attach_first_available_seats, listed_event, seat_map
from events.seat_versions import PATTERN, Version
from events.serializers import (
    CompactSeatMapSerializer,
    EventSerializer,
    NewEventSerializer,
    SeatSerializer,
)
from events.shapes import EVENT_COLUMNS, SEAT_COLUMNS, SHAPE_COLUMNS, Row, shape_event

VERSION = OpenApiParameter(
    VERSION_HEADER,
    {"type": "string", "pattern": f"^{PATTERN}$"},
    OpenApiParameter.HEADER,
    required=True,
    response=True,
    description="The version of the seat map, for `since`; of a compact one, its own `version`.",
)


class IncludesSeats:
    """Mixed into lists of events, for `?include=seats`."""

    def paginate_queryset(self, queryset: QuerySet) -> list[Row]:
        page = super().paginate_queryset(queryset)
        if self.request.query_params.get("include") == "seats":
            attach_first_available_seats(page)
        return page


class EventViewSet(IncludesSeats, ConditionalEndpointSet):
    """What is on, for everybody."""

    queryset = Event.objects.listed().with_available_seats().values(*EVENT_COLUMNS)
    first_page = FirstPage(EVENT_COLUMNS, Event.objects.listed().with_available_seats)
    serializer_class = EventSerializer
    pagination_class = CountedKeysetPagination
    filterset_class = EventFilter

    def list(self, request: Request) -> Response:
        """List published and cancelled events, the latest start first.

        `available_seats` is counted as the answer is made. `X-Total-Count` is the number of
        events that fit the filters; of more than 1,000, it may be a second old.
        """
        return self.listed(self.get_queryset(), shape_event)

    def retrieve(self, request: Request, id: int) -> Response:
        """Return one event."""
        event = listed_event(event_id=id)
        if event is None:
            raise Http404
        return Response(shape_event(event))


class SeatMapViewSet(ConditionalEndpointSet):
    """The seats of one event."""

    queryset = Seat.objects.order_by("position").values(*SEAT_COLUMNS)
    first_page = FirstPage(
        SEAT_COLUMNS,
        lambda: Seat.objects.filter(event=Argument("event_id")).order_by("position"),
        limit=SeatMapPagination.default_limit,
    )
    serializer_class = SeatSerializer
    pagination_class = SeatMapPagination
    filterset_class = SeatFilter

    @extend_schema(
        responses=PolymorphicProxySerializer(
            "SeatMap",
            [SeatSerializer(many=True), CompactSeatMapSerializer],
            resource_type_field_name=None,
            many=False,
        ),
        parameters=[VERSION],
    )
    def list(self, request: Request, id: int) -> Response:
        """Return the event's seat map: all its seats with their status, by position.

        `include=shape` adds where each is: section, row, number, its place in the row (seats one
        place apart are neighbours), and whether it is accessible; without a shape they are empty.

        `Seat-Map-Version` tells the map's version; of several pages, keep that of the first.
        `since` that version, only seats whose status has changed are answered: perhaps one that
        you know already, but never one too few. Where nobody can say what has changed (the
        version is another database's, or from before a failover or a restore), all are.

        `compact=true` answers the whole hall at once, for halls of up to 100,000 seats, and
        passes over `include`, `limit` and `offset`; its own description tells how to read it.
        With `since`, it tells which seats have changed, or the whole hall where that is shorter.
        """
        found = seat_map(event_id=id)
        if found is None:
            raise Http404
        asked = request.query_params
        total, version = found
        seats = self.get_queryset().filter(event_id=id)
        since = Version.read(asked.get("since", ""))
        if since and not since.precedes(version):
            since = None
        if asked.get("compact") == "true":
            seats = self.filter_queryset(seats)
            shown = compact_map.shown(seats, total=total, version=version, since=since)
            headers = {"X-Total-Count": str(total), VERSION_HEADER: shown["version"]}
            return Response(shown, headers=headers)

        response = self._page(seats, total, since)
        response[VERSION_HEADER] = str(version)
        return response

    def _page(self, seats: QuerySet, total: int, since: Version | None) -> Response:
        asked = self.request.query_params
        if asked.get("include") == "shape":
            seats = seats.values(*SEAT_COLUMNS, *SHAPE_COLUMNS)
        if since:
            seats = seats.changed_since(since.number)
        elif "status" not in asked:
            self.paginator.total = total
        return self.listed(seats, event_id=self.kwargs["id"])


class StaffEventViewSet(IncludesSeats, EndpointSet):
    """Events as staff see them, drafts included."""

    queryset = Event.objects.with_available_seats().values(*EVENT_COLUMNS)
    serializer_class = EventSerializer
    pagination_class = CountedKeysetPagination
    filterset_class = StaffEventFilter
    permission_classes = [IsAdmin]

    def list(self, request: Request) -> Response:
        """List events of any status, the latest start first."""
        return self.listed(self.get_queryset(), shape_event)

    @extend_schema(parameters=[ETAG])
    def retrieve(self, request: Request, id: int) -> Response:
        """Return one event of any status; its `ETag` is for `If-Match`."""
        return self.answer(id)

    @extend_schema(
        request=NewEventSerializer, responses={201: EventSerializer}, parameters=[LOCATION, ETAG]
    )
    def create(self, request: Request) -> Response:
        """Create an event and its seats, 0 to 100,000 of them.

        `total_seats` names them `Seat-1` to `Seat-N`; a `layout` tells a hall's sections, rows and
        seats, with aisles, blocked and accessible ones, named such as `Stalls-A-1`.

        Names have 1 to 200 characters. A time without an offset is read in the event's
        `timezone`. `status` is `published` unless told otherwise. Seats are sold from
        `sales_start` until `sales_end`, where these are told.
        """
        create = partial(services.create_event, **self.read(NewEventSerializer))
        return self.once(create, self._created)

    def _created(self, event: Event) -> Response:
        return self.answer(
            event.id,
            status=status.HTTP_201_CREATED,
            headers={"Location": f"/admin/events/{event.id}"},
        )

    def answer(self, event_id: int, **kwargs: Any) -> Response:
        event = get_object_or_404(self.queryset.values(*EVENT_COLUMNS, "version"), id=event_id)
        tag = etag(event.pop("version"))
        response = Response(shape_event(event), **kwargs)
        response["ETag"] = tag
        return response
