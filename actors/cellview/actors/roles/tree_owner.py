"""The tree owner: the one actor that changes the tree. It hands out tickets and commits what comes back, in order."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Awaitable
from operator import attrgetter
from typing import cast

from cellview.actors.actor import Actor
from cellview.actors.roles.messages import (
    AgentMessage,
    Backpropagate,
    Begin,
    Expand,
    Register,
    Release,
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
from cellview.actors.roles.state import SearchState
from cellview.core import (
    Applied,
    End,
    Phase,
    ProgressCallback,
    Ticket,
    VisitResult,
    apply,
    place_of,
    reject_proof,
    rejection,
    way_to,
)
from cellview.prover import Goal, ProofStep, render_script
from cellview.trace import Record
from cellview.tree import Node

__all__ = ["TreeOwnerActor"]

_iteration = attrgetter("iteration")


class TreeOwnerActor(Actor[TreeOwnerMessage]):
    """Reserve, expand, backpropagate: for all agents, one message at a time. `state` outlives this actor."""

    def __init__(self, state: SearchState) -> None:
        self._state = state
        self._core = state.core

    async def started(self) -> None:
        """After a restart, remind everybody of what is under way: messages may have been lost with the crash."""
        if not self.context.incarnation:
            return
        if self._state.changing:
            raise RuntimeError("the tree owner failed in the middle of a change; resume the run from its trace")
        await self._send_again()
        await self._advance()

    async def receive(self, message: TreeOwnerMessage) -> None:
        """Handle one message, then do all that has become possible by it."""
        if isinstance(message, Expand):  # the most frequent comes first
            self._complete(message.iteration, message.result)
        elif isinstance(message, SendRecords):
            await self._send_records()
            return
        elif isinstance(message, Written):
            await self._on_written(message)
            return
        elif isinstance(message, Unwritable):
            self._fail(message.error)
        elif isinstance(message, Reserve):
            await self._on_reserve(message)
        elif isinstance(message, ReserveAhead):
            await self._on_reserve_ahead(message)
        elif isinstance(message, Settle):
            self._on_settle(message)
        elif isinstance(message, Backpropagate):
            failed = VisitResult(error=message.source, message=message.message, fatal=message.fatal)
            self._complete(message.iteration, failed)
        elif isinstance(message, Verified):
            await self._on_verified(message)
        elif isinstance(message, Register):
            await self._on_register(message)
        elif self._state.verifying is not None:  # AskAgain: the prover was restarted
            await self._ask_verification()
        await self._advance()

    # -- settling ----------------------------------------------------------------------------------------------------

    async def _on_reserve_ahead(self, message: ReserveAhead) -> None:
        self._state.asked[message.agent_id] = message
        ticket = self._core.settling
        if ticket is None or (ticket.round and not self._core.is_idle(ticket)):
            return
        # The ticket that settles now may have been issued, or become idle in a resume, before it was asked for.
        if self._asked_for(ticket):
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
        elif self._core.is_idle(ticket):
            self._core.give_up(ticket, None)
            await self._tell_agent(ticket, Reserved(ticket.iteration, ticket.round, None, settled=True, work=False))
        else:
            self._core.wait(ticket)

    async def _grant(self, ticket: Ticket, node: Node) -> None:
        if ticket.accept:
            self._core.settle(ticket)
        await self._send_reserved(ticket, node, settled=ticket.accept)

    async def _send_reserved(self, ticket: Ticket, node: Node, *, settled: bool) -> None:
        state = self._state
        await self._tell_agent(
            ticket,
            Reserved(
                ticket.iteration,
                ticket.round,
                cast("Goal", node.goal),
                node.structural_key() if state.keys_needed else "",
                place_of(node) if state.place_needed else None,
                way_to(node),
                self._core.left(ticket, node),
                settled,
                ticket.iteration < self._core.budget,
                state.run.tried_at(node),
                next(iter(self._core.open)),
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

    def _complete(self, iteration: int, result: VisitResult) -> None:
        ticket = self._core.open.get(iteration)
        if ticket is not None and ticket.phase is Phase.WORKING:
            self._core.complete(ticket, result)

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
        state = self._state
        iteration = ticket.iteration
        written = state.run.record(
            applied, iteration=iteration, agent_id=ticket.agent_id, provider_id=state.provider_ids[ticket.agent_id]
        )
        state.run.close(ticket)
        await self._write(written)
        if state.closed is not None and not self._core.tree.solved and (idle := state.closed.take(applied.node)):
            assert state.prover is not None
            await state.prover.tell(Release(idle))
        if state.progress is not None:
            await self._report(state.progress, iteration, applied.reason)

    async def _report(self, progress: ProgressCallback, iteration: int, reason: str) -> None:
        try:
            answer = progress(self._state.run.report(iteration, reason))
        except Exception as error:  # the caller's mistake is the caller's to see; a restart would only repeat it
            self._fail(error)
            return
        if answer == "abort" and self._core.stop_reason is None:
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
        node = ticket.node if ticket is not None else None
        provider_id = self._state.provider_ids[iteration % core.config.agents]
        records = self._state.run.abort(iteration, node=node, provider_id=provider_id)
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
        if self._core.config.ordered:
            del state.unwritten[: bisect_left(state.unwritten, message.next_iteration, key=_iteration)]
        else:
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

    def _tell_agent(self, ticket: Ticket, message: AgentMessage) -> Awaitable[None]:
        return self._state.agents[ticket.agent_id].tell(message)
