"""Priors of tactics: the softmax of the scores that a provider gave to all that it suggested for a goal.

For a language model's log-probabilities this renormalises over what was sampled; for scores on another scale it is the
usual way to read them as preferences. One convention for every provider, so that rules of selection can be compared.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import exp, inf, isfinite, log

from cellview.tree.node import Candidate

__all__ = ["log_prior", "log_total"]


def log_total(suggested: Sequence[Candidate]) -> float:
    """Return log Σ e^score; 0 if there is nothing to sum. Scores that are not finite count as impossible."""
    scores = [candidate.score for candidate in suggested if isfinite(candidate.score)]
    if not scores:
        return 0.0
    greatest = max(scores)  # taken out of the sum, so that no power overflows
    return greatest + log(sum(exp(score - greatest) for score in scores))


def log_prior(score: float, total: float | None) -> float:
    """Return the logarithm of a tactic's prior at a node whose scores sum up to `total` (see :func:`log_total`)."""
    return score - (total or 0.0) if isfinite(score) else -inf
