"""Throughput of a search on the synthetic prover; prints JSON, says on what.

Bias, up front: the synthetic prover answers in microseconds, so this measures Cellview's own overhead and nothing that
a user of Lean would notice (there, a tactic takes milliseconds). One process, one core; CPU seconds of the process are
given beside wall-clock seconds, because a shared machine makes the latter jump. The cyclic garbage collector is set as
the command line sets it (``gc.freeze`` and a larger first threshold).

    python benchmarks/search.py            # 1k and 10k iterations
    python benchmarks/search.py --full     # 100k too
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import os
import platform
import sys
import tempfile
import time
import tracemalloc
from pathlib import Path
from typing import Any

from cellview.core import (
    Attempted,
    CandidateOrder,
    TraceContext,
    VisitResult,
    apply_visit,
    record,
    tie_salt,
)
from cellview.prover import Goal, SyntheticProver, SyntheticProvider
from cellview.search import SearchConfig, search
from cellview.trace import NullTraceWriter, OrderedTraceWriter, TraceWriter
from cellview.tree import AgentProfile, Tree

Row = dict[str, Any]


class Tenths:
    """CPU and wall-clock marks at every tenth of a run."""

    def __init__(self, iterations: int) -> None:
        self._step = max(1, iterations // 10)
        self.cpu: list[float] = []
        self.wall: list[float] = []

    def mark(self, iteration: int) -> None:
        """Call at the beginning of each iteration, and once at the end."""
        if iteration % self._step == 0:
            self.cpu.append(time.process_time())
            self.wall.append(time.perf_counter())

    def row(self, iterations: int) -> Row:
        """Figures of the run."""
        cpu = self.cpu[-1] - self.cpu[0]
        wall = self.wall[-1] - self.wall[0]
        first = (self.cpu[1] - self.cpu[0]) / self._step * 1e6
        last = (self.cpu[-1] - self.cpu[-2]) / self._step * 1e6
        return {
            "iterations_per_s": round(iterations / wall),
            "iterations_per_cpu_s": round(iterations / cpu),
            "us_first_tenth": round(first, 1),
            "us_last_tenth": round(last, 1),
            "last_over_first": round(last / first, 2),
        }


def writer(folder: Path, trace: bool) -> TraceWriter:
    """A file of its own for each run, or nothing."""
    return OrderedTraceWriter(folder / f"{time.time_ns()}.jsonl") if trace else NullTraceWriter()


async def bare(iterations: int, folder: Path, *, trace: bool) -> Row:
    """The loop without actors, awaits of others, tickets or containment: what the tree and the trace cost alone."""
    prover, provider = SyntheticProver(), SyntheticProvider()
    tree = Tree(await prover.start(""), statement="")
    order = CandidateOrder()
    profile, context, out = AgentProfile(), TraceContext((iterations,), "synthetic"), writer(folder, trace)
    tenths = Tenths(iterations)
    for iteration in range(iterations):
        tenths.mark(iteration)
        node = tree.select(profile, salt=tie_salt(0, 0, iteration))
        if node is None:
            break
        tree.reserve(node)
        goal = node.goal
        assert isinstance(goal, Goal)
        candidates = order.arrange(await provider.suggest(goal), node_key="")
        attempts = [Attempted(c.tactic, prover.apply(goal.mvar_id, c.tactic), 0) for c in candidates]
        applied = apply_visit(tree, node, VisitResult(candidates, attempts))
        if trace:
            out.write(record(tree, applied, context, iteration=iteration, agent_id=0, tier=1, inflight=0))
    tenths.mark(iterations)
    out.close()
    return {"loop": "bare", "trace": trace, "iterations": iterations, **tenths.row(iterations)}


async def run(config: SearchConfig, folder: Path, *, trace: bool, latency_s: float = 0.0) -> Row:
    """One search through the public entry."""
    iterations = sum(config.budget)
    tenths = Tenths(iterations)
    out = writer(folder, trace)
    provider = SyntheticProvider(latency_s=latency_s)
    tenths.mark(0)
    await search(
        "synthetic",
        prover=SyntheticProver(),
        provider=provider,
        config=config,
        trace=out if trace else None,
        progress=lambda progress: tenths.mark(progress.iteration + 1),
    )
    out.close()
    label = config.mode if config.mode == "centralized" else f"{config.agents} agents"
    return {"loop": label, "trace": trace, "iterations": iterations, **tenths.row(iterations)}


async def bytes_per_node(iterations: int) -> Row:
    """Memory of the tree alone, by tracemalloc, over its nodes."""
    gc.collect()
    tracemalloc.start()
    config = SearchConfig(mode="centralized", budget=(iterations,))
    result = await search("synthetic", prover=SyntheticProver(), provider=SyntheticProvider(), config=config)
    gc.collect()
    size, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return {"iterations": iterations, "nodes": result.nodes, "bytes_per_node": round(size / result.nodes)}


def distributed(agents: int, iterations: int) -> SearchConfig:
    """As many tickets in flight as agents."""
    return SearchConfig(agents=agents, inflight=agents, budget=(iterations,))


async def main(full: bool) -> Row:
    """All rows."""
    rows: list[Row] = []
    sizes = [1_000, 10_000, 100_000] if full else [1_000, 10_000]
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for iterations in sizes:
            for trace in (False, True):
                rows.append(await bare(iterations, folder, trace=trace))
                centralized = SearchConfig(mode="centralized", budget=(iterations,))
                rows.append(await run(centralized, folder, trace=trace))
                for agents in (1, 8, 32):
                    rows.append(await run(distributed(agents, iterations), folder, trace=trace))
                for row in rows[-5:]:
                    print(row, file=sys.stderr)
        latency = {
            agents: await run(distributed(agents, 400), folder, trace=False, latency_s=0.005) for agents in (1, 8)
        }
    return {
        "benchmark": "search",
        "python": platform.python_version(),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
        "rows": rows,
        "provider_latency_5ms": {
            "one_agent_iterations_per_s": latency[1]["iterations_per_s"],
            "eight_agents_iterations_per_s": latency[8]["iterations_per_s"],
            "speedup": round(latency[8]["iterations_per_s"] / latency[1]["iterations_per_s"], 2),
        },
        "memory": await bytes_per_node(10_000),
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--full", action="store_true", help="100,000 iterations too (minutes)")
    print(json.dumps(asyncio.run(main(parser.parse_args().full)), indent=2))
