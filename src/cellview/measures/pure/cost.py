"""What a solution costs: work against a baseline, search efficiency against blind search, speed-up."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, exp, fsum, log, log10
from typing import Literal

import msgspec

from cellview.measures.errors import SampleError

__all__ = ["Efficiency", "WorkRatio", "logical_speedup", "search_efficiency", "strength_speedup", "work_ratio"]


class WorkRatio(msgspec.Struct, frozen=True):
    """Work of A over work of B, on the same theorems and seeds."""

    geometric_mean: float | None
    """Over the pairs that both solve; ``None`` without one. It selects: read it beside `capped` and the counts."""
    capped: float | None
    """Ratio of the mean costs, every cost cut at the cap and unsolved searches counted as the cap."""
    both: int
    only_a: int
    only_b: int
    neither: int


class Efficiency(msgspec.Struct, frozen=True):
    """Search efficiency K of one theorem, in orders of magnitude."""

    k: float | None
    """``None`` if neither the blind search nor the agent is free of censoring, or one has no run."""
    bound: Literal["", "≥", "≤"]
    """Whether `k` is exact, a lower bound (only blind runs hit the cap), or an upper bound (only the agent's)."""


def work_ratio(a: Sequence[float | None], b: Sequence[float | None], cap: float) -> WorkRatio:
    """Compare the work of two searches, pair by pair; below 1 means that A works less.

    Args:
        a: Tactics tried by A (or iterations) for each pair; ``None`` where it did not solve.
        b: The same for B.
        cap: Common cap of the second ratio, at most the least number that an unsolved search spent.

    Raises:
        SampleError: The lists differ in length, or a cost or the cap is not positive.
    """
    if len(a) != len(b):
        raise SampleError(f"{len(a)} costs and {len(b)} costs are not pairs: give one of each for every search.")
    _check_costs([*a, *b], cap)
    logs = [log(x) - log(y) for x, y in zip(a, b, strict=True) if x is not None and y is not None]
    only_a = sum(x is not None and y is None for x, y in zip(a, b, strict=True))
    only_b = sum(x is None and y is not None for x, y in zip(a, b, strict=True))
    return WorkRatio(
        geometric_mean=exp(fsum(logs) / len(logs)) if logs else None,
        capped=fsum(_cut(a, cap)) / fsum(_cut(b, cap)) if a else None,
        both=len(logs),
        only_a=only_a,
        only_b=only_b,
        neither=len(a) - len(logs) - only_a - only_b,
    )


def search_efficiency(blind: Sequence[float | None], agent: Sequence[float | None], cap: float) -> Efficiency:
    """Return K = log10(mean cost of blind search / mean cost of the agent) of one theorem.

    Both means are restricted to the common cap. Where only one side was cut off, K is a bound; where both were, the
    capped value is neither a lower nor an upper bound, and K is undetermined (Chis-Ciure & Levin 2025 for K).

    Args:
        blind: Tactics tried by each run of the blind baseline; ``None`` where it did not solve.
        agent: The same for the agent.
        cap: Common cap.

    Raises:
        SampleError: A cost or the cap is not positive.
    """
    _check_costs([*blind, *agent], cap)
    if not blind or not agent:
        return Efficiency(None, "")
    blind_cut, agent_cut = _censored(blind, cap), _censored(agent, cap)
    if blind_cut and agent_cut:
        return Efficiency(None, "")
    k = log10((fsum(_cut(blind, cap)) / len(blind)) / (fsum(_cut(agent, cap)) / len(agent)))
    return Efficiency(k, "≥" if blind_cut else "≤" if agent_cut else "")


def logical_speedup(iterations_central: int, iterations_distributed: int, window: int) -> float:
    """Return the speed-up in steps of the window: how many fewer rounds, if all tickets of a window take equally long.

    Raises:
        SampleError: A number is below 1.
    """
    if min(iterations_central, iterations_distributed, window) < 1:
        raise SampleError("iterations and window count from 1: compare searches that both solved.")
    return iterations_central / ceil(iterations_distributed / window)


def strength_speedup(
    central: Sequence[tuple[float, float]], distributed: Sequence[tuple[float, float]], rate: float
) -> float | None:
    """Return the budget of the one curve over that of the other at which both reach a rate (Chaslot et al. 2008).

    Args:
        central: Budget curve of the baseline as (budget, share solved), budgets ascending.
        distributed: The other's.
        rate: The share to reach.

    Returns:
        The quotient, above 1 if the distributed search needs less; ``None`` where a curve does not reach the rate.
    """
    reached = [
        next((budget for budget, share in curve if share >= rate - 1e-12), None) for curve in (central, distributed)
    ]
    if reached[0] is None or reached[1] is None:
        return None
    return reached[0] / reached[1]


def _check_costs(costs: Sequence[float | None], cap: float) -> None:
    if not cap > 0:
        raise SampleError(f"the cap is {cap}, and must be above 0: take the least cost of an unsolved search.")
    if any(cost is not None and not cost > 0 for cost in costs):
        raise SampleError("a cost is not above 0: a search that solved has tried something.")


def _cut(costs: Sequence[float | None], cap: float) -> list[float]:
    return [cap if cost is None else min(cost, cap) for cost in costs]


def _censored(costs: Sequence[float | None], cap: float) -> bool:
    return any(cost is None or cost > cap for cost in costs)
