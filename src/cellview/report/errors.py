"""All errors of the report. Each says what is wrong, where, and what to do about it."""

from __future__ import annotations

__all__ = ["MissingWidgetError", "NoFigureError", "ReportError"]


class ReportError(Exception):
    """Base of every error that this package raises on its own account."""


class MissingWidgetError(ReportError, ImportError):
    """Raised when a viewer is wanted in a notebook, and the extra ``notebook`` is not installed."""


class NoFigureError(ReportError, KeyError):
    """Raised when there is no figure of that name, or the runs have nothing that it could show; the text says which."""

    def __str__(self) -> str:
        """Return the sentence; a KeyError would put quotation marks around it."""
        return str(self.args[0]) if self.args else ""
