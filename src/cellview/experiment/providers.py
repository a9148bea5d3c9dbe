"""What suggests tactics, as data, and made: which provider, and apart from that, where a model's server is.

A description decides outcomes, stands in ``run.json`` and travels to workers. Where a server is, how fast it may be
asked and in which folder its answers are kept decide none; like the path of a Lean, they are each machine's own.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal, TypeAlias

import msgspec

from cellview.experiment.errors import ExperimentError
from cellview.prover import TacticProvider
from cellview.prover.errors import ProviderError
from cellview.prover.providers import (
    AnswerCache,
    HeuristicProvider,
    HttpModelProvider,
    ModelGate,
    ModelRequest,
    StaticProvider,
    import_provider,
)

__all__ = [
    "KEY_VARIABLE",
    "Automation",
    "HeuristicSpec",
    "ImportedSpec",
    "ModelAccess",
    "ModelSpec",
    "ProviderMaker",
    "ProviderSpec",
    "StaticSpec",
    "provider_name",
]

KEY_VARIABLE: Final = "CELLVIEW_PROVIDER_KEY"
"""The variable that holds the model server's key; a secret stands in no file and on no command line."""

Automation: TypeAlias = Literal["none", "light", "full"]


class HeuristicSpec(
    msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="heuristic", forbid_unknown_fields=True
):
    """The provider by rules; with the synthetic prover, the tactics of its tree instead."""

    automation: Automation = "full"


class StaticSpec(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="static", forbid_unknown_fields=True):
    """The same list for every goal."""

    tactics: tuple[str, ...]


class ModelSpec(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="http", forbid_unknown_fields=True):
    """A language model over HTTP: everything that its answers depend on."""

    request: ModelRequest


class ImportedSpec(
    msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="module", forbid_unknown_fields=True
):
    """A class of the user's: ``module:Class`` and its keyword arguments. It names code; nobody else may name it."""

    name: str
    options: dict[str, Any] = {}


ProviderSpec: TypeAlias = HeuristicSpec | StaticSpec | ModelSpec | ImportedSpec


class ModelAccess(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How this machine reaches model servers. Nothing of it decides an outcome.

    Args:
        url: Root of an OpenAI-compatible interface, such as ``http://localhost:8000/v1``.
        cache: Folder in which answers are kept, and looked for first; ``None``: they are forgotten.
        offline: Whether no server is asked: what the folder does not hold is an error.
        timeout_s: Seconds for one answer.
        retries: Further tries after 429, 5xx, a timeout or a failed connection.
        concurrency: Requests under way at once, in each process.
        per_minute: Requests a minute, in each process; ``None``: any number.
    """

    url: str | None = None
    cache: str | None = None
    offline: bool = False
    timeout_s: Annotated[float, msgspec.Meta(gt=0)] = 60.0
    retries: Annotated[int, msgspec.Meta(ge=0)] = 2
    concurrency: Annotated[int, msgspec.Meta(ge=1)] = 8
    per_minute: Annotated[float, msgspec.Meta(gt=0)] | None = None

    def require(self) -> None:
        """Check that there is a place that answers can come from.

        Raises:
            ExperimentError: There is none.
        """
        if self.offline and self.cache is None:
            raise ExperimentError("--provider-offline needs --provider-cache: the folder that holds the answers.")
        if self.offline and not os.path.isdir(self.cache or ""):  # noqa: PTH112
            raise ExperimentError(f"--provider-offline: there is no folder of answers {self.cache}.")
        if self.url is None and not self.offline:
            raise ExperimentError(
                "A model over HTTP needs the address of its server: give --provider-url, such as "
                "http://localhost:8000/v1, or --provider-offline with a folder of answers."
            )


def provider_name(spec: ProviderSpec) -> str:
    """Return the name of a provider for people: ``heuristic-full``, ``static``, ``http-MODEL`` or ``module:Class``."""
    match spec:
        case HeuristicSpec():
            return f"heuristic-{spec.automation}"
        case StaticSpec():
            return "static"
        case ModelSpec():
            return f"http-{spec.request.model}"
        case ImportedSpec():
            return spec.name


class ProviderMaker:
    """Makes providers; those of one maker ask their server through one gate."""

    def __init__(self, access: ModelAccess, *, environment: Mapping[str, str] = os.environ) -> None:
        self._access = access
        self._key = environment.get(KEY_VARIABLE) or None
        self._gate = ModelGate(concurrency=access.concurrency, per_minute=access.per_minute)

    def check(self, spec: ProviderSpec) -> None:
        """Refuse, before anything is written, what can never be made.

        Raises:
            ExperimentError, ProviderError: It cannot be made; the text says what is missing.
        """
        if isinstance(spec, ModelSpec):
            self._access.require()
        self.make(spec)

    def make(self, spec: ProviderSpec) -> TacticProvider:
        """Return a provider. One that has a method ``aclose`` wants it called at the end.

        Raises:
            ExperimentError, ProviderError: It cannot be made; the text says what is missing.
        """
        match spec:
            case HeuristicSpec():
                return HeuristicProvider(automation=spec.automation)
            case StaticSpec():
                return StaticProvider(spec.tactics)
            case ImportedSpec():
                return import_provider(spec.name, spec.options)
            case ModelSpec():
                return self._model(spec.request)

    def _model(self, request: ModelRequest) -> HttpModelProvider:
        access = self._access
        access.require()
        try:
            return HttpModelProvider(
                None if access.offline else access.url,
                request,
                api_key=self._key,
                timeout_s=access.timeout_s,
                retries=access.retries,
                gate=self._gate,
                cache=None if access.cache is None else AnswerCache(access.cache),
            )
        except ProviderError as error:
            raise ExperimentError(str(error)) from error
