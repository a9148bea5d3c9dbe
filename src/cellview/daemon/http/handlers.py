"""What answers each endpoint. None touches the database but through the daemon."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated, Any, TypeVar

import anyio.to_thread
import msgspec
from starlette.responses import Response
from starlette.types import ASGIApp

from cellview.daemon.errors import NoSuchExperimentError
from cellview.daemon.http.call import Call
from cellview.daemon.http.problems import Refusal
from cellview.daemon.http.stream import EventStream
from cellview.daemon.records import ExperimentStatus, Priority, Searches, SearchStatus, Submission
from cellview.daemon.states import ExperimentState, ExperimentStep
from cellview.trace import RunFolder, RunFolderError

__all__ = [
    "EventsQuery",
    "ListQuery",
    "Patch",
    "TraceQuery",
    "cancel",
    "corpus",
    "delete",
    "events",
    "experiment",
    "experiments",
    "live",
    "pause",
    "proof",
    "ready",
    "results",
    "resume",
    "searches",
    "set_priority",
    "submit",
    "trace",
    "tree",
]

T = TypeVar("T")

Natural = Annotated[int, msgspec.Meta(ge=0, le=2**53)]


class ListQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Experiments of one state, below a cursor."""

    state: ExperimentState | None = None
    before: Natural | None = None
    limit: Annotated[int, msgspec.Meta(ge=1, le=1000)] = 100


class TraceQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Iterations from `start`, at most `limit` of them."""

    start: Natural = 0
    limit: Annotated[int, msgspec.Meta(ge=1, le=10_000)] = 1000


class EventsQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Events after a number, of one experiment if it is named; the stream ends after `limit` of them."""

    after: Natural = 0
    experiment: Natural | None = None
    limit: Annotated[int, msgspec.Meta(ge=1, le=1_000_000)] | None = None


class Patch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What of an experiment can be changed."""

    priority: Priority


async def live(call: Call) -> ASGIApp:
    """Say that the process answers."""
    return _json(call, {"status": "live"})


async def ready(call: Call) -> ASGIApp:
    """Say how the daemon is."""
    health = await call.daemon.health()
    return _json(call, health, status=200 if health.status == "ready" else 503)


async def experiments(call: Call) -> ASGIApp:
    """List experiments."""
    query = call.query(ListQuery)
    states = () if query.state is None else (query.state,)
    page = await call.daemon.database.do(
        lambda store: store.experiments(states=states, before=query.before, limit=query.limit)
    )
    return _json(call, page)


async def submit(call: Call) -> ASGIApp:
    """Queue an experiment."""
    if call.daemon.stopping:
        raise Refusal(503, "The daemon is stopping; submit again when it runs.")
    key = call.header("idempotency-key")
    if key is not None and not 1 <= len(key) <= 200:
        raise Refusal(400, "An Idempotency-Key has 1 to 200 characters.")
    status, new = await call.daemon.submit(await call.body(Submission), key=key)
    return _json(call, status, status=201 if new else 200)


async def experiment(call: Call) -> ASGIApp:
    """Show an experiment."""
    return _json(call, await _status(call))


async def set_priority(call: Call) -> ASGIApp:
    """Change its priority."""
    number, patch = call.number("experiment"), await call.body(Patch)
    status = await call.daemon.database.do(lambda store: store.set_priority(number, patch.priority))
    return _json(call, status)


async def delete(call: Call) -> ASGIApp:
    """Remove an experiment."""
    await call.daemon.delete(call.number("experiment"))
    return Response(status_code=204)


async def pause(call: Call) -> ASGIApp:
    """Pause an experiment."""
    return await _take(call, "pause")


async def resume(call: Call) -> ASGIApp:
    """Go on with an experiment."""
    return await _take(call, "resume")


async def cancel(call: Call) -> ASGIApp:
    """End an experiment for good."""
    return await _take(call, "cancel")


async def searches(call: Call) -> ASGIApp:
    """List an experiment's searches."""
    number = call.number("experiment")
    return _json(call, Searches(await call.daemon.database.do(lambda store: store.searches(number))))


async def results(call: Call) -> ASGIApp:
    """Send ``run.json``."""
    folder = call.daemon.run_folder(await _status(call))
    return _json(call, await _read(lambda: RunFolder.read(folder).metadata))


async def corpus(call: Call) -> ASGIApp:
    """Send the corpus."""
    number = call.number("experiment")
    data = await call.daemon.database.do(lambda store: store.submission(number))
    text = msgspec.json.decode(data, type=Submission).corpus_text
    assert text is not None
    return Response(text.encode(), media_type="application/toml")


async def trace(call: Call) -> ASGIApp:
    """Send lines of a trace."""
    query = call.query(TraceQuery)
    path = await _file(call, RunFolder.trace_path)
    data = await _read(lambda: b"".join(_lines(path, query.start, query.limit)))
    return Response(data, media_type="application/x-ndjson")


async def tree(call: Call) -> ASGIApp:
    """Send a tree."""
    path = await _file(call, RunFolder.tree_path)
    return Response(await _read(path.read_bytes), media_type="application/json")


async def proof(call: Call) -> ASGIApp:
    """Send a proof."""
    path = await _file(call, RunFolder.proof_path)
    return Response(await _read(path.read_bytes), media_type="text/plain")


async def events(call: Call) -> ASGIApp:
    """Send events as they happen."""
    query = call.query(EventsQuery)
    if call.daemon.hub.full:
        raise Refusal(503, "Too many listen already; come back later.")
    last = call.header("last-event-id")
    if last is not None and not (last.isascii() and last.isdigit() and len(last) <= 15):
        raise Refusal(400, "Last-Event-ID is the number of an event.")
    after = query.after if last is None else int(last)
    return EventStream(call.daemon, after=after, experiment=query.experiment, limit=query.limit)


def _json(call: Call, value: Any, *, status: int = 200) -> Response:
    return Response(call.as_json(value), status_code=status, media_type="application/json")


async def _take(call: Call, step: ExperimentStep) -> ASGIApp:
    return _json(call, await call.daemon.take(call.number("experiment"), step))


async def _status(call: Call) -> ExperimentStatus:
    number = call.number("experiment")
    return await call.daemon.database.do(lambda store: store.experiment(number))


async def _file(call: Call, path_of: Callable[..., Path]) -> Path:
    """Return the path of a search's file. Its name is made from the store's row, never from the request."""
    status = await _status(call)
    number = call.number("search")
    found = await call.daemon.database.do(lambda store: store.searches(status.id)[number : number + 1])
    if not found:
        raise NoSuchExperimentError(f"Experiment {status.id} has no search {number}; it has {status.points}.")
    search: SearchStatus = found[0]
    folder = await _read(lambda: RunFolder.read(call.daemon.run_folder(status)))
    return path_of(folder, search.theorem, arm=search.arm, seed=search.seed)


async def _read(work: Callable[[], T]) -> T:
    """Read files in a thread; what is not there yet is said so."""
    try:
        return await anyio.to_thread.run_sync(work)
    except (FileNotFoundError, NotADirectoryError, RunFolderError):
        raise NoSuchExperimentError("There is no such file yet, or none was written.") from None


class _Line(msgspec.Struct):
    iteration: int


def _lines(path: Path, start: int, limit: int) -> Iterator[bytes]:
    """Yield whole lines of a trace from an iteration on; one that is being written is left for the next time."""
    decoder = msgspec.json.Decoder(_Line)
    with path.open("rb") as lines:
        for line in lines:
            if limit <= 0 or not line.endswith(b"\n"):
                return
            if decoder.decode(line).iteration >= start:
                limit -= 1
                yield line
