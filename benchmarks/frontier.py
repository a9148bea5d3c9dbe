"""Figures of the frontier, beside the blueprint's naive push and pop, in one run; prints JSON.

Its bias: the server, its client and all workers share one machine here, over a Unix socket, so the network costs
nothing and the processors are shared. The naive side is the blueprint's code as it stands: one command a field, no
lease, no ticket, not atomic; it does less. `batched` is what a coordinator does that seeds a sweep, or a worker that
pops ahead.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import os
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, cast

from redis.asyncio import Redis

from cellview.frontier import Candidate, Coordinator, Frontier, Manifest, MemoryFrontier, RedisFrontier, Result
from cellview.frontier.check.demo import DEMO_TASKS
from cellview.frontier.machine.result import completed_of
from cellview.frontier.redis.server import RedisServer


def _candidates(count: int) -> list[Candidate]:
    return [Candidate.of({"n": n, "text": "x" * 60}, priority=n % 97 / 97, depth=n % 7) for n in range(count)]


async def _timed(operations: list[Callable[[], Awaitable[Any]]]) -> list[float]:
    times: list[float] = []
    for operation in operations:
        begin = time.perf_counter()
        await operation()
        times.append(time.perf_counter() - begin)
    return times


def _figures(pushes: list[float], pops: list[float], items: int) -> dict[str, float]:
    both = sorted(pushes + pops)
    return {
        "push_per_s": round(items / sum(pushes)),
        "pop_per_s": round(items / sum(pops)),
        "operations_per_s": round(2 * items / sum(both)),
        "push_then_pop_pairs_per_s": round(items / sum(both)),
        "p50_us": round(both[len(both) // 2] * 1e6, 1),
        "p99_us": round(both[len(both) * 99 // 100] * 1e6, 1),
    }


async def naive(url: str, count: int) -> dict[str, float]:
    """The blueprint's section 2, a command for each field, with the duplicate check and the pruning that it does."""
    client = cast("Any", Redis.from_url(url))  # pyright: ignore[reportUnknownMemberType]
    key = "frontier:naive:{}".format
    candidates = _candidates(count)

    async def push(it: Candidate) -> None:
        digest = hashlib.sha256(it.item.encode()).hexdigest()
        if not await client.sadd(key("seen"), digest):
            return
        await client.zadd(key("queue"), {digest: float(it.score) + int(digest[:8], 16) % 1000 / 1e6})
        await client.hincrby(key("depths"), str(it.depth), 1)
        await client.hset(key("items"), digest, it.item)
        await client.hset(key("candidate_depths"), digest, str(it.depth))
        await client.hset(key("assignments"), digest, "worker_0")
        await client.zcard(key("queue"))

    async def pop() -> None:
        ((digest, _),) = await client.zpopmin(key("queue"), count=1)
        await client.hget(key("items"), digest)
        depth = await client.hget(key("candidate_depths"), digest)
        await client.hincrby(key("depths"), depth, -1)
        await client.hset(key("assignments"), digest, "worker_0")

    pushes = await _timed([lambda it=it: push(it) for it in candidates])  # type: ignore[misc]
    pops = await _timed([pop] * count)
    await client.aclose()
    return _figures(pushes, pops, count)


async def ours(frontier: Frontier, count: int, batch: int) -> dict[str, float]:
    """Pushes, pops, completes and commits `count` candidates, `batch` in one operation."""
    await frontier.create(Manifest(experiment=frontier.experiment, task="none", window=count))
    candidates = _candidates(count)
    groups = [candidates[first : first + batch] for first in range(0, count, batch)]
    pushes = await _timed([lambda group=group: frontier.push(group) for group in groups])  # type: ignore[misc]
    begin = time.perf_counter()
    await frontier.start()
    start_us = (time.perf_counter() - begin) / count * 1e6
    leases: list[Any] = []

    async def pop() -> None:
        leases.extend((await frontier.pop("worker_0", count=batch)).leases)

    pops = await _timed([pop] * len(groups))
    done = completed_of(Result(payload="done"))
    parts = [[(lease, done) for lease in leases[first : first + batch]] for first in range(0, count, batch)]
    completions = await _timed([lambda part=part: frontier.complete(part) for part in parts])  # type: ignore[misc]
    epoch = await frontier.open_committer("benchmark")
    begin = time.perf_counter()
    while (await frontier.commit(epoch)).count:
        pass
    commit_us = (time.perf_counter() - begin) / count * 1e6
    await frontier.clear()
    await frontier.close()
    return _figures(pushes, pops, count) | {
        "issue_us": round(start_us, 1),
        "complete_us": round(sum(completions) / count * 1e6, 1),
        "commit_us": round(commit_us, 1),
    }


async def concurrent(url: str, count: int, streams: int) -> dict[str, float]:
    """One process with several operations under way, as a worker that runs several tasks at once has them."""
    frontier = RedisFrontier(url, "concurrent")
    await frontier.create(Manifest(experiment="concurrent", task="none", window=count))
    candidates = _candidates(count)

    async def push(number: int) -> None:
        for it in candidates[number::streams]:
            await frontier.push([it])

    async def pop(number: int) -> None:
        for _ in candidates[number::streams]:
            await frontier.pop("worker_0")

    begin = time.perf_counter()
    await asyncio.gather(*(push(number) for number in range(streams)))
    middle = time.perf_counter()
    await frontier.start()
    started = time.perf_counter()
    await asyncio.gather(*(pop(number) for number in range(streams)))
    end = time.perf_counter()
    await frontier.clear()
    await frontier.close()
    return {
        "streams": streams,
        "push_per_s": round(count / (middle - begin)),
        "pop_per_s": round(count / (end - started)),
    }


async def scaling(url: str, workers: int, candidates: int) -> dict[str, float]:
    """A sweep of tasks that wait 5 ms each, from the first commit to the last, so that process starts do not count."""
    seen: list[tuple[float, int]] = []
    manifest = Manifest(
        experiment=f"scaling{workers}",
        task="demo.wait",
        window=64,
        settings='{"sleep_ms":5}',
    )
    with tempfile.TemporaryDirectory() as folder:
        report = await Coordinator(
            manifest,
            [Candidate.of(n) for n in range(candidates)],
            folder=Path(folder) / "run",
            tasks=DEMO_TASKS,
            url=url,
            workers=workers,
            progress=lambda stats: seen.append((time.perf_counter(), stats.committed)),
        ).run()
    assert report.finished
    moving = [(when, count) for when, count in seen if 0 < count < candidates]
    span, done = moving[-1][0] - moving[0][0], moving[-1][1] - moving[0][1]
    return {"workers": workers, "tasks_per_s": round(done / span, 1)}


async def _run(count: int, tasks: int) -> dict[str, Any]:
    with RedisServer() as server:
        first = await naive(server.url, count)
        batched = await ours(RedisFrontier(server.url, "batched"), count, 256)
        figures: dict[str, Any] = {
            "items": count,
            "cores": os.cpu_count(),
            "load_average": os.getloadavg()[0],
            "naive": first,
            "redis": await ours(RedisFrontier(server.url, "single"), count, 1),
            "redis_concurrent": [await concurrent(server.url, count, streams) for streams in (4, 16)],
            "redis_batched_256": batched,
            "batched_over_naive": round(batched["push_then_pop_pairs_per_s"] / first["push_then_pop_pairs_per_s"], 1),
            "memory": await ours(MemoryFrontier("single"), count, 1),
            "memory_batched_256": await ours(MemoryFrontier("batched"), count, 256),
            "scaling_redis": [await scaling(server.url, workers, tasks) for workers in (1, 2, 4, 8)],
        }
    figures["scaling_memory"] = [await scaling("memory:", workers, tasks) for workers in (1, 2, 4, 8)]
    return figures


def main() -> None:
    """Runs all of it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--items", type=int, default=10_000, help="candidates pushed and popped")
    parser.add_argument("--tasks", type=int, default=1_000, help="tasks of 5 ms in the scaling run")
    chosen = parser.parse_args()
    print(json.dumps(asyncio.run(_run(chosen.items, chosen.tasks)), indent=2))


if __name__ == "__main__":
    main()
