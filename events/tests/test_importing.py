"""Events from a sheet: looked at first, row by row, then made."""

import base64
import re
from datetime import UTC, datetime
from io import BytesIO

import pytest
import tablib
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError
from openpyxl import Workbook

from evently.api.staff_uploads import MAX_UPLOAD_BYTES, SignedUpload
from events.models import Event
from events.services import create_event
from tests.factories import EventFactory
from tests.staff import staff_with, superuser, told

pytestmark = pytest.mark.django_db(transaction=True)

IMPORT = "/staff/events/event/import/"
CSV, XLSX = "0", "1"
GALA = {
    "name": "Gala",
    "venue": "Opera",
    "start_time": "2031-07-01 19:00",
    "end_time": "2031-07-01 23:00",
    "timezone": "Europe/Berlin",
    "status": "published",
    "total_seats": "3",
}


@pytest.fixture
def staff(db):
    return superuser()


def refuse_gala(*, name, **facts):
    if name == "Gala":
        raise OperationalError("The database is away.")
    return create_event(name=name, **facts)


def sheet(*rows, kind="csv"):
    table = tablib.Dataset(*(list(row.values()) for row in rows), headers=list(rows[0]))
    content = table.export(kind)
    return content.encode() if isinstance(content, str) else content


def look(staff, content, file_format=CSV):
    upload = SimpleUploadedFile("events", content)
    return staff.post(IMPORT, {"import_file": upload, "format": file_format})


def say_yes(staff, response):
    answer = response.context["confirm_form"].initial
    return staff.post("/staff/events/event/process_import/", answer, follow=True)


def refused(response):
    """Return the errors of each row that has some, by its number."""
    rows = response.context["result"].invalid_rows
    return {
        row.number: {name: list(map(str, said)) for name, said in row.error_dict.items()}
        for row in rows
    }


def test_import_shows_what_would_be_made_and_makes_nothing(staff):
    response = look(staff, sheet(GALA))

    assert [row.import_type for row in response.context["result"].valid_rows()] == ["new"]
    assert not Event.objects.exists()


@pytest.mark.parametrize(("kind", "file_format"), [("csv", CSV), ("xlsx", XLSX)])
def test_import_once_confirmed_makes_events_with_their_seats(staff, kind, file_format):
    response = say_yes(staff, look(staff, sheet(GALA, kind=kind), file_format))

    event = Event.objects.get()
    assert told(response) == ["Import finished: 1 new, 0 updated, 0 deleted and 0 skipped events."]
    assert (event.name, event.seats.count()) == ("Gala", 3)
    assert event.start_time == datetime(2031, 7, 1, 17, tzinfo=UTC)


def test_import_reads_deadlines_in_the_time_zone_of_the_row(staff):
    row = GALA | {"sales_start": "2031-02-01 10:00", "cancel_until": "2031-06-30 19:00"}
    say_yes(staff, look(staff, sheet(row)))

    event = Event.objects.get()
    assert (event.sales_start, event.sales_end, event.cancel_until) == (
        datetime(2031, 2, 1, 9, tzinfo=UTC),
        None,
        datetime(2031, 6, 30, 17, tzinfo=UTC),
    )


def test_import_of_rows_of_seats_names_them(staff):
    row = GALA | {"total_seats": "", "rows": "2", "seats_per_row": "2"}
    say_yes(staff, look(staff, sheet(row)))

    numbers = Event.objects.get().seats.order_by("position").values_list("seat_number", flat=True)
    assert list(numbers) == ["A-1", "A-2", "B-1", "B-2"]


def test_time_with_an_offset_is_that_time(staff):
    row = GALA | {"start_time": "2031-07-01T12:00:00-04:00"}
    say_yes(staff, look(staff, sheet(row)))

    assert Event.objects.get().start_time == datetime(2031, 7, 1, 16, tzinfo=UTC)


def test_import_tells_the_errors_of_each_row_and_can_t_be_confirmed(staff):
    response = look(
        staff,
        sheet(
            GALA,
            GALA | {"name": "", "total_seats": "100001"},
            GALA | {"end_time": "2031-07-01 18:00"},
            GALA | {"status": "cancelled"},
        ),
    )

    assert refused(response) == {
        2: {
            "name": ["This field is required."],
            "total_seats": ["Ensure this value is less than or equal to 100000."],
        },
        3: {"end_time": ["The event must end after its start."]},
        4: {"status": ["Select a valid choice. cancelled is not one of the available choices."]},
    }
    assert "confirm_form" not in response.context
    assert not Event.objects.exists()


def test_import_changes_no_event(staff):
    event = EventFactory()

    response = look(staff, sheet(GALA | {"id": str(event.id)}))

    assert refused(response) == {
        1: {"id": ["An import adds events and changes none; leave it empty."]}
    }


def test_import_again_skips_what_is_there(staff):
    say_yes(staff, look(staff, sheet(GALA)))

    response = look(staff, sheet(GALA, GALA | {"name": "Ball"}))
    say_yes(staff, response)

    types = [row.import_type for row in response.context["result"].valid_rows()]
    assert types == ["skip", "new"]
    assert list(Event.objects.order_by("id").values_list("name", flat=True)) == ["Gala", "Ball"]


def test_row_that_is_refused_meanwhile_is_named(staff, monkeypatch):
    response = look(staff, sheet(GALA, GALA | {"name": "Ball"}))
    monkeypatch.setattr("events.importing.create_event", refuse_gala)

    answer = say_yes(staff, response)

    assert told(answer)[1:] == ["Row 1 was refused: it is as if it hadn't been there."]
    assert Event.objects.get().name == "Ball"


def test_export_can_be_imported_as_new_events(staff):
    say_yes(staff, look(staff, sheet(GALA | {"sales_end": "2031-07-01 12:00"})))
    exported = staff.post("/staff/events/event/export/", {"format": CSV, "resource": ""})
    table = tablib.Dataset().load(exported.content.decode(), "csv")
    del table["id"]
    Event.objects.all().update(name="Old")

    say_yes(staff, look(staff, table.export("csv").encode()))

    facts = "venue", "start_time", "timezone", "total_seats", "sales_end", "cancel_until"
    old, new = Event.objects.order_by("id").values(*facts)
    assert old == new


@pytest.mark.parametrize(
    ("content", "file_format"), [(b"\xff\xfe\x00", CSV), (b"no workbook", XLSX), (b"", CSV)]
)
def test_file_that_can_t_be_read_is_refused(staff, content, file_format):
    response = look(staff, content, file_format)

    assert response.status_code == 200
    assert response.context["form"].errors["import_file"]


def test_file_that_is_too_large_is_refused(staff):
    response = look(staff, b"name\n" + b"x" * MAX_UPLOAD_BYTES)

    assert response.context["form"].errors == {
        "import_file": ["The file is larger than a megabyte. Split it."]
    }


def test_too_many_rows_are_refused(staff, monkeypatch):
    monkeypatch.setattr("evently.exporting.MAX_IMPORTED_ROWS", 1)

    response = look(staff, sheet(GALA, GALA))

    assert response.context["form"].errors == {"import_file": ["Import at most 1 rows at once."]}


@pytest.mark.parametrize(
    "change", [{"import_file_name": "../../etc/passwd"}, {"format": "9"}, {"format": "x"}]
)
def test_answer_that_was_meddled_with_makes_nothing(staff, change):
    answer = look(staff, sheet(GALA)).context["confirm_form"].initial

    response = staff.post("/staff/events/event/process_import/", answer | change)

    assert response.status_code in (200, 400)
    assert not Event.objects.exists()


def test_upload_is_kept_in_its_signed_name_alone():
    kept = SignedUpload(read_mode="rb")
    kept.save(b"name\nGala\n")

    again = SignedUpload(name=kept.name, read_mode="r", encoding="utf-8")

    assert again.read() == "name\nGala\n"
    assert base64.b64encode(b"Gala").decode() not in kept.name


def test_import_without_permission_to_add_is_refused():
    assert staff_with("view_event", "change_event").get(IMPORT).status_code == 403


def test_sheet_that_claims_to_reach_far_is_read_as_far_as_rows_may_reach(staff):
    book = Workbook()
    book.active["A1"], book.active["XFD1048576"] = "name", "x"
    content = BytesIO()
    book.save(content)

    response = look(staff, content.getvalue(), XLSX)

    assert "confirm_form" not in response.context


def test_workbook_that_unpacks_to_too_much_is_refused(staff, monkeypatch):
    monkeypatch.setattr("evently.exporting.MAX_UNPACKED_BYTES", 100)

    response = look(staff, sheet(GALA, kind="xlsx"), XLSX)

    assert response.context["form"].errors == {
        "import_file": ["The file is too large once it is unpacked."]
    }


def test_upload_that_is_confirmed_twice_is_imported_once(staff):
    response = look(staff, sheet(GALA))
    say_yes(staff, response)
    Event.objects.update(name="Renamed")

    again = say_yes(staff, response)

    assert told(again) == ["That was imported already."]
    assert Event.objects.count() == 1


def test_look_at_an_import_shows_the_times_as_they_were_written(staff):
    [row] = look(staff, sheet(GALA)).context["result"].valid_rows()

    shown = re.sub(r"<[^>]*>", "", " ".join(row.diff))
    assert "2031-07-01 19:00" in shown
    assert "17:00" not in shown
