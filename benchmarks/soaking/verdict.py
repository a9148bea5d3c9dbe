"""What must hold at the end, and how flat the daemon's memory was meanwhile."""

from __future__ import annotations

import asyncio
import fcntl
import os
import statistics
import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import anyio
import msgspec
import psutil

from cellview.daemon import ExperimentStatus
from soaking.served import Served
from soaking.torment import Torment
from soaking.variants import contents

__all__ = ["Watch", "lost_and_repeated", "remains", "unlike"]


class Sample(msgspec.Struct):
    """The daemon at one moment."""

    at_s: float
    daemon_bytes: int
    workers_bytes: int
    descriptors: int


class Watch:
    """Looks at the daemon's memory and descriptors from time to time."""

    def __init__(self, served: Served) -> None:
        self._served = served
        self.samples: list[Sample] = []

    async def look(self, *, every_s: float) -> None:
        """Look until cancelled."""
        while True:
            sample = await asyncio.to_thread(self._sample)
            if sample is not None:
                self.samples.append(sample)
            await anyio.sleep(every_s)

    def _sample(self) -> Sample | None:
        try:
            daemon = psutil.Process(self._served.pid)
            memory, descriptors = daemon.memory_info().rss, daemon.num_fds()
            family = daemon.children(recursive=True)
        except psutil.Error:
            return None
        workers = 0
        for process in family:
            try:
                workers += process.memory_info().rss
            except psutil.Error:
                continue
        return Sample(time.monotonic(), memory, workers, descriptors)

    def report(self) -> dict[str, Any]:
        """Return the means of the quarters, and by how much the last is above the second."""
        if len(self.samples) < 8:
            return {"samples": len(self.samples)}
        begun, ended = self.samples[0].at_s, self.samples[-1].at_s
        quarters: list[list[Sample]] = [[], [], [], []]
        for sample in self.samples:
            quarters[min(3, int(4 * (sample.at_s - begun) / (ended - begun)))].append(sample)
        daemon = [statistics.fmean(one.daemon_bytes for one in quarter) for quarter in quarters]
        workers = [statistics.fmean(one.workers_bytes for one in quarter) for quarter in quarters]
        return {
            "minutes": round((ended - begun) / 60, 1),
            "samples": len(self.samples),
            "daemon_mb_by_quarter": [round(value / 1e6, 1) for value in daemon],
            "daemon_last_above_second_percent": round(100 * (daemon[3] / daemon[1] - 1), 1),
            "workers_mb_by_quarter": [round(value / 1e6, 1) for value in workers],
            "workers_last_above_second_percent": round(100 * (workers[3] / workers[1] - 1), 1),
            "descriptors_at_first_and_last": [
                min(one.descriptors for one in quarters[0]),
                min(one.descriptors for one in quarters[3]),
            ],
        }


def lost_and_repeated(torment: Torment, found: list[ExperimentStatus]) -> dict[str, int]:
    """Count what was lost (or did not come to its end) and what was repeated, by the database and by the events."""
    known = {one.id for one in found}
    unfinished = [one for one in found if one.state != ("cancelled" if one.id in torment.cancelled else "finished")]
    results = Counter(
        (event.experiment, event.data["search"]) for event in torment.events if event.kind == "search_finished"
    )
    ended = [one for one in found if one.state == "finished"]
    missing = sum(one.points - sum(1 for key in results if key[0] == one.id) for one in ended)
    numbers = [event.number for event in torment.events]
    return {
        "experiments_lost": len(set(torment.submitted) - known) + len(unfinished),
        "experiments_nobody_submitted": len(known - set(torment.submitted)),
        "results_lost": missing,
        "results_repeated": sum(count - 1 for count in results.values()),
        "searches_set_aside": sum(one.set_aside for one in found),
        "events_lost_or_repeated": sum(one != number for number, one in enumerate(numbers, start=1)),
    }


def unlike(
    torment: Torment, found: list[ExperimentStatus], runs: Path, references: Mapping[str, Mapping[str, object]]
) -> dict[str, int]:
    """Count run folders, and files of cancelled experiments' finished searches, that differ from ``cellview run``'s."""
    compared = different = files = 0
    for one in found:
        reference = references[torment.submitted[one.id].name]
        if one.state == "finished":
            compared += 1
            different += contents(runs / one.folder) != reference
        elif (runs / one.folder).exists():
            ours = contents(runs / one.folder)
            # A search that was under way has a trace that is a part of the whole one; what has a tree has ended.
            ended = {name.removesuffix("_mcts_tree.json") for name in ours if name.endswith("_mcts_tree.json")}
            for name in ours:
                if any(name.startswith(f"{stem}_mcts") or name == f"{stem}_proof.lean" for stem in ended):
                    files += 1
                    different += ours[name] != reference[name]
    return {"folders_compared": compared, "files_of_cancelled_compared": files, "different": different}


def remains(served: Served) -> dict[str, int]:
    """Count what is left once the last daemon has ended in good order."""
    runs = served.data / "runs"
    folders = [runs, *runs.glob("*"), *runs.glob("*/*")]
    rubbish = [path for folder in folders if folder.is_dir() for path in folder.iterdir() if path.name.startswith(".")]
    strangers = [path.name for path in served.data.iterdir() if path.name not in ("cellview.db", "runs", "compiled")]
    return {
        "processes": served.left_behind,
        "temporary_files": sum(1 for _ in served.temporary.iterdir()) + len(rubbish) + len(strangers),
        "locks": sum(map(_is_locked, [served.data, *runs.iterdir()])),
    }


def _is_locked(path: Path) -> bool:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(descriptor)
    return False
