"""A candidate is set aside, and then its first worker completes: one sentence for that worker, and the run goes on."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import pytest

from cellview.frontier import (
    Candidate,
    Committer,
    Frontier,
    Lease,
    Manifest,
    MemoryFrontier,
    Prng,
    RedisFrontier,
    Result,
    Work,
    Worker,
    read_journal,
)
from cellview.frontier.errors import DeterminismError, SetAsideError
from cellview.frontier.machine.model import JournalEntry, set_aside
from cellview.frontier.machine.operations import Release
from cellview.frontier.machine.result import completed_of

_GOOD, _OTHER = completed_of(Result(payload="good")), completed_of(Result(payload="other"))
_BACKENDS = pytest.mark.parametrize("backend", ["memory", "redis"])


@asynccontextmanager
async def _started(backend: str, url: str, name: str, **fields: int) -> AsyncGenerator[Frontier]:
    frontier: Frontier = MemoryFrontier(name) if backend == "memory" else RedisFrontier(url, name)
    await frontier.create(Manifest(experiment=name, task="work", **fields))  # type: ignore[arg-type]
    await frontier.push([Candidate.of(n, priority=-n) for n in range(3)])
    await frontier.start()
    try:
        yield frontier
    finally:
        await frontier.close()


async def _pop_again(frontier: Frontier, ticket: int) -> Lease:
    while True:
        for lease in (await frontier.pop("quick")).leases:
            if lease.ticket == ticket:
                return lease
        await anyio.sleep(0.01)


@_BACKENDS
async def test_a_result_that_comes_after_the_decision_is_refused(backend: str, redis_url: str, experiment: str) -> None:
    async with _started(backend, redis_url, experiment, max_failures=2, lease_ms=60) as frontier:
        epoch = await frontier.open_committer("me")
        slow = (await frontier.pop("slow")).leases[0]
        for _ in range(2):  # its lease runs out, and others fail with the candidate until it is set aside
            await frontier.fail(await _pop_again(frontier, slow.ticket))
        for _ in range(2):  # before the decision is committed, and after
            with pytest.raises(
                SetAsideError, match=rf"candidate {slow.candidate} of ticket 0 is failed already"
            ) as told:
                await frontier.complete([(slow, _GOOD)])
            assert (told.value.ticket, told.value.first, told.value.second) == (0, "failed", "committed")
            await frontier.commit(epoch)
        assert (await frontier.stats()).conflicts == 0
        while (await frontier.stats()).phase != "finished":
            for lease in (await frontier.pop("quick", count=3)).leases:
                await frontier.complete([(lease, _GOOD)])
            await frontier.commit(epoch)
        stats = await frontier.stats()
        assert (stats.committed, stats.set_aside) == (3, 1)


@_BACKENDS
async def test_what_a_journal_has_committed_counts_over_a_decision_that_was_not(
    backend: str, redis_url: str, experiment: str
) -> None:
    """As after a server came back older than the file, and this time the candidate failed; or the other way round."""
    async with _started(backend, redis_url, experiment, max_failures=1) as frontier:
        epoch = await frontier.open_committer("me")
        first, second, third = (await frontier.pop("w", count=3)).leases
        await frontier.fail(first)
        await frontier.complete([(second, _GOOD), (third, _GOOD)])
        entries = [
            JournalEntry(0, first.candidate, first.item, first.score, 0, "committed", _GOOD),
            JournalEntry(1, second.candidate, second.item, second.score, 0, "abandoned", set_aside("abandoned")),
        ]
        assert await frontier.offer(epoch, entries) == ["accepted", "accepted"]
        await frontier.commit(epoch)
        assert [(it.kind, it.completed) for it in (await frontier.journal(0))[:2]] == [
            (it.kind, it.completed) for it in entries
        ]
        with pytest.raises(SetAsideError):  # now it is committed here, so that the two contradict each other
            await frontier.offer(epoch, [JournalEntry(0, first.candidate, "", "", 0, "failed", set_aside("failed"))])
        with pytest.raises(DeterminismError):  # two results that are both good are another matter
            await frontier.offer(epoch, [JournalEntry(2, third.candidate, "", "", 0, "committed", _OTHER)])


@_BACKENDS
async def test_workers_drop_such_a_result_and_go_on(
    backend: str, redis_url: str, experiment: str, tmp_path: Path
) -> None:
    late = anyio.Event()

    async def slow(work: Work, prng: Prng) -> Result:
        if work.item == 0:
            await late.wait()
        return Result(payload="good")

    async def fails(work: Work, prng: Prng) -> Result:
        if work.item == 0:
            raise ValueError("no luck")
        return Result(payload="good")

    async with _started(backend, redis_url, experiment, max_failures=1, window=2) as frontier:
        one, two = Worker(frontier, "slow", tasks={"work": slow}), Worker(frontier, "fails", tasks={"work": fails})
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(one.run)
            while not (await frontier.stats()).leased:  # noqa: ASYNC110  # nothing tells when a lease is taken
                await anyio.sleep(0.001)
            # It stands still, as a machine does that sleeps: its lease is taken from it.
            await frontier.perform(Release(ticket=0, token=1))
            tasks.start_soon(two.run)
            tasks.start_soon(Committer(frontier, tmp_path).run)
            while not (await frontier.stats()).set_aside:  # noqa: ASYNC110
                await anyio.sleep(0.001)
            late.set()
        assert one.report.dropped == 1
        assert two.report.failed == 1
        kinds = [line.kind for line in read_journal(tmp_path / "journal.jsonl")]
        assert kinds == ["failed", "committed", "committed"]
