"""The test kit itself: control, virtual time, deadlock, what is refused, interventions, replay, reproducibility."""

import asyncio
import os
import random
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import anyio
import msgspec
import pytest
from hypothesis import given, settings

from cellview.actors import Actor, ActorFailed, ActorStopped, ActorSystem, DeadlineExceeded, Ref, Request, Restart
from cellview.actors.testing import (
    PCT,
    SCHEDULE_ONLY,
    Cancel,
    Crash,
    Deadlock,
    Delay,
    DropReply,
    Duplicate,
    Fifo,
    Hold,
    InsideALoop,
    Intervention,
    LeftBehind,
    Livelock,
    NotAReplay,
    ReplayDiverged,
    Scheduler,
    SeededRandom,
    Uncontrolled,
    draw,
    explore,
    forget_passing_runs,
    interventions,
    replay,
    run_controlled,
)


class Note(msgspec.Struct, frozen=True):
    text: str


class Read(Request[list[str]], frozen=True):
    pass


class Pause(Request[list[str]], frozen=True):
    seconds: float


class Book(Actor[Note | Read | Pause]):
    def __init__(self) -> None:
        self.notes: list[str] = []

    async def receive(self, message: Note | Read | Pause) -> None:
        match message:
            case Note(text):
                self.notes.append(text)
            case Read():
                self.context.reply(list(self.notes))
            case Pause(seconds):
                await self.context.clock.sleep(seconds)
                self.notes.append("paused")
                self.context.reply(list(self.notes))


class Echo(Actor[Note]):
    def __init__(self, book: Ref[Note]) -> None:
        self.book = book

    async def receive(self, message: Note) -> None:
        await self.book.tell(Note(f"{message.text} by {self.context.name}"))


async def gossip() -> list[str]:
    """Two echoes write three notes each into a book."""
    async with ActorSystem() as system:
        book = await system.spawn(Book, name="book", supervision=Restart())
        echoes = [await system.spawn(lambda: Echo(book), name=name, supervision=Restart()) for name in ("ann", "bob")]
        for number in range(3):
            for echo in echoes:
                await echo.tell(Note(str(number)))
        while len(notes := await book.ask(Read(), deadline_s=1000)) < 6:
            await asyncio.sleep(1)
            if asyncio.get_running_loop().time() > 20:
                break
        return notes


SCHEDULERS: list[Callable[[], Scheduler]] = [Fifo, lambda: SeededRandom(7), lambda: PCT(7, depth=3, steps=30)]


@pytest.mark.parametrize("make", SCHEDULERS)
def test_the_same_schedule_twice_gives_the_same_digest(make: Callable[[], Scheduler]) -> None:
    first, second = run_controlled(gossip, scheduler=make()), run_controlled(gossip, scheduler=make())
    assert first.digest == second.digest
    assert first.choices == second.choices
    assert first.result == second.result


def test_schedulers_differ() -> None:
    assert len({run_controlled(gossip, scheduler=SeededRandom(seed)).digest for seed in range(20)}) > 10
    assert len({run_controlled(gossip, scheduler=PCT(seed, steps=20)).digest for seed in range(20)}) > 3


def test_the_digest_does_not_depend_on_the_hash_seed(tmp_path: Path) -> None:
    script = tmp_path / "digest.py"
    script.write_text(
        "import importlib.util, sys\n"
        f"spec = importlib.util.spec_from_file_location('kit', {__file__!r})\n"
        "kit = importlib.util.module_from_spec(spec)\n"
        "sys.modules['kit'] = kit\n"
        "spec.loader.exec_module(kit)\n"
        "runs = [kit.run_controlled(kit.gossip, scheduler=kit.SeededRandom(seed)) for seed in range(5)]\n"
        "runs += [kit.run_controlled(kit.gossip, interventions=[kit.Hold('bob', 0, 3), kit.Crash('ann', 1)])]\n"
        "print([run.digest for run in runs])\n"
    )
    digests = {
        subprocess.run(
            [sys.executable, str(script)],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("0", "1", "4242")
    }
    assert len(digests) == 1


def test_time_is_virtual_and_jumps() -> None:
    async def main() -> float:
        async with ActorSystem() as system:
            book = await system.spawn(Book)
            await book.ask(Pause(3600.0), deadline_s=4000)
            await anyio.sleep(3600)
            return system.clock.now()

    begun = time.monotonic()
    run = run_controlled(main)
    assert run.result == run.virtual_seconds == 7200.0
    assert time.monotonic() - begun < 600  # an hour of it would be real otherwise


def test_only_deliveries_and_timers_are_choices() -> None:
    async def main() -> list[str]:
        order: list[str] = []

        async def step(name: str) -> None:
            for _ in range(3):
                order.append(name)
                await asyncio.sleep(0)

        async with anyio.create_task_group() as group:
            group.start_soon(step, "a")
            group.start_soon(step, "b")
        return order

    orders = {tuple(run_controlled(main, scheduler=SeededRandom(seed)).result) for seed in range(10)}
    assert len(orders) == 1


def test_a_deadlock_raises_with_the_wait_for_graph() -> None:
    async def main() -> None:
        async with ActorSystem() as system:
            stuck = await system.spawn(lambda: Stuck(asyncio.Event()), name="stuck")
            boss = await system.spawn(lambda: Boss(stuck), name="boss")
            await boss.ask(Read(), deadline_s=60)

    class Stuck(Actor[Read]):
        def __init__(self, event: asyncio.Event) -> None:
            self.event = event

        async def receive(self, message: Read) -> None:
            await self.event.wait()

    class Boss(Actor[Read]):
        def __init__(self, other: Ref[Read]) -> None:
            self.other = other

        async def receive(self, message: Read) -> None:
            self.context.reply(await self.other.ask(message, deadline_s=60))

    with pytest.raises(Deadlock) as caught:
        run_controlled(main)
    text = str(caught.value)
    assert "only deadlines are left to happen" in text
    assert "boss, handling Read, waits for an answer of stuck" in text
    assert "stuck, handling Read, waits for something that is no actor, at " in text
    assert "wait, line" in text
    with pytest.raises(DeadlineExceeded):
        run_controlled(main, deadlines="fire")


def test_a_livelock_is_cut_short() -> None:
    class Spinner(Actor[Note]):
        async def receive(self, message: Note) -> None:
            await self.context.self.tell(message)

    async def main() -> None:
        async with ActorSystem() as system:
            ref = await system.spawn(Spinner, name="spinner")
            await ref.tell(Note("round"))
            await system.drain(deadline_s=10)

    with pytest.raises(Livelock, match="spinner"):
        run_controlled(main, max_deliveries=200)


async def test_a_controlled_run_inside_a_loop_is_refused() -> None:
    with pytest.raises(InsideALoop, match="plain `def`"):
        run_controlled(gossip)


def test_a_task_left_behind_is_an_error() -> None:
    async def main() -> None:
        kept.append(asyncio.create_task(asyncio.sleep(5), name="forgotten"))

    kept: list[asyncio.Task[None]] = []
    with pytest.raises(LeftBehind, match="forgotten"):
        run_controlled(main)


def _spawn_thread() -> None:
    threading.Thread(target=print).start()


OUTSIDE: list[tuple[Any, Callable[[], object]]] = [
    ("clock", lambda: time.time()),
    ("clock", lambda: time.monotonic()),
    ("clock", lambda: time.perf_counter()),
    ("clock", lambda: time.sleep(0)),
    ("thread", _spawn_thread),
    ("process", lambda: subprocess.run([sys.executable, "--version"], check=True, capture_output=True)),
    ("socket", lambda: socket.socket().close()),
    ("entropy", lambda: os.urandom(1)),
]


@pytest.mark.parametrize(("kind", "escape"), OUTSIDE)
def test_what_is_uncontrolled_fails_loudly_even_inside_a_supervised_actor(
    kind: Any, escape: Callable[[], object]
) -> None:
    class Leaky(Actor[Note]):
        async def receive(self, message: Note) -> None:
            escape()

    async def main() -> None:
        async with ActorSystem() as system:
            ref = await system.spawn(Leaky, supervision=Restart())
            await ref.tell(Note("go"))
            await system.drain(deadline_s=10)

    with pytest.raises(Uncontrolled):
        run_controlled(main)
    run_controlled(main, allow=["clock", "thread", "process", "socket", "entropy"])
    escape()  # and it is put back afterwards


@pytest.mark.parametrize(
    "wait",
    [
        lambda: asyncio.to_thread(int),
        lambda: anyio.to_thread.run_sync(int),
        lambda: asyncio.create_subprocess_exec("true"),
        lambda: asyncio.open_connection("localhost", 1),
        lambda: anyio.run_process(["true"]),
    ],
)
def test_waiting_for_the_outside_fails_loudly(wait: Callable[[], Awaitable[object]]) -> None:
    async def main() -> None:
        await wait()

    with pytest.raises(Uncontrolled):
        run_controlled(main)


def test_hold_lets_others_go_first() -> None:
    plain = run_controlled(gossip).result
    held = run_controlled(gossip, interventions=[Hold("ann", 0, 4)])
    assert plain[0] == "0 by ann"
    assert held.result[0] == "0 by bob"
    assert sorted(held.result) == sorted(plain)
    assert held.unused == []


def test_a_hold_ends_when_nothing_else_can_happen() -> None:
    assert len(run_controlled(gossip, interventions=[Hold("ann", 0, 10_000), Hold("bob", 0, 10_000)]).result) == 6


def test_delay_takes_virtual_time() -> None:
    run = run_controlled(gossip, interventions=[Delay("ann", 0, 5.0)])
    assert run.result[:3] == ["0 by bob", "1 by bob", "2 by bob"]
    assert run.virtual_seconds >= 5.0


def test_crash_loses_the_message_and_restarts_the_actor() -> None:
    run = run_controlled(gossip, interventions=[Crash("ann", 1)])
    assert sorted(run.result) == ["0 by ann", "0 by bob", "1 by bob", "2 by ann", "2 by bob"]
    assert [log["event"] for log in run.logs] == ["actor restarted"]


def test_duplicate_delivers_twice() -> None:
    run = run_controlled(gossip, interventions=[Duplicate("ann", 1)])
    assert run.result.count("1 by ann") == 2


def test_drop_reply_leaves_the_asker_to_its_deadline() -> None:
    async def main() -> str:
        async with ActorSystem() as system:
            book = await system.spawn(Book, name="book")
            await book.ask(Read(), deadline_s=5)
            with pytest.raises(DeadlineExceeded):
                await book.ask(Read(), deadline_s=5)
            return "survived"

    run = run_controlled(main, interventions=[DropReply("book", 1)])
    assert run.result == "survived"
    assert run.virtual_seconds == 5.0


def test_cancel_interrupts_a_handler_at_an_await() -> None:
    async def main() -> list[str]:
        async with ActorSystem() as system:
            book = await system.spawn(Book, name="book", supervision=Restart())
            with pytest.raises(ActorFailed):
                await book.ask(Pause(1.0), deadline_s=50)
            return await book.ask(Pause(1.0), deadline_s=50)

    run = run_controlled(main, interventions=[Cancel("book", 0)])
    assert run.result == ["paused"]
    assert run.virtual_seconds == 1.0


def test_a_planned_cancellation_does_not_hinder_the_end_of_a_run() -> None:
    async def main() -> str:
        async with ActorSystem() as system:
            book = await system.spawn(Book, name="book")
            asked = asyncio.create_task(book.ask(Pause(1000.0), deadline_s=5000))
            await asyncio.sleep(1)
            await system.drain(deadline_s=10)
            with pytest.raises(ActorStopped, match="interrupted by the stop"):
                await asked
        return "ended"

    assert run_controlled(main, interventions=[Cancel("book", 7)]).result == "ended"


def test_interventions_that_met_nothing_are_named() -> None:
    never: list[Intervention] = [Crash("nobody", 0), Hold("ann", 99, 1)]
    assert run_controlled(gossip, interventions=never).unused == never


async def _fragile() -> None:
    notes = await gossip()
    assert notes.index("0 by ann") < notes.index("2 by bob"), "ann is too slow"


def test_a_failure_says_how_to_repeat_it_and_where_it_parts(tmp_path: Path) -> None:
    forget_passing_runs()
    run_controlled(_fragile, name="fragile", replay_dir=tmp_path)
    with pytest.raises(AssertionError) as caught:
        run_controlled(_fragile, name="fragile", interventions=[Hold("ann", 0, 6)], replay_dir=tmp_path)
    note = caught.value.__notes__[-1]
    file = tmp_path / "fragile.json"
    assert f"replay file: {file}" in note
    assert "interventions: Hold(actor='ann', at=0, deliveries=6)" in note
    assert 'parts from the last passing run at delivery 0: there Note{"text":"0"} from outside to ann; here' in note
    with pytest.raises(AssertionError, match="ann is too slow"):
        replay(_fragile, file)


@pytest.mark.parametrize("make", SCHEDULERS)
def test_a_replay_file_repeats_any_schedule(make: Callable[[], Scheduler], tmp_path: Path) -> None:
    seen: list[list[str]] = []

    async def failing() -> None:
        seen.append(await gossip())
        raise LookupError

    with pytest.raises(LookupError):
        run_controlled(failing, scheduler=make(), interventions=[Delay("bob", 1, 2.5)], replay_dir=tmp_path, name="f")
    with pytest.raises(LookupError):
        replay(failing, tmp_path / "f.json")
    assert seen[0] == seen[1]


def test_a_replay_lets_deadlines_fire_as_the_run_did(tmp_path: Path) -> None:
    class Silent(Actor[Read]):
        async def receive(self, message: Read) -> None:
            await asyncio.Event().wait()

    async def failing() -> None:
        async with ActorSystem() as system:
            ref = await system.spawn(Silent)
            await ref.ask(Read(), deadline_s=5)

    with pytest.raises(DeadlineExceeded):
        run_controlled(failing, deadlines="fire", replay_dir=tmp_path, name="f")
    with pytest.raises(DeadlineExceeded):
        replay(failing, tmp_path / "f.json")


def test_a_replay_of_changed_code_says_so(tmp_path: Path) -> None:
    async def failing() -> None:
        await gossip()
        raise LookupError

    async def other() -> None:
        async with ActorSystem() as system:
            await system.spawn(Book, name="another")

    with pytest.raises(LookupError):
        run_controlled(failing, replay_dir=tmp_path, name="f")
    with pytest.raises(ReplayDiverged, match="choice 0 of the recording is"):
        replay(other, tmp_path / "f.json")
    (tmp_path / "g.json").write_text("{}")
    with pytest.raises(NotAReplay):
        replay(other, tmp_path / "g.json")


def test_explore_covers_all_orders_of_three_racing_notes() -> None:
    last_notes: list[str] = []
    seen: set[tuple[str, ...]] = set()

    class Remembering(Book):
        def __init__(self) -> None:
            super().__init__()
            last_notes.clear()
            self.notes = last_notes

    async def remembering() -> None:
        async with ActorSystem() as system:
            book = await system.spawn(Remembering, name="book")
            for name in ("x", "y", "z"):
                echo = await system.spawn(lambda: Echo(book), name=name)
                await echo.tell(Note(""))
            await system.drain(deadline_s=10)
        seen.add(tuple(last_notes))

    reduced = explore(remembering, max_holds=2)
    assert reduced.complete
    assert len(seen) == 6
    seen.clear()
    whole = explore(remembering, max_holds=2, reduce=False)
    assert len(seen) == 6
    assert whole.complete
    assert reduced.runs < whole.runs


def test_explore_counts_independent_actors_once() -> None:
    async def main() -> None:
        async with ActorSystem() as system:
            books = [await system.spawn(Book, name=f"book{number}") for number in range(4)]
            for book in books:
                await book.tell(Note("alone"))
            await asyncio.sleep(1)

    found = explore(main, max_holds=2)
    assert found.runs == found.distinct == 1


def test_explore_stops_at_its_bound_and_says_so() -> None:
    found = explore(gossip, max_holds=2, max_runs=5)
    assert not found.complete
    assert found.runs == 5


@given(plan=interventions(["book", "ann", "bob"], kinds=SCHEDULE_ONLY))
@settings(max_examples=100, deadline=None)
def test_no_hold_or_delay_loses_a_note_or_breaks_the_order_of_a_sender(plan: list[Intervention]) -> None:
    notes = run_controlled(gossip, interventions=plan).result
    if not any(isinstance(what, Delay) and what.seconds >= 10 for what in plan):
        assert len(notes) == 6
    for name in ("ann", "bob"):
        of_one = [note for note in notes if note.endswith(name)]
        assert of_one == sorted(of_one)


@given(plan=interventions(["book", "ann", "bob"]))
@settings(max_examples=100, deadline=None)
def test_the_kit_survives_all_interventions_and_repeats_them(plan: list[Intervention]) -> None:
    def digest() -> str:
        try:
            return run_controlled(gossip, interventions=plan).digest
        except (DeadlineExceeded, ActorFailed) as error:
            return f"{type(error).__name__}: {error}"

    assert digest() == digest()


def test_an_intervention_shrinks_to_one_readable_line() -> None:
    from hypothesis import find

    def breaks(plan: list[Intervention]) -> bool:
        try:
            run_controlled(_fragile, interventions=plan)
        except AssertionError:
            return True
        except (DeadlineExceeded, ActorFailed, ValueError):
            return False
        return False

    plan = find(
        interventions(["ann", "bob", "book"], kinds=[Hold]),
        breaks,
        settings=settings(max_examples=2000, deadline=None, derandomize=True, database=None),
    )
    assert len(plan) == 1
    assert isinstance(plan[0], Hold)
    assert plan[0].actor == "ann"


def test_plain_draws_stay_in_the_space() -> None:
    rng = random.Random(3)
    for _ in range(200):
        plan = draw(rng, ["a", "b"], max_at=4, max_hold=5)
        assert len(plan) <= 3
        assert all(what.actor in "ab" and 0 <= what.at <= 4 for what in plan)


def test_logs_are_kept_not_printed(capsys: pytest.CaptureFixture[str]) -> None:
    run = run_controlled(gossip, interventions=[Crash("ann", 0)])
    assert [log["actor"] for log in run.logs] == ["ann"]
    assert capsys.readouterr().out == ""
