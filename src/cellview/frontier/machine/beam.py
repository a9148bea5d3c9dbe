"""The queue of candidates with its beam width: who waits, in which order, who was seen, who was pruned. Pure."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import Counter

from cellview.frontier.machine.model import Candidate, Readmit

__all__ = ["Beam"]


class Beam:
    """Candidates by falling priority, ties by rising hash, and the state of every candidate ever seen.

    A sorted list: the best candidate is last, so that taking it is cheap. An insertion moves memory, which a list does
    at about 8 GB/s; a tree or skip list would pay off beyond some million waiting candidates.
    """

    def __init__(self, readmit: Readmit) -> None:
        self._readmit = readmit
        self._queue: list[tuple[float, int, str]] = []
        """Ascending (priority, negated hash, hash)."""
        self.seen: dict[str, str] = {}
        """State by hash: ``q``, ``i``, ``c``, ``x``, or ``p`` and the score at which it was pruned."""
        self.live: dict[str, Candidate] = {}
        """Queued and in-flight candidates by hash."""
        self._depths: Counter[int] = Counter()
        self.pruned = 0
        """Prunings so far; a candidate that came back and was pruned again counts twice."""

    def __len__(self) -> int:
        return len(self._queue)

    def admit(self, candidate: Candidate) -> bool:
        """Queues a candidate unless it is a duplicate."""
        digest = candidate.hash
        state = self.seen.get(digest)
        if state is not None:
            if self._readmit == "never" or state[0] not in "qp":
                return False
            known = self.live[digest].score if state == "q" else state[1:]
            if float(candidate.score) >= float(known):
                return False
            if state == "q":
                self._remove(digest)
        self.seen[digest] = "q"
        self.live[digest] = candidate
        self._depths[candidate.depth] += 1
        insort(self._queue, _key(candidate, digest))
        return True

    def take_best(self) -> str:
        """Takes the best candidate out of the queue and into flight; returns its hash."""
        _, _, digest = self._queue.pop()
        self._depths[self.live[digest].depth] -= 1
        self.seen[digest] = "i"
        return digest

    def prune(self, width: int | None) -> int:
        """Drops the worst beyond `width`; a tombstone in `seen` is all that stays of them."""
        surplus = 0 if width is None else max(0, len(self._queue) - width)
        for _, _, digest in self._queue[:surplus]:
            candidate = self.live.pop(digest)
            self._depths[candidate.depth] -= 1
            self.seen[digest] = "p" + candidate.score
        del self._queue[:surplus]
        self.pruned += surplus
        return surplus

    def settle(self, digest: str, state: str) -> Candidate:
        """Ends the life of a candidate in flight: ``c`` committed, ``x`` set aside."""
        self.seen[digest] = state
        return self.live.pop(digest)

    def ordered(self) -> list[tuple[str, str]]:
        """(score, hash) of the queue, best first."""
        return [(self.live[digest].score, digest) for _, _, digest in reversed(self._queue)]

    def depths(self) -> dict[int, int]:
        """Queued candidates by depth."""
        return {depth: count for depth, count in sorted(self._depths.items()) if count > 0}

    def _remove(self, digest: str) -> None:
        candidate = self.live[digest]
        del self._queue[bisect_left(self._queue, _key(candidate, digest))]
        self._depths[candidate.depth] -= 1


def _key(candidate: Candidate, digest: str) -> tuple[float, int, str]:
    return (-float(candidate.score), -int(digest, 16), digest)
