"""What each rule of the heuristic provider is worth: theorems solved with it left out; prints JSON.

    python benchmarks/ablation/ablation.py                      # automation none, and full
    python benchmarks/ablation/ablation.py --automation none --only building mirroring

Bias, up front: `fresh.toml` beside this file was written after the rules and none was changed for it, but by somebody
who knew them; it has 51 theorems, so that a rule that is worth one theorem in a hundred shows nothing here. A rule may
also be missed only together with another: what is left out is one at a time. Iterations are the same on every machine.

Columns: theorems solved, those lost and gained against all rules together, and iterations over the theorems that both
solve, as a ratio.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Generator, Iterator
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from typing import Any

from cellview.app.cli import run as cellview
from cellview.prover.providers import heuristic

FRESH = Path(__file__).with_name("fresh.toml")
STEPS = ("closing", "introducing", "finishing", "reached", "splitting", "destructing", "splitting_pairs", "detaching")
"""Rules that give one suggestion, or none."""

CHOICES = (
    *("choosing", "witnessing", "backward", "congruence", "building", "mirroring", "unfolding", "rewriting"),
    *("branching", "inverting", "instantiating", "complete", "doubled", "diagonalising", "asking", "pointwise"),
    *("rewriting_facts", "contradicting", "deciding"),
)
"""Rules that give any number."""

OF_FULL = ("finishing_lemma", "linear", "expanding", "closers", "applying_lemmas", "simplifying")
"""Rules that only the level full has (some of them light too)."""

RULES = {"none": (*STEPS, *CHOICES), "full": OF_FULL}
BUDGET = {"none": "40", "full": "20"}

Row = dict[str, Any]


def nothing(*_: object, **__: object) -> None:
    """A step that never applies."""


def no_choice(*_: object, **__: object) -> Iterator[None]:
    """A rule without suggestions."""
    return iter(())


@contextmanager
def without(rule: str | None) -> Generator[None]:
    """Leave a rule out."""
    if rule is None:
        yield
        return
    kept = getattr(heuristic, rule)
    setattr(heuristic, rule, nothing if rule in STEPS or rule == "finishing_lemma" else no_choice)
    try:
        yield
    finally:
        setattr(heuristic, rule, kept)


def solved(rule: str | None, automation: str, folder: Path, jobs: str) -> dict[str, int]:
    """Return the iterations of each theorem that is solved."""
    out = folder / f"{automation}-{rule}"
    options = ("--automation", automation, "--budget", BUDGET[automation], "--jobs", jobs, "--quiet", "--out", str(out))
    with without(rule), redirect_stdout(sys.stderr):
        status = cellview(["run", str(FRESH), *options])
    if status not in (0, 1):
        raise SystemExit(status)
    results = json.loads((out / "run.json").read_text(encoding="utf-8"))["results"]
    return {entry["theorem"]: entry["iterations"] for entry in results if entry["solved"]}


def row(rule: str | None, found: dict[str, int], everything: dict[str, int]) -> Row:
    """Return what leaving a rule out did."""
    both = found.keys() & everything.keys()
    more = sum(found[name] for name in both) / sum(everything[name] for name in both) if both else None
    return {
        "without": rule,
        "solved": len(found),
        "lost": sorted(everything.keys() - found.keys()),
        "gained": sorted(found.keys() - everything.keys()),
        "iterations_ratio": None if more is None else round(more, 2),
    }


def main() -> None:
    """Leave out one rule after the other."""
    parser = argparse.ArgumentParser(description="What each rule of the heuristic provider is worth.")
    parser.add_argument("--automation", nargs="*", choices=list(RULES), default=list(RULES))
    parser.add_argument("--only", nargs="*", help="some of the rules alone")
    parser.add_argument("--jobs", default="2", help="searches side by side")
    given = parser.parse_args()
    tables: dict[str, list[Row]] = {}
    with tempfile.TemporaryDirectory() as scratch:
        for level in given.automation:
            everything = solved(None, level, Path(scratch), given.jobs)
            rules = [rule for rule in RULES[level] if given.only is None or rule in given.only]
            tables[level] = [row(None, everything, everything)]
            for rule in rules:
                tables[level].append(row(rule, solved(rule, level, Path(scratch), given.jobs), everything))
                print(json.dumps(tables[level][-1]), file=sys.stderr, flush=True)  # hours on a busy machine: say each
    print(json.dumps({"corpus": FRESH.name, "budget": BUDGET, "tables": tables}, indent=2))


if __name__ == "__main__":
    main()
