"""What ``run.json`` says about a run: what it was asked to do, with what, where, and what became of it."""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

import msgspec

__all__ = ["CorpusInfo", "GitInfo", "HostInfo", "RunMetadata", "RunStatus", "TheoremResult", "Versions"]

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


class TheoremResult(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one theorem under one arm."""

    theorem: str
    arm: str = "wild_type"
    solved: bool
    provable: bool | None = None
    """What the corpus says, if it says anything."""
    iterations: int
    attempts: int
    seconds: float
    stop_reason: str
    proof: str | None = None
    """The tactic script, checked by a fresh Lean."""
    digest: str | None = None
    """The trace digest."""
    discarded: int = 0
    """Tickets issued but not committed when the search stopped."""
    reproducible: bool = True
    not_reproducible_because: tuple[str, ...] = ()


class RunMetadata(msgspec.Struct, frozen=True, kw_only=True):
    """The content of ``run.json``. Times are UTC in ISO 8601; whoever has a clock passes them in.

    `reproducible` is false as soon as anything that is not a function of the configuration can have had a part in the
    outcome, and `not_reproducible_because` then says what.
    """

    format: Literal[1] = 1
    status: RunStatus = "created"
    created: str
    finished: str | None = None
    config: dict[str, Any]
    """The search's configuration as data, defaults included."""
    seeds: dict[str, int]
    corpus: CorpusInfo | None = None
    versions: Versions
    host: HostInfo
    git: GitInfo | None = None
    command: tuple[str, ...] = ()
    """The command line, if there was one."""
    trace: bool = True
    resumed: int = 0
    """How often the run was resumed."""
    reproducible: bool = True
    not_reproducible_because: tuple[str, ...] = ()
    results: tuple[TheoremResult, ...] = ()
    error: str | None = None
    """Why the run failed, in one sentence."""

    def with_result(self, result: TheoremResult) -> RunMetadata:
        """Return the metadata with a theorem's result in it, in place of an earlier one of the same theorem and arm.

        The run as a whole is marked non-reproducible with the theorem's reasons.
        """
        kept = tuple(old for old in self.results if (old.theorem, old.arm) != (result.theorem, result.arm))
        results = (*kept, result)
        why = dict.fromkeys(self.not_reproducible_because)
        if not result.reproducible:
            why.update(dict.fromkeys(f"{result.theorem}: {reason}" for reason in result.not_reproducible_because))
        return msgspec.structs.replace(
            self,
            results=results,
            reproducible=self.reproducible and result.reproducible,
            not_reproducible_because=tuple(why),
        )

    def result_of(self, theorem: str, *, arm: str = "wild_type") -> TheoremResult | None:
        """Return what is known of a theorem under an arm, or ``None``."""
        return next((result for result in self.results if (result.theorem, result.arm) == (theorem, arm)), None)
