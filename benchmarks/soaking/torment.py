"""Who torments the daemon: submissions at random times, people who change their minds, and signals to everything."""

from __future__ import annotations

import contextlib
import random
import signal
from collections import Counter
from collections.abc import Sequence
from typing import Any

import anyio
import msgspec
import psutil

from cellview.daemon import Client, Event, RefusedError, ServerError
from soaking.served import Served
from soaking.variants import Variant

__all__ = ["Torment"]

_ENDED = ("finished", "failed", "cancelled")


class Torment:
    """One soak under way.

    Args:
        served: The daemon.
        variants: What is submitted.
        seed: Of everything that is random here. The daemon's timing is not.
    """

    def __init__(self, served: Served, variants: Sequence[Variant], seed: int) -> None:
        self._served = served
        self._variants = variants
        self._random = random.Random(seed)
        self._turn = anyio.Lock()
        """One does something to the daemon's process at a time."""
        self.submitted: dict[int, Variant] = {}
        self.cancelled: set[int] = set()
        self.done: Counter[str] = Counter()
        self.events: list[Event] = []
        self.repeated_submissions = 0

    async def submit(self, count: int, *, within_s: float) -> None:
        """Submit so many experiments in so many seconds, each by a key, as often as it takes; some of them twice."""
        for number in range(count):
            variant = self._random.choice(self._variants)
            priority = self._random.randint(-100, 100)
            body = msgspec.structs.replace(variant.submission, priority=priority)
            for _ in range(1 + (self._random.random() < 0.1)):
                status = await self.ask("submit", body, key=f"key-{number}")
                self.repeated_submissions += status.id in self.submitted
                self.submitted[status.id] = variant
            await anyio.sleep(self._random.expovariate(count / within_s))

    async def ask(self, method: str, *arguments: Any, **options: Any) -> Any:
        """Ask by a method of the client until the daemon, or the next one, answers."""
        while True:
            try:
                async with Client(self._served.url) as client:
                    return await getattr(client, method)(*arguments, **options)
            except ServerError:
                await anyio.sleep(0.1)
            except RefusedError as error:
                if error.status not in (429, 503):
                    raise
                await anyio.sleep(0.1)

    async def listen(self) -> None:
        """Hear every event, across all restarts."""
        async with Client(self._served.url) as client:
            async for event in client.events():
                self.events.append(event)

    async def people(self, *, every_s: float) -> None:
        """Pause, resume, cancel, pin, and change priorities, now and then."""
        while True:
            await anyio.sleep(self._random.expovariate(1 / every_s))
            under_way = sorted(one.id for one in await self.everything() if one.state not in _ENDED)
            if not under_way:
                continue
            one = self._random.choice(under_way)
            act = self._random.choices(("pause", "resume", "priority", "cancel"), weights=(8, 16, 8, 1))[0]
            try:
                if act == "priority":
                    priority = self._random.randint(-100, 100)
                    await self.ask("change", one, priority=priority)
                else:
                    status = await self.ask(act, one)
                    if status.state == "cancelled":
                        self.cancelled.add(one)
            except RefusedError:
                continue  # it has ended already
            self.done[act] += 1

    async def resume_all(self) -> None:
        """Resume whatever is paused."""
        for status in await self.everything():
            if status.state == "paused":
                with contextlib.suppress(RefusedError):
                    await self.ask("resume", status.id)

    async def everything(self) -> list[Any]:
        """Return the status of every experiment."""
        found: list[Any] = []
        cursor: int | None = None
        while True:
            page = await self.ask("experiments", before=cursor, limit=1000)
            found += page.experiments
            cursor = page.next
            if cursor is None:
                return found

    async def finished(self) -> None:
        """Wait until every experiment has ended."""
        while not all(one.state in _ENDED for one in await self.everything()):
            await self.resume_all()
            await anyio.sleep(0.5)

    # -- signals -------------------------------------------------------------------------------------------------------

    async def kill_workers(self, *, every_s: float) -> None:
        """Kill, now and then, a worker or something that it has started; or stop it, so that it hangs."""
        while True:
            await anyio.sleep(self._random.expovariate(1 / every_s))
            async with self._turn:
                act = self._random.choices(("worker", "lean", "hang"), weights=(6, 6, 1))[0]
                found = self._served.leans() if act == "lean" else self._served.workers()
                if found:
                    with contextlib.suppress(psutil.Error):
                        self._random.choice(found).send_signal(signal.SIGSTOP if act == "hang" else signal.SIGKILL)
                        self.done[f"{act} killed" if act != "hang" else "worker hung"] += 1

    async def kill_daemons(self, *, every_s: float) -> None:
        """Kill the daemon now and then, or ask it to end, and start it again."""
        while True:
            await anyio.sleep(self._random.expovariate(1 / every_s))
            async with self._turn:
                await self.restart(kill=self._random.random() < 0.7)

    async def restart(self, *, kill: bool) -> None:
        """End the daemon, and start another."""
        with anyio.CancelScope(shield=True):
            await self._served.end(signal.SIGKILL if kill else signal.SIGTERM)
            self.done["daemon killed" if kill else "daemon ended"] += 1
            await self._served.start()
