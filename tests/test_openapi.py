"""The OpenAPI description: valid, complete, and telling every error and header."""

import os

import pytest
from django.core.management import call_command
from drf_spectacular.validation import validate_schema
from jsonschema import Draft202012Validator, FormatChecker

from tests.described import answers, describe, errors, operation, operations
from tests.routes import routes

pytestmark = pytest.mark.once

# Neither are the description itself and its two viewers described, nor the figures.
UNDESCRIBED = {"/metrics", "/schema", "/docs", "/redoc"}

CONTRACT = """
GET /events
POST /bookings
GET /users/me/bookings
DELETE /bookings/{id}
POST /bookings/{id}/offer-back
DELETE /bookings/{id}/offer-back
GET /users/me/notifications
GET /waitlists/me
DELETE /waitlists/{id}
POST /admin/events
PUT /admin/events/{id}
DELETE /admin/events/{id}
GET /admin/analytics
GET /bookings/{id}
POST /holds
GET /holds/{id}
DELETE /holds/{id}
POST /holds/{id}/refresh
POST /orders
GET /orders/{id}
DELETE /orders/{id}
GET /users/me/orders
GET /events/{id}
GET /events/{id}/seats
PATCH /users/me/notifications/{id}
POST /users/me/notifications/read-all
POST /waitlists
POST /waitlists/{id}/accept
GET /users/me
GET /admin/events
GET /admin/events/{id}
PATCH /admin/events/{id}
POST /admin/events/{id}/publish
POST /admin/events/{id}/cancel
GET /admin/bookings
GET /admin/users
POST /admin/users
GET /admin/audit
GET /healthz
GET /readyz
"""


@pytest.fixture(scope="module")
def schema():
    return describe()


@pytest.fixture
def in_token_mode(settings):
    settings.EVENTLY_AUTH = "tokens"


@pytest.fixture
def behind_gateway(settings):
    settings.EVENTLY_GATEWAY_SECRET = "x" * 40


def valued_examples(node, schema):
    """Yield every example in a part of the description, beside the schema it should fit."""
    if isinstance(node, list):
        node = dict(enumerate(node))
    if not isinstance(node, dict):
        return
    if "examples" in node and "schema" in node:
        for example in node["examples"].values():
            yield example["value"], node["schema"] | {"components": schema["components"]}
    for part in node.values():
        yield from valued_examples(part, schema)


def test_description_is_valid_openapi_3_1(schema):
    assert schema["openapi"] == "3.1.0"
    validate_schema(schema)


def test_description_is_made_without_a_warning():
    call_command("spectacular", "--validate", "--fail-on-warn", "--file", os.devnull)


def test_every_routed_call_is_described(schema):
    routed = {call for each in routes() if each.path not in UNDESCRIBED for call in each.calls}

    assert {call for call, _ in operations(schema)} == routed


def test_every_call_of_the_contract_is_described(schema):
    assert set(CONTRACT.split("\n")[1:-1]) == {call for call, _ in operations(schema)} - {
        "GET /waitlists/{id}"  # where `Location` leads to
    }


def test_every_call_has_a_name_of_its_own(schema):
    names = [found["operationId"] for _, found in operations(schema)]

    assert len(set(names)) == len(names)
    assert operation(schema, "GET /users/me/bookings")["operationId"] == "users_me_bookings_list"


def test_every_call_is_of_a_described_group(schema):
    groups = {tag["name"] for tag in schema["tags"]}

    assert {tag for _, found in operations(schema) for tag in found["tags"]} == groups


@pytest.mark.parametrize(
    ("call", "codes"),
    [
        (
            "GET /events",
            {
                400: ["invalid"],
                401: ["authentication_failed"],
                403: ["permission_denied"],
                412: ["precondition_failed"],
                429: ["throttled"],
                503: ["database_unavailable"],
            },
        ),
        (
            "POST /bookings",
            {
                400: ["invalid", "parse_error"],
                401: ["authentication_failed"],
                403: ["permission_denied", "user_mismatch"],
                404: ["event_not_found", "not_found", "seat_not_found", "user_not_found"],
                409: [
                    "changed_meanwhile",
                    "event_not_on_sale",
                    "idempotency_key_in_use",
                    "limit_reached",
                    "sales_ended",
                    "sales_not_started",
                    "seat_unavailable",
                ],
                413: ["payload_too_large"],
                415: ["unsupported_media_type"],
                422: ["idempotency_key_reused"],
                429: ["throttled"],
                503: ["database_unavailable", "outcome_unknown"],
            },
        ),
        (
            "POST /holds/{id}/refresh",
            {
                400: ["invalid"],
                401: ["authentication_failed", "not_authenticated"],
                403: ["permission_denied"],
                404: ["not_found"],
                409: ["hold_ended", "hold_refreshed", "idempotency_key_in_use"],
                422: ["idempotency_key_reused"],
                429: ["throttled"],
                503: ["database_unavailable", "outcome_unknown"],
            },
        ),
        (
            "DELETE /bookings/{id}",
            {
                400: ["invalid"],
                401: ["authentication_failed", "not_authenticated"],
                403: ["permission_denied"],
                404: ["not_found"],
                409: ["cancellation_closed"],
                429: ["throttled"],
                503: ["database_unavailable", "outcome_unknown"],
            },
        ),
        (
            "DELETE /admin/events/{id}",
            {
                400: ["invalid"],
                401: ["authentication_failed", "not_authenticated"],
                403: ["permission_denied"],
                404: ["event_not_found", "not_found"],
                409: ["event_has_active_bookings"],
                412: ["precondition_failed"],
                428: ["precondition_required"],
                429: ["throttled"],
                503: ["database_unavailable", "outcome_unknown"],
            },
        ),
        (
            "PATCH /admin/events/{id}",
            {
                400: ["invalid", "parse_error", "total_seats_immutable"],
                401: ["authentication_failed", "not_authenticated"],
                403: ["permission_denied"],
                404: ["event_not_found", "not_found"],
                409: ["changed_meanwhile", "status_change_refused"],
                412: ["precondition_failed"],
                413: ["payload_too_large"],
                415: ["unsupported_media_type"],
                428: ["precondition_required"],
                429: ["throttled"],
                503: ["database_unavailable", "outcome_unknown"],
            },
        ),
        *(
            (
                f"POST /admin/events/{{id}}/{step}",
                {
                    400: ["invalid"],
                    401: ["authentication_failed", "not_authenticated"],
                    403: ["permission_denied"],
                    404: ["event_not_found", "not_found"],
                    409: ["idempotency_key_in_use", "status_change_refused"],
                    412: ["precondition_failed"],
                    422: ["idempotency_key_reused"],
                    428: ["precondition_required"],
                    429: ["throttled"],
                    503: ["database_unavailable", "outcome_unknown"],
                },
            )
            for step in ("publish", "cancel")
        ),
        (
            "GET /users/me",
            {
                401: ["authentication_failed", "not_authenticated"],
                403: ["permission_denied"],
                429: ["throttled"],
                503: ["database_unavailable"],
            },
        ),
        ("GET /healthz", {}),
        ("GET /readyz", {503: ["database_unavailable", "migrations_pending"]}),
    ],
)
def test_call_tells_its_errors_and_no_others(call, codes, schema):
    assert errors(schema, call) == codes


def test_public_call_in_token_mode_claims_no_role(in_token_mode):
    assert errors(describe(), "GET /events")[403] == ["insufficient_scope"]


@pytest.mark.parametrize(("mode", "scheme"), [("tokens", "Token"), ("jwt", "IdentityProvider")])
def test_call_names_the_scope_that_a_token_needs(mode, scheme, settings):
    settings.EVENTLY_AUTH = mode
    schema = describe()

    assert {
        call: operation(schema, call)["security"]
        for call in (
            "GET /users/me",
            "POST /bookings",
            "GET /admin/users",
            "PUT /admin/events/{id}",
        )
    } == {
        "GET /users/me": [{scheme: ["read"]}],
        "POST /bookings": [{scheme: ["book"]}],
        "GET /admin/users": [{scheme: ["admin"]}],
        "PUT /admin/events/{id}": [{scheme: ["admin"]}],
    }
    assert schema["components"]["securitySchemes"][scheme]["scheme"] == "bearer"


def test_call_with_a_provider_tells_that_it_may_be_away(settings):
    settings.EVENTLY_AUTH = "jwt"

    assert errors(describe(), "GET /users/me")[503] == [
        "database_unavailable",
        "identity_provider_unavailable",
    ]


def test_booking_in_token_mode_needs_a_token(in_token_mode):
    schema = describe()

    assert errors(schema, "POST /bookings")[401] == ["authentication_failed", "not_authenticated"]


def test_booking_in_open_header_mode_needs_no_header(schema):
    security = operation(schema, "POST /bookings")["security"]

    assert security == [{"UserId": []}, {"UserRole": []}, {}]


def test_own_things_need_a_named_user(schema):
    assert operation(schema, "GET /users/me")["security"] == [{"UserId": []}]


def test_headers_behind_a_gateway_count_beside_its_secret(behind_gateway):
    assert operation(describe(), "POST /bookings")["security"] == [
        {"UserId": [], "GatewaySecret": []},
        {"UserRole": [], "GatewaySecret": []},
    ]


def test_every_answer_tells_its_headers(schema):
    always = {401: {"WWW-Authenticate"}, 429: {"Retry-After"}, 503: {"Retry-After"}}

    for call, _ in operations(schema):
        for status, answer in answers(schema, call).items():
            assert {"X-Request-ID", *always.get(status, ())} <= set(answer["headers"]), call


@pytest.mark.parametrize(
    ("call", "status", "headers"),
    [
        ("GET /events", 200, {"ETag", "Link", "X-Total-Count"}),
        ("GET /events", 304, {"ETag"}),
        ("GET /events/{id}", 200, {"ETag"}),
        ("GET /events/{id}/seats", 200, {"ETag", "Link", "Seat-Map-Version", "X-Total-Count"}),
        ("GET /users/me/bookings", 200, {"Link"}),
        ("POST /bookings", 201, {"Idempotent-Replayed", "Location"}),
        ("POST /bookings", 202, {"Idempotent-Replayed", "Location"}),
        ("POST /waitlists/{id}/accept", 201, {"Idempotent-Replayed", "Location"}),
        ("DELETE /bookings/{id}", 204, set()),
        ("POST /admin/events", 201, {"ETag", "Idempotent-Replayed", "Location"}),
        ("GET /admin/events/{id}", 200, {"ETag"}),
        ("PUT /admin/events/{id}", 200, {"ETag"}),
        ("PATCH /admin/events/{id}", 200, {"ETag"}),
        ("POST /admin/events/{id}/publish", 200, {"ETag", "Idempotent-Replayed"}),
        ("POST /admin/events/{id}/cancel", 200, {"ETag", "Idempotent-Replayed"}),
        ("DELETE /admin/events/{id}", 204, set()),
    ],
)
def test_success_tells_its_headers(call, status, headers, schema):
    everywhere = {"X-Request-ID", "RateLimit-Policy", "RateLimit"}

    assert set(answers(schema, call)[status]["headers"]) == everywhere | headers


@pytest.mark.parametrize(
    "call",
    [
        "PUT /admin/events/{id}",
        "PATCH /admin/events/{id}",
        "DELETE /admin/events/{id}",
        "POST /admin/events/{id}/publish",
        "POST /admin/events/{id}/cancel",
    ],
)
def test_change_of_an_event_takes_a_precondition(call, schema):
    parameters = operation(schema, call)["parameters"]

    assert ("header", "If-Match") in [(found["in"], found["name"]) for found in parameters]


def test_every_path_variable_is_an_id_of_64_bits(schema):
    variables = [
        parameter["schema"]
        for _, found in operations(schema)
        for parameter in found.get("parameters", [])
        if parameter["in"] == "path"
    ]

    assert variables
    assert all(
        variable == {"type": "integer", "minimum": 1, "maximum": 2**63 - 1}
        for variable in variables
    )


def test_yes_no_filter_is_told_as_two_words(schema):
    [upcoming] = [
        parameter
        for parameter in operation(schema, "GET /events")["parameters"]
        if parameter["name"] == "upcoming"
    ]

    assert upcoming["schema"] == {"type": "string", "enum": ["false", "true"]}


def test_every_example_fits_its_schema(schema):
    examples = list(valued_examples(schema, schema))

    assert len(examples) > 20
    for value, shape in examples:
        Draft202012Validator(shape, format_checker=FormatChecker()).validate(value)


def test_what_a_refusal_tells_beside_the_problem_is_shown(schema):
    refusal = answers(schema, "POST /holds")[409]
    examples = refusal["content"]["application/problem+json"]["examples"]

    taken, too_few = examples["seat_unavailable"]["value"], examples["seats_unavailable"]["value"]
    assert set(taken) > {"code", "unavailable", "nearby"}
    assert set(too_few) > {"code", "available_seats", "nearby"}
