"""States of the tactic server: few may be kept, all may be lost, and no answer changes by that."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import cast

from cellview.prover import Goal
from cellview.prover.lean import Limits, Statistics, Toolchain
from cellview.prover.lean.places import Place
from cellview.prover.lean.server import TacticServer
from cellview.prover.lean.server.process import Answer
from cellview.prover.lean.transport import Elaborated

STATEMENT = "(p q r : Prop) (f : Nat → Nat) (h : p ∧ (q ∨ r)) : ((p ∧ q) ∨ (p ∧ r)) ∧ ∃ x, f x = f x"
TACTICS = [
    "constructor",
    "left",
    "right",
    "have k := h.1",
    "cases h",
    "refine ⟨?w, ?_⟩",
    "rfl",
    "exact 0",
    "nope",
    "symm",
]


async def walk(server: TacticServer, most: int) -> tuple[list[tuple[Place, str]], list[Elaborated]]:
    """Try all tactics at the places of a breadth-first walk."""
    root = await server.root(STATEMENT)
    places = [Place(None, "", root.goals, 0)]
    asked: list[tuple[Place, str]] = []
    answers: list[Elaborated] = []
    while places and len(asked) < most:
        place = places.pop(0)
        for tactic in TACTICS:
            answer = await server.attempt(place, tactic, checkpoint=len(asked) + 1)
            asked.append((place, tactic))
            answers.append(answer)
            places += [Place(place, tactic, answer.goals, index) for index in range(len(answer.goals))]
    return asked, answers


def without_heartbeats(answer: Elaborated) -> tuple[str, tuple[Goal, ...]]:
    return answer.error, answer.goals


async def test_states_that_made_room_are_made_again(toolchain: Toolchain) -> None:
    plenty, few = Statistics(), Statistics()
    large = TacticServer(toolchain, Limits(), plenty)
    small = TacticServer(toolchain, Limits(), few, states=3)
    try:
        asked, answers = await walk(large, 150)
        _, again = await walk(small, 150)
        assert list(map(without_heartbeats, again)) == list(map(without_heartbeats, answers))
        assert (plenty.replayed, few.restarts) == (0, 0)
        assert few.replayed > 5
        # The same questions in another order, with the process lost in between.
        numbers = list(range(len(asked)))
        random.Random(20250106).shuffle(numbers)
        for count, number in enumerate(numbers):
            if count % 40 == 20:
                await large.kill()
            place, tactic = asked[number]
            answer = await large.attempt(place, tactic, checkpoint=number + 1)
            assert without_heartbeats(answer) == without_heartbeats(answers[number])
        assert plenty.restarts >= 3
        assert plenty.replayed > 0
    finally:
        await large.kill()
        await small.kill()


async def test_states_that_nobody_needs_are_freed_and_made_again(toolchain: Toolchain) -> None:
    """Half of the places are let go of in the middle: the server frees their states, and answers as before."""
    statistics = Statistics()
    server = TacticServer(toolchain, Limits(), statistics)
    freed: list[int] = []
    try:
        asked, answers = await walk(server, 150)
        process = server._process  # pyright: ignore[reportPrivateUsage]  # what is said to Lean
        assert process is not None
        ask = process.ask

        async def overheard(request: Mapping[str, object]) -> Answer:
            answer = await ask(request)
            if "free" in request:
                number = len(cast("list[int]", request["free"]))
                assert answer.freed == number
                freed.append(number)
            return answer

        process.ask = overheard  # type: ignore[method-assign]
        for place in {place for number, (place, _) in enumerate(asked) if number % 2}:
            server.release(place)
            server.release(place)
        for number in range(0, len(asked), 3):
            place, tactic = asked[number]
            again = await server.attempt(place, tactic, checkpoint=number + 1)
            assert without_heartbeats(again) == without_heartbeats(answers[number])
        assert sum(freed) >= 64
        assert statistics.replayed > 0
        assert statistics.restarts == 0
    finally:
        await server.kill()


async def test_a_new_statement_leaves_nothing_of_the_old_one(toolchain: Toolchain) -> None:
    server = TacticServer(toolchain, Limits(), Statistics())
    try:
        first = await walk(server, 30)
        await server.root("(a b : Nat) (h : a = b) : b = a")
        again = await walk(server, 30)
        assert list(map(without_heartbeats, again[1])) == list(map(without_heartbeats, first[1]))
    finally:
        await server.kill()


async def test_heartbeats_are_the_same_each_time(toolchain: Toolchain) -> None:
    """Whatever ran before; `grind` alone differs, by less than half a percent (see `lean-adapter.md`)."""
    server = TacticServer(toolchain, Limits(), Statistics())
    try:
        root = Place(None, "", (await server.root(STATEMENT)).goals, 0)
        counts: dict[str, set[int]] = {tactic: set() for tactic in ("constructor", "cases h", "simp", "have k := h.1")}
        for number in range(40):
            for tactic, seen in counts.items():
                answer = await server.attempt(root, tactic, checkpoint=number + 1)
                if number:  # the first run of all fills caches
                    seen.add(answer.heartbeats)
        assert all(len(seen) == 1 for seen in counts.values()), counts
    finally:
        await server.kill()
