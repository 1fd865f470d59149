"""Every writing call of the API, and the rows that it is made on."""

from datetime import timedelta

from bookings.services import book_any_seat, cancel_booking
from notifications.models import Notification
from reliability.crash.group_writes import GROUP_WRITES
from reliability.crash.points import Request
from reliability.crash.prepared import (
    START,
    Write,
    by,
    by_staff,
    expire,
    make_busy_event,
    make_event,
    make_full_event,
    make_offer,
    make_person,
    wait,
)

FACTS = {
    "name": "Gala",
    "venue": "City Hall",
    "start_time": START.isoformat(),
    "end_time": (START + timedelta(hours=4)).isoformat(),
    "total_seats": 3,
}
OTHER_FACTS = FACTS | {"name": "Great Gala", "venue": "Opera House"}


def sold() -> Request:
    return by(make_person(), "POST", "/bookings", {"event_id": make_event(seats=2).id})


def chosen() -> Request:
    wish = {"event_id": make_event(seats=2).id, "seat_number": "Seat-2"}
    return by(make_person(), "POST", "/bookings", wish)


def chosen_after_a_lapse() -> Request:
    entry, _ = make_offer()
    expire(entry)
    wish = {"event_id": entry.event_id, "seat_number": "Seat-1"}
    return by(make_person(), "POST", "/bookings", wish)


def waitlisted() -> Request:
    event, _ = make_full_event()
    return by(make_person(), "POST", "/bookings", {"event_id": event.id})


def waitlisted_after_a_lapse() -> Request:
    """The seat whose offer has run out goes to the next; whoever asks comes behind them."""
    entry, event = make_offer()
    wait(event)
    expire(entry)
    return by(make_person(), "POST", "/bookings", {"event_id": event.id})


def accepting() -> Request:
    entry, event = make_offer()
    return by(entry.user, "POST", "/bookings", {"event_id": event.id})


def another_seat_than_offered() -> Request:
    event, bookings = make_full_event(seats=2)
    entry = wait(event)
    for booking in bookings:
        cancel_booking(booking_id=booking.id)
    return by(entry.user, "POST", "/bookings", {"event_id": event.id, "seat_number": "Seat-2"})


def accept() -> Request:
    entry, _ = make_offer()
    return by(entry.user, "POST", f"/waitlists/{entry.id}/accept")


def cancel() -> Request:
    _, [booking] = make_full_event()
    return by(booking.user, "DELETE", f"/bookings/{booking.id}")


def cancel_with_a_line() -> Request:
    event, [booking] = make_full_event()
    wait(event)
    wait(event)
    return by(booking.user, "DELETE", f"/bookings/{booking.id}")


def join_line() -> Request:
    event, _ = make_full_event()
    return by(make_person(), "POST", "/waitlists", {"event_id": event.id})


def leave() -> Request:
    event, _ = make_full_event()
    entry = wait(event)
    return by(entry.user, "DELETE", f"/waitlists/{entry.id}")


def leave_an_offer() -> Request:
    entry, event = make_offer()
    wait(event)
    return by(entry.user, "DELETE", f"/waitlists/{entry.id}")


def create() -> Request:
    return by_staff("POST", "/admin/events", FACTS)


def replace() -> Request:
    return by_staff("PUT", f"/admin/events/{make_busy_event().id}", OTHER_FACTS)


def change() -> Request:
    return by_staff("PATCH", f"/admin/events/{make_busy_event().id}", {"venue": "Opera House"})


def cancel_event() -> Request:
    return by_staff("PATCH", f"/admin/events/{make_busy_event().id}", {"status": "cancelled"})


def publish() -> Request:
    return by_staff("POST", f"/admin/events/{make_event(seats=2, status='draft').id}/publish")


def cancel_by_a_step() -> Request:
    return by_staff("POST", f"/admin/events/{make_busy_event().id}/cancel")


def delete() -> Request:
    event, [booking] = make_full_event()
    wait(event)
    cancel_booking(booking_id=booking.id)
    wait(event)
    return by_staff("DELETE", f"/admin/events/{event.id}")


def mark_read() -> Request:
    booking = book_any_seat(event_id=make_event(seats=2).id, user_id=make_person().id)
    note = Notification.objects.get(user=booking.user)
    return by(booking.user, "PATCH", f"/users/me/notifications/{note.id}", {"is_read": True})


def mark_all_read() -> Request:
    _, [booking] = make_full_event()
    cancel_booking(booking_id=booking.id)
    return by(booking.user, "POST", "/users/me/notifications/read-all")


def make_user() -> Request:
    return by_staff("POST", "/admin/users", {"username": "anna", "email": "anna@example.org"})


WRITES = [
    Write("POST /bookings: sold", sold),
    Write("POST /bookings: chosen seat", chosen),
    Write("POST /bookings: chosen seat, its offer has run out", chosen_after_a_lapse),
    Write("POST /bookings: waitlisted", waitlisted),
    Write("POST /bookings: waitlisted, an offer has run out", waitlisted_after_a_lapse),
    Write("POST /bookings: accepting", accepting),
    Write("POST /bookings: another seat than offered", another_seat_than_offered),
    Write("POST /waitlists/{id}/accept", accept),
    Write("DELETE /bookings/{id}: nobody waits", cancel),
    Write("DELETE /bookings/{id}: two wait", cancel_with_a_line),
    Write("POST /waitlists", join_line),
    Write("DELETE /waitlists/{id}: waiting", leave),
    Write("DELETE /waitlists/{id}: offered, one waits", leave_an_offer),
    *GROUP_WRITES,
    Write("POST /admin/events", create),
    Write("PUT /admin/events/{id}", replace),
    Write("PATCH /admin/events/{id}: venue", change),
    Write("PATCH /admin/events/{id}: cancelled", cancel_event),
    Write("PATCH /admin/events/{id}: cancelled by batches", cancel_event, bookings_per_batch=1),
    Write("POST /admin/events/{id}/publish", publish),
    Write("POST /admin/events/{id}/cancel", cancel_by_a_step),
    Write("POST /admin/events/{id}/cancel: by batches", cancel_by_a_step, bookings_per_batch=1),
    Write("DELETE /admin/events/{id}", delete, again=404),
    Write("PATCH /users/me/notifications/{id}", mark_read),
    Write("POST /users/me/notifications/read-all", mark_all_read),
    Write("POST /admin/users", make_user),
]
