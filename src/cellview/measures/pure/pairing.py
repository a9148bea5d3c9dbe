"""Pairing: the same theorem and seed under two arms, with everything else equal. What is not equal is named."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from cellview.measures.errors import CellsError, UnequalRunsError
from cellview.measures.pure.cells import Cell, Cells, Run

__all__ = ["Dropped", "Pair", "Pairs", "pair"]


class Pair(msgspec.Struct, frozen=True):
    """Two searches for one theorem with one seed."""

    theorem: str
    seed: int
    a: Cell
    b: Cell


class Dropped(msgspec.Struct, frozen=True):
    """A pair that cannot be counted, and why. Both members are left out."""

    theorem: str
    seed: int
    why: str


class Pairs(msgspec.Struct, frozen=True):
    """All pairs of two arms."""

    a: str
    b: str
    rows: tuple[Pair, ...]
    dropped: tuple[Dropped, ...]
    budget: int

    def __len__(self) -> int:
        """Return the number of pairs."""
        return len(self.rows)

    def __iter__(self) -> Iterator[Pair]:
        """Yield the pairs, by theorem and seed."""
        return iter(self.rows)

    def by_theorem(self) -> dict[str, list[Pair]]:
        """Return the pairs by theorem."""
        found: dict[str, list[Pair]] = {}
        for row in self.rows:
            found.setdefault(row.theorem, []).append(row)
        return found


def pair(a: Cells, b: Cells, *, factor: Sequence[str] = ()) -> Pairs:
    """Pair the searches of two arms, of one run or of two.

    Args:
        a: The searches of one arm: ``cells["block_cases"]``.
        b: Those of the other.
        factor: Fields of the search's configuration that the two are meant to differ in, such as ``block`` or
            ``tree.selection`` (or ``selection``, its last part).

    Raises:
        UnequalRunsError: They differ in something else. The text names the field.
        CellsError: One side holds more than one arm, or none.
    """
    (label_a, run_a), (label_b, run_b) = _one_arm(a), _one_arm(b)
    if run_a != run_b:
        _require_equal(run_a, run_b, factor, label_a.rpartition("/")[2], label_b.rpartition("/")[2])
    cells_a = {(cell.theorem, cell.seed): cell for cell in a}
    cells_b = {(cell.theorem, cell.seed): cell for cell in b}
    rows: list[Pair] = []
    dropped: list[Dropped] = []
    for theorem, seed in sorted(cells_a.keys() | cells_b.keys()):
        one, other = cells_a.get((theorem, seed)), cells_b.get((theorem, seed))
        why = _why_missing(one) or _why_missing(other)
        if one is None or other is None or why:
            dropped.append(Dropped(theorem, seed, why or "not_run"))
        else:
            rows.append(Pair(theorem, seed, one, other))
    return Pairs(label_a, label_b, tuple(rows), tuple(dropped), run_a.budget)


def _one_arm(cells: Cells) -> tuple[str, Run]:
    arms = list(dict.fromkeys((cell.run, cell.arm) for cell in cells))
    if len(arms) != 1:
        named = ", ".join(arm for _, arm in arms) or "none"
        raise CellsError(f"a pair has one arm on each side, and one side has {len(arms)} ({named}): choose cells[arm].")
    run, arm = arms[0]
    found = next(candidate for candidate in cells.runs if candidate.name == run)
    return f"{run}/{arm}", found


def _why_missing(cell: Cell | None) -> str | None:
    if cell is None:
        return "not_run"
    return (cell.why or "missing") if cell.status == "missing" else None


def _require_equal(a: Run, b: Run, factor: Sequence[str], arm_a: str, arm_b: str) -> None:
    known = a.search.keys() | b.search.keys()
    for name in factor:
        if not any(_is_meant(field, (name,)) for field in known):
            raise CellsError(f"{name} is no field of the search's configuration: one of {', '.join(sorted(known))}.")
    for name, one, other in _fields(a, b, arm_a, arm_b):
        if one != other and not (name.startswith("search.") and _is_meant(name.removeprefix("search."), factor)):
            raise UnequalRunsError(
                f"{a.name} and {b.name} differ in {name}: {one!r} and {other!r}; they pair only if that is the factor "
                "under study, or the same.",
                field=name,
            )


def _is_meant(field: str, factor: Sequence[str]) -> bool:
    return field in factor or field.rpartition(".")[2] in factor


def _fields(a: Run, b: Run, arm_a: str, arm_b: str) -> Iterator[tuple[str, Any, Any]]:
    yield "corpus_digest", a.corpus_digest, b.corpus_digest
    yield "cellview", a.cellview, b.cellview
    yield "lean", a.lean, b.lean
    yield "schedule_version", a.schedule_version, b.schedule_version
    for name in sorted(a.backend.keys() | b.backend.keys()):
        yield name, a.backend.get(name), b.backend.get(name)
    yield "budget", a.budget, b.budget
    yield "seeds", a.seeds, b.seeds
    for name in sorted(a.search.keys() | b.search.keys()):
        yield f"search.{name}", a.search.get(name), b.search.get(name)
    if arm_a == arm_b:
        yield f"arms.{arm_a}", a.arms.get(arm_a), b.arms.get(arm_b)
