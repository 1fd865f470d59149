"""Its endpoints: book any seat, list events."""

import os
from datetime import datetime

from fastapi import FastAPI, HTTPException
from pydantic import BaseModel, ConfigDict
from sqlalchemy import create_engine
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import sessionmaker

from bench.tutorial.models import Booking, Event, events_with_counts, next_free_seat

engine = create_engine(os.environ["TUTORIAL_DATABASE_URL"])
new_session = sessionmaker(engine, expire_on_commit=False)
app = FastAPI()


class BookingIn(BaseModel):
    event_id: int
    user_id: int


class BookingOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    id: int
    event_id: int
    seat_id: int
    user_id: int
    status: str
    created_at: datetime


class EventOut(BaseModel):
    id: int
    name: str
    description: str
    venue: str
    starts_at: datetime
    total_seats: int
    available_seats: int


# A session for each call, closed in the call's own thread: where a dependency closes it, that needs
# a second thread, and 40 calls that wait for a connection of the pool leave none.
@app.post("/bookings", status_code=201, response_model=BookingOut)
def book(wish: BookingIn) -> Booking:
    with new_session() as db:
        if db.get(Event, wish.event_id) is None:
            raise HTTPException(404, "No such event.")
        while (seat := db.scalars(next_free_seat(wish.event_id)).first()) is not None:
            booking = Booking(event_id=wish.event_id, seat_id=seat.id, user_id=wish.user_id)
            db.add(booking)
            try:
                db.commit()
            except IntegrityError:
                db.rollback()  # somebody sold it while we waited for its row
            else:
                return booking
        raise HTTPException(409, "Sold out.")


@app.get("/events", response_model=list[EventOut])
def list_events(limit: int = 20, offset: int = 0) -> list[dict]:
    page = events_with_counts().order_by(Event.starts_at.desc(), Event.id.desc())
    with new_session() as db:
        rows = db.execute(page.limit(limit).offset(offset))
        return [{**vars(event), "available_seats": available} for event, available in rows]
