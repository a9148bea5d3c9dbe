"""The three messages that brokers carry, and nothing else: `persist_claim`, `agent_result`, `stop`."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any, Literal, TypeAlias

import msgspec

from cellview.cluster.errors import MessageError

__all__ = [
    "AgentResult",
    "Artifact",
    "Claim",
    "ClaimStatus",
    "Message",
    "PersistClaim",
    "Role",
    "Stop",
    "claim_id",
    "content_digest",
    "decode",
    "encode",
]

ClaimStatus: TypeAlias = Literal["solved", "unsolved", "exhausted", "error"]
"""What became of a theorem. ``unsolved``: the budget ran out; ``exhausted``: nothing was left to try."""

Role: TypeAlias = Literal["storage", "results"]
"""Who consumes a queue, and so whom a `Stop` is for."""

_LARGEST = 2**63 - 1
"""What a whole number of the database holds."""


class Claim(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a search arm asserts: this theorem was solved, or not, by this run, intervention and seed.

    `claim_id` identifies the assertion (see :func:`claim_id`), so that a claim delivered twice is stored once.
    `trace_digest` ties it to the trace that can prove it; `proof` is the Lean script when `status` is ``solved``.
    """

    claim_id: str
    run: str
    theorem: str
    statement: str
    intervention: str
    seed: int = 0
    tier: int = 1
    status: ClaimStatus
    iterations: int = 0
    proof: str | None = None
    trace_digest: str | None = None
    detail: str | None = None
    """One sentence for ``error``: what failed."""

    def __post_init__(self) -> None:
        """Reject what the database could not hold or could not tell apart."""
        if not self.claim_id:
            raise ValueError("claim_id must not be empty; use claim_id(run, theorem, intervention, seed, tier)")
        for name in ("seed", "tier", "iterations"):
            if not 0 <= getattr(self, name) <= _LARGEST:
                raise ValueError(f"{name} must be from 0 to {_LARGEST}, not {getattr(self, name)}")


class PersistClaim(msgspec.Struct, frozen=True, kw_only=True, tag_field="action", tag="persist_claim"):
    """Store `claim`. With `partial_update`, its fields replace those of the stored claim of the same id."""

    claim: dict[str, Any]
    partial_update: bool = False

    def __post_init__(self) -> None:
        """Check the claim here, at publish: its consumer could only set it aside."""
        if not self.partial_update:
            msgspec.convert(self.claim, Claim)
            return
        unknown = sorted(set(self.claim) - set(Claim.__struct_fields__))
        if unknown:
            raise ValueError(f"a claim has no field {unknown[0]!r}")
        if not isinstance(self.claim.get("claim_id"), str) or len(self.claim) < 2:
            raise ValueError("a partial update needs claim_id and at least one field to replace")
        # The neutral values stand in for the fields that are not given, so that those given are checked as in a claim.
        neutral = {"run": "", "theorem": "", "statement": "", "intervention": "", "status": "unsolved"}
        msgspec.convert(neutral | self.claim, Claim)


class Artifact(msgspec.Struct, frozen=True, kw_only=True):
    """A file that an agent produced: its bytes when they travel, or its path on storage that all machines share."""

    name: str
    sha256: str
    data: bytes | None = None
    path: str | None = None


class AgentResult(msgspec.Struct, frozen=True, kw_only=True, tag_field="action", tag="agent_result"):
    """What agent `agent` answered in loop `loop` of query `run`. `error` holds the traceback if it raised.

    `seconds` is how long it took: the one field that differs from one run of it to the next.
    """

    run: str
    loop: int
    agent: str
    result: Any = None
    claims: tuple[Claim, ...] = ()
    artifacts: tuple[Artifact, ...] = ()
    error: str | None = None
    seconds: float = 0.0


class Stop(msgspec.Struct, frozen=True, kw_only=True, tag_field="action", tag="stop"):
    """End the consumer named `consumer` once everything published before this message is processed."""

    consumer: Role


Message: TypeAlias = PersistClaim | AgentResult | Stop

_decoder: msgspec.json.Decoder[Message] = msgspec.json.Decoder(Message)


def encode(message: Message | Mapping[str, object]) -> bytes:
    """Encode a message, given as a struct or as a mapping with `action`, after checking every field of it.

    Raises:
        MessageError: It is none of the three kinds, or a field is missing or of a wrong type.
    """
    # Structs do not check types when they are built, so a struct is checked like a mapping: by a round trip.
    try:
        payload = msgspec.json.encode(message)
        _decoder.decode(payload)
    except (TypeError, ValueError, RecursionError, msgspec.MsgspecError) as error:
        raise MessageError(
            f"not a message: {error}; use PersistClaim, AgentResult or Stop, or a mapping with the same fields"
        ) from error
    return payload


def decode(payload: bytes) -> Message:
    """Decode what `encode` wrote.

    Raises:
        MessageError: The bytes are no message (something else writes to this queue).
    """
    try:
        return _decoder.decode(payload)
    except (ValueError, RecursionError, msgspec.MsgspecError) as error:
        raise MessageError(f"the queue holds what is not a message: {error}") from error


def claim_id(*, run: str, theorem: str, intervention: str, seed: int, tier: int = 1) -> str:
    """The id of the claim that this arm of this run makes about `theorem`: the same on every machine and attempt."""
    key = msgspec.json.encode([run, theorem, intervention, seed, tier])
    return hashlib.sha256(key).hexdigest()


def content_digest(claim: Mapping[str, object]) -> str:
    """SHA-256 of a claim's fields in name order; equal claims have equal digests."""
    return hashlib.sha256(msgspec.json.encode(claim, order="sorted")).hexdigest()
