"""An event loop without a selector: virtual time that jumps, and a controller that is asked when nothing is ready.

It is asyncio's own `BaseEventLoop`, so that tasks, futures, anyio and structured cancellation are the real ones; only
the place where it would sleep in the operating system is replaced. Writing a loop from nothing was rejected: it would
test another scheduler of tasks than the one in use. Depended on: `_selector`, `_process_events`, `_write_to_self`,
`_scheduled` (the same in Python 3.11 to 3.14).
"""

import asyncio
from collections.abc import Callable
from typing import Any, NoReturn, Protocol

from cellview.actors.testing.errors import Uncontrolled

EPOCH_S = 1_700_000_000.0  # virtual wall time starts here

_FORBIDDEN = (
    "add_reader", "add_writer", "call_soon_threadsafe", "connect_accepted_socket", "connect_read_pipe",
    "connect_write_pipe",
    "create_connection", "create_datagram_endpoint", "create_server", "create_unix_connection", "create_unix_server",
    "getaddrinfo", "getnameinfo", "run_in_executor", "sendfile", "sock_accept", "sock_connect", "sock_recv",
    "sock_recv_into", "sock_recvfrom", "sock_sendall", "sock_sendfile", "sock_sendto", "subprocess_exec",
    "subprocess_shell", "add_signal_handler",
)  # fmt: skip


class Stepper(Protocol):
    """Who is asked when nothing is ready: the run's controller."""

    def step(self, timer: asyncio.TimerHandle | None) -> bool:
        """Make one choice; True when it is to let the clock jump to `timer`."""
        ...

    def violated(self, error: Uncontrolled) -> None:
        """Something uncontrolled was tried."""
        ...


class ControlledLoop(asyncio.BaseEventLoop):
    """The loop of one controlled run."""

    _scheduled: list[asyncio.TimerHandle]

    def __init__(self) -> None:
        """A loop at virtual second 0."""
        super().__init__()
        self._selector = self  # BaseEventLoop calls `self._selector.select(timeout)` where it would sleep
        self._virtual_now = 0.0
        self.actor_dispatcher: Stepper | None = None
        for name in _FORBIDDEN:
            setattr(self, name, self._forbid(name))

    def time(self) -> float:
        """Virtual seconds since the start of the run."""
        return self._virtual_now

    def wall_time(self) -> float:
        """A reproducible stand-in for `time.time()`."""
        return EPOCH_S + self._virtual_now

    def select(self, timeout: float | None) -> list[Any]:
        """Nothing is ready: let the controller make one choice."""
        if timeout is None or timeout > 0:
            timer = self._scheduled[0] if self._scheduled else None
            controller = self.actor_dispatcher
            if controller is None or controller.step(timer):
                if timer is None:
                    raise RuntimeError("the controller let the clock jump without a timer")
                self._virtual_now = max(self._virtual_now, timer.when())
        return []

    def pending_timers(self) -> list[asyncio.TimerHandle]:
        """Timers that may still fire."""
        return [timer for timer in self._scheduled if not timer.cancelled()]

    def _forbid(self, name: str) -> Callable[..., NoReturn]:
        def refuse(*args: Any, **kwargs: Any) -> NoReturn:
            self._violate(name)

        return refuse

    def _violate(self, name: str) -> NoReturn:
        error = Uncontrolled(f"loop.{name}() inside a controlled run: the outcome would depend on something outside it")
        if self.actor_dispatcher is not None:
            self.actor_dispatcher.violated(error)
        raise error

    def _process_events(self, event_list: list[Any]) -> None:
        """There are none."""

    def _write_to_self(self) -> None:
        """Nobody sleeps."""
