"""The connection to a Redis server: scripts, checks that the server is fit, reconnection, and errors as sentences."""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import Awaitable, Callable
from functools import cache
from pathlib import Path
from typing import Any, NoReturn, Protocol, cast
from urllib.parse import urlsplit

import anyio

from cellview.frontier.errors import (
    FrontierUrlError,
    ServerFullError,
    ServerGoneError,
    ServerUnfitError,
)
from cellview.frontier.log import warn

__all__ = ["RedisLink", "redacted"]

_LUA = Path(__file__).with_name("lua")
_LEAST_VERSION = 7
_TIMEOUT_S = 15.0


class _Connection(Protocol):
    """A connection of redis-py, used directly: its client would add 20 µs to each call, a third of the whole."""

    socket_timeout: float | None

    async def send_command(self, *words: object, check_health: bool) -> None: ...
    async def read_response(self) -> Any: ...
    async def disconnect(self, nowait: bool = False) -> None: ...


class _Pool(Protocol):
    async def get_connection(self) -> _Connection: ...
    async def release(self, connection: _Connection) -> None: ...


class _Client(Protocol):
    """The little of redis-py that is used here; its own types are too wide to check anything against."""

    @property
    def connection_pool(self) -> _Pool: ...
    async def script_load(self, script: bytes) -> Any: ...
    async def info(self, section: str) -> dict[str, Any]: ...
    async def aclose(self) -> None: ...


def redacted(url: str) -> str:
    """The URL without user, password and query, fit for logs and errors.

    A password whose ``/``, ``?`` or ``#`` was not escaped ends up in the path, the query or the port; where it stands
    is then a guess, so that nothing behind the scheme is shown.
    """
    scheme, found, _ = url.partition("://")
    if not found:
        return "…" if "@" in url else url
    hidden = f"{scheme.rpartition('@')[2]}://…"
    try:
        parts = urlsplit(url)
        _ = parts.port  # raises when it is no number
    except ValueError:
        return hidden
    host = parts.netloc.rpartition("@")[2]
    if "@" in parts.path + parts.query + parts.fragment or host.startswith(":"):
        return hidden
    return f"{parts.scheme}://{host}{parts.path}"


@cache
def _script(name: str) -> tuple[bytes, str]:
    """Text and SHA-1 of an operation: shebang line with its flags, the common part, its own part."""
    own = (_LUA / f"{name}.lua").read_text()
    flags = re.match(r"-- flags: (\S+)\n", own)
    shebang = f"#!lua flags={flags[1]}\n" if flags else "#!lua\n"
    text = (shebang + (_LUA / "common.lua").read_text() + own).encode()
    return text, hashlib.sha1(text, usedforsecurity=False).hexdigest()


class RedisLink:
    """One client's connection. Every call is an operation that may be repeated, so a lost answer is asked for again.

    Args:
        url: ``redis://``, ``rediss://`` (TLS) or ``unix://``, with user and password if the server wants them.
        reconnect_s: How long to wait for a server that was there and went, in seconds.
        patient: Wait as long for the first answer too, as a process does that was told by another that it is there.
    """

    def __init__(self, url: str, *, reconnect_s: float = 30.0, patient: bool = False) -> None:
        self.where = redacted(url)
        self._reconnect_s = reconnect_s
        self._client = _connect(url, self.where)
        self._idle: list[_Connection] = []
        self._fit = False
        self._was_there = patient
        self.persistent = True
        """Whether the server keeps an append-only file."""

    async def call(self, script: str, key: str, *arguments: object) -> Any:
        """Runs one operation, waiting for the server to come back when it went.

        Raises:
            ServerGoneError: It cannot be reached, or did not come back in time.
            ServerUnfitError, ServerFullError: It refuses.
        """
        return await self._insist(lambda: self._run(script, key, arguments))

    async def close(self) -> None:
        """Closes the connections."""
        while self._idle:
            await self._client.connection_pool.release(self._idle.pop())
        await self._client.aclose()

    async def _run(self, name: str, key: str, arguments: tuple[object, ...]) -> Any:
        if not self._fit:
            await self._check()
        text, sha = _script(name)
        try:
            return await self._exchange("EVALSHA", sha, 1, key, *arguments)
        except Exception as error:
            from redis.exceptions import NoScriptError  # here, since an import costs a microsecond of every call

            if not isinstance(error, NoScriptError):
                raise
            await self._client.script_load(text)
            return await self._exchange("EVALSHA", sha, 1, key, *arguments)

    async def _exchange(self, *words: object) -> Any:
        """One command on a connection that nobody else uses meanwhile."""
        pool = self._client.connection_pool
        connection = self._idle.pop() if self._idle else await pool.get_connection()
        # One deadline over write and read: redis-py's own makes a task of every write, a sixth of the whole call.
        connection.socket_timeout = None
        try:
            async with asyncio.timeout(_TIMEOUT_S):
                await connection.send_command(*words, check_health=False)
                answer = await connection.read_response()
        except BaseException as error:
            from redis.exceptions import ResponseError

            if isinstance(error, ResponseError):
                self._idle.append(connection)  # the server said no; the connection is fine
                raise
            connection.socket_timeout = _TIMEOUT_S
            await connection.disconnect(nowait=True)  # or the next command would read this one's answer
            with anyio.CancelScope(shield=True):
                await pool.release(connection)
            raise
        self._idle.append(connection)
        return answer

    async def _check(self) -> None:
        """Refuses a server that is too old or may evict: an evicted key is a candidate lost without a trace."""
        version = str((await self._client.info("server")).get("redis_version", "0"))
        if int(version.split(".")[0]) < _LEAST_VERSION:
            raise ServerUnfitError(
                f"the server at {self.where} is Redis {version}: the frontier needs Redis {_LEAST_VERSION} or newer"
            )
        policy = str((await self._client.info("memory")).get("maxmemory_policy", "unknown"))
        if policy != "noeviction":
            raise ServerUnfitError(
                f"the server at {self.where} may evict keys (maxmemory-policy is {policy}): set maxmemory-policy "
                "noeviction in its configuration"
            )
        self.persistent = bool((await self._client.info("persistence")).get("aof_enabled", 0))
        self._fit = self._was_there = True

    async def _insist(self, attempt: Callable[[], Awaitable[Any]]) -> Any:
        import redis.exceptions as errors

        wait_s, waited = 0.02, False
        deadline = anyio.current_time() + (self._reconnect_s if self._was_there else 0)
        while True:
            try:
                got = await attempt()
            except errors.NoPermissionError as error:
                raise self._unfit("refuses the login", error) from None
            except (errors.ConnectionError, errors.TimeoutError, OSError) as error:
                if _is_refused_login(error):
                    raise self._unfit("refuses the login", error) from None
                self._fit = False  # look again at whoever answers next
                if anyio.current_time() >= deadline:
                    self._gone(error)
            except errors.OutOfMemoryError:
                raise ServerFullError(
                    f"the server at {self.where} has no memory left: raise its maxmemory or clear old experiments, "
                    "then resume; nothing was changed by the refused operation"
                ) from None
            except errors.ResponseError as error:
                if str(error).startswith("FRONTIER "):
                    raise
                raise self._unfit("refused an operation", error) from None
            else:
                if waited:
                    warn("the server is back", server=self.where)
                return got
            if not waited:
                warn("the server is gone; waiting for it", server=self.where, most_s=self._reconnect_s)
            waited = True
            await anyio.sleep(wait_s)
            wait_s = min(1.0, wait_s * 1.5)

    def _gone(self, error: Exception) -> NoReturn:
        if self._was_there:
            raise ServerGoneError(
                f"the server at {self.where} did not come back within {self._reconnect_s:g} s: start it and resume; "
                "what was committed is in the run's journal"
            ) from None
        raise ServerGoneError(
            f"cannot reach a Redis server at {self.where} ({type(error).__name__}): check the URL, and that it runs"
        ) from None

    def _unfit(self, what: str, error: Exception) -> ServerUnfitError:
        first_line = (str(error).splitlines() or [type(error).__name__])[0]
        return ServerUnfitError(
            f"the server at {self.where} {what} ({first_line}): check its configuration and the URL"
        )


def _is_refused_login(error: BaseException) -> bool:
    """redis-py gives a refused login as a connection error, sometimes with the true one as its cause."""
    from redis.exceptions import AuthenticationError, AuthorizationError

    refused = isinstance(error, (AuthenticationError, AuthorizationError))
    return refused or (error.__cause__ is not None and _is_refused_login(error.__cause__))


def _connect(url: str, where: str) -> _Client:
    try:
        from redis.asyncio import Redis
        from redis.asyncio.retry import Retry
        from redis.backoff import NoBackoff
    except ModuleNotFoundError:
        raise ModuleNotFoundError(
            "the Redis frontier needs the package redis: install it with pip install 'cellview[redis]'"
        ) from None
    try:
        client: object = Redis.from_url(  # pyright: ignore[reportUnknownMemberType]  # untyped **kwargs upstream
            url,
            socket_timeout=_TIMEOUT_S,
            socket_connect_timeout=_TIMEOUT_S,
            retry=Retry(NoBackoff(), 0),
        )
    except ValueError:
        raise FrontierUrlError(
            f"{where} is not a Redis URL: write redis://host:6379/0, rediss://… for TLS, or unix:///path/to/socket; in "
            "a password write / as %2F, ? as %3F, # as %23 and @ as %40"
        ) from None
    return cast("_Client", client)
