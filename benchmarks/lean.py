"""How fast the Lean server answers: previews per second, by outcome. Prints one JSON object.

The mix is an easy one (small goals, cheap tactics), so it measures the way to Lean and back more than Lean itself. The
figures are of one worker on an otherwise idle machine; on a busy one they say little.

Run: ``python benchmarks/lean.py [--rounds N]``.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import time
from pathlib import Path

from cellview.prover import Failure, Goal, Preview
from cellview.prover.lean import LeanProver, open_prover

STATEMENT = "(p q r : Prop) (h : p ∧ (q ∨ r)) : (p ∧ q) ∨ (p ∧ r)"
FAILS = ["exact h", "split", "rfl", "assumption", "exact nothing", "cases q"]
LEAVES_ONE = ["left", "right", "have k := h.1", "exfalso", "apply Classical.byContradiction; intro k", "revert h"]
CLOSES = [
    "exact h.2.elim (fun a => .inl ⟨h.1, a⟩) (fun a => .inr ⟨h.1, a⟩)",
    "simp_all",
    "rcases h with ⟨a, b | c⟩\n· exact .inl ⟨a, b⟩\n· exact .inr ⟨a, c⟩",
]


async def timed(prover: LeanProver, goal: Goal, tactics: list[str], rounds: int) -> dict[str, float]:
    """Milliseconds per preview, and what came back."""
    taken: list[float] = []
    failures = 0
    for checkpoint in range(rounds):
        for tactic in tactics:
            begin = time.perf_counter()
            outcome = await prover.preview(goal.mvar_id, tactic, checkpoint=checkpoint + 1)
            taken.append((time.perf_counter() - begin) * 1e3)
            failures += isinstance(outcome, Failure)
    return {
        "previews": len(taken),
        "failures": failures,
        "median_ms": round(statistics.median(taken), 2),
        "p95_ms": round(statistics.quantiles(taken, n=20)[18], 2),
        "per_s": round(1e3 * len(taken) / sum(taken), 1),
    }


async def deepen(prover: LeanProver, goal: Goal, depth: int) -> Goal:
    """Go `depth` tactics down."""
    for step in range(depth):
        outcome = await prover.preview(goal.mvar_id, f"have k{step} := h.1", checkpoint=1_000_000 + step)
        assert isinstance(outcome, Preview), outcome
        await prover.commit(outcome)
        goal = outcome.children[0]
    return goal


async def jumps(prover: LeanProver, goal: Goal, rounds: int) -> dict[str, float]:
    """Alternate between two branches, so that each preview also elaborates its branch's last tactics again."""
    ends: list[Goal] = []
    for number, tactic in enumerate(("left", "right")):
        outcome = await prover.preview(goal.mvar_id, tactic, checkpoint=2_000_000 + number)
        assert isinstance(outcome, Preview), outcome
        await prover.commit(outcome)
        ends.append(outcome.children[0])
    begin = time.perf_counter()
    for step in range(rounds):
        await prover.preview(ends[step % 2].mvar_id, "constructor", checkpoint=1)
    return {"previews": rounds, "mean_ms": round((time.perf_counter() - begin) / rounds * 1e3, 2)}


def resident_mb(pid: int | None) -> float:
    """Resident memory of the worker."""
    status = Path(f"/proc/{pid}/status").read_text()
    return round(int(status.partition("VmRSS:")[2].split()[0]) / 1024, 1)


async def measure(rounds: int) -> dict[str, object]:
    """Run all measurements on one worker."""
    begin = time.perf_counter()
    async with open_prover() as prover:
        opened = time.perf_counter()
        goal = await prover.start(STATEMENT)
        first = time.perf_counter()
        memory = resident_mb(prover.worker_pid)
        result: dict[str, object] = {
            "lean": prover.toolchain.version,
            "find_toolchain_ms": round((opened - begin) * 1e3, 1),
            "first_goal_ms": round((first - opened) * 1e3, 1),
            "fails": await timed(prover, goal, FAILS, rounds),
            "leaves_goals": await timed(prover, goal, LEAVES_ONE, rounds),
            "closes": await timed(prover, goal, CLOSES, rounds),
            "jump": await jumps(prover, goal, rounds * 4),
        }
        for depth in (10, 30):
            deep = await deepen(prover, await prover.start(STATEMENT), depth)
            result[f"fails_at_depth_{depth}"] = await timed(prover, deep, FAILS, rounds)
        begin = time.perf_counter()
        await prover.verify(STATEMENT, CLOSES[0])
        result["verify_ms"] = round((time.perf_counter() - begin) * 1e3, 1)
        result["memory_mb"] = {"at_start": memory, "at_end": resident_mb(prover.worker_pid)}
        result["edits"] = prover.statistics.edits
    return result


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=30)
    print(json.dumps(asyncio.run(measure(parser.parse_args().rounds)), indent=2))
