"""One search, whoever drives it: how it begins, how a commit is written down and reported, how it is cut short.

The centralized loop, the actors, a resume and a replay all begin here, so that none of them can mean something else by
the same configuration.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, TypeAlias

from cellview.core.commits import Applied
from cellview.core.config import SearchConfig
from cellview.core.counts import Counts
from cellview.core.kinds import fitting
from cellview.core.progress import Progress
from cellview.core.records import TraceContext, abort_records, record
from cellview.core.tickets import CoreConfig, SearchCore, Ticket
from cellview.core.visits import CandidateOrder
from cellview.prover import Goal, Suggestion
from cellview.schedule import ReroutePolicy, Schedule, Verdict
from cellview.trace import AbortRecord, IterationRecord
from cellview.tree import Node, Tree

__all__ = ["Answer", "SearchRun", "answer_to", "begin"]

Answer: TypeAlias = Literal["work", "reroute", "give_up"]
"""What an agent does after the schedule has judged its node."""


class SearchRun:
    """A search under way.

    Attributes:
        config: Everything that its outcome depends on.
        core: Tree and tickets.
        schedule: Blocks and delays.
        order: In which order a visit tries its tactics.
        counts: What the committed iterations came to.
    """

    def __init__(self, config: SearchConfig, core: SearchCore, schedule: Schedule) -> None:
        self.config = config
        self.core = core
        self.schedule = schedule
        self.order = CandidateOrder(config.seed, config.provider_jitter, config.tree.selection == "blind-order")
        self.counts = Counts()
        self._algotypes = config.algotype_of_each if config.algotypes else ()

    def judge(self, node: Node, iteration: int) -> Verdict:
        """Say what the schedule makes of a node that a ticket has reserved."""
        if self.schedule.idle:
            return None
        return self.schedule.judge(node.structural_key(), iteration, root=node.parent is None)

    def families_of(self, agent_id: int) -> tuple[str, ...]:
        """Return the families of tactics that an agent may try; empty: all."""
        algotype = self._algotypes[agent_id] if self._algotypes else None
        return () if algotype is None else algotype.families

    def tried_at(self, node: Node) -> frozenset[str]:
        """Return what agents of other kinds may have tried at a node; nothing when all are of one kind."""
        return frozenset() if self.core.kinds is None else self.core.kinds.tried(node)

    def fitting(self, suggestions: Sequence[Suggestion], node: Node, *, agent_id: int) -> Sequence[Suggestion]:
        """Return what an agent may try of what its provider suggests."""
        return fitting(suggestions, families=self.families_of(agent_id), tried=self.tried_at(node))

    def record(self, applied: Applied, *, iteration: int, agent_id: int, provider_id: str) -> IterationRecord:
        """Write a commit down, and count it."""
        self.counts.take(applied)
        return record(
            self.core.tree,
            applied,
            TraceContext(self.config.budget, provider_id),
            iteration=iteration,
            agent_id=agent_id,
            tier=self.core.tier(iteration),
            inflight=self.core.inflight,
        )

    def close(self, ticket: Ticket) -> None:
        """Close a ticket whose commit is written down; may end the search.

        A provider that is dead ends it whatever else would: what was found without one is no result, but a proof.
        """
        self.core.finish_commit(ticket)
        if self.provider_is_dead and self.core.stop_reason != "solved":
            self.core.stop("provider_error")

    @property
    def provider_is_dead(self) -> bool:
        """Whether the provider has failed so often that nothing more is to be expected of it."""
        return self.counts.provider_is_dead(self.config.provider_errors)

    def report(self, iteration: int, reason: str) -> Progress:
        """Return what the caller is told after a commit."""
        core, tree = self.core, self.core.tree
        tier = core.tier(iteration)
        return Progress(
            iteration,
            reason,
            tier,
            self.config.budget[tier - 1],
            len(tree.nodes),
            tree.expansions,
            tree.max_depth,
            core.inflight,
            tree.solved,
        )

    def abort(self, iteration: int, *, node: Node | None, provider_id: str) -> tuple[AbortRecord, IterationRecord]:
        """Return the records that end a search at its caller's wish, in place of those of the next `iteration`.

        `node` is what that iteration had reserved, if it had got so far.
        """
        core = self.core
        return abort_records(
            core.tree,
            TraceContext(self.config.budget, provider_id),
            node=node if node is not None else core.tree.root,
            iteration=iteration,
            agent_id=iteration % core.config.agents,
            tier=core.tier(min(iteration, core.budget - 1)),
            inflight=core.inflight,
        )


def begin(config: SearchConfig, root: Goal, *, statement: str) -> SearchRun:
    """Begin the search for a proof of `root`: an empty tree, no ticket issued, nothing frozen.

    `statement` is the theorem as it was written, not as the prover shows it: all that is drawn begins with it.
    """
    centralized = config.mode == "centralized"
    core = SearchCore(
        Tree(root, config.tree, statement=statement),
        CoreConfig(
            agents=1 if centralized else config.agents or 1,
            window=1 if centralized else config.inflight or 1,
            budget=config.budget,
            seed=config.seed,
            ordered=config.commit == "ordered",
            count_obstacles=config.obstacle_visits == "count",
            profiles=config.profile_of_each,
            kinds=() if centralized else config.kinds,
        ),
    )
    return SearchRun(config, core, Schedule(config.block, config.delay))


def answer_to(verdict: Verdict, *, reroutes: int, policy: ReroutePolicy | None) -> Answer:
    """Say what follows from the schedule's verdict on a reserved node, after so many reroutes of the same ticket."""
    if verdict is None:
        return "work"
    return "reroute" if policy is not None and reroutes < policy.max_attempts else "give_up"
