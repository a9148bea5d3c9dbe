"""``/metrics``: what Prometheus is told, from a registry of this daemon's own.

Everything is looked up when somebody asks: in the store, in the events since the last time, in the last line of each
trace that grows, and among the processes. So nothing is counted on the way, and a daemon that nobody asks pays nothing.
What only a worker could know (how often it has started its Lean anew, mailboxes of its actors) is not told at all.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

import anyio
import anyio.to_thread
import msgspec
import psutil
from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric

from cellview.daemon.errors import DamagedError, NoFileError, NoSuchExperimentError
from cellview.daemon.http.streaming import Streams
from cellview.daemon.processes import memory_of
from cellview.daemon.records import Event, ExperimentStatus, SearchStatus
from cellview.daemon.run_files import RunFiles
from cellview.daemon.service import Daemon
from cellview.daemon.store import Store
from cellview.daemon.trace_file import last_line

__all__ = ["Metrics"]

_RUNNING: Final = 256
"""Searches under way that are looked at, at most."""


class _Tree(msgspec.Struct):
    nodes: int
    inflight: int


class _Last(msgspec.Struct):
    iteration: int
    tree: _Tree


class _Seen(msgspec.Struct):
    """What the store says at one moment: states, searches under way, what happened, and to which experiments."""

    counts: dict[str, dict[str, int]]
    running: list[tuple[ExperimentStatus, SearchStatus]]
    events: tuple[Event, ...]
    about: dict[int, ExperimentStatus]


class Metrics:
    """The figures of one daemon.

    Args:
        daemon: Asked for its state.
        files: Where traces and results are.
        streams: Those that are open.
    """

    def __init__(self, daemon: Daemon, files: RunFiles, streams: Streams) -> None:
        self._daemon = daemon
        self._files = files
        self._streams = streams
        self._began = time.time()
        self._after: int | None = None
        self._asking = anyio.Lock()
        self._registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        self._requests = Counter(
            "cellview_requests", "Answers by endpoint and status.", ["endpoint", "status"], registry=registry
        )
        self.lag = Histogram(
            "cellview_event_lag_seconds",
            "From an event's transaction to its being handed to a live stream.",
            buckets=(0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10),
            registry=registry,
        )
        self._searches = Counter(
            "cellview_searches", "Searches that ended, by stop reason.", ["stop_reason"], registry=registry
        )
        self._lost = Counter("cellview_searches_lost", "Searches whose worker died, hung or failed.", registry=registry)
        self._iterations = Counter("cellview_iterations", "Iterations of searches that ended.", registry=registry)
        self._attempts = Counter(
            "cellview_attempts",
            "Attempts of searches that ended: tried by the prover, held back by the arm, or filtered.",
            ["outcome"],
            registry=registry,
        )
        self._now = _Readings()
        registry.register(self._now)

    def answered(self, endpoint: str, status: int) -> None:
        """Count an answer."""
        self._requests.labels(endpoint, str(status)).inc()

    async def render(self) -> bytes:
        """Return the figures as they are now, in the text format of Prometheus."""
        async with self._asking:
            seen = await self._daemon.database.do(self._look)
            health = await self._daemon.health()
            self._now.clear()
            for kind, states in seen.counts.items():
                for state, number in states.items():
                    self._now.set(f"cellview_{kind}", "By state.", number, state=state)
            self._now.set("cellview_queue", "Experiments that have a search to begin.", health.queued)
            self._now.set("cellview_workers", "Live worker processes.", health.workers)
            self._now.set("cellview_workers_busy", "Workers that run a search.", health.busy)
            self._now.set(
                "cellview_held", "1 while nothing is begun, such as for want of room.", health.held is not None
            )
            self._now.set("cellview_streams", "Streams that are open.", self._streams.open)
            self._now.set("cellview_streams_dropped", "Streams cut since clients did not read.", self._streams.dropped)
            self._now.set("cellview_listeners_dropped", "Streams that lagged too far behind.", self._daemon.hub.dropped)
            self._mailboxes()
            await anyio.to_thread.run_sync(self._read, seen)
            return generate_latest(self._registry)

    def _look(self, store: Store) -> _Seen:
        if self._after is None:
            self._after = store.last_event(before=self._began)
        events = store.events(after=self._after, limit=100_000)
        if events:
            self._after = events[-1].number
        about: dict[int, ExperimentStatus] = {}
        for number in {event.experiment for event in events if event.kind == "search_finished"}:
            with suppress(NoSuchExperimentError):  # it was deleted meanwhile
                about[number] = store.experiment(number)
        running = [(store.experiment(e), store.search(e, n)) for e, n in store.running(limit=_RUNNING)]
        return _Seen(store.counts(), running, events, about)

    def _mailboxes(self) -> None:
        for path, counters in self._daemon.actors.counters().items():
            for name, text, value in (
                ("mailbox_depth", "Messages that wait.", counters.mailbox_depth),
                ("messages", "Messages that were handled.", counters.received),
                ("mailbox_wait_seconds", "Time that messages have waited, in all.", counters.time_in_mailbox_s),
                ("mailbox_longest_wait_seconds", "Longest time that one has.", counters.longest_in_mailbox_s),
                ("actor_restarts", "Incarnations after the first.", counters.restarts),
            ):
                self._now.set(f"cellview_{name}", text, value, actor=path)

    def _read(self, seen: _Seen) -> None:
        iterations, inflight, nodes = 0, 0, 0
        for experiment, search in seen.running:
            last = self._last(experiment, search)
            if last is not None:
                iterations += last.iteration + 1
                inflight += last.tree.inflight
                nodes += last.tree.nodes
        self._now.set("cellview_running_iterations", "Iterations so far of searches under way.", iterations)
        self._now.set("cellview_running_inflight", "Reservations in searches under way.", inflight)
        self._now.set("cellview_running_nodes", "Nodes of their trees.", nodes)
        for event in seen.events:
            self._count(event, seen.about.get(event.experiment))
        data = self._daemon.config.data
        self._now.set("cellview_disk_free_bytes", "Room on the data folder's disk.", shutil.disk_usage(data).free)
        self._now.set("cellview_database_bytes", "The database and its log.", _size(data, "cellview.db"))
        self._memory()

    def _last(self, experiment: ExperimentStatus, search: SearchStatus) -> _Last | None:
        try:
            with self._files.open_search(experiment, search, "trace") as file:
                line = last_line(file)
            return msgspec.json.decode(line, type=_Last) if line else None
        except (NoSuchExperimentError, msgspec.DecodeError):
            return None

    def _count(self, event: Event, about: ExperimentStatus | None) -> None:
        data = event.data
        if event.kind == "search_lost":
            self._lost.inc()
        if event.kind != "search_finished":
            return
        self._searches.labels(data["stop_reason"]).inc()
        entry = None
        if about is not None:
            with suppress(NoFileError, DamagedError):
                entry = self._files.metadata(about).result_of(data["theorem"], arm=data["arm"], seed=data["seed"])
        if entry is not None:
            self._iterations.inc(entry.iterations)
            filtered = entry.attempts - entry.tried - entry.held_back
            for outcome, number in (("tried", entry.tried), ("held_back", entry.held_back), ("filtered", filtered)):
                self._attempts.labels(outcome).inc(max(0, number))

    def _memory(self) -> None:
        """Worker processes are the daemon's children of that name, and what is below them proves for them."""
        workers = [one for one in psutil.Process(os.getpid()).children() if _is_worker(one)]
        provers = [one for worker in workers for one in _below(worker)]
        self._now.set("cellview_prover_processes", "Processes that prove, such as Lean.", len(provers))
        for kind, processes in (("worker", workers), ("prover", provers)):
            self._now.set("cellview_memory_bytes", "Memory of workers and provers.", memory_of(processes), kind=kind)


class _Readings:
    """Gauges that are made anew each time: a search or an actor that is gone leaves none behind."""

    def __init__(self) -> None:
        self._families: dict[str, GaugeMetricFamily] = {}

    def clear(self) -> None:
        self._families = {}

    def set(self, name: str, text: str, value: float, **labels: str) -> None:
        family = self._families.get(name)
        if family is None:
            family = self._families[name] = GaugeMetricFamily(name, text, labels=list(labels))
        family.add_metric(list(labels.values()), float(value))

    def collect(self) -> Iterator[Metric]:
        yield from self._families.values()


def _is_worker(process: psutil.Process) -> bool:
    with suppress(psutil.Error):
        return "cellview.daemon.worker" in process.cmdline()
    return False


def _below(process: psutil.Process) -> list[psutil.Process]:
    with suppress(psutil.Error):
        return process.children(recursive=True)
    return []


def _size(data: Path, name: str) -> int:
    return sum(path.stat().st_size for path in data.glob(f"{name}*"))
