"""The tree owner: the one actor that changes the tree. It hands out tickets and commits what comes back, in order."""

from __future__ import annotations

from collections.abc import Awaitable, Sequence
from typing import cast

from cellview.actors.actor import Actor
from cellview.actors.roles.commit import Applied, abort_records, apply, record, reject_proof, rejection
from cellview.actors.roles.core import Phase, Ticket
from cellview.actors.roles.messages import (
    AgentMessage,
    AskAgain,
    Backpropagate,
    Begin,
    CheckProgress,
    End,
    Expand,
    Register,
    Reserve,
    ReserveAhead,
    Reserved,
    SendRecords,
    Settle,
    TakeTicket,
    TreeOwnerMessage,
    Unwritable,
    Verified,
    Verify,
    Write,
    Written,
)
from cellview.actors.roles.state import Progress, ProgressCallback, SearchState
from cellview.actors.roles.visit import Outcome, Place
from cellview.prover import Goal, Preview, ProofStep, Suggestion, render_script
from cellview.trace import Record
from cellview.tree import GoalView, Node

__all__ = ["TreeOwner"]


class TreeOwner(Actor[TreeOwnerMessage]):
    """Reserve, expand, backpropagate: for all agents, one message at a time.

    Args:
        state: The search; it outlives this actor.
        remind_after_s: Seconds after which the agent of an oldest ticket that has not moved is sent it again. Only
            needed where messages can be lost; the outcome does not depend on it.
    """

    def __init__(self, state: SearchState, *, remind_after_s: float | None = None) -> None:
        self._state = state
        self._core = state.core
        self._remind_after_s = remind_after_s
        self._seen_committed = -1

    async def started(self) -> None:
        """After a restart, remind everybody of what is under way: messages may have been lost with the crash."""
        if self._remind_after_s is not None:
            self.context.call_later(self._remind_after_s, CheckProgress())
        if not self.context.incarnation:
            return
        if self._state.changing:
            raise RuntimeError("the tree owner failed in the middle of a change; resume the run from its trace")
        await self._send_again()
        await self._advance()

    async def receive(self, message: TreeOwnerMessage) -> None:
        """Handle one message, then do all that has become possible by it."""
        if isinstance(message, SendRecords):
            await self._send_records()
            return
        if isinstance(message, Written):
            await self._on_written(message)
            return
        if isinstance(message, Unwritable):
            self._fail(message.error)
        if isinstance(message, Expand):
            self._complete(message.iteration, message.outcome)
        elif isinstance(message, Reserve):
            await self._on_reserve(message)
        elif isinstance(message, ReserveAhead):
            await self._on_reserve_ahead(message)
        elif isinstance(message, Settle):
            self._on_settle(message)
        elif isinstance(message, Backpropagate):
            self._complete(message.iteration, Outcome(error=message.source, message=message.message))
        elif isinstance(message, Verified):
            await self._on_verified(message)
        elif isinstance(message, Register):
            await self._on_register(message)
        elif isinstance(message, AskAgain):
            if self._state.verifying is not None:
                await self._ask_verification()
        elif isinstance(message, CheckProgress):
            await self._check_progress()
        await self._advance()

    # -- settling ----------------------------------------------------------------------------------------------------

    async def _on_reserve_ahead(self, message: ReserveAhead) -> None:
        self._state.asked[message.agent_id] = message
        ticket = self._core.settling
        if (
            ticket is not None and ticket.round == 0 and self._asked_for(ticket)
        ):  # it was issued before it was asked for
            await self._reserve(ticket)

    def _asked_for(self, ticket: Ticket) -> bool:
        """Whether the agent has asked for this ticket; takes down how it wants it."""
        asked = self._state.asked.get(ticket.agent_id)
        if asked is None or ticket.iteration >= asked.before:
            return False
        ticket.accept = asked.accept
        return True

    async def _on_reserve(self, message: Reserve) -> None:
        ticket = self._core.settling
        if ticket is None or ticket.iteration != message.iteration or ticket.round != message.round:
            return  # a repetition
        if message.skip is None:
            self._asked_for(ticket)
        elif ticket.node is None:
            return
        else:
            self._core.skip(ticket, message.skip)
        await self._reserve(ticket)

    async def _reserve(self, ticket: Ticket) -> None:
        node = self._core.reserve(ticket)
        if node is not None:
            await self._grant(ticket, node)
        elif ticket.skipped:
            await self._tell_agent(ticket, Reserved(ticket.iteration, ticket.round, None))
        else:
            self._core.wait(ticket)

    async def _grant(self, ticket: Ticket, node: Node) -> None:
        if ticket.accept:
            self._core.settle(ticket)
        await self._send_reserved(ticket, node, settled=ticket.accept)

    async def _send_reserved(self, ticket: Ticket, node: Node, *, settled: bool) -> None:
        state = self._state
        goal = cast("Goal", node.goal)
        key = node.structural_key() if state.keys_needed or state.place_needed else ""
        edge = node.parent
        await self._tell_agent(
            ticket,
            Reserved(
                ticket.iteration,
                ticket.round,
                goal,
                key,
                _place(node, goal, key) if state.place_needed else None,
                Preview(edge.parent.goal.mvar_id, edge.tactic, _goals(edge.subgoals())) if edge is not None else None,
                _suggestions(node),
                settled,
                ticket.iteration < self._core.budget,
            ),
        )

    def _on_settle(self, message: Settle) -> None:
        ticket = self._core.settling
        if ticket is None or ticket.iteration != message.iteration or ticket.round != message.round:
            return
        if message.gave_up is not None:
            self._core.give_up(ticket, message.gave_up)
        else:
            self._core.settle(ticket)

    def _complete(self, iteration: int, outcome: Outcome) -> None:
        ticket = self._core.open.get(iteration)
        if ticket is not None and ticket.phase is Phase.WORKING:
            self._core.complete(ticket, outcome)

    # -- issuing and committing --------------------------------------------------------------------------------------

    async def _advance(self) -> None:
        """Retry waiting tickets, issue new ones, commit: whatever comes next, until something must be waited for."""
        core = self._core
        if len(self._state.agents) < core.config.agents:
            return
        while self._state.verifying is None and core.settling is None and core.stop_reason is None:
            ticket = core.take()
            if ticket is not None:
                if ticket.node is not None:  # it waited, and has found something
                    await self._grant(ticket, ticket.node)
                    continue
                if not self._asked_for(ticket):
                    return
                await self._reserve(ticket)
                continue
            ticket = core.committable()
            if ticket is not None:
                await self._commit(ticket)
            elif core.exhausted():
                core.stop("exhausted")
            else:
                return
        if core.stop_reason is not None:
            await self._finish()

    async def _commit(self, ticket: Ticket) -> None:
        state = self._state
        state.changing = True
        applied = apply(self._core, ticket)
        state.changing = False
        if self._core.tree.solved:
            state.verifying = (ticket, applied)
            await self._ask_verification()
        else:
            await self._close(ticket, applied)

    async def _ask_verification(self) -> None:
        state = self._state
        assert state.verifying is not None and state.prover is not None
        ticket, _ = state.verifying
        state.script = render_script(self._core.tree.proof(ProofStep))
        await state.prover.tell(Verify(ticket.iteration, state.statement, state.script, self.context.self))

    async def _on_verified(self, message: Verified) -> None:
        state = self._state
        if state.verifying is None or (state.verifying[0].iteration, state.script) != (
            message.iteration,
            message.script,
        ):
            return  # a repetition
        ticket, applied = state.verifying
        state.verification = message.verification
        if not message.verification.ok:
            self.context.log.warning("proof rejected", iteration=ticket.iteration, why=message.verification.message)
            state.changing = True
            reject_proof(self._core.tree, applied, rejection(message.verification))
            state.changing = False
            if self._core.tree.solved:  # another tactic of the same visit closed the goal too
                await self._ask_verification()
                return
        state.verifying = None
        await self._close(ticket, applied)

    async def _close(self, ticket: Ticket, applied: Applied) -> None:
        core, state = self._core, self._state
        iteration = ticket.iteration
        tier = core.tier(iteration)
        written = record(
            core.tree,
            applied,
            state.context,
            iteration=iteration,
            agent_id=ticket.agent_id,
            tier=tier,
            inflight=core.inflight,
        )
        core.finish_commit(ticket)
        state.attempts += len(applied.outcome.attempts)
        state.adapter_errors += applied.infrastructure_failed
        await self._write(written)
        if state.progress is not None:
            await self._report(state.progress, iteration, applied.reason, tier)

    async def _report(self, progress: ProgressCallback, iteration: int, reason: str, tier: int) -> None:
        core, tree, state = self._core, self._core.tree, self._state
        try:
            answer = progress(
                Progress(
                    iteration,
                    reason,
                    tier,
                    state.context.budget[tier - 1],
                    len(tree.nodes),
                    tree.expansions,
                    tree.max_depth,
                    core.inflight,
                    tree.solved,
                )
            )
        except Exception as error:  # the caller's mistake is the caller's to see; a restart would only repeat it
            self._fail(error)
            return
        if answer == "abort" and core.stop_reason is None:
            await self._abort()

    def _fail(self, error: Exception) -> None:
        """End the search for a reason that its caller must hear of."""
        self._state.failure = error
        if self._core.stop_reason is None:
            self._core.stop("aborted")

    async def _abort(self) -> None:
        """Write the marker and the agent's record for the next ticket in order, and end."""
        core = self._core
        iteration = min(core.open, default=core.committed)
        ticket = core.open.get(iteration)
        node = ticket.node if ticket is not None and ticket.node is not None else core.tree.root
        tier = core.tier(min(iteration, core.budget - 1))
        records = abort_records(
            core.tree,
            self._state.context,
            node=node,
            iteration=iteration,
            agent_id=iteration % core.config.agents,
            tier=tier,
            inflight=core.inflight,
        )
        await self._write(*records)  # in one message, so that no crash comes between the two
        core.stop("aborted")

    async def _finish(self) -> None:
        state = self._state
        if state.end is None:
            assert self._core.stop_reason is not None
            await self._send_records()
            state.end = End(self._core.stop_reason, state.verification)
            state.ended.set()

    # -- the trace ---------------------------------------------------------------------------------------------------

    async def _write(self, *records: Record) -> None:
        """Hand records to the writer, those of one burst of messages together."""
        state = self._state
        if state.writer is not None:
            state.unwritten.extend(records)
            if not state.unsent:
                await self.context.self.tell(SendRecords())
            state.unsent += len(records)

    async def _send_records(self) -> None:
        state = self._state
        if state.unsent and state.writer is not None:
            batch = Write(tuple(state.unwritten[-state.unsent :]))
            state.unsent = 0
            await state.writer.tell(batch)

    async def _on_written(self, message: Written) -> None:
        state = self._state
        state.unwritten = [kept for kept in state.unwritten if kept.iteration >= message.next_iteration]
        if message.restarted and state.writer is not None and state.unwritten:
            state.unsent = 0
            await state.writer.tell(Write(tuple(state.unwritten), again=True))

    # -- reminding ---------------------------------------------------------------------------------------------------

    async def _on_register(self, message: Register) -> None:
        self._state.agents[message.agent_id] = message.agent
        await self._welcome(message.agent_id)
        for ticket in list(self._core.open.values()):  # none in a new search; some after a restart, or a resume
            if ticket.agent_id == message.agent_id:
                await self._remind(ticket)

    async def _welcome(self, agent_id: int) -> None:
        """Tell an agent which of its tickets comes next."""
        ahead = (agent_id - self._core.next_iteration) % self._core.config.agents
        await self._state.agents[agent_id].tell(Begin(self._core.next_iteration + ahead))

    async def _remind(self, ticket: Ticket) -> None:
        """Tell a ticket's agent of it again; it ignores what it is at already."""
        if ticket is self._core.settling:
            self._core.restart(ticket)
            await self._tell_agent(ticket, TakeTicket(ticket.iteration, ticket.round))
        elif ticket.phase is Phase.WORKING and ticket.node is not None:
            await self._send_reserved(ticket, ticket.node, settled=True)

    async def _send_again(self) -> None:
        self._state.agents.update(enumerate(self._state.roster))
        for agent_id in self._state.agents:
            await self._welcome(agent_id)
        for ticket in list(self._core.open.values()):
            await self._remind(ticket)
        if self._state.verifying is not None:
            await self._ask_verification()
        if self._state.unwritten and self._state.writer is not None:
            self._state.unsent = 0
            await self._state.writer.tell(Write(tuple(self._state.unwritten), again=True))

    async def _check_progress(self) -> None:
        if self._core.stop_reason is not None or self._remind_after_s is None:
            return
        if self._core.committed == self._seen_committed:
            await self._send_again()
        self._seen_committed = self._core.committed
        self.context.call_later(self._remind_after_s, CheckProgress())

    def _tell_agent(self, ticket: Ticket, message: AgentMessage) -> Awaitable[None]:
        return self._state.agents[ticket.agent_id].tell(message)


def _place(node: Node, goal: Goal, key: str) -> Place:
    hypotheses = tuple(hypothesis.type for hypothesis in goal.hypotheses)
    return Place(key, node.depth, tuple(node.tactics()), goal.goal_type, hypotheses)


def _goals(goals: Sequence[GoalView]) -> tuple[Goal, ...]:
    return cast("tuple[Goal, ...]", tuple(goals))  # a search's nodes hold the prover's goals


def _suggestions(node: Node) -> Sequence[Suggestion] | None:
    return cast("Sequence[Suggestion] | None", node.untried)  # and the provider's suggestions
