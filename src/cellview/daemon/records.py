"""What the daemon keeps and tells: the same structs in the database's rows, in answers, and in the client."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal, TypeAlias

import msgspec

from cellview.base.html import table
from cellview.core import SearchConfig
from cellview.daemon.states import ExperimentState, PointState
from cellview.experiment import HeuristicSpec, LeanSpec, ProverSpec, ProviderSpec
from cellview.measures import ArmRow
from cellview.schedule import TacticIntervention
from cellview.trace import SearchEntry, is_plain

__all__ = [
    "Arms",
    "Change",
    "Claims",
    "Event",
    "Executor",
    "ExperimentPage",
    "ExperimentStatus",
    "FigureInfo",
    "Figures",
    "Health",
    "SearchReport",
    "SearchStatus",
    "Searches",
    "Session",
    "Submission",
    "Token",
    "experiments_table",
]

Tag = Annotated[str, msgspec.Meta(pattern=r"^\S{1,100}$")]
Tags = Annotated[tuple[Tag, ...], msgspec.Meta(max_length=100)]

Seed = Annotated[int, msgspec.Meta(le=2**63 - 1)]
"""The database holds it as a whole number of 64 bits."""

Priority = Annotated[int, msgspec.Meta(ge=-100, le=100)]
Executor: TypeAlias = Literal["here", "frontier", "process", "ray"]
"""What carries the searches: the daemon's workers, or another driver, which the daemon supervises."""


def experiments_table(experiments: Sequence[ExperimentStatus], *, caption: str = "") -> str:
    """Return experiments as a table for a notebook."""
    columns = ("number", "name", "state", "priority", "pinned", "done", "solved", "set aside", "reason")
    rows = [
        (
            one.id,
            one.name,
            one.state,
            one.priority,
            one.pinned,
            f"{one.done}/{one.points}",
            one.solved,
            one.set_aside,
            one.reason,
        )
        for one in experiments
    ]
    return table(columns, rows, caption=caption)


class Submission(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An experiment as it is submitted. Exactly one of `corpus` and `corpus_text` is given.

    Args:
        search: How each search is run.
        corpus: A corpus by its file's name in one of the folders that the daemon is configured with.
        corpus_text: A corpus as TOML text.
        corpus_name: What a corpus given as text is called in ``run.json``.
        name: For people; it becomes part of the folder's name.
        arms: Interventions, by name or in full.
        seeds: Run seeds.
        prover: What proves; it can name no Lean and no project, which would be programs of the server.
        provider: What suggests tactics.
        providers: Others, by the names by which algotypes ask for them.
        block_seed: Seed of blocking; ``None``: each run's own.
        delay_seed: Seed of delaying, likewise.
        time_budget_s: Seconds after which a search is ended; such a search is not reproducible.
        hypotheses: Preregistered hypotheses as plain data, which no search reads.
        plan_digest: SHA-256 of the file that they come from.
        trace: Whether traces are kept. Without one, a search that is interrupted begins again.
        priority: Higher goes first; waiting raises it.
        executor: What carries the searches. Any but ``here`` must be configured at the daemon; results are the same.
    """

    search: SearchConfig
    corpus: str | None = None
    corpus_text: str | None = None
    corpus_name: Annotated[str, msgspec.Meta(max_length=200)] = "corpus.toml"
    name: Annotated[str, msgspec.Meta(max_length=200)] = ""
    arms: tuple[str | TacticIntervention, ...] = ("wild_type",)
    seeds: tuple[Seed, ...] = (0,)
    prover: ProverSpec = LeanSpec()
    provider: ProviderSpec = HeuristicSpec()
    providers: dict[str, ProviderSpec] = {}
    block_seed: int | None = None
    delay_seed: int | None = None
    time_budget_s: Annotated[float, msgspec.Meta(gt=0)] | None = None
    hypotheses: tuple[dict[str, Any], ...] = ()
    plan_digest: Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")] | None = None
    trace: bool = True
    priority: Priority = 0
    executor: Executor = "here"


class ExperimentStatus(msgspec.Struct, frozen=True, kw_only=True):
    """What stands in the database of one experiment. Times are seconds since 1970.

    `reason` says why it failed, or why it was paused when nobody asked for it. `folder` is the name of its run folder
    below ``runs/`` of the data folder. What is `pinned` is never removed. `executor` carries its searches; `failures`
    counts how often another than ``here`` has failed.
    """

    id: int
    name: str
    state: ExperimentState
    priority: int
    submitted_at: float
    changed_at: float
    digest: str
    folder: str
    reason: str | None
    pinned: bool = False
    executor: Executor = "here"
    failures: int = 0
    points: int
    done: int
    running: int
    solved: int
    set_aside: int

    def _repr_html_(self) -> str:
        """Show the experiment in a notebook."""
        return experiments_table([self])


class ExperimentPage(msgspec.Struct, frozen=True):
    """A part of the list, newest first; `next` is the cursor of the following one, ``None`` at the end."""

    experiments: tuple[ExperimentStatus, ...]
    next: int | None

    def _repr_html_(self) -> str:
        """Show the page in a notebook."""
        return experiments_table(self.experiments)


class SearchStatus(msgspec.Struct, frozen=True, kw_only=True):
    """One point of an experiment: `failures` counts workers that it cost, `reason` says of what the last one died."""

    number: int
    theorem: str
    arm: str
    seed: int
    state: PointState
    failures: int = 0
    stop_reason: str | None = None
    solved: bool = False
    reason: str | None = None


class SearchReport(SearchStatus, frozen=True, kw_only=True):
    """A point with what its run folder says of it, once it has ended: digest, proof, costs, why it does not repeat."""

    result: SearchEntry | None = None


class Searches(msgspec.Struct, frozen=True):
    """Points of an experiment, in the plan's order; `next` is the number that the following page begins with."""

    searches: tuple[SearchReport, ...]
    next: int | None = None

    def _repr_html_(self) -> str:
        """Show the searches in a notebook."""
        columns = ("number", "theorem", "arm", "seed", "state", "solved", "stop reason", "reason", "digest")
        rows = [
            (one.number, one.theorem, one.arm, one.seed, one.state, one.solved, one.stop_reason, one.reason,
             one.result.digest if one.result is not None else None)
            for one in self.searches
        ]  # fmt: skip
        return table(columns, rows)


class Claims(msgspec.Struct, frozen=True):
    """The answer to a query over claims: names of columns, and rows."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]


class FigureInfo(msgspec.Struct, frozen=True, kw_only=True):
    """A figure that can be drawn of a run."""

    name: str
    title: str
    caption: str


class Arms(msgspec.Struct, frozen=True, kw_only=True):
    """How each arm of a run has done."""

    arms: tuple[ArmRow, ...]


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """The figures of a run, and by name why there are no others."""

    figures: tuple[FigureInfo, ...]
    absent: dict[str, str]


class Change(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What of an experiment is to be changed; what is left out stays.

    Args:
        priority: Higher goes first.
        pinned: Whether it is kept from being removed.
        tags: All its tags, instead of those that it has. Tags and notes stand in the run folder.
        note: One more note.

    Raises:
        ValueError: A tag or the note holds what a terminal would obey instead of showing it.
    """

    priority: Priority | None = None
    pinned: bool | None = None
    tags: Tags | None = None
    note: Annotated[str, msgspec.Meta(min_length=1, max_length=10_000)] | None = None

    def __post_init__(self) -> None:
        """Check what the patterns of a description in JSON Schema cannot say alike in all languages."""
        if not all(map(is_plain, (self.note or "", *(self.tags or ())))) or "\n" in "".join(self.tags or ()):
            raise ValueError("tags and notes are plain text, without control characters")


class Token(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a browser exchanges for a cookie."""

    token: Annotated[str, msgspec.Meta(max_length=4096)]


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """Whether this daemon wants a token, and whether whoever asks has shown it."""

    wanted: bool
    given: bool


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """Something that happened, under a number that only ascends."""

    number: int
    at: float
    experiment: int
    kind: str
    data: dict[str, Any]


class Health(msgspec.Struct, frozen=True, kw_only=True):
    """How the daemon is: `workers` are live worker processes; `held` says why nothing is begun, such as a full disk."""

    status: str
    version: str
    workers: int
    busy: int
    queued: int
    events: int
    held: str | None = None
