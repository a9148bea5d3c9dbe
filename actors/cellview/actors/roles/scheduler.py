"""The schedule actor: the one place that says whether a node is blocked or delayed."""

from __future__ import annotations

from collections.abc import Sequence

from cellview.actors.actor import Actor
from cellview.actors.ref import Ref
from cellview.actors.roles.messages import AgentMessage, AskAgain, Judge, Judged, SchedulerMessage
from cellview.schedule import Schedule

__all__ = ["SchedulerActor"]


class SchedulerActor(Actor[SchedulerMessage]):
    """Judges nodes.

    `schedule` outlives this actor: its answers are idempotent, so a restarted scheduler goes on with it. `agents` is
    filled by the runner; after a restart they are asked to repeat what was lost.
    """

    def __init__(self, schedule: Schedule, agents: Sequence[Ref[AgentMessage]]) -> None:
        self._schedule = schedule
        self._agents = agents

    async def started(self) -> None:
        """After a restart, have the agents ask again."""
        if self.context.incarnation:
            for agent in self._agents:
                await agent.tell(AskAgain("scheduler"))

    async def receive(self, message: Judge) -> None:
        """Answer one question."""
        verdict = self._schedule.judge(message.node_key, message.iteration, root=message.root)
        await message.agent.tell(Judged(message.iteration, message.round, verdict))
