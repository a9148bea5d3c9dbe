"""Several hypotheses at once."""

from __future__ import annotations

from collections.abc import Sequence

from cellview.measures.errors import SampleError

__all__ = ["holm"]


def holm(p_values: Sequence[float]) -> list[float]:
    """Return the p values adjusted by Holm's step-down procedure (1979), in the order given.

    Each is the smallest family-wise level at which its hypothesis would be rejected.

    Raises:
        SampleError: A value is no probability.

    >>> holm([0.01, 0.04, 0.03, 0.005])
    [0.03, 0.06, 0.06, 0.02]
    """
    for p in p_values:
        if not 0 <= p <= 1:
            raise SampleError(f"{p} is no p value: each lies between 0 and 1.")
    adjusted = [0.0] * len(p_values)
    reached = 0.0
    for rank, index in enumerate(sorted(range(len(p_values)), key=lambda index: p_values[index])):
        reached = max(reached, min(1.0, (len(p_values) - rank) * p_values[index]))
        adjusted[index] = reached
    return adjusted
