"""What proves: the `Prover` protocol, Lean, the synthetic prover, tactic providers."""

from cellview.prover.base import (
    Failure,
    FailureReason,
    Goal,
    Hypothesis,
    PathProvider,
    Preview,
    Prover,
    Releasing,
    Suggestion,
    TacticProvider,
    Verification,
)
from cellview.prover.errors import (
    ProverError,
    ProviderError,
    ProviderUnusableError,
    StatementError,
    ToolchainError,
)
from cellview.prover.lean import LeanProver, open_prover
from cellview.prover.providers import HeuristicProvider, get_provider
from cellview.prover.script import ProofStep, render_script
from cellview.prover.synthetic import SyntheticCrash, SyntheticProver, SyntheticProvider

__all__ = [
    "Failure",
    "FailureReason",
    "Goal",
    "HeuristicProvider",
    "Hypothesis",
    "LeanProver",
    "PathProvider",
    "Preview",
    "ProofStep",
    "Prover",
    "ProverError",
    "ProviderError",
    "ProviderUnusableError",
    "Releasing",
    "StatementError",
    "Suggestion",
    "SyntheticCrash",
    "SyntheticProver",
    "SyntheticProvider",
    "TacticProvider",
    "ToolchainError",
    "Verification",
    "get_provider",
    "open_prover",
    "render_script",
]
