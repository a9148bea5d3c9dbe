"""Memory and Redis against a sorted-list oracle, step by step, under operations that Hypothesis chooses."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from itertools import count
from typing import Any, TypeVar, cast

import redis
from hypothesis import HealthCheck, assume, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from cellview.frontier.errors import (
    DeterminismError,
    FencedError,
    FrontierError,
    LeaseLostError,
    PushRefusedError,
    SetAsideError,
    TicketError,
)
from cellview.frontier.frontier import Frontier
from cellview.frontier.local.memory import MemoryFrontier
from cellview.frontier.machine.model import (
    Candidate,
    Completed,
    EntryKind,
    JournalEntry,
    Lease,
    Manifest,
    Readmit,
    set_aside,
)
from cellview.frontier.machine.result import Result, completed_of
from cellview.frontier.redis.frontier import RedisFrontier

T = TypeVar("T")
_numbers = count()
_PRIORITIES = st.one_of(
    st.sampled_from([0.0, -0.0, 0.5, 0.5 + 2**-53, 1e-300, -1e300, 5e-324, 0.1 + 0.2, 0.3]),
    st.floats(allow_nan=False, allow_infinity=False),
)
_PUSHES = st.lists(st.tuples(st.integers(0, 40), _PRIORITIES, st.integers(0, 3)), min_size=1, max_size=4)


def _item(number: int, priority: float, depth: int) -> Candidate:
    return Candidate.of({"n": number}, priority=priority, depth=depth, carry=b"\x00\xff:" * (number % 3))


def _children(item: str) -> list[Candidate]:
    number = int(item.removeprefix('{"n":').removesuffix("}"))
    return [_item(k, (k * 7 % 5) / 5, 1 + k % 3) for k in (2 * number + 1, 2 * number + 2, number // 2) if k <= 40]


def _result(item: str) -> Completed:
    return completed_of(Result(payload={"of": item}, children=_children(item)))


class Oracle:
    """What a frontier is, said as plainly as possible: a list that is sorted again whenever somebody looks."""

    def __init__(self, manifest: Manifest) -> None:
        self.manifest = manifest
        self.queue: list[Candidate] = []
        self.state: dict[str, str] = {}
        self.pruned_at: dict[str, float] = {}
        self.tickets: list[Candidate] = []
        self.results: dict[int, tuple[str, list[Candidate]]] = {}
        self.failures: dict[int, int] = {}
        self.expiries: dict[int, int] = {}
        self.committed = 0
        self.phase = "open"
        self.conflict = False

    def best_first(self) -> list[Candidate]:
        return sorted(self.queue, key=lambda it: (float(it.score), it.hash))

    def push(self, it: Candidate) -> bool:
        state = self.state.get(it.hash)
        if state is not None:
            if self.manifest.readmit == "never" or state not in "qp":
                return False
            there = [other for other in self.queue if other.hash == it.hash]
            known = float(there[0].score) if there else self.pruned_at[it.hash]
            if float(it.score) >= known:
                return False
            self.queue = [other for other in self.queue if other.hash != it.hash]
        self.queue.append(it)
        self.state[it.hash] = "q"
        return True

    def prune(self, width: int | None) -> int:
        if width is None:
            return 0
        gone = self.best_first()[width:]
        for it in gone:
            self.queue.remove(it)
            self.state[it.hash] = "p"
            self.pruned_at[it.hash] = float(it.score)
        return len(gone)

    def fill(self) -> None:
        while self.queue and len(self.tickets) - self.committed < self.manifest.window:
            if self.manifest.max_tickets is not None and len(self.tickets) >= self.manifest.max_tickets:
                return
            it = self.best_first()[0]
            self.queue.remove(it)
            self.state[it.hash] = "i"
            self.tickets.append(it)

    def commit(self, limit: int) -> int:
        done = 0
        while done < limit and self.committed in self.results:
            kind, children = self.results[self.committed]
            self.state[self.tickets[self.committed].hash] = kind
            self.committed += 1
            for child in children:
                self.push(child)
            self.prune(self.manifest.beam_width)
            self.fill()
            done += 1
        return done

    @property
    def finished(self) -> bool:
        budget = self.manifest.max_tickets
        spent = budget is not None and len(self.tickets) >= budget
        return self.phase != "open" and self.committed == len(self.tickets) and (not self.queue or spent)


class Comparison(RuleBasedStateMachine):
    """Two backends and the oracle in lock step."""

    redis_url = ""
    window = 3
    beam_width: int | None = 5
    readmit: Readmit = "never"
    max_tickets: int | None = None
    key: bytes | None = None

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        name = f"machine{next(_numbers)}"
        self.clock_ms = 0
        manifest = Manifest(
            experiment=name,
            task="none",
            window=self.window,
            beam_width=self.beam_width,
            readmit=self.readmit,
            max_tickets=self.max_tickets,
            max_failures=2,
            max_expiries=3,
            lease_ms=1_000_000,
        )
        self.memory = MemoryFrontier(name, clock_ms=lambda: self.clock_ms)
        self.redis = RedisFrontier(self.redis_url, name, key=self.key)
        self.backdoor = redis.Redis.from_url(self.redis_url)  # pyright: ignore[reportUnknownMemberType]
        self.oracle = Oracle(manifest)
        self.both: tuple[Frontier, Frontier] = (self.memory, self.redis)
        self.leases: list[tuple[Lease, Lease]] = []
        self.current: dict[int, int] = {}
        """Token of the lease that holds each ticket."""
        self.kinds: dict[int, EntryKind] = {}
        self.digests: dict[int, str] = {}
        assert self.same(lambda f: f.commit(""), create=manifest) is FencedError
        self.epochs = [self.same(lambda f: f.open_committer("first"))]

    @initialize(pushes=_PUSHES, starts=st.booleans())
    def begin(self, pushes: list[tuple[int, float, int]], starts: bool) -> None:
        self.push(pushes)
        if starts:
            self.start()

    def teardown(self) -> None:
        self.run(self.redis.clear())
        self.run(self.redis.close())
        self.backdoor.close()
        self.loop.close()

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        return self.loop.run_until_complete(coroutine)

    def same(self, operation: Callable[[Frontier], Coroutine[Any, Any, Any]], *, create: Manifest | None = None) -> Any:
        """Runs an operation on both; their answers, or the types of their errors, must be equal."""
        answers: list[Any] = []
        for frontier in self.both:
            if create is not None:
                assert self.run(frontier.create(create))
            try:
                answers.append(self.run(operation(frontier)))
            except FrontierError as error:
                answers.append(type(error))
        assert answers[0] == answers[1]
        return answers[0]

    @rule(pushes=_PUSHES)
    def push(self, pushes: list[tuple[int, float, int]]) -> None:
        candidates = [_item(*push) for push in pushes]
        answer = self.same(lambda f: f.push(candidates))
        if self.oracle.phase != "open" and not self.oracle.finished:
            assert answer is PushRefusedError
            return
        self.oracle.phase = "open"
        assert answer == [self.oracle.push(it) for it in candidates]
        self.oracle.prune(self.beam_width)

    @rule(width=st.integers(0, 6))
    def prune(self, width: int) -> None:
        answer = self.same(lambda f: f.prune(width))
        if self.oracle.phase != "open" and not self.oracle.finished:
            assert answer is PushRefusedError
            return
        self.oracle.phase = "open"
        assert answer == self.oracle.prune(width)

    @rule()
    def start(self) -> None:
        self.same(lambda f: f.start())
        self.oracle.phase = "running"
        self.oracle.fill()

    @precondition(lambda self: self.oracle.phase == "running")
    @rule(yes=st.integers(0, 3))
    def drain(self, yes: int) -> None:
        assume(yes == 0)
        self.same(lambda f: f.drain())
        self.oracle.phase = "draining"

    @rule(n=st.integers(1, 3))
    def pop(self, n: int) -> None:
        mine, theirs = (self.run(f.pop("w", count=n)) for f in self.both)
        assert mine == theirs
        free = [
            t for t in range(self.oracle.committed, len(self.oracle.tickets))
            if t not in self.oracle.results and t not in self.current
        ]  # fmt: skip
        running = self.oracle.phase == "running" and not self.oracle.finished
        assert [lease.ticket for lease in mine.leases] == (free[:n] if running else [])
        assert mine.phase == ("finished" if self.oracle.finished else self.oracle.phase)
        for one, two in zip(mine.leases, theirs.leases, strict=True):
            expected = self.oracle.tickets[one.ticket]
            assert (one.item, one.score, one.carry) == (expected.item, expected.score, expected.carry)
            self.leases.append((one, two))
            self.current[one.ticket] = one.token

    def _act(self, operation: str, pair: tuple[Lease, Lease], *arguments: Any) -> Any:
        answers: list[Any] = []
        for frontier, lease in zip(self.both, pair, strict=True):
            try:
                answers.append(self.run(getattr(frontier, operation)(lease, *arguments)))
            except FrontierError as error:
                answers.append(type(error))
        assert answers[0] == answers[1]
        return answers[0]

    @precondition(lambda self: bool(self.leases))
    @rule(data=st.data(), differs=st.integers(0, 15))
    def complete(self, data: st.DataObject, differs: int) -> None:
        """By any lease ever given: current, expired, or of a ticket that was committed long ago."""
        self._complete(data.draw(st.sampled_from(self.leases))[0], differs == 0)

    @rule(n=st.integers(1, 3), limit=st.integers(1, 4))
    def work(self, n: int, limit: int) -> None:
        """The ordinary course of things, which rules picked one by one would seldom follow for long."""
        before = len(self.leases)
        self.pop(n)
        for lease, _ in self.leases[before:]:
            self._complete(lease, False)
        self.commit(limit, 1)

    def _complete(self, lease: Lease, differs: bool) -> None:
        done = completed_of(Result(payload="another result")) if differs else _result(lease.item)
        answer = self.same(lambda f: f.complete([(lease, done)]))
        known = self.oracle.results.get(lease.ticket)
        if known is None:
            assert answer == ["accepted"]
            self._record(lease.ticket, "committed", done)
        elif known[0] == "x":
            assert answer is SetAsideError  # one sentence, and the experiment goes on
        elif self.digests.get(lease.ticket) == done.digest:
            assert answer == ["duplicate"]
        else:
            assert answer is DeterminismError
            self.oracle.conflict = True

    @precondition(lambda self: bool(self.leases))
    @rule(data=st.data(), what=st.sampled_from(["heartbeat", "release", "fail"]), only_held=st.booleans())
    def act(self, data: st.DataObject, what: str, only_held: bool) -> None:
        held = [pair for pair in self.leases if self.current.get(pair[0].ticket) == pair[0].token]
        pair = data.draw(st.sampled_from(held if held and only_held else self.leases))
        self._use(pair, what)
        if what != "heartbeat":
            self._use(pair, "heartbeat")  # the lease has ended

    @precondition(lambda self: self.oracle.phase == "running")
    @rule()
    def fail_until_set_aside(self) -> None:
        for _ in range(2):
            self.pop(1)
            held = [pair for pair in self.leases if self.current.get(pair[0].ticket) == pair[0].token]
            if held:
                self._use(min(held, key=lambda pair: pair[0].ticket), "fail")

    def _use(self, pair: tuple[Lease, Lease], what: str) -> None:
        answer = self._act(what, pair)
        ticket = pair[0].ticket
        if self.current.get(ticket) != pair[0].token:
            assert answer is LeaseLostError
            return
        if what != "heartbeat":
            del self.current[ticket]
        if what == "fail":
            self.oracle.failures[ticket] = self.oracle.failures.get(ticket, 0) + 1
            assert answer == (self.oracle.failures[ticket] >= 2)
            if answer:
                self._record(ticket, "failed", set_aside("failed"))

    @precondition(lambda self: bool(self.current) and self.oracle.phase == "running")
    @rule()
    def expire(self) -> None:
        """All leases run out, by the memory's clock and by hand in Redis, and somebody comes along."""
        self.clock_ms += 1_000_000
        key = f"frontier:{{{self.memory.experiment}}}:leases"
        for ticket in self.current:
            assert self.backdoor.zadd(key, {str(ticket): 0}, xx=True, ch=True) == 1
        for ticket in list(self.current):
            self.oracle.expiries[ticket] = self.oracle.expiries.get(ticket, 0) + 1
            if self.oracle.expiries[ticket] >= 3:
                self._record(ticket, "abandoned", set_aside("abandoned"))
        self.current.clear()
        self.pop(1)

    @rule(limit=st.integers(1, 4), old=st.integers(0, 5))
    def commit(self, limit: int, old: int) -> None:
        epoch = self.epochs[-1] if old else self.epochs[0]
        answer = self.same(lambda f: f.commit(epoch, limit=limit))
        if epoch != self.epochs[-1]:
            assert answer is FencedError
        elif self.oracle.conflict:
            assert answer is DeterminismError
        else:
            assert answer.count == self.oracle.commit(limit)
            assert answer.total == self.oracle.committed

    @precondition(lambda self: bool(self.oracle.tickets))
    @rule(data=st.data(), what=st.sampled_from(["result", "result", "failed", "abandoned"]), old=st.integers(0, 7))
    def offer(self, data: st.DataObject, what: str, old: int) -> None:
        """A journal kept elsewhere has the last word on what is not committed here, and is checked on what is."""
        ticket = data.draw(st.integers(0, len(self.oracle.tickets)))
        it = self.oracle.tickets[min(ticket, len(self.oracle.tickets) - 1)]
        kind: EntryKind = "committed" if what == "result" else cast("EntryKind", what)
        done = _result(it.item) if what == "result" else set_aside(kind)
        entry = JournalEntry(ticket, it.hash, it.item, it.score, it.depth, kind, done)
        epoch = self.epochs[-1] if old else self.epochs[0]
        answer = self.same(lambda f: f.offer(epoch, [entry]))
        known = self.oracle.results.get(ticket)
        if epoch != self.epochs[-1]:
            assert answer is FencedError
        elif ticket == len(self.oracle.tickets):
            assert answer is TicketError
        elif known is not None and self.digests.get(ticket) == done.digest:
            assert answer == ["duplicate"]
        elif known is not None and ticket < self.oracle.committed:
            assert answer is (SetAsideError if kind != self.kinds[ticket] else DeterminismError)
            self.oracle.conflict |= answer is DeterminismError
        elif known is not None and kind == self.kinds[ticket]:
            assert answer is DeterminismError
            self.oracle.conflict = True
        else:
            assert answer == ["accepted"]
            self._record(ticket, kind, done)

    def _record(self, ticket: int, kind: EntryKind, done: Completed) -> None:
        self.oracle.results[ticket] = ("c" if kind == "committed" else "x", list(done.children))
        self.kinds[ticket], self.digests[ticket] = kind, done.digest
        self.current.pop(ticket, None)

    @rule()
    def new_committer(self) -> None:
        self.epochs.append(self.same(lambda f: f.open_committer("next")))

    @rule()
    def restart_client(self) -> None:
        """A client that forgot everything attaches to what the server has."""
        self.run(self.redis.close())
        self.redis = RedisFrontier(self.redis_url, self.memory.experiment, key=self.key)
        self.both = (self.memory, self.redis)

    @invariant()
    def states_agree(self) -> None:
        mine, theirs = (self.run(f.snapshot()) for f in self.both)
        assert mine == theirs
        assert mine.digest == theirs.digest
        assert [digest for _, digest in mine.queue] == [it.hash for it in self.oracle.best_first()]
        assert {digest: state[0] for digest, state in mine.seen.items()} == self.oracle.state
        assert (mine.next_ticket, mine.next_commit) == (len(self.oracle.tickets), self.oracle.committed)
        depths: dict[int, int] = {}
        for it in self.oracle.queue:
            depths[it.depth] = depths.get(it.depth, 0) + 1
        assert mine.depths == dict(sorted(depths.items()))
        live = {it.hash for it in self.oracle.queue}
        live |= {it.hash for it in self.oracle.tickets[self.oracle.committed :]}
        assert set(mine.items) == set(mine.candidate_depths) == live  # the pruned leave nothing but their tombstone
        carries = self.backdoor.hkeys(f"frontier:{{{self.memory.experiment}}}:carries")
        assert {digest.decode() for digest in cast("list[bytes]", carries)} <= live
        one, two = (self.run(f.stats()) for f in self.both)
        assert one == two


def _check(redis_url: str, **fields: Any) -> None:
    kind = type("Comparison", (Comparison,), {"redis_url": redis_url, **fields})
    run_state_machine_as_test(  # pyright: ignore[reportUnknownMemberType]
        kind,
        settings=settings(
            max_examples=60,
            stateful_step_count=50,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
        ),
    )


def test_beam_and_tombstones(redis_url: str) -> None:
    _check(redis_url)


def test_readmission_by_higher_priority(redis_url: str) -> None:
    _check(redis_url, readmit="higher_priority", beam_width=3, window=2)


def test_no_beam_and_a_budget_of_tickets(redis_url: str) -> None:
    _check(redis_url, beam_width=None, max_tickets=6, window=4)


def test_seals_change_nothing_but_who_may_write(redis_url: str) -> None:
    _check(redis_url, key=b"a key that nobody guesses", readmit="higher_priority")
