"""A service manager with a real socket: told that the daemon is ready, alive and stopping, and never that it is not."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import anyio.to_thread
import pytest

from cellview.daemon import Daemon, DaemonConfig, DaemonError, running, serve
from cellview.daemon.supervisor import Supervisor

REPOSITORY = Path(__file__).resolve().parents[2]

Configure = Callable[..., DaemonConfig]


class Manager:
    """Listens as systemd does."""

    def __init__(self, address: str) -> None:
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(address)
        self.socket.settimeout(60)

    async def heard(self) -> list[str]:
        data = await anyio.to_thread.run_sync(lambda: self.socket.recv(4096))
        return data.decode().split("\n")

    def silent(self) -> bool:
        self.socket.setblocking(False)
        try:
            self.socket.recv(4096)
        except BlockingIOError:
            return True
        return False


@pytest.fixture
def manager(tmp_path: Path) -> Any:
    made = Manager(str(tmp_path / "notify"))
    yield made
    made.socket.close()


@asynccontextmanager
async def served(config: DaemonConfig, supervisor: Supervisor) -> AsyncGenerator[anyio.Event]:
    stop = anyio.Event()
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(lambda: serve(config, stop=stop, supervisor=supervisor))
        yield stop
        stop.set()


async def test_it_is_told_ready_alive_and_stopping(config: Configure, manager: Manager, tmp_path: Path) -> None:
    supervisor = Supervisor(str(tmp_path / "notify"), watchdog_s=0.2)
    async with served(config(), supervisor) as stop:
        assert (await manager.heard())[0] == "READY=1"
        for _ in range(3):
            alive = await manager.heard()
            assert alive[0] == "WATCHDOG=1" and alive[1].startswith("STATUS=")
        stop.set()
        heard = await manager.heard()
        while heard[0] == "WATCHDOG=1":
            heard = await manager.heard()
        assert heard[0] == "STOPPING=1" and heard[1].startswith("EXTEND_TIMEOUT_USEC=3")


async def test_a_daemon_whose_database_hangs_gives_no_sign_of_life(
    config: Configure, manager: Manager, tmp_path: Path
) -> None:
    supervisor = Supervisor(str(tmp_path / "notify"), watchdog_s=0.1)
    hangs = threading.Event()
    async with running(config()) as daemon, anyio.create_task_group() as tasks:
        tasks.start_soon(supervisor.attend, daemon)
        assert (await manager.heard())[0] == "READY=1"
        tasks.start_soon(lambda: daemon.database.do(lambda store: hangs.wait()))
        await anyio.sleep(0.3)
        while not manager.silent():
            pass
        await anyio.sleep(0.5)
        assert manager.silent()
        hangs.set()
        manager.socket.settimeout(60)
        assert (await manager.heard())[0] == "WATCHDOG=1"
        tasks.cancel_scope.cancel()


async def test_a_daemon_that_refuses_gives_none_either(config: Configure, manager: Manager, tmp_path: Path) -> None:
    supervisor = Supervisor(str(tmp_path / "notify"), watchdog_s=0.05)

    class Ill(Daemon):
        def __init__(self) -> None:
            self.config = config()
            self.asked = 0

        async def health(self) -> Any:
            self.asked += 1
            if self.asked > 1:
                raise DaemonError("The database does not answer.")

    daemon = Ill()
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(supervisor.attend, daemon)
        assert (await manager.heard())[0] == "READY=1"
        while daemon.asked < 5:  # noqa: ASYNC110  # another task counts
            await anyio.sleep(0.01)
        assert manager.silent()
        tasks.cancel_scope.cancel()


def test_the_environment_names_it_and_children_do_not_see_it() -> None:
    environ = {"NOTIFY_SOCKET": "@x", "WATCHDOG_USEC": "2000000", "WATCHDOG_PID": str(os.getpid()), "HOME": "/"}
    known = Supervisor.of(environ)
    assert environ == {"HOME": "/"}
    assert vars(known) == vars(Supervisor("@x", watchdog_s=2.0))
    other = Supervisor.of({"NOTIFY_SOCKET": "@x", "WATCHDOG_USEC": "2000000", "WATCHDOG_PID": "1"})
    assert vars(other) == vars(Supervisor("@x"))
    Supervisor.of({}).tell("READY=1")
    Supervisor("/nowhere/at/all").tell("READY=1")


def test_the_unit_and_its_settings_are_what_the_command_takes(tmp_path: Path) -> None:
    page = REPOSITORY / "docs" / "how-to" / "run-the-daemon-for-weeks.md"
    (block,) = re.findall(r"```toml\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    (tmp_path / "cellview.toml").write_text(block.replace("/srv/corpora", str(tmp_path / "none")))
    unit = (REPOSITORY / "docs" / "how-to" / "cellview.service").read_text(encoding="utf-8")
    (command,) = re.findall(r"^ExecStart=\S+ (.*)$", unit, re.MULTILINE)
    words = command.replace("/etc", str(tmp_path)).replace("/var/lib/cellview", str(tmp_path)).split()
    # Everything in it is understood; only the folder of corpora is not there.
    done = subprocess.run(
        [sys.executable, "-m", "cellview", *words], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 2 and "is no folder, so no corpora can come from it" in done.stderr, done.stderr


def test_the_command_tells_it_and_ends_with_status_0(tmp_path: Path) -> None:
    """With a name that is no file, and as one starts it: a second daemon is refused with one sentence meanwhile."""
    name = f"@cellview-test-{os.getpid()}"
    manager = Manager(f"\0{name[1:]}")
    command = [sys.executable, "-m", "cellview", "serve", "--data", str(tmp_path / "data"), "--port", "0"]
    environment = os.environ | {"NOTIFY_SOCKET": name}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        try:
            assert manager.socket.recv(4096).startswith(b"READY=1\n")
            second = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
            assert second.returncode == 2 and "Another daemon is running" in second.stderr
            assert second.stderr.count("\n") == 1 and "Traceback" not in second.stderr
            process.send_signal(signal.SIGTERM)
            assert manager.socket.recv(4096).startswith(b"STOPPING=1\n")
            assert process.wait(timeout=60) == 0
        finally:
            process.kill()
            manager.socket.close()
