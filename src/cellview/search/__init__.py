"""Searches: the distributed runner, the centralized baseline, corpora, and the public entry to them."""

from cellview.core import (
    CommitOrder,
    ConfigError,
    Progress,
    ProgressCallback,
    ReplayError,
    SearchConfig,
    SearchError,
    SearchMode,
    SearchRun,
    StopReason,
    replay,
)
from cellview.search.api import search
from cellview.search.result import SearchResult

__all__ = [
    "CommitOrder",
    "ConfigError",
    "Progress",
    "ProgressCallback",
    "ReplayError",
    "SearchConfig",
    "SearchError",
    "SearchMode",
    "SearchResult",
    "SearchRun",
    "StopReason",
    "replay",
    "search",
]
