"""The figures of one search that only its trace shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import fsum, inf
from typing import cast

import msgspec

from cellview.core import SearchConfig
from cellview.measures.pure.collective import Visit, aggregation, duplicates, effective_contributors, gini, jain
from cellview.measures.pure.gratification import delayed_gratification, gratification_null
from cellview.measures.pure.proofs import canonical_hash
from cellview.measures.pure.records import (
    Shares,
    attempts_of,
    first_obstacle,
    iterations_of,
    longest_given_up,
    mean_inflight,
    met_nodes,
    shares_of_agents,
    visits_of,
)
from cellview.measures.pure.replayed import Observation, observe
from cellview.trace import Record

__all__ = ["AlgotypeShares", "TraceFigures", "figures_of_trace"]


class AlgotypeShares(msgspec.Struct, frozen=True, kw_only=True):
    """What the agents of one algotype did of the whole; ``None`` where there is nothing to share."""

    agents: float
    """Their share of the agents: what they would have of all else if algotypes made no difference."""
    tried: float | None
    """Of the tactics that reached the prover."""
    expansions: float | None
    """Of the visits that expanded a node."""
    credit: float | None = None
    """Of the edges of the proof."""


class TraceFigures(msgspec.Struct, frozen=True, kw_only=True):
    """Figures of one search. Shares are of tactics tried, visits or tickets; ``None`` where there is none to share."""

    concurrent_share: float | None
    repeat_share: float | None
    cross_agent_share: float | None
    """Duplicate tactics among those tried: see :func:`~cellview.measures.duplicates`."""
    mean_inflight: float | None
    longest_given_up: int
    frozen_fraction: float | None
    root_frozen: bool
    jain_tried: float | None
    gini_tried: float | None
    aggregation_excess: float | None
    """Share of parent–child pairs with one agent, less its mean when labels are exchanged inside rounds."""
    staleness: float | None
    related: float | None
    """Commits that expanded between choice and commit, on average; and those of them near the ticket's node."""
    staleness_excess: float | None
    """Staleness less what it would be, were the search's expansions spread evenly over its commits."""
    related_excess: float | None
    """Expansions near the ticket's node less what there would be, had they been drawn from all of the search's."""
    obsolete_share: float | None
    """Visits whose branch was closed when they were committed."""
    averted_share: float | None
    waits_share: float | None
    """Tickets that reservations kept from a collision; tickets that found nothing free."""
    contributors: float | None
    """Effective number of agents with edges in the proof."""
    gain: float | None
    gain_excess: float | None
    """Delayed gratification, and the same less its mean over other orders of the same steps."""
    events: int | None
    unrewarded: int | None
    first_obstacle: int | None = None
    """First iteration that met a frozen or delayed node."""
    progress: tuple[float, ...] = ()
    """Minus the root's proof number, at the start and after each iteration."""
    proof_keys: tuple[str, ...] = ()
    proof_hash: str | None = None
    tried_by: tuple[int, ...] = ()
    """Tactics that reached the prover, by agent."""
    credit_of: tuple[int, ...] | None = None
    """Edges of the proof, by the agent that found each; ``None`` if unsolved or not replayed."""
    algotype_excess: float | None = None
    """As `aggregation_excess`, with algotypes in the place of agents; where there are several."""
    algotypes: Mapping[str, AlgotypeShares] = {}
    """Division of labour and proof credit, by algotype; where there are several."""
    why_no_replay: str | None = None
    """Why the figures from ``staleness`` on are missing."""


def figures_of_trace(
    records: Sequence[Record],
    config: SearchConfig,
    *,
    statement: str,
    replayable: bool,
    permutations: int,
    seed: Sequence[int],
) -> TraceFigures:
    """Return the figures of a trace.

    Args:
        records: The trace.
        config: The configuration it was written with.
        statement: The theorem as the corpus has it.
        replayable: Whether this version can replay it; else only what stands in the records is measured.
        permutations: Arrangements and orders drawn for the two nulls, whose means are used and no p value.
        seed: Seed of those draws.

    Raises:
        ReplayError: The trace does not follow from its configuration.
    """
    agents = 1 if config.mode == "centralized" else config.agents or 1
    window = 1 if config.mode == "centralized" else config.inflight or 1
    tried = duplicates(attempts_of(records), window)
    shares = shares_of_agents(records, agents)
    met = met_nodes(records)
    together = aggregation(visits_of(records), agents, permutations=permutations, seed=(*seed, 1))
    share, expected = together.share, together.expected
    by_kind = _by_algotype(records, config, shares, permutations=permutations, seed=seed)
    fixed = TraceFigures(
        concurrent_share=_share(tried.concurrent, tried.tried),
        repeat_share=_share(tried.repeat, tried.tried),
        cross_agent_share=_share(tried.cross_agent, tried.tried),
        mean_inflight=mean_inflight(records, window=window, budget=sum(config.budget)),
        longest_given_up=longest_given_up(records),
        frozen_fraction=met.fraction,
        root_frozen=met.root_frozen,
        jain_tried=jain(list(shares.tried.values())),
        gini_tried=gini(list(shares.tried.values())),
        aggregation_excess=None if share is None or expected is None else share - expected,
        staleness=None, related=None, staleness_excess=None, related_excess=None, obsolete_share=None,
        averted_share=None, waits_share=None, contributors=None, gain=None, gain_excess=None, events=None,
        unrewarded=None, first_obstacle=first_obstacle(records),
        tried_by=tuple(shares.tried.values()),
    )  # fmt: skip
    fixed = msgspec.structs.replace(fixed, algotype_excess=by_kind[0], algotypes=by_kind[1])
    why = None
    if config.commit != "ordered":
        why = "committed in order of arrival"
    elif not replayable:
        why = "written by an earlier version of the schedule"
    elif not iterations_of(records):
        why = "no iteration"
    if why is not None:
        return msgspec.structs.replace(fixed, why_no_replay=why)
    seen = observe(records, config, statement=statement)
    credited = _with_credit(fixed, seen.credit, config.labels)
    return _with_replay(credited, seen, permutations=permutations, seed=seed)


def _by_algotype(
    records: Sequence[Record], config: SearchConfig, shares: Shares, *, permutations: int, seed: Sequence[int]
) -> tuple[float | None, dict[str, AlgotypeShares]]:
    """Return how far algotypes keep together on the tree, beyond what turns explain, and what each did."""
    labels = config.labels
    if len(set(labels)) < 2:
        return None, {}
    visits: list[Visit] = [(labels[cast("int", agent)], node, parent) for agent, node, parent in visits_of(records)]
    together = aggregation(visits, len(labels), permutations=permutations, seed=(*seed, 3))
    excess = None if together.share is None or together.expected is None else together.share - together.expected
    found = {
        label: AlgotypeShares(
            agents=labels.count(label) / len(labels),
            tried=_share_of(label, labels, shares.tried),
            expansions=_share_of(label, labels, shares.expansions),
        )
        for label in dict.fromkeys(labels)
    }
    return excess, found


def _with_credit(fixed: TraceFigures, credit: Mapping[int, int] | None, labels: Sequence[str]) -> TraceFigures:
    if credit is None or not fixed.algotypes:
        return fixed
    return msgspec.structs.replace(
        fixed,
        algotypes={
            label: msgspec.structs.replace(shares, credit=_share_of(label, labels, credit))
            for label, shares in fixed.algotypes.items()
        },
    )


def _share_of(label: str, labels: Sequence[str], done: Mapping[int, int]) -> float | None:
    return _share(sum(done.get(agent, 0) for agent, own in enumerate(labels) if own == label), sum(done.values()))


def _with_replay(fixed: TraceFigures, seen: Observation, *, permutations: int, seed: Sequence[int]) -> TraceFigures:
    tickets = len(seen.seen)
    series = [value for value in seen.progress if value > -inf]  # a dead root is the end, not a setback
    gratification = delayed_gratification(series)
    null = gratification_null(series, permutations, (*seed, 2))
    return msgspec.structs.replace(
        fixed,
        staleness=sum(seen.staleness) / tickets,
        related=sum(seen.related) / tickets,
        staleness_excess=(sum(seen.staleness) - fsum(seen.staleness_expected)) / tickets,
        related_excess=(sum(seen.related) - fsum(seen.related_expected)) / tickets,
        obsolete_share=seen.obsolete / tickets,
        averted_share=seen.averted / tickets,
        waits_share=seen.waits / tickets,
        contributors=None if seen.credit is None else effective_contributors(list(seen.credit.values())),
        gain=gratification.gain,
        gain_excess=None if null.mean is None else gratification.gain - null.mean,
        events=gratification.events,
        unrewarded=gratification.unrewarded,
        progress=seen.progress,
        credit_of=None if seen.credit is None else tuple(seen.credit.values()),
        proof_keys=seen.proof_keys,
        proof_hash=None if seen.proof is None else canonical_hash(seen.proof, "full"),
    )


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
