"""A browser's way to show the token: `EventSource` and links cannot carry one, so a cookie is exchanged for it.

The cookie holds no token and needs no memory: it says when it ends, and is signed with a key made from the token. So it
outlives a restart of the daemon, and all of them end when the token is changed.
"""

from __future__ import annotations

import hashlib
import hmac
from http.cookies import CookieError, SimpleCookie
from typing import Final

__all__ = ["COOKIE", "LIFE_S", "Sessions"]

COOKIE: Final = "cellview-session"
LIFE_S: Final = 30 * 24 * 3600


class Sessions:
    """Checks tokens and cookies, in a time that tells nothing about them.

    Args:
        token: The daemon's token; ``None``: it wants none, and everybody is let in.
    """

    def __init__(self, token: str | None) -> None:
        self.wanted = token is not None
        self._token = None if token is None else token.encode()
        self._key = hashlib.sha256(b"cellview session\0" + (self._token or b"")).digest()

    def let_in(self, authorization: str, cookies: str, *, now: float) -> bool:
        """Say whether a request with these headers (empty: it has none) may be answered."""
        if self._token is None:
            return True
        scheme, _, token = authorization.partition(" ")
        return (scheme.lower() == "bearer" and self.is_token(token.strip())) or self.is_open(cookies, now=now)

    def is_token(self, given: str) -> bool:
        """Say whether this is the token."""
        return self._token is not None and hmac.compare_digest(given.encode("utf-8", "replace"), self._token)

    def issue(self, *, now: float, secure: bool) -> str:
        """Return a Set-Cookie header. `secure` is whether the page was asked for by HTTPS."""
        end = str(int(now) + LIFE_S)
        return self._header(f"{end}.{self._sign(end)}", LIFE_S, secure)

    def withdraw(self) -> str:
        """Return a Set-Cookie header that takes the cookie away."""
        return self._header("", 0, False)

    def is_open(self, cookies: str, *, now: float) -> bool:
        """Say whether a Cookie header has a cookie of ours that has not ended."""
        try:
            morsel = SimpleCookie(cookies).get(COOKIE)
        except CookieError:
            return False
        end, _, signature = (morsel.value if morsel is not None else "").partition(".")
        good = hmac.compare_digest(signature.encode("utf-8", "replace"), self._sign(end).encode())
        return good and end.isascii() and end.isdigit() and now < int(end)

    def _sign(self, end: str) -> str:
        return hmac.new(self._key, end.encode("utf-8", "replace"), hashlib.sha256).hexdigest()

    def _header(self, value: str, life_s: int, secure: bool) -> str:
        rest = "; Secure" if secure else ""
        return f"{COOKIE}={value}; Path=/; Max-Age={life_s}; HttpOnly; SameSite=Strict{rest}"
