"""Which driver carries an experiment's searches, as the options and the table ``[cluster]`` say."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import msgspec

from cellview.app.errors import OptionError
from cellview.app.options import RunOptions
from cellview.app.providers import access_of
from cellview.cluster import ConfigModel, load_config
from cellview.experiment import ExperimentFolder, ModelAccess, Observer, Opener, run_here
from cellview.frontier import JOURNAL_NAME, connect
from cellview.frontier.redis.link import redacted
from cellview.settings import Document

__all__ = ["MOST_JOBS_BY_DEFAULT", "Driver", "default_jobs", "driver_of"]

MOST_JOBS_BY_DEFAULT = 8
"""Default limit on theorems side by side: every one has a Lean process of some 150 MB."""

_WORKERS = 2


class Driver(msgspec.Struct, frozen=True, kw_only=True):
    """Who runs the searches. It changes the time, and never a result.

    Args:
        executor: ``here``, ``frontier``, ``process`` or ``ray``.
        jobs: With ``here``: theorems side by side.
        workers: With ``frontier``: worker processes on this machine.
        url: With ``frontier``: ``memory:`` or a Redis server. May hold a password.
        window: With ``frontier``: tiers that may be uncommitted at once.
        cluster: With ``process`` and ``ray``: the table ``[cluster]``.
        access: How model servers are reached.
    """

    executor: str
    jobs: int = 1
    workers: int = _WORKERS
    url: str = "memory:"
    window: int = 64
    cluster: ConfigModel | None = None
    access: ModelAccess = ModelAccess()

    def as_data(self) -> dict[str, Any]:
        """Return what ``run.json`` says of it, without passwords."""
        if self.executor == "here":
            return {"executor": "here", "jobs": self.jobs}
        if self.executor == "frontier":
            return {
                "executor": "frontier",
                "workers": self.workers,
                "window": self.window,
                "frontier": self.url if self.url == "memory:" else redacted(self.url),
            }
        assert self.cluster is not None
        cluster = self.cluster.distributed_config
        return {"executor": self.executor, "workers": cluster.num_cpus, "claims": cluster.enabled}

    async def run(self, folder: ExperimentFolder, opener: Opener, observer: Observer, *, resume: bool) -> bool:
        """Run the experiment into its folder; whether it is finished (a frontier can be drained before)."""
        if self.executor == "here":
            await run_here(folder, opener, jobs=self.jobs, observer=observer)
            return True
        if self.executor == "frontier":
            return await self._on_frontier(folder, opener, observer, resume=resume)
        return await self._on_cluster(folder, opener, observer)

    async def _on_frontier(self, folder: ExperimentFolder, opener: Opener, observer: Observer, *, resume: bool) -> bool:
        from cellview.experiment.on_frontier import manifest_of, run_on_frontier  # with its own workers' imports

        manifest = manifest_of(folder.experiment, window=self.window)
        taken_up = resume and (folder.path / JOURNAL_NAME).exists()
        return await run_on_frontier(
            folder,
            manifest,
            opener,
            url=self.url,
            workers=self.workers,
            resume=taken_up,
            access=self.access,
            observer=observer,
        )

    async def _on_cluster(self, folder: ExperimentFolder, opener: Opener, observer: Observer) -> bool:
        from cellview.experiment.on_cluster import run_on_cluster  # which brings DuckDB or Ray with it

        assert self.cluster is not None
        try:
            await run_on_cluster(folder, self.cluster, opener, access=self.access, observer=observer)
        except ModuleNotFoundError as error:
            raise OptionError(f"{error}.") from error
        return True


def default_jobs() -> int:
    """Return the number of cores that this process may use, at most :data:`MOST_JOBS_BY_DEFAULT`."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(cores, MOST_JOBS_BY_DEFAULT)


def driver_of(options: RunOptions, *, document: Document, folder: Path, frontier_typed: bool) -> Driver:
    """Return the driver that the options mean.

    Args:
        options: The options of ``run``.
        document: May hold ``[cluster]``.
        folder: Where claims go by default.
        frontier_typed: Whether ``--frontier`` was typed: then it asks for the frontier. The variable, which workers
            and other commands share, only says where one is.

    Raises:
        OptionError: Options do not go together.
        FrontierUrlError: The URL of the frontier is none.
        SettingsError: The table ``[cluster]`` is not what it must be.
    """
    cluster = _cluster(options, document, folder)
    asked = cluster.distributed_config.executor
    executor = options.executor or (asked if asked != "local" else "here")
    if executor in ("here", "frontier") and asked not in ("local", executor):
        raise OptionError(
            f"[cluster] asks for the executor {asked}, and --executor for {executor}: change one of them."
        )
    if frontier_typed and options.executor not in (None, "frontier"):
        raise OptionError(f"--frontier does not go with --executor {executor}: leave one of them out.")
    if frontier_typed:
        executor = "frontier"
    if executor == "frontier":
        connect(options.frontier or "memory:", "name")  # refuses what is no frontier, before anything is written
        if options.workers == 0 and options.frontier is None:
            raise OptionError("--workers is 0: give at least 1, or a Redis frontier that others work on.")
    if executor == "process" and options.workers == 0:
        raise OptionError("--workers is 0, but --executor process needs at least 1.")
    return Driver(
        executor=executor,
        jobs=options.jobs or default_jobs(),
        workers=_WORKERS if options.workers is None else options.workers,
        url=options.frontier or "memory:",
        window=options.frontier_window,
        cluster=cluster if executor in ("process", "ray") else None,
        access=access_of(options),
    )


def _cluster(options: RunOptions, document: Document, folder: Path) -> ConfigModel:
    overrides: dict[str, Any] = {}
    if options.executor in ("process", "ray"):
        overrides["executor"] = options.executor
        if options.workers:
            overrides["num_cpus"] = options.workers
    return load_config(
        document,
        defaults={"enabled": True, "claims_path": str(folder / "claims.duckdb")},
        overrides=overrides,
    )
