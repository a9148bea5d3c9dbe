"""What ``cellview compare`` prints: sentences and tables for people, sheets for other programs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.text import Text

from cellview.app.console import table
from cellview.app.sheets import Sheet
from cellview.measures import ComparedSearch, Comparison

__all__ = ["print_comparison", "sheet_of_arms", "sheet_of_theorems"]


def sheet_of_arms(comparisons: Sequence[Comparison]) -> Sheet:
    """Return a row for each comparison."""
    columns = ("a", "b", "searches", "both", "only_a", "only_b", "neither", "difference", "low", "high", "p", "holm_p")
    rows = [
        (
            *(c.a, c.b, len(c.searches), c.both, c.only_a, c.only_b, c.neither),
            *((None,) * 4 if (d := c.difference) is None else (d.estimate, d.low, d.high, d.p)),
            *(c.holm_p, None if c.work is None else c.work.ratio.geometric_mean),
        )
        for c in comparisons
    ]
    return Sheet((*columns, "work_ratio"), rows)


def sheet_of_theorems(comparisons: Sequence[Comparison]) -> Sheet:
    """Return a row for each theorem and seed of each comparison."""
    columns = ("a", "b", "theorem", "seed", "solved_a", "solved_b", "iterations_a", "iterations_b", "tried_a")
    rows = [
        (
            *(c.a, c.b, row.theorem, row.seed, row.solved_a, row.solved_b),
            *(row.iterations_a, row.iterations_b, row.tried_a, row.tried_b, row.same),
            *((None, None) if row.part is None else (row.part.iteration, row.part.field)),
        )
        for c in comparisons
        for row in c.searches
    ]
    return Sheet((*columns, "tried_b", "same", "part_at", "part_field"), rows)


def print_comparison(comparison: Comparison, console: Console, *, everything: bool, several: bool) -> None:
    """Print one comparison: whom, who solved how much by seed, the difference, and the theorems that part."""
    console.print(f"A: {comparison.a}\nB: {comparison.b}", markup=False, soft_wrap=True)
    rows = table("seed", "theorems", "A solved", "B solved", right=("seed", "theorems", "A solved", "B solved"))
    for seed in comparison.seeds:
        rows.add_row(*map(str, (seed.seed, seed.theorems, seed.solved_a, seed.solved_b)))
    console.print(rows)
    for line in _sentences(comparison, several=several):
        console.print(line, markup=False)
    shown = [row for row in comparison.searches if row.discordant or (everything and row.same is not True)]
    if shown:
        console.print()
        console.print(_theorems(shown, seeds=len(comparison.seeds) > 1))
    for line in _remarks(comparison, shown):
        console.print(line, markup=False)
    if several:
        console.print()


def _sentences(c: Comparison, *, several: bool) -> Iterator[str]:
    what = "theorems" if len(c.seeds) < 2 else "searches"
    yield (
        f"Of {len(c.searches)} {what}, both solve {c.both}, A alone {c.only_a}, B alone {c.only_b}, neither "
        f"{c.neither}."
    )
    if (d := c.difference) is not None and d.estimate is not None and d.p is not None:
        interval = "" if d.low is None or d.high is None else f", 95 % interval {d.low:+.3f} to {d.high:+.3f}"
        method = f" ({d.interval})" if d.interval else ""
        holm = f", with Holm's correction {_p(c.holm_p)}" if several else ""
        yield f"Solve rate, A less B: {d.estimate:+.3f}{interval}{method}; {d.test}: p = {_p(d.p)}{holm}."
    if (w := c.work) is not None and w.ratio.geometric_mean is not None:
        interval = "" if w.low is None or w.high is None else f", 95 % interval {w.low:.3g} to {w.high:.3g}"
        yield f"Tactics tried, A over B where both solve: {w.ratio.geometric_mean:.3g}{interval}."
    if c.agents_a != c.agents_b and c.work is not None and c.work.logical_speedup is not None:
        yield (
            f"{c.agents_a} agent{'s' if c.agents_a != 1 else ''} against {c.agents_b} within {c.budget} iterations: B "
            f"takes {c.work.logical_speedup:.3g} times as many iterations as A takes rounds of its window, where both "
            "solve."
        )


def _theorems(rows: Sequence[ComparedSearch], *, seeds: bool) -> object:
    columns = ["theorem", *(["seed"] if seeds else []), "A", "B", "part at", "in"]
    made = table(*columns, right=("seed", "part at"))
    for row in rows:
        part = ("", "")
        if row.part is not None:
            iteration = "" if row.part.iteration is None else str(row.part.iteration)
            part = (iteration, f"{row.part.field}: {_short(row.part.first)}, {_short(row.part.second)}")
        cells = [row.theorem, *([str(row.seed)] if seeds else []), _solved(row.solved_a), _solved(row.solved_b)]
        made.add_row(*map(Text, (*cells, *part)))
    return made


def _remarks(c: Comparison, shown: Sequence[ComparedSearch]) -> Iterator[str]:
    same = sum(row.same is True for row in c.searches)
    if same:
        yield f"{same} of {len(c.searches)} searches are the same to the byte under both."
    if any(row.same is False and row.part is None for row in shown):
        yield "Where the searches part is not known without their traces: run with --trace-mcts."
    if c.dropped:
        reasons = Counter(dropped.why for dropped in c.dropped)
        yield "Left out, under both: " + ", ".join(f"{count} {why}" for why, count in sorted(reasons.items())) + "."
    yield from c.missing


def _solved(solved: bool) -> str:
    return "yes" if solved else "no"


def _p(p: float | None) -> str:
    return "–" if p is None else f"{p:.4f}" if p >= 0.0001 else f"{p:.1e}"


_SHORT = 24


def _short(text: str) -> str:
    text = text.strip('"')  # a text within JSON
    return text if len(text) <= _SHORT else text[: _SHORT - 1] + "…"
