"""The table of all endpoints. Routes, the OpenAPI description and the client's test are made from it, and from nothing
else, so that none of them can say something that the others do not."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Literal

import msgspec
from starlette.types import ASGIApp

from cellview.daemon.http import experiments, general, searches
from cellview.daemon.http.call import Call
from cellview.daemon.records import (
    Arms,
    Change,
    Claims,
    ExperimentPage,
    ExperimentStatus,
    Figures,
    Health,
    Searches,
    SearchReport,
    Session,
    Submission,
    Token,
)
from cellview.trace import RunMetadata, RunNotes

__all__ = ["ENDPOINTS", "Endpoint"]


class Endpoint(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that can be asked.

    Args:
        method: HTTP's.
        path: With its parameters in braces; all are whole numbers, but for `figure`, a word.
        name: Of the operation, and of the client's method.
        summary: For people.
        handler: Answers it.
        query: Its query parameters.
        body: What is sent.
        answer: What comes back as JSON; ``None``: nothing, or `media`.
        media: The content type of the answer.
        status: HTTP's, when it goes well.
        also: Other statuses, beside those that every endpoint may have.
        public: Whether it is answered without a token.
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
    public: bool = False


_ONE = "/api/experiments/{experiment}"
_SEARCH = _ONE + "/searches/{search}"

ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        method="GET", path="/session", name="session", public=True,
        summary="Whether a token is wanted, and was shown.", handler=general.session, answer=Session,
    ),
    Endpoint(
        method="POST", path="/session", name="open_session", status=204, public=True,
        summary="Exchange the token for a cookie.", handler=general.open_session, body=Token,
    ),
    Endpoint(
        method="DELETE", path="/session", name="close_session", status=204, public=True,
        summary="Take the cookie away.", handler=general.close_session,
    ),
    Endpoint(
        method="GET", path="/health/live", name="live", summary="Whether the process answers.",
        handler=general.live, answer=dict[str, str],
    ),
    Endpoint(
        method="GET", path="/health/ready", name="health", also=(503,),
        summary="Whether it takes work, after a round trip through database and dispatcher.",
        handler=general.ready, answer=Health,
    ),
    Endpoint(
        method="GET", path="/metrics", name="metrics", summary="Figures for Prometheus.", media="text/plain",
        handler=general.metrics,
    ),
    Endpoint(
        method="GET", path="/api/experiments", name="experiments", summary="The experiments, newest first.",
        handler=experiments.experiments, query=experiments.ListQuery, answer=ExperimentPage,
    ),
    Endpoint(
        method="POST", path="/api/experiments", name="submit", status=201, also=(200, 409, 422),
        summary="Queue an experiment. The same Idempotency-Key gives the same one again.",
        handler=experiments.submit, body=Submission, answer=ExperimentStatus,
    ),
    Endpoint(
        method="GET", path=_ONE, name="experiment", summary="One experiment.", also=(404,),
        handler=experiments.experiment, answer=ExperimentStatus,
    ),
    Endpoint(
        method="PATCH", path=_ONE, name="change", also=(404, 409),
        summary="Change its priority, pin it or let it go, give it tags and notes.",
        handler=experiments.change, body=Change, answer=ExperimentStatus,
    ),
    Endpoint(
        method="GET", path=_ONE + "/notes", name="notes", summary="Its tags and notes.", also=(404,),
        handler=experiments.notes, answer=RunNotes,
    ),
    Endpoint(
        method="DELETE", path=_ONE, name="delete", status=204, also=(404, 409),
        summary="Remove an experiment that has ended, and its run folder.", handler=experiments.delete,
    ),
    Endpoint(
        method="POST", path=_ONE + "/pause", name="pause", also=(404, 409),
        summary="Begin no more of its searches; those under way go on to their end.",
        handler=experiments.pause, answer=ExperimentStatus,
    ),
    Endpoint(
        method="POST", path=_ONE + "/resume", name="resume", summary="Go on.", also=(404, 409),
        handler=experiments.resume, answer=ExperimentStatus,
    ),
    Endpoint(
        method="POST", path=_ONE + "/cancel", name="cancel", also=(404, 409),
        summary="End it for good, and the workers that run its searches.",
        handler=experiments.cancel, answer=ExperimentStatus,
    ),
    Endpoint(
        method="GET", path=_ONE + "/searches", name="searches", summary="Its searches, in the plan's order.",
        also=(404,), handler=searches.searches, query=searches.SearchesQuery, answer=Searches,
    ),
    Endpoint(
        method="GET", path=_ONE + "/archive", name="archive", also=(404, 503), media="application/x-tar",
        summary="Its run folder as a tar archive, also while it runs.", handler=experiments.archive,
    ),
    Endpoint(
        method="GET", path=_ONE + "/claims", name="claims", also=(404, 422, 503),
        summary="The answer to an SQL query over its claims, at most 10,000 rows.",
        handler=experiments.claims, query=experiments.ClaimsQuery, answer=Claims,
    ),
    Endpoint(
        method="GET", path=_ONE + "/arms", name="arms", also=(404, 422, 503),
        summary="How each arm has done, with intervals: the first table of an analysis.",
        handler=experiments.arms, answer=Arms,
    ),
    Endpoint(
        method="GET", path=_ONE + "/figures", name="figures", also=(404, 422, 503),
        summary="The figures that can be drawn of it, and why others cannot.",
        handler=experiments.figures, answer=Figures,
    ),
    Endpoint(
        method="GET", path=_ONE + "/figures/{figure}", name="figure", also=(404, 422, 503), media="image/svg+xml",
        summary="A figure, drawn by the server: the one that the report has.", handler=experiments.figure,
    ),
    Endpoint(
        method="GET", path=_SEARCH, name="search", summary="One search.", also=(404,),
        handler=searches.search, answer=SearchReport,
    ),
    Endpoint(
        method="GET", path=_ONE + "/results", name="results", summary="Its run.json.", also=(404,),
        handler=experiments.results, answer=RunMetadata,
    ),
    Endpoint(
        method="GET", path=_ONE + "/corpus", name="corpus", summary="Its corpus, as it was submitted.", also=(404,),
        handler=experiments.corpus, media="application/toml",
    ),
    Endpoint(
        method="GET", path=_SEARCH + "/trace", name="trace", also=(404, 503), media="application/x-ndjson",
        summary="Lines of a search's trace as they are in the file, also while it runs.",
        handler=searches.trace, query=searches.TraceQuery,
    ),
    Endpoint(
        method="GET", path=_SEARCH + "/events", name="iterations", also=(404, 503), media="text/event-stream",
        summary="A search's iterations as they are committed, after the one in Last-Event-ID or from `from` on; "
        "`end` comes last.",
        handler=searches.iterations, query=searches.IterationsQuery,
    ),
    Endpoint(
        method="GET", path=_SEARCH + "/tree", name="tree", also=(404, 422, 503),
        summary="Its tree at the end, or as it was after iteration `at`: rebuilt from the trace and checked with it.",
        handler=searches.tree, query=searches.TreeQuery, answer=dict[str, Any],
    ),
    Endpoint(
        method="GET", path=_SEARCH + "/proof", name="proof", summary="The verified proof, as Lean source.",
        also=(404,), handler=searches.proof, media="text/plain",
    ),
    Endpoint(
        method="GET", path="/api/events", name="events", media="text/event-stream", also=(503,),
        summary="Events as they happen, after the number in Last-Event-ID or `after`.",
        handler=general.events, query=general.EventsQuery,
    ),
)  # fmt: skip
