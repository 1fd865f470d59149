"""The caller's places in lines."""

from functools import partial

from django.db.models import QuerySet
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
from events.shapes import Row
from waitlists import services
from waitlists.errors import EntryNotFound, PartyFitsNowhere, SeatsAvailable
from waitlists.models import WaitlistEntry
from waitlists.queries import attach_kept_seats, shown_entries, shown_entry
from waitlists.serializers import JoinSerializer, WaitlistEntrySerializer
from waitlists.shapes import shape_entry


class WaitlistEntryViewSet(EndpointSet):
    """Waiting for a seat of a full event."""

    queryset = WaitlistEntry.objects.all()
    serializer_class = WaitlistEntrySerializer
    permission_classes = [IsIdentified]

    def retrieve(self, request: Request, id: int) -> Response:
        """Return one live entry, to its owner or an admin."""
        entry = get_object_or_404(self.reachable(WaitlistEntry.objects.current()), id=id)
        return Response(shown_entry(entry.id))

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
        PartyFitsNowhere,
        ChangedMeanwhile,
    )
    def create(self, request: Request) -> Response:
        """Join the line of a full event. Asking again answers 200 with the same entry.

        Only while its sales are open; the line is served after their end, too.

        For a party of 2 to 50 people, `party_size` seats are waited for, and with `adjacent`
        `required` only such as are neighbours in one row. Seats that come free go to the first in
        line whom they fit. A party that they don't fit keeps its place, and is passed over when
        they go to somebody behind it or on sale; from the third time on, or an hour after the
        first one, what comes free and fits nobody ahead is gathered for it, for an hour at most.

        Where what is asked for is on sale: 409 `seats_available`. Where there isn't so much room
        at all, or for one person: 409 `party_fits_nowhere`.
        """
        join = partial(services.join, user_id=self.caller.user.id, **self.read(JoinSerializer))
        return self.once(join, self._joined)

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, id: int) -> Response:
        """Leave the line; seats on offer go to the next. Again: 204, nothing changes."""
        entry = get_object_or_404(self.reachable(WaitlistEntry.objects.all()), id=id)
        services.leave(entry_id=entry.id)
        return Response(status=status.HTTP_204_NO_CONTENT)

    def _joined(self, outcome: tuple[WaitlistEntry, bool]) -> Response:
        entry, is_new = outcome
        return Response(
            shown_entry(entry.id),
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

    def paginate_queryset(self, queryset: QuerySet) -> list[Row]:
        page = super().paginate_queryset(queryset)
        attach_kept_seats(page)
        return page

    def list(self, request: Request) -> Response:
        """List the caller's live entries, the oldest first, with their position or open offer.

        An offer whose deadline has passed is no longer listed.
        """
        mine = WaitlistEntry.objects.current().filter(user=self.caller.user).order_by("id")
        return self.listed(shown_entries(mine), shape_entry)
