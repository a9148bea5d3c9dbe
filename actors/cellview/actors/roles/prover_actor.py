"""The prover actor: the only one that talks to the prover, one request at a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from cellview.actors.actor import Actor
from cellview.actors.ref import Ref
from cellview.actors.roles.messages import AgentMessage, AskAgain, ProverMessage, TreeOwnerMessage, Tried, Try, Verified
from cellview.actors.roles.visit import Attempted
from cellview.prover import Failure, Preview, Prover, Verification

__all__ = ["ProverActor", "try_tactics", "verify_proof"]


class ProverActor(Actor[ProverMessage]):
    """Serialises a prover, so that nothing ever executes concurrently in it.

    Args:
        prover: What proves. It outlives this actor.
        now_ms: The search's clock, in milliseconds since its begin, for the records' timestamps.
        retries: Tries of one call that raises, before the visit is recorded as an adapter error.
        agents: Filled by the runner; after a restart they are asked to repeat what was lost.
        owner: The tree owner, which is asked likewise.
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
                message.tactics,
                iteration=message.iteration,
                via=message.via,
                stop_at_success=message.stop_at_success,
                now_ms=self._now_ms,
                retries=self._retries,
            )
            if error is not None:
                self.context.log.warning("prover failed", iteration=message.iteration, error=error)
            await message.agent.tell(Tried(message.iteration, attempts, message.tactics, error))
        else:
            verification = await verify_proof(self._prover, message.statement, message.script, retries=self._retries)
            await message.owner.tell(Verified(message.iteration, message.script, verification))


async def verify_proof(prover: Prover, statement: str, script: str, *, retries: int) -> Verification:
    """Have a whole proof checked; a check that breaks down again and again has proved nothing."""
    verification = Verification(ok=False, broken=True)
    for _ in range(retries):
        try:
            verification = await prover.verify(statement, script)
        except Exception as error:  # contained: a proof that could not be checked is not proved
            verification = Verification(ok=False, message=f"{type(error).__name__}: {error}", broken=True)
        if not verification.broken:
            break
    return verification


async def try_tactics(
    prover: Prover,
    goal_id: str,
    tactics: Sequence[tuple[int, str]],
    *,
    iteration: int,
    via: Preview | None,
    stop_at_success: bool,
    now_ms: Callable[[], int],
    retries: int,
) -> tuple[list[Attempted], str | None]:
    """Try a visit's tactics in order; stop where one closes the goal, or where the prover itself breaks down.

    Returns the attempts, and the text of the breakdown if there was one. Checkpoints come from the ticket, not from
    the order of arrival: ``iteration * 1000 + number + 1``.
    """
    attempts: list[Attempted] = []
    base = iteration * 1000 + 1
    try:
        if via is not None:
            await prover.commit(via)
    except Exception as error:  # contained, as below; nothing was tried, so that all of it stays untried
        return attempts, f"{type(error).__name__}: {error}"
    for number, tactic in tactics:
        try:
            result = await prover.preview(goal_id, tactic, checkpoint=base + number)
        except Exception as error:  # contained: whatever a prover raises becomes a record, not the run's end
            result = await _preview_again(prover, goal_id, tactic, base + number, retries, error)
        attempts.append(Attempted(tactic, result, now_ms()))
        if isinstance(result, Preview):
            # A closed goal needs no second proof; what is left over stays untried, should the first be rejected.
            if stop_at_success or not result.children:
                break
        elif result.reason == "adapter":
            return attempts, result.message
        elif result.reason == "no_goal":
            break
    return attempts, None


async def _preview_again(
    prover: Prover, goal_id: str, tactic: str, checkpoint: int, retries: int, error: Exception
) -> Preview | Failure:
    for _ in range(retries - 1):
        try:
            return await prover.preview(goal_id, tactic, checkpoint=checkpoint)
        except Exception as again:
            error = again
    return Failure("adapter", f"{type(error).__name__}: {error}")
