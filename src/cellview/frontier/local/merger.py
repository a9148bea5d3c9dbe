"""Merges results and traces into their canonical order, which is the order of tickets and nothing else.

The blueprint sorted by cycle, worker and hash; a worker's name in a sort key makes the merged file depend on who did
what. Tickets are unique, so that no further key is needed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

import msgspec

from cellview.frontier.errors import DeterminismError
from cellview.frontier.local.journal_file import JournalLine
from cellview.frontier.machine.canonical import priority_of
from cellview.trace.atomic import open_atomically
from cellview.trace.digest import without_timestamps

__all__ = ["MergeReport", "Merger", "merge_lines"]


class MergeReport(msgspec.Struct, frozen=True):
    """What was merged: number of results and trace lines, and the digests of both files.

    The trace digest leaves out ``timestamp_ms``; the results hold no clock.
    """

    results: int
    trace_lines: int
    results_digest: str
    trace_digest: str


def merge_lines(buffers: Iterable[Iterable[JournalLine]]) -> list[JournalLine]:
    """Merges the buffers of several workers: ascending tickets, each once.

    Raises:
        DeterminismError: Two buffers hold different results of one ticket.
    """
    merged: dict[int, JournalLine] = {}
    for buffer in buffers:
        for line in buffer:
            known = merged.setdefault(line.ticket, line)
            if known.digest != line.digest:
                raise DeterminismError(line.candidate, known.digest, line.digest)
    return [merged[ticket] for ticket in sorted(merged)]


class Merger:
    """Writes ``results.jsonl`` and ``trace.jsonl`` into a folder, each whole or not at all."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def write(self, lines: Iterable[JournalLine]) -> MergeReport:
        """Writes both files from journal lines in order of tickets, such as ``read_journal`` gives them."""
        results, trace = hashlib.sha256(), hashlib.sha256()
        counts = [0, 0]
        self._folder.mkdir(parents=True, exist_ok=True)
        with (
            open_atomically(self._folder / "results.jsonl") as result_file,
            open_atomically(self._folder / "trace.jsonl") as trace_file,
        ):
            for line in lines:
                raw = _result_line(line)
                result_file.write(raw)
                results.update(raw)
                counts[0] += 1
                for text in line.trace:
                    raw = text.encode() + b"\n"
                    trace_file.write(raw)
                    trace.update(without_timestamps(raw))
                    counts[1] += 1
        return MergeReport(counts[0], counts[1], results.hexdigest(), trace.hexdigest())


def _result_line(line: JournalLine) -> bytes:
    fields = {
        "ticket": line.ticket,
        "candidate": line.candidate,
        "kind": line.kind,
        "item": msgspec.Raw(line.item.encode()),
        "priority": priority_of(line.score),
        "depth": line.depth,
        "digest": line.digest,
        "payload": msgspec.Raw(line.payload.encode()),
    }
    return msgspec.json.encode(fields) + b"\n"
