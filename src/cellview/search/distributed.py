"""The distributed runner: the five roles over one tree, in an actor system of their own."""

from __future__ import annotations

import contextlib
from collections.abc import Callable

from cellview.actors import ActorSystem, AskError, Ref, Restart
from cellview.actors.roles import (
    Agent,
    AgentConfig,
    End,
    Flush,
    ProgressCallback,
    ProverActor,
    SchedulerActor,
    SearchState,
    TraceContext,
    TraceWriterActor,
    TreeOwner,
    write_again,
)
from cellview.actors.roles.messages import AgentMessage
from cellview.prover import Goal, Prover, TacticProvider
from cellview.search.config import SearchConfig
from cellview.search.replay import Replay
from cellview.trace import TraceError, TraceWriter
from cellview.tree import Tree

__all__ = ["DistributedSearch"]

_SUPERVISION = Restart(max_restarts=100, within_s=60.0, exhausted="escalate")
"""A crash costs a restart and nothing else; a role that cannot stay up ends the search with its cause."""

_FLUSH_DEADLINE_S = 60.0

_ASKED_AHEAD = 16
"""Tickets that an agent asks for in one message."""


class DistributedSearch:
    """One search by several agents.

    Attributes:
        state: Everything that outlives the actors; the tree and the tickets are in ``state.core``.
    """

    def __init__(
        self,
        root: Goal,
        statement: str,
        *,
        prover: Prover,
        provider: TacticProvider,
        config: SearchConfig,
        trace: TraceWriter | None,
        progress: ProgressCallback | None,
        now_ms: Callable[[], int],
        resumed: Replay | None = None,
        remind_after_s: float | None = None,
    ) -> None:
        assert config.agents is not None and config.inflight is not None, "SearchConfig has checked this"
        self._agents = config.agents
        self._prover = prover
        self._provider = provider
        self._trace = trace
        self._config = config
        self._now_ms = now_ms
        self._remind_after_s = remind_after_s
        # A search that goes on from its trace starts with what the replay has built; a new one replays nothing.
        start = resumed if resumed is not None else Replay(config, root)
        self.schedule = start.schedule
        self.state = SearchState(
            start.core,
            statement,
            TraceContext(config.budget, provider.provider_id),
            intervention=config.intervention,
            keys_needed=not self.schedule.idle,
            progress=progress,
        )
        self.state.attempts = start.attempts
        self.state.adapter_errors = start.adapter_errors

    @property
    def tree(self) -> Tree:
        """The proof tree."""
        return self.state.core.tree

    @property
    def iterations(self) -> int:
        """Iterations committed."""
        return self.state.core.committed

    @property
    def attempts(self) -> int:
        """Tactics tried in committed iterations."""
        return self.state.attempts

    @property
    def adapter_errors(self) -> int:
        """Committed iterations in which the prover's infrastructure failed."""
        return self.state.adapter_errors

    @property
    def discarded(self) -> int:
        """Tickets issued but not committed."""
        return self.state.core.discarded

    async def run(self) -> End:
        """Search until the theorem is solved, the budget is spent, nothing is left, or the caller aborts."""
        try:
            async with ActorSystem(name="search") as system:
                await self._spawn(system)
                await self.state.ended.wait()
                if self.state.writer is not None:
                    with contextlib.suppress(AskError):  # too slow, or crashed over it: the rest is written below
                        await self.state.writer.ask(Flush(), deadline_s=_FLUSH_DEADLINE_S)
        finally:
            self._write_rest()
        if self.state.failure is not None:
            raise self.state.failure
        assert self.state.end is not None
        return self.state.end

    def _write_rest(self) -> None:
        """Write what was committed but is still on its way to the writer: a search that is cut short keeps it."""
        if self._trace is not None and not isinstance(self.state.failure, TraceError):
            write_again(self._trace, self.state.unwritten)

    async def _spawn(self, system: ActorSystem) -> None:
        state, config = self.state, self._config
        # Room for every message that the window allows at once, so that back-pressure never holds the owner up.
        room = 8 * state.core.config.window + 4 * self._agents + 64
        agents: list[Ref[AgentMessage]] = []
        state.roster = agents
        owner = await system.spawn(
            lambda: TreeOwner(state, remind_after_s=self._remind_after_s),
            name="tree-owner",
            mailbox=room,
            supervision=_SUPERVISION,
        )
        if self._trace is not None:
            trace = self._trace
            state.writer = await system.spawn(
                lambda: TraceWriterActor(trace, owner), name="trace-writer", mailbox=256, supervision=_SUPERVISION
            )
        scheduler = await system.spawn(
            lambda: SchedulerActor(self.schedule, agents), name="scheduler", mailbox=room, supervision=_SUPERVISION
        )
        prover = state.prover = await system.spawn(
            lambda: ProverActor(self._prover, self._now_ms, retries=config.adapter_retries, agents=agents, owner=owner),
            name="prover",
            mailbox=room,
            supervision=_SUPERVISION,
        )
        agent_config = AgentConfig(
            reroute=config.reroute,
            intervention=config.intervention,
            stop_at_success=config.tree.expansion == "first-success",
            max_tactics=config.max_tactics,
            ask_scheduler=not self.schedule.idle,
            agents=self._agents,
            ahead=max(_ASKED_AHEAD, -(-state.core.config.window // self._agents)),
        )
        for agent_id in range(self._agents):
            agents.append(
                await system.spawn(
                    lambda agent_id=agent_id: Agent(  # type: ignore[misc]
                        agent_id, agent_config, self._provider, owner=owner, scheduler=scheduler, prover=prover
                    ),
                    name=f"agent-{agent_id}",
                    mailbox=room,
                    supervision=_SUPERVISION,
                )
            )
