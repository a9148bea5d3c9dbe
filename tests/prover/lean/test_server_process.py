"""The server's pipes: an answer that breaks off, at any byte, is no answer; neither is one too many."""

from __future__ import annotations

import os
import sys

import anyio
import pytest

from cellview.prover.lean.server.process import Answer, ServerProcess
from cellview.prover.lean.transport import Lost

READY = b'{"ended":""}\n'
ANSWER = b'{"goals":[],"heartbeats":12}\n'

FAKE = """
import os, sys, time
ready, answer, how = (bytes.fromhex(word) for word in sys.argv[1:])
os.write(1, ready)
if how != b"quit" and os.read(0, 1 << 16):
    os.write(1, answer)
if how == b"hang":
    time.sleep(600)
"""


async def fake(answer: bytes, *, ready: bytes = READY, how: bytes = b"exit") -> ServerProcess:
    """A process that says it is ready, and answers the first request with `answer`."""
    words = [word.hex() for word in (ready, answer, how)]
    return await ServerProcess.start([sys.executable, "-I", "-S", "-c", FAKE, *words], env=dict(os.environ), cwd=None)


async def test_a_whole_answer() -> None:
    server = await fake(ANSWER)
    try:
        assert await server.ask({"try": "x"}) == Answer(goals=(), heartbeats=12)
    finally:
        await server.kill()
        await server.kill()


@pytest.mark.parametrize("length", range(len(ANSWER)))
async def test_an_answer_that_breaks_off(length: int) -> None:
    server = await fake(ANSWER[:length])
    try:
        with pytest.raises(Lost):
            await server.ask({"try": "x"})
    finally:
        await server.kill()


@pytest.mark.parametrize("length", [0, 1, 14, len(ANSWER) - 1])
async def test_an_answer_that_does_not_go_on(length: int) -> None:
    """Whoever asks sets the time; a process that hangs keeps nobody longer, and is gone after the kill."""
    server = await fake(ANSWER[:length], how=b"hang")
    with pytest.raises(TimeoutError):
        with anyio.fail_after(0.3):
            await server.ask({"try": "x"})
    await server.kill()
    with pytest.raises(ProcessLookupError):
        os.kill(server.pid, 0)


@pytest.mark.parametrize(
    "answer", [ANSWER + b"{", ANSWER + ANSWER, b"nonsense\n", b"[]\n", b'{"goals":3}\n', b"\xff\xfe\n", b"\n"]
)
async def test_what_is_no_answer(answer: bytes) -> None:
    server = await fake(answer)
    try:
        with pytest.raises(Lost):
            await server.ask({"try": "x"})
            await server.ask({"try": "x"})
    finally:
        await server.kill()


@pytest.mark.parametrize("ready", [b"", b'{"end', b'{"ended":"no library"}\n', b"hello\n"])
async def test_one_that_is_never_ready(ready: bytes) -> None:
    with pytest.raises(Lost):
        await fake(b"", ready=ready, how=b"quit")


async def test_a_request_longer_than_the_pipe() -> None:
    """It is written in pieces; a process that reads some and ends loses it."""
    server = await fake(b"")
    try:
        with pytest.raises(Lost):
            await server.ask({"try": "x" * 3_000_000})
    finally:
        await server.kill()
