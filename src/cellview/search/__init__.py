"""Searches: the distributed runner, the centralized baseline, corpora, and the public entry to them."""

from cellview.actors.roles import Progress, ProgressCallback, StopReason
from cellview.search.api import search
from cellview.search.config import CommitOrder, SearchConfig, SearchMode
from cellview.search.errors import ConfigError, CorpusError, ReplayError, SearchError
from cellview.search.replay import Replay, replay
from cellview.search.result import SearchResult

__all__ = [
    "CommitOrder",
    "ConfigError",
    "CorpusError",
    "Progress",
    "ProgressCallback",
    "Replay",
    "ReplayError",
    "SearchConfig",
    "SearchError",
    "SearchMode",
    "SearchResult",
    "StopReason",
    "replay",
    "search",
]
