"""What pages may make a browser load: nothing but their own addresses (Content Security Policy)."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

STRICT = {
    "default-src": "'self'",
    "img-src": "'self' data:",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
    "object-src": "'none'",
}
# The console's scripts make functions of what its pages say (Alpine.js), and its pages have styles
# of their own.
CONSOLE = STRICT | {
    "script-src": "'self' 'unsafe-eval'",
    "style-src": "'self' 'unsafe-inline'",
}
# The viewers begin by a script within the page, style by themselves, and work in one more thread.
VIEWER = STRICT | {
    "script-src": "'self' 'unsafe-inline'",
    "style-src": "'self' 'unsafe-inline'",
    "font-src": "'self' data:",
    "worker-src": "blob:",
}
POLICIES = {"/staff/": CONSOLE, "/docs": VIEWER, "/redoc": VIEWER}


class ContentPolicy:
    """Middleware that sends the policy with every page; answers of the API are no pages."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        for path, policy in POLICIES.items():
            if request.path.startswith(path):
                response["Content-Security-Policy"] = _as_header(policy)
        return response


def _as_header(policy: dict[str, str]) -> str:
    return "; ".join(f"{name} {sources}" for name, sources in policy.items())
