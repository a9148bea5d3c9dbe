"""The server: uvicorn in the daemon's own event loop, with the daemon's signals and the daemon's order of stopping."""

from __future__ import annotations

import contextlib
import signal
import socket
from collections.abc import Callable, Generator

import anyio
import uvicorn

from cellview.daemon.config import DaemonConfig
from cellview.daemon.errors import ConfigError
from cellview.daemon.http.app import make_app
from cellview.daemon.http.connection import Connection, bound_sends
from cellview.daemon.service import Daemon, running
from cellview.daemon.supervisor import Supervisor
from cellview.trace import write_atomically

__all__ = ["ADDRESS_FILE", "serve"]

ADDRESS_FILE = "address"
"""In the data folder, while a daemon runs: where it is to be found."""

_CLOSE_S = 5
_LAST_S = 30
"""Beyond the time that searches get: for closing connections, folders, workers and the database."""


class _Server(uvicorn.Server):
    """uvicorn, but signals are the daemon's."""

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None]:
        """Leave signals alone."""
        yield


async def serve(
    config: DaemonConfig,
    *,
    started: Callable[[str], None] = lambda url: None,
    stop: anyio.Event | None = None,
    supervisor: Supervisor | None = None,
) -> None:
    """Run a daemon with its front until SIGTERM, SIGINT or `stop`, and end it in good order.

    Args:
        config: How it is set up.
        started: Told the address once it can be spoken to.
        stop: Ends it when it is set; then signals are the caller's.
        supervisor: The service manager that is told how it is.

    Raises:
        ConfigError: The address cannot be used.
        DataFolderError: Another daemon has the data folder.
    """
    told = supervisor or Supervisor()
    with contextlib.closing(_listen(config)) as listening:
        async with running(config) as daemon:
            options = uvicorn.Config(
                make_app(daemon),
                log_config=None,
                access_log=False,
                http=Connection,
                lifespan="off",
                server_header=False,
                ws="none",
                timeout_graceful_shutdown=_CLOSE_S,
                limit_concurrency=500,
            )
            server = _Server(options)
            url = _url(config.host, listening)
            write_atomically(config.data / ADDRESS_FILE, url.encode())
            try:
                async with anyio.create_task_group() as tasks:
                    tasks.start_soon(_until_stopped, daemon, server, stop, told)
                    tasks.start_soon(told.attend, daemon)
                    started(url)
                    await server.serve(sockets=[listening])
                    tasks.cancel_scope.cancel()
            finally:
                (config.data / ADDRESS_FILE).unlink(missing_ok=True)


async def _until_stopped(daemon: Daemon, server: _Server, stop: anyio.Event | None, supervisor: Supervisor) -> None:
    if stop is not None:
        await stop.wait()
    else:
        with anyio.open_signal_receiver(signal.SIGTERM, signal.SIGINT) as signals:
            async for _ in signals:
                break
    supervisor.stopping(within_s=daemon.config.drain_s + _LAST_S)
    # Streams first: uvicorn waits for open connections, and theirs would stay open for ever.
    daemon.stopping = True
    daemon.hub.close()
    with anyio.CancelScope(shield=True):
        await daemon.drain()
    server.should_exit = True


def _listen(config: DaemonConfig) -> socket.socket:
    """Listen, before anything is opened: an address that is taken is said so, and nothing was touched."""
    family = socket.AF_INET6 if ":" in config.host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound_sends(listening)
        listening.bind((config.host, config.port))
        listening.listen(128)
        listening.setblocking(False)
    except OSError as error:
        listening.close()
        raise ConfigError(f"Cannot listen on {config.host}, port {config.port}: {error.strerror}.") from error
    return listening


def _url(host: str, listening: socket.socket) -> str:
    port = listening.getsockname()[1]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
