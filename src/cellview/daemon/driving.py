"""A whole experiment by another driver, in a worker process, which watches over that driver as the daemon does over it.

The daemon has made the folder and let go of it; it is held here meanwhile. Whatever ends this process, the driver goes
on where it was when it is started again: by its journal, or by the results in the folder.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

import msgspec

from cellview.cluster import ConfigModel
from cellview.daemon.wire import Answer, Drive, Driven, Entered, Working
from cellview.experiment import ExperimentFolder, Opener, SilentObserver, opener_of
from cellview.frontier import connect
from cellview.trace import SearchEntry

__all__ = ["drive"]

_BETWEEN_SIGNS_S: Final = 1.0


async def drive(command: Drive, send: Callable[[Answer], None]) -> Driven:
    """Run what is missing of an experiment, and tell of each result once it is in the folder."""
    path = Path(command.folder)
    driver = {"executor": command.executor, "daemon": True}
    with ExperimentFolder.resume(path, versions=command.versions, driver=driver, access=command.access) as folder:
        folder.begin()
        setup = folder.experiment.setup
        opener = await opener_of(setup.prover, setup.provider, access=command.access)
        alive = asyncio.create_task(_say_alive(send))
        try:
            if command.executor == "frontier":
                finished = await _on_frontier(command, folder, opener)
            else:
                finished = await _on_cluster(command, folder, opener, _Observer(folder, send))
        finally:
            alive.cancel()
            with suppress(asyncio.CancelledError):
                await alive
            folder.save()
    return Driven(finished)


async def _say_alive(send: Callable[[Answer], None]) -> None:
    """Give signs of life. Whether workers elsewhere live is the driver's to see, by leases and lost connections."""
    while True:
        send(Working(0))
        await asyncio.sleep(_BETWEEN_SIGNS_S)


class _Observer(SilentObserver):
    def __init__(self, folder: ExperimentFolder, send: Callable[[Answer], None]) -> None:
        self._folder = folder
        self._send = send

    def finished(self, entry: SearchEntry, *, seconds: float) -> None:
        """Say so, once it is on the disk."""
        self._folder.save()
        self._send(Entered(entry))


async def _on_frontier(command: Drive, folder: ExperimentFolder, opener: Opener) -> bool:
    from cellview.experiment.on_frontier import manifest_of, run_on_frontier  # with its own workers' imports

    # Several experiments, and several daemons, may share a server: the name of each is its own, and stays.
    home = hashlib.sha256(str(folder.path.resolve()).encode()).hexdigest()[:12]
    manifest = msgspec.structs.replace(
        manifest_of(folder.experiment, window=command.window), experiment=f"{folder.path.name}-{home}"
    )
    finished = await run_on_frontier(
        folder,
        manifest,
        opener,
        url=command.frontier,
        workers=command.workers,
        resume=True,  # what is not there yet is begun
        access=command.access,
    )
    if finished and command.frontier != "memory:":
        frontier = connect(
            command.frontier, manifest.experiment
        )  # everything is in the folder; a server is not for ever
        try:
            await frontier.clear()
        finally:
            await frontier.close()
    return finished


async def _on_cluster(command: Drive, folder: ExperimentFolder, opener: Opener, observer: _Observer) -> bool:
    from cellview.experiment.on_cluster import run_on_cluster  # which brings DuckDB or Ray with it

    executor = command.executor
    assert executor in ("process", "ray")
    claims = str(folder.path / "claims.duckdb")
    cluster = msgspec.structs.replace(
        command.cluster.distributed_config, executor=executor, enabled=True, claims_path=claims
    )
    await run_on_cluster(folder, ConfigModel(cluster=cluster), opener, access=command.access, observer=observer)
    return True
