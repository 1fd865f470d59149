"""Evently's paths, and some that fail in ways that nobody foresaw."""

from django.urls import path
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.views import APIView

from evently.api.exceptions import DatabaseUnavailable
from evently.urls import handler400, handler403, handler404, handler500  # noqa: F401
from evently.urls import urlpatterns as paths

FORESEEN = {400: exceptions.ParseError, 404: exceptions.NotFound, 503: DatabaseUnavailable}


class Failing(APIView):
    def post(self, request: Request, id: int) -> None:
        secrets = [dict(request.headers), request.body, request.query_params, request.COOKIES]
        raise RuntimeError(f"It holds {secrets}.")


class Refusing(APIView):
    def post(self, request: Request, status: int) -> None:
        raise FORESEEN[status]


urlpatterns = [
    path("failing/<int:id>", Failing.as_view()),
    path("refusing/<int:status>", Refusing.as_view()),
    *paths,
]
