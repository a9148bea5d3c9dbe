"""All errors of the measures. Each says what is wrong, where, and what to do about it."""

from __future__ import annotations

__all__ = [
    "CellsError",
    "MeasuresError",
    "MissingExtraError",
    "PlanError",
    "SampleError",
    "SolvedNonTheoremError",
    "UnequalRunsError",
]


class MeasuresError(Exception):
    """Base of every error that this package raises on its own account."""


class SampleError(MeasuresError, ValueError):
    """Raised when numbers handed to a measure cannot be what it measures: lengths that differ, negative counts, …"""


class MissingExtraError(MeasuresError, ImportError):
    """Raised when a measure needs a library that comes with the extra ``measures`` and is not installed."""


class CellsError(MeasuresError):
    """Raised when runs cannot be read as searches, or there is no such arm among them; the text names the place."""


class UnequalRunsError(CellsError):
    """Raised when two arms differ in more than the factor under study, so that nothing could be concluded.

    Args:
        message: The sentence.
        field: The field in which they differ.
    """

    def __init__(self, message: str, *, field: str) -> None:
        super().__init__(message)
        self.field = field


class SolvedNonTheoremError(MeasuresError):
    """Raised when a theorem that the corpus marks as false was proved: one of the two is wrong; find out which."""


class PlanError(MeasuresError):
    """Raised when an experiment's file cannot be read as a preregistration; the text names the entry."""
