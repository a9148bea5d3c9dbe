"""What a client seals before it goes to a server, and checks when it comes back: a server is nobody to trust.

A candidate's seal travels in front of its carry, a result's in front of its body; the scripts read neither. Both are
bound to the manifest, so that nothing can be taken over from an experiment with other settings.
"""

from __future__ import annotations

import hmac
from typing import TypeVar, cast

import msgspec

from cellview.base.seal import SEAL_BYTES, seal_of
from cellview.frontier.errors import UntrustedError
from cellview.frontier.machine.model import (
    Candidate,
    Completed,
    EntryKind,
    JournalEntry,
    Lease,
    Manifest,
    Popped,
    set_aside,
)
from cellview.frontier.machine.operations import Complete, Completion, Fail, Offer, Operation, Push

__all__ = ["Seals", "manifest_seal"]

R = TypeVar("R")
_replace = msgspec.structs.replace


def manifest_seal(key: bytes, manifest: bytes) -> bytes:
    """The seal of a manifest as it stands on the server. It holds the experiment's name."""
    return seal_of(key, "frontier manifest", manifest).hex().encode()


class Seals:
    """Seals and checks what one experiment's clients and its server exchange.

    Args:
        key: What the clients share and the server does not know.
        manifest: Of the experiment.
        where: The server, for errors.
    """

    def __init__(self, key: bytes, manifest: Manifest, where: str) -> None:
        self._key = key
        self._bound_to = manifest.digest.encode()
        self._where = where

    def close(self, operation: Operation[R]) -> Operation[R]:
        """The operation with seals on all that it brings to the server."""
        closed: object = operation
        if isinstance(operation, Push):
            closed = Push([self._close_candidate(it) for it in operation.candidates])
        elif isinstance(operation, Complete):
            closed = Complete([_replace(it, completed=self._close_completion(it)) for it in operation.results])
        elif isinstance(operation, Fail):
            seal = self._result_seal(operation, "failed", set_aside("failed", operation.body))
            closed = _replace(operation, body=seal + operation.body)
        elif isinstance(operation, Offer):
            closed = _replace(operation, entries=[self._close_entry(it) for it in operation.entries])
        return cast("Operation[R]", closed)

    def open(self, answer: R) -> R:
        """The answer without seals, after a check of each.

        Raises:
            UntrustedError: One does not fit: somebody without the key wrote to the server.
        """
        opened: object = answer
        if isinstance(answer, Popped):
            opened = _replace(answer, leases=[self._open_lease(it) for it in answer.leases])
        elif isinstance(answer, list):
            several = cast("list[object]", answer)
            opened = [self._open_entry(it) if isinstance(it, JournalEntry) else it for it in several]
        return cast("R", opened)

    def _close_candidate(self, it: Candidate) -> Candidate:
        return _replace(it, carry=self._candidate_seal(it) + it.carry)

    def _close_completion(self, it: Completion) -> Completed:
        return self._close_completed(it.completed, self._result_seal(it, "committed", it.completed))

    def _close_completed(self, done: Completed, seal: bytes) -> Completed:
        return Completed(done.digest, [self._close_candidate(child) for child in done.children], seal + done.body)

    def _close_entry(self, it: JournalEntry) -> JournalEntry:
        if it.kind == "abandoned":
            return it  # what the server decides by itself, nobody can seal
        seal = self._result_seal(it, it.kind, it.completed)
        return _replace(it, completed=self._close_completed(it.completed, seal))

    def _open_lease(self, it: Lease) -> Lease:
        seal, carry = it.carry[:SEAL_BYTES], it.carry[SEAL_BYTES:]
        pushed = Candidate(it.item, it.score, it.depth, carry)
        self._require(seal, self._candidate_seal(pushed), f"candidate {it.candidate}")
        if pushed.hash != it.candidate:
            raise self._untrusted(f"candidate {it.candidate}")
        return _replace(it, carry=carry)

    def _open_entry(self, it: JournalEntry) -> JournalEntry:
        what = f"the result of ticket {it.ticket}"
        if it.kind == "abandoned":
            if it.completed != set_aside("abandoned"):
                raise self._untrusted(what)
            return it
        seal, body = it.completed.body[:SEAL_BYTES], it.completed.body[SEAL_BYTES:]
        children = [_replace(child, carry=child.carry[SEAL_BYTES:]) for child in it.completed.children]
        opened = _replace(it, completed=Completed(it.completed.digest, children, body))
        self._require(seal, self._result_seal(opened, it.kind, opened.completed), what)
        return opened

    def _candidate_seal(self, it: Candidate) -> bytes:
        parts = (it.item.encode(), it.score.encode(), b"%d" % it.depth, it.carry)
        return seal_of(self._key, "frontier candidate", self._bound_to, *parts)

    def _result_seal(self, of: Completion | Fail | JournalEntry, kind: EntryKind, done: Completed) -> bytes:
        """Over all that a journal entry says. Its number is left out: it follows from the results before it."""
        parts: list[bytes] = [of.candidate.encode(), of.score.encode(), b"%d" % of.depth, kind.encode()]
        for child in done.children:
            parts += (child.item.encode(), child.score.encode(), b"%d" % child.depth, child.carry)
        return seal_of(self._key, "frontier result", self._bound_to, *parts, done.digest.encode(), done.body)

    def _require(self, seal: bytes, right: bytes, what: str) -> None:
        if not hmac.compare_digest(seal, right):
            raise self._untrusted(what)

    def _untrusted(self, what: str) -> UntrustedError:
        return UntrustedError(
            f"{what} at {self._where} was not written by a holder of CELLVIEW_FRONTIER_KEY: somebody else can write to "
            "that server; shut them out, clear the experiment and resume from the run folder, whose journal is sealed"
        )
