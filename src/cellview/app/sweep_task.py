"""What a sweep's worker does with one candidate: one budget tier of one search, its tree warm from the tier before.

A tier is cut out of the search with the whole budget: its records are the first so many records of that search, so the
tiers of a sweep, one behind the other, are the trace that ``cellview run`` would have written. The next tier gets the
records as its candidate's carry, replays their tactics into its own prover, and goes on behind them.
"""

from __future__ import annotations

import logging
import re
import sys
import tempfile
import time
import zlib
from collections.abc import AsyncGenerator, Callable, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any, cast

import anyio
import msgspec
import structlog

from cellview.app.backend import Backend, OpenBackend
from cellview.app.lean_backend import lean_backend
from cellview.app.run import tactics_of
from cellview.app.search_options import Automation
from cellview.frontier.local.task import Task, TaskSession
from cellview.frontier.machine.canonical import Json, canonical
from cellview.frontier.machine.model import Candidate
from cellview.frontier.machine.prng import Prng
from cellview.frontier.machine.result import Result, Work
from cellview.prover import SyntheticProver, SyntheticProvider
from cellview.prover.errors import ProverError, StatementError
from cellview.prover.lean import Limits, TransportName, find_toolchain
from cellview.schedule import TacticIntervention
from cellview.search import SearchConfig, SearchResult, search
from cellview.trace import OrderedTraceWriter, Record, read_trace

__all__ = [
    "TASKS",
    "LeanBackend",
    "Point",
    "SweepSettings",
    "SyntheticBackend",
    "TierResult",
    "candidate_of",
    "execute",
]

_TIMESTAMP = re.compile(rb'"timestamp_ms":-?[0-9]+,')


class LeanBackend(msgspec.Struct, frozen=True, tag="lean"):
    """Proves with Lean: the one at `lean` or of the Lake project `project` on the worker's machine, else its own."""

    automation: Automation
    lean: str | None = None
    project: str | None = None
    heartbeats: int = Limits().heartbeats
    transport: TransportName | None = None


class SyntheticBackend(msgspec.Struct, frozen=True, tag="synthetic"):
    """The synthetic prover, for tests and benchmarks of sweeps. It proves nothing; each set of imports is a tree."""

    seed: int = 1
    branching: int = 4
    p_fail: float = 0.3
    p_close: float = 0.0
    latency_s: float = 0.0


class SweepSettings(msgspec.Struct, frozen=True):
    """What all candidates of a sweep share: the prover, the search for each seed, and the arms."""

    backend: LeanBackend | SyntheticBackend
    configs: dict[str, SearchConfig]
    arms: list[TacticIntervention]

    def to_json(self) -> str:
        """As it stands in the manifest."""
        return canonical(msgspec.json.decode(msgspec.json.encode(self)))


class Point(msgspec.Struct, frozen=True):
    """The item of a candidate. It holds the statement too, so that a worker elsewhere needs no corpus.

    `solution` holds the tactics of the wild type's proof, for the arms that spare them.
    """

    theorem: str
    statement: str
    imports: tuple[str, ...]
    arm: str
    seed: int
    tier: int
    solution: tuple[str, ...] | None = None


class TierResult(msgspec.Struct, frozen=True):
    """The payload of a result: what one tier came to. `last` says that no further tier follows."""

    theorem: str
    arm: str
    seed: int
    tier: int
    last: bool
    solved: bool
    stop_reason: str
    iterations: int
    attempts: int
    script: str | None = None
    source: str | None = None
    digest: str | None = None
    tree: str | None = None
    message: str | None = None


class _Interrupted(ProverError):
    """Raised when the prover's infrastructure failed: the tier is tried again, since its result would not repeat."""


def candidate_of(point: Point, *, carry: bytes = b"") -> Candidate:
    """The candidate of a point: earlier tiers first, since they solve most theorems for little."""
    item = msgspec.json.decode(msgspec.json.encode(point))
    return Candidate.of(item, priority=float(-point.tier), depth=point.tier, carry=carry)


@asynccontextmanager
async def _open(settings: dict[str, Json], options: dict[str, Json]) -> AsyncGenerator[Task]:
    """One worker's session: keeps a prover open from one candidate to the next, as long as the imports are the same."""
    if not structlog.is_configured():  # a worker process of a coordinator; the command line has done it for its own
        structlog.configure(
            wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING),
            logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        )
    sweep = msgspec.convert(settings, SweepSettings)
    opens = await _backend(sweep.backend)
    async with AsyncExitStack() as stack:
        kept: dict[tuple[str, ...], Backend] = {}

        async def run(work: Work, prng: Prng) -> Result:
            point = msgspec.convert(work.item, Point)
            backend = kept.get(point.imports)
            if backend is None:
                kept.clear()
                await stack.aclose()
                backend = kept[point.imports] = await stack.enter_async_context(opens(point.imports))
            return await _tier(sweep, point, work.carry, backend)

        yield run


execute = TaskSession(_open)
"""The task of a sweep."""

TASKS = {"cellview.sweep": f"{__name__}:execute"}
"""What a sweep's workers know."""


async def _backend(spec: LeanBackend | SyntheticBackend) -> OpenBackend:
    if isinstance(spec, LeanBackend):
        lean = None if spec.lean is None else Path(spec.lean)
        project = None if spec.project is None else Path(spec.project)
        toolchain = await find_toolchain(lean=lean, project=project)
        return lean_backend(toolchain, automation=spec.automation, heartbeats=spec.heartbeats, transport=spec.transport)

    @asynccontextmanager
    async def synthetic(imports: tuple[str, ...]) -> AsyncGenerator[Backend]:
        seed = spec.seed + zlib.crc32(",".join(imports).encode())
        prover = SyntheticProver(seed, spec.branching, spec.p_fail, spec.p_close, latency_s=spec.latency_s)
        yield Backend(prover, SyntheticProvider(spec.branching))

    return synthetic


async def _tier(sweep: SweepSettings, point: Point, carry: bytes, backend: Backend) -> Result:
    started = time.monotonic()
    config = _config(sweep, point)
    limit = sum(config.budget[: point.tier])
    with tempfile.TemporaryDirectory(prefix="cellview-tier-") as folder:
        path = Path(folder) / "trace.jsonl"
        before = zlib.decompress(carry) if carry else b""
        path.write_bytes(before)
        try:
            result = await _search(point, config, backend, path, limit, warm=bool(before))
        except StatementError as error:
            payload = _payload(point, "statement_error", last=True, message=str(error))
            return Result(payload=payload, notes={"seconds": time.monotonic() - started})
        lines = path.read_bytes().splitlines(keepends=True)[:limit]
    if result is not None and result.why is not None:
        raise _Interrupted(f"{point.theorem}: {result.why}; the tier is tried again")
    return _result(sweep, point, result, lines, len(before.splitlines()), seconds=time.monotonic() - started)


async def _search(
    point: Point, config: SearchConfig, backend: Backend, path: Path, limit: int, *, warm: bool
) -> SearchResult | None:
    """Searches to the end, or until the tier's last record is written (``None``)."""
    with anyio.CancelScope() as scope:
        # Whether a search that ends with its tier was cut first must not be a matter of timing, so records decide:
        # the last one of the tier ends it, unless that one solved the theorem.
        cut_at = limit if limit < sum(config.budget) else None
        with _TierWriter(path, cut_at, scope.cancel) as writer:
            result = await search(
                point.statement,
                prover=backend.prover,
                provider=backend.provider,
                config=config,
                trace=writer,
                resume_from=read_trace(path) if warm else None,
            )
        if not writer.is_cut:
            return result
    return None


class _TierWriter(OrderedTraceWriter):
    """Continues a trace, and says when the last record of a tier is in it."""

    def __init__(self, path: Path, limit: int | None, reached: Callable[[], None]) -> None:
        super().__init__(path, resume=True)
        self._limit = limit
        self._reached = reached
        self.is_cut = False

    def write(self, record: Record) -> None:
        super().write(record)
        self._look(record)

    def write_many(self, records: Iterable[Record]) -> None:
        for record in records:
            self.write(record)

    def _look(self, record: Record) -> None:
        if self._limit is not None and record.iteration == self._limit - 1 and not record.tree.solved:
            self.is_cut = True
            self._reached()


def _config(sweep: SweepSettings, point: Point) -> SearchConfig:
    arm = next(arm for arm in sweep.arms if arm.name == point.arm)
    if point.solution is not None:
        arm = arm.with_solution(point.solution)
    return msgspec.structs.replace(sweep.configs[str(point.seed)], intervention=arm if arm.pegs else None)


def _result(
    sweep: SweepSettings, point: Point, result: SearchResult | None, lines: list[bytes], known: int, *, seconds: float
) -> Result:
    new = [line.decode().rstrip("\n") for line in lines[known:]]
    notes: Json = {"seconds": round(seconds, 3)}
    if result is None:
        carry = zlib.compress(_TIMESTAMP.sub(b'"timestamp_ms":0,', b"".join(lines)), 6)
        child = candidate_of(msgspec.structs.replace(point, tier=point.tier + 1), carry=carry)
        payload = _payload(point, "budget", last=False, iterations=len(lines))
        return Result(payload=payload, children=[child], trace=new, notes=notes)
    payload = _payload(
        point,
        result.stop_reason,
        last=True,
        solved=result.solved,
        iterations=result.iterations,
        attempts=result.attempts,
        script=result.script,
        source=result.proof,
        digest=result.digest,
        tree=msgspec.json.encode(result.tree_json).decode(),
    )
    return Result(payload=payload, children=_controls(sweep, point, result), trace=new, notes=notes)


def _controls(sweep: SweepSettings, point: Point, result: SearchResult) -> list[Candidate]:
    """The arms that could not start before the wild type's proof was known."""
    if point.arm != "wild_type" or not result.solved:
        return []
    first = msgspec.structs.replace(point, tier=1, solution=tactics_of(result.tree))
    arms = [arm for arm in sweep.arms if arm.needs_solution]
    return [candidate_of(msgspec.structs.replace(first, arm=arm.name)) for arm in arms]


def _payload(point: Point, stop_reason: str, *, last: bool, **fields: Any) -> Json:
    tier = TierResult(
        point.theorem,
        point.arm,
        point.seed,
        point.tier,
        last,
        fields.pop("solved", False),
        stop_reason,
        fields.pop("iterations", 0),
        fields.pop("attempts", 0),
        **fields,
    )
    return cast("Json", msgspec.json.decode(msgspec.json.encode(tier)))
