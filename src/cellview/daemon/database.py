"""The store as an actor: one thread with one connection; events go to the hub as they are written."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any, Final, TypeVar, cast

import apsw

from cellview.actors import Actor, Ref, Request
from cellview.daemon.disk import was_full
from cellview.daemon.errors import DaemonError, DiskFullError
from cellview.daemon.hub import EventHub
from cellview.daemon.records import Event
from cellview.daemon.store import Store

__all__ = ["Database", "Do", "StoreActor"]

T = TypeVar("T")

_DEADLINE_S: Final = 60.0


class Do(Request[Any], frozen=True):
    """Do this with the store, in its thread."""

    work: Callable[[Store], Any]


class StoreActor(Actor[Do]):
    """The only writer of the database. A restarted one opens it anew; what was committed is there."""

    def __init__(self, open_store: Callable[[], Store], hub: EventHub) -> None:
        self._open = open_store
        self._hub = hub
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="store")
        self._published = 0

    async def started(self) -> None:
        """Open the database."""
        self._store = await self._run(self._open)
        self._published = await self._run(self._store.last_event)

    async def receive(self, message: Do) -> None:
        """Do it; an error that is the user's is the asker's, any other ends this incarnation."""
        reply = self.context.defer_reply(message)
        try:
            answer, events = await self._run(self._work, message.work)
        except DaemonError as error:
            reply.fail(error)
            return
        except apsw.Error as error:
            if not was_full(error):
                raise
            # The transaction was taken back; what is in the database is whole.
            reply.fail(DiskFullError("The disk of the data folder is full: the database cannot be written."))
            return
        # Before the answer: whoever acts on it finds the event out.
        if events:
            self._published = events[-1].number
            self._hub.publish(events)
        reply.send(answer)

    async def stopped(self) -> None:
        """Cut the log and close the database, in the thread that uses it."""

        def close() -> None:
            with suppress(apsw.FullError, apsw.IOError):  # what is in the log stays there, and is read from there
                self._store.checkpoint()
            self._store.close()

        await self._run(close)
        self._thread.shutdown()

    def _work(self, work: Callable[[Store], T]) -> tuple[T, tuple[Event, ...]]:
        answer = work(self._store)
        events: tuple[Event, ...] = ()
        if self._store.last_event() > self._published:
            events = self._store.events(after=self._published, limit=1_000_000)
        return answer, events

    async def _run(self, work: Callable[..., T], *arguments: Any) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work, *arguments)


class Database:
    """What everybody else sees of the store: ask it to do something, and wait."""

    def __init__(self, ref: Ref[Do]) -> None:
        self._ref = ref

    async def do(self, work: Callable[[Store], T]) -> T:
        """Return what `work` returns; it runs in the store's thread, between two others.

        Raises:
            DaemonError: As `work` does.
        """
        return cast(T, await self._ref.ask(Do(work), deadline_s=_DEADLINE_S))
