"""What a tactic costs on either transport of the embedded Lean, on the attempts of real searches. Prints JSON.

Searches over a part of a corpus are recorded first. Then their attempts are repeated, theorem by theorem, on the tactic
server and on the language server in turn, so that both meet the same state of the machine. CPU is Lean's own and that
of this process, as the kernel counts it; wall time says little on a busy machine. Every answer of the two is compared:
`differing` lists the attempts whose outcomes or goals are not the same.

The bias: the recorded attempts are those of the heuristic provider, and the order is that of one search after the
other, which is kind to the language server (it reuses its work on the line above).

Run: ``python benchmarks/lean.py [--corpus FILE] [--every N] [--budget N] [--automation none full]``.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import statistics
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal, get_args

import msgspec

from cellview.experiment.corpus import CorpusTheorem, load_corpus
from cellview.prover import Failure, Goal, Preview, Verification
from cellview.prover.lean import LeanProver, Toolchain, TransportName, find_toolchain, verify
from cellview.prover.lean.server.compiled import start_server
from cellview.prover.providers import get_provider
from cellview.search import SearchConfig, search

TRANSPORTS: tuple[TransportName, ...] = get_args(TransportName)
ROUND_TRIPS = 2000
UNNAMED = re.compile(r"\?m\.\d+")


class Recorder:
    """A prover that notes what it is asked, by the position of each goal among those that were made."""

    def __init__(self, prover: LeanProver) -> None:
        self._prover = prover
        self.steps: list[tuple[str, int, str]] = []
        """(what, number of the goal, tactic)."""
        self._numbers: dict[str, int] = {}

    async def start(self, statement: str) -> Goal:
        goal = await self._prover.start(statement)
        self._numbers = {goal.mvar_id: 0}
        return goal

    async def preview(self, goal_id: str, tactic: str, *, checkpoint: int) -> Preview | Failure:
        outcome = await self._prover.preview(goal_id, tactic, checkpoint=checkpoint)
        if not (isinstance(outcome, Failure) and outcome.reason == "filtered"):
            self.steps.append(("try", self._numbers[goal_id], tactic))
        return outcome

    async def commit(self, preview: Preview) -> None:
        await self._prover.commit(preview)
        for child in preview.children:
            self._numbers.setdefault(child.mvar_id, len(self._numbers))
        self.steps.append(("commit", self._numbers[preview.goal_id], preview.tactic))

    async def verify(self, statement: str, script: str) -> Verification:
        return Verification(ok=True)  # not what is measured here

    async def aclose(self) -> None:
        """Nothing of its own to close."""


class Repeated:
    """One theorem's attempts on one transport."""

    def __init__(self) -> None:
        self.outcomes: list[Preview | Failure] = []
        self.wall_ms: list[float] = []
        self.lean_ms: list[float] = []
        self.python_ms = 0.0


def cpu_of(pid: int | None) -> float:
    """CPU time of another process in milliseconds: the kernel's clock for it (see clock_getcpuclockid)."""
    assert pid is not None
    return time.clock_gettime(~pid << 3 | 2) * 1e3


async def record(toolchain: Toolchain, theorem: CorpusTheorem, automation: Any, budget: int) -> Recorder:
    """Search for a proof and note every question."""
    async with LeanProver.open(toolchain=toolchain) as prover:
        recorder = Recorder(prover)
        provider = get_provider("heuristic", automation=automation)
        config = SearchConfig(mode="distributed", agents=4, inflight=4, budget=(budget,))
        await search(theorem.statement, prover=recorder, provider=provider, config=config)
    return recorder


async def repeat(prover: LeanProver, statement: str, steps: Sequence[tuple[str, int, str]]) -> Repeated:
    """Ask the same questions again."""
    done = Repeated()
    ids = [(await prover.start(statement)).mvar_id]
    latest: dict[tuple[int, str], Preview] = {}
    begin = time.process_time()
    for checkpoint, (what, number, tactic) in enumerate(steps):
        if what == "commit":
            preview = latest[number, tactic]
            await prover.commit(preview)
            known = set(ids)
            ids += [child.mvar_id for child in preview.children if child.mvar_id not in known]
            continue
        before, wall = cpu_of(prover.worker_pid), time.perf_counter()
        outcome = await prover.preview(ids[number], tactic, checkpoint=checkpoint + 1)
        done.wall_ms.append((time.perf_counter() - wall) * 1e3)
        done.lean_ms.append(cpu_of(prover.worker_pid) - before)
        done.outcomes.append(outcome)
        if isinstance(outcome, Preview):
            latest[number, tactic] = outcome
    done.python_ms = (time.process_time() - begin) * 1e3
    return done


def comparable(outcome: Preview | Failure) -> object:
    """What both transports must say alike: the reason of a failure, or goals without ids and hashes."""
    if isinstance(outcome, Failure):
        return outcome.reason
    # The language server counts unnamed metavariables one lower: the theorem's own name is still in its context.
    return [
        (UNNAMED.sub("?m", g.goal_type), g.hypotheses, g.rotate, g.joint, g.mvar_id.count("+"))
        for g in outcome.children
    ]


def head(tactic: str) -> str:
    """The first word of a tactic."""
    return tactic.split(maxsplit=1)[0].strip("·(;") or tactic[:8]


def differences(theorem: str, steps: Sequence[str], one: Repeated, two: Repeated) -> list[dict[str, object]]:
    """Attempts that differ, and signatures of the server that tell apart what the language server calls equal.

    (The other way round is its weakness, not an error: a bound variable with a hypothesis's name confuses its texts.)
    """
    found: list[dict[str, object]] = []
    same: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for tactic, a, b in zip(steps, one.outcomes, two.outcomes, strict=True):
        if comparable(a) != comparable(b):
            shown = [msgspec.to_builtins(comparable(each)) for each in (a, b)]
            found.append({"theorem": theorem, "tactic": tactic, "answers": shown})
        elif isinstance(a, Preview) and isinstance(b, Preview):
            for x, y in zip(a.children, b.children, strict=True):
                for pair in ((x.goal_sig, y.goal_sig), (x.goal_sig_strict, y.goal_sig_strict)):
                    same[pair[1]].add(pair)
    split = [sorted(pairs) for pairs in same.values() if len(pairs) > 1]
    if split:
        found.append({"theorem": theorem, "signatures": split[:3]})
    return found


class Totals:
    """What all theorems together cost on one transport."""

    def __init__(self) -> None:
        self.wall: dict[str, list[float]] = defaultdict(list)
        self.lean: dict[str, list[float]] = defaultdict(list)
        self.python_ms = 0.0

    def add(self, tactics: Sequence[str], done: Repeated) -> None:
        for tactic, wall, lean in zip(tactics, done.wall_ms, done.lean_ms, strict=True):
            self.wall[head(tactic)].append(wall)
            self.lean[head(tactic)].append(lean)
        self.python_ms += done.python_ms

    def summary(self, heads: Sequence[str]) -> dict[str, Any]:
        attempts = sum(map(len, self.lean.values()))
        lean = sum(map(sum, self.lean.values()))
        return {
            "attempts": attempts,
            "cpu_ms_per_attempt": round((lean + self.python_ms) / attempts, 3),
            "lean_ms_per_attempt": round(lean / attempts, 3),
            "python_ms_per_attempt": round(self.python_ms / attempts, 3),
            "by_head": {
                name: {
                    "attempts": len(self.wall[name]),
                    "lean_ms": round(statistics.mean(self.lean[name]), 3),
                    "wall_ms_median": round(statistics.median(self.wall[name]), 3),
                }
                for name in heads
            },
        }


async def compare(
    toolchain: Toolchain, theorems: Sequence[CorpusTheorem], automation: Literal["none", "full"], budget: int
) -> dict[str, Any]:
    """Repeat the attempts of all theorems on both transports."""
    totals = {transport: Totals() for transport in TRANSPORTS}
    differing: list[dict[str, object]] = []
    heads: Counter[str] = Counter()
    provers = {name: LeanProver.open(toolchain=toolchain, transport=name, explain=False) for name in TRANSPORTS}
    async with provers["server"] as server, provers["lsp"] as lsp:
        for number, theorem in enumerate(theorems):
            steps = (await record(toolchain, theorem, automation, budget)).steps
            tactics = [tactic for what, _, tactic in steps if what == "try"]
            heads.update(map(head, tactics))
            done: dict[str, Repeated] = {}
            for prover in (server, lsp) if number % 2 else (lsp, server):
                done[prover.transport] = await repeat(prover, theorem.statement, steps)
            for name, each in done.items():
                totals[name].add(tactics, each)  # type: ignore[index]
            differing += differences(theorem.id, tactics, done["server"], done["lsp"])
    common = [name for name, _ in heads.most_common(14)]
    summaries = {name: total.summary(common) for name, total in totals.items()}
    ratio = summaries["lsp"]["cpu_ms_per_attempt"] / summaries["server"]["cpu_ms_per_attempt"]
    return {
        "theorems": len(theorems),
        "server": summaries["server"],
        "lsp": summaries["lsp"],
        "times_less_cpu": round(ratio, 2),
        "differing": len(differing),
        "examples": differing[:5],
    }


async def round_trip(toolchain: Toolchain) -> dict[str, float]:
    """A request that does nothing, there and back."""
    server = await start_server(toolchain, memory_bytes=1 << 30)
    try:
        await server.ask({"prove": "theorem trip : True := by cellview_server"})
        cpu, wall, taken = time.process_time(), time.perf_counter(), list[float]()
        for _ in range(ROUND_TRIPS):
            begin = time.perf_counter()
            await server.ask({"free": []})
            taken.append((time.perf_counter() - begin) * 1e3)
        return {
            "wall_ms_median": round(statistics.median(taken), 3),
            "wall_ms_mean": round((time.perf_counter() - wall) / ROUND_TRIPS * 1e3, 3),
            "python_cpu_ms": round((time.process_time() - cpu) / ROUND_TRIPS * 1e3, 3),
        }
    finally:
        await server.kill()


async def check_cost(toolchain: Toolchain, count: int) -> dict[str, float]:
    """One whole verification (two fresh processes), with the CPU of all children."""
    before, wall = resource_cpu(), time.perf_counter()
    for _ in range(count):
        assert (await verify(toolchain, "(p q : Prop) : p ∧ q → q ∧ p", "exact fun h => ⟨h.2, h.1⟩")).ok
    return {
        "verifications": count,
        "cpu_ms": round((resource_cpu() - before) / count * 1e3, 1),
        "wall_ms": round((time.perf_counter() - wall) / count * 1e3, 1),
    }


def resource_cpu() -> float:
    """CPU seconds of this process and of the children that have ended."""
    import resource

    kinds = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return sum(use.ru_utime + use.ru_stime for use in map(resource.getrusage, kinds))


async def main(arguments: argparse.Namespace) -> dict[str, Any]:
    """Measure everything."""
    toolchain = await find_toolchain()
    theorems = load_corpus(arguments.corpus).theorems[:: arguments.every]
    result: dict[str, Any] = {"lean": toolchain.version, "corpus": str(arguments.corpus), "budget": arguments.budget}
    result["round_trip"] = await round_trip(toolchain)
    result["check"] = await check_cost(toolchain, 10)
    for automation in arguments.automation:
        result[f"automation_{automation}"] = await compare(toolchain, theorems, automation, arguments.budget)
    return result


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--corpus", type=Path, default=Path(__file__).parents[1] / "corpora" / "micro.toml")
    parser.add_argument("--every", type=int, default=12, help="take every n-th theorem")
    parser.add_argument("--budget", type=int, default=12, help="iterations for each theorem")
    parser.add_argument("--automation", nargs="+", default=["none", "full"], choices=["none", "light", "full"])
    print(json.dumps(asyncio.run(main(parser.parse_args())), indent=2, ensure_ascii=False))
