"""Providers by name, for programs; the command line's are described by :mod:`cellview.experiment.providers`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal, TypeAlias, get_args

from cellview.prover.base import TacticProvider
from cellview.prover.errors import ProviderError
from cellview.prover.providers.heuristic import Automation, HeuristicProvider
from cellview.prover.providers.http_model import HttpModelProvider
from cellview.prover.providers.imported import IMPORT_STRING, import_provider
from cellview.prover.providers.replay import ReplayProvider
from cellview.prover.providers.static import StaticProvider

__all__ = ["ProviderName", "get_provider"]

ProviderName: TypeAlias = Literal["heuristic", "static", "replay", "http"]


def get_provider(
    name: ProviderName | str = "heuristic",
    *,
    automation: Automation = "full",
    tactics: Sequence[str] = (),
    trace: str | Path | None = None,
    base_url: str | None = None,
    model: str | None = None,
    api_key: str | None = None,
) -> TacticProvider:
    """Make the provider called `name`. Each option belongs to one of them.

    Args:
        name: ``heuristic``, ``static``, ``replay``, ``http``, or ``module:Class`` for one of your own.
        automation: ``heuristic``: what it offers, ``none``, ``light`` or ``full``.
        tactics: ``static``: the list.
        trace: ``replay``: the trace file to repeat.
        base_url: ``http``: root of an OpenAI-compatible interface.
        model: ``http``: the model's name.
        api_key: ``http``: the bearer token, if the server wants one.

    Raises:
        ProviderError: There is no such provider, or it lacks an option that it needs.
    """
    if name == "heuristic":
        if automation not in get_args(Automation):
            raise ProviderError(f"automation must be none, light or full, not {automation!r}.")
        return HeuristicProvider(automation=automation)
    if name == "static":
        return StaticProvider(tactics)
    if name == "replay":
        if trace is None:
            raise ProviderError("The replay provider needs the trace to repeat; give its path.")
        return ReplayProvider.from_file(trace)
    if name == "http":
        if base_url is None or model is None:
            raise ProviderError("The http provider needs base_url and model.")
        return HttpModelProvider(base_url, model, api_key=api_key)
    if IMPORT_STRING.fullmatch(name):
        return import_provider(name)
    known = ", ".join(get_args(ProviderName))
    raise ProviderError(f"There is no provider {name!r}; known are {known}, and module:Class for one of your own.")
