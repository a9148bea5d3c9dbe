"""Asks: answers, deadlines, cancellation, failures of the one who was asked, cycles."""

import asyncio
from collections.abc import Callable

import msgspec
import pytest
from structlog.testing import capture_logs

from cellview.actors import (
    Actor,
    ActorFailed,
    ActorStopped,
    ActorSystem,
    AskCycle,
    DeadlineExceeded,
    LoopClock,
    NoReply,
    NothingToAnswer,
    Ref,
    Reply,
    Request,
    Restart,
)
from cellview.actors.testing import run_controlled


class Double(Request[int], frozen=True):
    number: int


class Later(Request[int], frozen=True):
    number: int


class Fail(Request[int], frozen=True):
    pass


class Forget(Request[int], frozen=True):
    pass


class Twice(Request[int], frozen=True):
    pass


class Hold(Request[int], frozen=True):
    pass


class Release(msgspec.Struct, frozen=True):
    pass


class Doubler(Actor[Double | Later | Fail | Forget | Twice | Hold | Release]):
    def __init__(self) -> None:
        self.held: list[Reply[int]] = []
        self.begun: list[int] = []
        self.gate = asyncio.Event()
        self.gate.set()

    async def receive(self, message: Double | Later | Fail | Forget | Twice | Hold | Release) -> None:
        await self.gate.wait()
        match message:
            case Double(number):
                self.begun.append(number)
                self.context.reply(2 * number)
            case Later(number):
                reply = self.context.defer_reply(message)

                async def work() -> int:
                    await asyncio.sleep(0)
                    return 2 * number

                self.context.run_task(work, then=lambda done: _send(reply, done))
            case Fail():
                raise ValueError("no good")
            case Forget():
                pass
            case Twice():
                self.context.reply(1)
                self.context.reply(2)
            case Hold():
                self.held.append(self.context.defer_reply(message))
            case Release():
                for reply in self.held:
                    reply.send(7)


def _send(reply: Reply[int], done: int | Exception) -> Release:
    assert isinstance(done, int)
    reply.send(done)
    return Release()


async def test_an_ask_is_answered_at_once_or_later() -> None:
    async with ActorSystem() as system:
        ref = await system.spawn(Doubler)
        assert await ref.ask(Double(4), deadline_s=5) == 8
        assert await ref.ask(Later(5), deadline_s=5) == 10


async def test_an_ask_that_is_late_fails_and_is_not_begun() -> None:
    actor = Doubler()
    async with ActorSystem() as system:
        ref = await system.spawn(lambda: actor, name="slow")
        actor.gate.clear()
        first = asyncio.create_task(ref.ask(Double(1), deadline_s=5))
        await asyncio.sleep(0)
        with pytest.raises(DeadlineExceeded, match=r"slow did not answer Double within 0\.01 s"):
            await ref.ask(Double(2), deadline_s=0.01)
        assert system.counters()["slow"].mailbox_depth == 0
        actor.gate.set()
        assert await first == 2
        assert actor.begun == [1]
        assert system.counters()["slow"].expired == 1


async def test_work_that_is_late_is_not_started_even_before_its_timer_fired() -> None:
    class Sleepy(Actor[Double]):
        begun: list[int]

        async def receive(self, message: Double) -> None:
            begun.append(message.number)
            now = self.context.clock.now
            end = now() + 0.02
            while now() < end:  # blocks the loop, so that the deadline passes with no timer served
                pass
            self.context.reply(0)

    begun: list[int] = []
    async with ActorSystem() as system:
        ref = await system.spawn(Sleepy)
        asks = [asyncio.create_task(ref.ask(Double(number), deadline_s=0.01)) for number in range(3)]
        results = await asyncio.gather(*asks, return_exceptions=True)
    assert begun == [0]
    assert [type(result) for result in results[1:]] == [DeadlineExceeded, DeadlineExceeded]


async def test_the_deadline_travels_to_the_asks_of_the_handler() -> None:
    class Middle(Actor[Double]):
        def __init__(self, inner: Ref[Double | Hold]) -> None:
            self.inner = inner

        async def receive(self, message: Double) -> None:
            clock = self.context.clock
            begun = clock.now()
            with pytest.raises(DeadlineExceeded):
                await self.inner.ask(Hold(), deadline_s=60)
            waits.append(clock.now() - begun)

    waits: list[float] = []
    async with ActorSystem() as system:
        inner = await system.spawn(Doubler)
        middle = await system.spawn(lambda: Middle(inner))
        with pytest.raises(DeadlineExceeded):
            await middle.ask(Double(1), deadline_s=0.02)
        await system.drain(deadline_s=5)
    assert len(waits) == 1
    assert waits[0] < 60


def test_a_handler_that_is_late_itself_asks_nobody_any_more() -> None:
    class Late(Actor[Double]):
        def __init__(self, inner: Ref[Double | Hold]) -> None:
            self.inner = inner

        async def receive(self, message: Double) -> None:
            await self.context.clock.sleep(2.0)
            with pytest.raises(DeadlineExceeded, match="had passed before"):
                await self.inner.ask(Double(1), deadline_s=60)

    async def main() -> list[int]:
        inner_actor = Doubler()
        async with ActorSystem() as system:
            inner = await system.spawn(lambda: inner_actor)
            late = await system.spawn(lambda: Late(inner))
            with pytest.raises(DeadlineExceeded):
                await late.ask(Double(1), deadline_s=1.0)
            await system.drain(deadline_s=60)
        return inner_actor.begun

    assert run_controlled(main).result == []


async def test_a_deferred_reply_is_used_once() -> None:
    actor = Doubler()
    async with ActorSystem() as system:
        ref = await system.spawn(lambda: actor)
        asked = asyncio.create_task(ref.ask(Hold(), deadline_s=60))
        while not actor.held:  # noqa: ASYNC110  # polls another task
            await asyncio.sleep(0)
        assert actor.held[0].deadline > 0
        assert actor.held[0].fail(LookupError("by the actor's own will"))
        with pytest.raises(NothingToAnswer, match="used before"):
            actor.held[0].send(1)
        with pytest.raises(LookupError, match="own will"):
            await asked


async def test_an_ask_that_waits_for_room_keeps_its_deadline() -> None:
    actor = Doubler()
    async with ActorSystem() as system:
        ref = await system.spawn(lambda: actor, mailbox=1)
        actor.gate.clear()
        asks = [asyncio.create_task(ref.ask(Double(number), deadline_s=5)) for number in range(2)]
        await asyncio.sleep(0)
        with pytest.raises(DeadlineExceeded):
            await ref.ask(Double(9), deadline_s=0.01)
        actor.gate.set()
        assert await asyncio.gather(*asks) == [0, 2]
    assert actor.begun == [0, 1]


class RecordingClock(LoopClock):
    """The loop's clock, which remembers every timer."""

    def __init__(self) -> None:
        super().__init__()
        self.timers: list[asyncio.TimerHandle] = []
        self.call_at = self._call_at

    def _call_at(self, when: float, callback: Callable[..., object], *args: object) -> asyncio.TimerHandle:
        self.timers.append(asyncio.get_running_loop().call_at(when, callback, *args))
        return self.timers[-1]


async def test_a_cancelled_ask_leaves_nothing_behind() -> None:
    actor = Doubler()
    clock = RecordingClock()
    async with ActorSystem(clock=clock) as system:
        ref = await system.spawn(lambda: actor, name="a", mailbox=2)
        actor.gate.clear()
        asks = [asyncio.create_task(ref.ask(Double(number), deadline_s=60)) for number in range(4)]
        await asyncio.sleep(0.01)
        for ask in asks[1:]:  # two in the mailbox, one waiting for room
            ask.cancel()
        await asyncio.wait(asks[1:])
        assert system.counters()["a"].mailbox_depth == 0
        actor.gate.set()
        assert await asks[0] == 0
        assert await ref.ask(Double(7), deadline_s=5) == 14
        held = asyncio.create_task(ref.ask(Hold(), deadline_s=60))
        while not actor.held:  # noqa: ASYNC110  # polls another task
            await asyncio.sleep(0)
        held.cancel()
        await asyncio.wait([held])
        assert not actor.held[0].wanted
        assert actor.held[0].send(1) is False
    assert actor.begun == [0, 7]
    assert len(clock.timers) == 6 + 1  # one for each ask, and one for the stop at the end of the block
    assert all(timer.cancelled() for timer in clock.timers)


async def test_the_asker_of_an_actor_that_fails_is_failed_at_once_with_the_reason() -> None:
    async with ActorSystem() as system:
        ref = await system.spawn(Doubler, name="d")
        with capture_logs(), pytest.raises(ActorFailed, match="d failed while it handled Fail: ValueError") as caught:
            await ref.ask(Fail(), deadline_s=60)
        assert isinstance(caught.value.__cause__, ValueError)
        with pytest.raises(ActorStopped, match="died of ValueError"):
            await ref.ask(Double(1), deadline_s=60)


@pytest.mark.parametrize("restart", [False, True])
async def test_an_owed_answer_fails_when_the_actor_fails(restart: bool) -> None:
    async with ActorSystem() as system:
        ref = await (system.spawn(Doubler, supervision=Restart()) if restart else system.spawn(Doubler))
        owed = asyncio.create_task(ref.ask(Hold(), deadline_s=60))
        await asyncio.sleep(0)
        with capture_logs(), pytest.raises(ActorFailed):
            await ref.ask(Fail(), deadline_s=60)
        with pytest.raises(ActorFailed, match="answer it owed"):
            await owed


async def test_waiting_asks_survive_a_restart() -> None:
    async with ActorSystem() as system:
        ref = await system.spawn(Doubler, supervision=Restart())
        asks = [asyncio.create_task(ref.ask(request, deadline_s=60)) for request in (Fail(), Double(3))]
        with capture_logs():
            results = await asyncio.gather(*asks, return_exceptions=True)
    assert isinstance(results[0], ActorFailed)
    assert results[1] == 6


async def test_asks_in_the_mailbox_fail_when_the_actor_stops() -> None:
    actor = Doubler()
    async with ActorSystem() as system:
        ref = await system.spawn(lambda: actor)
        actor.gate.clear()
        asks = [asyncio.create_task(ref.ask(Double(number), deadline_s=60)) for number in range(2)]
        await asyncio.sleep(0)
        stopping = asyncio.create_task(system.stop(ref))
        await asyncio.sleep(0)
        actor.gate.set()
        await stopping
        assert await asks[0] == 0
        with pytest.raises(ActorStopped):
            await asks[1]


async def test_waiting_asks_fail_at_once_even_when_the_dead_actor_is_slow_to_clean_up() -> None:
    class Untidy(Doubler):
        async def stopped(self) -> None:
            await cleaned.wait()

    cleaned = asyncio.Event()
    async with ActorSystem() as system:
        ref = await system.spawn(Untidy)
        asks = [asyncio.create_task(ref.ask(each, deadline_s=60)) for each in (Hold(), Fail(), Double(1))]
        with capture_logs():
            results = await asyncio.gather(*asks, return_exceptions=True)
        assert [type(result) for result in results] == [ActorFailed, ActorFailed, ActorStopped]
        assert not cleaned.is_set()
        cleaned.set()


async def test_an_actor_that_is_stopped_may_still_answer_what_it_owes() -> None:
    class Polite(Doubler):
        async def stopped(self) -> None:
            for reply in self.held:
                reply.send(-1)

    async with ActorSystem() as system:
        ref = await system.spawn(Polite)
        asked = asyncio.create_task(ref.ask(Hold(), deadline_s=60))
        await asyncio.sleep(0.01)
        await system.stop(ref)
        assert await asked == -1


async def test_a_handler_that_forgets_to_answer_fails_the_asker() -> None:
    async with ActorSystem() as system:
        ref = await system.spawn(Doubler, name="d")
        with pytest.raises(NoReply, match="d handled Forget without reply"):
            await ref.ask(Forget(), deadline_s=60)


async def test_a_request_is_answered_once() -> None:
    async with ActorSystem() as system:
        ref = await system.spawn(Doubler)
        with capture_logs():
            assert await ref.ask(Twice(), deadline_s=60) == 1
            failure = await system.wait_stopped(ref)
        assert isinstance(failure, NothingToAnswer)


async def test_a_late_answer_is_refused_without_an_error() -> None:
    actor = Doubler()
    async with ActorSystem() as system:
        ref = await system.spawn(lambda: actor)
        with pytest.raises(DeadlineExceeded):
            await ref.ask(Hold(), deadline_s=0.001)
        await ref.tell(Release())
        assert await ref.ask(Double(1), deadline_s=5) == 2


async def test_a_cycle_of_asks_is_an_error_with_its_chain() -> None:
    class Link(Actor[Double]):
        next: Ref[Double]

        async def receive(self, message: Double) -> None:
            self.context.reply(await self.next.ask(message, deadline_s=60))

    links = [Link() for _ in range(3)]
    async with ActorSystem() as system:
        refs = [
            await system.spawn(lambda link=link: link, name=name)  # type: ignore[misc]
            for name, link in zip("abc", links, strict=True)
        ]
        for place, link in enumerate(links):
            link.next = refs[(place + 1) % 3]
        with capture_logs(), pytest.raises(ActorFailed) as caught:
            await refs[0].ask(Double(1), deadline_s=60)
    deepest: BaseException = caught.value
    while deepest.__cause__ is not None:
        deepest = deepest.__cause__
    assert isinstance(deepest, AskCycle)
    assert "c -> a -> b -> c" in str(deepest)


async def test_asking_oneself_is_a_cycle() -> None:
    class Narcissus(Actor[Double]):
        async def receive(self, message: Double) -> None:
            await self.context.self.ask(message, deadline_s=60)

    async with ActorSystem() as system:
        ref = await system.spawn(Narcissus, name="n")
        with capture_logs(), pytest.raises(ActorFailed, match="n -> n"):
            await ref.ask(Double(1), deadline_s=60)


async def test_a_deferred_answer_and_a_background_ask_are_no_cycle() -> None:
    class Front(Actor[Double | Release]):
        back: Ref[Double]

        async def receive(self, message: Double | Release) -> None:
            if isinstance(message, Release):
                return
            if message.number == 0:
                self.context.reply(1)
                return
            reply = self.context.defer_reply(message)

            async def work() -> int:
                return await self.back.ask(message, deadline_s=60)

            self.context.run_task(work, then=lambda done: _send(reply, done))

    class Back(Actor[Double]):
        def __init__(self, front: Ref[Double]) -> None:
            self.front = front

        async def receive(self, message: Double) -> None:
            self.context.reply(10 + await self.front.ask(Double(0), deadline_s=60))

    front = Front()
    async with ActorSystem() as system:
        ref = await system.spawn(lambda: front)
        front.back = await system.spawn(lambda: Back(ref))
        assert await ref.ask(Double(5), deadline_s=5) == 11


@pytest.mark.parametrize("deadline", [0, -1, float("nan"), float("inf")])
async def test_a_deadline_is_a_positive_number(deadline: float) -> None:
    async with ActorSystem() as system:
        ref = await system.spawn(Doubler)
        with pytest.raises(ValueError, match="deadline_s"):
            await ref.ask(Double(1), deadline_s=deadline)
