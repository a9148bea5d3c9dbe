"""The semantics page: every numbered sentence names a test that exists; and the tests that stand nowhere else."""

import ast
import asyncio
import re
import threading
from pathlib import Path
from time import time as clock_by_name

import msgspec
import pytest
from structlog.testing import capture_logs

from cellview.actors import Actor, ActorSystem, Ref, Request, Restart
from cellview.actors.testing import run_controlled

HERE = Path(__file__).parent
PAGE = HERE.parent.parent / "docs" / "reference" / "actor-semantics.md"
SENTENCE = re.compile(r"^(\d+)\. (.+) `(test_\w+\.py)::(test_\w+)`$")


def test_every_sentence_is_numbered_and_names_a_test_that_exists() -> None:
    lines = [line for line in PAGE.read_text().splitlines() if line[:1].isdigit()]
    numbers: list[int] = []
    for line in lines:
        match = SENTENCE.match(line)
        assert match is not None, f"no test is named in: {line}"
        number, _, file, test = match.groups()
        numbers.append(int(number))
        tree = ast.parse((HERE / file).read_text())
        names = {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}
        assert test in names, f"sentence {number} names {file}::{test}, which does not exist"
    assert numbers == list(range(1, len(lines) + 1))


def test_every_guarantee_stands_in_a_numbered_line() -> None:
    body = PAGE.read_text().split("\n## ", 1)[1]
    for section in body.split("\n## "):
        for line in section.splitlines()[1:]:
            assert not line or SENTENCE.match(line), f"a sentence without a number or test: {line}"


class Put(msgspec.Struct, frozen=True):
    number: int


class Seen(Request[list[int]], frozen=True):
    pass


class Slow(Request[float | None], frozen=True):
    pass


class Keeper(Actor[Put | Seen]):
    def __init__(self, gate: asyncio.Event | None = None) -> None:
        self.gate = gate
        self.seen: list[int] = []
        self.inside = 0

    async def receive(self, message: Put | Seen) -> None:
        self.inside += 1
        assert self.inside == 1
        if self.gate is not None:
            await self.gate.wait()
        await asyncio.sleep(0)
        match message:
            case Put(number):
                if number < 0:
                    raise ValueError(number)
                self.seen.append(number)
            case Seen():
                self.context.reply(list(self.seen))
        self.inside -= 1


async def test_an_actor_handles_one_message_at_a_time() -> None:
    async with ActorSystem() as system:
        ref = await system.spawn(Keeper)
        await asyncio.gather(*(ref.tell(Put(number)) for number in range(50)))
        assert len(await ref.ask(Seen(), deadline_s=5)) == 50


async def test_timers_and_background_results_enter_a_full_mailbox() -> None:
    class Busy(Keeper):
        async def receive(self, message: Put | Seen) -> None:
            async def work() -> int:
                return 7

            if message == Put(0):
                self.context.call_later(0.001, Put(6))
                self.context.run_task(work, then=lambda done: Put(done if isinstance(done, int) else -1))
            await super().receive(message)

    gate = asyncio.Event()
    async with ActorSystem() as system:
        ref = await system.spawn(lambda: Busy(gate), name="busy", mailbox=1)
        await ref.tell(Put(0))
        await ref.tell(Put(1))  # the handler waits at the gate: the mailbox is full
        while system.counters()["busy"].mailbox_depth < 3:  # noqa: ASYNC110  # polls another task
            await asyncio.sleep(0.001)
        gate.set()
        assert sorted(await ref.ask(Seen(), deadline_s=5)) == [0, 1, 6, 7]


async def test_a_background_task_does_not_inherit_the_deadline() -> None:
    class Front(Actor[Slow | Put]):
        def __init__(self, keeper: Ref[Put | Seen]) -> None:
            self.keeper = keeper

        async def receive(self, message: Slow | Put) -> None:
            if isinstance(message, Put):
                answers.append(message.number)
                return
            self.context.reply(None)

            async def work() -> int:
                await asyncio.sleep(0.03)
                return len(await self.keeper.ask(Seen(), deadline_s=60))

            self.context.run_task(work, then=lambda done: Put(done if isinstance(done, int) else -1))

    answers: list[int] = []
    async with ActorSystem() as system:
        keeper = await system.spawn(Keeper)
        front = await system.spawn(lambda: Front(keeper))
        await front.ask(Slow(), deadline_s=0.02)
        await system.drain(deadline_s=5)
    assert answers == [0]


async def test_a_ref_used_in_another_loop_does_not_reach_the_actor() -> None:
    outcome: list[str] = []

    def elsewhere(ref: Ref[Put | Seen]) -> None:
        async def ask() -> None:
            try:
                await ref.ask(Seen(), deadline_s=0.2)
            except RuntimeError as error:
                outcome.append(str(error))

        asyncio.run(ask())

    async with ActorSystem() as system:
        ref = await system.spawn(Keeper)
        thread = threading.Thread(target=elsewhere, args=(ref,))
        thread.start()
        while thread.is_alive():  # noqa: ASYNC110  # a thread has no event to await
            await asyncio.sleep(0.01)
    assert len(outcome) == 1
    assert "loop" in outcome[0]


async def test_a_drain_does_not_wait_for_timers() -> None:
    class Patient(Keeper):
        async def started(self) -> None:
            self.context.call_later(3600, Put(1))

    async with ActorSystem() as system:
        await system.spawn(Patient)
        assert (await system.drain(deadline_s=30)).complete


async def test_the_end_of_the_block_interrupts_who_does_not_stop() -> None:
    before = asyncio.all_tasks()
    with capture_logs():
        async with ActorSystem(stop_deadline_s=0.02) as system:
            ref = await system.spawn(lambda: Keeper(asyncio.Event()))
            await ref.tell(Put(1))
            await asyncio.sleep(0)
    assert asyncio.all_tasks() == before
    assert not ref.alive


async def test_the_kernel_writes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    async with ActorSystem() as system:
        ref = await system.spawn(Keeper)
        await ref.tell(Put(1))
        await system.drain(deadline_s=5)
    assert list(tmp_path.iterdir()) == []  # noqa: ASYNC240  # nothing runs any more


async def test_a_restart_forgets_the_state_of_the_instance() -> None:
    async with ActorSystem() as system:
        ref = await system.spawn(Keeper, supervision=Restart())
        with capture_logs():
            for number in (1, -1, 2):
                await ref.tell(Put(number))
            assert await ref.ask(Seen(), deadline_s=5) == [2]


def test_a_clock_imported_by_name_escapes_the_guard() -> None:
    async def main() -> float:
        return clock_by_name()

    assert run_controlled(main).result > 0
