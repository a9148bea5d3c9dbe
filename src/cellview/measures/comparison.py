"""Two arms side by side, search by search: who solved what, by how much they differ, and where their traces part."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TypeVar

import msgspec

from cellview.measures.errors import MissingExtraError
from cellview.measures.pure.beside import WorkRow, work_row
from cellview.measures.pure.cells import Cell, Cells
from cellview.measures.pure.contrasts import Contrast, Settings, contrast
from cellview.measures.pure.multiplicity import holm
from cellview.measures.pure.pairing import Dropped, Pair, Pairs, pair
from cellview.trace import Difference, diff_traces

__all__ = ["ComparedSearch", "Comparison", "SeedCounts", "compare", "corrected"]

T = TypeVar("T")


class SeedCounts(msgspec.Struct, frozen=True, kw_only=True):
    """What both arms solved with one seed, of the same theorems."""

    seed: int
    theorems: int
    solved_a: int
    solved_b: int


class ComparedSearch(msgspec.Struct, frozen=True, kw_only=True):
    """One theorem with one seed under both arms."""

    theorem: str
    seed: int
    solved_a: bool
    solved_b: bool
    iterations_a: int
    iterations_b: int
    tried_a: int
    tried_b: int
    same: bool | None
    """Whether the searches are the same to the byte (equal trace digests); ``None``: one has no digest."""
    part: Difference | None = None
    """The first place where the traces part; ``None`` too where one was not kept."""

    @property
    def discordant(self) -> bool:
        """Whether one arm alone solved it."""
        return self.solved_a != self.solved_b


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """Arm A beside arm B. Differences are A's less B's, and quotients A's over B's."""

    a: str
    b: str
    factor: tuple[str, ...]
    agents_a: int
    agents_b: int
    budget: int
    """Iterations, of either."""
    seeds: tuple[SeedCounts, ...]
    both: int
    only_a: int
    only_b: int
    neither: int
    difference: Contrast | None
    """In solve rate: with one seed the exact McNemar test, with several a sign-flip test over theorems."""
    holm_p: float | None
    """Its p value, corrected for all comparisons that are made at once."""
    work: WorkRow | None
    """Tactics tried, over the searches that both solve; and the speed-up in rounds of A's window."""
    searches: tuple[ComparedSearch, ...]
    dropped: tuple[Dropped, ...]
    missing: tuple[str, ...] = ()
    """What could not be computed for want of a library, in sentences."""


def compare(
    a: Cells,
    b: Cells,
    *,
    labels: tuple[str, str],
    factor: Sequence[str] = (),
    settings: Settings | None = None,
    trace_of: Callable[[Cell], Path | None] = lambda cell: None,
) -> Comparison:
    """Compare two arms of one run or of two.

    Args:
        a: The searches of one arm.
        b: Those of the other, the reference.
        labels: How to call them.
        factor: Fields of the search's configuration in which they are meant to differ.
        settings: How to compute.
        trace_of: Where a search's trace is; ``None``: it was not kept.

    Raises:
        UnequalRunsError: They differ in something else.
        CellsError: One side holds more than one arm, or none.
        TraceError: A trace cannot be read.
    """
    pairs = pair(a, b, factor=factor)
    how = settings or Settings()
    run_a, run_b = a.run_of(next(iter(a))), b.run_of(next(iter(b)))
    missing: list[str] = []
    difference = _unless_missing(lambda: contrast(pairs, "solve_rate_difference", settings=how, labels=labels), missing)
    work = _unless_missing(lambda: work_row(pairs, labels, how, window=run_a.window), missing)
    searches = tuple(_compared(row, trace_of) for row in pairs)
    return Comparison(
        a=labels[0],
        b=labels[1],
        factor=tuple(factor),
        agents_a=run_a.agents,
        agents_b=run_b.agents,
        budget=pairs.budget,
        seeds=tuple(_by_seed(pairs)),
        both=sum(row.solved_a and row.solved_b for row in searches),
        only_a=sum(row.solved_a and not row.solved_b for row in searches),
        only_b=sum(row.solved_b and not row.solved_a for row in searches),
        neither=sum(not row.solved_a and not row.solved_b for row in searches),
        difference=difference,
        holm_p=None if difference is None else difference.p,
        work=work,
        searches=searches,
        dropped=pairs.dropped,
        missing=tuple(dict.fromkeys(missing)),
    )


def corrected(comparisons: Sequence[Comparison]) -> list[Comparison]:
    """Return comparisons that are made at once, their p values corrected together by Holm's procedure."""
    known = [c.difference.p for c in comparisons if c.difference is not None and c.difference.p is not None]
    adjusted = iter(holm(known))
    return [
        c if c.difference is None or c.difference.p is None else msgspec.structs.replace(c, holm_p=next(adjusted))
        for c in comparisons
    ]


def _unless_missing(compute: Callable[[], T | None], missing: list[str]) -> T | None:
    try:
        return compute()
    except MissingExtraError as error:
        missing.append(str(error))
        return None


def _by_seed(pairs: Pairs) -> Iterable[SeedCounts]:
    for seed in sorted({row.seed for row in pairs}):
        rows = [row for row in pairs if row.seed == seed]
        yield SeedCounts(
            seed=seed,
            theorems=len(rows),
            solved_a=sum(row.a.solved for row in rows),
            solved_b=sum(row.b.solved for row in rows),
        )


def _compared(row: Pair, trace_of: Callable[[Cell], Path | None]) -> ComparedSearch:
    same = None if row.a.digest is None or row.b.digest is None else row.a.digest == row.b.digest
    part = None
    if same is False:
        one, other = trace_of(row.a), trace_of(row.b)
        part = None if one is None or other is None else diff_traces(one, other)
    return ComparedSearch(
        theorem=row.theorem,
        seed=row.seed,
        solved_a=row.a.solved,
        solved_b=row.b.solved,
        iterations_a=row.a.iterations,
        iterations_b=row.b.iterations,
        tried_a=row.a.tried,
        tried_b=row.b.tried,
        same=same,
        part=part,
    )
