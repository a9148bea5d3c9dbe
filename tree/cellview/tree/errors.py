"""All errors of :mod:`cellview.tree`."""

from __future__ import annotations

__all__ = ["TreeConfigError", "TreeError", "TreeFormatError"]


class TreeError(Exception):
    """Base of everything that :mod:`cellview.tree` raises on purpose."""


class TreeConfigError(TreeError):
    """Raised when a rule of the tree has a value out of its range; the text names it and what was expected."""


class TreeFormatError(TreeError):
    """Raised when a saved tree cannot be read back: damaged, or written by another version."""
