"""The daemon without its front: the data folder's lock, the actors, and what may be asked of them."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from pathlib import Path
from typing import Final

import anyio
import anyio.to_thread

from cellview.actors import ActorSystem, Ref, Restart
from cellview.daemon.config import DaemonConfig
from cellview.daemon.database import Database, StoreActor
from cellview.daemon.disk import FreeBytes, free_bytes
from cellview.daemon.dispatcher import Dispatcher
from cellview.daemon.errors import DataFolderError
from cellview.daemon.hub import EventHub
from cellview.daemon.intake import experiment_of, new_experiment, with_corpus_text
from cellview.daemon.janitor import Janitor
from cellview.daemon.messages import CountWorkers, Delete, DispatcherMessage, Drain, Pin, Take, Wake
from cellview.daemon.process import StartWorker, WorkerProcess
from cellview.daemon.records import ExperimentStatus, Health, Submission
from cellview.daemon.states import ExperimentStep
from cellview.daemon.steps import Steps, unobserved
from cellview.daemon.store import Store
from cellview.trace import describe_versions

__all__ = ["Daemon", "running"]

_DEADLINE_S: Final = 120.0
"""For an answer of the dispatcher; it may be finding a Lean just then."""


class Daemon:
    """What the front, and a program that needs no front, ask of a daemon. Made by :func:`running`."""

    def __init__(
        self,
        config: DaemonConfig,
        database: Database,
        hub: EventHub,
        dispatcher: Ref[DispatcherMessage],
        actors: ActorSystem,
    ) -> None:
        self.actors = actors
        self.config = config
        self.database = database
        self.hub = hub
        self._dispatcher = dispatcher
        self.stopping = False
        """Whether it has begun to stop; then nothing more is submitted, and it is not ready."""

    async def submit(self, submission: Submission, *, key: str | None = None) -> tuple[ExperimentStatus, bool]:
        """Queue an experiment; return it, and whether it is new. The same key gives the same one again.

        Raises:
            SubmissionError: It describes no experiment that this daemon may run.
            ConflictError: The key was used for another submission.
        """
        self.config.drivers.require(submission)
        whole = await anyio.to_thread.run_sync(with_corpus_text, submission, self.config.corpora)
        experiment = await anyio.to_thread.run_sync(experiment_of, whole, self.config.access)
        new = new_experiment(whole, experiment, key=key)
        answer = await self.database.do(lambda store: store.submit(new))
        await self._dispatcher.tell(Wake())
        return answer

    async def take(self, experiment: int, step: ExperimentStep) -> ExperimentStatus:
        """Pause, resume or cancel an experiment.

        Raises:
            ConflictError: Its state forbids it.
            NoSuchExperimentError: There is none.
        """
        return await self._dispatcher.ask(Take(experiment, step), deadline_s=_DEADLINE_S)

    async def pin(self, experiment: int, *, pinned: bool) -> ExperimentStatus:
        """Keep an experiment from being removed, by people and by the janitor alike, or let it go again.

        Raises:
            NoSuchExperimentError: There is none.
        """
        return await self._dispatcher.ask(Pin(experiment, pinned), deadline_s=_DEADLINE_S)

    async def delete(self, experiment: int) -> None:
        """Remove an experiment that has ended, and its folder.

        Raises:
            ConflictError: It has not ended, or is pinned.
            NoSuchExperimentError: There is none.
        """
        await self._dispatcher.ask(Delete(experiment), deadline_s=_DEADLINE_S)

    async def health(self) -> Health:
        """Say how it is, after a round trip through database and dispatcher."""
        counts = await self._dispatcher.ask(CountWorkers(), deadline_s=_DEADLINE_S)
        queued, events = await self.database.do(lambda store: (len(store.candidates()), store.last_event()))
        return Health(
            status="stopping" if self.stopping else "ready",
            version=describe_versions().cellview,
            workers=counts.workers,
            busy=counts.busy,
            queued=queued,
            events=events,
            held=counts.held,
        )

    def run_folder(self, status: ExperimentStatus) -> Path:
        """Return the run folder of an experiment; it is there once the experiment was started."""
        return self.config.runs / status.folder

    async def drain(self) -> None:
        """Begin nothing more, give what runs its time, and close every folder."""
        self.stopping = True
        deadline_s = self.config.drain_s
        await self._dispatcher.ask(Drain(deadline_s), deadline_s=deadline_s + _DEADLINE_S)


@asynccontextmanager
async def running(
    config: DaemonConfig,
    *,
    start: StartWorker = WorkerProcess.start,
    steps: Steps = unobserved,
    free: FreeBytes = free_bytes,
) -> AsyncGenerator[Daemon]:
    """Run a daemon without its front until the end of the block; searches under way go on at its next start.

    Args:
        config: How it is set up.
        start: Starts a worker.
        steps: Told of each step of a submission's life, in the thread that takes it.
        free: How much room the disk has.

    Raises:
        DataFolderError: Another daemon has the data folder, or it cannot be used.
    """
    with _locked(config.data):
        config.runs.mkdir(exist_ok=True)
        open_store = partial(Store, config.data / "cellview.db", now=time.time, steps=steps)
        hub = EventHub()
        async with ActorSystem(name="daemon") as system:
            store = await system.spawn(
                lambda: StoreActor(open_store, hub), name="store", supervision=Restart(exhausted="escalate")
            )
            database = Database(store)
            dispatcher = await system.spawn(
                lambda: Dispatcher(database, config.runs, config.policy, start=start, steps=steps),
                name="dispatcher",
                supervision=Restart(exhausted="escalate"),
            )
            await dispatcher.tell(Wake())
            await system.spawn(
                lambda: Janitor(database, dispatcher, config.runs, config.upkeep, free=free),
                name="janitor",
                supervision=Restart(exhausted="escalate"),
            )
            daemon = Daemon(config, database, hub, dispatcher, system)
            try:
                yield daemon
            finally:
                hub.close()
            if not daemon.stopping:
                with anyio.CancelScope(shield=True):
                    await daemon.drain()


@contextmanager
def _locked(data: Path) -> Generator[None]:
    """Hold the data folder, made if it is not there. The lock is a process's and ends with it."""
    try:
        data.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = os.open(data, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as error:
        raise DataFolderError(f"The data folder {data} cannot be used: {error.strerror}.") from error
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise DataFolderError(
                f"Another daemon is running on {data}; use that one, or another data folder."
            ) from error
        yield
    finally:
        os.close(lock)
