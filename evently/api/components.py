"""The parts that the OpenAPI description refers to: schemes, headers, the shapes of errors."""

from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers

from evently.api.identity import MAX_ID
from evently.idempotency.views import KEY_PATTERN

ID = {"type": "integer", "minimum": 1, "maximum": MAX_ID}

SECURITY_SCHEMES = {
    "UserId": {
        "type": "apiKey",
        "in": "header",
        "name": "X-User-ID",
        "description": "Names the user, where the server runs with `EVENTLY_AUTH=headers`.",
    },
    "UserRole": {
        "type": "apiKey",
        "in": "header",
        "name": "X-User-Role",
        "description": "`admin` claims the admin role, alone or beside the id of a user who has "
        "it, where the server runs with `EVENTLY_AUTH=headers`.",
    },
    "GatewaySecret": {
        "type": "apiKey",
        "in": "header",
        "name": "X-Gateway-Secret",
        "description": "What the gateway proves itself with; the other two headers count only "
        "beside it, where the server has such a secret.",
    },
    "Token": {
        "type": "http",
        "scheme": "bearer",
        "description": "A user's token (RFC 6750), where the server runs with "
        "`EVENTLY_AUTH=tokens`. A call names the scope that it needs.",
    },
    "IdentityProvider": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "A token signed by the identity provider (RFC 7519), where the server runs "
        "with `EVENTLY_AUTH=jwt`. A call names the scope that it needs, where the token has a "
        "`scope` claim.",
    },
}

HEADERS = {
    "X-Request-ID": {
        "description": "The request's id in the log: the one that was sent, or a new one.",
        "required": True,
        "schema": {"type": "string", "minLength": 1, "maxLength": 128},
    },
    "Link": {
        "description": "The `next` and `prev` pages (RFC 8288), where there are any.",
        "schema": {"type": "string"},
    },
    "X-Total-Count": {
        "description": "How many rows the list has on all its pages.",
        "required": True,
        "schema": {"type": "integer", "minimum": 0},
    },
    "ETag": {
        "description": "The version of the content (RFC 9110, section 8.8.3).",
        "required": True,
        "schema": {"type": "string"},
    },
    "RateLimit-Policy": {
        "description": "The limits that the call falls under: each one's quota `q` of calls in a "
        "window of `w` seconds (draft-ietf-httpapi-ratelimit-headers).",
        "schema": {"type": "string"},
    },
    "RateLimit": {
        "description": "What is left of each: `r` calls, until more are in `t` seconds.",
        "schema": {"type": "string"},
    },
    "WWW-Authenticate": {
        "description": "How a caller names itself (RFC 9110, section 11.6.1).",
        "required": True,
        "schema": {"type": "string"},
    },
    "Retry-After": {
        "description": "After how many seconds another try makes sense.",
        "required": True,
        "schema": {"type": "integer", "minimum": 1},
    },
}

# The header `WWW-Authenticate` of an answer 403.
MISSING_SCOPE = {
    "description": "With `insufficient_scope`: which scope the token lacks (RFC 6750).",
    "schema": {"type": "string"},
}

# For `extend_schema(parameters=[LOCATION])`, where a success tells the address of what was made.
LOCATION = OpenApiParameter(
    "Location",
    {"type": "string", "format": "uri-reference"},
    OpenApiParameter.HEADER,
    required=True,
    response=True,
    description="Where it is found.",
)
IDEMPOTENCY = [
    OpenApiParameter(
        "Idempotency-Key",
        {"type": "string", "pattern": f"^(?:{KEY_PATTERN})$"},
        OpenApiParameter.HEADER,
        description="The caller's name for this request. Sent again within 24 hours, the same "
        "request gets its first answer again, byte for byte, and nothing is done twice; another "
        "request under the same key is 422. Answers of 404 and 409 are kept too, other errors "
        "aren't. 1 to 255 printable ASCII characters without comma, space or quote, or such a "
        "string in quotes, where commas and spaces are allowed.",
    ),
    OpenApiParameter(
        "Idempotent-Replayed",
        {"type": "string", "enum": ["true"]},
        OpenApiParameter.HEADER,
        response=True,
        description="This is the first answer again.",
    ),
]
CONDITIONS = [
    OpenApiParameter(
        "If-None-Match",
        str,
        OpenApiParameter.HEADER,
        description="The `ETag` of the content that the client has already: 304 if it is that.",
    ),
    OpenApiParameter(
        "If-Match",
        str,
        OpenApiParameter.HEADER,
        description="The `ETag` of the content that the client wants: 412 if it is another.",
    ),
]


class ProblemSerializer(serializers.Serializer):
    """An error (RFC 9457)."""

    type = serializers.CharField(help_text="`urn:evently:problem:` and the code.")
    title = serializers.CharField(help_text="The code in words.")
    status = serializers.IntegerField(min_value=400, max_value=599)
    detail = serializers.CharField(help_text="What happened, for people.")
    code = serializers.CharField(help_text="What happened, for programs; it never changes.")


class FieldErrorSerializer(serializers.Serializer):
    """What is wrong with one value."""

    field = serializers.CharField(
        allow_null=True, help_text="The field or parameter; null where it is none in particular."
    )
    code = serializers.CharField(help_text="The kind of fault, for programs.")
    detail = serializers.CharField(help_text="The fault, for people.")


class ValidationProblemSerializer(ProblemSerializer):
    """The error of a request with invalid values."""

    code = serializers.ChoiceField(choices=["invalid"])
    errors = FieldErrorSerializer(many=True, allow_empty=False)
