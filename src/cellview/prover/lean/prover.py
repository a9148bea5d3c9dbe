"""`LeanProver`: Lean's language server as a machine for proof states."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import msgspec

from cellview.base.log import get_logger
from cellview.prover.base import Failure, Goal, Preview, Verification
from cellview.prover.errors import ProverError, StatementError
from cellview.prover.lean.check import verify
from cellview.prover.lean.documents import Document, Place, child_place, document, root_place
from cellview.prover.lean.goals import GoalsUnreadable, read_goals
from cellview.prover.lean.limits import Limits, Statistics
from cellview.prover.lean.soundness import require_sound_statement, tactic_problem
from cellview.prover.lean.toolchain import Toolchain, find_toolchain
from cellview.prover.lean.worker import Diagnostic, Worker, WorkerLost

__all__ = ["LeanProver", "open_prover"]

_log = get_logger(__name__)

_OUT_OF_HEARTBEATS = "maximum number of heartbeats"
_OUT_OF_MEMORY = ("increase memory consumption threshold", "excessive memory consumption")
"""How the elaborator says it, and how the kernel does. How much memory is in use depends on what ran before."""
_LONGEST_MESSAGE = 2000
_RECOUNT_DEPTH = 8
"""Measured: reuse adds a quarter of a heartbeat unit per tactic of the path; equal runs differ by one or two units."""


class _Elaborated(msgspec.Struct, frozen=True):
    """What Lean says about a document: the first error that is not the probe's, or the goals that are left."""

    error: str = ""
    goals: tuple[Goal, ...] = ()


class _Broken(Exception):
    """The infrastructure failed, as often as `Limits.retries` allows."""


class LeanProver:
    """A `Prover` over one Lean worker, which is started when it is needed and started again when it is lost.

    Make one with :meth:`open` or :func:`open_prover`. It works on one statement at a time: :meth:`start` forgets the
    goals of the statement before.
    """

    def __init__(self, toolchain: Toolchain, limits: Limits, imports: Sequence[str]) -> None:
        self._toolchain = toolchain
        self._limits = limits
        self._imports = tuple(imports)
        # Callers are asked to come one at a time; if they do not, they wait here instead of mixing their answers.
        self._one_at_a_time = anyio.Lock()
        self._worker: Worker | None = None
        self._worker_is_new = False
        self._statement = ""
        self._places: dict[str, Place] = {}
        self._blank_lines = 0
        self._closed = False
        self.statistics = Statistics()

    @classmethod
    @asynccontextmanager
    async def open(
        cls,
        *,
        toolchain: Toolchain,
        heartbeats: int = Limits().heartbeats,
        memory_bytes: int = Limits().memory_bytes,
        timeout_s: float = Limits().timeout_s,
        retries: int = Limits().retries,
        imports: Sequence[str] = (),
    ) -> AsyncGenerator[LeanProver]:
        """Open a prover on `toolchain` and close it at the end of the block. For the limits see :class:`Limits`.

        Args:
            toolchain: Which Lean, from :func:`cellview.prover.lean.find_toolchain`.
            heartbeats: Lean's ``maxHeartbeats``, in thousands of allocations; the limit that decides.
            memory_bytes: Memory of the process.
            timeout_s: Seconds to wait for an answer before the process counts as hung.
            retries: Attempts, each with a new process, before a preview returns an ``adapter`` failure.
            imports: Modules that the statement needs; a user's own Lean only.

        Raises:
            ValueError: A limit is not positive.
        """
        limits = Limits(heartbeats=heartbeats, memory_bytes=memory_bytes, timeout_s=timeout_s, retries=retries)
        prover = cls(toolchain, limits, imports)
        try:
            yield prover
        finally:
            await prover.aclose()

    @property
    def toolchain(self) -> Toolchain:
        """The Lean that this prover runs."""
        return self._toolchain

    @property
    def worker_pid(self) -> int | None:
        """The number of the worker's process, if there is one; for tests and logs."""
        return self._worker.pid if self._worker is not None else None

    async def start(self, statement: str) -> Goal:
        """Return the root goal of `statement` and forget all earlier goals.

        Raises:
            StatementError: The statement does not parse or does not elaborate; the text ends with Lean's message.
            ProverError: Lean cannot be started, or broke down again and again.
        """
        require_sound_statement(statement)
        self._places.clear()
        self._statement = statement
        root = root_place()
        try:
            outcome = await self._elaborate(root, None, checkpoint=0)
        except _Broken as failure:
            raise ProverError(f"Lean cannot show the statement {statement!r}: {failure}") from failure
        if outcome.error or len(outcome.goals) != 1:
            said = outcome.error or f"it makes {len(outcome.goals)} goals, not one."
            raise StatementError(f"Lean does not accept the statement {statement!r}: {said}")
        goal = outcome.goals[0]
        self._places[goal.mvar_id] = root
        return goal

    async def preview(self, goal_id: str, tactic: str, *, checkpoint: int) -> Preview | Failure:
        """Try `tactic` on a registered goal. Never raises for anything that Lean does."""
        self.statistics.previews += 1
        place = self._places.get(goal_id)
        if place is None:
            return Failure("no_goal", f"the prover knows no goal {goal_id}")
        if (problem := tactic_problem(tactic)) is not None:
            return Failure("filtered", problem)
        try:
            outcome = await self._elaborate(place, tactic, checkpoint=checkpoint)
        except _Broken as failure:
            return Failure("adapter", str(failure))
        if not outcome.error:
            return Preview(goal_id, tactic, outcome.goals)
        if _OUT_OF_HEARTBEATS in outcome.error:
            # Lean's own text names the place where the count ran out, which may differ by a step.
            limit = self._limits.heartbeats_at(place.depth)
            return Failure("heartbeats", f"the heartbeat limit of {limit} (for this tactic and its path) was reached")
        return Failure("tactic", _shorten(outcome.error))

    async def commit(self, preview: Preview) -> None:
        """Register the preview's children. Lean is not asked.

        Raises:
            ProverError: The preview is of a goal that this prover does not know, or a checkpoint was used twice.
        """
        parent = self._places.get(preview.goal_id)
        if parent is None:
            raise ProverError(f"The goal {preview.goal_id} is not known: commit its parent's preview first.")
        for index, child in enumerate(preview.children):
            place = child_place(parent, preview.tactic, preview.children, index)
            known = self._places.setdefault(child.mvar_id, place)
            if known is not place and (known.parent is not parent or known.lines != place.lines):
                raise ProverError(f"The goal {child.mvar_id} is known from elsewhere: use each checkpoint only once.")

    async def verify(self, statement: str, script: str) -> Verification:
        """Check a whole script in fresh processes; the worker of the search has no part in it.

        Raises:
            ToolchainError: Lean cannot be started.
        """
        return await verify(self._toolchain, statement, script, imports=self._imports)

    async def aclose(self) -> None:
        """End the process. Idempotent; afterwards the prover starts no other."""
        self._closed = True
        await self._lose_worker()

    async def _elaborate(self, place: Place, tactic: str | None, *, checkpoint: int) -> _Elaborated:
        """Show a document to Lean, with as many new processes as it takes.

        Heartbeats of work that Lean reuses are counted again, with a little on top for every tactic of the path. So
        that the limit does not depend on what was asked before, a document on a long path that hits it is elaborated
        once more from its first line, and that answer counts. On a short path the difference is below that of two
        equal runs, and the second time would be wasted.
        """
        wanted = document(
            self._statement,
            place,
            tactic,
            heartbeats=self._limits.heartbeats_at(place.depth),
            imports=self._imports,
        )
        async with self._one_at_a_time:
            outcome, reused = await self._insist(wanted, checkpoint)
            if reused and place.depth >= _RECOUNT_DEPTH and _OUT_OF_HEARTBEATS in outcome.error:
                self._blank_lines ^= 1
                self.statistics.recounts += 1
                outcome, _ = await self._insist(wanted, checkpoint)
            return outcome

    async def _insist(self, wanted: Document, checkpoint: int) -> tuple[_Elaborated, bool]:
        """Return Lean's answer, and whether it could reuse work on an earlier document."""
        trouble = ""
        for _ in range(self._limits.retries):
            try:
                with anyio.fail_after(self._limits.timeout_s):
                    worker = await self._running()
                    reused = not self._worker_is_new
                    outcome = await self._ask(worker, wanted, checkpoint)
                    self._worker_is_new = False
                    return outcome, reused
            except TimeoutError:
                self.statistics.hangs += 1
                trouble = "it gave no answer in time"
            except (WorkerLost, GoalsUnreadable, msgspec.MsgspecError, OSError) as error:
                self.statistics.crashes += 1
                trouble = str(error)
            except BaseException:
                # Cancelled in the middle of an exchange: this worker's next words would answer the old question.
                await self._lose_worker()
                raise
            _log.warning("lean worker lost", trouble=trouble, restarts=self.statistics.restarts)
            await self._lose_worker()
        raise _Broken(f"Lean failed {self._limits.retries} times: {trouble}")

    async def _ask(self, worker: Worker, wanted: Document, checkpoint: int) -> _Elaborated:
        self.statistics.edits += 1
        shift = self._blank_lines
        said = await worker.show("\n" * shift + wanted.text)
        errors = [one for one in said if one.is_error]
        probe: Diagnostic | None = None
        for error in errors:
            if any(said_so in error.message for said_so in _OUT_OF_MEMORY):
                raise WorkerLost("it ran out of memory")
            if error.is_unsolved_goals and error.range.start.line == wanted.probe.line + shift:
                probe = error
        others = [one for one in errors if one is not probe]
        if others:
            return _Elaborated(error=next((o for o in others if _OUT_OF_HEARTBEATS in o.message), others[0]).message)
        if probe is None:
            return _Elaborated()
        self.statistics.goal_queries += 1
        position = msgspec.structs.replace(wanted.probe, line=wanted.probe.line + shift)
        return _Elaborated(goals=read_goals(await worker.goals(position), probe.message, checkpoint=checkpoint))

    async def _running(self) -> Worker:
        if self._closed:
            raise WorkerLost("the prover is closed")
        if self._worker is None:
            self.statistics.restarts += bool(self.statistics.starts)
            self.statistics.starts += 1
            self._worker = await Worker.start(self._toolchain, memory_bytes=self._limits.memory_bytes)
            self._worker_is_new = True
        return self._worker

    async def _lose_worker(self) -> None:
        worker, self._worker = self._worker, None
        if worker is not None:
            await worker.kill()


@asynccontextmanager
async def open_prover(
    lean: Path | str | None = None,
    project: Path | str | None = None,
    *,
    cache: Path | None = None,
    heartbeats: int = Limits().heartbeats,
    memory_bytes: int = Limits().memory_bytes,
    timeout_s: float = Limits().timeout_s,
    retries: int = Limits().retries,
    imports: Sequence[str] = (),
) -> AsyncGenerator[LeanProver]:
    """Find a Lean and open a prover on it, for use in an ``async with`` block.

    Args:
        lean: A ``lean`` binary of your own; None for the embedded Lean.
        project: The folder of a Lake project, whose toolchain and libraries are used.
        cache: Where the embedded Lean's compiled prelude is kept.
        heartbeats: See :meth:`LeanProver.open`, as for the rest.
        memory_bytes: Memory of the process.
        timeout_s: Seconds to wait for one answer.
        retries: Attempts before an ``adapter`` failure.
        imports: Modules that the statement needs; a user's own Lean only.

    Raises:
        ToolchainError: There is no such Lean, or it is not one that Cellview can use.
    """
    toolchain = await find_toolchain(
        lean=Path(lean) if lean is not None else None,
        project=Path(project) if project is not None else None,
        cache=cache,
    )
    async with LeanProver.open(
        toolchain=toolchain,
        heartbeats=heartbeats,
        memory_bytes=memory_bytes,
        timeout_s=timeout_s,
        retries=retries,
        imports=imports,
    ) as prover:
        yield prover


def _shorten(message: str) -> str:
    return message if len(message) <= _LONGEST_MESSAGE else f"{message[:_LONGEST_MESSAGE]}…"
