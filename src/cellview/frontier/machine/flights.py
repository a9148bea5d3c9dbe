"""Tickets between their issue and their commit: who holds them, until when, under which token. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from heapq import heappop, heappush

from cellview.frontier.errors import LeaseLostError
from cellview.frontier.machine.model import Completed, EntryKind

__all__ = ["Flight", "Flights"]


class Flight:
    """One ticket between its issue and its commit: ready → held ⇄ ready → recorded."""

    __slots__ = ("assignee", "candidate", "expires_ms", "expiries", "failures", "kind", "result", "ticket", "tokens")

    def __init__(self, ticket: int, candidate: str) -> None:
        self.ticket = ticket
        self.candidate = candidate
        self.tokens: list[int] = []
        """Every token that the ticket was ever leased under, the current one last."""
        self.expires_ms: int | None = None
        """End of the current lease; ``None`` while nobody holds one."""
        self.assignee = ""
        self.failures = 0
        self.expiries = 0
        self.kind: EntryKind = "committed"
        self.result: Completed | None = None

    @property
    def is_held(self) -> bool:
        """Whether somebody has a lease on it that may still end in a result."""
        return self.expires_ms is not None and self.result is None

    def record(self, kind: EntryKind, result: Completed) -> None:
        """Keeps what will be committed. A lease on it has ended with that."""
        self.kind, self.result = kind, result


class Flights:
    """All flights, and the two heaps that find the next one to lease and the next one to expire."""

    def __init__(self, lease_ms: int) -> None:
        self._lease_ms = lease_ms
        self._flights: dict[int, Flight] = {}
        self._ready: list[int] = []
        """Heap of tickets that nobody holds; entries of tickets that were settled since are skipped."""
        self._deadlines: list[tuple[int, int]] = []
        """Heap of (end of lease, ticket); entries that no longer match their flight are skipped."""
        self._last_token = 0

    def __len__(self) -> int:
        return len(self._flights)

    def __iter__(self) -> Iterator[Flight]:
        return iter(self._flights.values())

    def get(self, ticket: int) -> Flight | None:
        """The flight of a ticket, unless it is committed or not issued."""
        return self._flights.get(ticket)

    def issue(self, ticket: int, candidate: str) -> None:
        """Begins a flight."""
        self._flights[ticket] = Flight(ticket, candidate)
        heappush(self._ready, ticket)

    def land(self, flight: Flight) -> None:
        """Ends a flight: it is committed now."""
        del self._flights[flight.ticket]

    def take_ready(self) -> Flight | None:
        """The lowest ticket that nobody holds and that has no result; it is up to the caller to hold it."""
        while self._ready:
            flight = self._flights.get(heappop(self._ready))
            if flight is not None and flight.result is None:
                return flight
        return None

    def lease(self, flight: Flight, worker: str, now_ms: int) -> int:
        """Gives a flight to a worker; returns the fencing token, which no other lease ever has."""
        self._last_token += 1
        flight.tokens.append(self._last_token)
        flight.assignee = worker
        self.hold(flight, now_ms)
        return self._last_token

    def hold(self, flight: Flight, now_ms: int) -> None:
        """Lets the lease last a whole lease time from now."""
        flight.expires_ms = now_ms + self._lease_ms
        heappush(self._deadlines, (flight.expires_ms, flight.ticket))

    def free(self, flight: Flight) -> None:
        """Ends the lease; the ticket is ready again."""
        flight.expires_ms = None
        heappush(self._ready, flight.ticket)

    def held(self, ticket: int, token: int) -> Flight:
        """The flight that is held under this token.

        Raises:
            LeaseLostError: The token is not the ticket's current one, or its lease has ended.
        """
        flight = self._flights.get(ticket)
        if flight is None or not flight.is_held or flight.tokens[-1] != token:
            raise LeaseLostError(f"the lease of ticket {ticket} under token {token} has ended: drop that work")
        return flight

    def expired(self, now_ms: int) -> Iterator[Flight]:
        """Yields each flight whose lease has ended by now, freed and with one more expiry to its account."""
        while self._deadlines and self._deadlines[0][0] <= now_ms:
            expires_ms, ticket = heappop(self._deadlines)
            flight = self._flights.get(ticket)
            if flight is None or flight.result is not None or flight.expires_ms != expires_ms:
                continue
            flight.expiries += 1
            self.free(flight)
            yield flight

    def alive(self, now_ms: int) -> int:
        """Leases that have not expired: what a drain waits for. An expired one may belong to a dead worker."""
        ends_ms = (flight.expires_ms for flight in self if flight.is_held)
        return sum(end_ms is not None and end_ms > now_ms for end_ms in ends_ms)

    def assignees(self) -> Counter[str]:
        """Held flights by worker."""
        return Counter(flight.assignee for flight in self if flight.is_held)
