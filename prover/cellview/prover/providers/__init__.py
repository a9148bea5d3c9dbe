"""Tactic providers: what suggests tactics. All are functions of the goal alone."""

from cellview.prover.providers.factory import get_provider
from cellview.prover.providers.heuristic import Automation, HeuristicProvider

__all__ = ["Automation", "HeuristicProvider", "get_provider"]
