"""What a view may raise, and the one shape that all of it takes."""

import pytest
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import IntegrityError, InterfaceError, OperationalError
from django.http import Http404
from django.urls import path
from rest_framework.views import APIView

from evently.api.errors import Invalid, Missing, Refused
from evently.api.views import Endpoint
from evently.urls import handler400, handler403, handler404, handler500  # noqa: F401  Django's

SECRET = "SELECT * FROM users_user in /srv/evently"


class HasNone(Missing):
    code, detail = "has_none", "There is none."


class HasHad(Refused):
    code, detail = "has_had", "It was had."


class HasNonsense(Invalid):
    code, detail = "has_nonsense", "It makes no sense."


RAISED = {
    "missing": HasNone(),
    "refused": HasHad("It was had yesterday."),
    "invalid": HasNonsense(),
    "operational": OperationalError(SECRET),
    "interface": InterfaceError(SECRET),
    "integrity": IntegrityError(SECRET),
    "fault": RuntimeError(SECRET),
    "404": Http404(SECRET),
    "403": PermissionDenied(SECRET),
    "400": SuspiciousOperation(SECRET),
}


class Raising(Endpoint, APIView):
    def get(self, request):
        raise RAISED[request.query_params["what"]]


def raise_plainly(request):
    raise RAISED[request.GET["what"]]


urlpatterns = [path("api", Raising.as_view()), path("plain", raise_plainly)]
pytestmark = [pytest.mark.urls(__name__), pytest.mark.django_db]


@pytest.fixture
def client(client):
    """A client that is answered as a stranger is, though the server failed."""
    client.raise_request_exception = False
    return client


@pytest.mark.parametrize(
    ("what", "status", "code", "detail"),
    [
        ("missing", 404, "has_none", "There is none."),
        ("refused", 409, "has_had", "It was had yesterday."),
        ("invalid", 400, "has_nonsense", "It makes no sense."),
        ("404", 404, "not_found", "Not found."),
        (
            "403",
            403,
            "permission_denied",
            "You do not have permission to perform this action.",
        ),
        (
            "integrity",
            409,
            "changed_meanwhile",
            "Somebody else changed this at the same moment. Look again and retry.",
        ),
        (
            "operational",
            503,
            "database_unavailable",
            "The database can't answer now. Try again in a moment.",
        ),
        (
            "interface",
            503,
            "database_unavailable",
            "The database can't answer now. Try again in a moment.",
        ),
        ("fault", 500, "error", "Server Error (500)"),
    ],
)
def test_what_the_api_raises_is_a_problem(client, what, status, code, detail):
    response = client.get(f"/api?what={what}")

    assert (response.status_code, response["Content-Type"]) == (status, "application/problem+json")
    assert response["X-Request-ID"]
    assert response.get("Retry-After") == ("1" if status == 503 else None)
    assert response.json() == {
        "type": f"urn:evently:problem:{code}",
        "title": code.replace("_", " ").capitalize(),
        "status": status,
        "detail": detail,
        "code": code,
    }


@pytest.mark.parametrize(
    ("what", "status", "code", "detail"),
    [
        ("400", 400, "bad_request", "The request can't be understood."),
        ("403", 403, "permission_denied", "That isn't allowed."),
        ("404", 404, "not_found", "There is nothing here."),
        ("fault", 500, "error", "Something went wrong on our side."),
    ],
)
def test_what_is_raised_outside_of_the_api_is_a_problem_too(client, what, status, code, detail):
    response = client.get(f"/plain?what={what}")

    assert (response.status_code, response["Content-Type"]) == (status, "application/problem+json")
    assert response["X-Request-ID"]
    assert (response.json()["code"], response.json()["detail"]) == (code, detail)


@pytest.mark.parametrize("path", ["/api", "/plain"])
def test_fault_is_logged_with_its_cause(client, caplog, path):
    client.get(f"{path}?what=fault")

    failed = [record.msg for record in caplog.records if record.msg["event"] == "request_failed"]
    assert [SECRET in line["exception"] for line in failed] == [True]
