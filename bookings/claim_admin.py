"""What the lists of bookings, orders and holds share: each row is somebody's, at an event."""

from functools import reduce
from operator import and_

from django.db.models import Q, QuerySet
from django.http import HttpRequest
from unfold.contrib.filters.admin import AutocompleteSelectFilter

from bookings.references import id_of
from evently.api.identity import is_id
from evently.api.staff import MOST_WORDS, LookOnlyAdmin
from evently.api.staff_sheets import Exported
from evently.users.models import User
from events.models import Event

OF_EVENT = ("event", AutocompleteSelectFilter)


class ClaimAdmin(Exported, LookOnlyAdmin):
    """Rows that are looked for by their number, their event and their user."""

    list_filter_submit = True
    date_hierarchy = "created_at"
    search_fields = ["id"]  # so that there is a box; what is looked for in it stands below
    by_order = ""  # what an order's reference is looked for in

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet, search_term: str
    ) -> tuple[QuerySet, bool]:
        """Look for the term in the short tables: joined to a million bookings it takes long."""
        words = (word.removeprefix("#") for word in search_term.split()[:MOST_WORDS])
        found = reduce(and_, map(self.about, words), Q())
        if self.by_order and (order_id := id_of(search_term)):
            found |= Q((self.by_order, order_id))
        return queryset.filter(found), False

    def about(self, term: str) -> Q:
        users = User.objects.filter(Q(username__icontains=term) | Q(email__icontains=term))
        events = Event.objects.filter(name__icontains=term)
        found = Q(user__in=users.order_by().values("id"))
        found |= Q(event__in=events.order_by().values("id"))
        return found | Q(id=int(term)) if is_id(term) else found
