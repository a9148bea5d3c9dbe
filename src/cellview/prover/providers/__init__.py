"""Tactic providers: what suggests tactics. All are functions of the goal alone."""

from cellview.prover.providers.factory import ProviderName, get_provider
from cellview.prover.providers.heuristic import Automation, HeuristicProvider
from cellview.prover.providers.http_model import HttpModelProvider
from cellview.prover.providers.rank import RankedProvider, Ranker, reversed_order, shortest_first
from cellview.prover.providers.replay import ReplayProvider
from cellview.prover.providers.static import StaticProvider

__all__ = [
    "Automation",
    "HeuristicProvider",
    "HttpModelProvider",
    "ProviderName",
    "RankedProvider",
    "Ranker",
    "ReplayProvider",
    "StaticProvider",
    "get_provider",
    "reversed_order",
    "shortest_first",
]
