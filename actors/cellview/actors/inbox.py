"""The mailbox of one actor: bounded, with senders that wait for room in their order, and control before users.

The owner of an inbox is its cell, which inherits it: one object fewer on the way of every message.
"""

import asyncio
from collections import deque

from cellview.actors.asks import Ask, Envelope, Notice
from cellview.actors.errors import ActorStopped
from cellview.actors.home import Home
from cellview.actors.origin import Origin, Party, Wait, chain_to


class StopOrder:
    """Control message: stop in good order."""


class FailOrder:
    """Control message: fail with this error, as if the handler had raised it."""

    __slots__ = ("error",)

    def __init__(self, error: Exception) -> None:
        """Carry the failure."""
        self.error = error


class Inbox(Party):
    """What waits for an actor, and who waits for room."""

    def __init__(self, system: Home, path: str, capacity: int) -> None:
        """An open, empty mailbox for so many messages."""
        self.system = system
        self.path = path
        self.capacity = capacity
        self.loop = system.loop
        self.now = system.clock.now
        self.call_at = system.clock.call_at
        self.dispatcher = system.dispatcher
        self.queue: deque[Envelope] = deque()
        self.control: deque[StopOrder | FailOrder | Notice] = deque()
        self.senders: deque[tuple[Envelope, asyncio.Future[None]]] = deque()
        self.owed: dict[Ask, None] = {}
        self.wake: asyncio.Future[None] | None = None
        self.open = True
        self.fast = self.dispatcher is None  # whether a ref may put into the queue itself
        self.reason: Exception | None = None
        self.expired: int = 0
        self.over_capacity: int = 0

    async def put(self, envelope: Envelope) -> None:
        """The long way into the mailbox: a dead actor, a full mailbox, or a dispatcher that wants to know."""
        if not self.open:
            self.refuse(envelope)
            return
        if len(self.queue) < self.capacity and not self.senders:
            self.append(envelope)
            return
        origin = envelope.origin
        blocking = origin is not None and origin.blocking
        if blocking and origin is not None and chain_to(self, origin.cell) is not None:
            # Waiting would be a deadlock, dropping would be a loss, raising would crash a sender that did no wrong.
            self.over_capacity += 1
            self.system.log.warning("mailbox over its bound to break a cycle of waits", actor=self.path)
            self.append(envelope)
            return
        await self._wait_for_room(envelope, origin if blocking else None)

    async def _wait_for_room(self, envelope: Envelope, origin: Origin | None) -> None:
        room: asyncio.Future[None] = self.loop.create_future()
        entry = (envelope, room)
        self.senders.append(entry)
        wait = Wait("room in the mailbox of", self)
        if origin is not None:
            origin.waits[wait] = None
        if envelope.ask is not None:
            envelope.ask.room = room
        try:
            await room
        finally:
            if origin is not None:
                del origin.waits[wait]
            if entry in self.senders:  # cancelled, or too late: the message was not sent
                self.senders.remove(entry)
            if envelope.ask is not None:
                envelope.ask.room = None

    def append(self, envelope: Envelope) -> None:
        """Put into the mailbox, beyond its bound if need be; used for what must not be lost or wait."""
        if not self.open:
            self.refuse(envelope)
            return
        self.queue.append(envelope)
        self.notify()
        if self.dispatcher is not None:
            self.dispatcher.sent(self, envelope)

    def order(self, item: StopOrder | FailOrder | Notice) -> None:
        """Put a control message, which comes before all user messages."""
        if not self.open:
            return  # nobody misses an order, or a notice of death, that came too late
        self.control.append(item)
        self.notify()
        if self.dispatcher is not None:
            self.dispatcher.sent(self, item if isinstance(item, Notice) else None)

    def notify(self) -> None:
        """Wake the loop if it sleeps."""
        wake = self.wake
        if wake is not None:
            self.wake = None
            if not wake.done():
                wake.set_result(None)

    def refuse(self, envelope: Envelope) -> None:
        """What a dead actor does with a message."""
        why = "the actor is dead" if self.reason is None else f"the actor died of {self.reason!r}"
        if envelope.ask is None:
            self.system.dead_letter(self.path, envelope.sender, envelope.message, why)
            return
        error = ActorStopped(f"{self.path} did not answer {type(envelope.message).__name__}: {why}")
        error.__cause__ = self.reason
        envelope.ask.fail(error)

    def take_back(self, envelope: Envelope) -> None:
        """Remove a request whose asker has gone, if its handling was not begun."""
        ask = envelope.ask
        if ask is not None:
            if not ask.future.cancel() and not ask.future.cancelled():
                ask.future.exception()  # marks it as seen: the asker left while the answer was on its way
            self.owed.pop(ask, None)
        for place, waiting in enumerate(self.queue):
            if waiting is envelope:
                del self.queue[place]
                self.expired += 1
                self.admit()
                self.system.someone_is_idle()
                return

    def admit(self) -> None:
        """Let those who wait for room in, in their order."""
        while self.senders and len(self.queue) < self.capacity:
            envelope, room = self.senders.popleft()
            if room.done():
                continue  # cancelled or too late, and about to say so
            room.set_result(None)
            self.append(envelope)

    def close(self) -> None:
        """Take nothing more; fail the asks and bury the messages that wait, release the senders."""
        self.open = False
        self.fast = False
        letters = list(self.queue)
        self.control.clear()
        self.queue.clear()
        for envelope, room in self.senders:
            letters.append(envelope)
            if not room.done():
                room.set_result(None)
        self.senders.clear()
        for envelope in letters:
            if not isinstance(envelope, Notice):
                self.refuse(envelope)
