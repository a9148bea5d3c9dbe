"""What executors run, by name: agents of a query, and functions that take and return bytes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeAlias

import msgspec

from cellview.cluster.executors.registry import Registry
from cellview.cluster.messages import Artifact, Claim

__all__ = [
    "AGENTS",
    "FUNCTIONS",
    "Agent",
    "AgentCall",
    "AgentReply",
    "AgentSpec",
    "Answer",
    "Function",
    "register_agent",
    "register_function",
]


class AgentSpec(msgspec.Struct, frozen=True, kw_only=True):
    """One agent of a query: which registered agent runs, with which parameters.

    `label` tells the agents of one query apart and orders nothing; it defaults to the agent's name.
    `parameters` are plain data (what JSON can hold).
    """

    agent: str
    label: str = ""
    parameters: dict[str, Any] = {}

    @property
    def key(self) -> str:
        """The label in force."""
        return self.label or self.agent


class AgentCall(msgspec.Struct, frozen=True, kw_only=True):
    """What an agent is asked: by which query, in which loop, as whom, with what.

    `previous` has what every agent answered in the loop before. There is no attempt number here and no worker's name:
    an answer that depended on them would depend on which machine failed.
    """

    query: str
    loop: int
    label: str
    parameters: dict[str, Any] = {}
    previous: dict[str, Any] = {}
    artifacts_dir: str | None = None
    sessions: Mapping[str, Any] = {}


class AgentReply(msgspec.Struct, frozen=True, kw_only=True):
    """What an agent answers: plain data, the claims that follow from it, and files it wrote."""

    result: Any = None
    claims: tuple[Claim, ...] = ()
    artifacts: tuple[Artifact, ...] = ()


class Answer(msgspec.Struct, frozen=True):
    """What a function answers: bytes for whoever submitted it, and claims, which the worker publishes."""

    payload: bytes
    claims: tuple[Claim, ...] = ()


Agent: TypeAlias = Callable[[AgentCall], AgentReply | Awaitable[AgentReply]]
"""A function, plain or async, at the top level of a module."""

Function: TypeAlias = Callable[[bytes], Answer | Awaitable[Answer]]
"""A function, plain or async, at the top level of a module; for `Executor.submit`."""

AGENTS = Registry("agent", "cellview.agents")
FUNCTIONS = Registry("function", "cellview.functions")


def register_agent(name: str, agent: Agent | str) -> None:
    """Register `agent` under `name` in this process, before an executor starts its workers; they are told.

    Args:
        name: By which queries ask for it.
        agent: A top-level function of an importable module, or its reference ``module:function``.

    Raises:
        AgentRegistryError: Another process could not import it, or the name is taken by another agent.
    """
    AGENTS.register(name, agent)


def register_function(name: str, function: Function | str) -> None:
    """Register `function` under `name` for `Executor.submit`, as `register_agent` does agents.

    A worker runs many tasks, one after the other, in one process, and async functions on one event loop that lives as
    long as the worker. So a function may keep what is costly to open (a prover, a model) in a global of its module.
    What it keeps must not change its answers: which worker runs what is chance.

    Raises:
        AgentRegistryError: Another process could not import it, or the name is taken by another function.
    """
    FUNCTIONS.register(name, function)
