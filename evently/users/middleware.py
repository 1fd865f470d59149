"""What only the staff site needs: sessions, who is logged in, messages.

The API knows its callers by headers, so its calls go past.
"""

from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest, HttpResponse


class ForStaff:
    """Mixed into a middleware that is to see the staff site's requests alone."""

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info.startswith("/staff/"):
            return super().__call__(request)  # type: ignore[misc]
        return self.get_response(request)  # type: ignore[attr-defined]


class Sessions(ForStaff, SessionMiddleware):
    pass


class Login(ForStaff, AuthenticationMiddleware):
    pass


class Messages(ForStaff, MessageMiddleware):
    pass
