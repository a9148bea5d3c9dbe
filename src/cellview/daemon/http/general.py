"""What is asked of the daemon as a whole: how it is, what happens, and whether one is let in."""

from __future__ import annotations

import time
from functools import partial
from typing import Annotated

import msgspec
from starlette.responses import Response
from starlette.types import ASGIApp

from cellview.daemon.http.call import Call, Natural, answer
from cellview.daemon.http.event_stream import event_pieces
from cellview.daemon.http.problems import Refusal
from cellview.daemon.http.searches import last_event_id
from cellview.daemon.http.streaming import StreamingAnswer
from cellview.daemon.records import Session, Token

__all__ = ["EventsQuery", "close_session", "events", "live", "metrics", "open_session", "ready", "session"]


class EventsQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Events after a number, of one experiment if it is named; the stream ends after `limit` of them."""

    after: Natural = 0
    experiment: Natural | None = None
    limit: Annotated[int, msgspec.Meta(ge=1, le=1_000_000)] | None = None


async def live(call: Call) -> ASGIApp:
    """Say that the process answers."""
    return answer({"status": "live"})


async def ready(call: Call) -> ASGIApp:
    """Say how the daemon is."""
    health = await call.daemon.health()
    return answer(health, status=200 if health.status == "ready" else 503)


async def metrics(call: Call) -> ASGIApp:
    """Send figures for Prometheus."""
    return Response(await call.front.metrics.render(), media_type="text/plain")


async def events(call: Call) -> ASGIApp:
    """Send events as they happen."""
    query = call.query(EventsQuery)
    last = last_event_id(call)
    after = query.after if last is None else last
    lag = call.front.metrics.lag.observe
    pieces = partial(event_pieces, call.daemon, lag, after=after, experiment=query.experiment, limit=query.limit)
    return StreamingAnswer(pieces, media="text/event-stream; charset=utf-8", streams=call.front.streams)


async def session(call: Call) -> ASGIApp:
    """Say whether a token is wanted, and was shown."""
    sessions = call.front.sessions
    authorization, cookies = call.header("authorization") or "", call.header("cookie") or ""
    return answer(Session(wanted=sessions.wanted, given=sessions.let_in(authorization, cookies, now=time.time())))


async def open_session(call: Call) -> ASGIApp:
    """Exchange the token for a cookie, which a browser sends along by itself."""
    sessions = call.front.sessions
    given = (await call.body(Token)).token
    if not sessions.wanted:
        return Response(status_code=204)
    if not sessions.is_token(given):
        raise Refusal(401, "This is not the token of this daemon.")
    secure = (call.header("origin") or "").startswith("https://")
    return Response(status_code=204, headers={"set-cookie": sessions.issue(now=time.time(), secure=secure)})


async def close_session(call: Call) -> ASGIApp:
    """Take the cookie away."""
    return Response(status_code=204, headers={"set-cookie": call.front.sessions.withdraw()})
