"""Live streams over a real network: across a daemon that is killed, with clients that freeze, and with too many."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import anyio.to_thread
import httpx2
import pytest

from cellview.daemon import Client, DaemonConfig, Event, Submission, serve
from cellview.trace import Record, encode_line

Configure = Callable[..., DaemonConfig]
Submit = Callable[..., Submission]


def free_port() -> int:
    with socket.socket() as some:
        some.bind(("127.0.0.1", 0))
        port: int = some.getsockname()[1]
        return port


def start(data: Path, port: int) -> subprocess.Popen[str]:
    words = ("serve", "--data", str(data), "--port", str(port), "--workers", "1")
    process = subprocess.Popen([sys.executable, "-m", "cellview", *words], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None and process.stdout.readline().startswith("http://")
    return process


@asynccontextmanager
async def served(config: DaemonConfig) -> AsyncGenerator[str]:
    stop, ready, addresses = anyio.Event(), anyio.Event(), list[str]()

    def started(url: str) -> None:
        addresses.append(url)
        ready.set()

    async with anyio.create_task_group() as tasks:

        async def run() -> None:
            await serve(config, started=started, stop=stop)

        tasks.start_soon(run)
        await ready.wait()
        yield addresses[0]
        stop.set()


async def test_every_client_sees_everything_once_and_in_order_though_the_daemon_is_killed(
    tmp_path: Path, one_search: Submit
) -> None:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    seen: list[list[Record]] = [[], [], []]
    events: list[Event] = []

    async def follow_search(into: list[Record]) -> None:
        async with Client(url) as client:
            async for record in client.iterations(1, 0):
                into.append(record)

    async def follow_events() -> None:
        async with Client(url) as client:
            async for event in client.events():
                events.append(event)
                if event.kind == "finished":
                    return

    process = await anyio.to_thread.run_sync(start, tmp_path / "data", port)
    try:
        with anyio.fail_after(240):
            async with Client(url) as client:
                await client.submit(one_search(latency_s=0.01, budget=150))
            async with anyio.create_task_group() as tasks:
                for into in seen:
                    tasks.start_soon(follow_search, into)
                tasks.start_soon(follow_events)
                for reached in (10, 40):
                    while min(map(len, seen)) < reached:  # noqa: ASYNC110  # in another process
                        await anyio.sleep(0.02)
                    process.send_signal(signal.SIGKILL)
                    process.communicate()
                    process = await anyio.to_thread.run_sync(start, tmp_path / "data", port)
        trace = next((tmp_path / "data").glob("runs/*/t1/*_mcts_trace.jsonl")).read_bytes().splitlines(keepends=True)
        assert len(trace) == 150
        for into in seen:
            assert [encode_line(record) for record in into] == trace
        assert [event.number for event in events] == list(range(1, len(events) + 1))
        assert [event.kind for event in events].count("recovered") == 2
    finally:
        process.kill()
        process.communicate()


async def test_raw_lines_follow_a_running_search_to_its_end(config: Configure, one_search: Submit) -> None:
    async with served(config()) as url, httpx2.AsyncClient(base_url=url, timeout=60) as http, Client(url) as client:
        status = await client.submit(one_search(latency_s=0.005, budget=60))
        path = f"/api/experiments/{status.id}/searches/0/trace"
        async with http.stream("GET", path, params={"stream": "true", "from": "3"}) as answer:
            assert answer.headers["content-type"] == "application/x-ndjson"
            got = b"".join([part async for part in answer.aiter_bytes()])
        assert got and got == await client.trace(status.id, 0, first=3)
        limited = await http.get(path, params={"stream": "true", "limit": "2"})
        assert limited.content == await client.trace(status.id, 0, last=1)


async def test_a_long_trace_comes_whole_to_whoever_comes_late(config: Configure, one_search: Submit) -> None:
    async with served(config()) as url, Client(url) as client:
        await client.submit(one_search(budget=2000))
        with anyio.fail_after(120):
            live = [record.iteration async for record in client.iterations(1, 0)]
            late = [record.iteration async for record in client.iterations(1, 0)]
        assert live == late == list(range(2000))


async def test_there_is_an_end_to_the_number_of_streams(config: Configure, one_search: Submit) -> None:
    async with served(config(streams=3)) as url, Client(url) as client:
        status = await client.submit(one_search(latency_s=0.02, budget=5000))
        async with httpx2.AsyncClient(base_url=url) as http, anyio.create_task_group() as tasks:
            opened = [anyio.Event() for _ in range(3)]

            async def hold(event: anyio.Event, path: str) -> None:
                async with http.stream("GET", path) as answer:
                    assert answer.status_code == 200
                    event.set()
                    await anyio.sleep_forever()

            paths = ("/api/events", "/api/events", f"/api/experiments/{status.id}/searches/0/events")
            for event, path in zip(opened, paths, strict=True):
                tasks.start_soon(hold, event, path)
            for event in opened:
                await event.wait()
            refused = await http.get("/api/events")
            assert refused.status_code == 503 and "3 streams" in refused.json()["detail"]
            assert (await client.experiments()).experiments, "everything else is answered"
            tasks.cancel_scope.cancel()
        with anyio.fail_after(30):
            async for _ in client.events(limit=1):  # the client comes back until there is room
                break


async def test_a_client_that_has_gone_leaves_nothing_behind(config: Configure, one_search: Submit) -> None:
    async with served(config(streams=1)) as url, httpx2.AsyncClient(base_url=url, timeout=30) as http:
        for _ in range(3):
            with anyio.fail_after(30):
                while True:
                    async with http.stream("GET", "/api/events") as answer:
                        if answer.status_code == 200:
                            break
                    await anyio.sleep(0.01)


@pytest.mark.parametrize("path", ["/api/events", "/api/experiments/1/searches/0/events?from=0"])
async def test_a_stop_ends_streams_first(config: Configure, one_search: Submit, path: str) -> None:
    with anyio.fail_after(60):
        async with anyio.create_task_group() as tasks, served(config(drain_s=0.1)) as url:
            async with Client(url) as client:
                await client.submit(one_search(latency_s=0.02, budget=5000))
            opened = anyio.Event()

            async def read() -> None:
                async with (
                    httpx2.AsyncClient(base_url=url, timeout=30) as http,
                    http.stream("GET", path) as answer,
                ):
                    opened.set()
                    async for _ in answer.aiter_bytes():
                        pass

            tasks.start_soon(read)
            await opened.wait()
