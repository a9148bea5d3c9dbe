"""The search as a pure state machine: tickets are handed out, settled, worked on anywhere, and committed in order.

This is the whole of what decides an outcome. It reads no clock and no random source and does no I/O; actors, the replay
of a trace and the property tests all drive this one class.

A ticket's phases::

    SETTLING ──► WORKING ──► DONE ──► (committed)
       │  ▲          PARKED: as WORKING, but past the budget, so never worked on
       ▼  │
     WAITING   nothing was free; tries again after each commit

One ticket settles at a time, and while one does nothing is committed and nothing else issued. So what a ticket sees is
a function of its number and the window alone.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from enum import Enum
from itertools import accumulate
from typing import Literal, TypeAlias

import msgspec

from cellview.core.kinds import Kinds
from cellview.core.memory import AgentMemory
from cellview.core.visits import GaveUp, VisitResult, suggestions_left
from cellview.prover import Suggestion
from cellview.schedule import Verdict
from cellview.tree import AgentProfile, Node, Tree

__all__ = ["CoreConfig", "Phase", "SearchCore", "StopReason", "Ticket"]


StopReason: TypeAlias = Literal["solved", "budget", "exhausted", "aborted", "provider_error"]
"""A verified proof; the budget is spent; nothing is left to try; the caller said so; the provider is dead."""


class Phase(Enum):
    """Where a ticket stands."""

    SETTLING = "settling"
    WAITING = "waiting"
    WORKING = "working"
    PARKED = "parked"
    DONE = "done"


class CoreConfig(msgspec.Struct, frozen=True, kw_only=True):
    """What the order of events depends on. The search's configuration is checked before it gets here."""

    agents: int
    window: int
    budget: tuple[int, ...]
    seed: int = 0
    ordered: bool = True
    count_obstacles: bool = True
    """Whether a meeting with a blocked or delayed node counts as a visit without success."""
    profiles: tuple[AgentProfile, ...] = ()
    kinds: tuple[int, ...] = ()
    """Each agent's kind, where they differ in what they may try."""


class Ticket:
    """One global iteration on its way from issue to commit."""

    __slots__ = ("accept", "agent_id", "iteration", "node", "phase", "result", "round", "skipped")

    def __init__(self, iteration: int, agent_id: int) -> None:
        self.iteration = iteration
        self.agent_id = agent_id
        self.phase = Phase.SETTLING
        self.accept = False
        """Whether its agent takes whatever node it gets."""
        self.node: Node | None = None
        """Reserved node, while a reservation is held."""
        self.round = 0
        """Counts the reservations asked for, so that an answer to an earlier one is recognised."""
        self.skipped: list[tuple[Node, Verdict]] = []
        self.result: VisitResult | GaveUp | None = None


class SearchCore:
    """Tickets over one tree.

    Args:
        tree: The shared tree; from here on nothing else may change it.
        config: Number of agents, window, budget, seed, order of commits.

    Attributes:
        committed: Tickets committed so far; in ordered mode also the next ticket to commit.
        discarded: Tickets that were issued but not committed when the search ended.
        stop_reason: ``None`` while running, then one of :data:`StopReason`.
    """

    def __init__(self, tree: Tree, config: CoreConfig) -> None:
        self.tree = tree
        self.config = config
        self.committed = 0
        self.discarded = 0
        self.inflight = 0
        """Reservations held, parked ones included."""
        self.stop_reason: StopReason | None = None
        self.settling: Ticket | None = None
        self.open: dict[int, Ticket] = {}
        """Issued, not committed."""
        self._tier_ends = list(accumulate(config.budget))
        self._tier = 0
        self.next_iteration = 0
        """The ticket that is issued next."""
        self._retry: deque[Ticket] = deque()
        self._waiting = 0
        self._arrived: deque[Ticket] = deque()
        self.kinds = Kinds(config.kinds) if config.kinds else None
        """What is left at each node and for whom; ``None``: for all alike."""
        profiles = config.profiles or (AgentProfile(),) * config.agents
        self._agents = [
            AgentMemory(profile, seed=config.seed, agent_id=agent_id) for agent_id, profile in enumerate(profiles)
        ]

    def memory(self, agent_id: int) -> AgentMemory:
        """What an agent remembers."""
        return self._agents[agent_id]

    @property
    def budget(self) -> int:
        """Iterations that may be committed in all."""
        return self._tier_ends[-1]

    def tier(self, iteration: int) -> int:
        """Number of the budget tier that an iteration belongs to, from 1."""
        while self._tier + 1 < len(self._tier_ends) and iteration >= self._tier_ends[self._tier]:
            self._tier += 1
        if self._tier and iteration < self._tier_ends[self._tier - 1]:  # arrival mode looks back now and then
            return next(i for i, end in enumerate(self._tier_ends) if iteration < end) + 1
        return self._tier + 1

    # -- issuing and settling ----------------------------------------------------------------------------------------

    def take(self) -> Ticket | None:
        """Return the ticket that settles next, or ``None`` when it is time for a commit.

        Waiting tickets go first, in order, once after each commit; then a new one, if the window has room. A waiting
        ticket is returned only if it has found a node, which it then holds, or if it has to be given up as idle.
        """
        if self.settling is not None or self.stop_reason is not None:
            return None
        while self._retry:
            ticket = self._retry.popleft()
            if self.reserve(ticket) is not None or self.is_idle(ticket):
                ticket.phase = Phase.SETTLING
                self._waiting -= 1
                self.settling = ticket
                return ticket
        if len(self.open) >= self.config.window:
            return None
        ticket = Ticket(self.next_iteration, self.next_iteration % self.config.agents)
        self.next_iteration += 1
        self.open[ticket.iteration] = ticket
        self.settling = ticket
        return ticket

    def reserve(self, ticket: Ticket) -> Node | None:
        """Reserve a node for a ticket, its skipped nodes left out. ``None``: nothing (else) is free."""
        ticket.round += 1
        node = self.choice(ticket)
        if node is not None:
            self.tree.reserve(node)
            self.inflight += 1
            ticket.node = node
        return node

    def choice(self, ticket: Ticket) -> Node | None:
        """Return the node that a ticket's agent would choose now, its skipped nodes left out; changes nothing."""
        without = [node for node, _ in ticket.skipped]
        if self.kinds is not None:
            without += self.kinds.without(ticket.agent_id)
        return self._agents[ticket.agent_id].choose(self.tree, ticket.iteration, without)

    def left(self, ticket: Ticket, node: Node) -> Sequence[Suggestion] | None:
        """Return what a ticket's agent may still try at a node; ``None``: its provider is to be asked first."""
        return suggestions_left(node) if self.kinds is None else self.kinds.left(node, ticket.agent_id)

    def is_idle(self, ticket: Ticket) -> bool:
        """Whether a ticket that found no node is to be given up: its agent can do nothing, though others can.

        It waits as long as an earlier ticket may bring something; all that comes later waits for its commit.
        """
        unserved = ticket.node is None and not ticket.skipped
        return self.kinds is not None and unserved and ticket.iteration == min(self.open)

    def restart(self, ticket: Ticket) -> None:
        """Begin a settling ticket anew: its agent was restarted and knows nothing of it any more."""
        assert ticket is self.settling, "only a settling ticket can begin anew"
        self._release(ticket)
        ticket.skipped.clear()
        ticket.round += 1

    def skip(self, ticket: Ticket, verdict: Verdict) -> None:
        """Give the tentative reservation back: the schedule has blocked or delayed the node."""
        assert ticket.node is not None, f"ticket {ticket.iteration} has nothing to skip"
        ticket.skipped.append((ticket.node, verdict))
        self._release(ticket)

    def wait(self, ticket: Ticket) -> None:
        """Nothing is free because all of it is in flight: the ticket tries again after the next commit."""
        assert ticket is self.settling, f"ticket {ticket.iteration} is not settling"
        ticket.phase = Phase.WAITING
        self._waiting += 1
        self.settling = None

    def settle(self, ticket: Ticket) -> None:
        """Fix the reservation: from here on others may go on, and the ticket's work may begin."""
        assert ticket is self.settling, f"ticket {ticket.iteration} is not settling"
        node = ticket.node
        assert node is not None, f"ticket {ticket.iteration} settles without a node"
        self._agents[ticket.agent_id].remember(node)
        ticket.phase = Phase.PARKED if ticket.iteration >= self.budget else Phase.WORKING
        self.settling = None

    def give_up(self, ticket: Ticket, verdict: Verdict) -> None:
        """End a ticket without a reservation. `verdict` is about the node it tried last; ``None``: it was idle."""
        assert ticket is self.settling, f"ticket {ticket.iteration} is not settling"
        if ticket.node is not None:
            self.skip(ticket, verdict)
        self.settling = None
        self._finish(ticket, GaveUp(verdict))

    def complete(self, ticket: Ticket, outcome: VisitResult) -> None:
        """Hand in what a visit brought. It counts when the ticket's turn comes."""
        assert ticket.phase is Phase.WORKING, f"ticket {ticket.iteration} is {ticket.phase.value}, not working"
        self._finish(ticket, outcome)

    def _finish(self, ticket: Ticket, result: VisitResult | GaveUp) -> None:
        ticket.result = result
        ticket.phase = Phase.DONE
        if not self.config.ordered:
            self._arrived.append(ticket)

    def _release(self, ticket: Ticket) -> None:
        if ticket.node is not None:
            self.tree.release(ticket.node)
            ticket.node = None
            self.inflight -= 1

    # -- committing --------------------------------------------------------------------------------------------------

    def committable(self) -> Ticket | None:
        """Return the ticket whose turn it is to be committed, if it is done. Ask only after :meth:`take`."""
        if self.settling is not None or self.stop_reason is not None:
            return None
        if not self.config.ordered:
            return self._next_arrived()
        ticket = self.open.get(self.committed)
        return ticket if ticket is not None and ticket.phase is Phase.DONE else None

    def _next_arrived(self) -> Ticket | None:
        while self._arrived:
            if self._arrived[0].iteration < self.budget:
                return self._arrived[0]
            self._arrived.popleft()  # gave up past the budget: never committed
        return None

    def finish_commit(self, ticket: Ticket) -> None:
        """Close a ticket whose result has been applied to the tree; may end the search."""
        del self.open[ticket.iteration]
        if not self.config.ordered:
            self._arrived.remove(ticket)
        self.committed += 1
        if self._waiting:
            self._retry = deque(waiting for waiting in self.open.values() if waiting.phase is Phase.WAITING)
        if self.tree.solved:
            self.stop("solved")
        elif self.committed >= self.budget:
            self.stop("budget")
        elif self.tree.dead:
            self.stop("exhausted")

    def hand_over(self, ticket: Ticket) -> Node:
        """Return the node that a done ticket holds, for its commit to release."""
        node = ticket.node
        assert node is not None, f"ticket {ticket.iteration} holds no reservation"
        ticket.node = None
        self.inflight -= 1
        return node

    def exhausted(self) -> bool:
        """Whether tickets wait and nothing is in flight that could free anything for them.

        Ask only when :meth:`take` and :meth:`committable` have nothing.
        """
        return (
            self.stop_reason is None
            and self.settling is None
            and self._waiting > 0
            and not any(ticket.phase is Phase.WORKING for ticket in self.open.values())
        )

    def stop(self, reason: StopReason) -> None:
        """End the search: whatever is still open is discarded."""
        self.stop_reason = reason
        self.discarded = len(self.open)
