"""Made-up runs, for the measures that compare searches."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec
import pytest

from cellview.measures import Cell, Cells, Run, run_digest

MakeRun = Callable[..., Run]
MakeCells = Callable[..., Cells]


def make_run(name: str = "run", **changes: Any) -> Run:
    run = Run(
        name=name,
        digest="",
        budget=60,
        search={"mode": "distributed", "agents": 4, "inflight": 4, "budget": [60], "block": None},
        arms={"wild_type": {"pegs": []}, "block_cases": {"pegs": ["cases"]}},
        seeds=(0,),
        corpus_digest="c0ffee",
        backend={"prover": "lean", "automation": "none", "heartbeats": 2000},
        cellview="0.1.0",
        lean="4.35.0",
        schedule_version=2,
        experiment="made up",
        experiment_digest="e" * 64,
        plan_digest=None,
    )
    return msgspec.structs.replace(run, **changes)


def make_cells(
    outcomes: Mapping[str, Sequence[Sequence[int | str | None]]], *, run: Run | None = None, **changes: Any
) -> Cells:
    """Return cells from, for each arm, a row of outcomes for each theorem, one outcome a seed.

    A number is solved after so many iterations, ``None`` the budget spent, a text a reason to be missing, or a status.
    """
    run = run or make_run()
    cells: list[Cell] = []
    for arm, rows in outcomes.items():
        for number, row in enumerate(rows):
            for seed, outcome in enumerate(row):
                base = Cell(
                    run=run.name, theorem=f"t{number:02}", arm=arm, seed=seed, status="budget", provable=True,
                    iterations=60, tried=120, visits=60, digest=f"{arm}{number}{seed}",
                )  # fmt: skip
                if isinstance(outcome, int):
                    base = msgspec.structs.replace(
                        base, status="solved", iterations=outcome, tried=2 * outcome, visits=outcome, proof_hash="p"
                    )
                elif outcome in ("exhausted", "aborted"):
                    base = msgspec.structs.replace(base, status=outcome, iterations=10, tried=20, visits=10)
                elif outcome is not None:
                    base = msgspec.structs.replace(base, status="missing", why=outcome)
                cells.append(msgspec.structs.replace(base, **changes))
    cells.sort(key=lambda cell: (cell.theorem, cell.arm, cell.seed))
    return Cells((msgspec.structs.replace(run, digest=run_digest(cells)),), tuple(cells))


@pytest.fixture
def run_of() -> MakeRun:
    return make_run


@pytest.fixture
def cells_of() -> MakeCells:
    return make_cells
