"""A memory frontier for the processes of one machine: the owner serves it on a Unix socket, the others call it.

One operation at a time per connection, as MessagePack. Anyone who may open the socket may use the frontier, so it lies
in a folder that only its user can enter.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from functools import cache
from typing import Any, TypeVar, cast

import anyio
import msgspec

import cellview.frontier.errors as errors_module
from cellview.frontier.errors import FrontierError, ServerGoneError
from cellview.frontier.frontier import Frontier
from cellview.frontier.machine.operations import AnyOperation, Operation, answer_type

__all__ = ["LocalFrontier", "LocalServer"]

R = TypeVar("R")
_decode_operation = msgspec.msgpack.Decoder(AnyOperation).decode


class _Reply(msgspec.Struct, array_like=True):
    error: str
    """Name of the error's class, or empty."""
    value: msgspec.Raw
    """The answer, or what the error is made from."""


@cache
def _answer_decoder(kind: type[Operation[Any]]) -> msgspec.msgpack.Decoder[Any]:
    return msgspec.msgpack.Decoder(answer_type(kind))


_decode_reply = msgspec.msgpack.Decoder(_Reply).decode


class LocalServer:
    """Serves a frontier on a Unix socket: ``async with LocalServer(frontier, path):``."""

    def __init__(self, frontier: Frontier, path: str) -> None:
        self._frontier = frontier
        self._path = path
        self._server: asyncio.Server | None = None
        self._clients: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> LocalServer:
        self._server = await asyncio.start_unix_server(self._serve, self._path)
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._server is not None:
            self._server.close()
        for task in self._clients:
            task.cancel()
        await asyncio.gather(*self._clients, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = cast("asyncio.Task[None]", asyncio.current_task())
        self._clients.add(task)
        try:
            while True:
                operation = _decode_operation(await _read(reader))
                await _write(writer, msgspec.msgpack.encode(await self._answer(operation)))
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            return  # the client has gone, or the server is closing
        finally:
            self._clients.discard(task)
            writer.close()

    async def _answer(self, operation: Operation[Any]) -> _Reply:
        try:
            return _Reply("", _raw(await self._frontier.perform(operation)))
        except FrontierError as error:
            kind, parts = cast("tuple[type[FrontierError], tuple[object, ...]]", error.__reduce__()[:2])
            return _Reply(kind.__name__, _raw(parts))


class LocalFrontier(Frontier):
    """The frontier of another process of this machine.

    Args:
        path: Path of the socket.
        experiment: Name of the experiment.
    """

    def __init__(self, path: str, experiment: str) -> None:
        super().__init__(experiment)
        self._path = path
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self._lock = anyio.Lock()

    async def perform(self, operation: Operation[R]) -> R:
        """Has the owner perform an operation."""
        request = msgspec.msgpack.encode(operation)
        # One exchange at a time, since a heartbeat must not read the answer to a pop; and a whole one, since a
        # cancelled call must not leave its answer to the next.
        async with self._lock:
            reply: _Reply | None = None
            with anyio.CancelScope(shield=True):
                reply = await self._exchange(request)
        assert reply is not None
        if reply.error:
            kind: type[FrontierError] = getattr(errors_module, reply.error)
            raise kind(*msgspec.msgpack.decode(reply.value, type=list[Any]))
        return cast("R", _answer_decoder(type(operation)).decode(reply.value))

    async def close(self) -> None:
        """Closes the connection."""
        if self._streams is not None:
            self._streams[1].close()
            with suppress(OSError):
                await self._streams[1].wait_closed()
            self._streams = None

    async def _exchange(self, request: bytes) -> _Reply:
        try:
            if self._streams is None:
                self._streams = await asyncio.open_unix_connection(self._path)
            reader, writer = self._streams
            await _write(writer, request)
            return _decode_reply(await _read(reader))
        except (OSError, asyncio.IncompleteReadError):
            raise ServerGoneError(
                f"the process that holds the frontier of {self.experiment!r} has gone: resume its run; what was "
                "committed is in the run's journal"
            ) from None


def _raw(value: object) -> msgspec.Raw:
    return msgspec.Raw(msgspec.msgpack.encode(value))


async def _read(reader: asyncio.StreamReader) -> bytes:
    return await reader.readexactly(int.from_bytes(await reader.readexactly(4), "big"))


async def _write(writer: asyncio.StreamWriter, frame: bytes) -> None:
    writer.write(len(frame).to_bytes(4, "big") + frame)
    await writer.drain()
