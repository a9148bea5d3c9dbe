"""What a real server does to a run: refuses, dies, fills up, loses its file; and what the user is told."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import cast

import anyio
import anyio.abc
import anyio.to_thread
import pytest
import redis

from cellview.frontier import Candidate, Manifest, RedisFrontier, Worker, connect
from cellview.frontier.errors import (
    ExperimentExistsError,
    ExperimentMissingError,
    FencedError,
    FrontierUrlError,
    LeaseLostError,
    ManifestError,
    ServerFullError,
    ServerGoneError,
    ServerUnfitError,
    TicketError,
)
from cellview.frontier.machine.result import Result, completed_of
from cellview.frontier.redis.link import redacted
from cellview.frontier.redis.server import RedisServer

_PASSWORD = "s3cret-horse"
_DONE = completed_of(Result(payload="done"))


def _manifest(name: str, **fields: int) -> Manifest:
    return Manifest(experiment=name, task="none", **fields)  # type: ignore[arg-type]


@asynccontextmanager
async def _frontier(url: str, name: str, *, reconnect_s: float = 10.0) -> AsyncGenerator[RedisFrontier]:
    frontier = RedisFrontier(url, name, reconnect_s=reconnect_s)
    try:
        yield frontier
    finally:
        await frontier.close()


def _command(url: str, *words: str) -> list[str]:
    """Asks the server itself, behind the frontier's back."""
    client = redis.Redis.from_url(url, decode_responses=True)  # pyright: ignore[reportUnknownMemberType]
    try:
        return cast("list[str]", client.execute_command(*words))  # type: ignore[no-untyped-call]
    finally:
        client.close()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def test_a_server_that_may_evict_is_refused() -> None:
    with RedisServer(options={"maxmemory-policy": "allkeys-lru", "maxmemory": "100mb"}) as server:
        async with _frontier(server.url, "x") as frontier:
            with pytest.raises(
                ServerUnfitError, match=r"may evict keys .*allkeys-lru.* set maxmemory-policy noeviction"
            ):
                await frontier.create(_manifest("x"))


async def test_an_old_server_is_refused(tmp_path: Path) -> None:
    path = str(tmp_path / "old")

    async def answer(stream: anyio.abc.SocketStream) -> None:
        async with stream:
            while True:
                request = await stream.receive()
                if b"INFO" in request.upper():
                    text = b"redis_version:6.2.14\r\n"
                    await stream.send(b"$%d\r\n%s\r\n" % (len(text), text))
                else:
                    await stream.send(b"+OK\r\n" * request.count(b"*"))

    async with anyio.create_task_group() as tasks, await anyio.create_unix_listener(path) as listener:
        tasks.start_soon(listener.serve, answer)
        async with _frontier(f"unix://{path}?protocol=2&lib_name=&lib_version=", "x") as frontier:
            with pytest.raises(ServerUnfitError, match=r"is Redis 6\.2\.14: the frontier needs Redis 7 or newer"):
                await frontier.create(_manifest("x"))
        tasks.cancel_scope.cancel()


async def test_passwords_work_and_are_never_told(
    caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    with RedisServer(options={"requirepass": _PASSWORD}) as server:
        good = f"unix://:{_PASSWORD}@{server.socket}"
        async with _frontier(good, "x") as frontier:
            assert await frontier.create(_manifest("x"))
        for url in (f"unix://:wrong-{_PASSWORD}@{server.socket}", server.url):
            async with _frontier(url, "x") as frontier:
                with pytest.raises(ServerUnfitError, match="refuses the login") as told:
                    await frontier.attach()
                assert _PASSWORD not in str(told.value)
        async with _frontier(good, "x", reconnect_s=0.1) as frontier:
            await frontier.attach()
            server.kill()
            with pytest.raises(ServerGoneError) as gone:
                await frontier.stats()
    out, err = capfd.readouterr()
    assert _PASSWORD not in str(gone.value) + caplog.text + out + err
    assert redacted(f"redis://user:{_PASSWORD}@host:1/0?password={_PASSWORD}") == "redis://host:1/0"


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("redis://:pa%2Fss@host:1/0", "redis://host:1/0"),
        ("redis://:pa/ss@host:1/0", "redis://…"),  # not escaped, so that the password is in the path
        ("redis://:pa?ss@host", "redis://…"),
        ("redis://:pa#ss@host", "redis://…"),
        ("redis://:pass", "redis://…"),
        ("redis://127.0.0.1:1/0?password=pa@ss", "redis://…"),
        ("redis://host:pass/", "redis://…"),
        ("pass@host", "…"),
        ("unix://:pass@/run/redis", "unix:///run/redis"),
        ("rediss://[::1]:6379/0?ssl_ca_certs=x", "rediss://[::1]:6379/0"),
        ("host:6379", "host:6379"),
    ],
)
async def test_no_part_of_a_password_is_shown_even_of_a_url_that_is_wrong(url: str, shown: str) -> None:
    assert redacted(url) == shown
    if shown.endswith("…"):
        with pytest.raises((FrontierUrlError, ServerGoneError)) as told:
            await connect(url, "x").attach()
        assert "pa" not in str(told.value).replace("path", "").replace("password", "")


async def test_tls() -> None:
    folder = Path(__file__).with_name("tls")
    port = _free_port()
    options = {
        "tls-port": str(port),
        "tls-cert-file": str(folder / "cert.pem"),
        "tls-key-file": str(folder / "key.pem"),
        "tls-auth-clients": "no",
    }
    with RedisServer(options=options):
        async with _frontier(f"rediss://localhost:{port}/0?ssl_ca_certs={folder / 'cert.pem'}", "x") as frontier:
            assert await frontier.create(_manifest("x"))
            assert await frontier.push([Candidate.of("a")]) == [True]
        async with _frontier(f"rediss://localhost:{port}/0", "x") as stranger:
            with pytest.raises(ServerGoneError, match="cannot reach a Redis server"):
                await stranger.attach()


@pytest.mark.parametrize("url", ["http://host/", "redis:/x", "nonsense", "", "redis://host:port/"])
async def test_wrong_urls(url: str) -> None:
    with pytest.raises((FrontierUrlError, ServerGoneError), match=r"is not a|cannot reach"):
        await connect(url, "x").attach()


async def test_nobody_listens() -> None:
    async with _frontier(f"redis://127.0.0.1:{_free_port()}/0", "x") as frontier:
        with pytest.raises(ServerGoneError, match="cannot reach a Redis server at redis://127"):
            await frontier.create(_manifest("x"))


async def test_a_full_server_refuses_whole_operations_and_goes_on_after() -> None:
    with RedisServer(options={"maxmemory": "3mb", "appendonly": "no"}) as server:
        async with _frontier(server.url, "x") as frontier:
            await frontier.create(_manifest("x"))
            pushed = 0
            with pytest.raises(ServerFullError, match="has no memory left"):
                for pushed in range(100):
                    await frontier.push([Candidate.of([pushed, k, "x" * 1000]) for k in range(50)])
            assert (await frontier.stats()).queued == 50 * pushed
            assert len((await frontier.snapshot()).items) == 50 * pushed
            _command(server.url, "CONFIG", "SET", "maxmemory", "0")
            assert all(await frontier.push([Candidate.of([pushed, k, "x" * 1000]) for k in range(50)]))
            await frontier.clear()


async def test_a_full_server_can_be_cleared() -> None:
    with RedisServer(options={"maxmemory": "3mb", "appendonly": "no"}) as server:
        async with _frontier(server.url, "x") as frontier:
            await frontier.create(_manifest("x"))
            with pytest.raises(ServerFullError):
                for number in range(100):
                    await frontier.push([Candidate.of([number, k, "x" * 1000]) for k in range(50)])
            await frontier.clear()
            assert await _create_when_freed(frontier)


async def _create_when_freed(frontier: RedisFrontier) -> bool:
    """The server frees what was unlinked in the background, so as not to stand still meanwhile."""
    for _ in range(100):
        with contextlib.suppress(ServerFullError):
            return await frontier.create(_manifest("x"))
        await anyio.sleep(0.05)
    return False


async def test_two_sweeps_with_one_name(redis_url: str, experiment: str) -> None:
    async with _frontier(redis_url, experiment) as one, _frontier(redis_url, experiment) as two:
        assert await one.create(_manifest(experiment))
        with pytest.raises(ExperimentExistsError, match="resume it, choose another name, or clear it"):
            await two.create(_manifest(experiment))
        with pytest.raises(ManifestError, match=r"other settings: window \(64 there, 9 here\)"):
            await two.create(_manifest(experiment, window=9), resume=True)
        assert not await two.create(_manifest(experiment), resume=True)
        first = await one.open_committer("one")
        second = await two.open_committer("two")
        assert (await two.commit(second)).count == 0
        with pytest.raises(FencedError, match="was replaced by 2:two"):
            await one.commit(first)


async def test_an_experiment_cleared_or_replaced_under_a_worker(redis_url: str, experiment: str) -> None:
    async with _frontier(redis_url, experiment) as one, _frontier(redis_url, experiment) as two:
        await one.create(_manifest(experiment))
        await two.attach()
        await one.clear()
        with pytest.raises(ExperimentMissingError, match="cleared or replaced"):
            await two.pop("w")
        await one.create(_manifest(experiment))
        with pytest.raises(ExperimentMissingError, match="cleared or replaced"):
            await two.pop("w")
        with pytest.raises(ExperimentMissingError, match="there is no experiment 'other'"):
            async with _frontier(redis_url, "other") as other:
                await other.attach()


async def test_keys_are_named_as_the_blueprint_says_with_the_hash_tag(redis_url: str, experiment: str) -> None:
    async with _frontier(redis_url, experiment) as frontier:
        await frontier.create(_manifest(experiment, window=1))
        await frontier.push([Candidate.of(k, priority=k, depth=k, carry=b"x") for k in range(3)])
        await frontier.start()
        await frontier.pop("w")
        keys = _command(redis_url, "KEYS", "*")
        ours = {key for key in keys if experiment in key}
        assert {key.rpartition(":")[0] for key in ours} == {f"frontier:{{{experiment}}}"}
        assert {"queue", "seen", "depths", "items", "candidate_depths", "assignments"} <= {
            k.split(":")[-1] for k in ours
        }
        await frontier.clear()
        keys = _command(redis_url, "KEYS", "*")
        assert not [key for key in keys if experiment in key]


async def test_leases_expire_by_the_servers_clock_and_heartbeats_keep_them(redis_url: str, experiment: str) -> None:
    async with _frontier(redis_url, experiment) as frontier:
        await frontier.create(_manifest(experiment, lease_ms=300))
        await frontier.push([Candidate.of("slow"), Candidate.of("dead")])
        await frontier.start()
        slow, dead = (await frontier.pop("w", count=2)).leases
        handed_out: list[int] = []
        for _ in range(200):
            await frontier.heartbeat(slow)
            again = (await frontier.pop("v")).leases
            handed_out += [lease.ticket for lease in again]
            if handed_out:
                break
            await anyio.sleep(0.02)
        assert handed_out == [dead.ticket]
        with pytest.raises(LeaseLostError):
            await frontier.heartbeat(dead)
        assert await frontier.complete([(dead, _DONE)]) == ["accepted"]  # late, but the first
        with pytest.raises(TicketError):
            await frontier.complete([(slow.__class__(slow.ticket, 99, slow.candidate, "", "0", 0, b"", ""), _DONE)])


async def test_operations_wait_for_a_server_that_went_and_came_back() -> None:
    with RedisServer(appendfsync="always") as server:
        async with _frontier(server.url, "x", reconnect_s=20.0) as frontier:
            await frontier.create(_manifest("x"))
            await frontier.push([Candidate.of(k) for k in range(5)])
            server.kill()
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(anyio.to_thread.run_sync, server.start)
                assert (await frontier.stats()).queued == 5
            assert await frontier.push([Candidate.of(0), Candidate.of(9)]) == [False, True]


async def test_all_operations_under_way_wait_not_only_the_first_to_notice() -> None:
    with RedisServer(appendfsync="always") as server:
        async with _frontier(server.url, "x", reconnect_s=20.0) as frontier:
            await frontier.create(_manifest("x"))
            server.kill()

            async def look() -> None:
                for _ in range(5):
                    assert (await frontier.stats()).phase == "open"

            async with anyio.create_task_group() as tasks:
                for _ in range(8):
                    tasks.start_soon(look)
                await anyio.sleep(0.05)
                await anyio.to_thread.run_sync(server.start)


async def test_a_patient_client_waits_for_a_server_that_is_not_there_yet() -> None:
    with RedisServer(appendfsync="always") as server:
        async with _frontier(server.url, "x") as frontier:
            await frontier.create(_manifest("x"))
        server.kill()
        late = RedisFrontier(server.url, "x", reconnect_s=20.0, patient=True)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(anyio.to_thread.run_sync, server.start)
            assert (await late.attach()).experiment == "x"
        await late.close()


async def test_a_server_that_came_back_unfit_is_refused() -> None:
    with RedisServer(appendfsync="always") as server:
        async with _frontier(server.url, "x") as frontier:
            await frontier.create(_manifest("x"))
            server.kill()
            server._settings["maxmemory-policy"] = "allkeys-random"  # pyright: ignore[reportPrivateUsage]
            server.start()
            with pytest.raises(ServerUnfitError, match="may evict"):
                await frontier.stats()


async def test_a_worker_that_loses_its_server_says_so() -> None:
    with RedisServer() as server:
        async with _frontier(server.url, "x", reconnect_s=0.2) as frontier:
            await frontier.create(_manifest("x"))
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(anyio.to_thread.run_sync, server.kill)
                with pytest.raises(ServerGoneError, match=r"did not come back within 0\.2 s"):
                    await Worker(frontier, "w", tasks={"none": lambda work, prng: Result()}).run()


def test_the_private_server_dies_with_its_owner_and_its_folder_goes_with_the_next() -> None:
    code = (
        "from cellview.frontier.redis.server import RedisServer; import time\n"
        "s = RedisServer(); print(s.pid, s.socket.parent, flush=True); time.sleep(60)"
    )
    owner = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert owner.stdout is not None
    with owner.stdout as out:
        pid, folder = out.readline().split()
    os.kill(int(pid), 0)
    owner.send_signal(signal.SIGKILL)
    owner.wait()
    for _ in range(500):
        state = Path(f"/proc/{pid}/stat")
        if not state.exists() or state.read_text().split(")")[1].split()[0] == "Z":
            break
        time.sleep(0.02)
    else:
        pytest.fail(f"redis-server {pid} outlived its owner")
    assert Path(folder).exists()
    subprocess.run([sys.executable, "-c", code.replace("time.sleep(60)", "s.close()")], check=True, capture_output=True)
    assert not Path(folder).exists()


def test_the_sample_configuration_is_accepted_by_redis(tmp_path: Path) -> None:
    sample = Path(__file__).parents[2] / "docs/how-to/redis.conf"
    settings: dict[str, str] = {}
    for line in sample.read_text().splitlines():
        if line and not line.startswith("#"):
            name, value = line.split(" ", 1)
            settings[name] = value.strip('"')
    assert settings["maxmemory-policy"] == "noeviction"
    with RedisServer(options=settings | {"port": str(_free_port())}) as server:
        assert _command(server.url, "CONFIG", "GET", "appendonly")
        connected = anyio.run(_create, server.url)
        assert connected.persistent


async def _create(url: str) -> RedisFrontier:
    async with _frontier(url, "x") as frontier:
        await frontier.create(_manifest("x"))
        return frontier
