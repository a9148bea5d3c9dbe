"""What ``run.json`` says about a run: what it was asked to do, with what, where, and what became of it."""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

import msgspec

from cellview.base.html import facts, table

__all__ = [
    "BackendInfo",
    "CorpusInfo",
    "ExperimentInfo",
    "ExtendedFrom",
    "GitInfo",
    "HostInfo",
    "RunMetadata",
    "RunStatus",
    "SearchEntry",
    "Versions",
    "file_stem",
]

RunStatus: TypeAlias = Literal["created", "running", "finished", "interrupted", "failed"]


class Versions(msgspec.Struct, frozen=True, kw_only=True):
    """The programs that a run's outcome depends on. `lean` is ``None`` where no Lean took part."""

    cellview: str
    python: str
    lean: str | None = None


class HostInfo(msgspec.Struct, frozen=True, kw_only=True):
    """The machine. Nothing of it may change a result; it explains seconds."""

    name: str
    system: str
    machine: str
    cpus: int


class GitInfo(msgspec.Struct, frozen=True, kw_only=True):
    """The commit that was checked out where the run was started, and whether files differed from it."""

    commit: str
    dirty: bool


class CorpusInfo(msgspec.Struct, frozen=True, kw_only=True):
    """The corpus: where it was read from, the SHA-256 of the file, and how many theorems it has."""

    source: str
    digest: str
    theorems: int


class ExperimentInfo(msgspec.Struct, frozen=True, kw_only=True):
    """The experiment: its name, and the digest of everything that its outcome depends on.

    `plan_digest` is the SHA-256 of the experiment's file, when there was one: a preregistration is recognised by it.
    """

    name: str
    digest: str
    plan_digest: str | None = None


class ExtendedFrom(msgspec.Struct, frozen=True, kw_only=True):
    """A smaller run that this one was, before it was given more theorems, arms or seeds.

    `plan_digest` is the preregistration that the smaller one was started with, if there was one.
    """

    at: str
    experiment_digest: str
    plan_digest: str | None
    theorems: tuple[str, ...]
    arms: tuple[str, ...]
    seeds: tuple[int, ...]


class BackendInfo(msgspec.Struct, frozen=True, kw_only=True):
    """What proved and what suggested, as far as an outcome depends on it.

    `provider_digest` is the SHA-256 of the provider's configuration. `transport` is how Lean was spoken to: signatures,
    and so digests, are comparable within one transport.
    """

    prover: str
    provider: str
    provider_digest: str
    automation: str | None = None
    heartbeats: int | None = None
    transport: str | None = None


class SearchEntry(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one search: a theorem under an arm with a seed. Every figure here repeats, on any machine."""

    theorem: str
    arm: str = "wild_type"
    seed: int = 0
    files: str = ""
    """What its files' names begin with, in the theorem's folder; empty when there are none."""
    solved: bool
    provable: bool | None = None
    """What the corpus says, if it says anything."""
    stop_reason: str
    iterations: int
    attempts: int
    """Entries of ``attempts`` in the trace: tried, filtered and held back."""
    tried: int = 0
    """Tactics that reached the prover: the cost of record."""
    held_back: int = 0
    """Tactics that the intervention held back."""
    given_up: int = 0
    """Iterations that ended at a blocked or delayed node."""
    visits: int = 0
    """Iterations that worked on a node."""
    nodes: int = 0
    max_depth: int = 0
    discarded: int = 0
    """Tickets issued but not committed when the search stopped."""
    block_seed: int | None = None
    delay_seed: int | None = None
    statement_digest: str = ""
    """SHA-256 of the statement, white space normalised."""
    proof: str | None = None
    """The tactic script, checked by a fresh Lean."""
    proof_length: int | None = None
    """Tactics in it."""
    proof_hash: str | None = None
    """SHA-256 of the script."""
    digest: str | None = None
    """The trace digest."""
    reproducible: bool = True
    not_reproducible_because: tuple[str, ...] = ()
    message: str | None = None
    """More about the stop reason, such as why Lean refuses the statement."""

    @property
    def key(self) -> tuple[str, str, int]:
        """Tells this search from every other of the run."""
        return self.theorem, self.arm, self.seed


def file_stem(arm: str, seed: int, *, several_seeds: bool) -> str:
    """Return what the files of a search are called after: the arm, and the seed where a run has several.

    ``@`` cannot stand in the name of an arm, so no arm is mistaken for a seed of another.
    """
    return f"{arm}@{seed}" if several_seeds else arm


_NEVER_REPEATS = (
    *("created", "finished", "host", "git", "command", "options"),
    *("extended", "driver", "access", "provider_use", "resumed", "seconds"),
)


class RunMetadata(msgspec.Struct, frozen=True, kw_only=True):
    """The content of ``run.json``, format 2. Times are UTC in ISO 8601; whoever has a clock passes them in.

    `reproducible` is false as soon as anything that is not a function of the configuration can have had a part in the
    outcome, and `not_reproducible_because` then says what.
    """

    format: Literal[2] = 2
    status: RunStatus = "created"
    experiment: ExperimentInfo
    config: dict[str, Any]
    """The experiment as data, defaults included, without the theorems: they are in ``corpus.toml``."""
    schedule_version: int = 1
    backend: BackendInfo
    seeds: tuple[int, ...] = (0,)
    corpus: CorpusInfo | None = None
    versions: Versions
    trace: bool = True
    reproducible: bool = True
    not_reproducible_because: tuple[str, ...] = ()
    results: tuple[SearchEntry, ...] = ()
    error: str | None = None
    """Why the run failed, in one sentence."""
    created: str
    finished: str | None = None
    host: HostInfo
    git: GitInfo | None = None
    command: tuple[str, ...] = ()
    """The command line, if there was one."""
    options: dict[str, Any] | None = None
    """What was asked for on the command line, in the environment or in a file, where it is not the default; ``None``:
    the run was started otherwise. `config` says all that a result depends on; this, how to ask for it."""
    extended: tuple[ExtendedFrom, ...] = ()
    """What the run was before each of its extensions."""
    driver: dict[str, Any] = {}
    """What carried the searches: it may change the time, never a result."""
    access: dict[str, Any] = {}
    """How model servers were reached, without keys; empty when none was."""
    provider_use: dict[str, float] = {}
    """What asking models came to: requests, hits among kept answers, tokens, seconds waited. It repeats nowhere."""
    resumed: int = 0
    """How often the run was resumed."""
    seconds: dict[str, float] = {}
    """Wall-clock time of each search, by ``theorem/files``."""

    def result_of(self, theorem: str, *, arm: str = "wild_type", seed: int | None = None) -> SearchEntry | None:
        """Return what is known of a search, or ``None``. Without `seed` it is the run's first."""
        key = (theorem, arm, self.seeds[0] if seed is None else seed)
        return next((result for result in self.results if result.key == key), None)

    def _repr_html_(self) -> str:
        """Show the results in a notebook."""
        solved = sum(entry.solved for entry in self.results)
        about = facts(
            [
                ("experiment", self.experiment.name or None),
                ("status", self.status),
                ("solved", f"{solved} of {len(self.results)} searches"),
                ("prover", self.backend.prover),
                ("provider", self.backend.provider),
                ("reproducible", self.reproducible),
                ("because", "; ".join(self.not_reproducible_because) or None),
                ("error", self.error),
            ]
        )
        rows = [
            (one.theorem, one.arm, one.seed, one.solved, one.stop_reason, one.iterations, one.tried, one.digest)
            for one in self.results
        ]
        columns = ("theorem", "arm", "seed", "solved", "stop reason", "iterations", "tried", "digest")
        return about + table(columns, rows)

    def repeatable(self) -> dict[str, Any]:
        """Return what is the same for every driver, host, time and number of resumptions of one experiment."""
        plain: dict[str, Any] = msgspec.to_builtins(self)
        for name in _NEVER_REPEATS:
            del plain[name]
        return plain
