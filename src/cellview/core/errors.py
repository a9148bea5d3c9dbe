"""All errors of :mod:`cellview.core`. Each is the user's to mend, and its text says how."""

from __future__ import annotations

__all__ = ["ConfigError", "ReplayError", "SearchError"]


class SearchError(Exception):
    """Base of everything that a search raises on purpose."""


class ConfigError(SearchError):
    """Raised when a search configuration has a value out of range, or options that do not belong together.

    The text names the option, the value that was given and what was expected.
    """


class ReplayError(SearchError):
    """Raised when a trace does not replay: the tree rebuilt from it differs from what it recorded.

    The text names the iteration and the first field that differs. Either the file was edited, or it was written by
    another version, configuration or prover than the one replaying it.
    """
