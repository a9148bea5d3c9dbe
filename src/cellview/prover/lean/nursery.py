"""Fresh checks by forked children: a process that has initialised Lean, and seen no user text, forks one for each.

See `forking.py` for the other end. A nursery runs what :func:`cellview.prover.lean.child.run_child` runs, for a third
of the CPU, and gives the same :class:`Outcome`. If it is lost in the middle of a check, :class:`NurseryLost` says so;
the caller then runs the check the ordinary way.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
from collections.abc import Sequence
from pathlib import Path

import anyio
import anyio.abc
import msgspec

from cellview.base.log import get_logger
from cellview.prover.errors import ToolchainError
from cellview.prover.lean.child import OUTPUT_BYTES, Ending, Outcome
from cellview.prover.lean.imported import imported_state
from cellview.prover.lean.toolchain import Toolchain

__all__ = ["Nursery", "NurseryLost"]

_log = get_logger(__name__)

_SCRIPT = Path(__file__).with_name("forking.py")
_CHUNK_BYTES = 1 << 16


class NurseryLost(Exception):
    """Raised when the forking process is gone, or cannot be made. Never leaves this package."""


class Nursery:
    """Forks fresh Leans. Starts its process when it is first needed; end it with :meth:`aclose`."""

    def __init__(self, toolchain: Toolchain) -> None:
        assert toolchain.kind == "embedded", "only the embedded Lean is a library that can be forked"
        self._toolchain = toolchain
        self._process: anyio.abc.Process | None = None
        self._socket: socket.socket | None = None
        self._starting = asyncio.Lock()
        self._next = 0
        self._states: dict[tuple[str, ...], Path | None] = {}

    @property
    def pid(self) -> int | None:
        """The number of the forking process, if there is one."""
        return self._process.pid if self._process is not None else None

    async def imported(self, options: Sequence[str]) -> Path | None:
        """Return the state from which a check with these options begins (see `imported.py`).

        None if there is none: the check then imports as usual.
        """
        key = tuple(options)
        async with self._starting:
            if key not in self._states:
                try:
                    self._states[key] = await imported_state(self._toolchain, options)
                except ToolchainError as error:
                    _log.warning("checks import the prelude each time", trouble=str(error))
                    self._states[key] = None
            return self._states[key]

    async def run(
        self,
        arguments: Sequence[str],
        *,
        cwd: Path | str,
        memory_bytes: int,
        cpu_seconds: int,
        timeout_s: float,
        output_bytes: int = OUTPUT_BYTES,
    ) -> Outcome:
        """Run Lean's `main` with `arguments` in a new child, to its end, and collect what it writes.

        Args:
            arguments: The command line after the program's name.
            cwd: The child's folder.
            memory_bytes: See :meth:`Toolchain.environment`.
            cpu_seconds: Most processor time of the child.
            timeout_s: After so many seconds it is killed.
            output_bytes: After so many bytes of standard output, or of standard error, it is killed.

        Raises:
            NurseryLost: The forking process is gone. Nothing is known about the child, but that it is gone too.
        """
        control = await self._running()
        self._next += 1
        number = self._next
        limits = self._toolchain.environment(memory_bytes=memory_bytes, cpu_seconds=cpu_seconds)
        request = {
            "id": number,
            "arguments": list(arguments),
            "cwd": str(cwd),
            "data_bytes": limits["CELLVIEW_DATA_BYTES"],
            "cpu_seconds": limits["CELLVIEW_CPU_SECONDS"],
        }
        pipes = _Pipes()
        ending: Ending = "timeout"
        try:
            async with asyncio.timeout(timeout_s):
                await self._send(control, msgspec.json.encode(request), pipes.theirs())
                pipes.close_theirs()
                ending = await pipes.drain(output_bytes)
        except TimeoutError:
            pass
        except OSError as error:
            await self.aclose()
            raise NurseryLost(f"it is gone: {error.strerror or error}") from error
        finally:
            if ending != "exit" and self._socket is control:
                with contextlib.suppress(OSError):
                    control.send(msgspec.json.encode({"kill": number}))
            pipes.close()
        status = _exit_status(ending, pipes)
        if status is None:
            await self.aclose()
            raise NurseryLost("it ended or stopped in the middle of a check")
        return Outcome(ending=ending, status=status, output=bytes(pipes.data[0]), errors=bytes(pipes.data[1]))

    async def aclose(self) -> None:
        """End the forking process and every child of it. Idempotent; a later :meth:`run` starts another."""
        process, self._process = self._process, None
        control, self._socket = self._socket, None
        if control is not None:
            control.close()
        if process is not None:
            with anyio.CancelScope(shield=True):
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.killpg(process.pid, signal.SIGKILL)
                await process.wait()
                await process.aclose()

    async def _running(self) -> socket.socket:
        async with self._starting:
            if self._process is not None and self._process.returncode is not None:
                await self.aclose()
            if self._socket is None:
                self._socket = await self._start()
            return self._socket

    async def _start(self) -> socket.socket:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        python, isolated, no_site, *_ = self._toolchain.command
        try:
            self._process = await anyio.open_process(
                [python, isolated, no_site, str(_SCRIPT), self._toolchain.library],
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env=self._toolchain.environment(),
                start_new_session=True,
            )
        except BaseException as error:
            ours.close()
            if isinstance(error, OSError):
                raise NurseryLost(f"it cannot be started: {error.strerror or error}") from error
            raise
        finally:
            theirs.close()
        ours.setblocking(False)
        return ours

    async def _send(self, control: socket.socket, packet: bytes, descriptors: Sequence[int]) -> None:
        while True:
            try:
                socket.send_fds(control, [packet], descriptors)
                return
            except BlockingIOError:
                await anyio.wait_writable(control)


def _exit_status(ending: Ending, pipes: _Pipes) -> int | None:
    """Return the child's exit status; None if the forking process did not do its part."""
    forked, _, status = bytes(pipes.data[2]).partition(b" ")
    if not forked or (ending == "timeout" and pipes.is_silent) or (ending == "exit" and not status):
        return None
    return int(status) if status else -signal.SIGKILL


class _Flooded(Exception):
    """One of the pipes held too much."""


class _Pipes:
    """Three pipes from a child: what it prints, what goes wrong, and its exit status."""

    def __init__(self) -> None:
        self.data = (bytearray(), bytearray(), bytearray())
        pairs = [os.pipe() for _ in self.data]
        self._ours = [ours for ours, _ in pairs]
        self._theirs = [theirs for _, theirs in pairs]
        self._ended: set[int] = set()
        for descriptor in self._ours:
            os.set_blocking(descriptor, False)

    def theirs(self) -> list[int]:
        """The ends to give away."""
        return self._theirs

    def close_theirs(self) -> None:
        """Close our copies of what was given away, so that the end of the child can be seen."""
        while self._theirs:
            os.close(self._theirs.pop())

    @property
    def is_silent(self) -> bool:
        """Whether the child has closed both of its pipes, as it does when it ends."""
        return {0, 1} <= self._ended

    async def drain(self, limit: int) -> Ending:
        """Read all three to their ends, or until one holds too much."""
        ending: Ending = "exit"
        try:
            async with asyncio.TaskGroup() as tasks:
                for number in range(3):
                    tasks.create_task(self._drain(number, limit))
        except* _Flooded:
            ending = "flood"
        return ending

    async def _drain(self, number: int, limit: int) -> None:
        descriptor, data = self._ours[number], self.data[number]
        while True:
            try:
                chunk = os.read(descriptor, _CHUNK_BYTES)
            except BlockingIOError:
                await anyio.wait_readable(descriptor)
                continue
            if not chunk:
                self._ended.add(number)
                return
            if len(data) + len(chunk) > limit:
                raise _Flooded
            data += chunk

    def close(self) -> None:
        """Close whatever is open."""
        self.close_theirs()
        while self._ours:
            os.close(self._ours.pop())
