"""What has ended leaves nothing behind in those that go on: a service runs for weeks."""

import asyncio
from typing import Any

import msgspec
from structlog.testing import capture_logs

from cellview.actors import Actor, ActorSystem, Ref, Reply, Request, Restart, Terminated
from cellview.actors.cell import cell_of


class Go(msgspec.Struct, frozen=True):
    pass


class Later(Request[str], frozen=True):
    pass


class Children(Request[list[str]], frozen=True):
    pass


class Short(Actor[Go]):
    async def receive(self, message: Go) -> None:
        self.context.stop()


class Parent(Actor[Go | Children | Later | Terminated]):
    """Starts a child and watches it."""

    def __init__(self) -> None:
        self.ended: list[str] = []
        self.owed: Reply[str] | None = None

    async def receive(self, message: Go | Children | Later | Terminated) -> None:
        match message:
            case Go():
                child = await self.context.spawn(Short, name="child")
                self.context.watch(child)
                await child.tell(Go())
            case Later():
                self.owed = self.context.defer_reply(message)
                await self.context.self.tell(Go())
            case Terminated(ref, _):
                self.ended.append(ref.name)
                if self.owed is not None:
                    self.owed.send("done")
            case Children():
                self.context.reply([child.name for child in self.context.children])


async def test_a_dead_child_is_forgotten_by_its_parent_and_its_watcher() -> None:
    parent = Parent()
    async with ActorSystem() as system:
        ref = await system.spawn(lambda: parent, name="parent")
        for round_number in range(1, 4):  # the name is free again each time
            await ref.tell(Go())
            while len(parent.ended) < round_number:  # noqa: ASYNC110  # polls another task
                await asyncio.sleep(0)
            assert await ref.ask(Children(), deadline_s=5) == []
        assert not cell_of(ref).children
        assert not cell_of(ref).watched
        assert list(system.counters()) == ["parent"]


async def test_an_answer_that_was_owed_is_forgotten_once_it_is_given() -> None:
    async with ActorSystem() as system:
        ref = await system.spawn(Parent)
        assert await ref.ask(Later(), deadline_s=5) == "done"
        assert not cell_of(ref).owed


async def test_a_notice_of_death_that_nobody_takes_is_no_dead_letter() -> None:
    class Squeamish(Actor[Terminated]):
        """Fails over the first death, and cannot start again."""

        def __init__(self, watched: Ref[Any]) -> None:
            self.watched = watched

        async def started(self) -> None:
            if self.context.incarnation:
                raise RuntimeError("never again")
            self.context.watch(self.watched)

        async def receive(self, message: Terminated) -> None:
            raise ValueError(message.ref.name)

    async with ActorSystem() as system:
        short = await system.spawn(Short, name="short")
        watcher = await system.spawn(
            lambda: Squeamish(short), supervision=Restart(max_restarts=1, within_s=60, retry=True)
        )
        with capture_logs():
            await short.tell(Go())
            assert isinstance(await system.wait_stopped(watcher), RuntimeError)
        assert system.dead_letter_count == 0
