"""A daemon in a process of its own, started again and again on one data folder; what it was seen to start must end."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
from asyncio.subprocess import Process
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import anyio
import psutil

__all__ = ["Served"]

_GONE_S = 30.0


class Served:
    """``cellview serve``, and every process that it was seen to have.

    Args:
        work: The folder of the soak: the data folder and the folder of temporary files are in it.
        options: Further options of ``serve``.
    """

    def __init__(self, work: Path, options: Sequence[str]) -> None:
        self.data = work / "data"
        self.temporary = work / "tmp"
        self.temporary.mkdir()
        self.log = work / "daemon.log"
        self.url = ""
        self.starts = 0
        self.left_behind = 0
        """Processes that were still there long after their daemon had ended."""
        self.bad_exits: list[int] = []
        """Of daemons that were asked to end."""
        self._options = options
        self._port = _free_port()
        self._process: Process | None = None

    @property
    def pid(self) -> int:
        """The daemon's process id."""
        assert self._process is not None
        return self._process.pid

    async def start(self) -> None:
        """Start a daemon, and wait until it can be spoken to."""
        command = (
            sys.executable, "-m", "cellview", "serve", "--data", str(self.data), "--port", str(self._port),
            *self._options,
        )  # fmt: skip
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *command, stdout=subprocess.PIPE, stderr=log, env=os.environ | {"TMPDIR": str(self.temporary)}
            )
        assert self._process.stdout is not None
        with anyio.fail_after(120):
            self.url = (await self._process.stdout.readline()).decode().strip()
        if not self.url:
            raise RuntimeError(f"The daemon did not start: {self.log.read_text(encoding='utf-8')[-2000:]}")
        self.starts += 1

    def family(self) -> set[psutil.Process]:
        """Return the daemon and everything below it."""
        try:
            daemon = psutil.Process(self.pid)
            return {daemon, *daemon.children(recursive=True)}
        except psutil.Error:
            return set()

    def workers(self) -> list[psutil.Process]:
        """Return the worker processes."""
        try:
            return psutil.Process(self.pid).children()
        except psutil.Error:
            return []

    def leans(self) -> list[psutil.Process]:
        """Return what the workers have started."""
        found: list[psutil.Process] = []
        for worker in self.workers():
            try:
                found += worker.children(recursive=True)
            except psutil.Error:
                continue
        return found

    def kill(self) -> None:
        """Leave nothing behind when the soak itself fails."""
        for process in self.family():
            with suppress(psutil.Error):
                process.kill()

    async def end(self, number: int) -> None:
        """Send the daemon a signal, wait for its end, and see whether anything outlives it."""
        assert self._process is not None
        family = self.family()
        self._process.send_signal(number)
        code = await self._process.wait()
        if number != signal.SIGKILL and code != 0:
            self.bad_exits.append(code)
        with anyio.move_on_after(_GONE_S):
            while any(map(_lives, family)):  # noqa: ASYNC110  # they are other processes
                await anyio.sleep(0.05)
        self.left_behind += sum(map(_lives, family))


def _lives(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


def _free_port() -> int:
    with socket.socket() as some:
        some.bind(("127.0.0.1", 0))
        port: int = some.getsockname()[1]
        return port
