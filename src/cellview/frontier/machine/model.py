"""The records of the frontier: what an experiment is, what a worker gets, what it gives back, what is journalled."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final, Literal, TypeAlias, cast

import msgspec

from cellview.frontier.errors import ManifestError
from cellview.frontier.machine.canonical import Json, candidate_hash, canonical, score_of, sha256_text

__all__ = [
    "Candidate",
    "Committed",
    "Completed",
    "EntryKind",
    "JournalEntry",
    "Lease",
    "Manifest",
    "Outcome",
    "Phase",
    "Popped",
    "Readmit",
    "Snapshot",
    "Stats",
    "chain_digest",
    "set_aside",
]

Readmit: TypeAlias = Literal["never", "higher_priority"]
Phase: TypeAlias = Literal["open", "running", "draining", "finished"]
EntryKind: TypeAlias = Literal["committed", "failed", "abandoned"]
Outcome: TypeAlias = Literal["accepted", "duplicate"]

_SHOWN: Final = 60
"""Characters of a value that a sentence shows."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


class Manifest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everything that an experiment's outcome depends on, and two settings of its operation.

    Args:
        experiment: Name; letters, digits, dot, underscore and hyphen.
        task: Name of the task. What runs under that name is each worker's own affair: a manifest comes from a server,
            and can choose among what the worker knows, never bring anything.
        master_seed: Root of all randomness, at least 0.
        window: Tickets that may be uncommitted at once (L). It decides what a ticket can see, so it is part of the
            outcome; it is never derived from the number of workers.
        beam_width: Candidates that may wait in the queue after a push or a commit; the rest is pruned. ``None``: all.
        readmit: What a pushed candidate may do that was pruned, or is waiting with a lower priority: ``never`` (it is a
            duplicate) or ``higher_priority`` (it comes back, or moves up). What was popped never comes back.
        max_tickets: Budget of pops; counted, never timed. ``None``: until the queue is empty.
        max_failures: Failures reported by workers after which a candidate is set aside.
        settings: The task's own settings, canonical JSON.
        max_expiries: Operational: leases that may expire before a candidate is set aside as ``abandoned``.
        lease_ms: Operational: how long a lease lasts without a heartbeat, in milliseconds.

    Raises:
        ManifestError: A value is out of range.
    """

    experiment: str
    task: str
    master_seed: int = 0
    window: int = 64
    beam_width: int | None = None
    readmit: Readmit = "never"
    max_tickets: int | None = None
    max_failures: int = 3
    settings: str = "{}"
    max_expiries: int = 25
    lease_ms: int = 30_000

    def __post_init__(self) -> None:
        """Validates at the edge, so that no backend has to."""
        if not _NAME.fullmatch(self.experiment):
            raise ManifestError(
                f"experiment name {self.experiment!r} is not usable: start with a letter or digit, then up to 99 "
                "letters, digits, dots, underscores or hyphens"
            )
        if not _NAME.fullmatch(self.task):
            raise ManifestError(
                f"task {self.task!r} is not a name: give one that the workers know, such as 'demo.grow'; where it is "
                "to be found is told to each worker (tasks=), not written here"
            )
        try:
            msgspec.json.decode(self.settings, type=dict[str, Any])
        except (msgspec.MsgspecError, UnicodeEncodeError) as error:
            raise ManifestError(f"settings are not a JSON object ({error}): give the text of one") from None
        least = {"master_seed": 0, "window": 1, "max_failures": 1, "max_expiries": 1, "lease_ms": 1}
        optional = {"beam_width": 1, "max_tickets": 1}
        for name, bound in (least | optional).items():
            value: int | None = getattr(self, name)
            if value is not None and value < bound:
                raise ManifestError(f"{name} is {value}: it must be at least {bound}")

    def outcome_fields(self) -> dict[str, Json]:
        """The fields that the outcome depends on: all but the operational ones."""
        fields: dict[str, Json] = msgspec.to_builtins(self)
        return {name: value for name, value in fields.items() if name not in ("lease_ms", "max_expiries")}

    @property
    def digest(self) -> str:
        """SHA-256 of the fields that the outcome depends on."""
        return sha256_text(canonical(self.outcome_fields()))

    def require_same(self, other: Manifest) -> None:
        """Refuses another manifest that would give another outcome, and names the fields that differ."""
        differing = list(_differences("", other.outcome_fields(), self.outcome_fields()))
        if differing:
            raise ManifestError(
                f"experiment {self.experiment!r} was created with other settings: {', '.join(differing)}; use those, "
                "or another experiment name"
            )


def _differences(path: str, there: object, here: object) -> Iterator[str]:
    """Name each key that differs, also inside the task's settings, which are a JSON text."""
    if there == here:
        return
    found: list[str] = []
    inner_there, inner_here = (_decoded(v) if path == "settings" else v for v in (there, here))
    if isinstance(inner_there, dict) and isinstance(inner_here, dict):
        theirs, mine = cast("dict[str, object]", inner_there), cast("dict[str, object]", inner_here)
        for key in (*theirs, *(key for key in mine if key not in theirs)):
            found.extend(_differences(f"{path}.{key}".lstrip("."), theirs.get(key), mine.get(key)))
    yield from found or [f"{path} ({_shown(there)} there, {_shown(here)} here)"]


def _decoded(text: object) -> object:
    try:
        return msgspec.json.decode(cast("str", text))
    except msgspec.DecodeError:  # settings of a task that are no JSON are compared as they are
        return text


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 3]}..."


class Candidate(msgspec.Struct, frozen=True):
    """Something to do: canonical `item` (its identity), priority as stored `score`, `depth`, and a `carry`.

    `carry` is bytes that travel with the candidate to its task, such as a warm tree. It is no part of the identity, so
    it must be a function of the item; it is dropped when the candidate is pruned or committed.
    """

    item: str
    score: str
    depth: int
    carry: bytes = b""

    @classmethod
    def of(cls, value: object, *, priority: float = 0.0, depth: int = 0, carry: bytes = b"") -> Candidate:
        """Makes a candidate of a JSON value; a higher `priority` pops first.

        Raises:
            UnencodableError: The value is not JSON, or the priority is not finite.
        """
        return cls(canonical(value), score_of(priority), depth, carry)

    @property
    def hash(self) -> str:
        """SHA-256 of the item, in hexadecimal."""
        return candidate_hash(self.item)


class Lease(msgspec.Struct, frozen=True):
    """The right to work on ticket `ticket` until its lease expires, under the fencing token `token`."""

    ticket: int
    token: int
    candidate: str
    item: str
    score: str
    depth: int
    carry: bytes
    assignee: str


class Popped(msgspec.Struct, frozen=True):
    """The answer to a pop: leases, and the phase when there were none."""

    leases: list[Lease]
    phase: Phase


class Completed(msgspec.Struct, frozen=True):
    """The outcome of a task as the frontier keeps it: its digest, its children, and a body that it does not read.

    The digest covers what must repeat: payload, children and trace without ``timestamp_ms``.
    """

    digest: str
    children: list[Candidate]
    body: bytes


class Committed(msgspec.Struct, frozen=True):
    """The answer to a commit: how many commits it made, how many there are in all, leases that have not expired, and
    the phase."""

    count: int
    total: int
    leased: int
    phase: Phase


class JournalEntry(msgspec.Struct, frozen=True):
    """One commit. Entry n is the commit of ticket n; a candidate set aside has no children and the reason as kind."""

    ticket: int
    candidate: str
    item: str
    score: str
    depth: int
    kind: EntryKind
    completed: Completed


class Stats(msgspec.Struct, frozen=True, kw_only=True):
    """Counts of an experiment at one moment."""

    phase: Phase
    queued: int
    leased: int
    issued: int
    completed: int
    committed: int
    pruned: int
    set_aside: int
    seen: int
    failures: int
    expiries: int
    conflicts: int
    depths: dict[int, int]
    assignments: dict[str, int]


class Snapshot(msgspec.Struct, frozen=True, kw_only=True):
    """The state that must be the same for any number of workers and any crashes; `digest` is over all of it.

    Leases, tokens, assignments and counts of failures are left out: they say how it went, not what came out.
    """

    manifest: str
    next_ticket: int
    next_commit: int
    queue: list[tuple[str, str]]
    in_flight: list[tuple[int, str]]
    seen: dict[str, str]
    items: dict[str, str]
    depths: dict[int, int]
    candidate_depths: dict[str, int]
    journal: str

    @property
    def digest(self) -> str:
        """SHA-256 over a canonical text of the whole snapshot."""
        return sha256_text(canonical(msgspec.json.decode(msgspec.json.encode(self))))


def chain_digest(previous: str, entry: JournalEntry) -> str:
    """The journal's digest after `entry`, given the digest before it (empty at the start)."""
    parts: list[Json] = [previous, entry.ticket, entry.candidate, entry.item, entry.score, entry.depth]
    return sha256_text(canonical([*parts, entry.kind, entry.completed.digest]))


def set_aside(kind: EntryKind, body: bytes = b"") -> Completed:
    """What is committed for a candidate that was set aside: a fixed digest, no children; the body may say why."""
    return Completed(sha256_text(f"set aside: {kind}"), [], body)
