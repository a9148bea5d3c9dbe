"""Random little programs under random schedules: nothing is lost, repeated, reordered or left behind."""

import asyncio
from typing import Any

import anyio
import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from cellview.actors import Actor, ActorSystem, AskError, Ref, Request, Restart, Stop, Supervision
from cellview.actors.testing import (
    Deadlock,
    Intervention,
    SeededRandom,
    interventions,
    run_controlled,
)

NAMES = ("a", "b", "c")


class Item(msgspec.Struct, frozen=True):
    """A message by its number; `then` is forwarded to the next actor, `fails` after being noted."""

    number: int
    then: int = 0
    fails: bool = False
    pause: bool = False


class Question(Request[int], frozen=True):
    number: int
    deferred: bool = False
    pause: bool = False


class Program(msgspec.Struct, frozen=True):
    """What the main function does, one step after the other."""

    kind: str
    actor: int
    count: int
    flag: bool


class Ledger:
    """What was sent and what was begun, by number."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, str, int]] = []
        self.begun: list[tuple[str, int]] = []
        self.answers: dict[int, int | str] = {}
        self.last = 0

    def number(self) -> int:
        self.last += 1
        return self.last


class Worker(Actor[Item | Question]):
    def __init__(self, ledger: Ledger, refs: list[Ref[Item | Question]]) -> None:
        self.ledger = ledger
        self.refs = refs

    async def receive(self, message: Item | Question) -> None:
        here = self.context.name
        self.ledger.begun.append((here, message.number))
        if message.pause:
            await self.context.clock.sleep(1.0)
        if isinstance(message, Question):
            if message.deferred:
                reply = self.context.defer_reply(message)

                async def work() -> None:
                    await self.context.clock.sleep(0.5)
                    reply.send(message.number)

                self.context.run_task(work, then=lambda _: Item(self.ledger.number()))
            else:
                self.context.reply(message.number)
            return
        if message.fails:
            raise ValueError(message.number)
        for _ in range(message.then):
            to = self.refs[(NAMES.index(here) + 1) % len(self.refs)]
            item = Item(self.ledger.number())
            self.ledger.sent.append((here, to.name, item.number))
            await to.tell(item)


async def run_program(program: list[Program], mailbox: int, restart: bool) -> tuple[Ledger, ActorSystem]:
    ledger = Ledger()
    supervision: Supervision = Restart(max_restarts=100) if restart else Stop()
    async with ActorSystem() as system:
        refs: list[Ref[Item | Question]] = []
        for name in NAMES:
            refs.append(
                await system.spawn(lambda: Worker(ledger, refs), name=name, mailbox=mailbox, supervision=supervision)
            )
        async with anyio.create_task_group() as group:
            for step in program:
                await do(step, ledger, refs, system, group)
        await system.drain(deadline_s=1e6)
    return ledger, system


async def do(step: Program, ledger: Ledger, refs: list[Ref[Any]], system: ActorSystem, group: Any) -> None:
    ref = refs[step.actor]
    match step.kind:
        case "tell":
            for _ in range(step.count):
                item = Item(ledger.number(), then=step.count if step.flag else 0)
                ledger.sent.append(("main", ref.name, item.number))
                await ref.tell(item)
        case "fail":
            item = Item(ledger.number(), fails=True, pause=step.flag)
            ledger.sent.append(("main", ref.name, item.number))
            await ref.tell(item)
        case "ask":
            group.start_soon(ask, ref, Question(ledger.number(), deferred=step.flag), 1000.0, ledger)
        case "hasty ask":
            group.start_soon(ask, ref, Question(ledger.number(), deferred=step.flag, pause=True), 0.75, ledger)
        case "cancelled ask":
            with anyio.move_on_after(0.25):
                await ask(ref, Question(ledger.number(), deferred=step.flag, pause=True), 1000.0, ledger)
        case "stop":
            await system.stop(ref)
        case _:
            await asyncio.sleep(step.count)


async def ask(ref: Ref[Any], question: Question, deadline_s: float, ledger: Ledger) -> None:
    try:
        ledger.answers[question.number] = await ref.ask(question, deadline_s=deadline_s)
    except AskError as error:
        ledger.answers[question.number] = type(error).__name__
    except BaseException:
        ledger.answers[question.number] = "cancelled"
        raise


KINDS = ("tell", "ask", "hasty ask", "cancelled ask", "fail", "stop", "sleep")
programs = st.lists(
    st.builds(Program, st.sampled_from(KINDS), st.integers(0, 2), st.integers(1, 4), st.booleans()), max_size=8
)


@given(program=programs, mailbox=st.integers(1, 3), restart=st.booleans(), seed=st.integers(0, 1000))
@settings(max_examples=300, deadline=None)
def test_every_message_is_handled_once_or_is_a_dead_letter(
    program: list[Program], mailbox: int, restart: bool, seed: int
) -> None:
    run = run_controlled(lambda: run_program(program, mailbox, restart), scheduler=SeededRandom(seed), name="program")
    ledger, system = run.result
    begun = [number for _, number in ledger.begun]
    assert len(begun) == len(set(begun)), "a message was begun twice"
    dead = [letter.message.number for letter in system.dead_letters if isinstance(letter.message, Item)]
    assert len(dead) == len(set(dead))
    for sender, to, number in ledger.sent:
        assert (number in begun) != (number in dead), f"{number} from {sender} to {to}: begun or dead, and not both"
    for sender in ("main", *NAMES):
        for to in NAMES:
            sent = [number for who, whom, number in ledger.sent if (who, whom) == (sender, to)]
            assert [n for where, n in ledger.begun if where == to and n in sent] == [n for n in sent if n in begun]
    for number, answer in ledger.answers.items():
        assert answer == number or isinstance(answer, str)
        if answer == number:
            assert number in begun


@given(
    program=programs,
    mailbox=st.integers(1, 3),
    restart=st.booleans(),
    plan=interventions(NAMES, max_at=6),
)
@settings(max_examples=300, deadline=None)
def test_every_ask_ends_and_nothing_is_left_whatever_is_done_to_the_run(
    program: list[Program], mailbox: int, restart: bool, plan: list[Intervention]
) -> None:
    asked = sum(step.kind.endswith("ask") for step in program)
    try:
        run = run_controlled(lambda: run_program(program, mailbox, restart), interventions=plan, name="program")
    except Deadlock:
        raise AssertionError("the kernel let a program of tells and asks run into a deadlock") from None
    ledger, _ = run.result
    assert len(ledger.answers) == asked
