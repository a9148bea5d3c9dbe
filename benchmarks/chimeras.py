"""What it costs that agents differ: a search by four agents alike, and by four of which each may try one tactic alone.

The tree is synthetic and answers at once, so that nothing but the search itself is measured; with Lean underneath, a
visit takes milliseconds. The chimeric search is the worst case: every node that a kind is done with is hidden from it
at each of its selections, and here that is nearly every node. Prints JSON: microseconds of this process's own time for
each iteration, by budget.
"""

from __future__ import annotations

import asyncio
import json
import time

from cellview.prover import SyntheticProver, SyntheticProvider
from cellview.schedule import Algotype
from cellview.search import SearchConfig, search

BUDGETS = (250, 1000, 4000)
CHIMERA = tuple(Algotype(agents=str(number), families=(f"t{number}",)) for number in range(4))


async def microseconds(budget: int, algotypes: tuple[Algotype, ...]) -> tuple[float, int]:
    """Return the time of an iteration, and how many nodes the tree has at the end."""
    config = SearchConfig(agents=4, inflight=4, budget=(budget,), algotypes=algotypes)
    prover = SyntheticProver(5, 4, 0.3, 0.0, 0.3)
    started = time.process_time()
    result = await search(": P", prover=prover, provider=SyntheticProvider(4), config=config)
    return 1e6 * (time.process_time() - started) / result.iterations, result.nodes


def main() -> None:
    """Measure, and print JSON."""
    found: dict[str, dict[str, float | int]] = {}
    for budget in BUDGETS:
        alike, nodes = asyncio.run(microseconds(budget, ()))
        differ, others = asyncio.run(microseconds(budget, CHIMERA))
        found[str(budget)] = {
            "alike_us": round(alike),
            "alike_nodes": nodes,
            "chimera_us": round(differ),
            "chimera_nodes": others,
        }
    print(json.dumps(found, indent=2))


if __name__ == "__main__":
    main()
