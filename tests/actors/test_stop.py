"""Ends: stop in reverse order, drain with one deadline, a block left by an exception."""

import asyncio

import msgspec
import pytest
from structlog.testing import capture_logs

from cellview.actors import Actor, ActorSystem, NotRunning, Request
from cellview.actors.testing import run_controlled


class Work(msgspec.Struct, frozen=True):
    seconds: float = 0.0


class Ping(Request[str], frozen=True):
    pass


async def pause(seconds: float) -> None:
    await asyncio.sleep(seconds)


class Worker(Actor[Work | Ping]):
    def __init__(self, journal: list[str]) -> None:
        self.journal = journal

    async def receive(self, message: Work | Ping) -> None:
        if isinstance(message, Ping):
            self.context.reply("pong")
            return
        await asyncio.sleep(message.seconds)
        self.journal.append(f"worked {self.context.name}")

    async def stopped(self) -> None:
        self.journal.append(f"stopped {self.context.name}")


async def test_actors_stop_in_the_reverse_order_of_their_birth() -> None:
    class Parent(Worker):
        async def started(self) -> None:
            for name in ("x", "y"):
                await self.context.spawn(lambda: Worker(self.journal), name=name)

    journal: list[str] = []
    async with ActorSystem() as system:
        await system.spawn(lambda: Worker(journal), name="a")
        await system.spawn(lambda: Parent(journal), name="b")
        await system.spawn(lambda: Worker(journal), name="c")
    assert journal == ["stopped c", "stopped y", "stopped x", "stopped b", "stopped a"]


async def test_stop_lets_the_handler_finish_and_drops_what_waits() -> None:
    journal: list[str] = []
    async with ActorSystem() as system:
        ref = await system.spawn(lambda: Worker(journal), name="a")
        for _ in range(3):
            await ref.tell(Work(0.01))
        await asyncio.sleep(0)
        with capture_logs():
            await system.stop(ref)
        assert journal == ["worked a", "stopped a"]
        assert system.dead_letter_count == 2


async def test_stop_with_a_queued_message_does_not_spin() -> None:
    turns = 0

    def count() -> None:
        nonlocal turns
        turns += 1
        handle.append(loop.call_soon(count))

    loop = asyncio.get_running_loop()
    handle: list[asyncio.Handle] = []
    journal: list[str] = []
    async with ActorSystem() as system:
        ref = await system.spawn(lambda: Worker(journal), name="a")
        await ref.tell(Work())
        await ref.tell(Work())
        count()
        with capture_logs():
            await system.stop(ref)
        handle[-1].cancel()
    assert turns < 10


async def test_an_actor_can_stop_itself() -> None:
    class Once(Worker):
        async def receive(self, message: Work | Ping) -> None:
            await super().receive(message)
            self.context.stop()

    journal: list[str] = []
    async with ActorSystem() as system:
        ref = await system.spawn(lambda: Once(journal), name="a")
        await ref.tell(Work())
        assert await system.wait_stopped(ref) is None
        assert not ref.alive
    assert journal == ["worked a", "stopped a"]


async def test_drain_handles_all_that_there_is_then_stops() -> None:
    class Chain(Worker):
        async def receive(self, message: Work | Ping) -> None:
            await super().receive(message)
            if len(self.journal) < 5:
                self.context.run_task(pause, 0.001, then=lambda _: Work())

    journal: list[str] = []
    async with ActorSystem() as system:
        ref = await system.spawn(lambda: Chain(journal), name="a")
        await ref.tell(Work())
        report = await system.drain(deadline_s=20)
        assert report.complete
        with pytest.raises(NotRunning):
            await system.spawn(lambda: Worker(journal))
    assert journal == ["worked a"] * 5 + ["stopped a"]


async def test_drain_ends_at_its_one_deadline_and_reports_what_is_left() -> None:
    class Stubborn(Worker):
        async def stopped(self) -> None:
            try:
                await asyncio.sleep(3600)
            except asyncio.CancelledError:
                self.journal.append("gave up")
                raise

    journal: list[str] = []
    before = asyncio.all_tasks()
    loop = asyncio.get_running_loop()
    async with ActorSystem() as system:
        ref = await system.spawn(lambda: Stubborn(journal), name="a")
        await ref.tell(Work(3600))
        await ref.tell(Work())
        await asyncio.sleep(0)
        begun = loop.time()
        with capture_logs():
            report = await system.drain(deadline_s=0.05)
        took = loop.time() - begun
    assert 0.05 <= round(took, 9) < 3600
    assert not report.complete
    assert report.undelivered == {"a": 1}
    assert report.interrupted == ["a"]
    assert journal == ["gave up"]
    assert asyncio.all_tasks() == before


def test_a_drain_takes_exactly_its_deadline_at_worst() -> None:
    class Stubborn(Worker):
        async def stopped(self) -> None:
            self.journal.append(f"interrupted at {self.context.clock.now():g}")
            await asyncio.sleep(3600)

    async def main() -> list[str]:
        journal: list[str] = []
        async with ActorSystem(stop_deadline_s=10.0) as system:
            for name in ("a", "b"):
                ref = await system.spawn(lambda: Stubborn(journal), name=name)
                await ref.tell(Work(3600))
            await system.drain(deadline_s=100.0)
            journal.append(f"drained at {system.clock.now():g}")
        return journal

    run = run_controlled(main, deadlines="fire")
    assert run.result == ["interrupted at 90", "interrupted at 90", "drained at 100"]


async def test_a_block_left_by_an_exception_leaves_no_task_and_releases_resources() -> None:
    journal: list[str] = []
    before = asyncio.all_tasks()
    with capture_logs(), pytest.raises(KeyError, match="lost"):
        async with ActorSystem() as system:
            ref = await system.spawn(lambda: Worker(journal), name="a")
            await system.spawn(lambda: Worker(journal), name="b")
            await ref.tell(Work(3600))
            await asyncio.sleep(0)
            raise KeyError("lost")
    assert journal == ["stopped b", "stopped a"]
    assert asyncio.all_tasks() == before


async def test_a_cancelled_block_leaves_no_task() -> None:
    journal: list[str] = []

    async def block() -> None:
        async with ActorSystem() as system:
            ref = await system.spawn(lambda: Worker(journal), name="a")
            await ref.tell(Work(3600))
            await ref.ask(Ping(), deadline_s=3600)

    before = asyncio.all_tasks()
    task = asyncio.create_task(block())
    await asyncio.sleep(0.01)
    task.cancel()
    await asyncio.wait([task])
    assert task.cancelled()
    assert journal == ["stopped a"]
    assert asyncio.all_tasks() == before


async def test_an_error_in_stopped_is_logged_and_hinders_nobody() -> None:
    class Clumsy(Worker):
        async def stopped(self) -> None:
            raise OSError("already closed")

    journal: list[str] = []
    with capture_logs() as logs:
        async with ActorSystem() as system:
            await system.spawn(lambda: Worker(journal), name="a")
            await system.spawn(lambda: Clumsy(journal), name="b")
    assert journal == ["stopped a"]
    assert [(log["event"], log["actor"]) for log in logs] == [("stopped() raised", "b")]


async def test_timers_come_as_messages_unless_cancelled() -> None:
    class Clockwork(Worker):
        async def started(self) -> None:
            self.context.call_later(0.001, Work())
            self.context.call_later(0.001, Work()).cancel()

    journal: list[str] = []
    async with ActorSystem() as system:
        ref = await system.spawn(lambda: Clockwork(journal), name="a")
        while not journal:  # noqa: ASYNC110  # polls another task
            await asyncio.sleep(0.001)
        assert await ref.ask(Ping(), deadline_s=5) == "pong"
    assert journal == ["worked a", "stopped a"]
