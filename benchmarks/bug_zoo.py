"""How many runs each strategy needs to find each planted defect; writes the table into docs/explanation/bug-zoo.md.

    python benchmarks/bug_zoo.py [--trials 20] [--limit 400] [--write]

Its bias: the specimens are small (5 to 75 deliveries) and were written together with the strategies. A mean is the
number of runs spent in all trials divided by the number of trials that found the defect (the estimate for runs that
are independent). The exhaustive strategy is deterministic: one trial.
"""

import argparse
import json
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings
from zoo import SPECIMENS, Defect, Specimen

from cellview.actors.testing import PCT, Deadlock, Intervention, Scheduler, SeededRandom, run_controlled
from cellview.actors.testing import explore as explore_all
from cellview.actors.testing import interventions as draw_interventions

PAGE = Path(__file__).parent.parent / "docs" / "explanation" / "bug-zoo.md"
BEGIN, END = "<!-- table: begin -->", "<!-- table: end -->"
STRATEGIES = ("random", "pct", "interventions", "exhaustive")


def shows(run: Callable[[], Awaitable[None]], **how: Any) -> bool:
    """Whether the defect shows in one run."""
    try:
        run_controlled(run, **how)
    except (Defect, Deadlock):
        return True
    return False


def by_scheduler(specimen: Specimen, make: Callable[[int], Scheduler], trial: int, limit: int) -> tuple[int, bool]:
    """Runs until the defect shows, under a fresh scheduler each."""
    for number in range(limit):
        if shows(specimen.broken, scheduler=make(trial * limit + number)):
            return number + 1, True
    return limit, False


def by_interventions(specimen: Specimen, trial: int, limit: int) -> tuple[int, bool]:
    """Runs until the defect shows, as Hypothesis draws (shrinking left out)."""
    runs = 0

    @seed(trial)
    @settings(
        max_examples=limit,
        phases=[Phase.generate],
        database=None,
        deadline=None,
        report_multiple_bugs=False,
        suppress_health_check=[HealthCheck.too_slow],
    )
    @given(draw_interventions(specimen.actors, kinds=specimen.kinds))
    def attempt(plan: list[Intervention]) -> None:
        nonlocal runs
        runs += 1
        run_controlled(specimen.broken, interventions=plan)

    try:
        attempt()
    except (Defect, Deadlock):
        return runs, True
    return runs, False


def by_exploration(specimen: Specimen, limit: int) -> tuple[int, bool]:
    """Runs until the defect shows, over all schedules within two holds of FIFO."""
    runs = 0

    def counted() -> Awaitable[None]:
        nonlocal runs
        runs += 1
        return specimen.broken()

    try:
        explore_all(counted, max_holds=2, max_runs=limit, name=specimen.name)
    except (Defect, Deadlock):
        return runs, True
    return runs, False


def measure(specimen: Specimen, trials: int, limit: int) -> dict[str, dict[str, float | int | None]]:
    """All strategies on one specimen."""
    found: dict[str, dict[str, float | int | None]] = {}
    for strategy in STRATEGIES:
        outcomes: list[tuple[int, bool]] = []
        for trial in range(1 if strategy == "exhaustive" else trials):
            if strategy == "random":
                outcomes.append(by_scheduler(specimen, SeededRandom, trial, limit))
            elif strategy == "pct":
                outcomes.append(by_scheduler(specimen, lambda number: PCT(number, steps=40), trial, limit))
            elif strategy == "interventions":
                outcomes.append(by_interventions(specimen, trial, limit))
            else:
                outcomes.append(by_exploration(specimen, limit * 5))
            if len(outcomes) >= 5 and not any(hit for _, hit in outcomes):
                break  # five fruitless trials say enough
        finds = sum(hit for _, hit in outcomes)
        runs = sum(count for count, _ in outcomes)
        found[strategy] = {"runs": runs, "finds": finds, "mean": runs / finds if finds else None}
    return found


def table(results: dict[str, dict[str, dict[str, float | int | None]]]) -> str:
    """The results as Markdown."""
    lines = ["| specimen | planted defect | random | PCT | interventions | exhaustive |", "|---|---|--:|--:|--:|--:|"]
    for specimen in SPECIMENS:
        cells: list[str] = []
        for strategy in STRATEGIES:
            entry = results[specimen.name][strategy]
            mean = entry["mean"]
            cells.append(f"not in {entry['runs']}" if mean is None else f"{mean:.3g}")
        lines.append(f"| {specimen.name} | {specimen.defect} | {' | '.join(cells)} |")
    return "\n".join(lines)


def main() -> None:
    """Measure, print JSON, and write the page if asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trials", type=int, default=20)
    parser.add_argument("--limit", type=int, default=400, help="runs in one trial")
    parser.add_argument("--write", action="store_true", help="put the table into the page")
    options = parser.parse_args()
    results: dict[str, dict[str, dict[str, float | int | None]]] = {}
    for specimen in SPECIMENS:
        results[specimen.name] = measure(specimen, options.trials, options.limit)
        print(specimen.name, results[specimen.name], file=sys.stderr)
    print(json.dumps(results, indent=2))
    if options.write:
        text = PAGE.read_text()
        head, _, rest = text.partition(BEGIN)
        _, _, tail = rest.partition(END)
        note = (
            f"{options.trials} trials of at most {options.limit} runs; exhaustive: one of at most {options.limit * 5}."
        )
        PAGE.write_text(f"{head}{BEGIN}\n{table(results)}\n\n{note}\n{END}{tail}")


if __name__ == "__main__":
    main()
