"""Is the process alive; is it ready to serve."""

from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from evently.api.problems import problem_response


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """Tell that the process answers; asks nothing of the database."""
    return JsonResponse({"status": "ok"})


@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """Tell whether the database is reached and every migration applied; 503 if not."""
    try:
        executor = MigrationExecutor(connection)
    except DatabaseError:
        return problem_response(503, "database_unavailable", "The database isn't reached.")
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        return problem_response(503, "migrations_pending", "Migrations are not applied yet.")
    return JsonResponse({"status": "ready"})
