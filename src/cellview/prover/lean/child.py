"""Run one short-lived program and leave nothing behind, whatever happens to us meanwhile.

The child gets a session of its own, so that it and all its children end together: when it is done, when its time is
up, when it says too much, or when the task that waits for it is cancelled. That a SIGKILL of this process takes the
child along is the launcher's work (`launcher.py`).
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal, TypeAlias

import msgspec

__all__ = ["OUTPUT_BYTES", "Ending", "Outcome", "run_child"]

OUTPUT_BYTES = 32 * 1024 * 1024
"""Most that a child may write, unless its caller says otherwise."""

Ending: TypeAlias = Literal["exit", "timeout", "flood"]
"""Why a child ended: by itself (also by a signal), out of time, or because it wrote too much."""


class Outcome(msgspec.Struct, frozen=True):
    """What is left of a child. A negative `status` is the number of the signal that ended it."""

    ending: Ending
    status: int
    output: bytes
    errors: bytes


async def run_child(
    command: Sequence[str],
    *,
    env: Mapping[str, str],
    cwd: Path | str | None = None,
    timeout_s: float,
    output_bytes: int = OUTPUT_BYTES,
) -> Outcome:
    """Run `command` to its end and collect what it writes.

    Args:
        command: Program and arguments.
        env: The child's whole environment.
        cwd: Its folder.
        timeout_s: After so many seconds it is killed.
        output_bytes: After so many bytes of standard output, or of standard error, it is killed.

    Raises:
        OSError: The program cannot be started.
    """
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=cwd,
        env=dict(env),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        start_new_session=True,
    )
    assert process.stdout is not None and process.stderr is not None
    output, errors = _Drain(process, output_bytes), _Drain(process, output_bytes)
    ending: Ending = "timeout"
    try:
        async with asyncio.timeout(timeout_s):
            await asyncio.gather(output.drain(process.stdout), errors.drain(process.stderr), process.wait())
            ending = "flood" if output.flooded or errors.flooded else "exit"
    except TimeoutError:
        pass
    finally:
        if ending != "exit":
            _kill_group(process)
        # Reaping a killed process is a matter of milliseconds; a cancelled task still waits for it.
        await asyncio.shield(process.wait())
    return Outcome(
        ending=ending,
        status=process.returncode if process.returncode is not None else -signal.SIGKILL,
        output=bytes(output.data),
        errors=bytes(errors.data),
    )


class _Drain:
    """Collects one stream of a child, up to a limit."""

    def __init__(self, process: asyncio.subprocess.Process, limit: int) -> None:
        self.data = bytearray()
        self.flooded = False
        self._process = process
        self._limit = limit

    async def drain(self, stream: asyncio.StreamReader) -> None:
        while chunk := await stream.read(65536):
            if len(self.data) + len(chunk) > self._limit:
                self.flooded = True
                _kill_group(self._process)
                return
            self.data += chunk


def _kill_group(process: asyncio.subprocess.Process) -> None:
    """End the child's whole session. Its number cannot have been given away while a member of it lives."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
