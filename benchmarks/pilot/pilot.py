"""The pilot behind `corpora/study.toml`: a centralized search for every theorem of the corpora; prints JSON.

    python benchmarks/pilot/pilot.py --out pilot                                # every corpus, half an hour on one core
    python benchmarks/pilot/pilot.py --out pilot --write corpora/study.toml     # and choose anew

It takes no time of anything: the figures are iterations, which are the same on every machine. What was cut short goes
on when the command is given again. Afterwards `cellview corpus pilot` reads the runs; what it finds is compared with
the record in `corpora/study.json`, theorem by theorem: after a change of the provider, of selection or of Lean, this
says how many theorems the record is still right about.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
CORPORA = ("micro", "pelletier", "tpil", "nng", "orders", "functions", "lists", "integers", "divisibility")
AT_LEAST = "12"
SEARCH = ("--mcts-mode", "centralized", "--automation", "none", "--budget", "200", "--seed", "0")

Row = dict[str, Any]


def cellview(*words: str) -> int:
    """Run the command line, what it prints to standard error."""
    return subprocess.run([sys.executable, "-m", "cellview", *words], stdout=sys.stderr, check=False).returncode


def run(name: str, folder: Path) -> None:
    """Make the pilot run of a corpus, or go on with it."""
    if not folder.exists():
        status = cellview("run", f"corpora/{name}.toml", *SEARCH, "--quiet", "--out", str(folder))
    elif json.loads((folder / "run.json").read_text(encoding="utf-8"))["status"] != "finished":
        status = cellview("run", "--resume", str(folder), "--quiet")
    else:
        return
    if status not in (0, 1):  # 1: something was left unsolved
        raise SystemExit(status)


def searches(record: Path) -> dict[str, Row]:
    """Return what a record says of each theorem."""
    return {row["id"]: row for row in json.loads(record.read_text(encoding="utf-8"))["searches"]}


def main() -> None:
    """Run, choose, compare."""
    parser = argparse.ArgumentParser(description="The pilot behind corpora/study.toml.")
    parser.add_argument("--out", type=Path, required=True, help="folder for the runs")
    parser.add_argument("--only", nargs="*", choices=CORPORA, default=list(CORPORA), help="some of the corpora alone")
    parser.add_argument("--write", type=Path, help="where the chosen theorems and the record go")
    given = parser.parse_args()
    folders = [given.out.resolve() / name for name in given.only]
    for name, folder in zip(given.only, folders, strict=True):
        run(name, folder)
    with tempfile.TemporaryDirectory() as scratch:
        study = given.write or Path(scratch) / "study.toml"
        before = searches(ROOT / "corpora" / "study.json") if (ROOT / "corpora" / "study.json").exists() else {}
        if cellview("corpus", "pilot", *map(str, folders), "--at-least", AT_LEAST, "--out", str(study)):
            raise SystemExit(2)
        now = searches(study.with_suffix(".json"))
    common = sorted(now.keys() & before.keys())
    row: Row = {
        "theorems": len(now),
        "chosen": sum(entry["chosen"] for entry in now.values()),
        "chosen_and_solved": sum(entry["chosen"] and entry["solved"] for entry in now.values()),
        "in_the_record": len(common),
        "same_digest": sum(now[name]["digest"] == before[name]["digest"] for name in common),
        "same_choice": sum(now[name]["chosen"] == before[name]["chosen"] for name in common),
        "no_longer_chosen": [name for name in common if before[name]["chosen"] and not now[name]["chosen"]],
    }
    print(json.dumps(row, indent=2))


if __name__ == "__main__":
    main()
