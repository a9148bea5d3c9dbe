"""Answers from memory are the answers that the prover would give, under the asker's own ids."""

from __future__ import annotations

import random

import pytest

from cellview.prover import Failure, Goal, Preview, Prover, Verification
from cellview.prover.lean import LeanProver, find_toolchain
from cellview.prover.remembering import AnswerMemory, RememberingProver

STATEMENT = "(p q r : Prop) (h : p ∧ (q ∨ r)) : (p ∧ q) ∨ (p ∧ r)"
TACTICS = ["left", "right", "constructor", "cases h", "exact h.1", "assumption", "simp_all", "nope", "sorry"]


async def walk(prover: Prover, draw: random.Random, most: int) -> dict[tuple[str, ...], object]:
    """Try tactics in a random order at the goals of a random walk; answers by path, without checkpoints."""
    goals: list[tuple[tuple[str, ...], Goal]] = [((), await prover.start(STATEMENT))]
    answers: dict[tuple[str, ...], object] = {}
    checkpoint = draw.randrange(1000)
    while goals and len(answers) < most:
        path, goal = goals.pop(draw.randrange(len(goals)))
        for tactic in draw.sample(TACTICS, len(TACTICS)):
            checkpoint += 1
            answer = await prover.preview(goal.mvar_id, tactic, checkpoint=checkpoint)
            if isinstance(answer, Preview):
                assert all(child.mvar_id.startswith(f"cp{checkpoint}:") for child in answer.children)
                assert (answer.goal_id, answer.tactic) == (goal.mvar_id, tactic)
                await prover.commit(answer)
                goals += [((*path, f"{tactic}/{n}"), child) for n, child in enumerate(answer.children)]
                bare = [(c.mvar_id.partition(":")[2], c.goal_type, c.goal_sig_strict) for c in answer.children]
                answers[*path, tactic] = bare
            else:
                answers[*path, tactic] = answer
    return answers


async def test_arms_share_their_answers() -> None:
    toolchain = await find_toolchain()
    memory = AnswerMemory()
    async with LeanProver.open(toolchain=toolchain) as lean:
        plain = await walk(lean, random.Random(1), 150)
        first = await walk(RememberingProver(lean, memory), random.Random(2), 150)
        asked = memory.misses
        second = await walk(RememberingProver(lean, memory), random.Random(3), 150)
    # Two walks meet at some places and not at others; where they meet, they were told the same.
    for one, two in ((plain, first), (first, second), (plain, second)):
        assert {key: value for key, value in one.items() if key in two} == {k: v for k, v in two.items() if k in one}
    assert asked > 0
    assert memory.hits > 0
    assert memory.misses + memory.hits >= len(first) + len(second)


class Scripted:
    """A prover that answers what it is told to."""

    def __init__(self, *answers: Preview | Failure) -> None:
        self._answers = list(answers)

    async def start(self, statement: str) -> Goal:
        return Goal("cp0:m", "t", "s", "ss")

    async def preview(self, goal_id: str, tactic: str, *, checkpoint: int) -> Preview | Failure:
        return self._answers.pop(0)

    async def commit(self, preview: Preview) -> None: ...

    async def verify(self, statement: str, script: str) -> Verification:
        return Verification(ok=False)

    async def aclose(self) -> None: ...


@pytest.mark.parametrize("reason", ["adapter", "no_goal"])
async def test_what_is_no_answer_is_asked_again(reason: str) -> None:
    broken = Failure("adapter" if reason == "adapter" else "no_goal", "gone")
    memory = AnswerMemory()
    prover = RememberingProver(Scripted(broken, Failure("tactic", "no")), memory)
    goal = await prover.start("s")
    assert await prover.preview(goal.mvar_id, "t", checkpoint=1) == broken
    assert await prover.preview(goal.mvar_id, "t", checkpoint=2) == Failure("tactic", "no")
    assert await prover.preview(goal.mvar_id, "t", checkpoint=3) == Failure("tactic", "no")
    assert (memory.hits, memory.misses) == (1, 2)


async def test_another_statement_begins_with_nothing_and_a_full_memory_keeps_no_more() -> None:
    memory = AnswerMemory(most=1)
    prover = RememberingProver(Scripted(*[Failure("tactic", str(n)) for n in range(9)]), memory)
    goal = await prover.start("one")
    said = [await prover.preview(goal.mvar_id, tactic, checkpoint=1) for tactic in ("a", "b", "a", "b")]
    assert [answer.message for answer in said if isinstance(answer, Failure)] == ["0", "1", "0", "2"]
    await prover.start("one")
    assert await prover.preview(goal.mvar_id, "a", checkpoint=1) == said[0]
    await prover.start("two")
    assert await prover.preview(goal.mvar_id, "a", checkpoint=1) == Failure("tactic", "3")
