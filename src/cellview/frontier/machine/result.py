"""What a task is given and gives back, and how a result is sealed: what must repeat, and what nothing compares."""

from __future__ import annotations

import zlib

import msgspec

from cellview.frontier.errors import TaskError
from cellview.frontier.machine.canonical import Json, canonical, sha256_text
from cellview.frontier.machine.model import Candidate, Completed
from cellview.trace.digest import without_timestamps

__all__ = ["Body", "Result", "Work", "completed_of", "pack_body", "result_digest", "unpack_body"]

_COMPRESS_FROM_BYTES = 1024


class Work(msgspec.Struct, frozen=True):
    """What a task is given: the candidate's item as JSON value, its hash, priority, depth and carry, and the settings.

    Which worker runs it, and when, is not told: the result may not depend on it.
    """

    item: Json
    candidate: str
    priority: float
    depth: int
    carry: bytes
    settings: dict[str, Json]


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """What a task gives back.

    Args:
        payload: The result proper, any JSON value.
        children: Candidates to push when this one is committed.
        trace: Lines for the merged trace, each one JSON object without line break. ``timestamp_ms`` is the one field
            that may differ between two runs; write it before another field, as the trace records do.
        notes: Operational remarks (seconds, host). Kept in the journal, never compared.
    """

    payload: Json = None
    children: list[Candidate] = []
    trace: list[str] = []
    notes: Json = None


class Body(msgspec.Struct, frozen=True):
    """What the frontier keeps of a result without reading it; `payload` and `notes` are canonical JSON texts."""

    payload: str = "null"
    trace: list[str] = []
    notes: str = "null"


def completed_of(result: Result) -> Completed:
    """Seals a result: the digest over what must repeat, the children, the packed body.

    Raises:
        UnencodableError: The payload or the notes are not JSON.
        TaskError: A trace line holds a line break.
    """
    if any("\n" in line for line in result.trace):
        raise TaskError("a trace line holds a line break: give one JSON object per line")
    payload = canonical(result.payload)
    return Completed(
        result_digest(payload, result.children, result.trace),
        list(result.children),
        pack_body(Body(payload, list(result.trace), canonical(result.notes))),
    )


def result_digest(payload: str, children: list[Candidate], trace: list[str]) -> str:
    """The digest over what must repeat: payload (its canonical text), children, trace without ``timestamp_ms``."""
    pushed: list[Json] = [[child.item, child.score, child.depth, sha256_text(child.carry.hex())] for child in children]
    lines: list[Json] = [without_timestamps(line.encode()).decode() for line in trace]
    return sha256_text(canonical([payload, pushed, lines]))


def pack_body(body: Body) -> bytes:
    """Packs a body; compressed from 1 KiB on, which the first byte says."""
    raw = msgspec.msgpack.encode(body)
    return b"z" + zlib.compress(raw, 1) if len(raw) >= _COMPRESS_FROM_BYTES else b"r" + raw


def unpack_body(packed: bytes) -> Body:
    """Unpacks a body; an empty one is a body without anything."""
    if not packed:
        return Body()
    raw = zlib.decompress(packed[1:]) if packed[:1] == b"z" else packed[1:]
    return msgspec.msgpack.decode(raw, type=Body)
