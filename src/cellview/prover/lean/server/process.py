"""One process of the tactic server: a line out, a line back, strictly in turn.

The pipes are read and written without streams around them: an answer is one line, nobody reads ahead, and a buffered
stream costs as much as a tactic does. See `05-requests.lean` and `06-statements.lean` for what the lines say.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

import anyio
import anyio.abc
import msgspec

from cellview.prover.lean.transport import Lost

__all__ = ["Answer", "RawGoal", "RawHypothesis", "ServerProcess", "ShownGoal", "ShownHypotheses"]

_PEAK = re.compile(rb"VmHWM:\s*(\d+) kB")
_CHUNK_BYTES = 1 << 18
_LONGEST_ANSWER_BYTES = 256 << 20


class RawHypothesis(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A hypothesis as data. `type` and `value` are raw terms, in which hypotheses stand by their ids."""

    id: str
    name: str
    type: str
    value: str | None = None


class RawGoal(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A goal as data. `mentioned`: metavariables that it depends on, also through delayed assignments."""

    id: str
    name: str
    hypotheses: tuple[RawHypothesis, ...]
    target: str
    mentioned: tuple[str, ...]


class ShownHypotheses(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Hypotheses of one type, as people read them."""

    names: tuple[str, ...]
    type: str
    value: str | None = None


class ShownGoal(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A goal as people read it."""

    hypotheses: tuple[ShownHypotheses, ...]
    target: str


class Answer(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """An answer to any request; only the fields that belong to it are set."""

    goals: tuple[RawGoal, ...] | None = None
    waits: tuple[str, ...] = ()
    errors: tuple[str, ...] = ()
    heartbeats: int = 0
    shown: tuple[ShownGoal, ...] | None = None
    printed: tuple[str, ...] | None = None
    freed: int | None = None
    ended: str | None = None


class ServerProcess:
    """A running server. Start it with :meth:`start`; end it with :meth:`kill`, always.

    After a cancelled :meth:`ask` it is out of step and must be killed.
    """

    def __init__(self, process: anyio.abc.Process, requests: int, answers: int) -> None:
        self._process = process
        self._requests = requests
        self._answers = answers
        self._buffer = bytearray()
        self._encoder = msgspec.json.Encoder()
        self._decoder = msgspec.json.Decoder(Answer)
        self._loop = asyncio.get_running_loop()
        # The loop watches the answers from the first question on: to begin and end it each time takes two system calls.
        self._watched = False
        self._waiting: asyncio.Future[bytes] | None = None

    @classmethod
    async def start(cls, command: Sequence[str], *, env: Mapping[str, str], cwd: Path | str | None) -> ServerProcess:
        """Start `command` with pipes, and wait until it says that it is ready.

        Raises:
            OSError: The program cannot be started.
            Lost: It ended, or said something else.
        """
        theirs_in, requests = os.pipe()
        answers, theirs_out = os.pipe()
        try:
            process = await anyio.open_process(
                command,
                stdin=theirs_in,
                stdout=theirs_out,
                stderr=subprocess.DEVNULL,
                cwd=cwd,
                env={**env, "CELLVIEW_PIPES": "1"},
                # A session of its own: Ctrl-C on the terminal is ours to handle, and a kill reaches what Lean starts.
                start_new_session=True,
            )
        except BaseException:
            os.close(requests)
            os.close(answers)
            raise
        finally:
            os.close(theirs_in)
            os.close(theirs_out)
        os.set_blocking(requests, False)
        os.set_blocking(answers, False)
        server = cls(process, requests, answers)
        try:
            ready = await server._answer()
            if ready.ended != "":
                raise Lost(f"the tactic server did not begin: {ready.ended or 'it said something else'}")
        except BaseException:
            await server.kill()
            raise
        return server

    @property
    def pid(self) -> int:
        """The process's number, for tests and logs."""
        return self._process.pid

    def peak_bytes(self) -> int:
        """Return the most memory that the process has had so far; 0 if it is gone."""
        try:
            with open(f"/proc/{self.pid}/status", "rb") as status:  # noqa: PTH123  # a tenth of the time of Path's
                match = _PEAK.search(status.read())
        except OSError:
            return 0
        return int(match[1]) * 1024 if match else 0

    async def ask(self, request: Mapping[str, object]) -> Answer:
        """Send a request and return the answer.

        Raises:
            Lost: The process ended, or its answer is none.
        """
        await self._send(self._encoder.encode(request) + b"\n")
        return await self._answer()

    async def kill(self) -> None:
        """End the process and what it started, reap it, close the pipes. Idempotent."""
        with anyio.CancelScope(shield=True):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)
            await self._process.wait()
            await self._process.aclose()
            self.close()

    def close(self) -> None:
        """Let go of the pipes, whether the process has ended or not. Idempotent."""
        self._look_away()
        for descriptor in (self._requests, self._answers):
            if descriptor >= 0:
                os.close(descriptor)
        self._requests = self._answers = -1

    async def _send(self, line: bytes) -> None:
        rest = memoryview(line)
        while rest:
            try:
                rest = rest[os.write(self._requests, rest) :]
            except BlockingIOError:
                await anyio.wait_writable(self._requests)
            except OSError as error:
                raise Lost("Lean ended") from error

    async def _answer(self) -> Answer:
        buffer = self._buffer
        searched = 0
        while (end := buffer.find(b"\n", searched)) < 0:
            searched = len(buffer)
            if searched > _LONGEST_ANSWER_BYTES:
                raise Lost("Lean's answer is longer than 256 MB")
            await self._fill()
        line = bytes(buffer[:end])
        del buffer[: end + 1]
        if buffer:
            raise Lost("Lean spoke out of turn")
        try:
            return self._decoder.decode(line)
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise Lost("Lean sent what is no answer") from error

    async def _fill(self) -> None:
        """Wait for the next bytes of an answer."""
        if not self._watched:
            self._loop.add_reader(self._answers, self._on_readable)
            self._watched = True
        self._waiting = self._loop.create_future()
        try:
            chunk = await self._waiting
        finally:
            self._waiting = None
        if not chunk:
            raise Lost("Lean ended")
        self._buffer += chunk

    def _on_readable(self) -> None:
        """Hand over what has arrived. Nobody reads ahead: what comes unasked stays in the pipe, and ends the watch."""
        if self._waiting is None:
            self._look_away()
        elif not self._waiting.done():
            try:
                self._waiting.set_result(os.read(self._answers, _CHUNK_BYTES))
            except BlockingIOError:
                pass
            except OSError:
                self._waiting.set_result(b"")

    def _look_away(self) -> None:
        if self._watched:
            self._loop.remove_reader(self._answers)
            self._watched = False
