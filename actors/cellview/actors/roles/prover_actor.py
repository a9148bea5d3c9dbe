"""The prover actor: the only one that talks to the prover, one request at a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from cellview.actors.actor import Actor
from cellview.actors.ref import Ref
from cellview.actors.roles.messages import (
    AgentMessage,
    AskAgain,
    Expand,
    ProverMessage,
    Release,
    TreeOwnerMessage,
    Try,
    Verified,
)
from cellview.core import try_tactics, verify_proof
from cellview.prover import Prover, Releasing

__all__ = ["ProverActor"]


class ProverActor(Actor[ProverMessage]):
    """Serialises a prover, so that nothing ever executes concurrently in it.

    Args:
        prover: What proves. It outlives this actor.
        now_ms: The search's clock, in milliseconds since its begin, for the records' timestamps.
        retries: Further tries of a call that raises, before the visit is recorded as an adapter error.
        agents: Filled by the runner; after a restart they are asked to repeat what was lost.
        owner: The tree owner, which gets what visits bring, and is asked likewise.
    """

    def __init__(
        self,
        prover: Prover,
        now_ms: Callable[[], int],
        *,
        retries: int,
        agents: Sequence[Ref[AgentMessage]],
        owner: Ref[TreeOwnerMessage],
    ) -> None:
        self._prover = prover
        self._now_ms = now_ms
        self._retries = retries
        self._agents = agents
        self._owner = owner

    async def started(self) -> None:
        """After a restart, have everybody ask again."""
        if self.context.incarnation:
            await self._owner.tell(AskAgain("prover"))
            for agent in self._agents:
                await agent.tell(AskAgain("prover"))

    async def receive(self, message: ProverMessage) -> None:
        """Serve one request."""
        if isinstance(message, Try):
            attempts, error = await try_tactics(
                self._prover,
                message.goal_id,
                message.visit.asked,
                iteration=message.iteration,
                via=message.via,
                stop_at_success=message.stop_at_success,
                now_ms=self._now_ms,
                retries=self._retries,
            )
            if error is not None:
                self.context.log.warning("prover failed", iteration=message.iteration, error=error)
            result = message.visit.result(attempts, error=error, stop_at_success=message.stop_at_success)
            await self._owner.tell(Expand(message.iteration, result))
        elif isinstance(message, Release):
            assert isinstance(self._prover, Releasing), "nobody else is told"
            await self._prover.release(message.goal_ids)
        else:
            verification = await verify_proof(self._prover, message.statement, message.script, retries=self._retries)
            await message.owner.tell(Verified(message.iteration, message.script, verification))
