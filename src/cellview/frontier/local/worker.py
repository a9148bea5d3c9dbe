"""A worker: pops tickets, runs the task, completes. Any number of them, anywhere, give the same outcome."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

import anyio
import msgspec

from cellview.base.groups import unwrapped
from cellview.frontier.errors import FrontierError, LeaseLostError, MachineFailedError, TicketError
from cellview.frontier.frontier import Frontier
from cellview.frontier.local.task import Task, TaskTable, open_task, run_task, task_named
from cellview.frontier.log import warn
from cellview.frontier.machine.canonical import Json, canonical, priority_of
from cellview.frontier.machine.model import Lease, Manifest
from cellview.frontier.machine.prng import Prng
from cellview.frontier.machine.result import Body, Work, completed_of, pack_body

__all__ = ["Worker", "WorkerReport"]

_IDLE_FIRST_S = 0.001
_IDLE_MOST_S = 0.05


class WorkerReport(msgspec.Struct):
    """What one worker did: tickets completed first, completed as duplicates, failed, and dropped after a lost lease."""

    completed: int = 0
    duplicates: int = 0
    failed: int = 0
    dropped: int = 0


class Worker:
    """Runs until the experiment is finished or drained, or until cancelled; then it hands its lease back.

    Args:
        frontier: Where to pop.
        worker_id: For people (assignments, logs); never part of the outcome.
        tasks: What it may run: the manifest names one of these. It is the worker's owner who decides, not whoever wrote
            the manifest.
        options: The worker's own options for a task session, such as the Lean of this machine.
    """

    def __init__(
        self, frontier: Frontier, worker_id: str, *, tasks: TaskTable, options: Mapping[str, Json] | None = None
    ) -> None:
        self._frontier = frontier
        self._id = worker_id
        self._tasks = tasks
        self._options = dict(options or {})
        self.report = WorkerReport()

    async def run(self) -> WorkerReport:
        """Works until nothing is left.

        Raises:
            TaskError: The manifest names a task that this worker was not told of.
            MachineFailedError: The task says that this machine cannot do it.
            DeterminismError: Another worker got a different result for the same candidate.
            FrontierError: The server went, or the experiment was cleared.
        """
        manifest = await self._frontier.attach()
        settings = cast("dict[str, Json]", msgspec.json.decode(manifest.settings))
        async with open_task(task_named(manifest.task, self._tasks), settings, self._options) as task:
            await self._work_on(manifest, task)
        return self.report

    async def _work_on(self, manifest: Manifest, task: Task) -> None:
        idle_s = _IDLE_FIRST_S
        while True:
            popped = await self._frontier.pop(self._id)
            for lease in popped.leases:
                await self._work(manifest, task, lease)
                idle_s = _IDLE_FIRST_S
            if not popped.leases:
                if popped.phase in ("finished", "draining"):
                    return
                await anyio.sleep(idle_s)
                idle_s = min(_IDLE_MOST_S, idle_s * 2)

    async def _work(self, manifest: Manifest, task: Task, lease: Lease) -> None:
        try:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(self._keep_alive, lease, manifest.lease_ms / 3000)
                await self._attempt(manifest, task, lease)
                tasks.cancel_scope.cancel()
        except BaseExceptionGroup as group:
            raise unwrapped(group) from None
        except anyio.get_cancelled_exc_class():
            with anyio.CancelScope(shield=True), anyio.move_on_after(1.0):
                await self._release(lease)
            raise

    async def _attempt(self, manifest: Manifest, task: Task, lease: Lease) -> None:
        try:
            completed = completed_of(await run_task(task, _work_of(manifest, lease), self._prng(manifest, lease)))
        except MachineFailedError:
            await self._release(lease)
            raise
        except Exception as error:  # whatever else a task raises is the candidate's failure, not the worker's
            await self._fail(lease, error)
            return
        try:
            outcome = (await self._frontier.complete([(lease, completed)]))[0]
        except TicketError as error:
            self.report.dropped += 1
            warn("result dropped", candidate=lease.candidate, ticket=lease.ticket, worker=self._id, error=str(error))
            return
        self.report.completed += outcome == "accepted"
        self.report.duplicates += outcome == "duplicate"

    def _prng(self, manifest: Manifest, lease: Lease) -> Prng:
        """The task's stream: master seed and candidate. A worker's or a cycle's name in the path would be a defect."""
        return Prng(manifest.master_seed).for_path("execute", lease.candidate)

    async def _fail(self, lease: Lease, error: Exception) -> None:
        self.report.failed += 1
        text = f"{type(error).__name__}: {error}"
        notes: dict[str, Json] = {"error": text.encode("utf-8", "replace").decode()}
        warn("task failed", candidate=lease.candidate, ticket=lease.ticket, worker=self._id, error=text)
        try:
            await self._frontier.fail(lease, pack_body(Body(notes=canonical(notes))))
        except LeaseLostError:
            self.report.dropped += 1

    async def _release(self, lease: Lease) -> None:
        try:
            await self._frontier.release(lease)
        except FrontierError:
            return  # the lease has ended, or the server is gone; it will expire

    async def _keep_alive(self, lease: Lease, every_s: float) -> None:
        while True:
            await anyio.sleep(every_s)
            try:
                await self._frontier.heartbeat(lease)
            except LeaseLostError:
                return  # the work goes on: if it ends first it still counts, else it is an equal duplicate


def _work_of(manifest: Manifest, lease: Lease) -> Work:
    return Work(
        item=cast("Json", msgspec.json.decode(lease.item)),
        candidate=lease.candidate,
        priority=priority_of(lease.score),
        depth=lease.depth,
        carry=lease.carry,
        settings=cast("dict[str, Json]", msgspec.json.decode(manifest.settings)),
    )
