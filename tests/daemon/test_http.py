"""The front: every endpoint by the client, attacks, streams, and a description that agrees with the answers."""

from __future__ import annotations

import socket
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import httpx2
import msgspec
import pytest

from cellview.daemon import Client, DaemonConfig, RefusedError, ServerError, Submission, running, serve
from cellview.daemon.errors import ConfigError
from cellview.daemon.http.app import make_app
from cellview.daemon.http.openapi import describe
from cellview.daemon.http.table import ENDPOINTS
from cellview.daemon.hub import EventHub
from cellview.daemon.records import Event
from cellview.trace import RunMetadata, encode_line

Configure = Callable[..., DaemonConfig]
Submit = Callable[..., Submission]

URL = "http://127.0.0.1"
CORPUS_OF_ONE = "[[theorem]]\nid = 't1'\nstatement = ': T1'\n"


@asynccontextmanager
async def front(config: DaemonConfig) -> AsyncGenerator[httpx2.ASGITransport]:
    """A daemon, and a way to its front without a network."""
    async with running(config) as daemon:
        yield httpx2.ASGITransport(make_app(daemon), raise_app_exceptions=False)


@asynccontextmanager
async def served(config: DaemonConfig) -> AsyncGenerator[str]:
    """A daemon on a real port; yields its address."""
    stop, addresses = anyio.Event(), list[str]()
    ready = anyio.Event()

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


async def finished(client: Client, experiment: int) -> None:
    with anyio.fail_after(120):
        async for event in client.events(experiment=experiment):
            if event.kind in ("finished", "failed"):
                return


def test_the_client_has_a_method_for_every_endpoint() -> None:
    for endpoint in ENDPOINTS:
        assert callable(getattr(Client, endpoint.name, None)), f"Client lacks {endpoint.name}"
    assert len({one.name for one in ENDPOINTS}) == len(ENDPOINTS)


def test_the_description_names_every_endpoint_and_no_schema_that_is_not_there() -> None:
    described = describe(ENDPOINTS)
    text = msgspec.json.encode(described).decode()
    for endpoint in ENDPOINTS:
        assert described["paths"][endpoint.path][endpoint.method.lower()]["operationId"] == endpoint.name
    used = {part.split('"')[0] for part in text.split("#/components/schemas/")[1:]}
    assert used <= set(described["components"]["schemas"])


async def test_everything_that_can_be_asked(config: Configure, submission: Submit, tmp_path: Path) -> None:
    corpora = tmp_path / "corpora"
    corpora.mkdir()
    (corpora / "one.toml").write_text(CORPUS_OF_ONE)
    async with front(config(corpora=(corpora,))) as transport, Client(URL, transport=transport) as client:
        assert (await client.live()) == {"status": "live"}
        assert (await client.health()).status == "ready"
        chosen = submission(corpus_text=None, corpus="one.toml", name="", priority=3)
        status = await client.submit(chosen, key="k")
        assert (status.name, status.points, status.priority) == ("one", 3, 3)
        assert (await client.submit(chosen, key="k")).id == status.id
        with pytest.raises(RefusedError, match="idempotency key") as refused:
            await client.submit(submission(), key="k")
        assert refused.value.status == 409
        assert (await client.change(status.id, priority=-5)).priority == -5
        with anyio.fail_after(120):
            while (await client.experiment(status.id)).state != "finished":  # noqa: ASYNC110  # in another process
                await anyio.sleep(0.02)
        results = await client.results(status.id)
        assert isinstance(results, RunMetadata) and results.status == "finished" and len(results.results) == 3
        searches = (await client.searches(status.id)).searches
        solved = next(one.number for one in searches if one.solved)
        lines = (await client.trace(status.id, solved)).splitlines()
        assert (await client.trace(status.id, solved, first=1, limit=1)).splitlines() == lines[1:2]
        assert await client.proof(status.id, solved)
        assert await client.tree(status.id, solved)
        assert (await client.trace(status.id, solved, first=1, last=2)).splitlines() == lines[1:3]
        shown = await client.search(status.id, solved)
        entry = results.result_of(shown.theorem, arm=shown.arm)
        assert entry is not None and entry.digest and shown.result == entry
        records = [record async for record in client.iterations(status.id, solved, first=1)]
        assert [encode_line(record).strip() for record in records] == lines[1:]
        first = await client.searches(status.id, limit=2)
        assert [one.number for one in first.searches] == [0, 1] and first.next == 2
        assert [one.arm for one in (await client.searches(status.id, arm="block_t1")).searches] == ["block_t1"]
        with pytest.raises(RefusedError, match="has no search 99"):
            await client.trace(status.id, 99)
        for step in (client.pause, client.resume, client.cancel):
            with pytest.raises(RefusedError, match="final"):
                await step(status.id)
        await client.delete(status.id)
        with pytest.raises(RefusedError, match="no experiment") as missing:
            await client.experiment(status.id)
        assert missing.value.status == 404
        assert (await client.experiments()).experiments == ()


Attack = tuple[str, str, dict[str, Any], int]

ATTACKS: dict[str, Attack] = {
    "rebinding": ("GET", "/api/experiments", {"headers": {"host": "evil.example"}}, 421),
    "rebinding with a port": ("GET", "/api/experiments", {"headers": {"host": "evil.example:8765"}}, 421),
    "form from another site": (
        "POST", "/api/experiments",
        {"headers": {"content-type": "text/plain", "origin": "http://evil.example"}, "content": "{}"}, 403,
    ),
    "form without an origin": (
        "POST", "/api/experiments", {"headers": {"content-type": "text/plain"}, "content": "{}"}, 415,
    ),
    "cancel by a form": ("POST", "/api/experiments/1/cancel", {}, 415),
    "large body": ("POST", "/api/experiments", {"content": b" " * (8 * 1024 * 1024 + 1)}, 413),
    "no JSON": ("POST", "/api/experiments", {"content": b"\xff\xfe"}, 400),
    "huge number": ("GET", "/api/experiments/99999999999999999999999999", {}, 404),
    "no number": ("GET", "/api/experiments/..%2f..%2fetc%2fpasswd", {}, 404),
    "unknown parameter": ("GET", "/api/experiments?limit=1&x=2", {}, 400),
    "doubled parameter": ("GET", "/api/experiments?limit=1&limit=2", {}, 400),
    "method": ("PATCH", "/api/experiments", {}, 405),
    "no path": ("GET", "/etc/passwd", {}, 404),
    "Last-Event-ID": ("GET", "/api/events?limit=1", {"headers": {"last-event-id": "1;drop"}}, 400),
}  # fmt: skip


async def test_attacks_are_refused_with_one_sentence(config: Configure) -> None:
    async with front(config()) as transport, httpx2.AsyncClient(base_url=URL, transport=transport) as http:
        for name, (method, path, options, status) in ATTACKS.items():
            headers = {"content-type": "application/json"} | options.get("headers", {})
            if name == "cancel by a form":
                headers["content-type"] = "application/x-www-form-urlencoded"
            answer = await http.request(method, path, headers=headers, content=options.get("content"))
            assert answer.status_code == status, f"{name}: {answer.status_code} {answer.text}"
            assert answer.headers["content-type"] == "application/problem+json", name
            assert answer.json()["detail"], name
            assert answer.headers["content-security-policy"].startswith("default-src 'none'"), name


@pytest.mark.parametrize(
    "corpus",
    ["/etc/passwd", "../secret.toml", "secret.toml", "link.toml", "a/one.toml", ".hidden.toml", "a\0.toml", "a"],
)
async def test_a_submission_reaches_no_file_outside_its_corpora(
    config: Configure, submission: Submit, tmp_path: Path, corpus: str
) -> None:
    corpora = tmp_path / "corpora"
    (corpora / "a").mkdir(parents=True)
    (corpora / "a" / "one.toml").write_text(CORPUS_OF_ONE)
    (corpora / ".hidden.toml").write_text(CORPUS_OF_ONE)
    (tmp_path / "secret.toml").write_text(CORPUS_OF_ONE)
    (corpora / "link.toml").symlink_to(tmp_path / "secret.toml")
    async with front(config(corpora=(corpora,))) as transport, Client(URL, transport=transport) as client:
        with pytest.raises(RefusedError, match="has no corpus") as refused:
            await client.submit(submission(corpus_text=None, corpus=corpus))
        assert refused.value.status == 422
        assert (await client.experiments()).experiments == ()


async def test_a_submission_names_no_program_and_imports_nothing(config: Configure, submission: Submit) -> None:
    good = msgspec.to_builtins(submission())
    bad: list[tuple[dict[str, Any], int]] = [
        (good | {"prover": {"kind": "lean", "lean": "/bin/sh"}}, 422),
        (good | {"prover": {"kind": "lean", "project": "/tmp"}}, 422),
        (good | {"prover": {"kind": "os:system"}}, 400),
        (good | {"worker": ["sh"]}, 400),
        (good | {"arms": ["cellview.app:main"]}, 422),
        (good | {"seeds": [-1]}, 422),
        (good | {"seeds": [2**70]}, 400),
        (good | {"corpus": "one.toml"}, 422),
        (good | {"search": good["search"] | {"budget": [0]}}, 422),
    ]
    async with front(config()) as transport, httpx2.AsyncClient(base_url=URL, transport=transport) as http:
        for body, status in bad:
            answer = await http.post("/api/experiments", json=body)
            assert answer.status_code == status, answer.text


async def test_a_foreign_address_wants_a_token(config: Configure) -> None:
    with pytest.raises(ConfigError, match="token"):
        config(host="0.0.0.0")
    secret = "s" * 20
    async with front(config(token=secret)) as transport:
        async with Client(URL, transport=transport) as stranger:
            with pytest.raises(RefusedError, match="token") as refused:
                await stranger.experiments()
        assert refused.value.status == 401
        async with Client(URL, transport=transport, token=secret) as friend:
            assert (await friend.experiments()).experiments == ()


async def test_streams_lose_and_repeat_nothing_across_a_restart(config: Configure, submission: Submit) -> None:
    port = free_port()
    seen: list[Event] = []
    slow = submission(latency_s=0.003, corpus_text=CORPUS_OF_ONE)
    async with anyio.create_task_group() as tasks:

        async def listen() -> None:
            async with Client(f"{URL}:{port}") as client:
                async for event in client.events():
                    seen.append(event)
                    if event.kind == "finished":
                        tasks.cancel_scope.cancel()

        async with served(config(port=port, drain_s=0.1)) as url:
            tasks.start_soon(listen)
            async with Client(url) as client:
                status = await client.submit(slow)
                async for event in client.events(experiment=status.id):
                    if event.kind == "search_started":
                        break
        with anyio.fail_after(120):
            async with served(config(port=port)):
                await anyio.sleep_forever()
    numbers = [event.number for event in seen]
    assert numbers == list(range(1, len(seen) + 1))
    assert "recovered" in {event.kind for event in seen}


async def test_a_client_that_does_not_read_is_let_go() -> None:
    hub = EventHub(bound=3)
    event = Event(number=1, at=0.0, experiment=1, kind="k", data={})
    with hub.listen() as slow, hub.listen() as quick:
        for number in range(5):
            hub.publish([msgspec.structs.replace(event, number=number)])
            got = await quick.next(wait_s=1)
            assert got is not None and got.number == number
        assert slow.gone.is_set() and not quick.gone.is_set() and hub.dropped == 1


async def test_who_finds_nobody_is_told_so() -> None:
    async with Client(f"{URL}:{free_port()}") as client:
        with pytest.raises(ServerError, match="No daemon answers"):
            await client.live()


def free_port() -> int:
    with socket.socket() as some:
        some.bind(("127.0.0.1", 0))
        port: int = some.getsockname()[1]
        return port
