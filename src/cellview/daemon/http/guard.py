"""The guard: who may speak to the daemon at all, decided before anything of the request is read but its head."""

from __future__ import annotations

import hmac
from collections.abc import Mapping, MutableMapping, Sequence
from typing import Any, Final
from urllib.parse import urlsplit

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from cellview.daemon.config import DaemonConfig
from cellview.daemon.http.problems import Refusal, problem_of

__all__ = ["Guard"]

_READING: Final = frozenset({"GET", "HEAD"})

_HEADERS: Final = (
    (b"x-content-type-options", b"nosniff"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"referrer-policy", b"no-referrer"),
    (b"cache-control", b"no-store"),
)


class Guard:
    """Refuses what a browser was tricked into, what has no token, and what is addressed to another host.

    A page of another site can make a browser send requests to a loopback address, under a name of its own that leads
    there (DNS rebinding), or as a form. The first is told by its Host, the second by its Origin and its content type.
    It is no subclass of Starlette's `BaseHTTPMiddleware`, which would buffer streams and hide disconnects.
    """

    def __init__(self, app: ASGIApp, config: DaemonConfig) -> None:
        self._app = app
        names = {"localhost", "127.0.0.1", "[::1]", config.host, *config.hosts}
        self._hosts = frozenset(name.lower() for name in names)
        self._token = None if config.token is None else config.token.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or refuse it."""
        if scope["type"] != "http":
            return  # no websockets; what is asked for there is answered by closing
        try:
            self._check(scope["method"], _headers(scope["headers"]))
        except Refusal as refusal:
            extra = {"www-authenticate": "Bearer"} if refusal.status == 401 else None
            await problem_of(refusal.status, str(refusal), extra)(scope, receive, _with_headers(send))
            return
        await self._app(scope, receive, _with_headers(send))

    def _check(self, method: str, headers: Mapping[str, Sequence[str]]) -> None:
        hosts = headers.get("host", ())
        if len(hosts) != 1 or _name_of(hosts[0]) not in self._hosts:
            raise Refusal(421, "This daemon is not called so; add the name to its hosts if it is meant.")
        if self._token is not None:
            given = headers.get("authorization", ("",))[0]
            expected = b"Bearer " + self._token
            if not hmac.compare_digest(given.encode("latin-1", "replace"), expected):
                raise Refusal(401, "This daemon wants its token: Authorization: Bearer TOKEN.")
        if method in _READING:
            return
        for origin in headers.get("origin", ()):
            if urlsplit(origin).netloc.lower() != hosts[0].lower():
                raise Refusal(403, f"A page of {origin[:200]} may change nothing here.")
        kinds = headers.get("content-type", ())
        if [kind.partition(";")[0].strip().lower() for kind in kinds] != ["application/json"]:
            raise Refusal(415, "What changes something is sent with Content-Type: application/json.")


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
            changed["headers"] = [*message.get("headers", ()), *_HEADERS]
            await send(changed)
        else:
            await send(message)

    return sending
