"""A model server is a stranger: it gets neither all our time nor all our memory, nor the key of another server."""

from __future__ import annotations

import gzip
import threading
import traceback
from collections.abc import Callable, Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from cellview.prover import Goal
from cellview.prover.errors import ProviderError
from cellview.prover.providers import HttpModelProvider

KEY = "sk-very-secret"
GOAL = Goal("?m", "p", "p", "p")
Answering = Callable[[BaseHTTPRequestHandler, threading.Event], None]


@contextmanager
def stranger(answer: Answering) -> Generator[tuple[str, list[str]]]:
    """A server that answers as it likes; yields its address, and the paths and hosts that it is asked for."""
    over = threading.Event()
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked.append(f"{self.headers.get('host')} {self.headers.get('authorization')}")
            self.rfile.read(int(self.headers["content-length"]))
            answer(self, over)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/v1", asked
    finally:
        over.set()
        server.shutdown()
        thread.join()
        server.server_close()


async def complaint(url: str, *, timeout_s: float = 5.0, most_bytes: int = 10_000) -> str:
    """What a user gets to see: the error's text, and the traceback that a log would show."""
    provider = HttpModelProvider(url, "tiny", api_key=KEY, retries=0, timeout_s=timeout_s, most_bytes=most_bytes)
    try:
        with pytest.raises(ProviderError) as caught:
            await provider.suggest(GOAL)
    finally:
        await provider.aclose()
    shown = "".join(traceback.format_exception(caught.value))
    assert KEY not in shown
    return str(caught.value)


def trickle(handler: BaseHTTPRequestHandler, over: threading.Event) -> None:
    handler.send_response(200)
    handler.send_header("content-length", "100000")
    handler.end_headers()
    while not over.wait(0.02):
        try:
            handler.wfile.write(b" ")
        except OSError:
            return


def flood(handler: BaseHTTPRequestHandler, over: threading.Event) -> None:
    handler.send_response(200)
    handler.end_headers()
    while not over.is_set():
        try:
            handler.wfile.write(b" " * 65536)
        except OSError:
            return


def bomb(handler: BaseHTTPRequestHandler, over: threading.Event) -> None:
    packed = gzip.compress(b" " * 50_000_000)
    handler.send_response(200)
    handler.send_header("content-encoding", "gzip")
    handler.send_header("content-length", str(len(packed)))
    handler.end_headers()
    handler.wfile.write(packed)


def echo(handler: BaseHTTPRequestHandler, over: threading.Event) -> None:
    said = f"bad request: {handler.headers['authorization']}".encode()
    handler.send_response(400)
    handler.send_header("content-length", str(len(said)))
    handler.end_headers()
    handler.wfile.write(said)


async def test_a_trickle_ends_with_the_time() -> None:
    with stranger(trickle) as (url, _):
        assert "did not answer within 0.3 s" in await complaint(url, timeout_s=0.3)


@pytest.mark.parametrize("answer", [flood, bomb])
async def test_an_answer_ends_with_its_bytes_also_when_it_is_compressed(answer: Answering) -> None:
    with stranger(answer) as (url, _):
        assert "more than 10000 bytes" in await complaint(url)


async def test_a_redirect_is_refused_and_the_key_stays_here() -> None:
    with stranger(lambda handler, over: None) as (elsewhere, asked):

        def redirect(handler: BaseHTTPRequestHandler, over: threading.Event) -> None:
            handler.send_response(307)
            handler.send_header("location", f"{elsewhere}/chat/completions")
            handler.send_header("content-length", "0")
            handler.end_headers()

        with stranger(redirect) as (url, _):
            assert "answered 307" in await complaint(url)
        assert asked == []


async def test_a_server_that_repeats_the_key_does_not_bring_it_into_a_log() -> None:
    with stranger(echo) as (url, _):
        assert "answered 400: 'bad request: Bearer (the key)'" in await complaint(url)


@pytest.mark.parametrize("key", ["two words", "line\nbreak", "schlüssel", ""])
def test_a_key_that_no_header_may_hold_is_refused_without_being_shown(key: str) -> None:
    with pytest.raises(ProviderError) as caught:
        HttpModelProvider("http://localhost/v1", "m", api_key=key)
    assert not key or key not in str(caught.value)


def test_an_address_with_a_password_is_refused_without_showing_it() -> None:
    with pytest.raises(ProviderError, match="api_key") as caught:
        HttpModelProvider("http://user:hunter2@localhost/v1", "m")
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("url", ["ftp://user:hunter2@localhost/v1", "http://localhost/v1?key=hunter2"])
def test_no_other_address_that_holds_a_secret_is_taken_or_repeated(url: str) -> None:
    with pytest.raises(ProviderError, match="address") as caught:
        HttpModelProvider(url, "m")
    assert "hunter2" not in str(caught.value)
