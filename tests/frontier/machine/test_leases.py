"""Leases and tokens under a clock that the test moves, beside a model that is a plain list of who was told what."""

from __future__ import annotations

from typing import NamedTuple

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from cellview.frontier.errors import LeaseLostError, SetAsideError, TicketError
from cellview.frontier.machine.machine import FrontierMachine
from cellview.frontier.machine.model import Candidate, Completed, Lease, Manifest, set_aside
from cellview.frontier.machine.result import Result, completed_of

_LEASE_MS = 10
_WINDOW = 4
_MAX_FAILURES, _MAX_EXPIRIES = 2, 3
_DONE = completed_of(Result(payload="done"))
_STEPS = st.sampled_from([0, 1, _LEASE_MS - 1, _LEASE_MS, _LEASE_MS + 1])


class Told(NamedTuple):
    """Somebody has a ticket until some time. What he was told last holds."""

    token: int
    until_ms: int
    worker: str


class Leases(RuleBasedStateMachine):
    """Tickets are issued in order of priority, which is that of their numbers here."""

    def __init__(self) -> None:
        super().__init__()
        self.machine = FrontierMachine(
            Manifest(
                experiment="x",
                task="t",
                window=_WINDOW,
                lease_ms=_LEASE_MS,
                max_failures=_MAX_FAILURES,
                max_expiries=_MAX_EXPIRIES,
            )
        )
        self.candidates = [Candidate.of(n, priority=-n) for n in range(12)]
        self.machine.push(self.candidates)
        self.now_ms = 0
        self.issued = 0
        self.committed = 0
        self.holds: dict[int, Told] = {}
        self.given: list[Lease] = []
        self.ends: dict[int, str] = {}
        """How each ticket ended, committed or not."""
        self.failures: dict[int, int] = {}
        self.expiries: dict[int, int] = {}

    @initialize()
    def start(self) -> None:
        self.machine.start()
        self.epoch = self.machine.open_committer("me")
        self.issued = _WINDOW

    @rule(step_ms=_STEPS)
    def wait(self, step_ms: int) -> None:
        self.now_ms += step_ms

    @rule(worker=st.sampled_from("ab"), count=st.integers(1, 3))
    def pop(self, worker: str, count: int) -> None:
        leases = self.machine.pop(worker, self.now_ms, count).leases
        for ticket, told in list(self.holds.items()):
            if told.until_ms <= self.now_ms:
                del self.holds[ticket]
                self.expiries[ticket] = self.expiries.get(ticket, 0) + 1
                if self.expiries[ticket] == _MAX_EXPIRIES:
                    self.ends[ticket] = "abandoned"
        free = [t for t in range(self.committed, self.issued) if t not in self.holds and t not in self.ends]
        assert [lease.ticket for lease in leases] == free[:count]
        tokens = [lease.token for lease in self.given] + [lease.token for lease in leases]
        assert tokens == sorted(set(tokens)), "a token is new, and larger than all before it"
        for lease in leases:
            it = self.candidates[lease.ticket]
            assert (lease.candidate, lease.item, lease.score, lease.assignee) == (it.hash, it.item, it.score, worker)
            self.holds[lease.ticket] = Told(lease.token, self.now_ms + _LEASE_MS, worker)
        self.given += leases

    def _holds(self, lease: Lease) -> bool:
        told = self.holds.get(lease.ticket)
        return told is not None and told.token == lease.token

    @precondition(lambda self: bool(self.given))
    @rule(data=st.data(), what=st.sampled_from(["heartbeat", "release", "fail"]), recent=st.booleans())
    def act(self, data: st.DataObject, what: str, recent: bool) -> None:
        """By any lease that was ever given; also with a token that was never given for that ticket."""
        lease = data.draw(st.sampled_from(self.given[-3:] if recent else self.given))
        token = lease.token if data.draw(st.integers(0, 7)) else lease.token + 1
        is_held = self._holds(lease) and token == lease.token
        if token != lease.token:
            told = self.holds.get(lease.ticket)
            is_held = told is not None and told.token == token
        is_aside = False
        try:
            if what == "heartbeat":
                self.machine.heartbeat(lease.ticket, token, self.now_ms)
            elif what == "release":
                self.machine.release(lease.ticket, token)
            else:
                is_aside = self.machine.fail(lease.ticket, token, b"why")
        except LeaseLostError:
            assert not is_held
            return
        assert is_held
        told = self.holds[lease.ticket]
        if what == "heartbeat":
            self.holds[lease.ticket] = told._replace(until_ms=self.now_ms + _LEASE_MS)
            return
        del self.holds[lease.ticket]
        if what == "fail":
            self.failures[lease.ticket] = self.failures.get(lease.ticket, 0) + 1
            assert is_aside == (self.failures[lease.ticket] == _MAX_FAILURES)
            if is_aside:
                self.ends[lease.ticket] = "failed"

    @precondition(lambda self: bool(self.given))
    @rule(data=st.data())
    def complete(self, data: st.DataObject) -> None:
        lease = data.draw(st.sampled_from(self.given))
        end = self.ends.get(lease.ticket)
        try:
            outcome = self.machine.complete(lease.ticket, lease.token, lease.candidate, _DONE)
        except SetAsideError:
            assert end in ("failed", "abandoned")
            return
        assert outcome == ("accepted" if end is None else "duplicate")
        assert end in (None, "committed")
        self.ends[lease.ticket] = "committed"
        self.holds.pop(lease.ticket, None)

    @precondition(lambda self: bool(self.given))
    @rule(data=st.data())
    def complete_without_a_lease(self, data: st.DataObject) -> None:
        """With the token of another ticket, or for another candidate."""
        lease = data.draw(st.sampled_from(self.given))
        if lease.ticket < self.committed:
            return
        others = [it.token for it in self.given if it.ticket != lease.ticket] + [0, 10**6]
        with pytest.raises(TicketError):
            self.machine.complete(lease.ticket, data.draw(st.sampled_from(others)), lease.candidate, _DONE)
        with pytest.raises(TicketError):
            self.machine.complete(lease.ticket, lease.token, "another", _DONE)

    @rule(limit=st.integers(1, 3))
    def commit(self, limit: int) -> None:
        done = self.machine.commit(self.epoch, self.now_ms, limit)
        before = self.committed
        while self.committed < before + limit and self.committed in self.ends:
            self.committed += 1
        self.issued = min(self.committed + _WINDOW, len(self.candidates))
        assert (done.count, done.total) == (self.committed - before, self.committed)
        assert done.leased == sum(told.until_ms > self.now_ms for told in self.holds.values())

    @invariant()
    def counts_agree(self) -> None:
        stats = self.machine.stats()
        assert stats.leased == len(self.holds)
        workers = [told.worker for told in self.holds.values()]
        assert stats.assignments == {worker: workers.count(worker) for worker in set(workers)}
        assert (stats.issued, stats.committed) == (self.issued, self.committed)
        assert stats.completed == sum(ticket >= self.committed for ticket in self.ends)
        assert (stats.failures, stats.expiries) == (sum(self.failures.values()), sum(self.expiries.values()))
        committed = [self.ends[ticket] for ticket in range(self.committed)]
        assert [entry.kind for entry in self.machine.journal(0, 100)] == committed
        assert stats.set_aside == len(committed) - committed.count("committed")
        assert (stats.phase == "finished") == (self.committed == len(self.candidates))


Leases.TestCase.settings = settings(max_examples=120, stateful_step_count=40, deadline=None)
TestLeases = Leases.TestCase


def _machine(**fields: int) -> FrontierMachine:
    machine = FrontierMachine(Manifest(experiment="x", task="t", lease_ms=10, **fields))  # type: ignore[arg-type]
    machine.push([Candidate.of(n, priority=-n) for n in range(3)])
    machine.start()
    return machine


def test_a_lease_ends_at_its_last_millisecond_and_not_before() -> None:
    machine = _machine(window=1)
    (first,) = machine.pop("a", 100).leases
    assert machine.pop("b", 109).leases == []
    (second,) = machine.pop("b", 110).leases
    assert (first.ticket, second.ticket) == (0, 0)
    assert second.token > first.token
    with pytest.raises(LeaseLostError, match=f"ticket 0 under token {first.token}"):
        machine.heartbeat(0, first.token, 110)
    machine.heartbeat(0, second.token, 115)
    assert machine.pop("a", 124).leases == []
    assert [lease.ticket for lease in machine.pop("a", 125).leases] == [0]


def test_a_heartbeat_may_come_late_as_long_as_nobody_took_the_ticket() -> None:
    machine = _machine(window=1)
    (lease,) = machine.pop("a", 0).leases
    machine.heartbeat(0, lease.token, 1000)
    assert machine.commit(machine.open_committer("me"), 1009).leased == 1
    assert machine.commit(machine.open_committer("me"), 1010).leased == 0
    assert machine.pop("b", 1009).leases == []
    assert machine.stats().expiries == 0


def test_a_result_by_a_lease_that_ended_counts_if_it_is_the_first() -> None:
    machine = _machine(window=1)
    (late,) = machine.pop("a", 0).leases
    (other,) = machine.pop("b", 50).leases
    assert machine.complete(0, late.token, late.candidate, _DONE) == "accepted"
    assert machine.complete(0, other.token, late.candidate, _DONE) == "duplicate"
    with pytest.raises(LeaseLostError):
        machine.fail(0, other.token)
    assert machine.stats().completed == 1


@pytest.mark.parametrize(("kind", "body"), [("failed", b"why"), ("abandoned", b"")])
def test_what_is_committed_for_a_candidate_set_aside(kind: str, body: bytes) -> None:
    machine = _machine(window=1, max_failures=1, max_expiries=1)
    (lease,) = machine.pop("a", 0).leases
    if kind == "failed":
        assert machine.fail(0, lease.token, body)
    else:
        assert machine.pop("b", 10).leases == []
    epoch = machine.open_committer("me")
    machine.commit(epoch, 10)
    (entry,) = machine.journal(0)
    assert (entry.kind, entry.completed) == (kind, set_aside(entry.kind, body))
    assert entry.completed == Completed(entry.completed.digest, [], body)
    assert machine.snapshot().seen[lease.candidate] == "x"
    with pytest.raises(SetAsideError, match=f"is {kind} already"):
        machine.complete(0, lease.token, lease.candidate, _DONE)
