"""The guard: who may speak to the daemon at all, decided before anything of the request is read but its head."""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping, MutableMapping, Sequence
from typing import Any, Final
from urllib.parse import urlsplit

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from cellview.daemon.config import DaemonConfig
from cellview.daemon.http.cookie import Sessions
from cellview.daemon.http.problems import Refusal, problem_of
from cellview.daemon.http.rates import Rates

__all__ = ["Guard"]

_READING: Final = frozenset({"GET", "HEAD"})

_HEADERS: Final = {
    b"x-content-type-options": b"nosniff",
    b"content-security-policy": b"default-src 'none'; frame-ancestors 'none'",
    b"cross-origin-resource-policy": b"same-origin",
    b"referrer-policy": b"no-referrer",
    b"cache-control": b"no-store",
}
"""Of every answer that says nothing else."""

_LONGEST_PATH: Final = 2048
_LONGEST_QUERY: Final = 4096


class Guard:
    """Refuses what a browser was tricked into, what has no token, and what is addressed to another host.

    A page of another site can make a browser send requests to a loopback address, under a name of its own that leads
    there (DNS rebinding), as a form, or as a picture. The first is told by its Host, the second by its Origin and its
    content type, the third by what browsers say of it in Sec-Fetch-Site.
    It is no subclass of Starlette's `BaseHTTPMiddleware`, which would buffer streams and hide disconnects.

    Args:
        app: What is guarded.
        config: The names that the daemon has.
        sessions: Who has shown the token.
        public: Paths for which no token is wanted: the page, which asks for it.
        rates: How often somebody may ask.
    """

    def __init__(
        self, app: ASGIApp, config: DaemonConfig, sessions: Sessions, *, public: Collection[str], rates: Rates
    ) -> None:
        self._app = app
        self._sessions = sessions
        self._public = frozenset(public)
        self._rates = rates
        names = {"localhost", "127.0.0.1", "[::1]", config.host, *config.hosts}
        self._hosts = frozenset(name.lower() for name in names)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or refuse it."""
        if scope["type"] != "http":
            return  # no websockets; what is asked for there is answered by closing
        try:
            self._check(scope, _headers(scope["headers"]))
        except Refusal as refusal:
            await problem_of(refusal.status, str(refusal), _EXTRA.get(refusal.status))(
                scope, receive, _with_headers(send)
            )
            return
        await self._app(scope, receive, _with_headers(send))

    def _check(self, scope: Scope, headers: Mapping[str, Sequence[str]]) -> None:
        method, path = scope["method"], scope["path"]
        client = scope.get("client")
        if not self._rates.take(client[0] if client else "", now=time.monotonic()):
            raise Refusal(429, "Too many requests in a short time; wait a second.")
        if len(path) > _LONGEST_PATH or len(scope.get("query_string", b"")) > _LONGEST_QUERY:
            raise Refusal(
                414, f"The address is longer than {_LONGEST_PATH} characters, or its query than {_LONGEST_QUERY}."
            )
        hosts = headers.get("host", ())
        if len(hosts) != 1 or _name_of(hosts[0]) not in self._hosts:
            raise Refusal(421, "This daemon is not called so; add the name to its hosts if it is meant.")
        authorization, cookies = headers.get("authorization", ("",))[0], "; ".join(headers.get("cookie", ()))
        if path not in self._public and not self._sessions.let_in(authorization, cookies, now=time.time()):
            raise Refusal(401, "This daemon wants its token: Authorization: Bearer TOKEN, or a session's cookie.")
        sites = headers.get("sec-fetch-site", ())
        if not {"same-origin", "none"}.issuperset(sites) and headers.get("sec-fetch-mode") != ["navigate"]:
            raise Refusal(403, "A page of another site may read nothing here.")
        if method in _READING:
            return
        for origin in headers.get("origin", ()):
            if urlsplit(origin).netloc.lower() != hosts[0].lower():
                raise Refusal(403, f"A page of {origin[:200]} may change nothing here.")
        kinds = headers.get("content-type", ())
        if [kind.partition(";")[0].strip().lower() for kind in kinds] != ["application/json"]:
            raise Refusal(415, "What changes something is sent with Content-Type: application/json.")


_EXTRA: Final = {401: {"www-authenticate": "Bearer"}, 429: {"retry-after": "1"}}


def _headers(raw: Sequence[tuple[bytes, bytes]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in raw:
        found.setdefault(name.decode("latin-1").lower(), []).append(value.decode("latin-1"))
    return found


def _name_of(host: str) -> str:
    """Return a Host without its port: `[::1]:80` has colons in its name too.

    >>> _name_of("LOCALHOST:80"), _name_of("[::1]:80"), _name_of("[::1]")
    ('localhost', '[::1]', '[::1]')
    """
    name = host.lower()
    before, colon, after = name.rpartition(":")
    return before if colon and after.isdigit() and not before.endswith(":") and "]" not in after else name


def _with_headers(send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            changed: MutableMapping[str, Any] = dict(message)
            headers = list(message.get("headers", ()))
            there = {name for name, _ in headers}
            changed["headers"] = [*headers, *((name, value) for name, value in _HEADERS.items() if name not in there)]
            await send(changed)
        else:
            await send(message)

    return sending
