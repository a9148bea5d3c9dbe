"""The frontier on a Redis server: each operation is one Lua script, so a crash leaves it whole or not at all."""

from __future__ import annotations

import uuid
from collections import Counter
from itertools import pairwise
from typing import Any, cast

import msgspec

from cellview.frontier.errors import (
    DeterminismError,
    ExperimentExistsError,
    ExperimentMissingError,
    FencedError,
    FrontierError,
    LeaseLostError,
    PushRefusedError,
    TicketError,
)
from cellview.frontier.machine.machine import set_aside
from cellview.frontier.machine.model import (
    Candidate,
    Committed,
    Completed,
    EntryKind,
    JournalEntry,
    Lease,
    Manifest,
    Outcome,
    Phase,
    Popped,
    Snapshot,
    Stats,
    chain_digest,
)
from cellview.frontier.redis.link import RedisLink

__all__ = ["RedisFrontier"]


class RedisFrontier:
    """One experiment on a Redis server, under keys ``frontier:{<experiment>}:<component>``.

    The braces are part of the key: they are Redis's hash tag, so that a cluster keeps an experiment on one node.

    Args:
        url: ``redis://``, ``rediss://`` or ``unix://``.
        experiment: Name of the experiment.
        reconnect_s: How long an operation waits for a server that went, in seconds.
        patient: Wait as long for the first answer too.
    """

    def __init__(self, url: str, experiment: str, *, reconnect_s: float = 30.0, patient: bool = False) -> None:
        self.experiment = experiment
        self._key = f"frontier:{{{experiment}}}:meta"
        self._link = RedisLink(url, reconnect_s=reconnect_s, patient=patient)
        self._incarnation = ""
        self._manifest: Manifest | None = None

    @property
    def persistent(self) -> bool:
        """Whether the server keeps an append-only file, so that its own crash loses at most a second."""
        return self._link.persistent

    async def create(self, manifest: Manifest, *, resume: bool = False) -> bool:
        """Creates the experiment, or attaches to it with `resume`."""
        incarnation = uuid.uuid4().hex
        got = await self._link.call("create", self._key, incarnation, msgspec.json.encode(manifest), *_fields(manifest))
        there = msgspec.json.decode(cast("bytes", got[1]), type=Manifest)
        is_new = _text(got[0]) == incarnation
        if not is_new:
            manifest.require_same(there)
            if not resume:
                raise ExperimentExistsError(
                    f"experiment {self.experiment!r} exists already at {self._link.where}: resume it, choose another "
                    "name, or clear it with: cellview frontier clear"
                )
        self._incarnation, self._manifest = _text(got[0]), there
        return is_new

    async def attach(self) -> Manifest:
        """Attaches to the existing experiment."""
        got = await self._link.call("attach", self._key)
        if not got[0]:
            raise ExperimentMissingError(
                f"there is no experiment {self.experiment!r} at {self._link.where}: check the name, or start its sweep"
            )
        self._incarnation = _text(got[0])
        self._manifest = msgspec.json.decode(cast("bytes", got[1]), type=Manifest)
        return self._manifest

    async def push(self, candidates: list[Candidate]) -> list[bool]:
        """Queues candidates."""
        flat: list[object] = []
        for it in candidates:
            flat += (it.hash, it.score, it.depth, it.item, it.carry)
        return [taken == 1 for taken in await self._call("push", *flat)]

    async def prune(self, width: int) -> int:
        """Prunes the queue."""
        return int(await self._call("prune", width))

    async def start(self) -> None:
        """Issues the first tickets; lifts a drain."""
        await self._call("start")

    async def drain(self) -> None:
        """Hands out no more leases."""
        await self._call("drain")

    async def pop(self, worker: str, *, count: int = 1) -> Popped:
        """Leases tickets."""
        phase, rows = await self._call("pop", worker, count)
        leases = [
            Lease(int(t), int(token), _text(h), _text(item), _text(score), int(depth), carry, worker)
            for t, token, h, item, score, depth, carry in rows
        ]
        return Popped(leases, _phase(phase))

    async def heartbeat(self, lease: Lease) -> None:
        """Extends a lease."""
        await self._call("heartbeat", lease.ticket, lease.token)

    async def release(self, lease: Lease) -> None:
        """Hands a lease back."""
        await self._call("release", lease.ticket, lease.token)

    async def fail(self, lease: Lease, body: bytes = b"") -> bool:
        """Reports a failure."""
        return bool(await self._call("fail", lease.ticket, lease.token, body))

    async def complete(self, results: list[tuple[Lease, Completed]]) -> list[Outcome]:
        """Records results."""
        flat: list[object] = []
        for lease, done in results:
            flat += (lease.ticket, lease.token, lease.candidate, done.digest, _pack(done.children), done.body)
        answers = await self._call("complete", *flat)
        return [_outcome(answer, lease.ticket) for answer, (lease, _) in zip(answers, results, strict=False)]

    async def open_committer(self, name: str) -> str:
        """Takes over as committer."""
        return _text(await self._call("open_committer", name))

    async def offer(self, epoch: str, entries: list[JournalEntry]) -> list[Outcome]:
        """Records results from a journal file."""
        flat: list[object] = []
        for entry in entries:
            done = entry.completed
            flat += (entry.ticket, entry.candidate, entry.kind, done.digest, _pack(done.children), done.body)
        answers = await self._call("offer", epoch, *flat)
        return [_outcome(answer, entry.ticket) for answer, entry in zip(answers, entries, strict=False)]

    async def commit(self, epoch: str, *, limit: int = 256) -> Committed:
        """Commits results."""
        count, total, leased, phase = await self._call("commit", epoch, limit)
        return Committed(int(count), int(total), int(leased), _phase(phase))

    async def journal(self, since: int, *, limit: int = 256) -> list[JournalEntry]:
        """Reads commits."""
        return [_entry(row) for row in await self._call("journal", since, limit)]

    async def stats(self) -> Stats:
        """Counts."""
        phase, queued, leased, issued, completed, committed, seen, totals, depths, workers = await self._call("stats")
        pruned, aside, failures, expiries, conflicts = (int(total or 0) for total in totals)
        return Stats(
            phase=_phase(phase),
            queued=queued,
            leased=leased,
            issued=issued,
            completed=completed,
            committed=committed,
            pruned=pruned,
            set_aside=aside,
            seen=seen,
            failures=failures,
            expiries=expiries,
            conflicts=conflicts,
            depths=dict(sorted((int(depth), int(count)) for depth, count in _pairs(depths).items())),
            assignments=dict(Counter(_text(worker) for worker in workers)),
        )

    async def snapshot(self) -> Snapshot:
        """The state to compare."""
        manifest = self._manifest or await self.attach()
        issued, committed, queue, scores, flights, seen, items, depths, own_depths = await self._call("snapshot")
        score = _pairs(scores)
        chain, position = "", 0
        while position < committed:
            entries = await self.journal(position, limit=min(512, committed - position))
            for entry in entries:
                chain = chain_digest(chain, entry)
            position += len(entries)
        return Snapshot(
            manifest=manifest.digest,
            next_ticket=issued,
            next_commit=committed,
            queue=[(score[_text(digest)], _text(digest)) for digest in queue],
            in_flight=sorted((int(ticket), digest) for ticket, digest in _pairs(flights).items()),
            seen=_pairs(seen),
            items=_pairs(items),
            depths=dict(sorted((int(depth), int(count)) for depth, count in _pairs(depths).items())),
            candidate_depths={digest: int(depth) for digest, depth in _pairs(own_depths).items()},
            journal=chain,
        )

    async def clear(self) -> None:
        """Deletes the experiment."""
        if not await self._link.call("clear", self._key):
            raise ExperimentMissingError(f"there is no experiment {self.experiment!r} at {self._link.where}")
        self._incarnation, self._manifest = "", None

    async def close(self) -> None:
        """Closes the connections."""
        await self._link.close()

    async def _call(self, operation: str, *arguments: object) -> Any:
        import redis.exceptions as errors

        if not self._incarnation:
            await self.attach()
        try:
            return await self._link.call(operation, self._key, self._incarnation, *arguments)
        except errors.ResponseError as error:
            raise self._refusal(operation, str(error)) from None

    def _refusal(self, operation: str, text: str) -> FrontierError:
        code, *rest = text.removeprefix("FRONTIER ").split(" ")
        match code:
            case "MISSING" | "REPLACED":
                return ExperimentMissingError(
                    f"experiment {self.experiment!r} at {self._link.where} was cleared or replaced while in use: start "
                    "it again; a run folder's journal brings its commits back"
                )
            case "RUNNING":
                return PushRefusedError(
                    f"cannot {operation} while experiment {self.experiment!r} is {rest[0]}: do it before the start or "
                    "after the end, or return candidates as children of a result"
                )
            case "LEASE":
                return LeaseLostError("the lease of this ticket has ended: drop that work")
            case "FENCED":
                return FencedError(
                    f"this committer of experiment {self.experiment!r} was replaced by {' '.join(rest)}: let that one "
                    "go on, or stop it and resume"
                )
            case "CONFLICT":
                return DeterminismError(rest[0], rest[1], rest[2])
            case _:
                return FrontierError(f"unknown refusal {text!r} of {operation}: client and server scripts do not match")


def _fields(manifest: Manifest) -> list[object]:
    flat: list[object] = ["phase", "open", "next_ticket", 0, "next_commit", 0, "token", 0]
    for name in ("window", "beam_width", "readmit", "max_tickets", "max_failures", "max_expiries", "lease_ms"):
        value: object = getattr(manifest, name)
        if value is not None:
            flat += (name, value)
    flat += ("failed_digest", set_aside("failed").digest, "abandoned_digest", set_aside("abandoned").digest)
    return flat


def _text(raw: object) -> str:
    return cast("bytes", raw).decode()


def _phase(raw: object) -> Phase:
    return cast("Phase", _text(raw))


def _pairs(flat: list[bytes]) -> dict[str, str]:
    return {_text(key): _text(value) for index, (key, value) in enumerate(pairwise(flat)) if index % 2 == 0}


def _pack(children: list[Candidate]) -> bytes:
    """Five length-prefixed strings for each child, which the scripts take apart."""
    parts: list[bytes] = []
    for it in children:
        for raw in (it.hash.encode(), it.score.encode(), b"%d" % it.depth, it.item.encode(), it.carry):
            parts += (b"%d:" % len(raw), raw)
    return b"".join(parts)


def _unpack(packed: bytes) -> list[Candidate]:
    parts: list[bytes] = []
    at = 0
    while at < len(packed):
        colon = packed.index(b":", at)
        end = colon + 1 + int(packed[at:colon])
        parts.append(packed[colon + 1 : end])
        at = end
    rows = zip(parts[1::5], parts[2::5], parts[3::5], parts[4::5], strict=True)
    return [Candidate(item.decode(), score.decode(), int(depth), carry) for score, depth, item, carry in rows]


def _outcome(raw: object, ticket: int) -> Outcome:
    answer, *rest = _text(raw).split(" ")
    if answer == "conflict":
        raise DeterminismError(rest[0], rest[1], rest[2])
    if answer == "unknown":
        raise TicketError(f"ticket {ticket} is unknown, or was not leased for that candidate under that token: drop it")
    return cast("Outcome", answer)


def _entry(row: tuple[bytes, list[bytes]]) -> JournalEntry:
    ident, flat = row
    fields = dict(zip(flat[::2], flat[1::2], strict=True))
    return JournalEntry(
        int(ident.split(b"-")[0]) - 1,
        _text(fields[b"candidate"]),
        _text(fields[b"item"]),
        _text(fields[b"score"]),
        int(fields[b"depth"]),
        cast("EntryKind", _text(fields[b"kind"])),
        Completed(_text(fields[b"digest"]), _unpack(fields[b"children"]), fields[b"body"]),
    )
