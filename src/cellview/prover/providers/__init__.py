"""Tactic providers: what suggests tactics. All are functions of the goal, and of the way to it."""

from cellview.prover.providers.factory import ProviderName, get_provider
from cellview.prover.providers.heuristic import Automation, HeuristicProvider
from cellview.prover.providers.http_model import HttpModelProvider
from cellview.prover.providers.imported import import_provider
from cellview.prover.providers.model_cache import AnswerCache
from cellview.prover.providers.model_gate import ModelGate, ModelUse
from cellview.prover.providers.model_request import ModelRequest
from cellview.prover.providers.rank import RankedProvider, Ranker, reversed_order, shortest_first
from cellview.prover.providers.replay import ReplayProvider
from cellview.prover.providers.static import StaticProvider

__all__ = [
    "AnswerCache",
    "Automation",
    "HeuristicProvider",
    "HttpModelProvider",
    "ModelGate",
    "ModelRequest",
    "ModelUse",
    "ProviderName",
    "RankedProvider",
    "Ranker",
    "ReplayProvider",
    "StaticProvider",
    "get_provider",
    "import_provider",
    "reversed_order",
    "shortest_first",
]
