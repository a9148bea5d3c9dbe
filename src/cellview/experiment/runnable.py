"""Which points a driver can begin with, when a folder has results already."""

from __future__ import annotations

from collections.abc import Callable

from cellview.experiment.folder import ExperimentFolder
from cellview.experiment.outcome import without_wild_type
from cellview.experiment.plan import Point, PointKey, points_of
from cellview.schedule import WILD_TYPE

__all__ = ["added_points", "missing_points"]


def missing_points(folder: ExperimentFolder) -> list[Point]:
    """Return the points without a result that can be run at once; the others wait for one of these.

    A point that waits for a proof which an earlier run has found has it in its hands; one that waits for a proof which
    does not exist gets its result here.
    """
    return _runnable(folder, lambda key: key in folder.results)


def added_points(folder: ExperimentFolder) -> list[Point]:
    """Return the points that a run did not have before it was last extended (else: all) that can be run at once.

    However much of them was run meanwhile: a frontier begins with the same candidates each time, or its journal would
    not be its own.
    """
    extended = folder.folder.metadata.extended
    if not extended:
        return _runnable(folder, lambda key: False)
    theorems, arms, seeds = (set(part) for part in (extended[-1].theorems, extended[-1].arms, extended[-1].seeds))
    return _runnable(folder, lambda key: key[0] in theorems and key[1] in arms and key[2] in seeds)


def _runnable(folder: ExperimentFolder, before: Callable[[PointKey], bool]) -> list[Point]:
    found: list[Point] = []
    for point in points_of(folder.experiment):
        if before(point.key):
            continue
        if point.waits_for is None:
            found.append(point)
        elif before(point.waits_for):
            wild = folder.results[point.waits_for]
            solution = folder.solution_of(Point(theorem=point.theorem, arm=WILD_TYPE, seed=point.seed))
            if solution is not None:
                found.append(point.with_solution(solution))
            elif point.key not in folder.results:
                folder.keep(without_wild_type(point, folder.experiment.setup, wild), seconds=0.0)
    return found
