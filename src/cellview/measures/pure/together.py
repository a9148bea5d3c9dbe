"""What agents did beside each other in one search, and in all searches of an arm: counts that need no library."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from math import fsum

import msgspec

from cellview.measures.pure.collective import duplicates, effective_contributors, jain
from cellview.measures.pure.records import attempts_of, iterations_of, shares_of_agents, visits_of
from cellview.trace import Record
from cellview.tree import Edge, Tree

__all__ = ["Together", "TogetherTotals", "credit_of", "together", "together_in_all"]


class Together(msgspec.Struct, frozen=True, kw_only=True):
    """One search. Agents never hold one node at once, so overlap is in time: nodes that several came to, one by one."""

    agents: int
    nodes: int
    """Nodes that were visited."""
    shared_nodes: int
    """Those of them that more than one agent visited."""
    tried: int
    concurrent: int
    repeat: int
    cross_agent: int
    """Tactics tried, and those of them that were duplicates: see :func:`~cellview.measures.duplicates`."""
    tried_by: dict[int, int]
    expansions_by: dict[int, int]
    """Division of labour: tactics tried and expansions, by agent."""
    credit: dict[int, int] | None
    """Edges of the proof by the agent that found each; ``None`` if unsolved, or the tree was not at hand."""

    labour: float | None
    """Effective number of agents by tactics tried: 1 if one did all, as many as there are if all did the same."""
    fairness: float | None
    """Jain's index of tactics tried."""
    contributors: float | None
    """Effective number of agents with edges in the proof."""


class TogetherTotals(msgspec.Struct, frozen=True, kw_only=True):
    """All searches of one arm: sums of counts, and means over searches of what is no count."""

    searches: int
    """Searches with a trace."""
    nodes: int
    shared_nodes: int
    tried: int
    concurrent: int
    repeat: int
    cross_agent: int
    labour: float | None
    """Effective number of agents by tactics tried, mean over searches."""
    contributors: float | None
    """Effective number of agents in the proof, mean over solved searches."""
    credit: dict[int, int]
    """Edges of all proofs, by agent."""


def together(records: Sequence[Record], *, agents: int, window: int, tree: Tree | None = None) -> Together:
    """Return what the agents of a search did beside each other.

    Args:
        records: Its trace.
        agents: Number of agents; 1 for the sequential loop.
        window: Tickets that could be under way at once.
        tree: Its tree at the end, for the credit of the proof.
    """
    counted = duplicates(attempts_of(records), window)
    shares = shares_of_agents(records, agents)
    visitors: defaultdict[object, set[object]] = defaultdict(set)
    for agent, node, _ in visits_of(records):
        if node is not None:
            visitors[node].add(agent)
    credit = None if tree is None else credit_of(records, tree, agents=agents)
    tried = list(shares.tried.values())
    return Together(
        agents=agents,
        nodes=len(visitors),
        shared_nodes=sum(len(who) > 1 for who in visitors.values()),
        tried=counted.tried,
        concurrent=counted.concurrent,
        repeat=counted.repeat,
        cross_agent=counted.cross_agent,
        tried_by=shares.tried,
        expansions_by=shares.expansions,
        credit=credit,
        labour=effective_contributors(tried),
        fairness=jain(tried),
        contributors=None if credit is None else effective_contributors(list(credit.values())),
    )


def credit_of(records: Iterable[Record], tree: Tree, *, agents: int) -> dict[int, int] | None:
    """Return the edges of a proof by the agent that found each; ``None`` if the tree is unsolved.

    An edge was found by whose tactic first succeeded at its node. The same comes out of a replay
    (:func:`~cellview.measures.observe`), which takes longer.
    """
    if tree.root.solution is None:
        return None
    finder: dict[tuple[str, str], int] = {}
    for record in iterations_of(records):
        for attempt in record.attempts:
            if attempt.outcome == "success":
                finder.setdefault((record.node.mvar_id, attempt.tactic), record.agent_id)
    credit: Counter[int] = Counter()
    pending: list[Edge | None] = [tree.root.solution]
    while pending:
        edge = pending.pop()
        assert edge is not None, "what is below a solution is solved"
        credit[finder[edge.parent.goal.mvar_id, edge.tactic]] += 1
        pending.extend(child.solution for child in edge.children)
    return {agent: credit[agent] for agent in range(agents)}


def together_in_all(searches: Sequence[Together]) -> TogetherTotals | None:
    """Add up the searches of an arm; ``None`` without one."""
    if not searches:
        return None
    credit: Counter[int] = Counter()
    for search in searches:
        credit.update(search.credit or {})
    return TogetherTotals(
        searches=len(searches),
        nodes=sum(search.nodes for search in searches),
        shared_nodes=sum(search.shared_nodes for search in searches),
        tried=sum(search.tried for search in searches),
        concurrent=sum(search.concurrent for search in searches),
        repeat=sum(search.repeat for search in searches),
        cross_agent=sum(search.cross_agent for search in searches),
        labour=_mean([search.labour for search in searches]),
        contributors=_mean([search.contributors for search in searches]),
        credit={agent: credit[agent] for agent in sorted(credit)},
    )


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return fsum(known) / len(known) if known else None
