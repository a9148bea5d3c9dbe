"""All errors of the measures. Each says what is wrong, where, and what to do about it."""

from __future__ import annotations

__all__ = ["MeasuresError", "MissingExtraError", "SampleError"]


class MeasuresError(Exception):
    """Base of every error that this package raises on its own account."""


class SampleError(MeasuresError, ValueError):
    """Raised when numbers handed to a measure cannot be what it measures: lengths that differ, negative counts, …"""


class MissingExtraError(MeasuresError, ImportError):
    """Raised when a measure needs a library that comes with the extra ``measures`` and is not installed."""
