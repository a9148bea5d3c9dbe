"""The client: everything that the API can do, typed, with event streams that come back by themselves."""

from __future__ import annotations

import uuid
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self, TypeVar

import anyio
import httpx2
import msgspec

from cellview.daemon.errors import RefusedError, ServerError
from cellview.daemon.http.problems import Problem
from cellview.daemon.records import (
    Arms,
    Change,
    Claims,
    Event,
    ExperimentPage,
    ExperimentStatus,
    Figures,
    Health,
    Searches,
    SearchReport,
    Session,
    Submission,
    Token,
    experiments_table,
)
from cellview.daemon.sse import Message, messages_of
from cellview.daemon.states import ExperimentState, PointState
from cellview.daemon.unpack import unpack
from cellview.measures import ArmRow
from cellview.trace import AbortRecord, IterationRecord, Record, RunMetadata, RunNotes
from cellview.tree import Tree

__all__ = ["Client"]

T = TypeVar("T")

_TIMEOUT: Final = httpx2.Timeout(130.0, connect=5.0)
_STREAM: Final = httpx2.Timeout(5.0, read=45.0)
"""A stream has a heartbeat every 15 s; three missed ones mean that nobody is there."""

_PATIENCE: Final = 30
_BETWEEN_S: Final = 1.0
"""How often, and after how long, is asked again when there were too many requests: ``Retry-After`` is a second."""

_SHORTEST_WAIT_S: Final = 0.1
_LONGEST_WAIT_S: Final = 10.0


class Client:
    """Talks to one daemon: ``async with Client(url) as client: ...``.

    Args:
        url: Where it is, such as ``http://127.0.0.1:8765``.
        token: Its token, if it wants one.
        transport: Instead of the network; for tests.
    """

    def __init__(
        self, url: str, *, token: str | None = None, transport: httpx2.AsyncBaseTransport | None = None
    ) -> None:
        headers = {"content-type": "application/json"}
        if token is not None:
            headers["authorization"] = f"Bearer {token}"
        # No proxy out of the environment: the daemon is on this machine, or wherever the user says.
        self._http = httpx2.AsyncClient(
            base_url=url, headers=headers, timeout=_TIMEOUT, transport=transport, trust_env=False
        )
        self._url = url
        self._seen: dict[int, ExperimentStatus] = {}

    def _repr_html_(self) -> str:
        """Show in a notebook where the daemon is, and what was last heard of its experiments; nothing is asked."""
        seen = sorted(self._seen.values(), key=lambda one: -one.id)
        return experiments_table(seen, caption=f"What the daemon at {self._url} has last said")

    async def __aenter__(self) -> Self:
        """Return the client."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Close its connections."""
        await self._http.aclose()

    async def submit(self, submission: Submission, *, key: str | None = None) -> ExperimentStatus:
        """Queue an experiment.

        Args:
            submission: What to run.
            key: Submitting again with the same key gives the same experiment. Without one, a key is made here, so that
                a request that is repeated after a lost answer is not run twice.

        Raises:
            RefusedError: The daemon does not take it; the text says why. So do all methods here.
            ServerError: No daemon answers. So do all methods here.
        """
        headers = {"idempotency-key": key or uuid.uuid4().hex}
        answer = await self._ask("POST", "/api/experiments", body=submission, headers=headers)
        return self._status(answer)

    async def experiments(
        self,
        *,
        state: ExperimentState | None = None,
        name: str | None = None,
        pinned: bool | None = None,
        before: int | None = None,
        limit: int = 100,
    ) -> ExperimentPage:
        """Return a page of the list, newest first; `next` of a page is `before` of the following one."""
        query = {"state": state, "name": name, "pinned": pinned, "before": before, "limit": limit}
        page = _decoded(await self._ask("GET", "/api/experiments", query=query), ExperimentPage)
        self._seen |= {one.id: one for one in page.experiments}
        return page

    async def experiment(self, experiment: int) -> ExperimentStatus:
        """Return one experiment."""
        return self._status(await self._ask("GET", f"/api/experiments/{experiment}"))

    async def change(
        self,
        experiment: int,
        *,
        priority: int | None = None,
        pinned: bool | None = None,
        tags: Sequence[str] | None = None,
        note: str | None = None,
    ) -> ExperimentStatus:
        """Change how soon its searches are begun, whether it is kept, what it is tagged with; or add a note to it.

        Args:
            experiment: The experiment's number.
            priority: From -100 to 100: higher goes first.
            pinned: Whether nobody may remove it.
            tags: All its tags, instead of those that it has.
            note: One more note.
        """
        wanted = Change(priority, pinned, None if tags is None else tuple(tags), note)
        return self._status(await self._ask("PATCH", f"/api/experiments/{experiment}", body=wanted))

    async def notes(self, experiment: int) -> RunNotes:
        """Return its tags and notes."""
        return _decoded(await self._ask("GET", f"/api/experiments/{experiment}/notes"), RunNotes)

    async def pause(self, experiment: int) -> ExperimentStatus:
        """Begin no more of its searches."""
        return self._status(await self._ask("POST", f"/api/experiments/{experiment}/pause"))

    async def resume(self, experiment: int) -> ExperimentStatus:
        """Go on with it."""
        return self._status(await self._ask("POST", f"/api/experiments/{experiment}/resume"))

    async def cancel(self, experiment: int) -> ExperimentStatus:
        """End it for good."""
        return self._status(await self._ask("POST", f"/api/experiments/{experiment}/cancel"))

    async def delete(self, experiment: int) -> None:
        """Remove it and its run folder; it must have ended."""
        await self._ask("DELETE", f"/api/experiments/{experiment}")
        self._seen.pop(experiment, None)

    async def searches(
        self,
        experiment: int,
        *,
        first: int = 0,
        limit: int = 1000,
        state: PointState | None = None,
        theorem: str | None = None,
        arm: str | None = None,
        seed: int | None = None,
    ) -> Searches:
        """Return a page of its searches, in the plan's order; `next` of a page is `first` of the following one."""
        query = {"first": first, "limit": limit, "state": state, "theorem": theorem, "arm": arm, "seed": seed}
        return _decoded(await self._ask("GET", f"/api/experiments/{experiment}/searches", query=query), Searches)

    async def search(self, experiment: int, search: int) -> SearchReport:
        """Return one search."""
        return _decoded(await self._ask("GET", f"/api/experiments/{experiment}/searches/{search}"), SearchReport)

    async def results(self, experiment: int) -> RunMetadata:
        """Return its ``run.json``."""
        return _decoded(await self._ask("GET", f"/api/experiments/{experiment}/results"), RunMetadata)

    async def trace(
        self, experiment: int, search: int, *, first: int = 0, last: int | None = None, limit: int | None = None
    ) -> bytes:
        """Return lines of a search's trace, as they are in the file, from iteration `first` to `last` inclusive."""
        path = f"/api/experiments/{experiment}/searches/{search}/trace"
        return (await self._ask("GET", path, query={"from": first, "to": last, "limit": limit})).content

    async def corpus(self, experiment: int) -> bytes:
        """Return its corpus, the TOML text as it was submitted."""
        return (await self._ask("GET", f"/api/experiments/{experiment}/corpus")).content

    async def archive(self, experiment: int) -> AsyncGenerator[bytes]:
        """Yield its run folder as a tar archive, in pieces; :meth:`fetch` unpacks it."""
        async with self._pieces(f"/api/experiments/{experiment}/archive") as pieces:
            async for piece in pieces:
                yield piece

    async def fetch(self, experiment: int, folder: Path) -> None:
        """Copy its run folder, as far as it is, into the new folder `folder`; it appears whole or not at all.

        Raises:
            FileExistsError: There is something of that name.
            OSError: The file system refuses.
        """
        await unpack(self.archive(experiment), folder)

    async def claims(self, experiment: int, sql: str) -> Claims:
        """Return the answer to an SQL query over the table ``claims`` of its searches."""
        return _decoded(await self._ask("GET", f"/api/experiments/{experiment}/claims", query={"sql": sql}), Claims)

    async def arms(self, experiment: int) -> tuple[ArmRow, ...]:
        """Return how each arm has done, with intervals."""
        return _decoded(await self._ask("GET", f"/api/experiments/{experiment}/arms"), Arms).arms

    async def figures(self, experiment: int) -> Figures:
        """Return which figures can be drawn of it, and why others cannot."""
        return _decoded(await self._ask("GET", f"/api/experiments/{experiment}/figures"), Figures)

    async def figure(self, experiment: int, name: str) -> bytes:
        """Return a figure as SVG."""
        return (await self._ask("GET", f"/api/experiments/{experiment}/figures/{name}")).content

    async def tree(self, experiment: int, search: int, *, at: int | None = None) -> Tree:
        """Return the tree of a search as it was after iteration `at`; without one at its end, or as it is by now."""
        answer = await self._ask("GET", f"/api/experiments/{experiment}/searches/{search}/tree", query={"at": at})
        return Tree.from_json(_decoded(answer, dict[str, Any]))

    async def proof(self, experiment: int, search: int) -> str:
        """Return a verified proof, as Lean source."""
        return (await self._ask("GET", f"/api/experiments/{experiment}/searches/{search}/proof")).text

    async def live(self) -> dict[str, str]:
        """Ask whether the process answers."""
        return _decoded(await self._ask("GET", "/health/live"), dict[str, str])

    async def health(self) -> Health:
        """Ask how the daemon is."""
        return _decoded(await self._ask("GET", "/health/ready", good=(200, 503)), Health)

    async def metrics(self) -> str:
        """Return the daemon's figures, in the text format of Prometheus."""
        return (await self._ask("GET", "/metrics")).text

    async def session(self) -> Session:
        """Ask whether the daemon wants a token, and whether ours is it."""
        return _decoded(await self._ask("GET", "/session"), Session)

    async def open_session(self, token: str) -> None:
        """Exchange a token for a cookie, as a browser does; this client keeps it as long as it is open."""
        await self._ask("POST", "/session", body=Token(token))

    async def close_session(self) -> None:
        """Give the cookie back."""
        await self._ask("DELETE", "/session")

    async def events(
        self, *, after: int = 0, experiment: int | None = None, limit: int | None = None, reconnect: bool = True
    ) -> AsyncGenerator[Event]:
        """Yield events after a number as they happen, each once and in order, also across a restart of the daemon.

        Args:
            after: The number of the last event that is known.
            experiment: Of this one alone.
            limit: End after so many.
            reconnect: Whether to come back when the stream breaks off; otherwise it ends there.
        """
        query = {"experiment": experiment}
        stream = self._come_back("/api/events", query, last=after, limit=limit, reconnect=reconnect)
        async with aclosing(stream) as messages:
            async for message in messages:
                yield _message(message.data, Event)

    async def iterations(
        self, experiment: int, search: int, *, first: int = 0, limit: int | None = None, reconnect: bool = True
    ) -> AsyncGenerator[Record]:
        """Yield the records of a search as they are committed, each once and in order, until the search has ended.

        Args:
            experiment: The experiment's number.
            search: The search's number in it.
            first: The iteration to begin with.
            limit: End after so many.
            reconnect: Whether to come back when the stream breaks off, also across a restart of the daemon.
        """
        path = f"/api/experiments/{experiment}/searches/{search}/events"
        async with aclosing(self._come_back(path, {}, last=first - 1, limit=limit, reconnect=reconnect)) as messages:
            async for message in messages:
                if message.event == "end":
                    return
                if message.event == "abort":
                    yield _message(message.data, AbortRecord)
                else:
                    yield _message(message.data, IterationRecord)

    @asynccontextmanager
    async def _pieces(self, path: str) -> AsyncGenerator[AsyncIterator[bytes]]:
        try:
            async with self._http.stream("GET", path, timeout=_STREAM) as answer:
                if answer.status_code != 200:
                    await answer.aread()
                    raise _refusal(answer)
                yield answer.aiter_bytes()
        except httpx2.HTTPError as error:
            raise self._unreachable(error) from error

    async def _come_back(
        self, path: str, query: Mapping[str, Any], *, last: int, limit: int | None, reconnect: bool
    ) -> AsyncGenerator[Message]:
        """Yield a stream's messages behind number `last`, and ask for the rest whenever it breaks off."""
        wait_s, left = _SHORTEST_WAIT_S, limit
        while left is None or left > 0:
            try:
                async with aclosing(self._stream(path, {**query, "limit": left}, last)) as messages:
                    async for message in messages:
                        if message.id is not None:
                            last = message.id
                        wait_s = _SHORTEST_WAIT_S
                        left = None if left is None else left - 1
                        yield message
            except (ServerError, RefusedError) as error:
                # Full, or too many requests: both pass. Anything else is refused for good.
                if not reconnect or (isinstance(error, RefusedError) and error.status not in (429, 503)):
                    raise
            if not reconnect:
                return
            if left is None or left > 0:
                await anyio.sleep(wait_s)
                wait_s = min(2 * wait_s, _LONGEST_WAIT_S)

    async def _stream(self, path: str, query: Mapping[str, Any], last: int) -> AsyncGenerator[Message]:
        params = _params(query)
        headers = {"last-event-id": str(last)} if last >= 0 else {}
        try:
            async with self._http.stream("GET", path, params=params, headers=headers, timeout=_STREAM) as answer:
                if answer.status_code != 200:
                    await answer.aread()
                    raise _refusal(answer)
                async with aclosing(messages_of(answer.aiter_bytes())) as messages:
                    async for message in messages:
                        yield message
        except httpx2.HTTPError as error:
            raise self._unreachable(error) from error

    async def _ask(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        good: tuple[int, ...] = (200, 201, 204),
    ) -> httpx2.Response:
        params = _params(query or {})
        content = None if body is None else msgspec.json.encode(body)
        tries = 0
        while True:
            try:
                answer = await self._http.request(method, path, params=params, content=content, headers=headers)
            except httpx2.HTTPError as error:
                raise self._unreachable(error) from error
            tries += 1
            if answer.status_code != 429 or tries >= _PATIENCE:
                break
            await anyio.sleep(_BETWEEN_S)  # refused before anything of it was looked at, so it can be asked again
        if answer.status_code not in good:
            raise _refusal(answer)
        return answer

    def _status(self, answer: httpx2.Response) -> ExperimentStatus:
        status = _decoded(answer, ExperimentStatus)
        self._seen[status.id] = status
        return status

    def _unreachable(self, error: Exception) -> ServerError:
        return ServerError(
            f"No daemon answers at {self._url} ({error or type(error).__name__}); is it running? cellview serve starts "
            "one."
        )


def _params(query: Mapping[str, Any]) -> dict[str, str]:
    """Return a query without what was not given; truth values as JSON has them."""
    return {
        name: str(value).lower() if isinstance(value, bool) else str(value)
        for name, value in query.items()
        if value is not None
    }


def _refusal(answer: httpx2.Response) -> Exception:
    try:
        problem = msgspec.json.decode(answer.content, type=Problem)
    except msgspec.DecodeError:
        return ServerError(f"{answer.url} answered {answer.status_code}, and not as a Cellview daemon does.")
    return RefusedError(problem.detail, problem.status)


def _decoded(answer: httpx2.Response, form: type[T]) -> T:
    try:
        return msgspec.json.decode(answer.content, type=form)
    except msgspec.DecodeError as error:
        raise ServerError(f"{answer.url} did not answer as agreed: {error}. Is it of another version?") from error


def _message(data: bytes, form: type[T]) -> T:
    try:
        return msgspec.json.decode(data, type=form)
    except msgspec.DecodeError as error:
        raise ServerError(f"The stream is not as agreed: {error}. Is the daemon of another version?") from error
