"""What a worker does with one task, wherever the worker is: run it, publish its claims, and give its answer back."""

from __future__ import annotations

import asyncio
import inspect
import signal
import time
import traceback
from collections.abc import Awaitable, Callable, Generator, Mapping
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Self, TypeAlias

import msgspec

from cellview.cluster import errors
from cellview.cluster.brokers.broker import MessageBroker, publish_claim
from cellview.cluster.errors import AgentFailedError, ClusterError, MessageError
from cellview.cluster.executors.agents import AGENTS, FUNCTIONS, AgentCall, AgentReply, Answer
from cellview.cluster.messages import AgentResult, Claim, decode, encode

__all__ = ["AgentTask", "FunctionTask", "Setup", "Task", "Worker", "encode_task", "open_reply", "refuse"]


class AgentTask(msgspec.Struct, frozen=True, kw_only=True, tag="agent"):
    """One agent of one loop, as it travels to a worker. `token` tells this query from every other one."""

    token: str
    agent: str
    call: AgentCall

    @property
    def label(self) -> str:
        """What it is called in error texts."""
        return self.call.label


class FunctionTask(msgspec.Struct, frozen=True, kw_only=True, tag="function"):
    """One call of a registered function, as it travels to a worker."""

    function: str
    label: str
    payload: bytes
    timeout_s: float | None = None


Task: TypeAlias = AgentTask | FunctionTask


class Setup(msgspec.Struct, frozen=True, kw_only=True):
    """What a worker is told when it starts. It comes from the process that starts it, and from nobody else."""

    agents: dict[str, str]
    functions: dict[str, str]
    claims: MessageBroker | None
    results: MessageBroker | None


class _Done(msgspec.Struct, frozen=True, tag="done"):
    """The answer; None for an agent whose result went to the results queue."""

    answer: bytes | None


class _Failed(msgspec.Struct, frozen=True, tag="failed"):
    """The function raised."""

    text: str


class _Broken(msgspec.Struct, frozen=True, tag="broken"):
    """Something around the function failed, such as a queue; `error` is the name of one of our own errors."""

    error: str
    text: str


_Reply: TypeAlias = _Done | _Failed | _Broken

_tasks: msgspec.msgpack.Decoder[Task] = msgspec.msgpack.Decoder(Task)
_replies: msgspec.msgpack.Decoder[_Reply] = msgspec.msgpack.Decoder(_Reply)


def encode_task(task: Task) -> bytes:
    """A task as it travels. Bytes stay bytes.

    Raises:
        MessageError: The parameters of an agent are not plain data.
    """
    try:
        return msgspec.msgpack.encode(task)
    except (TypeError, ValueError, RecursionError, msgspec.MsgspecError) as error:
        raise MessageError(f"the parameters of {task.label!r} cannot travel to a worker: {error}") from error


def open_reply(reply: bytes, label: str) -> bytes | None:
    """The answer that stands in a worker's reply.

    Raises:
        AgentFailedError: The function raised; the text holds its traceback.
        ClusterError: A queue failed, or the function is not known to the worker.
    """
    found = _replies.decode(reply)
    if isinstance(found, _Failed):
        raise AgentFailedError(f"{label} failed:\n{found.text}")
    if isinstance(found, _Broken):
        raise getattr(errors, found.error)(f"{label}: {found.text}")
    return found.answer


def refuse(error: ClusterError) -> bytes:
    """The reply of a worker that cannot run any task."""
    return msgspec.msgpack.encode(_Broken(type(error).__name__, str(error)))


class Worker:
    """What a worker keeps between tasks: its queues, the sessions, and one event loop for all async functions."""

    def __init__(self, setup: Setup, sessions: Mapping[str, Any]) -> None:
        """Take over what the starting process had registered."""
        AGENTS.adopt(setup.agents)
        FUNCTIONS.adopt(setup.functions)
        self._setup = setup
        self._sessions = sessions
        self._loop = asyncio.Runner()

    def perform(self, encoded: bytes) -> bytes:
        """Run one task to its end; whatever happens is in the reply."""
        try:
            task = _tasks.decode(encoded)
            reply = self._run_agent(task) if isinstance(task, AgentTask) else self._run_function(task)
        except ClusterError as error:
            return refuse(error)
        return msgspec.msgpack.encode(reply)

    def close(self) -> None:
        """Cancel what still runs on the event loop, so that it can close what it holds. Idempotent."""
        self._loop.close()

    def __enter__(self) -> Self:
        """Use the worker in a ``with`` block."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        """Close at the end of the block."""
        self.close()

    def _run_function(self, task: FunctionTask) -> _Reply:
        function = FUNCTIONS.load(task.function)
        try:
            with _time_limit(task.timeout_s):
                answer = self._to_the_end(function, task.payload)
            if not isinstance(answer, Answer):
                raise TypeError(f"function {task.function!r} must return an Answer, not {type(answer).__name__}")
        except Exception:
            return _Failed(_traceback())
        self._publish(answer.claims)
        return _Done(answer.payload)

    def _run_agent(self, task: AgentTask) -> _Reply:
        """Run the agent. What it raises becomes part of its result.

        Claims go out first: a result that arrived implies that its claims did. A worker that is lost in between makes
        the agent run again, which publishes equal claims.
        """
        agent = AGENTS.load(task.agent)
        call = msgspec.structs.replace(task.call, sessions=self._sessions)
        result = _plain(self._result(task, agent, call))
        self._publish(result.claims)
        if self._setup.results is None:
            return _Done(msgspec.msgpack.encode(result))
        self._setup.results.publish(result)
        return _Done(None)

    def _result(self, task: AgentTask, agent: Callable[..., Any], call: AgentCall) -> AgentResult:
        begin_s = time.monotonic()
        reply = AgentReply()
        error: str | None = None
        try:
            answer = self._to_the_end(agent, call)
            if not isinstance(answer, AgentReply):
                raise TypeError(f"agent {call.label!r} must return an AgentReply, not {type(answer).__name__}")
            reply = answer
        except Exception:
            error = _traceback()
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

    def _to_the_end(self, function: Callable[..., Any], argument: object) -> Any:
        answer: Any = function(argument)
        return self._loop.run(_await(answer)) if inspect.isawaitable(answer) else answer

    def _publish(self, claims: tuple[Claim, ...]) -> None:
        if self._setup.claims is not None:
            for claim in claims:
                publish_claim(self._setup.claims, claim)


async def _await(awaitable: Awaitable[Any]) -> Any:
    return await awaitable


def _traceback() -> str:
    return traceback.format_exc(limit=-5)


@contextmanager
def _time_limit(seconds: float | None) -> Generator[None]:
    """Have the kernel kill this process if the block takes longer: a function that hangs may hold the interpreter."""
    if seconds is None:
        yield
        return
    signal.setitimer(signal.ITIMER_REAL, seconds)  # SIGALRM, which nobody handles, ends the process
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def _plain(result: AgentResult) -> AgentResult:
    """The result as it looks after travelling, so that it is the same with and without a broker."""
    try:
        message = decode(encode(result))
    except MessageError as error:
        message = AgentResult(run=result.run, loop=result.loop, agent=result.agent, error=f"not plain data: {error}")
    assert isinstance(message, AgentResult)
    return message
