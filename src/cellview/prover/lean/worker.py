"""One ``lean --worker`` process: JSON-RPC over its pipes, one document, one question at a time.

The worker is Lean's language server for a single file, without the watchdog that editors put in front of it. We send
edits and wait until Lean has said everything about the new text. There is no reader task: whoever asks reads until the
answer is there, so that nothing is left behind when the question is cancelled.

The message types are our own and partial. lsprotocol was considered: it has none of Lean's extra fields (``leanTags``
tells an unsolved goal from other errors) nor its ``$/lean/`` methods, and it builds whole objects where two or three
fields of a reply are needed.
"""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
from typing import Any, TypeVar

import anyio
import anyio.abc
import msgspec

from cellview.prover.lean.toolchain import Toolchain
from cellview.prover.lean.transport import Lost

__all__ = ["Diagnostic", "Position", "Worker", "WorkerLost"]

_URI = "file:///cellview/Goal.lean"
_CHUNK_BYTES = 1 << 18
_LONGEST_MESSAGE_BYTES = 256 << 20
_UNSOLVED_GOALS_TAG = 1
_RECONNECT = -32900
_REFERENCE = re.compile(rb'"p"\s*:\s*"(\d+)"')


_T = TypeVar("_T")


class WorkerLost(Lost):
    """Raised when the worker cannot answer any more: it ended, or it spoke out of turn. Never leaves this package."""


class Position(msgspec.Struct, frozen=True, order=True, gc=False):
    """Line and column, both from 0; the column counts UTF-16 units."""

    line: int
    character: int


class _Range(msgspec.Struct, frozen=True, gc=False):
    start: Position
    end: Position


class Diagnostic(msgspec.Struct, frozen=True, rename="camel"):
    """What Lean says about a place in the document."""

    range: _Range
    message: str
    severity: int = 1
    lean_tags: tuple[int, ...] = ()

    @property
    def is_error(self) -> bool:
        """Whether this is an error, and no warning or information."""
        return self.severity == 1

    @property
    def is_unsolved_goals(self) -> bool:
        """Whether the error only says that goals are left."""
        return _UNSOLVED_GOALS_TAG in self.lean_tags


class _Error(msgspec.Struct, frozen=True):
    code: int
    message: str = ""


class _Incoming(msgspec.Struct):
    """The part of a message that decides what to do with it; the rest stays undecoded until it is wanted."""

    id: int | str | None = None
    method: str | None = None
    params: msgspec.Raw = msgspec.Raw()
    result: msgspec.Raw = msgspec.Raw()
    error: _Error | None = None


class _Version(msgspec.Struct):
    version: int | None = None


class _Diagnostics(msgspec.Struct):
    diagnostics: tuple[Diagnostic, ...]


class _Session(msgspec.Struct, rename="camel"):
    session_id: str


class _RpcError(Exception):
    def __init__(self, error: _Error) -> None:
        super().__init__(error.message)
        self.error = error


class Worker:
    """A running worker. Start it with :meth:`start`; end it with :meth:`kill`, always.

    After a cancelled call the worker is out of step and must be killed.
    """

    def __init__(self, process: anyio.abc.Process) -> None:
        assert process.stdin is not None and process.stdout is not None
        self._process = process
        self._stdin = process.stdin
        self._stdout = process.stdout
        self._buffer = bytearray()
        self._encoder = msgspec.json.Encoder()
        self._incoming = msgspec.json.Decoder(_Incoming)
        self._next_id = 0
        self._lines: list[str] = []
        self._version = 0
        self._diagnostics = msgspec.Raw()
        self._session: str | None = None

    @classmethod
    async def start(cls, toolchain: Toolchain, *, memory_bytes: int) -> Worker:
        """Start a worker of `toolchain`.

        Raises:
            OSError: The program cannot be started.
        """
        process = await anyio.open_process(
            # Without reportDelayMs=0, Lean collects diagnostics for 200 ms before it says anything.
            [*toolchain.limited(memory_bytes), "--worker", "-Dserver.reportDelayMs=0"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=toolchain.cwd,
            env=toolchain.environment(memory_bytes=memory_bytes),
            # A session of its own: Ctrl-C on the terminal is ours to handle, and a kill reaches what Lean starts.
            start_new_session=True,
        )
        return cls(process)

    @property
    def pid(self) -> int:
        """The process's number, for tests and logs."""
        return self._process.pid

    async def show(self, text: str) -> tuple[Diagnostic, ...]:
        """Make `text` the document, wait until Lean is done with it, return its diagnostics in order of position.

        Raises:
            WorkerLost: The worker ended.
        """
        lines = text.split("\n")
        self._diagnostics = msgspec.Raw()
        if self._version:
            await self._edit(lines)
        else:
            await self._open(text)
        self._lines = lines
        try:
            await self._request("textDocument/waitForDiagnostics", {"uri": _URI, "version": self._version})
        except _RpcError as failure:
            raise WorkerLost(f"Lean gave up on the document: {failure}") from failure
        if not bytes(self._diagnostics):
            return ()
        said = _part(self._diagnostics, _Diagnostics).diagnostics
        return tuple(sorted(said, key=lambda one: one.range.start))

    async def goals(self, position: Position) -> bytes:
        """Return Lean's goals before the tactic at `position` of the document, as JSON (``InteractiveGoals``).

        Raises:
            WorkerLost: The worker ended.
        """
        document = {"uri": _URI}
        where = {"textDocument": document, "position": position}
        for _ in range(2):
            session = self._session or await self._connect()
            call = {"sessionId": session, "method": "Lean.Widget.getInteractiveGoals", "params": where, **where}
            try:
                result = await self._request("$/lean/rpc/call", call)
            except _RpcError as failure:
                if failure.error.code != _RECONNECT:
                    raise WorkerLost(f"Lean refused to show goals: {failure}") from failure
                self._session = None  # Lean forgets a session that was silent for half a minute.
                continue
            references = [{"p": number.decode()} for number in _REFERENCE.findall(result)]
            if references:
                # Lean keeps what its answers point to until it is told that nobody will ask.
                release = {"uri": _URI, "sessionId": session, "refs": references}
                await self._notify("$/lean/rpc/release", release)
            return result
        raise WorkerLost("Lean closes every session at once")

    async def kill(self) -> None:
        """End the process and what it started, and reap it. Idempotent."""
        with anyio.CancelScope(shield=True):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)
            await self._process.wait()
            await self._process.aclose()

    async def _open(self, text: str) -> None:
        await self._send({"id": self._fresh_id(), "method": "initialize", "params": {"capabilities": {}}})
        self._version = 1
        item = {"uri": _URI, "languageId": "lean", "version": 1, "text": text}
        await self._notify("textDocument/didOpen", {"textDocument": item, "dependencyBuildMode": "never"})

    async def _edit(self, lines: list[str]) -> None:
        """Replace what follows the common first lines. Lean reuses its work on everything before."""
        old = self._lines
        same = 0
        for mine, theirs in zip(old, lines, strict=False):
            if mine != theirs:
                break
            same += 1
        same = min(same, len(old) - 1, len(lines) - 1)
        self._version += 1
        change = {
            "range": {"start": Position(same, 0), "end": Position(len(old), 0)},
            "text": "\n".join(lines[same:]),
        }
        document = {"uri": _URI, "version": self._version}
        await self._notify("textDocument/didChange", {"textDocument": document, "contentChanges": [change]})

    async def _connect(self) -> str:
        try:
            result = await self._request("$/lean/rpc/connect", {"uri": _URI})
        except _RpcError as failure:
            raise WorkerLost(f"Lean refused a session: {failure}") from failure
        self._session = _part(result, _Session).session_id
        return self._session

    def _fresh_id(self) -> int:
        self._next_id += 1
        return self._next_id

    async def _notify(self, method: str, params: Any) -> None:
        await self._send({"method": method, "params": params})

    async def _send(self, message: dict[str, Any]) -> None:
        body = self._encoder.encode({"jsonrpc": "2.0", **message})
        try:
            await self._stdin.send(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
        except (anyio.BrokenResourceError, anyio.ClosedResourceError, OSError) as error:
            raise WorkerLost("Lean ended") from error

    async def _request(self, method: str, params: Any) -> bytes:
        number = self._fresh_id()
        await self._send({"id": number, "method": method, "params": params})
        while True:
            message = await self._receive()
            if message.method == "textDocument/publishDiagnostics":
                # Each one repeats all that came before for the same version; only the last is worth decoding.
                if _part(message.params, _Version).version == self._version:
                    self._diagnostics = message.params
            elif message.method is None and message.id == number:
                if message.error is not None:
                    raise _RpcError(message.error)
                return bytes(message.result)

    async def _receive(self) -> _Incoming:
        while (head := self._buffer.find(b"\r\n\r\n")) < 0:
            if len(self._buffer) > _LONGEST_MESSAGE_BYTES:
                raise WorkerLost("Lean sent what is no message")
            await self._fill()
        length = _length(bytes(self._buffer[:head]))
        start = head + 4
        while len(self._buffer) < start + length:
            await self._fill()
        body = bytes(self._buffer[start : start + length])
        del self._buffer[: start + length]
        try:
            return self._incoming.decode(body)
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise WorkerLost("Lean sent what is no message") from error

    async def _fill(self) -> None:
        try:
            self._buffer += await self._stdout.receive(_CHUNK_BYTES)
        except (anyio.EndOfStream, anyio.BrokenResourceError, anyio.ClosedResourceError, OSError) as error:
            raise WorkerLost("Lean ended") from error


def _length(head: bytes) -> int:
    """Return how many bytes follow the lines of a message's head.

    Raises:
        WorkerLost: More than any answer has; waiting for them would be waiting until memory is full.
    """
    length = 0
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        digits = value.strip()
        if name.strip().lower() == b"content-length" and digits.isdigit():
            if len(digits) > len(str(_LONGEST_MESSAGE_BYTES)) or int(digits) > _LONGEST_MESSAGE_BYTES:
                raise WorkerLost("Lean announces a message of over 256 MB")
            length = int(digits)
    return length


def _part(data: bytes | msgspec.Raw, kind: type[_T]) -> _T:
    """Decode the part of a message that is wanted.

    Raises:
        WorkerLost: It is something else.
    """
    try:
        return msgspec.json.decode(data, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise WorkerLost("Lean sent a message without what belongs into it") from error
