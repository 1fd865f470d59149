"""Events, seats, bookings. A seat is free when no active booking names it."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Select, UniqueConstraint, exists, func, select, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    pass


class Event(Base):
    __tablename__ = "events"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    description: Mapped[str]
    venue: Mapped[str]
    starts_at: Mapped[datetime] = mapped_column(index=True)
    total_seats: Mapped[int]


class Seat(Base):
    __tablename__ = "seats"
    __table_args__ = (UniqueConstraint("event_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("events.id"))
    number: Mapped[int]


class Booking(Base):
    __tablename__ = "bookings"
    __table_args__ = (
        # Without it a seat is sold to everybody who waited for its row.
        Index("one_active", "seat_id", unique=True, postgresql_where=text("status = 'active'")),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("events.id"), index=True)
    seat_id: Mapped[int] = mapped_column(ForeignKey("seats.id"))
    user_id: Mapped[int] = mapped_column(index=True)
    status: Mapped[str] = mapped_column(default="active")
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


def next_free_seat(event_id: int) -> Select:
    is_taken = exists().where(Booking.seat_id == Seat.id, Booking.status == "active")
    free = select(Seat).where(Seat.event_id == event_id, ~is_taken)
    # By the number, whose index begins with the event: by the id it walks all events' seats.
    return free.order_by(Seat.number).limit(1).with_for_update(of=Seat)


def events_with_counts() -> Select:
    """Select events with the number of their free seats, counted as the list is made."""
    taken = select(func.count()).where(Booking.event_id == Event.id, Booking.status == "active")
    available = Event.total_seats - taken.scalar_subquery()
    return select(Event, available.label("available_seats"))
