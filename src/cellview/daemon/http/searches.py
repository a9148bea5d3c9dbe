"""What is asked of searches: their results, and the files that each of them writes."""

from __future__ import annotations

import contextlib
from functools import partial
from typing import Annotated

import msgspec
from starlette.responses import Response
from starlette.types import ASGIApp

from cellview.daemon.errands import BuildTree
from cellview.daemon.errors import NoFileError
from cellview.daemon.http.call import Call, Natural, answer
from cellview.daemon.http.follow import Range, follow, once
from cellview.daemon.http.problems import Refusal
from cellview.daemon.http.streaming import StreamingAnswer
from cellview.daemon.records import ExperimentStatus, Searches, SearchReport, SearchStatus
from cellview.daemon.run_files import FileKind
from cellview.daemon.states import PointState
from cellview.trace import SearchEntry

__all__ = [
    "IterationsQuery",
    "SearchesQuery",
    "TraceQuery",
    "TreeQuery",
    "iterations",
    "last_event_id",
    "proof",
    "search",
    "searches",
    "trace",
    "tree",
]

Count = Annotated[int, msgspec.Meta(ge=1, le=1_000_000_000)]


class SearchesQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Searches from number `first` on, of one state, theorem, arm or seed."""

    first: Natural = 0
    limit: Annotated[int, msgspec.Meta(ge=1, le=10_000)] = 1000
    state: PointState | None = None
    theorem: str | None = None
    arm: str | None = None
    seed: Annotated[int, msgspec.Meta(ge=-(2**53), le=2**53)] | None = None


class TraceQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"first": "from", "last": "to"}):
    """Iterations from `from` to `to`, both included, at most `limit` lines; `stream` waits for those to come."""

    first: Natural = 0
    last: Natural | None = None
    limit: Count | None = None
    stream: bool = False


class IterationsQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"first": "from"}):
    """Iterations from `from` on; the stream ends after `limit` of them."""

    first: Natural = 0
    limit: Count | None = None


class TreeQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The iteration after which the tree is wanted."""

    at: Natural | None = None


async def searches(call: Call) -> ASGIApp:
    """List an experiment's searches."""
    query, number = call.query(SearchesQuery), call.number("experiment")
    status, found = await call.daemon.database.do(
        lambda store: (
            store.experiment(number),
            store.searches(
                number,
                first=query.first,
                limit=query.limit + 1,
                state=query.state,
                theorem=query.theorem,
                arm=query.arm,
                seed=query.seed,
            ),
        )
    )
    shown, more = found[: query.limit], found[query.limit :]
    reports = await call.read(lambda: _reports(call, status, shown))
    return answer(Searches(reports, more[0].number if more else None))


async def search(call: Call) -> ASGIApp:
    """Show a search."""
    status, found = await call.search()
    (report,) = await call.read(lambda: _reports(call, status, (found,)))
    return answer(report)


async def trace(call: Call) -> ASGIApp:
    """Send lines of a trace, those that are there or also those to come."""
    query = call.query(TraceQuery)
    tail = call.front.tails.of(*await call.search())
    wanted = Range(query.first, query.last, query.limit)
    if query.stream:
        pieces = partial(follow, tail, wanted, "lines", call.front.streams)
    else:
        await tail.seek(0)  # what is missing is said before an answer begins
        pieces = partial(once, tail, wanted)
    return StreamingAnswer(pieces, media="application/x-ndjson", streams=call.front.streams)


async def iterations(call: Call) -> ASGIApp:
    """Send a search's iterations as events."""
    query = call.query(IterationsQuery)
    last = last_event_id(call)
    tail = call.front.tails.of(*await call.search())
    wanted = Range(query.first if last is None else last + 1, None, query.limit)
    pieces = partial(follow, tail, wanted, "events", call.front.streams)
    return StreamingAnswer(pieces, media="text/event-stream; charset=utf-8", streams=call.front.streams)


async def tree(call: Call) -> ASGIApp:
    """Send the tree at the end, or as it was after an iteration; of a search that goes on, as it is by now."""
    query = call.query(TreeQuery)
    experiment, found = await call.search()
    if query.at is None and found.stop_reason is not None:
        return Response(await _file(call, "tree"), media_type="application/json")
    with contextlib.closing(await call.read(lambda: call.front.files.open_search(experiment, found, "trace"))):
        pass  # without a trace there is nothing to rebuild it from
    folder = str(call.daemon.run_folder(experiment))
    data = await call.front.aside.do(BuildTree(folder=folder, search=found.number, at=query.at))
    return Response(data, media_type="application/json")


async def proof(call: Call) -> ASGIApp:
    """Send a proof."""
    return Response(await _file(call, "proof"), media_type="text/plain")


def last_event_id(call: Call) -> int | None:
    """Return the number that a stream goes on after, if the client has one.

    Raises:
        Refusal: It is no number.
    """
    last = call.header("last-event-id")
    if not last:
        return None
    if not (last.isascii() and last.isdigit() and len(last) <= 15):
        raise Refusal(400, "Last-Event-ID is the number of an event.")
    return int(last)


async def _file(call: Call, kind: FileKind) -> bytes:
    experiment, found = await call.search()

    def read() -> bytes:
        with call.front.files.open_search(experiment, found, kind) as file:
            return file.read()

    return await call.read(read)


def _reports(call: Call, experiment: ExperimentStatus, shown: tuple[SearchStatus, ...]) -> tuple[SearchReport, ...]:
    """Add what the run folder says. An experiment that was not begun has none yet."""
    entries: dict[tuple[str, str, int], SearchEntry] = {}
    if any(one.stop_reason is not None for one in shown):
        with contextlib.suppress(NoFileError):
            entries = {entry.key: entry for entry in call.front.files.metadata(experiment).results}
    return tuple(
        SearchReport(**msgspec.structs.asdict(one), result=entries.get((one.theorem, one.arm, one.seed)))
        for one in shown
    )
