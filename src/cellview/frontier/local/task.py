"""Tasks: what a worker runs on a candidate, given by import path so that any process can load it.

A task is a function ``execute(work, prng) -> Result``, plain or ``async``. Its result must be a function of the work
and of the random stream; times, hosts and the like go into ``Result.notes``, which nothing compares.
"""

from __future__ import annotations

import importlib
import inspect
import zlib
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import TypeAlias, cast

import anyio.to_thread
import msgspec

from cellview.frontier.errors import TaskError
from cellview.frontier.machine.canonical import Json, canonical, sha256_text
from cellview.frontier.machine.model import Candidate, Completed
from cellview.frontier.machine.prng import Prng
from cellview.trace.digest import without_timestamps

__all__ = [
    "Body",
    "Result",
    "Task",
    "TaskSession",
    "Work",
    "completed_of",
    "load_task",
    "open_task",
    "pack_body",
    "run_task",
    "unpack_body",
]

_COMPRESS_FROM_BYTES = 1024


class Work(msgspec.Struct, frozen=True):
    """What a task is given: the candidate's item as JSON value, its hash, priority, depth and carry, and the settings.

    Which worker runs it, and when, is not told: the result may not depend on it.
    """

    item: Json
    candidate: str
    priority: float
    depth: int
    carry: bytes
    settings: dict[str, Json]


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """What a task gives back.

    Args:
        payload: The result proper, any JSON value.
        children: Candidates to push when this one is committed.
        trace: Lines for the merged trace, each one JSON object without line break. ``timestamp_ms`` is the one field
            that may differ between two runs; write it before another field, as the trace records do.
        notes: Operational remarks (seconds, host). Kept in the journal, never compared.
    """

    payload: Json = None
    children: list[Candidate] = []
    trace: list[str] = []
    notes: Json = None


Task: TypeAlias = "Callable[[Work, Prng], Result | Awaitable[Result]]"


class TaskSession:
    """A task that needs something open while a worker works, such as a prover.

    Args:
        opens: Takes the experiment's settings; an async context manager that gives the task. A worker enters it once,
            before its first ticket, and leaves it when it ends.
    """

    def __init__(self, opens: Callable[[dict[str, Json]], AbstractAsyncContextManager[Task]]) -> None:
        self._opens = opens

    def open(self, settings: dict[str, Json]) -> AbstractAsyncContextManager[Task]:
        """The context manager of one worker."""
        return self._opens(settings)

    def __call__(self, work: Work, prng: Prng) -> Result:
        """Refuses: a session is opened, not called."""
        raise TaskError("a task session must be opened before it runs tasks")


class Body(msgspec.Struct, frozen=True):
    """What the frontier keeps of a result without reading it; `payload` and `notes` are canonical JSON texts."""

    payload: str = "null"
    trace: list[str] = []
    notes: str = "null"


def load_task(path: str) -> Task | TaskSession:
    """Loads ``module:function``.

    Raises:
        TaskError: The path is malformed, the module is missing, or the name is not callable.
    """
    module_name, _, name = path.partition(":")
    if not module_name or not name:
        raise TaskError(f"task {path!r} is not an import path: write it as module:function")
    try:
        found: object = getattr(importlib.import_module(module_name), name)
    except (ImportError, AttributeError) as error:
        raise TaskError(
            f"task {path!r} cannot be loaded ({error}): install its package where the worker runs"
        ) from None
    if not callable(found):
        raise TaskError(f"task {path!r} is a {type(found).__name__}: it must be a function of work and prng")
    return found if isinstance(found, TaskSession) else cast("Task", found)


@asynccontextmanager
async def open_task(task: Task | TaskSession, settings: dict[str, Json]) -> AsyncGenerator[Task]:
    """The function to call for each candidate: the task itself, or what its session gives."""
    if isinstance(task, TaskSession):
        async with task.open(settings) as execute:
            yield execute
    else:
        yield task


async def run_task(task: Task, work: Work, prng: Prng) -> Result:
    """Runs a task. A plain function runs in a thread, so that the worker's heartbeats go on meanwhile.

    Raises:
        TaskError: The task returned something else than a ``Result``.
    """
    if inspect.iscoroutinefunction(task):
        got = await task(work, prng)
    else:
        got = await anyio.to_thread.run_sync(task, work, prng, abandon_on_cancel=True)
        if inspect.isawaitable(got):
            got = await got
    if not isinstance(got, Result):
        raise TaskError(f"the task returned {type(got).__name__}: it must return a cellview.frontier.Result")
    return got


def completed_of(result: Result) -> Completed:
    """Seals a result: the digest over what must repeat, the children, the packed body.

    Raises:
        UnencodableError: The payload or the notes are not JSON.
        TaskError: A trace line holds a line break.
    """
    if any("\n" in line for line in result.trace):
        raise TaskError("a trace line holds a line break: give one JSON object per line")
    payload = canonical(result.payload)
    children: list[Json] = [
        [child.item, child.score, child.depth, sha256_text(child.carry.hex())] for child in result.children
    ]
    trace: list[Json] = [without_timestamps(line.encode()).decode() for line in result.trace]
    digest = sha256_text(canonical([payload, children, trace]))
    return Completed(
        digest, list(result.children), pack_body(Body(payload, list(result.trace), canonical(result.notes)))
    )


def pack_body(body: Body) -> bytes:
    """Packs a body; compressed from 1 KiB on, which the first byte says."""
    raw = msgspec.msgpack.encode(body)
    return b"z" + zlib.compress(raw, 1) if len(raw) >= _COMPRESS_FROM_BYTES else b"r" + raw


def unpack_body(packed: bytes) -> Body:
    """Unpacks a body; an empty one is a body without anything."""
    if not packed:
        return Body()
    raw = zlib.decompress(packed[1:]) if packed[:1] == b"z" else packed[1:]
    return msgspec.msgpack.decode(raw, type=Body)
