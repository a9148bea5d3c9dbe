"""The libraries of the extra ``measures``, imported when a measure first needs them.

Counting, intervals in closed form and small exact tests need nothing. Random permutations and resampling need numpy,
the bias-corrected bootstrap scipy. Their import takes most of a second, which ``cellview --help`` should not pay.
"""

from __future__ import annotations

import importlib
import zlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from cellview.measures.errors import MissingExtraError

if TYPE_CHECKING:
    import numpy as np

__all__ = ["generator", "library", "stream"]


def library(name: str, what: str) -> Any:
    """Return a module of the extra.

    Args:
        name: Dotted name of the module.
        what: What needs it, as the subject of a sentence.

    Raises:
        MissingExtraError: It is not installed.
    """
    try:
        return importlib.import_module(name)
    except ImportError as error:
        package = name.split(".")[0]
        remedy = "networkx" if package == "networkx" else "'cellview[measures]'"
        raise MissingExtraError(f"{what} needs {package}: run pip install {remedy}.", name=name) from error


def generator(seed: int | Sequence[int], what: str) -> np.random.Generator:
    """Return the generator that belongs to a seed: the same numbers on every machine.

    PCG64 by name, since numpy may change what ``default_rng`` is.

    Raises:
        MissingExtraError: numpy is not installed.
    """
    numpy: Any = library("numpy", what)
    made: np.random.Generator = numpy.random.Generator(numpy.random.PCG64(numpy.random.SeedSequence(seed)))
    return made


def stream(seed: int, *names: str) -> tuple[int, ...]:
    """Return the seed of one measure of one arm, so that no measure shifts another's draws.

    >>> stream(7, "solve_rate", "block_cases") == stream(7, "solve_rate", "block_cases")
    True
    """
    return (seed, *(zlib.crc32(name.encode()) for name in names))
