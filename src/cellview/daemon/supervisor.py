"""What the daemon tells a service manager, by the protocol of ``sd_notify(3)``: ready, alive, stopping.

The protocol is one datagram to a socket. The packages that send it are unmaintained or want systemd's headers, and
systemd's own manual recommends these few lines instead.
"""

from __future__ import annotations

import os
import socket
from collections.abc import MutableMapping
from contextlib import suppress
from typing import Final

import anyio

from cellview.actors import ActorError
from cellview.base.log import get_logger
from cellview.daemon.errors import DaemonError
from cellview.daemon.service import Daemon

__all__ = ["Supervisor"]

_SHARE: Final = 0.4
"""Of the watchdog's time between two signs of life: one may be late, and the next is still in time."""

_log = get_logger(__name__)


class Supervisor:
    """A service manager that wants to be told, or none.

    Args:
        address: Its socket: a path, or a name after ``@``. ``None``: there is nobody to tell.
        watchdog_s: Without a sign of life for so long it kills the daemon; ``None``: it does not.
    """

    def __init__(self, address: str | None = None, *, watchdog_s: float | None = None) -> None:
        self._address = address
        self._watchdog_s = watchdog_s

    @classmethod
    def of(cls, environ: MutableMapping[str, str]) -> Supervisor:
        """Return the one that the environment names, and take it out of there: it is no concern of child processes."""
        address = environ.pop("NOTIFY_SOCKET", None) or None
        microseconds, pid = environ.pop("WATCHDOG_USEC", ""), environ.pop("WATCHDOG_PID", "")
        ours = microseconds.isdecimal() and int(microseconds) > 0 and pid in ("", str(os.getpid()))
        return cls(address, watchdog_s=int(microseconds) / 1e6 if ours else None)

    def tell(self, *lines: str) -> None:
        """Tell it something. A manager that does not listen is its own trouble, and not the daemon's."""
        if self._address is None:
            return
        address = f"\0{self._address[1:]}" if self._address.startswith("@") else self._address
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as to:
            to.setblocking(False)
            with suppress(OSError):
                to.connect(address)
                to.send("\n".join(lines).encode())

    async def attend(self, daemon: Daemon) -> None:
        """Say that the daemon is ready, and then that it is alive, each after a round trip through its database."""
        await daemon.health()
        self.tell("READY=1", f"STATUS=Takes experiments; {daemon.config.workers} workers.")
        if self._watchdog_s is None or self._address is None:
            return
        while True:
            await anyio.sleep(_SHARE * self._watchdog_s)
            try:
                health = await daemon.health()
            except (ActorError, DaemonError) as error:
                _log.warning("no_sign_of_life", error=str(error))  # if that goes on, the manager starts it anew
                continue
            held = "" if health.held is None else f" Held: {health.held}"
            self.tell("WATCHDOG=1", f"STATUS={health.busy} of {health.workers} workers are busy.{held}")

    def stopping(self, *, within_s: float) -> None:
        """Say that the daemon is about to end, and how long that may take."""
        self.tell("STOPPING=1", f"EXTEND_TIMEOUT_USEC={round(within_s * 1e6)}", "STATUS=Lets searches come to an end.")
