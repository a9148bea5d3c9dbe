"""Which point is begun next: a pure function of priorities and ages."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

__all__ = ["Candidate", "first_of"]


class Candidate(msgspec.Struct, frozen=True):
    """An experiment that could be gone on with.

    `number` is its next point, ``None`` when it was not opened yet; with an `executor` other than ``here``, it is gone
    on with as a whole.
    """

    experiment: int
    priority: int
    submitted_at: float
    number: int | None
    executor: str = "here"


def first_of(candidates: Iterable[Candidate], *, ageing_s: float) -> Candidate | None:
    """Return the one that goes first: waiting for `ageing_s` seconds counts as much as one step of priority.

    Since all wait alike, the order of two never changes while they wait; it is a matter of who comes later. So nobody
    starves: whoever has waited long enough is before everybody who comes now.
    """
    return max(candidates, key=lambda one: (one.priority - one.submitted_at / ageing_s, -one.experiment), default=None)
