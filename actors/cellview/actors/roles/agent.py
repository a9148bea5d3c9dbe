"""The agent: a local controller. It takes tickets, and works on several at once without one delaying another.

Nothing here is awaited for long: every step is a message, and what a ticket waits for is its state::

    reserving ──► judging ──► suggesting ──► trying ──► (the prover tells the tree owner)
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
    Try,
)
from cellview.core import CandidateOrder, Visit, answer_to, ask_provider, fitting
from cellview.prover import ProviderUnusableError, Suggestion, TacticProvider
from cellview.schedule import ReroutePolicy, TacticIntervention, Verdict

__all__ = ["AgentActor", "AgentConfig"]

_Stage: TypeAlias = Literal["reserving", "judging", "suggesting", "trying"]


class AgentConfig(msgspec.Struct, frozen=True, kw_only=True):
    """What all agents of a search go by."""

    seed: int = 0
    order: CandidateOrder = CandidateOrder()
    reroute: ReroutePolicy | None = None
    intervention: TacticIntervention | None = None
    stop_at_success: bool = False
    max_tactics: int = 64
    ask_scheduler: bool = True
    """Whether there is a schedule to ask; with none, every node is clear and every reservation accepted."""
    agents: int = 1
    ahead: int = 16
    """Tickets that an agent asks for in one message; at least its share of the window, so that nobody waits for it."""


class _Held:
    """One ticket in an agent's hands."""

    __slots__ = ("reroutes", "reserved", "round", "stage", "verdict", "visit")

    def __init__(self, reserved: Reserved | None = None, *, round: int = -1) -> None:
        self.stage: _Stage = "reserving"
        self.round = round
        """Highest round heard of; a message with no higher one is a repetition."""
        self.reroutes = 0
        self.verdict: Verdict = None
        """Verdict on the node skipped last."""
        self.reserved = reserved
        self.visit: Visit | None = None


class AgentActor(Actor[AgentMessage]):
    """Agent number `agent_id` of a search. Of what `provider` suggests, it tries what is of its `families`, if any."""

    def __init__(
        self,
        agent_id: int,
        config: AgentConfig,
        provider: TacticProvider,
        *,
        families: Sequence[str] = (),
        owner: Ref[TreeOwnerMessage],
        scheduler: Ref[SchedulerMessage],
        prover: Ref[ProverMessage],
    ) -> None:
        self._agent_id = agent_id
        self._config = config
        self._provider = provider
        self._families = families
        self._owner = owner
        self._scheduler = scheduler
        self._prover = prover
        self._held: dict[int, _Held] = {}
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

    def _forget(self, before: int) -> None:
        """Let go of tickets that are closed. What they brought went from the prover to the tree owner."""
        held = self._held
        while held and (oldest := next(iter(held))) < before:
            del held[oldest]

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
        held = self._held.get(message.iteration)
        if held is not None and message.round <= held.round:
            return  # a repetition
        self._held[message.iteration] = _Held(round=message.round)
        await self._owner.tell(Reserve(message.iteration, message.round))

    async def _on_reserved(self, message: Reserved) -> None:
        iteration = message.iteration
        held = self._held.get(iteration)
        self._forget(message.closed_before)
        if message.settled:
            if held is not None and held.stage == "trying":
                await self._ask_prover(iteration, held)  # a reminder: what came of it was lost on its way to the owner
                return
            if held is not None and held.stage == "suggesting":
                return  # a reminder, and the work is under way
            await self._ask_ahead(iteration)
            if message.work:
                held = self._held[iteration] = _Held(message)
                await self._begin(iteration, held)
            else:
                self._held.pop(iteration, None)  # given up, or behind the budget
            return
        if held is not None and message.round <= held.round:
            return  # a repetition
        if held is None:
            held = self._held[iteration] = _Held(message)
        held.reserved = message
        held.round = message.round
        if message.goal is None:
            await self._settle(iteration, held, gave_up=held.verdict)
        else:
            held.stage = "judging"
            await self._ask_scheduler(message)

    async def _ask_scheduler(self, reserved: Reserved) -> None:
        root = reserved.via is None
        question = Judge(reserved.iteration, reserved.round, reserved.node_key, root, self.context.self)
        await self._scheduler.tell(question)

    async def _on_judged(self, message: Judged) -> None:
        held = self._held.get(message.iteration)
        if held is None or held.stage != "judging" or held.round != message.round:
            return  # an answer to a question asked before a restart
        if message.verdict is None:
            await self._settle(message.iteration, held)
            return
        if answer_to(message.verdict, reroutes=held.reroutes, policy=self._config.reroute) == "give_up":
            await self._settle(message.iteration, held, gave_up=message.verdict)
            return
        held.reroutes += 1
        held.verdict = message.verdict
        held.stage = "reserving"
        await self._owner.tell(Reserve(message.iteration, held.round, message.verdict))

    async def _settle(self, iteration: int, held: _Held, *, gave_up: Verdict = None) -> None:
        await self._owner.tell(Settle(iteration, held.round, gave_up))
        await self._ask_ahead(iteration)
        if gave_up is not None or held.reserved is None or not held.reserved.work:
            del self._held[iteration]
        else:
            await self._begin(iteration, held)

    # -- working -----------------------------------------------------------------------------------------------------

    async def _begin(self, iteration: int, held: _Held) -> None:
        reserved = held.reserved
        assert reserved is not None
        held.stage = "suggesting"
        if reserved.untried is not None:
            await self._try(iteration, held, reserved.untried)
        elif self._immediate:
            await self._on_suggested(await self._suggest(iteration, reserved))
        else:
            self.context.run_task(self._suggest, iteration, reserved, then=_pass_on)

    async def _suggest(self, iteration: int, reserved: Reserved) -> Suggested:
        assert reserved.goal is not None
        try:
            suggestions = await ask_provider(self._provider, reserved.goal, reserved.place)
            suggestions = fitting(suggestions, families=self._families, tried=reserved.tried)
            return Suggested(iteration, self._config.order.arrange(suggestions, node_key=reserved.node_key))
        except Exception as error:  # contained: whatever a provider raises is this held's outcome, not the run's end
            self.context.log.warning("provider failed", iteration=iteration, error=repr(error))
            fatal = isinstance(error, ProviderUnusableError)
            return Suggested(iteration, (), f"{type(error).__name__}: {error}", fatal)

    async def _on_suggested(self, message: Suggested) -> None:
        held = self._held.get(message.iteration)
        if held is None or held.stage != "suggesting":
            return
        if message.error is not None:
            del self._held[message.iteration]
            await self._owner.tell(Backpropagate(message.iteration, "provider", message.error, message.fatal))
        else:
            await self._try(message.iteration, held, message.suggestions)

    async def _try(self, iteration: int, held: _Held, candidates: Sequence[Suggestion]) -> None:
        assert held.reserved is not None
        held.stage = "trying"
        held.visit = Visit(
            candidates,
            max_tactics=self._config.max_tactics,
            intervention=self._config.intervention,
            place=held.reserved.place,
            seed=self._config.seed,
        )
        await self._ask_prover(iteration, held)

    async def _ask_prover(self, iteration: int, held: _Held) -> None:
        reserved = held.reserved
        assert reserved is not None and reserved.goal is not None and held.visit is not None
        await self._prover.tell(
            Try(
                iteration,
                reserved.goal.mvar_id,
                reserved.via,
                held.visit,
                self._config.stop_at_success,
            )
        )

    # -- after somebody else's restart -------------------------------------------------------------------------------

    async def _ask_again(self, message: AskAgain) -> None:
        for iteration, held in sorted(self._held.items()):
            if message.who == "scheduler" and held.stage == "judging":
                assert held.reserved is not None
                await self._ask_scheduler(held.reserved)
            elif message.who == "prover" and held.stage == "trying":
                await self._ask_prover(iteration, held)


def _pass_on(result: Suggested | Exception) -> Suggested:
    if isinstance(result, Suggested):
        return result
    raise result  # `_suggest` contains everything a provider raises, so this is a fault of ours
