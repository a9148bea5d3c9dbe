"""The table of all endpoints. Routes, the OpenAPI description and the client's test are made from it, and from nothing
else, so that none of them can say something that the others do not."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Literal

import msgspec
from starlette.types import ASGIApp

from cellview.daemon.http import handlers
from cellview.daemon.http.call import Call
from cellview.daemon.records import ExperimentPage, ExperimentStatus, Health, Searches, Submission
from cellview.trace import RunMetadata

__all__ = ["ENDPOINTS", "Endpoint"]


class Endpoint(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that can be asked.

    Args:
        method: HTTP's.
        path: With its parameters in braces; all are whole numbers.
        name: Of the operation, and of the client's method.
        summary: For people.
        handler: Answers it.
        query: Its query parameters.
        body: What is sent.
        answer: What comes back as JSON; ``None``: nothing, or `media`.
        media: The content type of the answer.
        status: HTTP's, when it goes well.
        also: Other statuses, beside those that every endpoint may have.
    """

    method: Literal["GET", "POST", "PATCH", "DELETE"]
    path: str
    name: str
    summary: str
    handler: Callable[[Call], Awaitable[ASGIApp]]
    query: type[msgspec.Struct] | None = None
    body: type[msgspec.Struct] | None = None
    answer: Any = None
    media: str = "application/json"
    status: int = 200
    also: tuple[int, ...] = ()


_ONE = "/api/experiments/{experiment}"
_SEARCH = _ONE + "/searches/{search}"

ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        method="GET", path="/health/live", name="live", summary="Whether the process answers.",
        handler=handlers.live, answer=dict[str, str],
    ),
    Endpoint(
        method="GET", path="/health/ready", name="health", also=(503,),
        summary="Whether it takes work, after a round trip through database and dispatcher.",
        handler=handlers.ready, answer=Health,
    ),
    Endpoint(
        method="GET", path="/api/experiments", name="experiments", summary="The experiments, newest first.",
        handler=handlers.experiments, query=handlers.ListQuery, answer=ExperimentPage,
    ),
    Endpoint(
        method="POST", path="/api/experiments", name="submit", status=201, also=(200, 409, 422),
        summary="Queue an experiment. The same Idempotency-Key gives the same one again.",
        handler=handlers.submit, body=Submission, answer=ExperimentStatus,
    ),
    Endpoint(
        method="GET", path=_ONE, name="experiment", summary="One experiment.", also=(404,),
        handler=handlers.experiment, answer=ExperimentStatus,
    ),
    Endpoint(
        method="PATCH", path=_ONE, name="set_priority", summary="Change its priority.", also=(404,),
        handler=handlers.set_priority, body=handlers.Patch, answer=ExperimentStatus,
    ),
    Endpoint(
        method="DELETE", path=_ONE, name="delete", status=204, also=(404, 409),
        summary="Remove an experiment that has ended, and its run folder.", handler=handlers.delete,
    ),
    Endpoint(
        method="POST", path=_ONE + "/pause", name="pause", also=(404, 409),
        summary="Begin no more of its searches; those under way go on to their end.",
        handler=handlers.pause, answer=ExperimentStatus,
    ),
    Endpoint(
        method="POST", path=_ONE + "/resume", name="resume", summary="Go on.", also=(404, 409),
        handler=handlers.resume, answer=ExperimentStatus,
    ),
    Endpoint(
        method="POST", path=_ONE + "/cancel", name="cancel", also=(404, 409),
        summary="End it for good, and the workers that run its searches.",
        handler=handlers.cancel, answer=ExperimentStatus,
    ),
    Endpoint(
        method="GET", path=_ONE + "/searches", name="searches", summary="Its searches, in the plan's order.",
        also=(404,), handler=handlers.searches, answer=Searches,
    ),
    Endpoint(
        method="GET", path=_ONE + "/results", name="results", summary="Its run.json.", also=(404,),
        handler=handlers.results, answer=RunMetadata,
    ),
    Endpoint(
        method="GET", path=_ONE + "/corpus", name="corpus", summary="Its corpus, as it was submitted.", also=(404,),
        handler=handlers.corpus, media="application/toml",
    ),
    Endpoint(
        method="GET", path=_SEARCH + "/trace", name="trace", also=(404,), media="application/x-ndjson",
        summary="Lines of a search's trace, also while it runs.",
        handler=handlers.trace, query=handlers.TraceQuery,
    ),
    Endpoint(
        method="GET", path=_SEARCH + "/tree", name="tree", summary="The tree of a search that has ended.",
        also=(404,), handler=handlers.tree, answer=dict[str, Any],
    ),
    Endpoint(
        method="GET", path=_SEARCH + "/proof", name="proof", summary="The verified proof, as Lean source.",
        also=(404,), handler=handlers.proof, media="text/plain",
    ),
    Endpoint(
        method="GET", path="/api/events", name="events", media="text/event-stream", also=(503,),
        summary="Events as they happen, after the number in Last-Event-ID or `after`.",
        handler=handlers.events, query=handlers.EventsQuery,
    ),
)  # fmt: skip
