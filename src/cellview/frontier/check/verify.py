"""The determinism check: one experiment, run in many ways, must end in one state digest and one merged-trace digest.

The grid is workers × random task times × kills, over memory and Redis. ``tasks`` runs workers as tasks of this process,
which is fast; ``processes`` runs the real processes and kills them by SIGKILL, the server included.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal, TypeAlias

import anyio
import msgspec

from cellview.base.groups import unwrapped
from cellview.base.scratch import scratch_folder
from cellview.frontier.check.demo import DEMO_TASKS, seeds
from cellview.frontier.check.faults import Fault as Fault
from cellview.frontier.check.faults import Planted, plant
from cellview.frontier.errors import FrontierError
from cellview.frontier.local.committer import JOURNAL_NAME, Committer
from cellview.frontier.local.coordinator import Coordinator, RunReport
from cellview.frontier.local.journal_file import read_journal
from cellview.frontier.local.memory import MemoryFrontier
from cellview.frontier.machine.model import Lease, Manifest, Stats
from cellview.frontier.redis.server import RedisServer

__all__ = ["Kills", "Outcome", "Report", "Scenario", "grid", "run_scenario", "verify"]

Kills: TypeAlias = Literal["none", "workers", "committer", "server"]
Stage: TypeAlias = Literal["tasks", "processes"]
# The one place where chance is wanted: it decides when things die, never what comes out.
_CHANCE = random.SystemRandom()

_KILLS = 3
_KILL_AFTER = range(2, 36)
"""Commits after which a kill may come; the experiment has 61."""

_NO_STATS = Stats(
    phase="open",
    queued=0,
    leased=0,
    issued=0,
    completed=0,
    committed=0,
    pruned=0,
    set_aside=0,
    seen=0,
    failures=0,
    expiries=0,
    conflicts=0,
    depths={},
    assignments={},
)


class Scenario(msgspec.Struct, frozen=True):
    """One way to run the experiment."""

    stage: Stage
    backend: Literal["memory", "redis"]
    workers: int
    kills: Kills
    round: int


class Outcome(msgspec.Struct, frozen=True):
    """What came out: both digests, or what went wrong instead."""

    state_digest: str = ""
    trace_digest: str = ""
    results: int = 0
    killed: int = 0
    """Kills that hit something alive; one that came too late is none."""
    error: str = ""


class Report(msgspec.Struct, frozen=True):
    """All scenarios with their outcomes; `holds` when they agree and none failed."""

    rows: list[tuple[Scenario, Outcome]]

    @property
    def state_digests(self) -> list[str]:
        """The different state digests; one is right."""
        return sorted({outcome.state_digest for _, outcome in self.rows if not outcome.error})

    @property
    def trace_digests(self) -> list[str]:
        """The different merged-trace digests; one is right."""
        return sorted({outcome.trace_digest for _, outcome in self.rows if not outcome.error})

    @property
    def kills(self) -> dict[str, int]:
        """How many kills of each kind hit something alive: what the report is worth."""
        hit = Counter[str]()
        for scenario, outcome in self.rows:
            if scenario.kills != "none":
                hit[f"{scenario.kills} as {scenario.stage}"] += outcome.killed
        return dict(sorted(hit.items()))

    @property
    def holds(self) -> bool:
        """Whether the outcome did not depend on how it was run."""
        one = len(self.state_digests) == 1 and len(self.trace_digests) == 1
        return one and not any(outcome.error for _, outcome in self.rows)


def grid(
    *,
    workers: tuple[int, ...] = (1, 2, 4, 8),
    rounds: int = 1,
    stages: tuple[Stage, ...] = ("tasks", "processes"),
    redis: bool = True,
) -> list[Scenario]:
    """The scenarios: every number of workers under every kind of kill that the stage and the backend know."""
    found: list[Scenario] = []
    for number in range(rounds):
        for count in workers:
            if "tasks" in stages:
                found += [
                    Scenario("tasks", "memory", count, kills, number) for kills in ("none", "workers", "committer")
                ]
            if "processes" in stages:
                found += [Scenario("processes", "memory", count, kills, number) for kills in ("workers", "committer")]
                kinds: tuple[Kills, ...] = ("workers", "committer", "server")
                found += [Scenario("processes", "redis", count, kills, number) for kills in kinds if redis]
    return found


async def verify(
    scenarios: list[Scenario],
    *,
    fault: Fault | None = None,
    tell: Callable[[Scenario, Outcome], None] = lambda scenario, outcome: None,
    stall_s: float = 60.0,
) -> Report:
    """Runs all scenarios and compares.

    Args:
        scenarios: See `grid`.
        fault: A defect to plant; the report must then not hold.
        tell: Called after each scenario.
        stall_s: Seconds without a commit after which a run counts as stalled: a ticket was lost.
    """
    rows: list[tuple[Scenario, Outcome]] = []
    for scenario in scenarios:
        outcome = await run_scenario(scenario, fault=fault, stall_s=stall_s)
        rows.append((scenario, outcome))
        tell(scenario, outcome)
    return Report(rows)


async def run_scenario(scenario: Scenario, *, fault: Fault | None = None, stall_s: float = 60.0) -> Outcome:
    """Runs the experiment in one way."""
    planted = plant(fault)
    manifest = Manifest(
        experiment="verify",
        task="demo.grow",
        master_seed=11,
        window=scenario.workers if planted.window_from_workers else 6,
        beam_width=12,
        settings='{"depth":5,"fanout":3,"sleep_ms":12}',
        lease_ms=150 if scenario.stage == "tasks" else 1500,
        max_expiries=100_000,  # workers die here on purpose, and on a busy machine leases run out
    )
    run = _run_tasks if scenario.stage == "tasks" else _run_processes
    with scratch_folder("verify") as folder:
        try:
            return await run(scenario, manifest, planted, folder, stall_s)
        except FrontierError as error:
            return Outcome(error=f"{type(error).__name__}: {error}")


class _Stalled(FrontierError):
    """Raised when nothing was committed for a long time: a ticket was popped and never came back."""


class _Unreleased(MemoryFrontier):
    """A frontier whose workers, when cancelled, leave their leases behind as killed ones do."""

    async def release(self, lease: Lease) -> None:
        return


async def _run_tasks(scenario: Scenario, manifest: Manifest, planted: Planted, folder: Path, stall_s: float) -> Outcome:
    frontier = _Unreleased("verify", machine=planted.machine)
    await frontier.create(manifest)
    await frontier.push(seeds(6))
    await frontier.start()
    killed = 0
    scopes: dict[str, anyio.CancelScope] = {}

    async def keep(name: str) -> None:
        """One process of the run, started again whenever its scope is cancelled."""
        while True:
            with anyio.CancelScope() as scope:
                scopes[name] = scope
                if name == "committer":
                    await Committer(frontier, folder).run()
                    everything.cancel_scope.cancel()
                else:
                    await planted.worker(frontier, name, tasks=DEMO_TASKS).run()
                del scopes[name]
                return

    async def kill() -> None:
        nonlocal killed
        victims = (
            ["committer"] if scenario.kills == "committer" else [f"w{number}" for number in range(scenario.workers)]
        )
        for _ in range(_KILLS):
            await anyio.sleep(_CHANCE.uniform(0.002, 0.03))
            if alive := [name for name in victims if name in scopes]:
                scopes[_CHANCE.choice(alive)].cancel()
                killed += 1

    try:
        async with anyio.create_task_group() as everything:
            for name in ["committer", *(f"w{number}" for number in range(scenario.workers))]:
                everything.start_soon(keep, name)
            if scenario.kills != "none":
                everything.start_soon(kill)
            everything.start_soon(_stop_when_stalled, frontier.stats, stall_s)
            if planted.stop_after_s is not None:
                await anyio.sleep(planted.stop_after_s)
                await frontier.drain()
    except BaseExceptionGroup as group:
        raise unwrapped(group) from None
    merged = planted.merger(folder).write(read_journal(folder / JOURNAL_NAME))
    return Outcome((await frontier.snapshot()).digest, merged.trace_digest, merged.results, killed)


async def _stop_when_stalled(stats: Callable[[], Awaitable[Stats]], stall_s: float) -> None:
    committed, since = -1, anyio.current_time()
    while True:
        now: Stats = await stats()
        if now.committed > committed:
            committed, since = now.committed, anyio.current_time()
        if anyio.current_time() - since > stall_s:
            raise _Stalled(
                f"nothing was committed for {stall_s:g} s at ticket {committed} of {now.issued}: it was popped and lost"
            )
        await anyio.sleep(0.02)


async def _run_processes(
    scenario: Scenario, manifest: Manifest, planted: Planted, folder: Path, stall_s: float
) -> Outcome:
    with _server(scenario) as server:
        coordinator = Coordinator(
            manifest,
            seeds(6),
            folder=folder,
            tasks=DEMO_TASKS,
            url="memory:" if server is None else server.url,
            workers=scenario.workers,
            resume=True,
            worker=planted.worker,
            machine=planted.machine,
            merger=planted.merger,
        )
        killed = 0
        reports: list[RunReport] = []

        async def kill() -> None:
            nonlocal killed
            if scenario.kills == "none":
                return
            for after in sorted(_CHANCE.sample(_KILL_AFTER, _KILLS)):
                while coordinator.stats is None or coordinator.stats.committed < after:  # noqa: ASYNC110
                    await anyio.sleep(0.002)  # the coordinator looks at its counts now and then, and tells nobody
                killed += _kill_one(scenario.kills, coordinator, server)

        async def counts() -> Stats:
            return coordinator.stats or _NO_STATS

        try:
            async with anyio.create_task_group() as everything:
                everything.start_soon(kill)
                everything.start_soon(_stop_when_stalled, counts, stall_s)
                reports.append(await coordinator.run())
                everything.cancel_scope.cancel()
        except BaseExceptionGroup as group:
            raise unwrapped(group) from None
        report = reports[0]
        return Outcome(report.state_digest, report.merged.trace_digest, report.merged.results, killed)


def _kill_one(kills: Kills, coordinator: Coordinator, server: RedisServer | None) -> bool:
    """Kills by SIGKILL; whether there was anything alive to kill."""
    if kills == "server":
        assert server is not None
        server.kill()
        server.start()  # here and not in a thread, with which the server would die
        return True
    victim = coordinator.children[0] if kills == "committer" else _CHANCE.choice(coordinator.children[1:])
    return victim.kill()


@contextmanager
def _server(scenario: Scenario) -> Generator[RedisServer | None]:
    if scenario.backend == "memory":
        yield None
        return
    with RedisServer() as server:
        yield server
