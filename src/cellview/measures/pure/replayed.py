"""Measures that need the tree itself: a replay is watched, commit by commit.

A replay checks every snapshot, so a measure made here comes with the proof that its trace is whole and was written with
the configuration that it is read with.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import cast

import msgspec

from cellview.core import Phase, Replay, SearchConfig, SearchCore, Ticket
from cellview.measures.errors import SampleError
from cellview.measures.pure.progress import ProofNumbers
from cellview.measures.pure.proofs import Proof, proof_of
from cellview.measures.pure.records import iterations_of
from cellview.prover import Goal
from cellview.trace import IterationRecord, Record
from cellview.tree import Edge, Node

__all__ = ["Observation", "observe", "time_to_improvement"]


class Observation(msgspec.Struct, frozen=True, kw_only=True):
    """What a replay shows of one search."""

    progress: tuple[float, ...]
    """The progress signal: minus the root's proof number, at the start and after each iteration. 0 is solved."""
    seen: tuple[int, ...]
    """Commits that each ticket could see when it chose its node (or gave up)."""
    staleness: tuple[int, ...]
    """Of the commits between each ticket's choice and its own, those that expanded a node."""
    related: tuple[int, ...]
    """Of those, the ones above or below the ticket's node."""
    staleness_expected: tuple[float, ...]
    """Expansions between choice and commit, if the search's expansions were spread evenly over its commits."""
    related_expected: tuple[float, ...]
    """Of :attr:`staleness`, those near the ticket's node, had they been drawn from all of the search's."""
    obsolete: int
    """Visits whose branch was closed when they were committed."""
    waits: int
    """Tickets that found nothing free, since all of it was in flight."""
    averted: int
    """Tickets that would have chosen a node that another held, had they not seen reservations."""
    credit: dict[int, int] | None
    """Edges of the proof by the agent that found each; ``None`` if unsolved."""
    proof: Proof | None
    proof_keys: tuple[str, ...]
    """Structural keys of the proof's nodes, which is what a schedule draws by; empty if unsolved."""


def observe(records: Iterable[Record], config: SearchConfig, *, statement: str) -> Observation:
    """Replay a search and watch it.

    Args:
        records: Its trace.
        config: The configuration it was written with, from ``run.json``.
        statement: The theorem as the corpus has it: what was drawn for its nodes begins with it.

    Raises:
        ReplayError: The trace does not follow from the configuration.
        SampleError: The search committed results as they arrived, which cannot be replayed; or the trace is empty.
    """
    if config.commit != "ordered":
        raise SampleError("a search with --mcts-commit arrival cannot be replayed: its order was a matter of time.")
    iterations = iterations_of(records)
    if not iterations:
        raise SampleError("the trace has no iteration: there is nothing to watch.")
    watch = _Watch(config, iterations[0], statement)
    for record in iterations:
        watch.step(record)
    return watch.observation()


def time_to_improvement(progress: Sequence[float], event: int) -> tuple[int, bool] | None:
    """Return how long a search took after an event to get further than it ever was before.

    Args:
        progress: The signal of :class:`Observation`.
        event: Iteration of the event: a first meeting with an obstacle, or the same iteration in the paired wild type.

    Returns:
        Iterations from the event on, and whether the improvement came (otherwise the search ended first, which is
        censoring). ``None`` if the search was over before the event.
    """
    if not 0 <= event < len(progress) - 1:
        return None
    best = max(progress[: event + 1])
    for later in range(event + 1, len(progress)):
        if progress[later] > best:
            return later - event, True
    return len(progress) - 1 - event, False


class _Watch:
    def __init__(self, config: SearchConfig, first: IterationRecord, statement: str) -> None:
        node = first.node
        root = Goal(node.mvar_id, node.goal_type, node.goal_sig, node.goal_sig_strict)
        self.replay = Replay(config, root, statement=statement)
        self.core: SearchCore = self.replay.run.core
        self.numbers = ProofNumbers()
        self.progress = [0.0 - self.numbers.of(self.core.tree.root)]
        self.chosen_at: dict[int, int] = {}
        self.seen: list[int] = []
        self.staleness: list[int] = []
        self.related: list[int] = []
        self.expanded: list[Node | None] = []
        self.nodes: list[Node | None] = []
        """The node of each ticket that was committed."""
        """The node that each commit expanded, if it did."""
        self.waited: set[int] = set()
        self.averted: set[int] = set()
        self.obsolete = 0
        self.finder: dict[int, int] = {}
        """Agent that found an edge, by the edge's identity."""

    def step(self, record: IterationRecord) -> None:
        core = self.core
        for issued in self.replay.issue():
            self.look(issued)
        self.note_choices()
        ticket = core.open.get(record.iteration)
        node = ticket.node if ticket is not None else None
        self.obsolete += node is not None and core.tree.closed_by_ancestor(node) is not None
        known = len(node.edges) if node is not None else 0
        self.replay.apply(record)
        self.note_age(record, node)
        for edge in node.edges[known:] if node is not None else ():
            self.finder[id(edge)] = record.agent_id
        self.expanded.append(node if record.expanded is True else None)
        self.nodes.append(node)
        if node is not None:
            self.numbers.refresh(node.path())
        number = self.numbers.of(core.tree.root)
        self.progress.append(0.0 - number)

    def look(self, ticket: Ticket) -> None:
        """Ask what the ticket would choose if it did not see reservations."""
        core = self.core
        if ticket.round or ticket.iteration >= core.budget:
            return
        held = [other.node for other in core.open.values() if other.node is not None]
        for node in held:
            core.tree.release(node)
        try:
            choice = core.choice(ticket)
        finally:
            for node in held:
                core.tree.reserve(node)
        if choice is not None and any(choice is node for node in held):
            self.averted.add(ticket.iteration)

    def note_choices(self) -> None:
        for ticket in self.core.open.values():
            if ticket.phase is Phase.WAITING:
                self.waited.add(ticket.iteration)
            elif ticket.iteration not in self.chosen_at:
                self.chosen_at[ticket.iteration] = self.core.committed

    def note_age(self, record: IterationRecord, node: Node | None) -> None:
        seen = self.chosen_at.pop(record.iteration)
        between = [other for other in self.expanded[seen:] if other is not None]
        self.seen.append(seen)
        self.staleness.append(len(between))
        self.related.append(sum(_related(node, other) for other in between) if node is not None else 0)

    def expected_staleness(self) -> tuple[float, ...]:
        """Commits between choice and own commit, times the share of commits that expanded."""
        share = sum(node is not None for node in self.expanded) / len(self.expanded)
        return tuple((ticket - seen) * share for ticket, seen in enumerate(self.seen))

    def expected_related(self) -> tuple[float, ...]:
        """Staleness, times the share of all other expansions that lie above or below the ticket's node."""
        times = Counter(id(node) for node in self.expanded if node is not None)
        above: dict[int, int] = {}
        below: dict[int, int] = {}
        for node in self.core.tree.nodes:  # a parent comes before its children
            parent = node.parent.parent if node.parent is not None else None
            above[id(node)] = times[id(node)] + (above[id(parent)] if parent is not None else 0)
            below[id(node)] = times[id(node)]
        for node in reversed(self.core.tree.nodes):
            if node.parent is not None:
                below[id(node.parent.parent)] += below[id(node)]
        total = sum(times.values())
        found: list[float] = []
        for ticket, place in enumerate(self.nodes):
            own = self.expanded[ticket] is not None
            near = above[id(place)] + below[id(place)] - times[id(place)] - own if place is not None else 0
            others = total - own
            found.append(self.staleness[ticket] * near / others if others else 0.0)
        return tuple(found)

    def of_committed(self, tickets: set[int]) -> int:
        """How many of the tickets were committed: of those discarded at the end a trace says nothing."""
        return sum(iteration < self.core.committed for iteration in tickets)

    def observation(self) -> Observation:
        root = self.core.tree.root
        nodes, edges = _solved_branch(root) if root.is_terminal else ([], [])
        credit: dict[int, int] | None = None
        if root.is_terminal:
            credit = dict.fromkeys(range(self.core.config.agents), 0)
            for edge in edges:
                credit[self.finder[id(edge)]] += 1
        return Observation(
            progress=tuple(self.progress),
            seen=tuple(self.seen),
            staleness=tuple(self.staleness),
            related=tuple(self.related),
            staleness_expected=self.expected_staleness(),
            related_expected=self.expected_related(),
            obsolete=self.obsolete,
            waits=self.of_committed(self.waited),
            averted=self.of_committed(self.averted),
            credit=credit,
            proof=proof_of(root) if root.is_terminal else None,
            proof_keys=tuple(node.structural_key() for node in nodes),
        )


def _related(one: Node, other: Node) -> bool:
    """Whether a node is an ancestor of the other, or the same."""
    above, below = (one, other) if one.depth <= other.depth else (other, one)
    while below.depth > above.depth:
        below = cast("Edge", below.parent).parent
    return below is above


def _solved_branch(root: Node) -> tuple[list[Node], list[Edge]]:
    nodes: list[Node] = []
    edges: list[Edge] = []
    pending = [root]
    while pending:
        node = pending.pop()
        edge = node.solution
        assert edge is not None, "a solved node has its solution"
        nodes.append(node)
        edges.append(edge)
        pending.extend(reversed(edge.children))
    return nodes, edges
