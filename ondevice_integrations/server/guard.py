"""The door: which requests come in at all, before anything of them is read.

A web page of anybody's can make the user's browser send requests to this machine. So a request must name this server
as its host (or a name that was made to point here would do), must come from this server's own page or from no page, and
must prove that it may; no response lets another page read it.
"""

from __future__ import annotations

from http.cookies import CookieError, SimpleCookie

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ondevice_integrations.server.credentials import Credentials, Session
from ondevice_integrations.server.refusals import Refusal

PAGE_HOST = "ondevice.localhost"
"""The page's own name: a browser takes its cookie to no other server of this machine."""
PROOF = "x-ondevice-proof"
_HOSTS = ("127.0.0.1", "localhost", PAGE_HOST)
_OWN_SITES = ("same-origin", "none")
_OPEN = ("/open", "/style.css", "/page.js")
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none';"
        " form-action 'none'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


class Guard:
    """Lets in whoever may, and sets what every response says to a browser.

    Args:
        app: What answers those who may come in.
        credentials: Who may.
        port: Where the server listens.
    """

    def __init__(self, app: ASGIApp, credentials: Credentials, port: int) -> None:
        self._app = app
        self._credentials = credentials
        self._port = port
        self._hosts = {f"{name}:{port}" for name in _HOSTS}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, as ASGI has it."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1008})
            return

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(_HEADERS)
            await send(message)

        try:
            scope["session"] = self._admit(scope["path"], Headers(scope=scope))
        except Refusal as refusal:
            await refusal.response()(scope, receive, send_guarded)
            return
        await self._app(scope, receive, send_guarded)

    def _admit(self, path: str, headers: Headers) -> Session | None:
        """Return the session of a browser that may come in; ``None`` for a program, or where everybody may."""
        self._require_own_host(headers)
        self._require_own_page(path, headers)
        if path in _OPEN:
            return None
        if path == "/" or path.startswith("/page/"):
            return self._session(path, headers)
        kind, _, token = headers.get("authorization", "").partition(" ")
        if kind.lower() != "bearer" or not self._credentials.is_token(token.strip()):
            raise Refusal(401, "the token is missing or wrong: the server told it when it was started")
        return None

    def _require_own_host(self, headers: Headers) -> None:
        if (hosts := headers.getlist("host")) and len(hosts) == 1 and hosts[0].lower() in self._hosts:
            return
        raise Refusal(421, f"this server answers as 127.0.0.1:{self._port} and localhost:{self._port} alone")

    def _require_own_page(self, path: str, headers: Headers) -> None:
        own = [f"http://{headers['host'].lower()}"]
        if (origins := headers.getlist("origin")) and origins != own:
            raise Refusal(403, "a web page of another origin may not use this server")
        if path != "/open" and headers.get("sec-fetch-site", "none") not in _OWN_SITES:
            raise Refusal(403, "a web page of another site may not use this server")

    def _session(self, path: str, headers: Headers) -> Session:
        session = self._credentials.session_of(cookie_in(headers.get("cookie", ""), self._port))
        if session is None:
            raise Refusal(401, "open the page by the address that the server told when it was started; it works once")
        if path != "/" and headers.get(PROOF) != session.proof:
            raise Refusal(403, "the request does not come from the page")
        return session


def cookie_name(port: int) -> str:
    """Return what the cookie is called: servers on other ports have others."""
    return f"ondevice_{port}"


def cookie_in(header: str, port: int) -> str | None:
    """Return the value of our cookie, or ``None``."""
    try:
        found = SimpleCookie(header).get(cookie_name(port))
    except CookieError:
        return None
    return found.value if found else None
