"""The frontier as a pure state machine: no clock, no I/O, no randomness. Every backend must behave like this one.

A *ticket* is a numbered pop. Tickets are issued by the start and by commits alone: whenever fewer than `window` tickets
are uncommitted and the queue is not empty, the best candidate gets the next number. Results are committed in order of
tickets, and only a commit changes the queue. So ticket t always sees the same queue, whoever works on it and when.

States of a candidate: ``q`` queued → ``i`` in flight → ``c`` committed | ``x`` set aside; ``q`` → ``p`` pruned, and
with ``readmit="higher_priority"`` back to ``q``.
"""

from __future__ import annotations

from collections import Counter

from cellview.frontier.errors import (
    DeterminismError,
    FencedError,
    PushRefusedError,
    SetAsideError,
    TicketError,
)
from cellview.frontier.machine.beam import Beam
from cellview.frontier.machine.flights import Flight, Flights
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
    set_aside,
)

__all__ = ["FrontierMachine"]


class FrontierMachine:
    """One experiment. Times are milliseconds of whatever clock the shell uses, passed in as `now_ms`."""

    def __init__(self, manifest: Manifest) -> None:
        self.manifest = manifest
        self._phase: Phase = "open"
        """What was asked for last; ``finished`` is found out, never stored."""
        self._beam = Beam(manifest.readmit)
        self._flights = Flights(manifest.lease_ms)
        self._journal: list[JournalEntry] = []
        self._chain = ""
        self._next_ticket = 0
        self._committer: str | None = None
        self._epoch = 0
        self._conflict: DeterminismError | None = None
        self._totals: Counter[str] = Counter()

    # From outside: seeding the queue

    def push(self, candidates: list[Candidate]) -> list[bool]:
        """Queues candidates; says of each whether it was taken (``False``: a duplicate). Prunes to the beam width.

        Raises:
            PushRefusedError: The experiment is running.
        """
        self._require_still("push")
        taken = [self._beam.admit(candidate) for candidate in candidates]
        self._beam.prune(self.manifest.beam_width)
        return taken

    def prune(self, width: int) -> int:
        """Prunes the queue to its best `width` candidates; returns how many went.

        Raises:
            PushRefusedError: The experiment is running.
        """
        self._require_still("prune")
        return self._beam.prune(width)

    def start(self) -> None:
        """Issues the first tickets. From here on only commits change the queue. Lifts a drain too."""
        self._phase = "running"
        self._fill()

    def drain(self) -> None:
        """Hands out no more leases. What is leased may complete and be committed; `start` lifts it."""
        if self._phase == "running":
            self._phase = "draining"

    # Workers

    def pop(self, worker: str, now_ms: int, count: int = 1) -> Popped:
        """Leases up to `count` tickets, lowest number first; expired leases are handed out again."""
        leases: list[Lease] = []
        if self.phase == "running":
            self._expire(now_ms)
            while len(leases) < count and (flight := self._flights.take_ready()) is not None:
                token = self._flights.lease(flight, worker, now_ms)
                it = self._beam.live[flight.candidate]
                leases.append(
                    Lease(flight.ticket, token, flight.candidate, it.item, it.score, it.depth, it.carry, worker)
                )
        return Popped(leases, self.phase)

    def heartbeat(self, ticket: int, token: int, now_ms: int) -> None:
        """Extends a lease to a whole lease time from now.

        Raises:
            LeaseLostError: The token is not the ticket's current one, or its lease was handed back.
        """
        self._flights.hold(self._flights.held(ticket, token), now_ms)

    def release(self, ticket: int, token: int) -> None:
        """Hands a lease back without blame, as a worker does that is told to stop.

        Raises:
            LeaseLostError: As `heartbeat`.
        """
        self._flights.free(self._flights.held(ticket, token))

    def fail(self, ticket: int, token: int, body: bytes = b"") -> bool:
        """Reports that the task raised. Returns ``True`` when the candidate is set aside now.

        Raises:
            LeaseLostError: As `heartbeat`.
        """
        flight = self._flights.held(ticket, token)
        flight.failures += 1
        self._totals["failures"] += 1
        self._flights.free(flight)
        if flight.failures < self.manifest.max_failures:
            return False
        flight.record("failed", set_aside("failed", body))
        return True

    def complete(self, ticket: int, token: int, candidate: str, completed: Completed) -> Outcome:
        """Records a result. The first one counts, also from an expired lease; an equal second one is a duplicate.

        Raises:
            SetAsideError: The candidate was set aside before. That decision stands, committed or not.
            DeterminismError: A different result was recorded before.
            TicketError: No such ticket, candidate or token.
        """
        flight = self._flights.get(ticket)
        if flight is None:
            return self._after_commit(ticket, candidate, "committed", completed)
        if flight.candidate != candidate or token not in flight.tokens:
            raise TicketError(f"ticket {ticket} was not leased under token {token} for candidate {candidate}")
        return self._record(flight, "committed", completed)

    # The committer

    def open_committer(self, name: str) -> str:
        """Makes `name` the only committer; returns its epoch. Every earlier one is fenced off."""
        self._epoch += 1
        self._committer = f"{self._epoch}:{name}"
        return self._committer

    def offer(self, epoch: str, entry: JournalEntry) -> Outcome:
        """Records the result of an uncommitted ticket from a journal kept elsewhere, without a lease.

        The journal says what was committed once. Where one of the two set the candidate aside and the other did not,
        it is only chance that differs, and the journal counts.

        Raises:
            FencedError: A newer committer took over.
            SetAsideError: The ticket is committed here, and only one of the two set the candidate aside.
            DeterminismError, TicketError: As `complete`.
        """
        self._require_epoch(epoch)
        flight = self._flights.get(entry.ticket)
        if flight is None:
            return self._after_commit(entry.ticket, entry.candidate, entry.kind, entry.completed)
        if flight.candidate != entry.candidate:
            raise TicketError(f"ticket {entry.ticket} is of candidate {flight.candidate}, not {entry.candidate}")
        if flight.result is not None and flight.kind != entry.kind:
            flight.record(entry.kind, entry.completed)
            return "accepted"
        return self._record(flight, entry.kind, entry.completed)

    def commit(self, epoch: str, now_ms: int, limit: int = 256) -> Committed:
        """Commits up to `limit` results in order of tickets, as far as they are there.

        Raises:
            FencedError: A newer committer took over.
            DeterminismError: Two results of one candidate contradicted each other earlier.
        """
        self._require_epoch(epoch)
        if self._conflict is not None:
            raise self._conflict
        done = 0
        while done < limit and self._commit_next():
            done += 1
        return Committed(done, len(self._journal), self._flights.alive(now_ms), self.phase)

    # Reading

    def journal(self, since: int, limit: int = 256) -> list[JournalEntry]:
        """Entries from ticket `since` on."""
        return self._journal[since : since + limit]

    @property
    def phase(self) -> Phase:
        """``finished`` when nothing is in flight and nothing more may be issued; else what was asked for last."""
        if self._phase != "open" and not self._flights and not self._may_issue():
            return "finished"
        return self._phase

    def stats(self) -> Stats:
        """Counts for people; also what went wrong on the way."""
        assignees = self._flights.assignees()
        return Stats(
            phase=self.phase,
            queued=len(self._beam),
            leased=assignees.total(),
            issued=self._next_ticket,
            completed=sum(flight.result is not None for flight in self._flights),
            committed=len(self._journal),
            pruned=self._beam.pruned,
            set_aside=self._totals["set_aside"],
            seen=len(self._beam.seen),
            failures=self._totals["failures"],
            expiries=self._totals["expiries"],
            conflicts=self._totals["conflicts"],
            depths=self._beam.depths(),
            assignments=dict(assignees),
        )

    def snapshot(self) -> Snapshot:
        """The state that must not depend on workers or crashes."""
        return Snapshot(
            manifest=self.manifest.digest,
            next_ticket=self._next_ticket,
            next_commit=len(self._journal),
            queue=self._beam.ordered(),
            in_flight=[(flight.ticket, flight.candidate) for flight in self._flights],
            seen=dict(self._beam.seen),
            items={digest: candidate.item for digest, candidate in self._beam.live.items()},
            depths=self._beam.depths(),
            candidate_depths={digest: candidate.depth for digest, candidate in self._beam.live.items()},
            journal=self._chain,
        )

    # Helpers

    def _require_still(self, what: str) -> None:
        if self.phase == "finished":
            self._phase = "open"
        if self._phase != "open":
            raise PushRefusedError(
                f"cannot {what} while experiment {self.manifest.experiment!r} is {self.phase}: do it before the "
                "start or after the end, or return candidates as children of a result"
            )

    def _may_issue(self) -> bool:
        budget = self.manifest.max_tickets
        return len(self._beam) > 0 and (budget is None or self._next_ticket < budget)

    def _fill(self) -> None:
        """Issues tickets while the window has room: after the start and after every commit, never elsewhere."""
        while self._next_ticket - len(self._journal) < self.manifest.window and self._may_issue():
            self._flights.issue(self._next_ticket, self._beam.take_best())
            self._next_ticket += 1

    def _expire(self, now_ms: int) -> None:
        for flight in self._flights.expired(now_ms):
            self._totals["expiries"] += 1
            if flight.expiries >= self.manifest.max_expiries:
                flight.record("abandoned", set_aside("abandoned"))

    def _record(self, flight: Flight, kind: EntryKind, completed: Completed) -> Outcome:
        if flight.result is None:
            flight.record(kind, completed)
            return "accepted"
        return self._compare(flight.ticket, flight.candidate, (flight.kind, flight.result), (kind, completed))

    def _after_commit(self, ticket: int, candidate: str, kind: EntryKind, completed: Completed) -> Outcome:
        if not 0 <= ticket < len(self._journal) or self._journal[ticket].candidate != candidate:
            raise TicketError(f"there is no ticket {ticket} for candidate {candidate}: drop that work")
        entry = self._journal[ticket]
        return self._compare(ticket, candidate, (entry.kind, entry.completed), (kind, completed))

    def _compare(
        self, ticket: int, candidate: str, first: tuple[EntryKind, Completed], second: tuple[EntryKind, Completed]
    ) -> Outcome:
        if first[0] != second[0]:
            raise SetAsideError(ticket, candidate, first[0], second[0])
        if first[1].digest == second[1].digest:
            return "duplicate"
        conflict = DeterminismError(candidate, first[1].digest, second[1].digest)
        self._totals["conflicts"] += 1
        self._conflict = self._conflict or conflict
        raise conflict

    def _next_flight(self) -> Flight | None:
        """The flight to commit next: the one of the lowest ticket, whichever completed first."""
        return self._flights.get(len(self._journal))

    def _require_epoch(self, epoch: str) -> None:
        if epoch != self._committer:
            raise FencedError(
                f"committer {epoch!r} of experiment {self.manifest.experiment!r} was replaced by "
                f"{self._committer or 'nobody yet'}: let that one go on, or stop it and resume"
            )

    def _commit_next(self) -> bool:
        ticket = len(self._journal)
        flight = self._next_flight()
        if flight is None or flight.result is None:
            return False
        self._flights.land(flight)
        result = flight.result
        candidate = self._beam.settle(flight.candidate, "c" if flight.kind == "committed" else "x")
        self._totals["set_aside"] += flight.kind != "committed"
        entry = JournalEntry(
            ticket, flight.candidate, candidate.item, candidate.score, candidate.depth, flight.kind, result
        )
        self._journal.append(entry)
        self._chain = chain_digest(self._chain, entry)
        for child in result.children:
            self._beam.admit(child)
        self._beam.prune(self.manifest.beam_width)
        self._fill()
        return True
