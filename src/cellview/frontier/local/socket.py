"""A memory frontier for the processes of one machine: the owner serves it on a Unix socket, the others call it.

One request at a time per connection, each a name and its arguments as MessagePack. Anyone who may open the socket may
use the frontier, so it lies in a folder that only its user can enter.
"""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable
from contextlib import suppress
from typing import Any, TypeVar, cast, get_type_hints

import anyio
import msgspec

import cellview.frontier.errors as errors_module
from cellview.frontier.errors import DeterminismError, FrontierError, ServerGoneError
from cellview.frontier.frontier import Frontier
from cellview.frontier.local.memory import MemoryFrontier
from cellview.frontier.machine.model import (
    Candidate,
    Committed,
    Completed,
    JournalEntry,
    Lease,
    Manifest,
    Outcome,
    Popped,
    Snapshot,
    Stats,
)

__all__ = ["LocalFrontier", "LocalServer"]

T = TypeVar("T")
_OPERATIONS = [
    "create", "attach", "push", "prune", "start", "drain", "pop", "heartbeat", "release", "fail", "complete",
    "open_committer", "offer", "commit", "journal", "stats", "snapshot", "clear",
]  # fmt: skip


class _Request(msgspec.Struct, array_like=True):
    operation: str
    arguments: dict[str, msgspec.Raw]


class _Reply(msgspec.Struct, array_like=True):
    error: str
    """Name of the error's class, or empty."""
    value: msgspec.Raw


class _Operation:
    """How to take the arguments of one operation out of a request."""

    def __init__(self, name: str) -> None:
        function = cast("Callable[..., Any]", getattr(MemoryFrontier, name))
        hints = get_type_hints(function)
        del hints["return"]
        self.arguments = {key: msgspec.msgpack.Decoder(cast("type[Any]", hint)) for key, hint in hints.items()}
        self.keyword_only = {
            key for key, it in inspect.signature(function).parameters.items() if it.kind is it.KEYWORD_ONLY
        }


_TABLE = {name: _Operation(name) for name in _OPERATIONS}


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
                request = msgspec.msgpack.decode(await _read(reader), type=_Request)
                await _write(writer, msgspec.msgpack.encode(await self._answer(request)))
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            return  # the client has gone, or the server is closing
        finally:
            self._clients.discard(task)
            writer.close()

    async def _answer(self, request: _Request) -> _Reply:
        operation = _TABLE[request.operation]
        answer: object
        positional: list[Any] = []
        keywords: dict[str, Any] = {}
        for key, raw in request.arguments.items():
            value = operation.arguments[key].decode(raw)
            if key in operation.keyword_only:
                keywords[key] = value
            else:
                positional.append(value)
        try:
            answer = await getattr(self._frontier, request.operation)(*positional, **keywords)
        except DeterminismError as error:
            return _Reply("DeterminismError", _raw([error.candidate, error.first, error.second]))
        except FrontierError as error:
            return _Reply(type(error).__name__, _raw([str(error)]))
        return _Reply("", _raw(answer))


class LocalFrontier:
    """The frontier of another process of this machine."""

    def __init__(self, path: str, experiment: str) -> None:
        self.experiment = experiment
        self._path = path
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self._lock = anyio.Lock()

    async def create(self, manifest: Manifest, *, resume: bool = False) -> bool:
        """Creates the experiment, or attaches to it with `resume`."""
        return await self._call("create", bool, manifest=manifest, resume=resume)

    async def attach(self) -> Manifest:
        """Returns the manifest."""
        return await self._call("attach", Manifest)

    async def push(self, candidates: list[Candidate]) -> list[bool]:
        """Queues candidates."""
        return await self._call("push", list[bool], candidates=candidates)

    async def prune(self, width: int) -> int:
        """Prunes the queue."""
        return await self._call("prune", int, width=width)

    async def start(self) -> None:
        """Issues the first tickets; lifts a drain."""
        await self._call("start", type(None))

    async def drain(self) -> None:
        """Hands out no more leases."""
        await self._call("drain", type(None))

    async def pop(self, worker: str, *, count: int = 1) -> Popped:
        """Leases tickets."""
        return await self._call("pop", Popped, worker=worker, count=count)

    async def heartbeat(self, lease: Lease) -> None:
        """Extends a lease."""
        await self._call("heartbeat", type(None), lease=lease)

    async def release(self, lease: Lease) -> None:
        """Hands a lease back."""
        await self._call("release", type(None), lease=lease)

    async def fail(self, lease: Lease, body: bytes = b"") -> bool:
        """Reports a failure."""
        return await self._call("fail", bool, lease=lease, body=body)

    async def complete(self, results: list[tuple[Lease, Completed]]) -> list[Outcome]:
        """Records results."""
        return await self._call("complete", list[Outcome], results=results)

    async def open_committer(self, name: str) -> str:
        """Takes over as committer."""
        return await self._call("open_committer", str, name=name)

    async def offer(self, epoch: str, entries: list[JournalEntry]) -> list[Outcome]:
        """Records results from a journal file."""
        return await self._call("offer", list[Outcome], epoch=epoch, entries=entries)

    async def commit(self, epoch: str, *, limit: int = 256) -> Committed:
        """Commits results."""
        return await self._call("commit", Committed, epoch=epoch, limit=limit)

    async def journal(self, since: int, *, limit: int = 256) -> list[JournalEntry]:
        """Reads commits."""
        return await self._call("journal", list[JournalEntry], since=since, limit=limit)

    async def stats(self) -> Stats:
        """Counts."""
        return await self._call("stats", Stats)

    async def snapshot(self) -> Snapshot:
        """The state to compare."""
        return await self._call("snapshot", Snapshot)

    async def clear(self) -> None:
        """Deletes the experiment."""
        await self._call("clear", type(None))

    async def close(self) -> None:
        """Closes the connection."""
        if self._streams is not None:
            self._streams[1].close()
            with suppress(OSError):
                await self._streams[1].wait_closed()
            self._streams = None

    async def _call(self, operation: str, answer: type[T], /, **arguments: object) -> T:
        request = _Request(operation, {key: _raw(value) for key, value in arguments.items()})
        # One exchange at a time, since a heartbeat must not read the answer to a pop; and a whole one, since a
        # cancelled call must not leave its answer to the next.
        async with self._lock:
            reply = _Reply("", _raw(None))
            with anyio.CancelScope(shield=True):
                reply = await self._exchange(msgspec.msgpack.encode(request))
        if reply.error:
            kind: type[FrontierError] = getattr(errors_module, reply.error)
            raise kind(*msgspec.msgpack.decode(reply.value, type=list[str]))
        return msgspec.msgpack.decode(reply.value, type=answer)

    async def _exchange(self, request: bytes) -> _Reply:
        try:
            if self._streams is None:
                self._streams = await asyncio.open_unix_connection(self._path)
            reader, writer = self._streams
            await _write(writer, request)
            return msgspec.msgpack.decode(await _read(reader), type=_Reply)
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
