"""The points of an experiment, their order, and which must wait for another's proof: one rule, for all drivers."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from cellview.experiment.corpus import CorpusTheorem
from cellview.experiment.experiment import Experiment
from cellview.schedule import WILD_TYPE, TacticIntervention

__all__ = ["Point", "PointKey", "dependents", "points_of"]

PointKey = tuple[str, str, int]
"""Theorem, arm, seed."""


class Point(msgspec.Struct, frozen=True, kw_only=True):
    """One search to be run: a theorem under an arm with a seed. It holds all that a worker elsewhere needs.

    An arm that spares the tactics of the wild type's proof is complete once :meth:`with_solution` has given it them.
    """

    theorem: CorpusTheorem
    arm: TacticIntervention
    seed: int

    @property
    def key(self) -> PointKey:
        """Tells this point from every other of the experiment."""
        return self.theorem.id, self.arm.name, self.seed

    @property
    def waits_for(self) -> PointKey | None:
        """The point whose proof this one needs before it can be run."""
        return (self.theorem.id, WILD_TYPE.name, self.seed) if self.arm.needs_solution else None

    def with_solution(self, tactics: tuple[str, ...]) -> Point:
        """Return this point with the wild type's proof in its hands."""
        return msgspec.structs.replace(self, arm=self.arm.with_solution(tactics))


def points_of(experiment: Experiment) -> Iterator[Point]:
    """Yield every point, in the order of the corpus, then of the arms, then of the seeds: the order of all results."""
    for theorem in experiment.corpus.theorems:
        for arm in experiment.arms:
            for seed in experiment.seeds:
                yield Point(theorem=theorem, arm=arm, seed=seed)


def dependents(experiment: Experiment, point: Point) -> Iterator[Point]:
    """Yield the points that wait for this one."""
    if point.arm.name == WILD_TYPE.name:
        for arm in experiment.arms:
            if arm.needs_solution:
                yield Point(theorem=point.theorem, arm=arm, seed=point.seed)
