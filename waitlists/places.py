"""The order of a line: everybody's place in it, and how a person gets another one.

A place is the entry's id, given under the exclusive gate, until staff move somebody: then those
between the old and the new position pass their places on in a ring. So no place is ever made up,
no two people share one, and whoever joins comes last, with an id above all places.
"""

from datetime import datetime

from django.db import connection
from django.db.models import BigIntegerField, Expression, OuterRef
from django.db.models.functions import Coalesce
from django.db.models.lookups import GreaterThan, LessThanOrEqual

PLACE = Coalesce("place", "id", output_field=BigIntegerField())
# The same of the row that a subquery is asked for.
ITS_PLACE = Coalesce(OuterRef("place"), OuterRef("id"), output_field=BigIntegerField())

# Everybody in the stretch takes the place of the next one, and the last one that of the first:
# one statement, however long the stretch. The ORM can't update from a query with windows. It
# names the event twice: a sharded database is told where to go.
_ROTATE = """
WITH stretch AS (
    SELECT id, COALESCE(place, id) AS place FROM waitlists_waitlistentry
    WHERE event_id = %s AND status = 'waiting'
    ORDER BY COALESCE(place, id) LIMIT %s OFFSET %s
), rotated AS (
    SELECT id, COALESCE(lead(place) OVER ahead, first_value(place) OVER ahead) AS place
    FROM stretch WINDOW ahead AS (ORDER BY place {direction})
)
UPDATE waitlists_waitlistentry SET place = rotated.place, asked_at = %s FROM rotated
WHERE waitlists_waitlistentry.id = rotated.id AND waitlists_waitlistentry.event_id = %s
"""
# Who moves to the front ends up in the first place, who moves to the back in the last one.
_TO_THE_FRONT = _ROTATE.format(direction="ASC")
_TO_THE_BACK = _ROTATE.format(direction="DESC")


def up_to(place: int | Expression) -> LessThanOrEqual:
    """Tell whether an entry's place is this one or nearer to the head."""
    return LessThanOrEqual(PLACE, place)


def behind(place: int | Expression) -> GreaterThan:
    return GreaterThan(PLACE, place)


def rotate(*, event_id: int, old: int, new: int, now: datetime) -> None:
    """Move whoever waits at one position of an event's line to another; both exist.

    All who changed places ask for their seats from now on (`asked_at`). (The caller's
    transaction, under the exclusive gate.)
    """
    first, last = sorted([old, new])
    sql = _TO_THE_FRONT if new < old else _TO_THE_BACK
    with connection.cursor() as cursor:
        cursor.execute(sql, [event_id, last - first + 1, first - 1, now, event_id])
