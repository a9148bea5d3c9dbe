"""Traces inside a page: which ones, as inert text, compressed the same way every time."""

from __future__ import annotations

import base64
import gzip
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec

from cellview.report.errors import ReportError
from cellview.report.material import traces_of
from cellview.trace import RunFolder, SearchEntry, TraceReader

__all__ = ["LIMIT_BYTES", "EmbeddedTrace", "chosen_traces"]

LIMIT_BYTES: Final = 16 * 2**20
"""Of all traces in a page, as they stand in it: a browser reads so much in a good second."""


class EmbeddedTrace(msgspec.Struct, frozen=True, kw_only=True):
    """One search that a page can show."""

    run: str
    theorem: str
    arm: str
    seed: int
    path: str
    """Where the trace is, from the run's folder on."""
    nodes: int
    iterations: int
    solved: bool
    data: str | None
    """Gzip in base64; ``None`` if the trace did not fit."""

    @property
    def key(self) -> str:
        """What the search is called in a page's address."""
        return f"{self.run}/{self.theorem}/{self.arm}/{self.seed}"


def chosen_traces(runs: Sequence[RunFolder], *, limit_bytes: int = LIMIT_BYTES) -> list[EmbeddedTrace]:
    """Return all traces of runs, with the content of as many as fit.

    Theorems are taken whole, so that all arms of one can be compared, and the smallest first, so that as many searches
    as possible can be looked at.

    Raises:
        DamagedLineError: A line of a trace is no record: a page must not hold what cannot be opened.
        ReportError: A trace cannot be read.
    """
    found = [_embedded(run, *row) for run in runs for row in traces_of(run)]
    sizes: dict[str, int] = {}
    for trace in found:
        sizes[trace.theorem] = sizes.get(trace.theorem, 0) + len(trace.data or "")
    kept: set[str] = set()
    left = limit_bytes
    for theorem in sorted(sizes, key=lambda name: (sizes[name], name)):
        if sizes[theorem] <= left:
            left -= sizes[theorem]
            kept.add(theorem)
    return [
        trace if trace.theorem in kept else msgspec.structs.replace(trace, data=None)
        for trace in sorted(found, key=lambda trace: (trace.theorem, trace.run, trace.arm, trace.seed))
    ]


def _embedded(run: RunFolder, entry: SearchEntry, path: Path) -> EmbeddedTrace:
    for _ in TraceReader(path):
        pass
    try:
        text = path.read_bytes()
    except OSError as error:
        raise ReportError(f"Cannot read {path}: {error.strerror}.") from error
    whole = text[: text.rfind(b"\n") + 1]  # a torn last line is no record
    return EmbeddedTrace(
        run=run.path.resolve().name,
        theorem=entry.theorem,
        arm=entry.arm,
        seed=entry.seed,
        path=path.relative_to(run.path).as_posix(),
        nodes=entry.nodes,
        iterations=entry.iterations,
        solved=entry.solved,
        data=base64.b64encode(gzip.compress(whole, mtime=0)).decode(),
    )
