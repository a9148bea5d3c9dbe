"""Providers by name, as the command line gives it."""

from __future__ import annotations

from typing import Literal, TypeAlias

from cellview.prover.base import TacticProvider
from cellview.prover.providers.heuristic import Automation, HeuristicProvider

__all__ = ["ProviderName", "get_provider"]

ProviderName: TypeAlias = Literal["heuristic"]


def get_provider(name: ProviderName = "heuristic", *, automation: Automation = "full") -> TacticProvider:
    """Make the provider called `name`."""
    return HeuristicProvider(automation=automation)
