"""The errors of a search, which its core raises, and those of corpora."""

from __future__ import annotations

from cellview.core import ConfigError, ReplayError, SearchError

__all__ = ["ConfigError", "CorpusError", "ReplayError", "SearchError"]


class CorpusError(SearchError):
    """Raised when a corpus file cannot be used: unreadable, empty, a duplicate id, an unknown or missing field."""
