"""The agent: a local controller. It takes tickets, and works on several at once without one delaying another.

Nothing here is awaited for long: every step is a message, and what a ticket waits for is its state::

    reserving ──► judging ──► suggesting ──► trying ──► (sent to the tree owner)
        ▲            │
        └── reroute ─┘
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, TypeAlias

import msgspec

from cellview.actors.actor import Actor
from cellview.actors.ref import Ref
from cellview.actors.roles.messages import (
    AgentMessage,
    AskAgain,
    Backpropagate,
    Begin,
    Expand,
    Judge,
    Judged,
    ProverMessage,
    Register,
    Reserve,
    ReserveAhead,
    Reserved,
    SchedulerMessage,
    Settle,
    Suggested,
    TakeTicket,
    TreeOwnerMessage,
    Tried,
    Try,
)
from cellview.actors.roles.visit import Attempted, Outcome, order_candidates, peg_candidates
from cellview.prover import Suggestion, TacticProvider
from cellview.schedule import Peg, ReroutePolicy, TacticIntervention, Verdict

__all__ = ["Agent", "AgentConfig"]

_Stage: TypeAlias = Literal["reserving", "judging", "suggesting", "trying"]


class AgentConfig(msgspec.Struct, frozen=True, kw_only=True):
    """What all agents of a search go by."""

    reroute: ReroutePolicy | None = None
    intervention: TacticIntervention | None = None
    stop_at_success: bool = False
    max_tactics: int = 64
    ask_scheduler: bool = True
    """Whether there is a schedule to ask; with none, every node is clear and every reservation accepted."""
    agents: int = 1
    ahead: int = 16
    """Tickets that an agent asks for in one message; at least its share of the window, so that nobody waits for it."""


class _Visit:
    """One ticket in an agent's hands."""

    __slots__ = ("asked", "candidates", "pegs", "reroutes", "reserved", "round", "stage", "verdict")

    def __init__(self, reserved: Reserved | None = None, *, round: int = -1) -> None:
        self.stage: _Stage = "reserving"
        self.round = round
        """Highest round heard of; a message with no higher one is a repetition."""
        self.reroutes = 0
        self.verdict: Verdict = None
        """Verdict on the node skipped last."""
        self.reserved = reserved
        self.candidates: Sequence[Suggestion] = ()
        self.pegs: dict[int, Peg] = {}
        self.asked: Sequence[tuple[int, str]] = ()
        """Tactics that the prover was asked to try, with their numbers among the candidates."""


class Agent(Actor[AgentMessage]):
    """Agent number `agent_id` of a search."""

    def __init__(
        self,
        agent_id: int,
        config: AgentConfig,
        provider: TacticProvider,
        *,
        owner: Ref[TreeOwnerMessage],
        scheduler: Ref[SchedulerMessage],
        prover: Ref[ProverMessage],
    ) -> None:
        self._agent_id = agent_id
        self._config = config
        self._provider = provider
        self._owner = owner
        self._scheduler = scheduler
        self._prover = prover
        self._visits: dict[int, _Visit] = {}
        self._asked_before = 0
        # A provider that says so answers without waiting, and is then not worth a task of its own.
        self._immediate = bool(getattr(provider, "immediate", False))

    async def started(self) -> None:
        """Report to the tree owner; after a restart it hands this agent's tickets out again."""
        await self._owner.tell(Register(self._agent_id, self.context.self))

    async def receive(self, message: AgentMessage) -> None:
        """Take one step of one ticket."""
        if isinstance(message, Reserved):
            await self._on_reserved(message)
        elif isinstance(message, Tried):
            await self._on_tried(message)
        elif isinstance(message, Judged):
            await self._on_judged(message)
        elif isinstance(message, Suggested):
            await self._on_suggested(message)
        elif isinstance(message, TakeTicket):
            await self._on_ticket(message)
        elif isinstance(message, Begin):
            await self._on_begin(message)
        else:
            await self._ask_again(message)

    # -- reserving and judging ---------------------------------------------------------------------------------------

    async def _on_begin(self, message: Begin) -> None:
        self._asked_before = 0
        await self._ask_ahead(message.next_iteration)

    async def _ask_ahead(self, iteration: int) -> None:
        """Keep the next tickets of this agent asked for: in blocks, so that it seldom takes a message."""
        block = self._config.ahead * self._config.agents
        if iteration + block >= self._asked_before:
            self._asked_before = iteration + 2 * block
            await self._owner.tell(ReserveAhead(self._agent_id, self._asked_before, not self._config.ask_scheduler))

    async def _on_ticket(self, message: TakeTicket) -> None:
        visit = self._visits.get(message.iteration)
        if visit is not None and message.round <= visit.round:
            return  # a repetition
        self._visits[message.iteration] = _Visit(round=message.round)
        await self._owner.tell(Reserve(message.iteration, message.round))

    async def _on_reserved(self, message: Reserved) -> None:
        iteration = message.iteration
        visit = self._visits.get(iteration)
        if message.settled:
            if visit is not None and visit.stage in ("suggesting", "trying"):
                return  # a reminder, and the work is under way
            await self._ask_ahead(iteration)
            if message.work:
                visit = self._visits[iteration] = _Visit(message)
                await self._begin(iteration, visit)
            return
        if visit is not None and message.round <= visit.round:
            return  # a repetition
        if visit is None:
            visit = self._visits[iteration] = _Visit(message)
        visit.reserved = message
        visit.round = message.round
        if message.goal is None:
            await self._settle(iteration, visit, gave_up=visit.verdict)
        else:
            visit.stage = "judging"
            await self._ask_scheduler(message)

    async def _ask_scheduler(self, reserved: Reserved) -> None:
        await self._scheduler.tell(Judge(reserved.iteration, reserved.round, reserved.node_key, self.context.self))

    async def _on_judged(self, message: Judged) -> None:
        visit = self._visits.get(message.iteration)
        if visit is None or visit.stage != "judging" or visit.round != message.round:
            return  # an answer to a question asked before a restart
        if message.verdict is None:
            await self._settle(message.iteration, visit)
            return
        reroute = self._config.reroute
        if reroute is None or visit.reroutes >= reroute.max_attempts:
            await self._settle(message.iteration, visit, gave_up=message.verdict)
            return
        visit.reroutes += 1
        visit.verdict = message.verdict
        visit.stage = "reserving"
        await self._owner.tell(Reserve(message.iteration, visit.round, message.verdict))

    async def _settle(self, iteration: int, visit: _Visit, *, gave_up: Verdict = None) -> None:
        await self._owner.tell(Settle(iteration, visit.round, gave_up))
        await self._ask_ahead(iteration)
        if gave_up is not None or visit.reserved is None or not visit.reserved.work:
            del self._visits[iteration]
        else:
            await self._begin(iteration, visit)

    # -- working -----------------------------------------------------------------------------------------------------

    async def _begin(self, iteration: int, visit: _Visit) -> None:
        reserved = visit.reserved
        assert reserved is not None
        visit.stage = "suggesting"
        if reserved.untried is not None:
            await self._try(iteration, visit, reserved.untried)
        elif self._immediate:
            await self._on_suggested(await self._suggest(iteration, reserved))
        else:
            self.context.run_task(self._suggest, iteration, reserved, then=_pass_on)

    async def _suggest(self, iteration: int, reserved: Reserved) -> Suggested:
        assert reserved.goal is not None
        try:
            suggestions = await self._provider.suggest(reserved.goal)
            return Suggested(iteration, order_candidates(suggestions))
        except Exception as error:  # contained: whatever a provider raises is this visit's outcome, not the run's end
            self.context.log.warning("provider failed", iteration=iteration, error=repr(error))
            return Suggested(iteration, (), f"{type(error).__name__}: {error}")

    async def _on_suggested(self, message: Suggested) -> None:
        visit = self._visits.get(message.iteration)
        if visit is None or visit.stage != "suggesting":
            return
        if message.error is not None:
            del self._visits[message.iteration]
            await self._owner.tell(Backpropagate(message.iteration, "provider", message.error))
        else:
            await self._try(message.iteration, visit, message.suggestions)

    async def _try(self, iteration: int, visit: _Visit, candidates: Sequence[Suggestion]) -> None:
        assert visit.reserved is not None
        visit.stage = "trying"
        visit.candidates = candidates
        visit.pegs = peg_candidates(
            candidates[: self._config.max_tactics], self._config.intervention, visit.reserved.place
        )
        visit.asked = [
            (number, candidate.tactic)
            for number, candidate in enumerate(candidates[: self._config.max_tactics])
            if number not in visit.pegs
        ]
        await self._ask_prover(iteration, visit)

    async def _ask_prover(self, iteration: int, visit: _Visit) -> None:
        reserved = visit.reserved
        assert reserved is not None and reserved.goal is not None
        await self._prover.tell(
            Try(
                iteration,
                reserved.goal.mvar_id,
                reserved.via,
                visit.asked,
                self._config.stop_at_success,
                self.context.self,
            )
        )

    async def _on_tried(self, message: Tried) -> None:
        visit = self._visits.get(message.iteration)
        if visit is None or visit.stage != "trying" or visit.asked != message.tactics:
            return  # a repetition, or the answer to a question asked before a restart
        del self._visits[message.iteration]
        attempts = message.attempts
        if visit.pegs:
            attempts = _with_pegs(attempts, visit, self._config.max_tactics)
        outcome = Outcome(visit.candidates, attempts)
        if message.error is not None:
            outcome = Outcome(visit.candidates, attempts, "adapter", message.error)
        await self._owner.tell(Expand(message.iteration, outcome))

    # -- after somebody else's restart -------------------------------------------------------------------------------

    async def _ask_again(self, message: AskAgain) -> None:
        for iteration, visit in sorted(self._visits.items()):
            if message.who == "scheduler" and visit.stage == "judging":
                assert visit.reserved is not None
                await self._ask_scheduler(visit.reserved)
            elif message.who == "prover" and visit.stage == "trying":
                await self._ask_prover(iteration, visit)


def _pass_on(result: Suggested | Exception) -> Suggested:
    if isinstance(result, Suggested):
        return result
    raise result  # `_suggest` contains everything a provider raises, so this is a fault of ours


def _with_pegs(attempts: Sequence[Attempted], visit: _Visit, limit: int) -> list[Attempted]:
    """Put the blocked tactics between those that were tried, in the order of the candidates."""
    merged: list[Attempted] = []
    candidates = visit.candidates[:limit]
    tried = iter(attempts)
    left = len(attempts)
    cut_short = left < len(candidates) - len(visit.pegs)
    clock = attempts[0].timestamp_ms if attempts else 0
    for number, candidate in enumerate(candidates):
        if not left and cut_short:
            break
        peg = visit.pegs.get(number)
        if peg is None:
            attempt = next(tried)
            left -= 1
            clock = attempt.timestamp_ms
            merged.append(attempt)
        else:
            merged.append(Attempted(candidate.tactic, peg, clock))
    return merged
