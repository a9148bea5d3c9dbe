"""The coordinator: creates or resumes an experiment, runs committer and workers as processes, merges at the end.

With ``memory:`` it holds the frontier itself and serves it to its processes; with a Redis URL workers on other machines
may join. Whatever the number of workers and whoever dies, the merged files are the same.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import msgspec

from cellview.base.scratch import scratch_folder
from cellview.frontier.connect import connect
from cellview.frontier.errors import FrontierError, WorkerFailedError
from cellview.frontier.frontier import Frontier
from cellview.frontier.local.committer import JOURNAL_NAME
from cellview.frontier.local.journal_file import read_journal
from cellview.frontier.local.memory import MemoryFrontier
from cellview.frontier.local.merger import Merger, MergeReport
from cellview.frontier.local.processes import Child, Start
from cellview.frontier.local.socket import LocalServer
from cellview.frontier.local.worker import Worker
from cellview.frontier.log import warn
from cellview.frontier.machine.canonical import Json
from cellview.frontier.machine.machine import FrontierMachine
from cellview.frontier.machine.model import Candidate, Manifest, Stats

__all__ = ["Coordinator", "RunReport"]

_WATCH_S = 0.02
_STOP_S = 15.0


class RunReport(msgspec.Struct, frozen=True):
    """How a run ended: whether all is done, the state digest, the merged files, the counts, and processes restarted."""

    finished: bool
    state_digest: str
    merged: MergeReport
    stats: Stats
    restarts: int


class Coordinator:
    """Runs one experiment to its end, or until it is drained or cancelled.

    Args:
        manifest: The experiment.
        seeds: The candidates to start from; not used when the experiment has started already.
        folder: The run folder: ``journal.jsonl`` while it runs, ``results.jsonl`` and ``trace.jsonl`` at the end.
        tasks: What its workers may run, by name, as ``module:function``; the manifest names one of these.
        url: ``memory:`` or a Redis URL.
        workers: Local worker processes; may be 0 with Redis when others do the work.
        resume: Continue an experiment, or a journal in the folder, instead of refusing it.
        progress: Called with the counts a few times a second.
        options: Its workers' own options for a task session, such as the Lean of this machine.
        reconnect_s: How long to wait for a Redis server that went, in seconds.
        worker: Makes the workers; the determinism check plants faults here and in `machine`.
        machine: Makes the state machine of a ``memory:`` frontier.
        merger: Merges at the end.
    """

    def __init__(
        self,
        manifest: Manifest,
        seeds: list[Candidate],
        *,
        folder: Path,
        tasks: Mapping[str, str],
        url: str = "memory:",
        workers: int = 1,
        resume: bool = False,
        progress: Callable[[Stats], None] | None = None,
        options: Mapping[str, Json] | None = None,
        reconnect_s: float = 30.0,
        worker: Callable[..., Worker] = Worker,
        machine: Callable[[Manifest], FrontierMachine] = FrontierMachine,
        merger: type[Merger] = Merger,
    ) -> None:
        if workers < 0 or (workers == 0 and url == "memory:"):
            raise WorkerFailedError(
                f"workers is {workers}: give at least 1, or 0 with a Redis frontier that others work on"
            )
        self._manifest = manifest
        self._seeds = seeds
        self._folder = folder
        self._tasks = dict(tasks)
        self._options = dict(options or {})
        self._url = url
        self._workers = workers
        self._resume = resume
        self._progress = progress
        self._reconnect_s = reconnect_s
        self._worker = worker
        self._machine = machine
        self._merger = merger
        self.children: list[Child] = []
        """The running processes, the committer first."""
        self.restarts = 0
        self.stats: Stats | None = None
        """The counts when they were last looked at."""

    async def run(self) -> RunReport:
        """Runs to the end and merges.

        Raises:
            DeterminismError: One candidate had two different results.
            ExperimentExistsError: The name or the folder is in use, and `resume` was not given.
            WorkerFailedError: Processes keep dying without any commit in between.
            FrontierError: The server went for too long, is full, or was cleared.
        """
        self._refuse_old_folder()
        async with self._frontier() as (frontier, url):
            await self._begin(frontier)
            try:
                await self._watch(frontier, url)
            finally:
                with anyio.CancelScope(shield=True):
                    await self._stop_children()
            stats = await frontier.stats()
            merged = self._merger(self._folder).write(
                read_journal(self._folder / JOURNAL_NAME, manifest=self._manifest)
            )
            snapshot = await frontier.snapshot()
            return RunReport(stats.phase == "finished", snapshot.digest, merged, stats, self.restarts)

    def _refuse_old_folder(self) -> None:
        if (self._folder / JOURNAL_NAME).exists() and not self._resume:
            raise FrontierError(f"{self._folder} holds the journal of a run: resume it, or choose another folder")

    @asynccontextmanager
    async def _frontier(self) -> AsyncGenerator[tuple[Frontier, str]]:
        if self._url != "memory:":
            frontier = connect(self._url, self._manifest.experiment, reconnect_s=self._reconnect_s)
            try:
                yield frontier, self._url
            finally:
                await frontier.close()
            return
        memory = MemoryFrontier(self._manifest.experiment, machine=self._machine)
        # Not in the run folder, since a socket's path has 107 bytes at most.
        with scratch_folder("frontier") as folder:
            async with LocalServer(memory, f"{folder}/s"):
                yield memory, f"local:{folder}/s"

    async def _begin(self, frontier: Frontier) -> None:
        """Creates and seeds the experiment; one that was left between creation and start is seeded again."""
        await frontier.create(self._manifest, resume=self._resume)
        # From here on there is something to resume, and the folder says so, also if nothing is ever committed.
        self._folder.mkdir(parents=True, exist_ok=True)
        (self._folder / JOURNAL_NAME).touch()
        stats = await frontier.stats()
        if stats.phase == "open" and stats.issued == 0:
            for first in range(0, len(self._seeds), 1000):
                await frontier.push(self._seeds[first : first + 1000])
        if stats.phase != "finished":
            await frontier.start()

    async def _watch(self, frontier: Frontier, url: str) -> None:
        """Keeps committer and workers running until the committer says that all is done."""
        names = [f"w{number}" for number in range(self._workers)]
        self.children = [self._spawn("committer", url), *(self._spawn(name, url) for name in names)]
        deaths_left, committed = self._patience(), -1
        while True:
            for index, child in enumerate(self.children):
                ended = child.ended()
                if ended is None:
                    continue
                if ended.error is not None:
                    raise ended.error
                if ended.done:
                    if index == 0:
                        return
                    continue
                warn("a process was killed; starting it again", process=child.start.name, pid=child.pid)
                deaths_left -= 1
                self.restarts += 1
                if deaths_left <= 0:
                    raise WorkerFailedError(
                        f"processes of experiment {self._manifest.experiment!r} keep dying without a commit in between "
                        f"(last: {child.start.name}): look at the machine's memory and the task, then resume"
                    )
                child.join()
                self.children[index] = self._spawn(child.start.name, url)
            stats = await frontier.stats()
            self.stats = stats
            if stats.committed > committed:
                deaths_left, committed = self._patience(), stats.committed
            if self._progress is not None:
                self._progress(stats)
            await anyio.sleep(_WATCH_S)

    def _patience(self) -> int:
        return 3 * self._workers + 5

    def _spawn(self, name: str, url: str) -> Child:
        start = Start(
            url=url,
            experiment=self._manifest.experiment,
            name=name,
            folder=str(self._folder),
            reconnect_s=self._reconnect_s,
            tasks=self._tasks,
            options=self._options,
            worker=self._worker,
        )
        return Child("committer" if name == "committer" else "worker", start)

    async def _stop_children(self) -> None:
        for child in self.children[1:]:
            child.terminate()
        await self._wait_for(self.children[1:])
        for child in self.children[:1]:
            child.terminate()
        await self._wait_for(self.children[:1])

    async def _wait_for(self, children: list[Child]) -> None:
        with anyio.move_on_after(_STOP_S):
            while any(child.ended() is None for child in children):  # noqa: ASYNC110  # processes tell no event loop
                await anyio.sleep(0.005)
        for child in children:
            child.join()
