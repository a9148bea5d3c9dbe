"""`LeanProver`: Lean as a machine for proof states, over either of two transports."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import msgspec

from cellview.base.log import get_logger
from cellview.prover.base import Failure, Goal, Preview, Verification
from cellview.prover.errors import ProverError, StatementError, ToolchainError
from cellview.prover.lean.check import verify
from cellview.prover.lean.language_server import LanguageServer
from cellview.prover.lean.limits import Limits, Statistics
from cellview.prover.lean.missing import advice_on
from cellview.prover.lean.nursery import Nursery
from cellview.prover.lean.places import Place
from cellview.prover.lean.server import TacticServer
from cellview.prover.lean.soundness import require_sound_statement, tactic_problem
from cellview.prover.lean.toolchain import Toolchain, find_toolchain
from cellview.prover.lean.transport import OUT_OF_HEARTBEATS, Elaborated, Lost, Transport, TransportName

__all__ = ["LeanProver", "choose_transport", "open_prover"]

_log = get_logger(__name__)

_LONGEST_MESSAGE = 2000


class _Broken(Exception):
    """The infrastructure failed, as often as `Limits.retries` allows."""


def choose_transport(
    toolchain: Toolchain, wanted: TransportName | None = None, *, imports: Sequence[str] = ()
) -> TransportName:
    """Return how a Lean is spoken to: as wanted, or else by the tactic server wherever it can be.

    The server is compiled for one Lean, the embedded one, and knows no modules but its prelude. Any other Lean has its
    language server.

    Raises:
        ToolchainError: The server is wanted, and this Lean has none.
    """
    if wanted == "server" and toolchain.kind != "embedded":
        raise ToolchainError(
            "--lean-transport server is for the embedded Lean only: with a Lean or a project of your own, use lsp."
        )
    if wanted == "server" and imports:
        raise ToolchainError("--lean-transport server knows no modules to import: use lsp.")
    return wanted or ("server" if toolchain.kind == "embedded" and not imports else "lsp")


class LeanProver:
    """A `Prover` over one Lean process, which is started when it is needed and started again when it is lost.

    Make one with :meth:`open` or :func:`open_prover`. It works on one statement at a time: :meth:`start` forgets the
    goals of the statement before.
    """

    def __init__(
        self,
        toolchain: Toolchain,
        limits: Limits,
        *,
        imports: Sequence[str] = (),
        transport: TransportName = "lsp",
        explain: bool = True,
    ) -> None:
        self._toolchain = toolchain
        self._limits = limits
        self._imports = tuple(imports)
        # Callers are asked to come one at a time; if they do not, they wait here instead of mixing their answers.
        self._one_at_a_time = anyio.Lock(fast_acquire=True)
        self._places: dict[str, Place] = {}
        self._closed = False
        self._nursery = Nursery(toolchain) if toolchain.kind == "embedded" else None
        self.statistics = Statistics()
        self._lean: Transport = (
            TacticServer(toolchain, limits, self.statistics, explain=explain)
            if transport == "server"
            else LanguageServer(toolchain, limits, imports, self.statistics)
        )

    @classmethod
    @asynccontextmanager
    async def open(
        cls,
        *,
        toolchain: Toolchain,
        transport: TransportName | None = None,
        heartbeats: int = Limits().heartbeats,
        memory_bytes: int = Limits().memory_bytes,
        timeout_s: float = Limits().timeout_s,
        retries: int = Limits().retries,
        imports: Sequence[str] = (),
        explain: bool = True,
    ) -> AsyncGenerator[LeanProver]:
        """Open a prover on `toolchain` and close it at the end of the block. For the limits see :class:`Limits`.

        Args:
            toolchain: Which Lean, from :func:`cellview.prover.lean.find_toolchain`.
            transport: ``server`` (the embedded Lean only) or ``lsp``; None for the better, see
                :func:`choose_transport`. Ids and signatures, and with them digests, are comparable within one.
            heartbeats: Lean's ``maxHeartbeats``, in thousands of allocations; the limit that decides.
            memory_bytes: Memory of the process.
            timeout_s: Seconds to wait for an answer before the process counts as hung.
            retries: Further tries, each with a new process, before a preview returns an ``adapter`` failure.
            imports: Modules that the statement needs; a user's own Lean only.
            explain: Whether a failure must carry Lean's message. A search looks at the reason alone, and printing
                the message costs the tactic server more than most tactics do.

        Raises:
            ValueError: A limit is not positive.
            ToolchainError: This Lean does not have the transport.
        """
        limits = Limits(heartbeats=heartbeats, memory_bytes=memory_bytes, timeout_s=timeout_s, retries=retries)
        chosen = choose_transport(toolchain, transport, imports=imports)
        prover = cls(toolchain, limits, imports=imports, transport=chosen, explain=explain)
        try:
            yield prover
        finally:
            await prover.aclose()

    @property
    def toolchain(self) -> Toolchain:
        """The Lean that this prover runs."""
        return self._toolchain

    @property
    def transport(self) -> TransportName:
        """How it is spoken to. Belongs beside a digest: ids and signatures differ between transports."""
        return self._lean.name

    @property
    def worker_pid(self) -> int | None:
        """The number of Lean's process, if there is one; for tests and logs."""
        return self._lean.pid

    async def start(self, statement: str) -> Goal:
        """Return the root goal of `statement` and forget all earlier goals.

        Raises:
            StatementError: The statement does not parse or does not elaborate; the text ends with Lean's message.
            ToolchainError: The tactic server cannot be compiled.
            ProverError: Lean cannot be started, or broke down again and again.
        """
        require_sound_statement(statement)
        self._places.clear()
        try:
            outcome = await self._insist(lambda: self._lean.root(statement))
        except _Broken as failure:
            raise ProverError(f"Lean cannot show the statement {statement!r}: {failure}") from failure
        if outcome.error or len(outcome.goals) != 1:
            said = outcome.error or f"it makes {len(outcome.goals)} goals, not one."
            if OUT_OF_HEARTBEATS in said:  # that says nothing about the statement
                raise StatementError(
                    f"{self._limits.heartbeats} thousand heartbeats are too few for Lean to read the statement "
                    f"{statement!r}: allow more (--heartbeats)."
                )
            if self._toolchain.kind == "embedded":
                said = advice_on(said) or said
            raise StatementError(f"Lean does not accept the statement {statement!r}: {said}")
        goal = outcome.goals[0]
        self._places[goal.mvar_id] = Place(None, "", outcome.goals, 0)
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
            outcome = await self._insist(lambda: self._lean.attempt(place, tactic, checkpoint=checkpoint))
        except _Broken as failure:
            return Failure("adapter", str(failure))
        if not outcome.error:
            return Preview(goal_id, tactic, outcome.goals)
        if OUT_OF_HEARTBEATS in outcome.error:
            # Lean's own text names the place where the count ran out, which may differ by a step.
            return Failure("heartbeats", f"the heartbeat limit of {self._lean.limit_text(place)} was reached")
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
            place = Place(parent, preview.tactic, preview.children, index)
            known = self._places.setdefault(child.mvar_id, place)
            if known is not place and not known.leads_alike(place):
                raise ProverError(f"The goal {child.mvar_id} is known from elsewhere: use each checkpoint only once.")

    async def release(self, goal_ids: Sequence[str]) -> None:
        """Let go of the states that stand for these goals. They stay registered; what is needed again is made again."""
        async with self._one_at_a_time:
            for place in filter(None, map(self._places.get, goal_ids)):
                self._lean.release(place)

    async def verify(self, statement: str, script: str) -> Verification:
        """Check a whole script in fresh processes; the process of the search has no part in it.

        Raises:
            ToolchainError: Lean cannot be started.
        """
        # A closed prover can still check; it starts nothing that would have to be closed again.
        nursery = None if self._closed else self._nursery
        return await verify(self._toolchain, statement, script, imports=self._imports, nursery=nursery)

    async def aclose(self) -> None:
        """End the process. Idempotent; afterwards the prover starts no other."""
        self._closed = True
        await self._lean.kill()
        if self._nursery is not None:
            await self._nursery.aclose()

    async def _insist(self, ask: Callable[[], Awaitable[Elaborated]]) -> Elaborated:
        """Ask Lean, with as many new processes as it takes."""
        async with self._one_at_a_time:
            trouble = ""
            for _ in range(1 + self._limits.retries):
                if self._closed:
                    raise _Broken("the prover is closed")
                try:
                    async with asyncio.timeout(self._limits.timeout_s):  # a third of the cost of anyio's
                        return await ask()
                except TimeoutError:
                    self.statistics.hangs += 1
                    trouble = "it gave no answer in time"
                except (Lost, msgspec.MsgspecError, OSError) as error:
                    self.statistics.crashes += 1
                    trouble = str(error)
                except BaseException:
                    # Cancelled in the middle of an exchange: this process's next words would answer the old question.
                    await self._lean.kill()
                    raise
                _log.warning("lean process lost", trouble=trouble, restarts=self.statistics.restarts)
                await self._lean.kill()
            raise _Broken(f"Lean failed {1 + self._limits.retries} times: {trouble}")


@asynccontextmanager
async def open_prover(
    lean: Path | str | None = None,
    project: Path | str | None = None,
    *,
    cache: Path | None = None,
    transport: TransportName | None = None,
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
        transport: See :meth:`LeanProver.open`, as for the rest.
        heartbeats: Thousands of allocations that a tactic may take.
        memory_bytes: Memory of the process.
        timeout_s: Seconds to wait for one answer.
        retries: Further tries before an ``adapter`` failure.
        imports: Modules that the statement needs; a user's own Lean only.

    Raises:
        ToolchainError: There is no such Lean, or it is not one that Cellview can use.
        ValueError: A limit is not positive.
    """
    toolchain = await find_toolchain(
        lean=Path(lean) if lean is not None else None,
        project=Path(project) if project is not None else None,
        cache=cache,
    )
    async with LeanProver.open(
        toolchain=toolchain,
        transport=transport,
        heartbeats=heartbeats,
        memory_bytes=memory_bytes,
        timeout_s=timeout_s,
        retries=retries,
        imports=imports,
    ) as prover:
        yield prover


def _shorten(message: str) -> str:
    return message if len(message) <= _LONGEST_MESSAGE else f"{message[:_LONGEST_MESSAGE]}…"
