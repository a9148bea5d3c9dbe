"""Every error of this package. All derive from :class:`ProverError`; user mistakes carry one clear sentence."""

from __future__ import annotations

__all__ = [
    "ProverError",
    "ProviderError",
    "ProviderUnusableError",
    "StatementError",
    "ToolchainError",
]


class ProverError(Exception):
    """Base of everything that `cellview.prover` raises on purpose. Catch it to tell our errors from bugs."""


class StatementError(ProverError):
    """Raised when a statement does not parse or does not elaborate. The text ends with what Lean said."""


class ToolchainError(ProverError):
    """Raised when no usable Lean was found: none installed, another version, a wrong path, a platform without one.

    The text says what was looked for and what to install or which option to give.
    """


class ProviderError(ProverError):
    """Raised when a tactic provider cannot be made or cannot answer: a wrong option, a failing server.

    The text names the provider's source and what to change. In a run it costs one iteration and stands in its record.
    """


class ProviderUnusableError(ProviderError):
    """Raised when a provider cannot answer now and will not later: a refused key, an answer that nobody kept.

    Asking again is of no use, so a search ends at once.
    """
