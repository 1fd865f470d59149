"""What only the staff site needs: sessions, its reader's language, who is logged in, messages.

The API knows its callers by headers, so its calls go past.
"""

from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest, HttpResponse
from django.middleware.locale import LocaleMiddleware
from django.utils import translation


class ForStaff:
    """Mixed into a middleware that is to see the staff site's requests alone."""

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info.startswith("/staff/"):
            return super().__call__(request)  # type: ignore[misc]
        return self.get_response(request)  # type: ignore[attr-defined]


class Sessions(ForStaff, SessionMiddleware):
    pass


class LanguageOfRequest(LocaleMiddleware):
    """Django's own stays in the thread's language, in which the API's next answer would be."""

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with translation.override(translation.get_language()):
            return super().__call__(request)


class Language(ForStaff, LanguageOfRequest):
    pass


class Login(ForStaff, AuthenticationMiddleware):
    pass


class Messages(ForStaff, MessageMiddleware):
    pass
