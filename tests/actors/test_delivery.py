"""Messages: order, bounds, back-pressure, dead letters."""

import asyncio
from typing import Any

import msgspec
import pytest
from structlog.contextvars import bind_contextvars, clear_contextvars, get_contextvars
from structlog.testing import capture_logs

from cellview.actors import Actor, ActorSystem, Ref, Request, Terminated


class Say(msgspec.Struct, frozen=True):
    word: str
    number: int = 0


class Heard(Request[list[str]], frozen=True):
    pass


class Listener(Actor[Say | Heard]):
    """Remembers words; a gate, if given, holds it inside its handler."""

    def __init__(self, gate: asyncio.Event | None = None) -> None:
        self.words: list[str] = []
        self.gate = gate

    async def receive(self, message: Say | Heard) -> None:
        if self.gate is not None:
            await self.gate.wait()
        match message:
            case Say(word):
                self.words.append(word)
            case Heard():
                self.context.reply(list(self.words))


async def test_order_per_sender_holds_under_back_pressure() -> None:
    heard: list[str] = []

    class Keep(Actor[Say]):
        async def receive(self, message: Say) -> None:
            if message.number % 7 == 0:
                await asyncio.sleep(0)
            heard.append(message.word)

    class Forward(Actor[Say]):
        def __init__(self, to: Ref[Say]) -> None:
            self.to = to

        async def receive(self, message: Say) -> None:
            for number in range(message.number):
                await self.to.tell(Say(f"{message.word}{number}", number))

    async with ActorSystem() as system:
        keep = await system.spawn(Keep, mailbox=2)
        for word in "abc":
            sender = await system.spawn(lambda: Forward(keep))
            await sender.tell(Say(word, 100))
        report = await system.drain(deadline_s=20)
    assert report.complete
    assert len(heard) == 300
    for word in "abc":
        assert [said for said in heard if said[0] == word] == [f"{word}{number}" for number in range(100)]


async def test_tell_waits_while_the_mailbox_is_full_and_never_raises() -> None:
    gate = asyncio.Event()
    async with ActorSystem() as system:
        ref = await system.spawn(lambda: Listener(gate), mailbox=2)
        for number in range(3):  # one in the handler once it has begun, two in the mailbox
            await ref.tell(Say(str(number)))
            await asyncio.sleep(0)
        late = asyncio.create_task(ref.tell(Say("3")))
        await asyncio.sleep(0.01)
        assert not late.done()
        assert system.counters()[ref.path].mailbox_depth == 2
        gate.set()
        await late
        assert await ref.ask(Heard(), deadline_s=5) == ["0", "1", "2", "3"]


async def test_tell_returns_at_once_when_there_is_room() -> None:
    async with ActorSystem() as system:
        ref = await system.spawn(Listener)
        turns: list[str] = []
        asyncio.get_running_loop().call_soon(turns.append, "another task ran")
        for _ in range(10):
            await ref.tell(Say("x"))
        assert turns == []


async def test_a_cancelled_tell_that_waits_was_not_sent() -> None:
    gate = asyncio.Event()
    async with ActorSystem() as system:
        ref = await system.spawn(lambda: Listener(gate), mailbox=1)
        await ref.tell(Say("0"))
        await asyncio.sleep(0)
        await ref.tell(Say("1"))
        waiting = [asyncio.create_task(ref.tell(Say(word))) for word in ("2", "3")]
        await asyncio.sleep(0)
        waiting[0].cancel()
        await asyncio.wait(waiting[:1])
        gate.set()
        await waiting[1]
        assert await ref.ask(Heard(), deadline_s=5) == ["0", "1", "3"]


async def test_an_actor_that_tells_itself_never_waits() -> None:
    class Burst(Actor[Say]):
        def __init__(self) -> None:
            self.seen = 0

        async def receive(self, message: Say) -> None:
            if message.word == "start":
                for _ in range(10):
                    await self.context.self.tell(Say("again"))

    async with ActorSystem() as system:
        ref = await system.spawn(Burst, name="burst", mailbox=2)
        await ref.tell(Say("start"))
        while system.counters()["burst"].received < 11:  # noqa: ASYNC110  # polls another task
            await asyncio.sleep(0)
        assert system.counters()["burst"].over_capacity == 8


async def test_two_actors_with_full_mailboxes_that_tell_each_other_do_not_lock() -> None:
    class Volley(Actor[Say]):
        peer: Ref[Say]

        async def receive(self, message: Say) -> None:
            if message.number:
                for _ in range(3):
                    await self.peer.tell(Say("", message.number - 1))

    players = [Volley(), Volley()]
    async with ActorSystem() as system:
        refs = [await system.spawn(lambda player=player: player, mailbox=1) for player in players]  # type: ignore[misc]
        players[0].peer, players[1].peer = refs[1], refs[0]
        with capture_logs():
            await refs[0].tell(Say("", 6))
            await refs[1].tell(Say("", 6))
            report = await system.drain(deadline_s=20)
    assert report.complete


async def test_a_message_to_a_dead_actor_is_counted_kept_and_logged() -> None:
    async with ActorSystem() as system:
        ref = await system.spawn(Listener, name="gone")
        await system.stop(ref)
        with capture_logs() as logs:
            await ref.tell(Say("hello?"))
        assert system.dead_letter_count == 1
        assert system.dead_letters[0].to == "gone"
        assert system.dead_letters[0].message == Say("hello?")
        assert [entry["event"] for entry in logs] == ["dead letter"]
        assert logs[0]["to"] == "gone"


async def test_senders_that_wait_for_room_are_released_when_the_actor_dies() -> None:
    gate = asyncio.Event()
    async with ActorSystem() as system:
        ref = await system.spawn(lambda: Listener(gate), mailbox=1)
        await ref.tell(Say("0"))
        await asyncio.sleep(0)
        await ref.tell(Say("1"))
        waiting = asyncio.create_task(ref.tell(Say("2")))
        await asyncio.sleep(0)
        stopping = asyncio.create_task(system.stop(ref))
        await asyncio.sleep(0)
        gate.set()
        with capture_logs():
            await stopping
        await waiting
        assert [letter.message for letter in system.dead_letters] == [Say("1"), Say("2")]


async def test_a_busy_actor_gives_way_to_others() -> None:
    class Endless(Actor[Say]):
        async def receive(self, message: Say) -> None:
            await self.context.self.tell(message)

    async with ActorSystem() as system:
        busy = await system.spawn(Endless)
        await busy.tell(Say("on"))
        other = await system.spawn(Listener)
        assert await other.ask(Heard(), deadline_s=5) == []


async def test_control_comes_before_user_messages() -> None:
    order: list[str] = []

    class Watcher(Actor[Say | Terminated]):
        def __init__(self, gate: asyncio.Event, other: Ref[Any]) -> None:
            self.gate = gate
            self.other = other

        async def started(self) -> None:
            self.context.watch(self.other)

        async def receive(self, message: Say | Terminated) -> None:
            if isinstance(message, Terminated):
                order.append("terminated")
                return
            if message.word == "first":
                await self.gate.wait()
            order.append(message.word)

    gate = asyncio.Event()
    async with ActorSystem() as system:
        other = await system.spawn(Listener)
        ref = await system.spawn(lambda: Watcher(gate, other))
        for word in ("first", "second", "third"):
            await ref.tell(Say(word))
        await asyncio.sleep(0)
        await system.stop(other)
        gate.set()
        await system.drain(deadline_s=5)
    assert order == ["first", "terminated", "second", "third"]


async def test_log_context_follows_the_message_and_does_not_stay() -> None:
    seen: list[dict[str, Any]] = []

    class Inner(Actor[Say]):
        async def receive(self, message: Say) -> None:
            seen.append(dict(get_contextvars()))
            bind_contextvars(left_behind=True)

    class Outer(Actor[Say]):
        def __init__(self, inner: Ref[Say]) -> None:
            self.inner = inner

        async def receive(self, message: Say) -> None:
            bind_contextvars(step=message.number)
            await self.inner.tell(message)

    async with ActorSystem() as system:
        inner = await system.spawn(Inner)
        outer = await system.spawn(lambda: Outer(inner))
        clear_contextvars()
        bind_contextvars(theorem="and_swap")
        await outer.tell(Say("a", 1))
        clear_contextvars()
        await outer.tell(Say("b", 2))
        await inner.tell(Say("c"))
        await system.drain(deadline_s=5)
    assert sorted(seen, key=len) == [{}, {"step": 2}, {"theorem": "and_swap", "step": 1}]


async def test_counters_and_describe() -> None:
    gate = asyncio.Event()
    async with ActorSystem(name="zoo") as system:
        ref = await system.spawn(lambda: Listener(gate), name="ear", mailbox=5)
        await ref.tell(Say("0"))
        await asyncio.sleep(0)
        await ref.tell(Say("1"))
        await asyncio.sleep(0.01)
        counts = system.counters()["ear"]
        assert (counts.received, counts.mailbox_depth, counts.mailbox_capacity) == (1, 1, 5)
        text = system.describe()
        assert text.splitlines()[0] == "system zoo (running, 1 actors)"
        assert "ear (Listener): handles Say; mailbox 1/5, received 1, failed 0, restarts 0" in text
        gate.set()
        await ref.ask(Heard(), deadline_s=5)
        counts = system.counters()["ear"]
        assert counts.received == 3
        assert counts.time_in_mailbox_s >= counts.longest_in_mailbox_s > 0


def test_a_ref_cannot_be_made_by_hand() -> None:
    with pytest.raises(TypeError, match="comes from"):
        Ref()
