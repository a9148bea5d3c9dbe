"""Whether two arms find different proofs: a permutation test inside theorems, and diversity at equal sample sizes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterator, Sequence
from itertools import combinations, product
from math import comb, fsum, prod
from typing import Any, TypeAlias

import msgspec

from cellview.measures.errors import SampleError
from cellview.measures.pure.cells import Cell, Cells
from cellview.measures.pure.contrasts import Settings
from cellview.measures.pure.diversity import rarefied
from cellview.measures.pure.extra import generator, library
from cellview.measures.pure.permutation import TIE

__all__ = ["BasinRow", "BasinTest", "basin_row", "basin_test"]

TwoArms: TypeAlias = tuple[Sequence[Hashable], Sequence[Hashable]]
"""The proofs of one theorem under either arm, as hashes."""

_ALL_ARRANGEMENTS = 16_384
_CELLS = 1_000_000


class BasinTest(msgspec.Struct, frozen=True):
    """Outcome of the test of two arms' proofs."""

    chi2: float | None
    """Sum over theorems of χ² of the table arm × proof; ``None`` without a theorem that both arms prove."""
    theorems: int
    """Theorems that both arms prove, twice at least together."""
    telling: int
    """Of those, the ones with more than one proof: the others are alike in every arrangement."""
    p: float | None
    exact: bool = True
    """Whether all arrangements were counted; otherwise they were drawn."""


class BasinRow(msgspec.Struct, frozen=True, kw_only=True):
    """Proofs of an arm beside those of another, over the theorems that both prove."""

    arm: str
    reference: str
    proofs: int
    reference_proofs: int
    rarefied_arm: float | None
    rarefied_reference: float | None
    """Different proofs to expect among as many as the arm with fewer has: mean over theorems."""
    test: BasinTest


def basin_test(theorems: Sequence[TwoArms], *, permutations: int = 9999, seed: int | Sequence[int] = 0) -> BasinTest:
    """Test whether two arms fall into the same proofs, and equally often.

    Under the null the labels of the arms may be exchanged among the proofs of one theorem. The statistic is the sum
    over theorems of Pearson's χ² of the table arm × proof; its distribution is that of the exchanges and not the
    tabulated one, since counts are small. All arrangements are taken if they are at most 16,384, otherwise
    `permutations` random ones with p = (1 + extreme) / (1 + drawn) (Phipson & Smyth 2010).

    Args:
        theorems: For each theorem the hashes of the proofs of either arm, one for each search that differs from the
            others of its arm: two seeds with one trace digest are one observation.
        permutations: Random arrangements, where not all are taken.
        seed: Seed of the draws.

    Raises:
        SampleError: Fewer than one permutation is asked for.
        MissingExtraError: Arrangements are drawn, and numpy is not installed.

    >>> basin_test([(["a", "a", "a"], ["b", "b", "b"])])
    BasinTest(chi2=6.0, theorems=1, telling=1, p=0.1, exact=True)
    """
    if permutations < 1:
        raise SampleError(f"{permutations} permutations test nothing: give at least 1; 9,999 are usual.")
    tables = [_Table([*a, *b], len(a)) for a, b in theorems if a and b]
    if not tables:
        return BasinTest(None, 0, 0, None)
    telling = [table for table in tables if len(table.counts) > 1]
    observed = fsum(table.observed() for table in telling)
    exact = prod(table.arrangements() for table in telling) <= _ALL_ARRANGEMENTS
    if exact:
        sums = [fsum(parts) for parts in product(*(table.all_values() for table in telling))]
        p = sum(total >= observed - TIE for total in sums) / len(sums)
    else:
        p = (1 + _random_extremes(telling, observed, permutations, seed)) / (1 + permutations)
    return BasinTest(observed, len(tables), len(telling), p, exact)


class _Table:
    """The proofs of one theorem, those of the first arm in front."""

    def __init__(self, proofs: Sequence[Hashable], first: int) -> None:
        numbers = {proof: number for number, proof in enumerate(dict.fromkeys(proofs))}
        self.kinds = [numbers[proof] for proof in proofs]
        self.first = first
        self.counts = Counter(self.kinds)

    def value(self, chosen: Sequence[int]) -> float:
        """χ² if the first arm has the proofs at these places."""
        n, a = len(self.kinds), self.first
        mine = Counter(self.kinds[place] for place in chosen)
        shared = fsum(count**2 / self.counts[kind] for kind, count in sorted(mine.items()))
        return n * n / (a * (n - a)) * (shared - a * a / n)

    def observed(self) -> float:
        return self.value(range(self.first))

    def arrangements(self) -> int:
        return comb(len(self.kinds), self.first)

    def all_values(self) -> Iterator[float]:
        return (self.value(chosen) for chosen in combinations(range(len(self.kinds)), self.first))


def _random_extremes(tables: Sequence[_Table], observed: float, permutations: int, seed: int | Sequence[int]) -> int:
    numpy: Any = library("numpy", "A test of proofs with many arrangements")
    rng: Any = generator(seed, "A test of proofs with many arrangements")
    extreme, left = 0, permutations
    longest = max(len(table.kinds) for table in tables)
    while left > 0:
        rows = min(left, max(1, _CELLS // longest))
        total = numpy.zeros(rows)
        for table in tables:
            n, a = len(table.kinds), table.first
            shuffled = rng.permuted(numpy.tile(numpy.array(table.kinds), (rows, 1)), axis=1)[:, :a]
            shared = numpy.zeros(rows)
            for kind, count in sorted(table.counts.items()):
                shared += (shuffled == kind).sum(axis=1) ** 2 / count
            total += n * n / (a * (n - a)) * (shared - a * a / n)
        extreme += int((total >= observed - TIE).sum())
        left -= rows
    return extreme


def basin_row(cells: Cells, labels: tuple[str, str], settings: Settings) -> BasinRow | None:
    """Return the row of two arms; ``None`` if there is no theorem that both prove."""
    arm, reference = (_proofs(cells.of(label)) for label in labels)
    both = [(arm[theorem], reference[theorem]) for theorem in sorted(arm.keys() & reference.keys())]
    if not both:
        return None
    seeds = settings.seed if isinstance(settings.seed, int) else tuple(settings.seed)
    return BasinRow(
        arm=labels[0],
        reference=labels[1],
        proofs=sum(len(a) for a, _ in both),
        reference_proofs=sum(len(b) for _, b in both),
        rarefied_arm=_mean_rarefied([(a, b) for a, b in both]),
        rarefied_reference=_mean_rarefied([(b, a) for a, b in both]),
        test=basin_test(both, permutations=settings.permutations, seed=seeds),
    )


def _proofs(arm: Cells) -> dict[str, list[str]]:
    """Hashes of an arm's proofs by theorem, one for each trace digest."""
    different: dict[str, dict[str | None, Cell]] = {}
    for cell in arm:
        if cell.solved and cell.proof_hash is not None:
            different.setdefault(cell.theorem, {})[cell.digest] = cell
    return {theorem: [cell.proof_hash or "" for cell in row.values()] for theorem, row in different.items()}


def _mean_rarefied(rows: Sequence[TwoArms]) -> float | None:
    values = [rarefied(list(Counter(mine).values()), min(len(mine), len(other))) for mine, other in rows]
    known = [value for value in values if value is not None]
    return fsum(known) / len(known) if known else None
