"""`/metrics`, for Prometheus: the figures, for whoever may see them."""

import hmac
import ipaddress
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from drf_spectacular.utils import extend_schema
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from rest_framework.authentication import BaseAuthentication
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from evently.watching.collectors import exposition

# Who stands in between makes everybody look local. Not all say so under a name of `X-Forwarded-…`.
SIGNS_OF_A_PROXY = {"FORWARDED", "VIA", "X_REAL_IP", "X_CLIENT_IP", "X_GATEWAY_SECRET"}


class ScraperAuthentication(BaseAuthentication):
    """Names the way to be let in, for the 401; who calls is no user of ours."""

    def authenticate(self, request: Request) -> None:
        return None

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="metrics"'


class IsScraper(BasePermission):
    """Whoever has the token, or calls from this machine without anybody in between."""

    def has_permission(self, request: Request, view: Any) -> bool:
        return is_local(request) or _has_token(request)


class Metrics(APIView):
    http_method_names = ["get", "head"]
    authentication_classes = [ScraperAuthentication]
    permission_classes = [IsScraper]

    @extend_schema(exclude=True)
    def get(self, request: Request) -> HttpResponse:
        """Answer with the figures of this server; those of the database are left out without it."""
        return HttpResponse(
            exposition(),
            content_type=CONTENT_TYPE_PLAIN_0_0_4,
            headers={"Cache-Control": "no-store"},
        )


def is_local(request: HttpRequest | Request) -> bool:
    """Tell whether the caller is on this machine: a loopback address, or a unix socket's none."""
    names = {name.removeprefix("HTTP_") for name in request.META if name.startswith("HTTP_")}
    if names & SIGNS_OF_A_PROXY or any(name.startswith("X_FORWARDED") for name in names):
        return False
    peer = request.META.get("REMOTE_ADDR", "")
    return not peer or ipaddress.ip_address(peer).is_loopback


def _has_token(request: Request) -> bool:
    scheme, _, sent = request.headers.get("Authorization", "").partition(" ")
    token = settings.EVENTLY_METRICS_TOKEN
    is_right = hmac.compare_digest(sent.strip().encode(), token.encode())
    return bool(token) and scheme.lower() == "bearer" and is_right
