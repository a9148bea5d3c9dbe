"""With a key, nobody without it can have a worker work or a result counted, whatever he writes to the server."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import Any

import anyio
import pytest
import redis

from cellview.frontier import Candidate, Lease, Manifest, Prng, RedisFrontier, Result, Work, Worker
from cellview.frontier.check.verify import Scenario, verify
from cellview.frontier.errors import ManifestError, UntrustedError
from cellview.frontier.machine.model import JournalEntry, set_aside
from cellview.frontier.machine.result import completed_of

_KEY, _OTHER = b"a key that nobody guesses", b"a key of somebody else"
_DONE = completed_of(Result(payload="done", children=[Candidate.of("child", carry=b"warm")]))


def _manifest(name: str, **fields: Any) -> Manifest:
    return Manifest(experiment=name, task="ours", window=2, max_failures=1, **fields)


@asynccontextmanager
async def _frontier(url: str, name: str, key: bytes | None = _KEY) -> AsyncGenerator[RedisFrontier]:
    frontier = RedisFrontier(url, name, key=key)
    try:
        yield frontier
    finally:
        await frontier.close()


async def _fill(frontier: RedisFrontier, **fields: Any) -> None:
    await frontier.create(_manifest(frontier.experiment, **fields))
    await frontier.push([Candidate.of(n, priority=n, depth=n, carry=b"warm") for n in range(4)])
    await frontier.start()


class Stranger:
    """Somebody who can write to the server, and knows all about the frontier but the key."""

    def __init__(self, url: str, experiment: str) -> None:
        self._redis: Any = redis.Redis.from_url(url)  # pyright: ignore[reportUnknownMemberType]
        self._prefix = f"frontier:{{{experiment}}}:"

    def get(self, name: str, field: object) -> bytes:
        return bytes(self._redis.hget(self._prefix + name, field))

    def set(self, name: str, field: object, value: bytes) -> None:
        self._redis.hset(self._prefix + name, field, value)

    def forget(self, name: str, field: object) -> None:
        assert self._redis.hdel(self._prefix + name, field) == 1

    def close(self) -> None:
        self._redis.close()


@pytest.fixture
def stranger(redis_url: str, experiment: str) -> Any:
    who = Stranger(redis_url, experiment)
    yield who
    who.close()


async def test_what_holders_of_the_key_write_comes_back_as_it_was(redis_url: str, experiment: str) -> None:
    async with _frontier(redis_url, experiment) as one, _frontier(redis_url, experiment) as two:
        await _fill(one)
        first, second = (await two.pop("w", count=2)).leases
        assert (first.item, first.carry, second.carry) == ("3", b"warm", b"warm")
        assert await two.complete([(first, _DONE)]) == ["accepted"]
        assert await two.complete([(first, _DONE)]) == ["duplicate"]
        assert await two.fail(second, b"why")
        epoch = await one.open_committer("me")
        await one.commit(epoch)
        entries = await one.journal(0)
        assert [it.completed for it in entries] == [_DONE, set_aside("failed", b"why")]
        await one.clear()
        await _fill(one)
        epoch = await one.open_committer("me")
        assert await one.offer(epoch, entries) == ["accepted", "accepted"]
        assert (await one.commit(epoch)).count == 2
        assert await one.journal(0) == entries


@pytest.mark.parametrize(
    ("theirs", "mine", "told"),
    [
        (_KEY, None, "is sealed: set CELLVIEW_FRONTIER_KEY"),
        (None, _KEY, "was not created with the key"),
        (_KEY, _OTHER, "was not created with the key"),
    ],
)
async def test_clients_agree_on_the_key_or_part(
    theirs: bytes | None, mine: bytes | None, told: str, redis_url: str, experiment: str
) -> None:
    async with _frontier(redis_url, experiment, theirs) as one, _frontier(redis_url, experiment, mine) as two:
        await _fill(one)
        with pytest.raises(UntrustedError, match=told):
            await two.attach()
        with pytest.raises(UntrustedError, match=told):
            await two.create(_manifest(experiment), resume=True)
        with pytest.raises(UntrustedError, match=told):
            await two.pop("w")


async def test_the_key_comes_from_the_environment(
    redis_url: str, experiment: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CELLVIEW_FRONTIER_KEY", _KEY.decode())
    async with _frontier(redis_url, experiment, None) as one, _frontier(redis_url, experiment, _OTHER) as two:
        await _fill(one)
        with pytest.raises(UntrustedError):
            await two.attach()


async def test_a_worker_does_nothing_for_a_manifest_of_a_stranger(
    redis_url: str, experiment: str, stranger: Stranger
) -> None:
    ran: list[Work] = []

    def ours(work: Work, prng: Prng) -> Result:
        ran.append(work)
        return Result()

    async with _frontier(redis_url, experiment) as one, _frontier(redis_url, experiment) as two:
        await _fill(one)
        raw = stranger.get("meta", "manifest")
        stranger.set("meta", "manifest", raw.replace(b'"master_seed":0', b'"master_seed":1'))
        with pytest.raises(UntrustedError, match="was not created with the key"):
            await Worker(two, "w", tasks={"ours": ours}).run()
        stranger.set("meta", "manifest", raw)
        stranger.forget("meta", "seal")
        with pytest.raises(UntrustedError, match="was not created with the key"):
            await Worker(two, "w", tasks={"ours": ours}).run()
    assert ran == []


@pytest.mark.parametrize("raw", [b"{}", b"\xff", b'{"experiment":"x","task":"ours","lean":"/bin/sh"}', b"null"])
async def test_a_manifest_that_is_none_is_an_error_of_one_sentence(
    raw: bytes, redis_url: str, experiment: str, stranger: Stranger
) -> None:
    async with _frontier(redis_url, experiment, None) as one:
        await _fill(one)
        stranger.set("meta", "manifest", raw)
        with pytest.raises(ManifestError, match="is none of this version"):
            await one.attach()


_CANDIDATES: list[tuple[str, Callable[[bytes], bytes]]] = [
    ("items", lambda value: b'"rm -rf"'),
    ("scores", lambda value: b"-9.0"),
    ("candidate_depths", lambda value: b"7"),
    ("carries", lambda value: value[:-1] + b"x"),
    ("carries", lambda value: b"x" * len(value)),
    ("carries", lambda value: b""),
]


@pytest.mark.parametrize(("name", "alter"), _CANDIDATES)
async def test_a_candidate_of_a_stranger_is_not_worked_on(
    name: str, alter: Callable[[bytes], bytes], redis_url: str, experiment: str, stranger: Stranger
) -> None:
    best = Candidate.of(3).hash
    async with _frontier(redis_url, experiment) as frontier:
        await _fill(frontier)
        stranger.set(name, best, alter(stranger.get(name, best)))
        with pytest.raises(UntrustedError, match=f"candidate {best} .* was not written by a holder"):
            await frontier.pop("w")


async def test_a_candidate_under_another_ones_name_is_not_worked_on(
    redis_url: str, experiment: str, stranger: Stranger
) -> None:
    best, other = Candidate.of(3).hash, Candidate.of(2).hash
    async with _frontier(redis_url, experiment) as frontier:
        await _fill(frontier)
        for name in ("items", "scores", "candidate_depths", "carries"):
            stranger.set(name, best, stranger.get(name, other))
        with pytest.raises(UntrustedError, match=best):
            await frontier.pop("w")


_RESULTS: list[tuple[str, Callable[[bytes], bytes]]] = [
    ("digests", lambda value: value[::-1]),
    ("children", lambda value: b""),
    ("children", lambda value: value.replace(b"0.0", b"9.0")),
    ("children", lambda value: value.replace(b"warm", b"cold")),
    ("bodies", lambda value: value[:-1] + b"x"),
    ("bodies", lambda value: b""),
    ("kinds", lambda value: b"failed"),
    ("kinds", lambda value: b"abandoned"),
]


@pytest.mark.parametrize(("name", "alter"), _RESULTS)
async def test_a_result_of_a_stranger_is_not_read(
    name: str, alter: Callable[[bytes], bytes], redis_url: str, experiment: str, stranger: Stranger
) -> None:
    async with _frontier(redis_url, experiment) as frontier:
        lease = await _completed(frontier)
        was = stranger.get(name, 0)
        stranger.set(name, 0, alter(was))
        assert stranger.get(name, 0) != was
        assert await _refused_entry(frontier) == lease.ticket


@pytest.mark.parametrize("name", ["scores", "candidate_depths"])
async def test_where_a_result_stood_in_the_queue_is_part_of_it(
    name: str, redis_url: str, experiment: str, stranger: Stranger
) -> None:
    async with _frontier(redis_url, experiment) as frontier:
        lease = await _completed(frontier)
        stranger.set(name, lease.candidate, b"2")
        assert await _refused_entry(frontier) == lease.ticket


async def test_a_result_of_an_experiment_with_other_settings_is_not_read(
    redis_url: str, experiment: str, stranger: Stranger
) -> None:
    """As somebody would try who kept what holders of the key wrote on another day."""
    async with _frontier(redis_url, experiment) as frontier:
        await _completed(frontier)
        kept = {name: stranger.get(name, 0) for name in ("digests", "children", "bodies")}
        await frontier.clear()
        await _completed(frontier, settings='{"budget":1}')
        for name, value in kept.items():
            stranger.set(name, 0, value)
        assert await _refused_entry(frontier) == 0


async def test_what_the_server_sets_aside_by_itself_needs_no_seal(redis_url: str, experiment: str) -> None:
    async with _frontier(redis_url, experiment) as frontier:
        await _fill(frontier, max_expiries=1, lease_ms=1)
        while (await frontier.stats()).expiries == 0:
            await frontier.pop("w", count=2)
            await anyio.sleep(0.002)
        await frontier.commit(await frontier.open_committer("me"), limit=1)
        assert (await frontier.journal(0))[0].completed == set_aside("abandoned")


async def _completed(frontier: RedisFrontier, **fields: Any) -> Lease:
    await _fill(frontier, **fields)
    (lease,) = (await frontier.pop("w")).leases
    assert await frontier.complete([(lease, _DONE)]) == ["accepted"]
    return lease


async def _refused_entry(frontier: RedisFrontier) -> int:
    """The ticket that reading the journal refuses."""
    await frontier.commit(await frontier.open_committer("me"), limit=1)
    with pytest.raises(UntrustedError) as told:
        entries: list[JournalEntry] = await frontier.journal(0)
        assert entries == []
    found = re.match(r"the result of ticket (\d+) at unix:.* was not written by a holder", str(told.value))
    assert found is not None
    return int(found[1])


async def test_a_sealed_run_comes_to_the_same_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    scenario = Scenario("processes", "redis", 2, "workers", 0)
    plain = await verify([scenario])
    monkeypatch.setenv("CELLVIEW_FRONTIER_KEY", _KEY.decode())
    sealed = await verify([scenario])
    assert plain.holds
    assert sealed.holds
    assert (plain.state_digests, plain.trace_digests) == (sealed.state_digests, sealed.trace_digests)
