"""Random bookings, and their figures counted without the database's help."""

from datetime import UTC, datetime, time, timedelta

from django.utils import timezone

from bookings.models import Booking
from bookings.recount import recount
from events.models import Event, Seat
from tests.factories import EventFactory, UserFactory
from waitlists.models import WaitlistEntry


def scatter_bookings(rng, zone, around):
    """Book and cancel at random over ten days, often within a second of midnight."""
    user = UserFactory()
    for seats in (0, 3, 8):
        event = EventFactory(
            total_seats=seats, start_time=datetime(2030, 1, 1 + rng.randrange(9), tzinfo=UTC)
        )
        for seat in event.seats.all():
            for _ in range(rng.randrange(4)):
                scatter_booking(rng, zone, around, seat, user, is_cancelled=True)
            if rng.random() < 0.7:
                scatter_booking(rng, zone, around, seat, user, is_cancelled=False)
        recount(event_id=event.id)
    for status in ("waiting", "left"):
        WaitlistEntry.objects.create(
            event=event,
            user=user,
            status=status,
            created_at=timezone.now(),
            ended_at=None if status == "waiting" else timezone.now(),
        )


def scatter_booking(rng, zone, around, seat, user, *, is_cancelled):
    made, ended = sorted(random_moment(rng, zone, around) for _ in range(2))
    Booking.objects.create(
        event_id=seat.event_id,
        seat=seat,
        user=user,
        created_at=made,
        status="cancelled" if is_cancelled else "active",
        cancelled_at=ended if is_cancelled else None,
    )
    if not is_cancelled:
        Seat.objects.filter(id=seat.id).update(status="booked")


def random_moment(rng, zone, around):
    day = around + timedelta(days=rng.randint(-5, 5))
    seconds = rng.choice([-1, 0, 1, rng.randrange(86_400)])
    midnight = datetime.combine(day, time(), tzinfo=zone).astimezone(UTC)
    return midnight + timedelta(seconds=seconds)


def random_ranges(rng, around):
    for _ in range(5):
        first, last = sorted(around + timedelta(days=rng.randint(-6, 6)) for _ in range(2))
        yield first, last
        yield None, last


def counted_by_hand(zone, since, until):
    def day(moment):
        return moment.astimezone(zone).date()

    bookings = list(Booking.objects.all())
    in_time = [booking for booking in bookings if day(booking.created_at) <= until]
    if since is None:
        since = min((day(booking.created_at) for booking in in_time), default=until)
    made = [booking for booking in in_time if day(booking.created_at) >= since]
    ended = [booking for booking in made if booking.cancelled_at]
    cancellations = [day(booking.cancelled_at) for booking in bookings if booking.cancelled_at]
    days = [since + timedelta(days=n) for n in range((until - since).days + 1)]
    events = Event.objects.order_by("-start_time", "-id")
    return {
        "timezone": zone.key,
        "since": since,
        "until": until,
        "totals": {
            "events": len(events),
            "seats": sum(event.total_seats for event in events),
            "bookings": len(made),
            "active": len(made) - len(ended),
            "cancelled": len(ended),
            "waiting": WaitlistEntry.objects.filter(status="waiting").count(),
        },
        "cancellation_rate": round(len(ended) / len(made), 4) if made else 0.0,
        "daily": [
            {
                "date": one,
                "booked": sum(day(booking.created_at) == one for booking in made),
                "cancelled": cancellations.count(one),
            }
            for one in days
        ],
        "events": [event_by_hand(event, bookings) for event in events],
    }


def event_by_hand(event, bookings):
    seats = [seat.status for seat in event.seats.all()]
    cancelled = [b for b in bookings if b.event_id == event.id and b.cancelled_at]
    waiting = WaitlistEntry.objects.filter(event=event, status="waiting")
    return {
        "event_id": event.id,
        "name": event.name,
        "start_time": event.start_time,
        "timezone": event.timezone,
        "total_seats": len(seats),
        "booked_seats": seats.count("booked"),
        "available_seats": seats.count("available"),
        "waiting": len(waiting),
        "cancelled": len(cancelled),
        "utilization": round(seats.count("booked") / len(seats), 4) if seats else 0.0,
    }
