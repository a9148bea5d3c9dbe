"""What is asked of experiments: list, submit, look, change, remove."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from datetime import UTC, datetime
from typing import Annotated, Final

import anyio.to_thread
import msgspec
from starlette.responses import Response
from starlette.types import ASGIApp

from cellview.daemon.archive import archive_of
from cellview.daemon.errands import AskClaims, DrawFigure, ListFigures, SumUp
from cellview.daemon.http.call import Call, Natural, answer
from cellview.daemon.http.problems import Refusal
from cellview.daemon.http.streaming import StreamingAnswer
from cellview.daemon.records import Change, Submission
from cellview.daemon.states import ExperimentState, ExperimentStep

__all__ = [
    "ClaimsQuery",
    "ListQuery",
    "archive",
    "arms",
    "cancel",
    "change",
    "claims",
    "corpus",
    "delete",
    "experiment",
    "experiments",
    "figure",
    "figures",
    "notes",
    "pause",
    "results",
    "resume",
    "submit",
]


CLAIMS_S: Final = 20.0
CLAIMS_MB: Final = 512
"""What a query over claims may take."""


class ListQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Experiments of one state, with a text in their names, pinned or not; below a cursor."""

    state: ExperimentState | None = None
    name: Annotated[str, msgspec.Meta(max_length=200)] | None = None
    pinned: bool | None = None
    before: Natural | None = None
    limit: Annotated[int, msgspec.Meta(ge=1, le=1000)] = 100


class ClaimsQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A query over the table ``claims``."""

    sql: Annotated[str, msgspec.Meta(min_length=1, max_length=4000)]


async def experiments(call: Call) -> ASGIApp:
    """List experiments."""
    query = call.query(ListQuery)
    states = () if query.state is None else (query.state,)
    page = await call.daemon.database.do(
        lambda store: store.experiments(
            states=states, before=query.before, limit=query.limit, name=query.name, pinned=query.pinned
        )
    )
    return answer(page)


async def submit(call: Call) -> ASGIApp:
    """Queue an experiment."""
    if call.daemon.stopping:
        raise Refusal(503, "The daemon is stopping; submit again when it runs.")
    key = call.header("idempotency-key")
    if key is not None and not 1 <= len(key) <= 200:
        raise Refusal(400, "An Idempotency-Key has 1 to 200 characters.")
    status, new = await call.daemon.submit(await call.body(Submission), key=key)
    return answer(status, status=201 if new else 200)


async def experiment(call: Call) -> ASGIApp:
    """Show an experiment."""
    return answer(await call.experiment())


async def change(call: Call) -> ASGIApp:
    """Change priority, pin, tags and notes."""
    number, wanted = call.number("experiment"), await call.body(Change)
    status = await call.experiment()
    if wanted.tags is not None or wanted.note is not None:  # first: there may be no folder yet to write them into
        at = datetime.now(UTC).isoformat(timespec="seconds")
        await call.read(lambda: call.front.files.change_notes(status, tags=wanted.tags, note=wanted.note, at=at))
    if wanted.priority is not None:
        priority = wanted.priority
        status = await call.daemon.database.do(lambda store: store.set_priority(number, priority))
    if wanted.pinned is not None:
        status = await call.daemon.pin(number, pinned=wanted.pinned)
    return answer(status)


async def notes(call: Call) -> ASGIApp:
    """Show tags and notes."""
    status = await call.experiment()
    return answer(await call.read(lambda: call.front.files.notes(status)))


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


async def corpus(call: Call) -> ASGIApp:
    """Send the corpus."""
    number = call.number("experiment")
    data = await call.daemon.database.do(lambda store: store.submission(number))
    text = msgspec.json.decode(data, type=Submission).corpus_text
    assert text is not None
    return Response(text.encode(), media_type="application/toml")


async def results(call: Call) -> ASGIApp:
    """Send ``run.json``."""
    status = await call.experiment()
    return answer(await call.read(lambda: call.front.files.metadata(status)))


async def archive(call: Call) -> ASGIApp:
    """Send the run folder."""
    status = await call.experiment()
    pieces = archive_of(call.daemon.config.runs, status.folder)
    first = await call.read(lambda: next(pieces))

    async def send() -> AsyncGenerator[bytes]:
        yield first
        while (piece := await anyio.to_thread.run_sync(next, pieces, None)) is not None:
            yield piece

    named = f'attachment; filename="{status.folder}.tar"'.encode()
    headers = ((b"content-disposition", named),)
    return StreamingAnswer(send, media="application/x-tar", streams=call.front.streams, headers=headers)


async def claims(call: Call) -> ASGIApp:
    """Answer a query over the claims of the run."""
    query, status = call.query(ClaimsQuery), await call.experiment()
    folder = str(call.daemon.run_folder(status))
    errand = AskClaims(folder=folder, sql=query.sql, deadline_s=CLAIMS_S, memory_mb=CLAIMS_MB)
    return Response(await call.front.aside.do(errand), media_type="application/json")


async def arms(call: Call) -> ASGIApp:
    """Say how each arm has done."""
    folder, mark = await _run_of(call)
    return Response(await call.front.aside.do(SumUp(folder=folder), mark=mark), media_type="application/json")


async def figures(call: Call) -> ASGIApp:
    """List the figures that can be drawn."""
    folder, mark = await _run_of(call)
    return Response(await call.front.aside.do(ListFigures(folder=folder), mark=mark), media_type="application/json")


async def figure(call: Call) -> ASGIApp:
    """Draw a figure."""
    folder, mark = await _run_of(call)
    data = await call.front.aside.do(DrawFigure(folder=folder, name=call.word("figure")), mark=mark)
    # The picture's own styles stand in it. Opened by itself it is a document, and may do nothing else.
    policy = "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'none'"
    return Response(data, media_type="image/svg+xml", headers={"content-security-policy": policy})


async def _run_of(call: Call) -> tuple[str, str]:
    """Return a run's folder, and what changes when its results do."""
    status = await call.experiment()
    return str(call.daemon.run_folder(status)), await call.read(lambda: call.front.files.mark(status))


async def _take(call: Call, step: ExperimentStep) -> ASGIApp:
    return answer(await call.daemon.take(call.number("experiment"), step))
