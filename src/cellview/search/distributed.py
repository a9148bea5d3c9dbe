"""The distributed runner: the five roles over one tree, in an actor system of their own."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence

from cellview.actors import ActorSystem, AskError, Ref, Restart
from cellview.actors.roles import (
    AgentActor,
    AgentConfig,
    AgentMessage,
    Flush,
    ProverActor,
    SchedulerActor,
    SearchState,
    TraceWriterActor,
    TreeOwnerActor,
    write_again,
)
from cellview.core import ClosedGoals, End, ProgressCallback, SearchRun
from cellview.prover import PathProvider, Prover, Releasing, TacticProvider
from cellview.trace import TraceError, TraceWriter

__all__ = ["DistributedSearch"]

_SUPERVISION = Restart(max_restarts=100, within_s=60.0, exhausted="escalate")
"""A crash costs a restart and nothing else; a role that cannot stay up ends the search with its cause."""

_FLUSH_DEADLINE_S = 60.0

_ASKED_AHEAD = 16
"""Tickets that an agent asks for in one message."""


class DistributedSearch:
    """One search by several agents. The arguments are those of the centralized one, but for a provider for each agent.

    Attributes:
        state: Everything that outlives the actors; the tree and the tickets are in ``state.core``.
    """

    def __init__(
        self,
        run: SearchRun,
        statement: str,
        *,
        prover: Prover,
        providers: Sequence[TacticProvider],
        trace: TraceWriter | None,
        progress: ProgressCallback | None,
        now_ms: Callable[[], int],
    ) -> None:
        self._run = run
        self._prover = prover
        self._providers = providers
        self._trace = trace
        self._now_ms = now_ms
        self.state = SearchState(
            run,
            statement,
            provider_ids=[provider.provider_id for provider in providers],
            uses_path=any(isinstance(provider, PathProvider) and provider.uses_path for provider in providers),
            progress=progress,
        )
        if isinstance(prover, Releasing):
            self.state.closed = ClosedGoals()

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
        state, config, schedule = self.state, self._run.config, self._run.schedule
        number = state.core.config.agents
        # Room for every message that the window allows at once, so that back-pressure never holds the owner up.
        room = 8 * state.core.config.window + 4 * number + 64
        agents: list[Ref[AgentMessage]] = []
        state.roster = agents
        owner = await system.spawn(
            lambda: TreeOwnerActor(state),
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
            lambda: SchedulerActor(schedule, agents), name="scheduler", mailbox=room, supervision=_SUPERVISION
        )
        prover = state.prover = await system.spawn(
            lambda: ProverActor(self._prover, self._now_ms, retries=config.adapter_retries, agents=agents, owner=owner),
            name="prover",
            mailbox=room,
            supervision=_SUPERVISION,
        )
        agent_config = AgentConfig(
            seed=config.seed,
            order=self._run.order,
            reroute=config.reroute,
            intervention=config.intervention,
            stop_at_success=config.tree.expansion == "first-success",
            max_tactics=config.max_tactics,
            ask_scheduler=not schedule.idle,
            agents=number,
            ahead=max(_ASKED_AHEAD, -(-state.core.config.window // number)),
        )
        for agent_id in range(number):
            agents.append(
                await system.spawn(
                    lambda agent_id=agent_id: AgentActor(  # type: ignore[misc]
                        agent_id,
                        agent_config,
                        self._providers[agent_id],
                        families=self._run.families_of(agent_id),
                        owner=owner,
                        scheduler=scheduler,
                        prover=prover,
                    ),
                    name=f"agent-{agent_id}",
                    mailbox=room,
                    supervision=_SUPERVISION,
                )
            )
