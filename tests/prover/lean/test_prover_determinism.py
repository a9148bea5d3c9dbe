"""What a preview answers is a function of statement, path, tactic and checkpoint: not of history, process or luck."""

from __future__ import annotations

import os
import random
import signal

from cellview.prover import Failure, Goal, Preview
from cellview.prover.lean import LeanProver, Toolchain, TransportName

STATEMENTS = [
    "(p q r : Prop) : p ∧ (q ∨ r) → (p ∧ q) ∨ (p ∧ r)",
    "(f : Nat → Nat) (h : f 0 = 0) (n : Nat) : (∃ x, f x = 0) ∧ n + 0 = n",
]
TACTICS = [
    "intro h",
    "constructor",
    "cases ‹_ ∧ _›",
    "cases ‹_ ∨ _› with\n| inl a => skip\n| inr b => skip",
    "cases ‹_ ∨ _› with\n| inl a => skip\n| inr b => exact nonsense",
    "left",
    "assumption",
    "exact h",
    "have k : 1 + 1 = 2 := by simp",
    "induction n",
    "simp_all",
    "repeat (have h : 1 + 1 = 2 := by simp)",
    "exact unknown",
    "sorry",
]

Answers = dict[tuple[str, str], Preview | Failure]


async def explore(prover: LeanProver, statement: str, limit: int) -> Answers:
    """Ask about every tactic at the goals of a breadth-first walk; checkpoints are a function of goal and tactic."""
    answers: Answers = {}
    goals: list[Goal] = [await prover.start(statement)]
    checkpoint = 0
    while goals and len(answers) < limit:
        goal = goals.pop(0)
        for tactic in TACTICS:
            checkpoint += 1
            outcome = await prover.preview(goal.mvar_id, tactic, checkpoint=checkpoint)
            answers[goal.mvar_id, tactic] = outcome
            if isinstance(outcome, Preview):
                await prover.commit(outcome)
                goals.extend(outcome.children)
    return answers


async def ask_again(prover: LeanProver, statement: str, answers: Answers, order: random.Random, kills: int) -> None:
    """Register what is known, then repeat all questions in random order, killing the worker now and then."""
    await prover.start(statement)
    for outcome in answers.values():
        if isinstance(outcome, Preview):
            await prover.commit(outcome)
    questions = list(enumerate(answers.items(), start=1))
    order.shuffle(questions)
    doomed = set(order.sample(range(len(questions)), kills))
    for index, (checkpoint, ((goal, tactic), before)) in enumerate(questions):
        if index in doomed:
            assert prover.worker_pid is not None
            _kill(prover.worker_pid)
        again = await prover.preview(goal, tactic, checkpoint=checkpoint)
        assert again == before, (goal, tactic)
    assert prover.statistics.restarts >= kills > 0 or kills == 0


def _kill(pid: int) -> None:

    os.kill(pid, signal.SIGKILL)


async def test_answers_do_not_depend_on_what_was_asked_before(transport: TransportName, toolchain: Toolchain) -> None:
    for number, statement in enumerate(STATEMENTS):
        async with LeanProver.open(toolchain=toolchain, transport=transport, heartbeats=150) as prover:
            answers = await explore(prover, statement, 56)
        kinds = {outcome.reason if isinstance(outcome, Failure) else "preview" for outcome in answers.values()}
        assert kinds == {"preview", "tactic", "heartbeats", "filtered"}
        # One prover that did something else before, one whose process is killed again and again.
        async with LeanProver.open(toolchain=toolchain, transport=transport, heartbeats=150) as prover:
            await explore(prover, STATEMENTS[1 - number], 20)
            await ask_again(prover, statement, answers, random.Random(number), kills=0)
        async with LeanProver.open(toolchain=toolchain, transport=transport, heartbeats=150) as prover:
            await ask_again(prover, statement, answers, random.Random(number + 10), kills=5)


async def test_the_heartbeat_limit_of_a_document_does_not_depend_on_reuse(toolchain: Toolchain) -> None:
    """Find the smallest limit that suffices, once asking cold and once with the prefix elaborated before."""

    recounts: list[int] = []

    def run(count: int) -> str:
        return "\n".join(["have k : 3 + 4 = 7 := by simp"] * count)

    async def enough(limit: int, *, warm: bool) -> bool:
        async with LeanProver.open(toolchain=toolchain, transport="lsp", heartbeats=limit) as prover:
            root = await prover.start(": True")
            goal = root.mvar_id
            for step in range(15):
                outcome = await prover.preview(goal, run(1), checkpoint=step + 1)
                if isinstance(outcome, Failure):
                    return False
                await prover.commit(outcome)
                goal = outcome.children[0].mvar_id
            if warm:
                for tactic in ("skip", run(1), run(14), "exact nothing"):
                    await prover.preview(goal, tactic, checkpoint=100)
            else:
                assert prover.worker_pid is not None
                os.kill(prover.worker_pid, signal.SIGKILL)
            last = await prover.preview(goal, run(15), checkpoint=101)
            recounts.append(prover.statistics.recounts)
            return isinstance(last, Preview)

    async def threshold(*, warm: bool) -> int:
        low, high = 600, 1112
        while high - low > 2:
            middle = (low + high) // 2
            if await enough(middle, warm=warm):
                high = middle
            else:
                low = middle
        return high

    # Lean's own count differs by one or two thousand allocations between equal runs.
    cold, warm = await threshold(warm=False), await threshold(warm=True)
    assert abs(cold - warm) <= 5
    assert 602 < cold < 1110, "the threshold lies outside of the range that was searched"
    assert max(recounts) >= 1


async def test_the_heartbeats_of_a_tactic_are_its_own(toolchain: Toolchain) -> None:
    """On the server the smallest limit that suffices is the same at the root, deep down, and in a new process."""
    tactic = "\n".join(["have k : 3 + 4 = 7 := by simp"] * 5)

    async def enough(limit: int, depth: int) -> bool:
        async with LeanProver.open(toolchain=toolchain, transport="server", heartbeats=limit) as prover:
            goal = (await prover.start(": True")).mvar_id
            for step in range(depth):
                outcome = await prover.preview(goal, f"have m{step} : 3 + 4 = 7 := by simp", checkpoint=step + 1)
                assert isinstance(outcome, Preview)
                await prover.commit(outcome)
                goal = outcome.children[0].mvar_id
            return isinstance(await prover.preview(goal, tactic, checkpoint=101), Preview)

    async def threshold(depth: int) -> int:
        low, high = 20, 400
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if await enough(middle, depth) else (middle, high)
        return high

    shallow, deep = await threshold(1), await threshold(20)
    assert 20 < shallow < 400, "the threshold lies outside of the range that was searched"
    # Twenty more hypotheses cost a little each time that a context is extended, and nothing else is counted.
    assert abs(shallow - deep) <= 5
