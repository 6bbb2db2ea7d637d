"""Who may talk to the page's server: the browser of the person who started it, and nobody else.

The server listens on this machine only. Even so a page from elsewhere, open in the same browser, could send requests
here (also under a name that it lets point here: DNS rebinding), and other users of the machine could. So a request
needs the key that was in the address that was printed (then kept as a cookie), must be addressed to this machine by
name, and, if a browser says where it comes from, must come from our own page.
"""

from __future__ import annotations

import hmac
from typing import Any
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
        "media-src 'self' blob:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
NAMES = ("127.0.0.1", "localhost", "[::1]")


class Guard:
    """An ASGI application around another."""

    def __init__(self, inner: Any, key: str, port: int) -> None:
        self.inner, self.key = inner, key
        self.cookie = f"pippin-{port}"
        self.hosts = {f"{name}:{port}" for name in NAMES}

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await self.inner(scope, receive, send)
            return
        answer = self._refusal(Request(scope))
        if answer is not None:
            await answer(scope, receive, _with_headers(send))
            return
        await self.inner(scope, receive, _with_headers(send))

    def _refusal(self, request: Request) -> Response | None:
        """What to say instead of an answer; None for a request that is fine."""
        if request.headers.get("host", "") not in self.hosts:
            return PlainTextResponse("This page answers only under the address that was printed.\n", 403)
        origin = request.headers.get("origin")
        if origin is not None and urlsplit(origin).netloc not in self.hosts:
            return PlainTextResponse("Only Pippin's own page may ask this.\n", 403)
        if request.headers.get("sec-fetch-site", "none") not in ("none", "same-origin"):
            return PlainTextResponse("Only Pippin's own page may ask this.\n", 403)
        given = request.query_params.get("key", "")
        if request.url.path == "/" and given and hmac.compare_digest(given.encode(), self.key.encode()):
            answer = RedirectResponse("/", 303)
            answer.set_cookie(self.cookie, self.key, httponly=True, samesite="strict")
            return answer
        if not hmac.compare_digest(request.cookies.get(self.cookie, "").encode(), self.key.encode()):
            return PlainTextResponse(
                "The key is missing. Open the whole address that was printed, from http:// to the end.\n",
                403,
            )
        return None


def _with_headers(send: Any) -> Any:
    async def wrapped(message: Any) -> None:
        if message["type"] == "http.response.start":
            given = {name.lower() for name, _ in message["headers"]}
            more = [(n.lower().encode(), v.encode()) for n, v in HEADERS.items() if n.lower().encode() not in given]
            message = {**message, "headers": [*message["headers"], *more]}
        await send(message)

    return wrapped
