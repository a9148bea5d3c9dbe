"""Attacks over a real network: what takes long, what never ends, what freezes, what is too much."""

from __future__ import annotations

import socket
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import Any

import anyio
import anyio.to_thread
import httpx2
import pytest

from cellview.daemon import Client, DaemonConfig, RefusedError, Submission, serve

Configure = Callable[..., DaemonConfig]
Submit = Callable[..., Submission]


@asynccontextmanager
async def served(config: DaemonConfig) -> AsyncGenerator[tuple[str, int]]:
    stop, ready, ports = anyio.Event(), anyio.Event(), list[int]()

    def started(url: str) -> None:
        ports.append(int(url.rpartition(":")[2]))
        ready.set()

    async with anyio.create_task_group() as tasks:

        async def run() -> None:
            await serve(config, started=started, stop=stop)

        tasks.start_soon(run)
        await ready.wait()
        yield f"http://127.0.0.1:{ports[0]}", ports[0]
        stop.set()


def say(port: int, *parts: bytes, receive: bool = True) -> bytes:
    """Send parts, and return all that comes until the other side closes."""
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        for part in parts:
            connection.sendall(part)
        got = b""
        while receive:
            try:
                more = connection.recv(65536)
            except ConnectionResetError:
                break
            if not more:
                break
            got += more
        return got


async def test_a_slow_head_is_cut(config: Configure, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cellview.daemon.http.connection.HEAD_S", 0.5)
    async with served(config()) as (url, port):
        with anyio.fail_after(60):
            for parts in ((b"",), (b"GET / HTTP/1.1\r\nHost: x",)):
                assert await anyio.to_thread.run_sync(say, port, *parts) == b""
        async with Client(url) as client:
            assert await client.live() == {"status": "live"}


async def test_a_slow_body_is_answered_without_it(config: Configure, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cellview.daemon.http.call._BODY_S", 0.5)
    head = (
        b"POST /api/experiments HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        b"Content-Length: 100\r\n\r\n{"
    )
    async with served(config()) as (_, port):
        with anyio.fail_after(60):
            answer = await anyio.to_thread.run_sync(say, port, head)
        assert answer.startswith(b"HTTP/1.1 408 ") and b"did not come within" in answer


async def test_an_endless_body_is_cut(config: Configure) -> None:
    head = (
        b"POST /api/experiments HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        b"Transfer-Encoding: chunked\r\n\r\n"
    )
    chunk = b"100000\r\n" + b" " * 0x100000 + b"\r\n"
    async with served(config()) as (_, port):
        with anyio.fail_after(60):
            answer = await anyio.to_thread.run_sync(say, port, head, *[chunk] * 9)
        assert answer.startswith(b"HTTP/1.1 413 ")


async def test_large_heads_and_long_addresses_are_refused(config: Configure) -> None:
    async with served(config()) as (url, port):
        answer = await anyio.to_thread.run_sync(say, port, b"GET / HTTP/1.1\r\nX: " + b"x" * 100_000 + b"\r\n\r\n")
        assert answer.startswith(b"HTTP/1.1 400 ") or answer == b""
        async with httpx2.AsyncClient(base_url=url) as http:
            for path in ("/" + "x" * 3000, "/api/experiments?name=" + "x" * 5000):
                refused = await http.get(path)
                assert refused.status_code == 414 and refused.headers["content-type"] == "application/problem+json"


async def test_who_asks_too_often_is_told_to_wait_and_the_client_does(
    config: Configure, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with served(config(requests_per_s=5.0)) as (url, _), httpx2.AsyncClient(base_url=url) as http:
        answers = [await http.get("/health/live") for _ in range(30)]
        assert {answer.status_code for answer in answers} == {200, 429}
        refused = next(answer for answer in answers if answer.status_code == 429)
        assert refused.headers["retry-after"] == "1" and "wait" in refused.json()["detail"]
        async with Client(url) as client:
            with anyio.fail_after(60):
                for _ in range(3):
                    assert await client.live() == {"status": "live"}
            monkeypatch.setattr("cellview.daemon.client._PATIENCE", 1)
            with pytest.raises(RefusedError, match="Too many requests"):
                for _ in range(100):
                    await client.live()


async def test_a_frozen_client_is_let_go(
    config: Configure, one_search: Submit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cellview.daemon.http.streaming.SEND_S", 1.0)
    monkeypatch.setattr("cellview.daemon.http.connection.UNREAD_S", 2.0)
    async with served(config(streams=1)) as (url, port), Client(url) as client:
        await client.submit(one_search(budget=3000))
        frozen = await anyio.to_thread.run_sync(freeze, port, b"/api/experiments/1/searches/0/events")
        try:
            with anyio.fail_after(120):
                # There is one place, and it is the frozen one's, until that is let go; then all is there for another.
                records = [record async for record in client.iterations(1, 0)]
            assert [record.iteration for record in records] == list(range(3000))
            with anyio.fail_after(60):
                while established(port, frozen.getsockname()[1]):  # noqa: ASYNC110  # the kernel's doing
                    await anyio.sleep(0.1)
        finally:
            frozen.close()


def freeze(port: int, path: bytes) -> socket.socket:
    """Ask for a stream, read its beginning, and nothing more."""
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    connection.connect(("127.0.0.1", port))
    connection.sendall(b"GET " + path + b" HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
    assert connection.recv(100).startswith(b"HTTP/1.1 200")
    return connection


def established(port: int, peer: int) -> bool:
    """Say whether the daemon's side of a connection still exists, by the kernel's table."""
    with open("/proc/net/tcp", encoding="ascii") as table:  # noqa: PTH123  # no file, and read at once
        ends = [line.split()[1:3] for line in table]
    return any(here.endswith(f":{port:04X}") and there.endswith(f":{peer:04X}") for here, there in ends)


@pytest.mark.parametrize("method", ["TRACE", "CONNECT", "OPTIONS", "PUT", "HEAD", "FOO"])
async def test_other_methods_are_no_way_in(config: Configure, method: str) -> None:
    async with served(config()) as (url, _), httpx2.AsyncClient(base_url=url) as http:
        headers = {"content-type": "application/json", "connection": "close"}
        answer: Any = await http.request(method, "/api/events", headers=headers)
        assert answer.status_code == 405, f"{method}: {answer.status_code}"
