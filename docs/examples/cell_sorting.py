"""Cell-view sorting: an array in which every number is an actor with its own rule and no view of the whole plan.

    python docs/examples/cell_sorting.py [--cells 100] [--runs 20] [--seed 0]

A replication of Zhang, Goldstein and Levin, "Classical sorting algorithms as a model of morphogenesis" (2024), to test
the kernel and `cellview.measures` on something whose truth is known. Prints JSON; `docs/explanation/cell-sorting.md`
has the figures, the published ones beside them, and why they differ. `cellview.measures` needs the extra `measures`.
"""

import argparse
import asyncio
import hashlib
import json
import random
from collections.abc import Sequence
from itertools import pairwise
from statistics import fmean
from typing import Any, Literal

import msgspec

from cellview.actors import Actor, ActorSystem, Ref, Request
from cellview.measures import aggregation, delayed_gratification, gratification_null, tolerance

Algotype = Literal["bubble", "insertion", "selection"]
ALGOTYPES: tuple[Algotype, ...] = ("bubble", "insertion", "selection")
PAIRS: tuple[tuple[Algotype, Algotype], ...] = (
    ("bubble", "selection"),
    ("bubble", "insertion"),
    ("insertion", "selection"),
)
QUIET = 30  # turns for each cell without a swap after which nobody is going to move any more
DEADLINE_S = 60.0


class Turn(Request[int | None], frozen=True):
    """It is the cell's turn. The answer is the place it wants to change with, if any.

    A cell looks at its own part of `values` only: neighbours, everything to its left, or one place, as its rule says.
    `stuck` says which cells neither move nor can be moved; `coin` is the turn's share of chance, in [0, 1).
    """

    place: int
    values: tuple[int, ...]
    stuck: tuple[bool, ...]
    coin: float


class Cell(Actor[Turn]):
    """One number of the array."""

    async def receive(self, message: Turn) -> None:
        self.context.reply(self.choose(message))

    def choose(self, turn: Turn) -> int | None:
        """The rule of the algotype."""
        raise NotImplementedError


class Bubble(Cell):
    """Looks left or right, by chance, and changes with a neighbour that stands on the wrong side."""

    def choose(self, turn: Turn) -> int | None:
        other = turn.place + (1 if turn.coin < 0.5 else -1)
        if not 0 <= other < len(turn.values) or turn.stuck[other]:
            return None
        low, high = sorted((turn.place, other))
        return other if turn.values[low] > turn.values[high] else None


class Insertion(Cell):
    """Moves left past a larger neighbour, once everything to its left is in order; stuck cells divide that side."""

    def choose(self, turn: Turn) -> int | None:
        here = turn.place
        if here == 0 or turn.stuck[here - 1] or turn.values[here] >= turn.values[here - 1]:
            return None
        left = zip(turn.values[:here], turn.stuck[:here], strict=True)
        ordered = all(a <= b or blocked or halted for (a, blocked), (b, halted) in pairwise(left))
        return here - 1 if ordered else None


class Selection(Cell):
    """Has a place where it wants to be, the leftmost at first, and gives it up when a smaller or stuck one has it."""

    def __init__(self) -> None:
        self.ideal = 0

    def choose(self, turn: Turn) -> int | None:
        if self.ideal >= len(turn.values) or self.ideal == turn.place:
            return None
        if turn.stuck[self.ideal] or turn.values[turn.place] >= turn.values[self.ideal]:
            self.ideal += 1
            return None
        return self.ideal


RULES: dict[Algotype, type[Cell]] = {"bubble": Bubble, "insertion": Insertion, "selection": Selection}


class Sorting(msgspec.Struct, frozen=True, kw_only=True):
    """What one run did.

    Attributes:
        sortedness: cells that do not stand behind a larger one, at the start and after every swap.
        layouts: the algotypes from left to right, at the same moments.
        turns: turns taken in all.
        digest: SHA-256 of the array and of every swap with its turn; equal for equal runs, however they were scheduled.
    """

    sortedness: list[int]
    layouts: list[tuple[Algotype, ...]]
    turns: int
    digest: str

    @property
    def errors(self) -> int:
        """Neighbours in the wrong order at the end."""
        return len(self.layouts[0]) - self.sortedness[-1]


def sortedness(values: Sequence[int]) -> int:
    """How many cells do not stand behind a larger one; the first counts."""
    return 1 + sum(a <= b for a, b in pairwise(values))


async def sort(kinds: Sequence[Algotype], *, frozen: int = 0, seed: int) -> Sorting:
    """Let cells of these algotypes sort themselves, `frozen` of them stuck; everything by chance comes from `seed`.

    One turn at a time, to a cell drawn uniformly: the order of the threads in the original, without the threads.
    """
    rng = random.Random(seed)
    size = len(kinds)
    values = rng.sample(range(size), size)
    who = rng.sample(range(size), size)  # which cell stands where
    halted = set(rng.sample(range(size), frozen))  # cells
    record = hashlib.sha256(msgspec.json.encode([kinds, values, who, sorted(halted)]))
    async with ActorSystem(name="tissue") as system:
        cells: list[Ref[Turn]] = [await system.spawn(RULES[kind], name=f"{kind}-{i}") for i, kind in enumerate(kinds)]
        series = [sortedness(values)]
        layouts: list[tuple[Algotype, ...]] = [tuple(kinds[cell] for cell in who)]
        seen, stuck = tuple(values), tuple(cell in halted for cell in who)
        movable = [place for place in range(size) if not stuck[place]]  # the stuck never change their place
        turns = quiet = 0
        while movable and series[-1] < size and quiet < QUIET * size:
            place, coin = rng.choice(movable), rng.random()
            target = await cells[who[place]].ask(Turn(place, seen, stuck, coin), deadline_s=DEADLINE_S)
            turns, quiet = turns + 1, quiet + 1
            if target is None:
                continue
            quiet = 0
            values[place], values[target] = values[target], values[place]
            who[place], who[target] = who[target], who[place]
            seen = tuple(values)
            series.append(sortedness(values))
            layouts.append(tuple(kinds[cell] for cell in who))
            record.update(f"{turns} {place} {target}\n".encode())
    return Sorting(sortedness=series, layouts=layouts, turns=turns, digest=record.hexdigest())


def digest_of(runs: Sequence[Sorting]) -> str:
    """One digest for several runs."""
    return hashlib.sha256("".join(run.digest for run in runs).encode()).hexdigest()[:16]


def mean_of(numbers: Sequence[float | None]) -> float | None:
    """The mean of those that exist."""
    there = [number for number in numbers if number is not None]
    return round(fmean(there), 3) if there else None


async def frozen_rows(cells: int, runs: int, seed: int) -> list[dict[str, Any]]:
    """Each algotype with 0 to 3 stuck cells: what it costs, what it leaves, and its delayed gratification."""
    rows: list[dict[str, Any]] = []
    for kind in ALGOTYPES:
        for frozen in range(4):
            kinds: list[Algotype] = [kind] * cells
            done = [await sort(kinds, frozen=frozen, seed=seed + number) for number in range(runs)]
            found = [delayed_gratification(run.sortedness) for run in done]
            nulls = [gratification_null(run.sortedness, 99, seed, top=cells) for run in done]
            rows.append({
                "algotype": kind,
                "frozen": frozen,
                "swaps": mean_of([len(run.sortedness) - 1 for run in done]),
                "turns": mean_of([run.turns for run in done]),
                "errors": mean_of([run.errors for run in done]),
                "ratio": mean_of([each.ratio for each in found]),
                "gain": mean_of([each.gain for each in found]),
                "null gain": mean_of([null.mean for null in nulls]),
                "runs above their null (p < .05)": sum(null.p is not None and null.p < 0.05 for null in nulls),
                "events": mean_of([each.events for each in found]),
                "digest": digest_of(done),
            })  # fmt: skip
    return rows


def shares(run: Sorting, points: int = 100) -> list[float]:
    """Neighbours of one algotype, as a share of all neighbours, over the progress of a run in `points` steps."""
    last = len(run.layouts) - 1
    layouts = [run.layouts[round(point * last / points)] for point in range(points + 1)]
    return [fmean(a == b for a, b in pairwise(layout)) for layout in layouts]


async def mixed_rows(cells: int, runs: int, seed: int) -> list[dict[str, Any]]:
    """Two algotypes, half and half: where like stands beside like most, and whether chance would do the same."""
    rows: list[dict[str, Any]] = []
    for pair in PAIRS:
        kinds: list[Algotype] = [pair[cell % 2] for cell in range(cells)]
        done = [await sort(kinds, seed=seed + number) for number in range(runs)]
        curves = [shares(run) for run in done]
        mean = [fmean(curve[point] for curve in curves) for point in range(101)]
        peak = max(range(101), key=mean.__getitem__)
        at_peak = [run.layouts[round(peak * (len(run.layouts) - 1) / 100)] for run in done]
        # Every place is visited once, in one round: so the measure's null exchanges the labels of all places.
        tests = [
            aggregation([(kind, place, place - 1) for place, kind in enumerate(layout)], cells, permutations=999)
            for layout in at_peak
        ]
        rows.append({
            "algotypes": " + ".join(pair),
            "start": round(mean[0], 3), "peak": round(mean[peak], 3), "at %": peak, "end": round(mean[-1], 3),
            "null": mean_of([test.expected for test in tests]),
            "runs above their null (p < .05)": sum((test.one_sided_p or 1) < 0.05 for test in tests),
            "sorted": sum(run.errors == 0 for run in done),
            "swaps": mean_of([len(run.sortedness) - 1 for run in done]),
            "digest": digest_of(done),
        })  # fmt: skip
    return rows


async def study(cells: int, runs: int, seed: int) -> dict[str, Any]:
    """Everything that the page shows."""
    frozen = await frozen_rows(cells, runs, seed)
    error_tolerance: dict[str, Any] = {}
    for kind in ALGOTYPES:
        points = [(row["frozen"] / cells, 1 - row["errors"] / cells) for row in frozen if row["algotype"] == kind]
        found = tolerance([fraction for fraction, _ in points], [rate for _, rate in points])
        error_tolerance[kind] = None if found.auc is None else round(found.auc, 4)
    return {
        "cells": cells, "runs": runs, "seed": seed,
        "frozen": frozen, "error tolerance (area)": error_tolerance, "mixed": await mixed_rows(cells, runs, seed),
    }  # fmt: skip


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cells", type=int, default=100)
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    print(json.dumps(asyncio.run(study(options.cells, options.runs, options.seed)), indent=1))
