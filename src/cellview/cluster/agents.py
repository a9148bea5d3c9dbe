"""Agents by name: what an executor runs, found again by name in whatever process it runs."""

from __future__ import annotations

import importlib
import importlib.metadata
import inspect
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeAlias, cast

import anyio
import msgspec

from cellview.cluster.errors import AgentRegistryError
from cellview.cluster.messages import Artifact, Claim

__all__ = [
    "ENTRY_POINT_GROUP",
    "Agent",
    "AgentCall",
    "AgentReply",
    "AgentSpec",
    "call_agent",
    "load_agent",
    "register_agent",
    "resolve_agent",
]

ENTRY_POINT_GROUP = "cellview.agents"
"""Packages offer agents of their own under this entry-point group: ``name = "module:function"``."""


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


Agent: TypeAlias = Callable[[AgentCall], AgentReply | Awaitable[AgentReply]]
"""A function, plain or async, at the top level of a module."""

_registered: dict[str, str] = {"search_arm": "cellview.cluster.arms:search_arm"}


def register_agent(name: str, agent: Agent | str) -> None:
    """Register `agent` under `name` in this process; executors carry the reference to their workers.

    Args:
        name: By which queries ask for it.
        agent: A top-level function of an importable module, or its reference ``module:function``.

    Raises:
        AgentRegistryError: Another process could not import it, or the name is taken by another agent.
    """
    reference = agent if isinstance(agent, str) else _reference(name, agent)
    if _registered.setdefault(name, reference) != reference:
        raise AgentRegistryError(f"the agent name {name!r} is taken by {_registered[name]}; choose another name")
    try:
        load_agent(reference)
    except AgentRegistryError:
        del _registered[name]
        raise


def resolve_agent(name: str) -> str:
    """The reference ``module:function`` of the agent called `name`: registered, an entry point, or a reference itself.

    Raises:
        AgentRegistryError: There is none, or several packages offer the name.
    """
    if name in _registered:
        return _registered[name]
    if ":" in name:
        load_agent(name)
        return name
    offers = importlib.metadata.entry_points(group=ENTRY_POINT_GROUP)
    values = sorted({offer.value for offer in offers if offer.name == name})
    if len(values) == 1:
        return values[0]
    if values:
        raise AgentRegistryError(f"several packages offer an agent {name!r}: {', '.join(values)}; uninstall one")
    known = sorted({*_registered, *offers.names})
    raise AgentRegistryError(f"there is no agent {name!r}; known are: {', '.join(known) or 'none'}")


def load_agent(reference: str) -> Agent:
    """Import the function that ``module:function`` refers to.

    Raises:
        AgentRegistryError: The module or the function does not exist, or it cannot be called.
    """
    module_name, _, attribute = reference.partition(":")
    try:
        found: Any = importlib.import_module(module_name)
        for part in attribute.split("."):
            found = getattr(found, part)
    except (ImportError, AttributeError, ValueError) as error:
        raise AgentRegistryError(f"cannot load agent {reference!r} (module:function): {error}") from error
    if not callable(found):
        raise AgentRegistryError(f"agent {reference!r} cannot be called; it must be a function")
    return cast("Agent", found)


def call_agent(agent: Agent, call: AgentCall) -> AgentReply:
    """Run an agent to its end, plain or async."""
    answer: Any = agent(call)
    if inspect.isawaitable(answer):
        answer = anyio.run(_await, answer)
    if not isinstance(answer, AgentReply):
        raise TypeError(f"agent {call.label!r} must return an AgentReply, not {type(answer).__name__}")
    return answer


async def _await(awaitable: Awaitable[AgentReply]) -> AgentReply:
    return await awaitable


def _reference(name: str, agent: Callable[..., Any]) -> str:
    module = getattr(agent, "__module__", None)
    qualified = getattr(agent, "__qualname__", "")
    if module in (None, "__main__") or not qualified or "<" in qualified:
        raise AgentRegistryError(
            f"agent {name!r} is {qualified or agent!r} of {module}, which another process cannot import; "
            "move it to the top level of a module"
        )
    return f"{module}:{qualified}"
