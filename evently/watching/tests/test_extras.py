"""Tracing and error reports: what is sent where they are configured, and nothing where not."""

import json
import os
import subprocess
import sys

import pytest
from django.conf import settings as running
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from evently.watching.tests.receiver import receiving

pytestmark = pytest.mark.once

# What a request may hold of which nobody elsewhere should hear.
SECRETS = {
    "path": "8675309",
    "identity": "5550100",
    "token": "of-a-bearer",
    "gateway": "of-a-gateway",
    "cookie": "of-a-session",
    "query": "of-a-query",
    "body": "of-a-body",
}
ASK = """
import sys
import django
from django.conf import settings
settings.ROOT_URLCONF = "evently.watching.tests.failing_urls"
django.setup()
from django.core.management import call_command
from django.test import Client
if any("/events" in call for call in sys.argv):
    call_command("migrate", verbosity=0)
client = Client(raise_request_exception=False, headers={"host": "localhost"})
client.cookies["session"] = "of-a-session"
headers = {
    "authorization": "Bearer of-a-bearer",
    "x-gateway-secret": "of-a-gateway",
    "x-request-id": "mine",
    "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
}
for call in sys.argv[1:]:
    method, path = call.split()
    if method == "POST":
        headers["x-user-id"] = "5550100"
    client.generic(method, path, '{"secret": "of-a-body"}', "application/json", headers=headers)
"""
IMPORTED = """
import json, sys
import evently.wsgi
print(json.dumps([name for name in sys.argv[1:] if name in sys.modules]))
"""
# redis looks for OpenTelemetry by itself, so not all of that can be told from what is imported.
EXTRAS = [
    "evently.watching.tracing",
    "evently.watching.error_reports",
    "opentelemetry.exporter",
    "google.protobuf",
    "sentry_sdk",
]
WITHOUT_EXTRAS = """
import sys
sys.modules["opentelemetry.exporter.otlp.proto.http"] = sys.modules["sentry_sdk"] = None
import evently.wsgi
"""


def run(code, *arguments, **variables):
    environment = {
        "DJANGO_SETTINGS_MODULE": "evently.settings",
        "EVENTLY_DEMO": "1",
        "LOG_FORMAT": "json",
        "DATABASE_URL": "sqlite://:memory:",
    }
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        env=os.environ | environment | variables,
        cwd=running.BASE_DIR,
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.fixture
def receiver():
    with receiving() as receiver:
        yield receiver


def secrets_in(text):
    return [name for name, secret in SECRETS.items() if secret in text]


# --- Not configured -----------------------------------------------------------------------------


def test_without_configuration_nothing_of_the_extras_is_imported():
    assert json.loads(run(IMPORTED, *EXTRAS).stdout) == []


def test_with_configuration_the_extras_are_imported():
    address = "http://key@127.0.0.1:1/1"
    done = run(IMPORTED, *EXTRAS, OTEL_EXPORTER_OTLP_ENDPOINT=address, SENTRY_DSN=address)

    assert json.loads(done.stdout) == EXTRAS


@pytest.mark.parametrize(
    ("name", "address"),
    [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:4318"),
        ("SENTRY_DSN", "http://key@127.0.0.1/1"),
    ],
)
def test_extra_that_is_configured_but_not_installed_stops_the_start(name, address):
    done = run(WITHOUT_EXTRAS, **{name: address})

    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == (
        f"django.core.exceptions.ImproperlyConfigured: {name} is set, but what it needs isn't "
        "installed: pip install -r requirements-extras.txt"
    )


def test_address_of_sentry_without_a_key_stops_the_start():
    done = run("import evently.wsgi", SENTRY_DSN="http://127.0.0.1/1")

    assert done.returncode == 1
    assert "ImproperlyConfigured: SENTRY_DSN can't be understood." in done.stderr


def test_extras_that_nobody_answers_harm_nobody():
    done = run(
        ASK,
        "GET /events",
        "POST /failing/1",
        OTEL_EXPORTER_OTLP_ENDPOINT="http://127.0.0.1:1",
        OTEL_EXPORTER_OTLP_TIMEOUT="1",
        SENTRY_DSN="http://key@127.0.0.1:1/1",
    )

    assert done.returncode == 0


# --- Traces -------------------------------------------------------------------------------------


@pytest.fixture
def traced(receiver):
    """Make calls, and return the spans that arrive with all that was said."""

    def ask(*calls):
        done = run(ASK, *calls, OTEL_EXPORTER_OTLP_ENDPOINT=f"http://127.0.0.1:{receiver.port}")
        assert done.returncode == 0, done.stderr
        return [
            span
            for body in receiver.bodies("/v1/traces")
            for of_resource in ExportTraceServiceRequest.FromString(body).resource_spans
            for of_scope in of_resource.scope_spans
            for span in of_scope.spans
        ], done.stderr

    return ask


def attributes(span):
    return {
        attribute.key: attribute.value.string_value or attribute.value.int_value
        for attribute in span.attributes
    }


def test_span_of_a_request_tells_route_status_and_id(traced):
    spans, _ = traced("GET /events/7?search=of-a-query")

    [span] = [span for span in spans if span.name == "GET /events/{id}"]
    assert attributes(span) == {
        "http.request.method": "GET",
        "http.route": "/events/{id}",
        "http.response.status_code": 404,
        "evently.request_id": "mine",
    }


def test_span_belongs_to_the_callers_trace_and_the_log_names_it(traced):
    spans, log = traced("GET /healthz")

    [span] = spans
    assert span.trace_id.hex() == "0af7651916cd43dd8448eb211c80319c"
    assert span.parent_span_id.hex() == "b7ad6b7169203331"
    lines = [json.loads(line) for line in log.splitlines() if '"request_finished"' in line]
    assert [line["trace_id"] for line in lines] == [span.trace_id.hex()]


def test_statement_of_a_request_is_a_span_without_its_values(traced, receiver):
    spans, _ = traced("GET /events?search=of-a-query")

    *statements, request = spans  # and none of the migrations before it
    assert {span.parent_span_id for span in statements} == {request.span_id}
    assert {attributes(span)["db.system.name"] for span in statements} == {"sqlite"}
    assert {span.name for span in statements} == {"SELECT"}
    assert any("events_event" in attributes(span)["db.query.text"] for span in statements)
    assert secrets_in(str(receiver.received)) == []


def test_span_of_a_failure_is_an_error_and_tells_no_secret(traced, receiver):
    spans, _ = traced("POST /failing/8675309?q=of-a-query")

    [span] = spans
    assert (span.name, span.status.code) == ("POST /failing/{id}", span.status.STATUS_CODE_ERROR)
    assert secrets_in(str(receiver.received)) == []


# --- Error reports ------------------------------------------------------------------------------


@pytest.fixture
def reported(receiver):
    """Make calls, and return the events that arrive."""

    def ask(*calls):
        done = run(ASK, *calls, SENTRY_DSN=f"http://key@127.0.0.1:{receiver.port}/1")
        assert done.returncode == 0, done.stderr
        envelopes = [body.split(b"\n") for body in receiver.bodies("/api/1/envelope/")]
        return [json.loads(lines[2]) for lines in envelopes]

    return ask


def test_fault_is_reported_with_route_and_id(reported):
    [event] = reported("POST /failing/8675309")

    assert event["transaction"] == "POST /failing/{id}"
    assert event["tags"] == {"request_id": "mine"}
    assert event["release"] == "evently@1.0.0"
    assert [(error["type"], error["value"]) for error in event["exception"]["values"]] == [
        ("RuntimeError", "see the log")
    ]
    assert event["exception"]["values"][0]["stacktrace"]["frames"][-1]["function"] == "post"


def test_report_tells_no_secret_of_the_request(reported):
    [event] = reported("POST /failing/8675309?q=of-a-query")

    assert secrets_in(json.dumps(event)) == []
    assert {"request", "user"} & set(event) == set()


def test_what_was_foreseen_is_not_reported(reported):
    events = reported(
        "POST /refusing/503",
        "POST /refusing/400",
        "POST /refusing/404",
        "GET /nothing",
        "POST /bookings",
        "GET /users/me",
    )

    assert events == []
