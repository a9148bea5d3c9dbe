"""What is asked of experiments: list, submit, look, change, remove."""

from __future__ import annotations

from typing import Annotated

import msgspec
from starlette.responses import Response
from starlette.types import ASGIApp

from cellview.daemon.http.call import Call, Natural, answer
from cellview.daemon.http.problems import Refusal
from cellview.daemon.records import Priority, Submission
from cellview.daemon.states import ExperimentState, ExperimentStep

__all__ = [
    "ListQuery",
    "Patch",
    "cancel",
    "corpus",
    "delete",
    "experiment",
    "experiments",
    "pause",
    "results",
    "resume",
    "set_priority",
    "submit",
]


class ListQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Experiments of one state, below a cursor."""

    state: ExperimentState | None = None
    before: Natural | None = None
    limit: Annotated[int, msgspec.Meta(ge=1, le=1000)] = 100


class Patch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What of an experiment can be changed."""

    priority: Priority


async def experiments(call: Call) -> ASGIApp:
    """List experiments."""
    query = call.query(ListQuery)
    states = () if query.state is None else (query.state,)
    page = await call.daemon.database.do(
        lambda store: store.experiments(states=states, before=query.before, limit=query.limit)
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


async def set_priority(call: Call) -> ASGIApp:
    """Change its priority."""
    number, patch = call.number("experiment"), await call.body(Patch)
    status = await call.daemon.database.do(lambda store: store.set_priority(number, patch.priority))
    return answer(status)


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


async def _take(call: Call, step: ExperimentStep) -> ASGIApp:
    return answer(await call.daemon.take(call.number("experiment"), step))
