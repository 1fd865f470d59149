"""Is the process alive; is it ready to serve."""

from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from drf_spectacular.utils import extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from evently.api.exceptions import DatabaseUnavailable
from evently.api.refusals import refuses


class MigrationsPending(DatabaseUnavailable):
    default_code = "migrations_pending"
    default_detail = "Migrations are not applied yet."


def _status(word: str) -> serializers.Serializer:
    return inline_serializer(word.title(), {"status": serializers.ChoiceField(choices=[word])})


class Alive(APIView):
    http_method_names = ["get", "head"]

    @extend_schema(responses=_status("ok"), tags=["health"])
    def get(self, request: Request) -> Response:
        """Tell that the process answers; asks nothing of the database."""
        return Response({"status": "ok"})


class Ready(APIView):
    http_method_names = ["get", "head"]

    @extend_schema(responses=_status("ready"), tags=["health"])
    @refuses(DatabaseUnavailable, MigrationsPending)
    def get(self, request: Request) -> Response:
        """Tell whether the database is reached and every migration applied."""
        try:
            executor = MigrationExecutor(connection)
        except DatabaseError as error:
            raise DatabaseUnavailable from error
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            raise MigrationsPending
        return Response({"status": "ready"})
