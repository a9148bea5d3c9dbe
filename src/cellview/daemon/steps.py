"""The steps of a submission's life, for whoever wants to be told of each.

Between any two of them the process may die. A test that kills it there hands a function in; nothing else does.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

__all__ = ["Steps", "unobserved"]

Steps: TypeAlias = Callable[[str], None]
"""Told the name of the step that is about to be taken, or was just taken, in the thread that takes it."""


def unobserved(step: str) -> None:
    """Tell nobody."""
