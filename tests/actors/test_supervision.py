"""Failures: stop, restart within a budget, escalate; death-watch; births that fail."""

import asyncio
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from structlog.testing import capture_logs

from cellview.actors import (
    Actor,
    ActorFailed,
    ActorSystem,
    ChildFailed,
    Escalate,
    InterruptedHandler,
    NameTaken,
    NotRunning,
    Ref,
    Request,
    Restart,
    SpawnFailed,
    Stop,
    Supervision,
    SystemFailed,
    Terminated,
)


class Break(msgspec.Struct, frozen=True):
    why: str = "broken"


class Count(Request[tuple[int, int]], frozen=True):
    pass


async def pause(seconds: float) -> None:
    await asyncio.sleep(seconds)


class Frail(Actor[Break | Count]):
    """Counts what it survived; answers with (incarnation, messages counted in this one)."""

    def __init__(self, journal: list[str] | None = None) -> None:
        self.journal = [] if journal is None else journal
        self.counted = 0

    async def started(self) -> None:
        self.journal.append(f"started {self.context.name} {self.context.incarnation}")

    async def receive(self, message: Break | Count) -> None:
        if isinstance(message, Break):
            raise ValueError(message.why)
        self.counted += 1
        self.context.reply((self.context.incarnation, self.counted))

    async def stopped(self) -> None:
        self.journal.append(f"stopped {self.context.name} {self.context.incarnation}")


async def test_an_actor_is_ready_when_spawn_returns() -> None:
    class Slow(Frail):
        async def started(self) -> None:
            await asyncio.sleep(0.01)
            await super().started()

    journal: list[str] = []
    async with ActorSystem() as system:
        await system.spawn(lambda: Slow(journal), name="slow")
        assert journal == ["started slow 0"]


@pytest.mark.parametrize("where", ["constructor", "started"])
async def test_a_birth_that_fails_leaves_no_zombie(where: str) -> None:
    children: list[Ref[Any]] = []

    class Stillborn(Frail):
        def __init__(self) -> None:
            if where == "constructor":
                raise OSError("no room")
            super().__init__()

        async def started(self) -> None:
            children.append(await self.context.spawn(Frail, name="child"))
            raise OSError("no room")

    tasks = asyncio.all_tasks()
    async with ActorSystem() as system:
        with pytest.raises(SpawnFailed, match="no room") as caught:
            await system.spawn(Stillborn, name="a", supervision=Restart())
        assert isinstance(caught.value.__cause__, OSError)
        assert system.counters() == {}
        assert all(not child.alive for child in children)
        await asyncio.sleep(0)
        assert asyncio.all_tasks() == tasks
        await system.spawn(Frail, name="a")  # the name is free again


async def test_a_spawn_that_is_cancelled_leaves_no_zombie() -> None:
    class Slow(Frail):
        async def started(self) -> None:
            await asyncio.sleep(60)

    async with ActorSystem() as system:
        spawning = asyncio.create_task(system.spawn(Slow))
        await asyncio.sleep(0.01)
        spawning.cancel()
        await asyncio.wait([spawning])
        while system.counters():  # noqa: ASYNC110  # polls another task
            await asyncio.sleep(0)


async def test_a_spawn_cut_off_before_its_first_step_leaves_no_zombie() -> None:
    async def spawn() -> None:
        await system.spawn(Frail)

    if asyncio.get_running_loop().get_task_factory() is not None:
        pytest.skip("an eager task has no moment before its first step")
    system = ActorSystem()
    spawning = asyncio.create_task(spawn())
    with pytest.raises(KeyError):
        async with system:
            await asyncio.sleep(0)  # the actor's task exists now, and has not run
            raise KeyError
    with pytest.raises(SpawnFailed, match="before it could start"):
        await spawning
    assert system.counters() == {}


async def test_a_failure_stops_the_actor_by_default_and_is_logged() -> None:
    journal: list[str] = []
    async with ActorSystem() as system:
        ref = await system.spawn(lambda: Frail(journal), name="a")
        with capture_logs() as logs:
            await ref.tell(Break())
            reason = await system.wait_stopped(ref)
        assert isinstance(reason, ValueError)
        assert not ref.alive
        assert journal == ["started a 0", "stopped a 0"]
        assert [(log["event"], log["actor"], log["cause"]) for log in logs] == [
            ("actor failed", "a", "ValueError('broken')")
        ]


async def test_a_restart_gives_a_fresh_instance_keeps_the_mailbox_and_logs_its_cause() -> None:
    journal: list[str] = []
    async with ActorSystem() as system:
        ref = await system.spawn(lambda: Frail(journal), name="a", supervision=Restart())
        assert await ref.ask(Count(), deadline_s=5) == (0, 1)
        with capture_logs() as logs:
            await ref.tell(Break("first"))
            assert await ref.ask(Count(), deadline_s=5) == (1, 1)
        assert journal == ["started a 0", "stopped a 0", "started a 1"]
        assert [(log["event"], log["actor"], log["cause"]) for log in logs] == [
            ("actor restarted", "a", "ValueError('first')")
        ]
        counts = system.counters()["a"]
        assert (counts.failed, counts.restarts) == (1, 1)


async def test_the_message_of_a_failure_is_not_tried_again() -> None:
    async with ActorSystem() as system:
        ref = await system.spawn(Frail, name="a", supervision=Restart())
        with capture_logs():
            await ref.tell(Break())
            await ref.ask(Count(), deadline_s=5)
        assert system.counters()["a"].failed == 1


@pytest.mark.parametrize("asked", [True, False])
async def test_a_supervision_that_retries_gives_the_message_to_the_next_incarnation_first(asked: bool) -> None:
    class Moody(Frail):
        async def receive(self, message: Break | Count) -> None:
            journal.append(f"{type(message).__name__} {self.context.incarnation}")
            if self.context.incarnation < 2:
                raise ValueError("in a mood")
            if isinstance(message, Count):
                await super().receive(message)

    journal: list[str] = []
    async with ActorSystem() as system:
        ref = await system.spawn(Moody, supervision=Restart(retry=True))
        with capture_logs():
            if not asked:
                await ref.tell(Break())
            assert await ref.ask(Count(), deadline_s=5) == (2, 1)
    assert journal == (["Count 0", "Count 1", "Count 2"] if asked else ["Break 0", "Break 1", "Break 2", "Count 2"])


@pytest.mark.parametrize("answer", ["reply", "defer"])
async def test_an_ask_that_was_answered_or_deferred_is_not_retried(answer: str) -> None:
    class Hasty(Actor[Count]):
        async def receive(self, message: Count) -> None:
            seen.append(self.context.incarnation)
            if answer == "reply":
                self.context.reply((0, 0))
            else:
                self.context.defer_reply()
            raise ValueError("after the deed")

    seen: list[int] = []
    async with ActorSystem() as system:
        ref = await system.spawn(Hasty, name="h", supervision=Restart(retry=True))
        with capture_logs():
            if answer == "reply":
                assert await ref.ask(Count(), deadline_s=5) == (0, 0)
            else:
                with pytest.raises(ActorFailed, match="answer it owed"):
                    await ref.ask(Count(), deadline_s=5)
            while system.counters()["h"].restarts < 1:  # noqa: ASYNC110  # polls another task
                await asyncio.sleep(0)
            await asyncio.sleep(0.01)
    assert seen == [0]


async def test_a_message_that_always_fails_ends_as_a_failed_ask_when_the_budget_is_spent() -> None:
    class Poisoned(Frail):
        async def receive(self, message: Break | Count) -> None:
            raise ValueError("always")

    async with ActorSystem() as system:
        ref = await system.spawn(Poisoned, name="p", supervision=Restart(max_restarts=2, retry=True))
        with capture_logs(), pytest.raises(ActorFailed, match="always"):
            await ref.ask(Count(), deadline_s=5)
        assert not ref.alive


async def test_the_restart_budget_is_per_child() -> None:
    class Parent(Actor[Break]):
        async def started(self) -> None:
            for name in "ab":
                kids.append(
                    await self.context.spawn(Frail, name=name, supervision=Restart(max_restarts=2, within_s=60))
                )

        async def receive(self, message: Break) -> None: ...

    kids: list[Ref[Break | Count]] = []
    async with ActorSystem() as system:
        await system.spawn(Parent, name="p")
        with capture_logs():
            for kid in kids:
                for _ in range(2):
                    await kid.tell(Break())
                assert await kid.ask(Count(), deadline_s=5) == (2, 1)
            await kids[0].tell(Break())
            await system.wait_stopped(kids[0])
        assert not kids[0].alive
        assert await kids[1].ask(Count(), deadline_s=5) == (2, 2)


async def test_the_restart_budget_refills_with_time() -> None:
    from cellview.actors.supervision import Budget

    budget = Budget(Restart(max_restarts=2, within_s=10))
    assert [budget.decide(at) for at in (0.0, 1.0, 2.0, 10.0, 10.5, 11.0)] == [
        "restart",
        "restart",
        "stop",
        "restart",
        "stop",
        "restart",
    ]


async def test_a_constructor_that_raises_at_a_restart_spends_the_budget() -> None:
    births = 0

    class OnlyOnce(Frail):
        def __init__(self) -> None:
            nonlocal births
            births += 1
            if births > 1:
                raise OSError("no second life")
            super().__init__()

    async with ActorSystem() as system:
        ref = await system.spawn(OnlyOnce, supervision=Restart(max_restarts=3))
        with capture_logs():
            await ref.tell(Break())
            assert isinstance(await system.wait_stopped(ref), OSError)
    assert births == 4


async def test_a_restart_ends_children_tasks_and_timers_of_the_incarnation() -> None:
    class Busy(Actor[Break | Count]):
        async def started(self) -> None:
            if self.context.incarnation == 0:
                await self.context.spawn(Frail, name="child")
                self.context.watch(watched)
                self.context.call_later(0.02, Break("timer"))
                self.context.run_task(pause, 0.02, then=lambda _: Break("task"))

        async def receive(self, message: Break | Count) -> None:
            if isinstance(message, Break):
                raise ValueError(message.why)
            self.context.reply((self.context.incarnation, 0))

    async with ActorSystem() as system:
        watched = await system.spawn(Frail, name="w")
        ref = await system.spawn(Busy, name="b", supervision=Restart(max_restarts=1))
        assert list(system.counters()) == ["w", "b", "b/child"]
        with capture_logs():
            await ref.tell(Break())
            assert await ref.ask(Count(), deadline_s=5) == (1, 0)
        assert list(system.counters()) == ["w", "b"]
        await system.stop(watched)  # a notice of it would be an unknown message, answered to nobody: a failure
        await asyncio.sleep(0.04)
        assert await ref.ask(Count(), deadline_s=5) == (1, 0)


async def test_escalation_fails_the_parent_and_its_supervision_decides() -> None:
    class Parent(Actor[Break]):
        async def started(self) -> None:
            incarnations.append(self.context.incarnation)
            kids.append(await self.context.spawn(Frail, name="kid", supervision=Escalate()))

        async def receive(self, message: Break) -> None: ...

    incarnations: list[int] = []
    kids: list[Ref[Break | Count]] = []
    async with ActorSystem() as system:
        await system.spawn(Parent, name="p", supervision=Restart())
        with capture_logs() as logs:
            await kids[0].tell(Break())
            await system.wait_stopped(kids[0])
            while len(kids) < 2:  # noqa: ASYNC110  # polls another task
                await asyncio.sleep(0)
        assert await kids[1].ask(Count(), deadline_s=5) == (0, 1)
    assert incarnations == [0, 1]
    restart = next(log for log in logs if log["event"] == "actor restarted")
    assert isinstance(restart["exc_info"], ChildFailed)


@pytest.mark.parametrize("supervision", [Escalate(), Restart(max_restarts=1, exhausted="escalate")])
async def test_escalation_at_the_top_fails_the_system_and_leaves_no_task(supervision: Supervision) -> None:
    before = asyncio.all_tasks()
    with capture_logs(), pytest.raises(SystemFailed, match="a failed and escalated") as caught:
        async with ActorSystem() as system:
            ref = await system.spawn(Frail, name="a", supervision=supervision)
            await system.spawn(Frail, name="b")
            await ref.tell(Break())
            await ref.tell(Break())
            await asyncio.sleep(60)
    assert isinstance(caught.value.__cause__, ValueError)
    assert asyncio.all_tasks() == before


async def test_a_cancelled_handler_is_a_failure_like_another() -> None:
    class Cancels(Frail):
        async def receive(self, message: Break | Count) -> None:
            if isinstance(message, Break):
                raise asyncio.CancelledError
            await super().receive(message)

    async with ActorSystem() as system:
        ref = await system.spawn(Cancels, supervision=Restart())
        with capture_logs() as logs:
            await ref.tell(Break())
            assert await ref.ask(Count(), deadline_s=5) == (1, 1)
        assert isinstance(logs[0]["exc_info"], InterruptedHandler)


async def test_a_background_task_becomes_a_message_and_an_error_in_then_a_failure() -> None:
    class Piper(Actor[Break | Count | Terminated]):
        def __init__(self) -> None:
            self.got: list[object] = []

        async def started(self) -> None:
            async def work(fail: bool) -> str:
                await asyncio.sleep(0)
                if fail:
                    raise OSError("offline")
                return "result"

            self.context.run_task(work, False, then=self._note)
            self.context.run_task(work, True, then=self._note)

        def _note(self, outcome: str | Exception) -> Break:
            if isinstance(outcome, Exception):
                raise outcome
            return Break(outcome)

        async def receive(self, message: Break | Count | Terminated) -> None:
            results.append(message)

    results: list[object] = []
    async with ActorSystem() as system:
        ref = await system.spawn(Piper, name="p")
        with capture_logs():
            reason = await system.wait_stopped(ref)
    assert isinstance(reason, OSError)
    assert results in ([], [Break("result")])  # control comes before user messages


class Watcher(Actor[Terminated | Count]):
    def __init__(self, targets: list[Ref[Any]], seen: list[Terminated]) -> None:
        self.targets = targets
        self.seen = seen

    async def started(self) -> None:
        for target in self.targets:
            self.context.watch(target)

    async def receive(self, message: Terminated | Count) -> None:
        if isinstance(message, Terminated):
            self.seen.append(message)
        else:
            self.context.reply((0, len(self.seen)))


@pytest.mark.parametrize("failing", [True, False])
async def test_death_watch_tells_the_reason(failing: bool) -> None:
    seen: list[Terminated] = []
    async with ActorSystem() as system:
        target = await system.spawn(Frail)
        watcher = await system.spawn(lambda: Watcher([target], seen))
        with capture_logs():
            if failing:
                await target.tell(Break())
                await system.wait_stopped(target)
            else:
                await system.stop(target)
        assert await watcher.ask(Count(), deadline_s=5) == (0, 1)
    assert seen[0].ref is target
    assert (type(seen[0].reason) is ValueError) is failing


async def test_death_watch_fires_for_the_already_dead() -> None:
    seen: list[Terminated] = []
    async with ActorSystem() as system:
        target = await system.spawn(Frail)
        await system.stop(target)
        watcher = await system.spawn(lambda: Watcher([target], seen))
        assert await watcher.ask(Count(), deadline_s=5) == (0, 1)


async def test_names_are_unique_among_the_living() -> None:
    async with ActorSystem() as system:
        ref = await system.spawn(Frail, name="a")
        with pytest.raises(NameTaken, match="a already"):
            await system.spawn(Frail, name="a")
        await system.stop(ref)
        await system.spawn(Frail, name="a")


async def test_nothing_is_spawned_outside_the_life_of_a_system() -> None:
    system = ActorSystem()
    with pytest.raises(NotRunning):
        await system.spawn(Frail)
    async with system:
        pass
    with pytest.raises(NotRunning):
        await system.spawn(Frail)


@pytest.mark.parametrize(
    "make",
    [
        lambda: Restart(max_restarts=0),
        lambda: Restart(within_s=0),
        lambda: Restart(within_s=float("nan")),
        lambda: ActorSystem(stop_deadline_s=0),
    ],
)
def test_settings_that_mean_nothing_are_refused(make: Callable[[], object]) -> None:
    with pytest.raises(ValueError, match="must be"):
        make()


async def test_stop_is_the_default() -> None:
    assert Stop() == Stop()
    async with ActorSystem() as system:
        with pytest.raises(ValueError, match="mailbox is 0"):
            await system.spawn(Frail, mailbox=0)
        with pytest.raises(ValueError, match="must not be empty"):
            await system.spawn(Frail, name="a/b")
