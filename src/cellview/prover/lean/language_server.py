"""Tactics by way of Lean's own language server: each is an edit of a document. Works with any Lean."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from cellview.prover.lean.documents import Document, document
from cellview.prover.lean.goals import read_goals
from cellview.prover.lean.limits import Limits, Statistics
from cellview.prover.lean.places import Place
from cellview.prover.lean.toolchain import Toolchain
from cellview.prover.lean.transport import OUT_OF_HEARTBEATS, Elaborated, TransportName, require_memory
from cellview.prover.lean.worker import Diagnostic, Worker

__all__ = ["LanguageServer"]

_RECOUNT_DEPTH = 8
"""Measured: reuse adds a quarter of a heartbeat unit per tactic of the path; equal runs differ by one or two units."""


class LanguageServer:
    """A transport over ``lean --worker``."""

    name: TransportName = "lsp"

    def __init__(self, toolchain: Toolchain, limits: Limits, imports: Sequence[str], statistics: Statistics) -> None:
        self._toolchain = toolchain
        self._limits = limits
        self._imports = tuple(imports)
        self._statistics = statistics
        self._worker: Worker | None = None
        self._worker_is_new = False
        self._statement = ""
        self._blank_lines = 0

    @property
    def pid(self) -> int | None:
        """The number of the worker's process, if there is one."""
        return self._worker.pid if self._worker is not None else None

    async def root(self, statement: str) -> Elaborated:
        """Show `statement` and return its goal.

        Raises:
            Lost: The worker broke down.
        """
        self._statement = statement
        return await self._elaborate(Place(None, "", (), 0), None, checkpoint=0)

    async def attempt(self, place: Place, tactic: str, *, checkpoint: int) -> Elaborated:
        """Show the path to `place`, then `tactic`.

        Raises:
            Lost: The worker broke down.
        """
        return await self._elaborate(place, tactic, checkpoint=checkpoint)

    def release(self, place: Place) -> None:
        """Do nothing: Lean keeps one document, whatever has been shown before."""

    def limit_text(self, place: Place) -> str:
        """Say which heartbeat limit holds at `place`."""
        return f"{self._limits.heartbeats_at(place.depth)} (for this tactic and its path)"

    async def kill(self) -> None:
        """End the worker, if there is one."""
        worker, self._worker = self._worker, None
        if worker is not None:
            await worker.kill()

    async def _elaborate(self, place: Place, tactic: str | None, *, checkpoint: int) -> Elaborated:
        """Show a document to Lean.

        Heartbeats of work that Lean reuses are counted again, with a little on top for every tactic of the path. So
        that the limit does not depend on what was asked before, a document on a long path that hits it is elaborated
        once more from its first line, and that answer counts. On a short path the difference is below that of two
        equal runs, and the second time would be wasted.
        """
        limit = self._limits.heartbeats_at(place.depth)
        wanted = document(self._statement, place, tactic, heartbeats=limit, imports=self._imports)
        worker = await self._running()
        reused = not self._worker_is_new
        outcome = await self._ask(worker, wanted, checkpoint)
        self._worker_is_new = False
        if reused and place.depth >= _RECOUNT_DEPTH and OUT_OF_HEARTBEATS in outcome.error:
            self._blank_lines ^= 1
            self._statistics.recounts += 1
            outcome = await self._ask(worker, wanted, checkpoint)
        return outcome

    async def _ask(self, worker: Worker, wanted: Document, checkpoint: int) -> Elaborated:
        self._statistics.edits += 1
        shift = self._blank_lines
        said = await worker.show("\n" * shift + wanted.text)
        errors = [one for one in said if one.is_error]
        probe: Diagnostic | None = None
        for error in errors:
            require_memory(error.message)
            if error.is_unsolved_goals and error.range.start.line == wanted.probe.line + shift:
                probe = error
        others = [one for one in errors if one is not probe]
        if others:
            return Elaborated(error=next((o for o in others if OUT_OF_HEARTBEATS in o.message), others[0]).message)
        if probe is None:
            return Elaborated()
        self._statistics.goal_queries += 1
        position = msgspec.structs.replace(wanted.probe, line=wanted.probe.line + shift)
        return Elaborated(goals=read_goals(await worker.goals(position), probe.message, checkpoint=checkpoint))

    async def _running(self) -> Worker:
        if self._worker is None:
            self._statistics.restarts += bool(self._statistics.starts)
            self._statistics.starts += 1
            self._worker = await Worker.start(self._toolchain, memory_bytes=self._limits.memory_bytes)
            self._worker_is_new = True
        return self._worker
