"""The daemon under torment: experiments with random priorities, pauses, cancels, and signals; prints JSON.

Short by default (half a minute, synthetic prover); ``--minutes 60 --experiments 200 --lean`` is the long one. Exit
status 1 when anything was lost, repeated, unlike ``cellview run``, or left behind.

Its bias: nothing here cuts the power, so the database loses no transaction that it might lose then. For two fifths of
the time the daemon itself is killed too; then one lives on, while workers and Lean are killed, so that its memory can
be looked at. The wait between two signals is random, so no two soaks are alike; the seed fixes the acts alone.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import anyio
from soaking.served import Served
from soaking.torment import Torment
from soaking.variants import Variant, variants
from soaking.verdict import Watch, lost_and_repeated, remains, unlike

from cellview.daemon import ExperimentStatus

_MUST_BE_ZERO = (
    "experiments_lost", "experiments_nobody_submitted", "results_lost", "results_repeated", "searches_set_aside",
    "events_lost_or_repeated", "different", "processes", "temporary_files", "locks", "bad_exits",
)  # fmt: skip


async def soak(arguments: argparse.Namespace, work: Path) -> dict[str, Any]:
    """Run a soak in the folder `work`, and return its table."""
    seconds = 60 * arguments.minutes
    chosen = variants(lean=arguments.lean, budgets=tuple(arguments.budgets), theorems=arguments.theorems)
    stall_s = 5 + seconds / 100  # what hangs for so long is killed
    options = ("--workers", str(arguments.workers), "--drain", "1", "--stall", str(stall_s), "--retries", "1000")
    served = Served(work, options)
    try:
        return await _soaked(arguments, served, chosen, work)
    finally:
        served.kill()


async def _soaked(arguments: argparse.Namespace, served: Served, chosen: list[Variant], work: Path) -> dict[str, Any]:
    seconds = 60 * arguments.minutes
    torment, watch = Torment(served, chosen, arguments.seed), Watch(served)
    begun = time.monotonic()
    found: list[ExperimentStatus] = []
    references: dict[str, dict[str, object]] = {}
    await served.start()
    async with anyio.create_task_group() as listening:
        listening.start_soon(torment.listen)
        await _torment(torment, watch, arguments.experiments, seconds)
        references |= await _references(chosen, work)  # while the daemon works off what is left
        with anyio.fail_after(3 * seconds + 600):
            await torment.finished()
        await torment.restart(kill=True)  # the last start has nothing to do but to clear away
        found += await torment.everything()
        await _all_heard(torment)
        listening.cancel_scope.cancel()
    await served.end(signal.SIGTERM)
    return {
        "minutes": round((time.monotonic() - begun) / 60, 1),
        "experiments": len(torment.submitted),
        "searches": sum(one.points for one in found),
        "cancelled": len(torment.cancelled),
        "acts": dict(sorted(torment.done.items())),
        "daemons": served.starts,
        "events": len(torment.events),
        **lost_and_repeated(torment, found),
        **await asyncio.to_thread(unlike, torment, found, served.data / "runs", references),
        **remains(served),
        "bad_exits": len(served.bad_exits),
        "memory_while_one_daemon_lived": watch.report(),
    }


async def _torment(torment: Torment, watch: Watch, experiments: int, seconds: float) -> None:
    begun = anyio.current_time()
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(lambda: torment.people(every_s=max(0.5, seconds / 250)))
        tasks.start_soon(lambda: torment.kill_workers(every_s=max(0.7, seconds / 200)))
        async with anyio.create_task_group() as submitting:
            submitting.start_soon(lambda: torment.submit(experiments, within_s=0.8 * seconds))
            with anyio.move_on_after(0.4 * seconds):
                await torment.kill_daemons(every_s=seconds / 20)
            with anyio.CancelScope(deadline=begun + seconds):
                await watch.look(every_s=max(0.2, seconds / 1000))
        tasks.cancel_scope.cancel()


async def _all_heard(torment: Torment) -> None:
    """Wait until whoever listens has heard of everything."""
    last = (await torment.ask("health")).events
    with anyio.fail_after(60):
        while not torment.events or torment.events[-1].number < last:  # noqa: ASYNC110  # another task appends
            await anyio.sleep(0.05)


async def _references(chosen: list[Variant], work: Path) -> dict[str, dict[str, object]]:
    """Run each variant by ``cellview run``, one after the other."""
    folder = work / "references"
    folder.mkdir()
    return {variant.name: await variant.reference(folder) for variant in chosen}


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=0.25, help="of torment; what is left then is worked off")
    parser.add_argument("--experiments", type=int, default=8)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--lean", action="store_true", help="a part of the experiments with Lean")
    parser.add_argument("--budgets", type=int, nargs="+", default=[100], help="iterations of a synthetic search")
    parser.add_argument("--theorems", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, help="work in this folder, and leave it there")
    arguments = parser.parse_args()
    if arguments.keep is None:
        with tempfile.TemporaryDirectory(prefix="cellview-soak-") as work:
            table = anyio.run(soak, arguments, Path(work))
    else:
        arguments.keep.mkdir(parents=True)
        table = anyio.run(soak, arguments, arguments.keep)
    wrong = {name: table[name] for name in _MUST_BE_ZERO if table[name]}
    table |= {"load_beside": [round(load, 2) for load in os.getloadavg()], "wrong": wrong}
    print(json.dumps(table, indent=2))
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
