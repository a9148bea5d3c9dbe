"""The one place where a point is performed: a search, its trace, its tree and its proof, in a folder."""

from __future__ import annotations

import contextlib
import math
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Literal

import anyio
import msgspec

from cellview.core import Progress, ProgressCallback
from cellview.experiment.experiment import Setup
from cellview.experiment.outcome import Outcome, outcome_of, refused, unfinished
from cellview.experiment.plan import Point
from cellview.experiment.provers import Opened
from cellview.prover.errors import StatementError
from cellview.search import SearchResult, search
from cellview.trace import (
    NullTraceWriter,
    OrderedTraceWriter,
    Record,
    TraceWriter,
    resume_point,
    write_atomically,
)

__all__ = ["FILE_ENDINGS", "Files", "Session", "perform"]

PROOF, TRACE, TREE = FILE_ENDINGS = ("_proof.lean", "_mcts_trace.jsonl", "_mcts_tree.json")
"""What a search writes; its stem comes before."""


class Session(msgspec.Struct, frozen=True):
    """What a worker keeps from one point to the next: an open prover and provider, and what all points share."""

    opened: Opened
    setup: Setup


class Files(msgspec.Struct, frozen=True):
    """Where a point's files go: an existing folder, what their names begin with, and whether a trace is kept."""

    folder: Path
    stem: str
    trace: bool = True

    @property
    def trace_path(self) -> Path:
        """Path of the trace."""
        return self.folder / f"{self.stem}{TRACE}"

    @property
    def tree_path(self) -> Path:
        """Path of the tree."""
        return self.folder / f"{self.stem}{TREE}"

    @property
    def proof_path(self) -> Path:
        """Path of the verified proof."""
        return self.folder / f"{self.stem}{PROOF}"


async def perform(
    point: Point,
    session: Session,
    files: Files,
    *,
    until: int | None = None,
    progress: ProgressCallback | None = None,
    note: Callable[[str], None] = lambda text: None,
) -> Outcome:
    """Run a point to its end, or to the end of a tier.

    A trace that is there is continued: its tactics are replayed into the prover, and every record is checked on the
    way. So a point that was killed, or that comes back at its next tier, ends with the trace of one that never was.

    Args:
        point: What to run; an arm that needs a proof has got it.
        session: An open prover and provider.
        files: Where trace, tree and proof go.
        until: Number of the tier, from 1, after which to stop; ``None``: the last one.
        progress: Told after each commit.
        note: Told what people should know, such as a torn line that was cut.

    Raises:
        TraceError: The disk refuses, or the trace that is there is damaged.
        ReplayError: The trace that is there was not written by this point.
        ProverError: The prover cannot be started.
    """
    assert not point.arm.needs_solution, f"{point.key} still waits for the wild type's proof"
    before, writer = _trace(files, note)
    limit = _limit(session.setup.search.budget, until)
    clock = _Clock(session.setup.time_budget_s, progress)
    try:
        with contextlib.closing(writer):
            result = await _search(point, session, before, writer, limit, clock)
    except StatementError as error:
        return refused(point, session.setup, str(error))
    finally:
        if files.trace and not files.trace_path.stat().st_size:
            files.trace_path.unlink()  # refused, or stopped before its first record: a trace that says nothing
    if result is None:
        assert limit is not None
        return unfinished(point, session.setup, iterations=limit)
    write_atomically(files.tree_path, msgspec.json.encode(result.tree_json))
    if result.proof is not None:
        write_atomically(files.proof_path, result.proof.encode())
    return outcome_of(point, session.setup, result, out_of_time=clock.rang)


class _Clock:
    """Passes progress on, and ends the search once its time is over; `rang` says whether that happened."""

    def __init__(self, seconds: float | None, progress: ProgressCallback | None) -> None:
        self.rang = False
        self._deadline = math.inf if seconds is None else time.monotonic() + seconds
        self._progress = progress

    def __call__(self, state: Progress) -> Literal["abort"] | None:
        said = None if self._progress is None else self._progress(state)
        if said is None and time.monotonic() >= self._deadline and not state.solved:
            self.rang = True
            return "abort"
        return said


def _limit(budget: tuple[int, ...], until: int | None) -> int | None:
    """Iterations after which to stop; ``None`` when the search ends by itself."""
    return None if until is None or until >= len(budget) else sum(budget[:until])


def _trace(files: Files, note: Callable[[str], None]) -> tuple[Sequence[Record] | None, TraceWriter]:
    """Return the records that are there from before (``None``: it is a new search), and the writer."""
    if not files.trace:
        return None, NullTraceWriter(digest=True)
    path = files.trace_path
    if not path.exists():
        return None, OrderedTraceWriter(path)
    point = resume_point(path)
    if point.recovery.torn is not None:
        note(f"{path}: {point.recovery.torn}; it was cut, and the search goes on before it.")
    return point.records or None, OrderedTraceWriter(path, resume=True)


async def _search(
    point: Point,
    session: Session,
    before: Sequence[Record] | None,
    writer: TraceWriter,
    limit: int | None,
    progress: ProgressCallback | None,
) -> SearchResult | None:
    """Search to the end, or until the last record of the tier is written (``None``)."""
    with anyio.CancelScope() as scope:
        # Whether a search that ends with its tier was cut first must not be a matter of timing, so records decide: the
        # last one of the tier ends it, unless that one solved the theorem.
        cut = _TierWriter(writer, limit, scope.cancel)
        result = await search(
            point.theorem.statement,
            prover=session.opened.prover,
            provider=session.opened.provider,
            config=session.setup.config_of(point.arm, point.seed),
            trace=cut,
            progress=progress,
            resume_from=before,
            providers=session.opened.providers,
        )
        if not cut.is_cut:
            return result
    return None


class _TierWriter:
    """Passes records on up to the last one of a tier, says then that it is reached, and lets nothing more through."""

    def __init__(self, writer: TraceWriter, limit: int | None, reached: Callable[[], None]) -> None:
        self._writer = writer
        self._limit = limit
        self._reached = reached
        self.is_cut = False

    @property
    def next_iteration(self) -> int:
        return self._writer.next_iteration

    @property
    def pending(self) -> int:
        return self._writer.pending

    def write(self, record: Record) -> None:
        if self._limit is None:
            self._writer.write(record)
        elif not self.is_cut:
            self._writer.write(record)
            if record.iteration == self._limit - 1 and not record.tree.solved:
                self.is_cut = True
                self._reached()

    def write_many(self, records: Iterable[Record]) -> None:
        if self._limit is None:
            self._writer.write_many(records)
        else:
            for record in records:
                self.write(record)

    def sync(self) -> None:
        self._writer.sync()

    def digest(self) -> str:
        return self._writer.digest()

    def close(self) -> str:
        return self._writer.close()
