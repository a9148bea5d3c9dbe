"""What a worker does with one agent, wherever the worker is: run it, publish its claims and its answer."""

from __future__ import annotations

import time
import traceback
from collections.abc import Mapping
from typing import Any

import msgspec

from cellview.cluster.agents import AgentCall, AgentReply, call_agent, load_agent
from cellview.cluster.broker import MessageBroker, publish_claim
from cellview.cluster.errors import MessageError
from cellview.cluster.messages import AgentResult, decode, encode

__all__ = ["AgentTask", "execute_agent"]


class AgentTask(msgspec.Struct, frozen=True, kw_only=True):
    """One agent of one loop, as it travels to a worker. `token` tells this query from every other one."""

    token: str
    reference: str
    call: AgentCall


def execute_agent(
    task: AgentTask,
    *,
    sessions: Mapping[str, Any],
    claims: MessageBroker | None,
    results: MessageBroker | None,
) -> AgentResult | None:
    """Run the agent; return its result, or None when it went to the results queue.

    What the agent raises becomes part of its result. Claims go out first: a result that arrived implies that its
    claims did. A worker that is lost in between makes the agent run again, which publishes equal claims.
    """
    call = msgspec.structs.replace(task.call, sessions=sessions)
    result = _plain(_run(task, call))
    if claims is not None:
        for claim in result.claims:
            publish_claim(claims, claim)
    if results is None:
        return result
    results.publish(result)
    return None


def _run(task: AgentTask, call: AgentCall) -> AgentResult:
    begin_s = time.monotonic()
    reply = AgentReply()
    error: str | None = None
    try:
        reply = call_agent(load_agent(task.reference), call)
    except Exception:
        error = traceback.format_exc(limit=-5)
    return AgentResult(
        run=task.token,
        loop=call.loop,
        agent=call.label,
        result=reply.result,
        claims=reply.claims,
        artifacts=reply.artifacts,
        error=error,
        seconds=time.monotonic() - begin_s,
    )


def _plain(result: AgentResult) -> AgentResult:
    """The result as it looks after travelling, so that it is the same with and without a broker."""
    try:
        message = decode(encode(result))
    except MessageError as error:
        message = AgentResult(run=result.run, loop=result.loop, agent=result.agent, error=f"not plain data: {error}")
    assert isinstance(message, AgentResult)
    return message
