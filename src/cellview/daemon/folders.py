"""The run folders that are open, and the database kept in agreement with them.

The order of writing is trace, ``run.json``, database, event. A death between any two of them is mended at the start:
the folder is right, and the database is made to agree.
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

import msgspec

from cellview.base.log import get_logger
from cellview.base.scratch import make_scratch
from cellview.core import SearchError
from cellview.daemon.database import Database
from cellview.daemon.disk import was_full
from cellview.daemon.drivers import Drivers
from cellview.daemon.errors import ConflictError, DaemonError, DiskFullError
from cellview.daemon.intake import experiment_of
from cellview.daemon.opened import OpenedExperiment
from cellview.daemon.records import ExperimentStatus, Submission
from cellview.daemon.steps import Steps, unobserved
from cellview.daemon.store import PointResult, require_removable
from cellview.daemon.wire import Drive, Perform, Performed
from cellview.experiment import LeanSpec, ModelAccess, lean_version, toolchain_of
from cellview.prover import ProverError
from cellview.prover.lean import Toolchain
from cellview.trace import RunFolder, RunFolderError, TraceError, Versions, describe_versions

__all__ = ["Folders"]

T = TypeVar("T")

_log = get_logger(__name__)


class Folders:
    """The open run folders of a dispatcher, by their experiments' numbers.

    What it is asked for is done in the folder first, and entered in the database then. Any of its methods may raise
    :class:`~cellview.daemon.errors.DiskFullError`; what was done by then stays, and :meth:`mend` makes both agree.

    Args:
        database: The store.
        runs: The folder of run folders.
        access: How workers reach model servers.
        drivers: Other drivers, and where they are.
        steps: Told before and after everything that is written.
    """

    def __init__(
        self,
        database: Database,
        runs: Path,
        *,
        access: ModelAccess | None = None,
        drivers: Drivers | None = None,
        steps: Steps = unobserved,
    ) -> None:
        self._database = database
        self._runs = runs
        self._access = access or ModelAccess()
        self._drivers = drivers or Drivers()
        self._steps = steps
        self._opened: dict[int, OpenedExperiment] = {}
        self._toolchains: dict[LeanSpec, Toolchain] = {}

    def __contains__(self, experiment: int) -> bool:
        """Whether an experiment's folder is open."""
        return experiment in self._opened

    # -- beginning -----------------------------------------------------------------------------------------------------

    async def open(self, experiment: int) -> None:
        """Make or take over the run folder. What forbids it is the experiment's end, and nobody else's."""
        status = await self._database.do(lambda store: store.experiment(experiment))
        data = await self._database.do(lambda store: store.submission(experiment))
        submission = msgspec.json.decode(data, type=Submission)
        try:
            opened = await self._open(self._runs / status.folder, submission)
        except (SearchError, TraceError, ProverError, OSError) as error:
            await self.fail(experiment, str(error))
            return
        known, waiting = opened.results, opened.waiting
        try:
            await self._database.do(lambda store: store.settle(experiment, known, waiting))
            if status.state == "queued":
                await self._database.do(lambda store: store.take(experiment, "start"))
        except BaseException:
            await self._close(opened)
            raise
        self._opened[experiment] = opened
        await self.finish_if_complete(experiment)

    async def _open(self, path: Path, submission: Submission) -> OpenedExperiment:
        assert submission.corpus_text is not None
        corpus = submission.corpus_text
        described = experiment_of(submission, self._access)
        versions, toolchain = await self._versions(submission)
        return await self._written(
            lambda: OpenedExperiment.open(
                path,
                described,
                corpus=corpus,
                versions=versions,
                toolchain=toolchain,
                plan_digest=submission.plan_digest,
                access=self._access,
                steps=self._steps,
            )
        )

    async def _versions(self, submission: Submission) -> tuple[Versions, Toolchain | None]:
        spec = submission.prover
        if not isinstance(spec, LeanSpec):
            return describe_versions(), None
        if spec not in self._toolchains:
            self._toolchains[spec] = await toolchain_of(spec)
        toolchain = self._toolchains[spec]
        return describe_versions(lean=lean_version(toolchain, spec)), toolchain

    async def command(self, experiment: int, number: int) -> Perform | None:
        """Return what a worker is told; ``None`` when the folder forbids it, and the experiment was paused."""
        opened = self._opened[experiment]
        try:
            return await self._written(lambda: opened.command(number))
        except TraceError as error:
            await self.refuse(experiment, str(error))
            return None

    async def hand_over(self, experiment: int) -> Drive | None:
        """Let go of a folder for another driver; ``None`` when there is nothing for it to do."""
        if experiment not in self._opened:
            await self.open(experiment)
        if experiment not in self._opened:
            return None
        await self.close(experiment)
        status = await self._database.do(lambda store: store.experiment(experiment))
        data = await self._database.do(lambda store: store.submission(experiment))
        versions, _ = await self._versions(msgspec.json.decode(data, type=Submission))
        drivers = self._drivers
        return Drive(
            folder=str((self._runs / status.folder).absolute()),
            executor=status.executor,
            versions=versions,
            access=self._access,
            frontier=drivers.frontier,
            workers=drivers.workers if status.executor == "frontier" else drivers.cluster.cluster.num_cpus,
            window=drivers.window,
            cluster=drivers.cluster,
        )

    async def take_back(self, experiment: int) -> bool:
        """Enter what another driver has brought; whether that was all."""
        await self.open(experiment)
        unfinished = experiment in self._opened
        await self.close(experiment)
        return not unfinished

    # -- results -------------------------------------------------------------------------------------------------------

    async def keep(self, experiment: int, performed: Performed) -> None:
        """Enter a result, and what it decides."""
        opened = self._opened[experiment]
        outcome, seconds, use = performed.outcome, performed.seconds, performed.use
        await self._enter(experiment, lambda: opened.keep(outcome, seconds=seconds, use=use))

    async def set_aside(self, experiment: int, number: int, why: str) -> None:
        """Give a point up."""
        opened = self._opened[experiment]
        await self._enter(experiment, lambda: opened.set_aside(number, why))

    async def _enter(self, experiment: int, enter: Callable[[], tuple[list[PointResult], list[int]]]) -> None:
        results, released = await self._written(enter)
        await self._database.do(lambda store: store.end_points(experiment, results, released))

    async def mend(self, experiment: int) -> None:
        """Make database and folder agree, after the disk has refused one of them. No worker may have any of it."""
        opened = self._opened.get(experiment)
        if opened is None:
            await self.open(experiment)
            return
        await self._written(opened.save)
        known, waiting = opened.results, opened.waiting
        await self._database.do(lambda store: store.settle(experiment, known, waiting))
        await self.finish_if_complete(experiment)

    # -- ending --------------------------------------------------------------------------------------------------------

    async def fail(self, experiment: int, reason: str) -> None:
        """End an experiment that cannot be run, with the reason."""
        await self._database.do(lambda store: store.take(experiment, "fail", reason=reason))

    async def refuse(self, experiment: int, reason: str) -> None:
        """The folder refuses: the experiment is paused with the reason, until somebody has mended it and resumes it."""
        sentence = f"{reason} Mend that, then resume it."
        await self._database.do(lambda store: store.take(experiment, "pause", reason=sentence))

    async def finish_if_complete(self, experiment: int) -> None:
        """End an experiment of which every point has its result."""
        opened = self._opened.get(experiment)
        if opened is None or not opened.complete:
            return
        try:
            await self._written(lambda: opened.close("finished"))
        except SearchError as error:
            del self._opened[experiment]
            await self.fail(experiment, str(error))
        except TraceError as error:
            del self._opened[experiment]  # the results are on the disk; that it is finished is said once it can be
            await self.refuse(experiment, str(error))
        except DiskFullError:
            del self._opened[experiment]
            raise
        else:
            del self._opened[experiment]
            await self._database.do(lambda store: store.take(experiment, "finish"))

    async def close(self, experiment: int) -> None:
        """Let go of a folder, if it is open."""
        opened = self._opened.pop(experiment, None)
        if opened is not None:
            await self._close(opened)

    async def close_all(self) -> None:
        """Let go of all."""
        while self._opened:
            await self._close(self._opened.popitem()[1])

    async def _close(self, opened: OpenedExperiment) -> None:
        try:
            await asyncio.to_thread(opened.close, "interrupted")
        except TraceError as error:  # the folder says "running" then, and is free all the same
            _log.warning("folder_not_closed", error=str(error))

    async def remove(self, experiment: int, *, why: str | None = None) -> None:
        """Remove an experiment that has ended, folder and all.

        The folder is put out of sight first, under a name by which the next start knows it as rubbish: who dies in the
        middle of removing leaves no half of a run under a run's name.

        Raises:
            ConflictError: It has not ended, or is pinned.
        """
        status: ExperimentStatus = await self._database.do(lambda store: store.experiment(experiment))
        require_removable(status)
        path = self._runs / status.folder
        if experiment in self._opened:
            raise ConflictError(f"Experiment {experiment} is being let go of: try again in a moment.")
        self._steps("remove:before")
        grave = await self._written(lambda: _bury(path, status.digest))
        self._steps("remove:buried")
        try:
            await self._database.do(lambda store: store.delete(experiment, why=why))
        except DaemonError:
            if grave is not None:
                await self._written(lambda: (grave / path.name).rename(path))
            raise
        self._steps("remove:forgotten")
        if grave is not None:
            await asyncio.to_thread(shutil.rmtree, grave, ignore_errors=True)
        self._steps("remove:after")

    async def _written(self, work: Callable[[], T]) -> T:
        """Do something that writes, in a thread.

        Raises:
            DiskFullError: There was no room.
        """
        try:
            return await asyncio.to_thread(work)
        except (TraceError, OSError) as error:
            if was_full(error):
                raise DiskFullError(str(error)) from error
            raise


def _bury(path: Path, digest: str) -> Path | None:
    """Move a run folder out of sight; ``None``: there is none, or it belongs to another experiment and stays."""
    if path.is_symlink():
        raise ConflictError(f"{path} is a link, and no folder of this daemon: take it away by hand.")
    if not path.exists():
        return None
    with suppress(RunFolderError):  # one that cannot be read is taken for what its name says
        if RunFolder.read(path).metadata.experiment.digest != digest:
            return None
    grave = make_scratch("removed", within=path.parent)
    path.rename(grave / path.name)
    return grave
