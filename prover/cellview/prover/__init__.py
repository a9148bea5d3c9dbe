"""What proves: the `Prover` protocol, Lean, the synthetic prover, tactic providers."""

from cellview.prover.base import (
    Failure,
    FailureReason,
    Goal,
    Hypothesis,
    Preview,
    Prover,
    Suggestion,
    TacticProvider,
    Verification,
)
from cellview.prover.synthetic import SyntheticCrash, SyntheticProver, SyntheticProvider

__all__ = [
    "Failure",
    "FailureReason",
    "Goal",
    "Hypothesis",
    "Preview",
    "Prover",
    "Suggestion",
    "SyntheticCrash",
    "SyntheticProver",
    "SyntheticProvider",
    "TacticProvider",
    "Verification",
]
