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
from cellview.prover.errors import ProofScriptError, ProverError, StatementError, ToolchainError
from cellview.prover.lean import LeanProver, open_prover
from cellview.prover.script import ProofStep, render_script
from cellview.prover.synthetic import SyntheticCrash, SyntheticProver, SyntheticProvider

__all__ = [
    "Failure",
    "FailureReason",
    "Goal",
    "Hypothesis",
    "LeanProver",
    "Preview",
    "ProofScriptError",
    "ProofStep",
    "Prover",
    "ProverError",
    "StatementError",
    "Suggestion",
    "SyntheticCrash",
    "SyntheticProver",
    "SyntheticProvider",
    "TacticProvider",
    "ToolchainError",
    "Verification",
    "open_prover",
    "render_script",
]
