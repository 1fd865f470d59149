"""Somebody who books beside staff who close the sale."""

import pytest

from bookings.event_services import change_event
from bookings.models import Booking
from bookings.services import book_any_seat
from events.errors import SalesEnded
from tests.factories import NOW
from tests.races.cues import SALE_READ
from tests.races.promises import broken_promises

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]


def close_and_count(event):
    """End the event's sales; return how many bookings there are when that is done."""
    change_event(event_id=event.id, changes={"sales_end": NOW})
    return Booking.objects.count()


def close_beside_a_sale(stage, event, buyer):
    """The sale has seen that it is open when staff come; return it, and what staff counted."""
    sale = stage.start(book_any_seat, event_id=event.id, user_id=buyer.id, pause_after=SALE_READ)
    closing = stage.start(close_and_count, event=event)
    sale.resume()
    return sale.outcome, closing.outcome


def test_sale_that_began_is_through_before_it_is_closed(stage, event, holder, stranger):
    booking, number_when_closed = close_beside_a_sale(stage, event, holder)

    assert [booking] == list(Booking.objects.all())
    assert number_when_closed == 1
    assert broken_promises() == set()
    with pytest.raises(SalesEnded):
        book_any_seat(event_id=event.id, user_id=stranger.id)


def test_without_the_gate_a_seat_is_sold_after_the_sale_was_closed(
    stage, event, holder, without_gate
):
    booking, number_when_closed = close_beside_a_sale(stage, event, holder)

    assert [booking] == list(Booking.objects.all())
    assert number_when_closed == 0


def test_sale_that_begins_while_it_is_being_closed_is_refused(stage, event, holder):
    closing = stage.start(close_and_count, event=event, pause_after=SALE_READ)
    sale = stage.start(book_any_seat, event_id=event.id, user_id=holder.id)
    closing.resume()

    assert isinstance(sale.outcome, SalesEnded)
    assert (closing.outcome, Booking.objects.count()) == (0, 0)
