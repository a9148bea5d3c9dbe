"""What the front has beside the daemon: files, followed traces, open streams, sessions."""

from __future__ import annotations

from collections.abc import Sequence

from cellview.daemon.http.aside import Aside
from cellview.daemon.http.cookie import Sessions
from cellview.daemon.http.follow import Tails
from cellview.daemon.http.metrics import Metrics
from cellview.daemon.http.page import PageFile, page_files
from cellview.daemon.http.streaming import Streams
from cellview.daemon.run_files import RunFiles
from cellview.daemon.service import Daemon

__all__ = ["Front"]


class Front:
    """One daemon's front.

    Args:
        daemon: Whose.
        page: The page's files; ``None``: those of the package.
    """

    def __init__(self, daemon: Daemon, page: Sequence[PageFile] | None = None) -> None:
        self.daemon = daemon
        self.files = RunFiles(daemon.config.runs)
        self.tails = Tails(daemon, self.files)
        self.streams = Streams(daemon.config.streams, daemon.hub.closing)
        self.sessions = Sessions(daemon.config.token)
        self.aside = Aside()
        self.metrics = Metrics(daemon, self.files, self.streams)
        self.page = tuple(page_files() if page is None else page)
