"""What every endpoint has in common: the caller, checked ids, one renderer, one parser."""

from collections.abc import Callable
from functools import cached_property
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from rest_framework import exceptions, viewsets
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request
from rest_framework.serializers import Serializer

from evently.api.authentication import AUTHENTICATION_BY_MODE
from evently.api.conditional import conditional
from evently.api.first_page import FirstPage
from evently.api.identity import MAX_ID, NOBODY, Caller, check_scope, scope_for
from evently.api.throttles import Pace
from evently.audit.actor import act_as
from evently.idempotency.views import Idempotent


class Endpoint(Idempotent):
    """Mixed into every API view."""

    request: Request
    kwargs: dict[str, Any]
    http_method_names = ["get", "post", "put", "patch", "delete", "head"]
    max_body_bytes = 64 * 1024
    pace = Pace()

    def get_authenticators(self) -> list[BaseAuthentication]:
        return [AUTHENTICATION_BY_MODE[settings.EVENTLY_AUTH]()]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        if request.method not in self.allowed_methods:  # type: ignore[attr-defined]
            raise exceptions.MethodNotAllowed(request.method)  # whoever asks, so before identity
        super().initial(request, *args, **kwargs)
        act_as(self.caller.user and self.caller.user.id, is_admin=self.caller.is_admin)
        too_long = [name for name, value in kwargs.items() if value > MAX_ID]
        if too_long:
            raise exceptions.ValidationError(dict.fromkeys(too_long, "Too large."))

    def perform_authentication(self, request: Request) -> None:
        """Find out who calls, and count the call: where that fails, as its address's."""
        caller = NOBODY
        try:
            super().perform_authentication(request)  # type: ignore[misc]
            caller = self.caller
        finally:
            self.pace = Pace.of(request, caller)
            self.pace.require()

    @property
    def default_response_headers(self) -> dict[str, str]:
        """Name the methods where one isn't allowed, not with every answer."""
        is_allowed = self.request.method in self.allowed_methods  # type: ignore[attr-defined]
        return {} if is_allowed else super().default_response_headers  # type: ignore[misc]

    def check_permissions(self, request: Request) -> None:
        check_scope(self.caller, scope_for(request.method or "", self.get_permissions()))  # type: ignore[attr-defined]
        super().check_permissions(request)  # type: ignore[misc]

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        response = super().finalize_response(request, response, *args, **kwargs)  # type: ignore[misc]
        for name, value in self.pace.headers.items():
            response[name] = value
        if self.permission_classes:  # type: ignore[attr-defined]
            response["Cache-Control"] = "private"  # not for caches that people share
        return response

    @cached_property
    def caller(self) -> Caller:
        return self.request.auth or NOBODY  # type: ignore[return-value]

    def read(self, serializer_class: type[Serializer], *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Return the body's values as the serializer understands them, or answer 400."""
        serializer = serializer_class(*args, data=self.request.data, **kwargs)
        serializer.is_valid(raise_exception=True)
        return serializer.validated_data

    def reachable(self, rows: QuerySet) -> QuerySet:
        """Keep the caller's own rows; an admin reaches all. What isn't kept doesn't exist: 404."""
        return rows if self.caller.is_admin else rows.filter(user=self.caller.user)


class EndpointSet(Endpoint, viewsets.GenericViewSet):
    """A group of endpoints around one kind of row."""

    first_page: FirstPage | None = None

    def listed(
        self, rows: QuerySet, shape: Callable[[dict], dict] | None = None, **values: Any
    ) -> Any:
        """Filter and page rows of `values()`, and answer a bare array: of their shapes, if any.

        `values` are the arguments of the `first_page`.
        """
        if self.first_page is not None and not self.request.query_params:
            self.paginator.first_rows = self.first_page.read(**values)
        else:
            rows = self.filter_queryset(rows)
        page = self.paginate_queryset(rows)
        return self.get_paginated_response([shape(row) for row in page] if shape else page)


@conditional
class ConditionalEndpointSet(EndpointSet):
    """Its answers carry an `ETag` of their content, and are 304 where the client has it already."""
