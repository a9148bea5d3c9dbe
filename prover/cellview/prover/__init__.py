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
from cellview.prover.script import ProofStep, render_script
from cellview.prover.synthetic import SyntheticCrash, SyntheticProver, SyntheticProvider

__all__ = [
    "Failure",
    "FailureReason",
    "Goal",
    "Hypothesis",
    "Preview",
    "ProofStep",
    "Prover",
    "Suggestion",
    "SyntheticCrash",
    "SyntheticProver",
    "SyntheticProvider",
    "TacticProvider",
    "Verification",
    "render_script",
]
