"""What agents do beside each other: the same tactic twice, their shares of the work, and where in the tree each is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence
from itertools import product
from math import factorial, fsum, prod
from typing import Any, TypeAlias

import msgspec

from cellview.measures.errors import SampleError
from cellview.measures.pure.extra import generator, library
from cellview.measures.pure.permutation import TIE

__all__ = [
    "Aggregation",
    "Attempt",
    "Duplicates",
    "Visit",
    "aggregation",
    "duplicates",
    "effective_contributors",
    "gini",
    "jain",
    "structural_staleness",
]

Visit: TypeAlias = tuple[Hashable, "Hashable | None", "Hashable | None"]
"""Agent (or its profile), the node it visited, and that node's parent (``None`` for the root).

A ticket that was given up is (agent, ``None``, ``None``): it keeps its place in the round and visits nothing.
"""

Attempt: TypeAlias = tuple[int, int, str, str, bool]
"""Iteration, agent, strict signature of the goal, normal form of the tactic, and whether it reached the prover."""

_ALL_ARRANGEMENTS = 16_384

_CELLS = 1_000_000
"""Labels held at once while arrangements are drawn."""


class Aggregation(msgspec.Struct, frozen=True):
    """Whether agents keep together on the tree. All fields are ``None`` for one agent, or a tree without a pair."""

    share: float | None
    """Parent–child pairs, both visited, with the same label."""
    expected: float | None
    """Mean share when labels are exchanged inside rounds."""
    one_sided_p: float | None
    """For agents that keep together."""
    two_sided_p: float | None


class Duplicates(msgspec.Struct, frozen=True):
    """Tactics tried that had been tried before on an equal goal."""

    tried: int
    concurrent: int
    """An earlier one was still under way: the agent could not know of it."""
    repeat: int
    """An earlier one had been committed: the agent could know."""
    cross_agent: int
    """Of both kinds, those that no earlier one by the same agent accounts for."""


def duplicates(attempts: Sequence[Attempt], window: int) -> Duplicates:
    """Count tactics that were tried before on a strictly equal goal; held-back ones neither count nor match.

    Args:
        attempts: In the order of the trace.
        window: Tickets that may be under way at once; what is `window` or more iterations older has been committed.

    Raises:
        SampleError: The window is below 1, or iterations go back.
    """
    if window < 1:
        raise SampleError(f"a window of {window} holds no ticket: give the run's --mcts-inflight.")
    first: dict[tuple[str, str], int] = {}
    by: dict[tuple[str, str], set[int]] = {}
    tried = concurrent = repeat = cross = last = 0
    for iteration, agent, signature, tactic, reached in attempts:
        if iteration < last:
            raise SampleError(f"iteration {iteration} comes after {last}: give attempts in the order of the trace.")
        last = iteration
        if not reached:
            continue
        tried += 1
        what = (signature, tactic)
        if what in first:
            known = first[what] <= iteration - window
            repeat += known
            concurrent += not known
            cross += agent not in by[what]
        first.setdefault(what, iteration)
        by.setdefault(what, set()).add(agent)
    return Duplicates(tried, concurrent, repeat, cross)


def structural_staleness(expanded: Sequence[bool | int], window: int) -> list[int]:
    """Return, for each record, how many of the commits between its choice and its own commit changed the tree.

    That so many commits lie between is by construction (the window less one); how many of them expanded is a finding. A
    ticket that waited saw more than this assumes: replay is exact.

    Args:
        expanded: Whether each record expanded a node, in order of iterations.
        window: Tickets that may be under way at once.

    Raises:
        SampleError: The window is below 1.
    """
    if window < 1:
        raise SampleError(f"a window of {window} holds no ticket: give the run's --mcts-inflight.")
    return [sum(map(bool, expanded[max(0, t - window + 1) : t])) for t in range(len(expanded))]


def jain(values: Sequence[float]) -> float | None:
    """Return Jain's index of fairness (Jain, Chiu & Hawe 1984): 1 if all have the same, 1/n if one has all.

    Returns:
        ``None`` if there is nothing to share.

    Raises:
        SampleError: A value is negative.
    """
    _check_shares(values)
    squares = fsum(value * value for value in values)
    return fsum(values) ** 2 / (len(values) * squares) if squares > 0 else None


def gini(values: Sequence[float]) -> float | None:
    """Return the Gini coefficient, the mean absolute difference over twice the mean: 0 if all have the same.

    Returns:
        ``None`` if there is nothing to share.

    Raises:
        SampleError: A value is negative.
    """
    _check_shares(values)
    total, n = fsum(values), len(values)
    if total == 0:
        return None
    return fsum((2 * rank - n + 1) * value for rank, value in enumerate(sorted(values))) / (n * total)


def effective_contributors(values: Sequence[float]) -> float | None:
    """Return 1/Σp², how many equal contributors would be as concentrated; ``None`` if there is nothing to share.

    Raises:
        SampleError: A value is negative.
    """
    index = jain(values)
    return None if index is None else index * len(values)


def _check_shares(values: Sequence[float]) -> None:
    if any(not value >= 0 for value in values):
        raise SampleError("a share of work is negative: count what each agent did.")


def aggregation(
    visits: Sequence[Visit], agents: int, *, permutations: int = 9999, seed: int | Sequence[int] = 0
) -> Aggregation:
    """Measure whether neighbours in the tree belong to the same agent more often than turns explain.

    A node belongs to the agent of its first visit. The null exchanges labels among the visits of a round of `agents`
    tickets, so every agent keeps its visits and every visit its time; a shuffle over the whole trace would not, and
    taking turns alone would then look like structure. All arrangements are taken if they are at most 16,384, otherwise
    `permutations` random ones with p = (1 + extreme) / (1 + drawn).

    Args:
        visits: One for each ticket, in order.
        agents: Number of agents: tickets in a round.
        permutations: Arrangements to draw, where not all are taken.
        seed: Seed of the draws.

    Raises:
        SampleError: There is no agent, or no permutation is asked for.
        MissingExtraError: Arrangements are drawn, and numpy is not installed.
    """
    if agents < 1 or permutations < 1:
        raise SampleError(f"{agents} agents and {permutations} permutations: both count from 1.")
    places = _Places(visits, agents)
    if agents == 1 or not places.pairs:
        return Aggregation(None, None, None, None)
    share = places.share(places.labels)
    everything = places.arrangements() <= _ALL_ARRANGEMENTS
    shares = places.all_shares() if everything else places.random_shares(permutations, seed)
    expected = fsum(shares) / len(shares)
    above = sum(other >= share - TIE for other in shares)
    apart = sum(abs(other - expected) >= abs(share - expected) - TIE for other in shares)
    one = 0 if everything else 1  # the observed arrangement is among all of them, but not among those drawn
    return Aggregation(share, expected, (one + above) / (one + len(shares)), (one + apart) / (one + len(shares)))


class _Places:
    """Tickets by round, and the pairs of tickets whose labels are compared."""

    def __init__(self, visits: Sequence[Visit], agents: int) -> None:
        first: dict[Hashable, int] = {}
        parent: dict[Hashable, Hashable | None] = {}
        for ticket, (_, node, above) in enumerate(visits):
            if node is not None and node not in first:
                first[node] = ticket
                parent[node] = above
        self.pairs = [(first[above], first[node]) for node, above in parent.items() if above in first]
        self.labels = [visit[0] for visit in visits]
        turns = [range(start, min(start + agents, len(visits))) for start in range(0, len(visits), agents)]
        # Tickets that were given up visited nothing, so no label of a visit goes there.
        self.rounds = [[ticket for ticket in turn if visits[ticket][1] is not None] for turn in turns]

    def share(self, labels: Sequence[Hashable]) -> float:
        return sum(labels[a] == labels[b] for a, b in self.pairs) / len(self.pairs)

    def arrangements(self) -> int:
        return prod(
            factorial(len(turn)) // prod(map(factorial, Counter(self.labels[ticket] for ticket in turn).values()))
            for turn in self.rounds
        )

    def all_shares(self) -> list[float]:
        options = [_orders([self.labels[ticket] for ticket in turn]) for turn in self.rounds]
        shares: list[float] = []
        for choice in product(*options):
            labels = list(self.labels)
            for turn, order in zip(self.rounds, choice, strict=True):
                for ticket, label in zip(turn, order, strict=True):
                    labels[ticket] = label
            shares.append(self.share(labels))
        return shares

    def random_shares(self, wanted: int, seed: int | Sequence[int]) -> list[float]:
        rng: Any = generator(seed, "The null of an aggregation")
        numpy = library("numpy", "The null of an aggregation")
        code = {label: number for number, label in enumerate(dict.fromkeys(self.labels))}
        by_size: dict[int, list[list[int]]] = {}
        for turn in self.rounds:
            by_size.setdefault(len(turn), []).append(turn)
        upper, lower = [a for a, _ in self.pairs], [b for _, b in self.pairs]
        shares: list[float] = []
        while len(shares) < wanted:
            rows = min(wanted - len(shares), max(1, _CELLS // len(self.labels)))
            labels = numpy.array([[code[label] for label in self.labels]] * rows)
            for size, turns in sorted(by_size.items()):
                if size:
                    labels[:, turns] = rng.permuted(labels[:, turns], axis=2)
            shares += (labels[:, upper] == labels[:, lower]).mean(axis=1).tolist()
        return shares


def _orders(labels: list[Hashable]) -> list[tuple[Hashable, ...]]:
    """Different orders of labels, in a fixed sequence; the length is that of a round, so this stays small."""
    if not labels:
        return [()]
    found: list[tuple[Hashable, ...]] = []
    for label in dict.fromkeys(labels):
        rest = list(labels)
        rest.remove(label)
        found += [(label, *order) for order in _orders(rest)]
    return found
