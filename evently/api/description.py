"""`/schema`: the OpenAPI description, the same whatever the request says."""

from functools import cache

from django.conf import settings
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularJSONAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from evently.api.conditional import conditional
from evently.api.identity import gateway_secrets


@conditional
class SchemaView(SpectacularJSONAPIView):
    # The view it is made from writes `?version=` into a header, as it stands.
    @extend_schema(exclude=True)
    def get(self, request: Request) -> Response:
        """Return the description; it differs only by how callers name themselves."""
        return Response(_described(settings.EVENTLY_AUTH, bool(gateway_secrets())))


@cache
def _described(mode: str, is_gated: bool) -> dict:
    # Made once per process: it takes a tenth of a second.
    return SchemaGenerator().get_schema(public=True)
