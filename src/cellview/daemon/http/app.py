"""The ASGI application: the guard before the routes of the table, and errors as problems."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from cellview.daemon.errors import DaemonError
from cellview.daemon.http.call import Call
from cellview.daemon.http.front import Front
from cellview.daemon.http.guard import Guard
from cellview.daemon.http.openapi import describe
from cellview.daemon.http.page import PageFile
from cellview.daemon.http.problems import Refusal, problem_of, refusal_of
from cellview.daemon.http.rates import Rates
from cellview.daemon.http.table import ENDPOINTS, Endpoint
from cellview.daemon.sentences import sentence_of
from cellview.daemon.service import Daemon

__all__ = ["make_app"]


def make_app(daemon: Daemon, *, page: Sequence[PageFile] | None = None) -> ASGIApp:
    """Return the front of a daemon; `page` are the page's files, by default those of the package."""
    front = Front(daemon, page)
    config = daemon.config
    routes = [_route(front, one) for one in ENDPOINTS]
    routes += [Route(file.path, file.__call__, name=file.path) for file in front.page]
    description = msgspec.json.encode(describe(ENDPOINTS))

    async def openapi(request: Request) -> Response:
        return Response(description, media_type="application/json")

    routes.append(Route("/api/openapi.json", openapi, name="openapi"))
    handlers: dict[Any, Any] = {HTTPException: _http_error, Exception: _bug}
    public = {one.path for one in ENDPOINTS if one.public} | {file.path for file in front.page}
    rates = Rates(per_s=config.requests_per_s, burst=3 * config.requests_per_s)
    app = Starlette(routes=routes, exception_handlers=handlers)
    return Guard(app, config, front.sessions, public=public, rates=rates)


def _route(front: Front, endpoint: Endpoint) -> Route:
    route = Route(endpoint.path, _Answering(front, endpoint), methods=[endpoint.method], name=endpoint.name)
    if route.methods is not None:
        route.methods.discard("HEAD")  # Starlette adds it to GET; the head of a stream would be a stream
    return route


class _Answering:
    """An endpoint as an ASGI application: an answer may be a stream, which no function returning bytes could be."""

    def __init__(self, front: Front, endpoint: Endpoint) -> None:
        self._front = front
        self._endpoint = endpoint

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def counting(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._front.metrics.answered(self._endpoint.name, message["status"])
            await send(message)

        await self._answer(scope, receive, counting)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            answer = await self._endpoint.handler(Call(self._front, Request(scope, receive)))
        except Refusal as refusal:
            answer = problem_of(refusal.status, str(refusal))
        except DaemonError as error:
            answer = refusal_of(error)
        except Exception as error:
            sentence = sentence_of(error)  # such as that of a configuration whose values do not go together
            if sentence is None:
                raise
            answer = problem_of(422, sentence)
        await answer(scope, receive, send)


async def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    sentences = {404: "There is nothing under this path.", 405: "This cannot be done with this path."}
    headers = dict(error.headers) if error.headers else None
    return problem_of(error.status_code, sentences.get(error.status_code, error.detail), headers)


async def _bug(request: Request, error: Exception) -> Response:
    return problem_of(500, "The daemon has made a mistake; its log says more.")
