"""Evently's paths, and one that does nothing."""

from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from evently import urls
from evently.urls import handler400, handler403, handler404, handler500  # noqa: F401


class Nothing(APIView):
    """What Django, its middleware and DRF cost by themselves."""

    def get(self, request: Request) -> Response:
        return Response({})


urlpatterns = [path("nothing", Nothing.as_view()), *urls.urlpatterns]
