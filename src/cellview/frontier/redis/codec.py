"""Operations as the words of a script, and a script's reply as the answer. Pure translation, no server in sight."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from itertools import pairwise
from typing import Any, NamedTuple, TypeVar, cast

from cellview.frontier.errors import DeterminismError, SetAsideError, TicketError
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
    set_aside,
)
from cellview.frontier.machine.operations import (
    Commit,
    Complete,
    Drain,
    Fail,
    Heartbeat,
    Offer,
    OpenCommitter,
    Operation,
    Pop,
    Prune,
    Push,
    ReadJournal,
    ReadStats,
    Release,
    Start,
)

__all__ = ["CODES", "Code", "manifest_fields", "snapshot_of", "text_of"]

Op = TypeVar("Op", bound=Operation[Any])


class Code(NamedTuple):
    """How one operation travels: its script, the words behind the incarnation, and what the reply means."""

    script: str
    words: Callable[[Any], list[object]]
    answer: Callable[[Any, Any], Any]


def text_of(raw: object) -> str:
    """A reply's bytes as text."""
    return cast("bytes", raw).decode()


def manifest_fields(manifest: Manifest) -> list[object]:
    """Field and value of the numbers that the scripts go by."""
    flat: list[object] = ["phase", "open", "next_ticket", 0, "next_commit", 0, "token", 0]
    for name in ("window", "beam_width", "readmit", "max_tickets", "max_failures", "max_expiries", "lease_ms"):
        value: object = getattr(manifest, name)
        if value is not None:
            flat += (name, value)
    flat += ("failed_digest", set_aside("failed").digest, "abandoned_digest", set_aside("abandoned").digest)
    return flat


def snapshot_of(reply: list[Any], *, manifest: str, chain: str) -> Snapshot:
    """The snapshot, of which the script leaves out the journal's chain, since entries never change."""
    issued, committed, queue, scores, flights, seen, items, depths, own_depths = reply
    score = _pairs(scores)
    return Snapshot(
        manifest=manifest,
        next_ticket=issued,
        next_commit=committed,
        queue=[(score[text_of(digest)], text_of(digest)) for digest in queue],
        in_flight=sorted((int(ticket), digest) for ticket, digest in _pairs(flights).items()),
        seen=_pairs(seen),
        items=_pairs(items),
        depths=_depths(depths),
        candidate_depths={digest: int(depth) for digest, depth in _pairs(own_depths).items()},
        journal=chain,
    )


def _nothing(operation: Operation[Any]) -> list[object]:
    return []


def _done(operation: Operation[Any], reply: object) -> None:
    return


def _lease(operation: Heartbeat | Release) -> list[object]:
    return [operation.ticket, operation.token]


def _push(operation: Push) -> list[object]:
    flat: list[object] = []
    for it in operation.candidates:
        flat += (it.hash, it.score, it.depth, it.item, it.carry)
    return flat


def _popped(operation: Pop, reply: tuple[bytes, list[list[bytes]]]) -> Popped:
    phase, rows = reply
    leases = [
        Lease(
            int(ticket), int(token), text_of(digest), text_of(item), text_of(score), int(depth), carry, operation.worker
        )
        for ticket, token, digest, item, score, depth, carry in rows
    ]
    return Popped(leases, _phase(phase))


def _complete(operation: Complete) -> list[object]:
    flat: list[object] = []
    for it in operation.results:
        done = it.completed
        flat += (it.ticket, it.token, it.candidate, done.digest, _pack(done.children), done.body)
    return flat


def _offer(operation: Offer) -> list[object]:
    flat: list[object] = [operation.epoch]
    for entry in operation.entries:
        done = entry.completed
        flat += (entry.ticket, entry.candidate, entry.kind, done.digest, _pack(done.children), done.body)
    return flat


def _completed(operation: Complete, reply: list[bytes]) -> list[Outcome]:
    """What became of each; the first refusal is raised. The scripts answer no further than that."""
    known = zip(reply, operation.results, strict=False)
    return [_outcome(answer, it.ticket, it.candidate, "committed") for answer, it in known]


def _offered(operation: Offer, reply: list[bytes]) -> list[Outcome]:
    known = zip(reply, operation.entries, strict=False)
    return [_outcome(answer, it.ticket, it.candidate, it.kind) for answer, it in known]


def _outcome(raw: bytes, ticket: int, candidate: str, kind: EntryKind) -> Outcome:
    answer, *rest = text_of(raw).split(" ")
    if answer == "conflict":
        raise DeterminismError(rest[0], rest[1], rest[2])
    if answer == "aside":
        raise SetAsideError(ticket, candidate, rest[0], kind)
    if answer == "unknown":
        raise TicketError(f"ticket {ticket} is unknown, or was not leased for that candidate under that token: drop it")
    return cast("Outcome", answer)


def _committed(operation: Commit, reply: tuple[int, int, int, bytes]) -> Committed:
    count, total, leased, phase = reply
    return Committed(int(count), int(total), int(leased), _phase(phase))


def _stats(operation: ReadStats, reply: list[Any]) -> Stats:
    phase, queued, leased, issued, completed, committed, seen, totals, depths, workers = reply
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
        depths=_depths(depths),
        assignments=dict(Counter(text_of(worker) for worker in workers)),
    )


def _entry(row: tuple[bytes, list[bytes]]) -> JournalEntry:
    ident, flat = row
    fields = dict(zip(flat[::2], flat[1::2], strict=True))
    return JournalEntry(
        int(ident.split(b"-")[0]) - 1,
        text_of(fields[b"candidate"]),
        text_of(fields[b"item"]),
        text_of(fields[b"score"]),
        int(fields[b"depth"]),
        cast("EntryKind", text_of(fields[b"kind"])),
        Completed(text_of(fields[b"digest"]), _unpack(fields[b"children"]), fields[b"body"]),
    )


def _phase(raw: object) -> Phase:
    return cast("Phase", text_of(raw))


def _pairs(flat: list[bytes]) -> dict[str, str]:
    return {text_of(key): text_of(value) for index, (key, value) in enumerate(pairwise(flat)) if index % 2 == 0}


def _depths(flat: list[bytes]) -> dict[int, int]:
    return dict(sorted((int(depth), int(count)) for depth, count in _pairs(flat).items()))


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


def _code(
    kind: type[Op], script: str, words: Callable[[Op], list[object]], answer: Callable[[Op, Any], object]
) -> tuple[type[Operation[Any]], Code]:
    return kind, Code(script, words, answer)


CODES = dict(
    [
        _code(Push, "push", _push, lambda _, reply: [taken == 1 for taken in reply]),
        _code(Prune, "prune", lambda it: [it.width], lambda _, reply: int(reply)),
        _code(Start, "start", _nothing, _done),
        _code(Drain, "drain", _nothing, _done),
        _code(Pop, "pop", lambda it: [it.worker, it.count], _popped),
        _code(Heartbeat, "heartbeat", _lease, _done),
        _code(Release, "release", _lease, _done),
        _code(Fail, "fail", lambda it: [it.ticket, it.token, it.body], lambda _, reply: bool(reply)),
        _code(Complete, "complete", _complete, _completed),
        _code(OpenCommitter, "open_committer", lambda it: [it.name], lambda _, reply: text_of(reply)),
        _code(Offer, "offer", _offer, _offered),
        _code(Commit, "commit", lambda it: [it.epoch, it.limit], _committed),
        _code(ReadJournal, "journal", lambda it: [it.since, it.limit], lambda _, reply: [_entry(row) for row in reply]),
        _code(ReadStats, "stats", _nothing, _stats),
    ]
)
"""All that are one script with one reply. Creating, attaching and clearing are of the experiment itself, and a snapshot
takes the journal too: these are in ``cellview.frontier.redis.frontier``."""
