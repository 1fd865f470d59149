"""Who am I, and the people as staff see them."""

from functools import partial

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from evently.api.exceptions import ChangedMeanwhile
from evently.api.identity import IsAdmin, IsUser
from evently.api.refusals import refuses
from evently.api.views import EndpointSet
from evently.users import services
from evently.users.filters import UserFilter
from evently.users.models import User
from evently.users.serializers import NewUserSerializer, UserSerializer
from evently.users.shapes import USER_COLUMNS, shape_user


class MeViewSet(EndpointSet):
    """The caller."""

    queryset = User.objects.all()
    serializer_class = UserSerializer
    permission_classes = [IsUser]

    def retrieve(self, request: Request) -> Response:
        """Tell who the caller is."""
        return Response(self.get_serializer(self.caller.user).data)


class StaffUserViewSet(EndpointSet):
    """People, for staff; gateways need it to make theirs known."""

    queryset = User.objects.order_by("id")
    serializer_class = UserSerializer
    filterset_class = UserFilter
    permission_classes = [IsAdmin]

    def list(self, request: Request) -> Response:
        """List users by id, inactive ones included."""
        return self.listed(self.get_queryset().values(*USER_COLUMNS), shape_user)

    @extend_schema(request=NewUserSerializer, responses={201: UserSerializer})
    @refuses(ChangedMeanwhile)
    def create(self, request: Request) -> Response:
        """Make a user. Without a password: a user of the API needs none."""
        create = partial(services.create_user, **self.read(NewUserSerializer))
        return self.once(create, self._created)

    def _created(self, user: User) -> Response:
        return Response(self.get_serializer(user).data, status=status.HTTP_201_CREATED)
