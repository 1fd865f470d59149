"""The caller's places in lines."""

from functools import partial

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from evently.api.components import LOCATION
from evently.api.exceptions import ChangedMeanwhile
from evently.api.identity import IsIdentified, IsUser
from evently.api.refusals import refuses
from evently.api.views import EndpointSet
from events.errors import EventNotFound, EventNotOnSale, SalesEnded, SalesNotStarted
from waitlists import services
from waitlists.errors import EntryNotFound, SeatsAvailable
from waitlists.models import WaitlistEntry
from waitlists.queries import shown_entries
from waitlists.serializers import JoinSerializer, WaitlistEntrySerializer
from waitlists.shapes import ENTRY_COLUMNS, shape_entry


class WaitlistEntryViewSet(EndpointSet):
    """Waiting for a seat of a full event."""

    queryset = WaitlistEntry.objects.all()
    serializer_class = WaitlistEntrySerializer
    permission_classes = [IsIdentified]

    def retrieve(self, request: Request, id: int) -> Response:
        """Return one live entry, to its owner or an admin."""
        entry = get_object_or_404(self.reachable(shown_entries().current()), id=id)
        return Response(self.get_serializer(entry).data)

    @extend_schema(
        request=JoinSerializer,
        responses={200: WaitlistEntrySerializer, 201: WaitlistEntrySerializer},
        parameters=[LOCATION],
    )
    @refuses(
        EntryNotFound,
        EventNotFound,
        EventNotOnSale,
        SalesNotStarted,
        SalesEnded,
        SeatsAvailable,
        ChangedMeanwhile,
    )
    def create(self, request: Request) -> Response:
        """Join the line of a full event. Asking again answers 200 with the same entry.

        Only while its sales are open; the line is served after their end, too.
        """
        event_id = self.read(JoinSerializer)["event_id"]
        join = partial(services.join, event_id=event_id, user_id=self.caller.user.id)
        return self.once(join, self._joined)

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, id: int) -> Response:
        """Leave the line; a seat on offer goes to the next. Again: 204, nothing changes."""
        entry = get_object_or_404(self.reachable(WaitlistEntry.objects.all()), id=id)
        services.leave(entry_id=entry.id)
        return Response(status=status.HTTP_204_NO_CONTENT)

    def _joined(self, outcome: tuple[WaitlistEntry, bool]) -> Response:
        entry, is_new = outcome
        return Response(
            self.get_serializer(get_object_or_404(shown_entries(), id=entry.id)).data,
            status=status.HTTP_201_CREATED if is_new else status.HTTP_200_OK,
            headers={"Location": f"/waitlists/{entry.id}"},
        )

    def get_permissions(self) -> list:
        return [IsUser()] if self.action == "create" else super().get_permissions()


class MyEntryViewSet(EndpointSet):
    """The caller's places in lines."""

    queryset = WaitlistEntry.objects.all()
    serializer_class = WaitlistEntrySerializer
    permission_classes = [IsUser]

    def list(self, request: Request) -> Response:
        """List the caller's live entries, the oldest first, with their position or open offer.

        An offer whose deadline has passed is no longer listed.
        """
        mine = WaitlistEntry.objects.with_position().current().filter(user=self.caller.user)
        return self.listed(mine.order_by("id").values(*ENTRY_COLUMNS), shape_entry)
