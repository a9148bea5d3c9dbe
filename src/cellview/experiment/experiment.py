"""An experiment, described once: what is run, and everything that its outcome depends on.

A TOML file, the options of ``run`` and the body of a submission are spellings of the one struct here.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import msgspec

from cellview.base.html import facts
from cellview.core import SearchConfig
from cellview.experiment.corpus import Corpus
from cellview.experiment.errors import ExperimentError
from cellview.experiment.provers import LeanSpec, ProverSpec
from cellview.experiment.providers import HeuristicSpec, ProviderSpec
from cellview.schedule import WILD_TYPE, TacticIntervention

__all__ = ["Experiment", "Setup", "statement_digest"]


class Setup(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What all searches of an experiment share. It is what a worker is told once; points come one by one.

    Args:
        search: The search, without intervention; `seed` is put in for each point.
        prover: What proves.
        provider: What suggests tactics.
        providers: Others, by the names by which algotypes ask for them.
        block_seed: Seed of blocking; ``None``: each point's own seed.
        delay_seed: Seed of delaying, likewise.
        time_budget_s: Seconds after which a search (or the tier of one, where tiers are run apart) is ended; ``None``:
            only its budget of iterations ends it. A search that was ended so is not reproducible.
    """

    search: SearchConfig
    prover: ProverSpec = LeanSpec()
    provider: ProviderSpec = HeuristicSpec()
    providers: dict[str, ProviderSpec] = {}
    block_seed: int | None = None
    delay_seed: int | None = None
    time_budget_s: float | None = None

    @property
    def all_providers(self) -> tuple[ProviderSpec, ...]:
        """Every provider that a search may ask."""
        return (self.provider, *self.providers.values())

    def config_of(self, arm: TacticIntervention, seed: int) -> SearchConfig:
        """Return the configuration of one search."""
        search = self.search
        block, delay = search.block, search.delay
        if block is not None:
            block = msgspec.structs.replace(block, seed=seed if self.block_seed is None else self.block_seed)
        if delay is not None:
            delay = msgspec.structs.replace(delay, seed=seed if self.delay_seed is None else self.delay_seed)
        return msgspec.structs.replace(
            search,
            seed=seed,
            block=block,
            delay=delay,
            intervention=arm if arm.pegs else None,
            algotypes=arm.algotypes or search.algotypes,
        )


class Experiment(msgspec.Struct, frozen=True, kw_only=True):
    """Theorems × arms × seeds, and how each search is run.

    Args:
        corpus: The theorems.
        setup: What all searches share.
        arms: Tactic interventions; the wild type is put first, since others may need its proofs.
        seeds: Run seeds, each at least 0.
        name: Names the experiment for people, and on a frontier.
        trace: Whether traces are kept. Digests are made either way, so it is no part of the outcome.
        hypotheses: Preregistered hypotheses as plain data; :mod:`cellview.measures` reads them, no search does.

    Raises:
        ExperimentError: Arms or seeds are missing, double, or do not go together.
    """

    corpus: Corpus
    setup: Setup
    arms: tuple[TacticIntervention, ...] = (WILD_TYPE,)
    seeds: tuple[int, ...] = (0,)
    name: str = ""
    trace: bool = True
    hypotheses: tuple[dict[str, Any], ...] = ()

    def __post_init__(self) -> None:
        """Check what belongs together, and put the wild type first."""
        if not self.arms or not self.seeds:
            raise ExperimentError("An experiment needs at least one arm and one seed.")
        if min(self.seeds) < 0:
            raise ExperimentError(f"Seeds are at least 0, not {min(self.seeds)}.")
        if len(set(self.seeds)) < len(self.seeds):
            raise ExperimentError("A seed stands twice in the list of seeds; name each once.")
        names = [arm.name for arm in self.arms]
        for name in names:
            if names.count(name) > 1:
                raise ExperimentError(f"Two arms are called {name}; every arm needs a name of its own.")
        for arm in self.arms:
            if arm.needs_solution and WILD_TYPE.name not in names:
                raise ExperimentError(
                    f"{arm.name} spares the tactics of the wild type's proof: add wild_type to the arms."
                )
        for arm in self.arms:
            for algotype in self.setup.config_of(arm, 0).algotypes:
                if algotype.provider and algotype.provider not in self.setup.providers:
                    known = ", ".join(sorted(self.setup.providers)) or "none"
                    raise ExperimentError(
                        f"{arm.name}: agents {algotype.agents} ask the provider {algotype.provider!r}, which is not "
                        f"there: providers with names of their own are {known}."
                    )
        ordered = tuple(sorted(self.arms, key=lambda arm: arm.name != WILD_TYPE.name))
        msgspec.structs.force_setattr(self, "arms", ordered)

    def _repr_html_(self) -> str:
        """Show in a notebook what is to be run."""
        ids = [theorem.id for theorem in self.corpus.theorems]
        named = ", ".join(ids[:10]) + (f" and {len(ids) - 10} more" if len(ids) > 10 else "")
        search = self.setup.search
        return facts(
            [
                ("experiment", self.name or None),
                ("digest", self.digest),
                ("searches", self.searches),
                ("theorems", f"{len(ids)}: {named}"),
                ("arms", ", ".join(arm.name for arm in self.arms)),
                ("seeds", ", ".join(map(str, self.seeds))),
                ("search", f"{search.mode}, budget {', '.join(map(str, search.budget))}"),
                ("agents", search.agents),
                ("in flight", search.inflight),
                ("prover", type(self.setup.prover).__name__.removesuffix("Spec").lower()),
                ("provider", type(self.setup.provider).__name__.removesuffix("Spec").lower()),
            ]
        )

    @property
    def searches(self) -> int:
        """Number of searches: theorems × arms × seeds."""
        return len(self.corpus.theorems) * len(self.arms) * len(self.seeds)

    @property
    def reproducible(self) -> bool:
        """Whether equal runs have equal bytes, as far as the configuration says."""
        return self.setup.search.reproducible

    @property
    def digest(self) -> str:
        """SHA-256 of everything that an outcome depends on: theorems, arms, seeds, search, prover, provider.

        Not the name, nor whether traces are kept, nor the path of the corpus. A Lean is named by its version, which
        stands in ``run.json`` beside this.
        """
        what = {
            "arms": self.arms,
            "seeds": self.seeds,
            "setup": self.setup,
            "theorems": [(t.id, t.statement, t.imports) for t in self.corpus.theorems],
        }
        return hashlib.sha256(msgspec.json.encode(what, order="deterministic")).hexdigest()

    def as_data(self) -> dict[str, Any]:
        """Return what ``run.json`` keeps: all but the theorems. :meth:`of_data` reads it."""
        stored = _Stored(self.setup, self.arms, self.seeds, self.name, self.trace, self.hypotheses)
        data: dict[str, Any] = msgspec.to_builtins(stored)
        return data

    @classmethod
    def of_data(cls, data: Mapping[str, Any], corpus: Corpus) -> Experiment:
        """Return the experiment that :meth:`as_data` has stored.

        Raises:
            ExperimentError: The data does not describe one.
        """
        try:
            stored = msgspec.convert(data, _Stored)
        except msgspec.ValidationError as error:
            raise ExperimentError(f"This does not describe an experiment: {error}.") from error
        return cls(
            corpus=corpus,
            setup=stored.setup,
            arms=stored.arms,
            seeds=stored.seeds,
            name=stored.name,
            trace=stored.trace,
            hypotheses=stored.hypotheses,
        )


class _Stored(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    setup: Setup
    arms: tuple[TacticIntervention, ...]
    seeds: tuple[int, ...]
    name: str = ""
    trace: bool = True
    hypotheses: tuple[dict[str, Any], ...] = ()


def statement_digest(statement: str) -> str:
    """Return the SHA-256 of a statement, white space normalised: two spellings of one line are one theorem."""
    return hashlib.sha256(" ".join(statement.split()).encode()).hexdigest()
