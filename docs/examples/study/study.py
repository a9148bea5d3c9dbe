"""A worked study: blocked case analysis, frozen nodes, and one, four or eight agents, on theorems that take long.

    python docs/examples/study/study.py draw    # which theorems; they stand in experiment.toml
    python docs/examples/study/study.py run     # every run, then the tables

`experiment.toml` beside this file is the preregistration and what all runs have in common; `RUNS` says in what they
differ. `docs/explanation/study.md` has the results. A run that was cut short goes on when the command is given again.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
EXPERIMENT = HERE / "experiment.toml"
ROOT = HERE.parents[2]
RECORD = ROOT / "corpora" / "study.json"

HELD_BACK = ("block_cases", "block_family_case_analysis")
ARMS = ",".join(["wild_type", *HELD_BACK, *(f"dose_matched_control_{name}" for name in HELD_BACK)])
SEED_OF_THE_DRAW = 20261124


def distributed(agents: int, *more: str, arms: str = "wild_type") -> tuple[str, ...]:
    """Options of a run of so many agents, with a window of as many iterations."""
    mode = ("--mcts-mode", "distributed", "--mcts-agents", str(agents), "--mcts-inflight", str(agents))
    return (*mode, "--interventions", arms, *more)


def frozen(fraction: float) -> tuple[str, ...]:
    """Options of a run in which so many nodes, never the root, freeze for good, and agents go round them."""
    nodes = ("--mcts-block-fraction", str(fraction), "--mcts-block-duration=-1", "--mcts-block-spare-root")
    return distributed(4, *nodes, "--mcts-reroute-blocked")


RUNS: dict[str, tuple[str, ...]] = {
    "agents-4": distributed(4, arms=ARMS),
    "frozen-10": frozen(0.1),
    "frozen-20": frozen(0.2),
    "frozen-30": frozen(0.3),
    "frozen-50": frozen(0.5),
    "agents-1": distributed(1),
    "agents-8": distributed(8),
    "centralized": ("--mcts-mode", "centralized", "--interventions", "wild_type"),
    "blind": distributed(4, "--mcts-selection", "blind"),
}


def draw(solved: int, unsolved: int) -> list[str]:
    """Draw theorems of `corpora/study.toml`: so many that the pilot solved, so many that it did not."""
    searches = [search for search in json.loads(RECORD.read_text(encoding="utf-8"))["searches"] if search["chosen"]]
    chance = random.Random(SEED_OF_THE_DRAW)
    chosen = set[str]()
    for number, wanted in ((solved, True), (unsolved, False)):
        pool = sorted(search["id"] for search in searches if search["solved"] is wanted)
        chosen |= set(chance.sample(pool, min(number, len(pool))))
    return [search["id"] for search in searches if search["id"] in chosen]


def run(out: Path, names: list[str], jobs: int) -> int:
    """Make every run that is not there, go on with what was cut short, and print the tables."""
    for name in names:
        folder = out / name
        if not folder.exists():
            said = cellview("run", str(EXPERIMENT), *RUNS[name], "--jobs", str(jobs), "--quiet", "--out", str(folder))
        elif json.loads((folder / "run.json").read_text(encoding="utf-8"))["status"] != "finished":
            said = cellview("run", "--resume", str(folder), "--jobs", str(jobs), "--quiet")
        else:
            continue
        if said not in (0, 1):  # 1: something was left unsolved
            return said
    folders = [str(out / name) for name in RUNS if (out / name).exists()]
    return cellview("analyse", *folders, "--plan", str(EXPERIMENT), "--figures", str(out / "figures"))


def cellview(*words: str) -> int:
    """Run the command line where the corpora are."""
    return subprocess.run([sys.executable, "-m", "cellview", *words], check=False).returncode


def main() -> int:
    """Read the command line."""
    parser = argparse.ArgumentParser(description="A worked study.")
    commands = parser.add_subparsers(dest="command", required=True)
    drawing = commands.add_parser("draw", help="print the names of theorems drawn from corpora/study.toml")
    drawing.add_argument("--solved", type=int, default=90, help="how many that the pilot solved")
    drawing.add_argument("--unsolved", type=int, default=30, help="how many that it did not solve")
    running = commands.add_parser("run", help="make the runs and print the tables")
    running.add_argument("--out", type=Path, default=Path("study"), help="folder for all runs")
    running.add_argument("--only", nargs="*", choices=RUNS, default=list(RUNS), help="some of the runs alone")
    running.add_argument("--jobs", type=int, default=2, help="searches side by side")
    given = parser.parse_args()
    if given.command == "draw":
        print(json.dumps(draw(given.solved, given.unsolved), indent=4))
        return 0
    return run(given.out.resolve(), given.only, given.jobs)


if __name__ == "__main__":
    sys.exit(main())
