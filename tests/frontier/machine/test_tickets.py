"""Tickets and commits beside a simulation that works on one ticket after the other and knows no leases."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cellview.frontier.errors import (
    DeterminismError,
    FencedError,
    LeaseLostError,
    PushRefusedError,
    SetAsideError,
    TicketError,
)
from cellview.frontier.machine.machine import FrontierMachine
from cellview.frontier.machine.model import Candidate, Completed, JournalEntry, Manifest, Readmit, set_aside
from cellview.frontier.machine.result import Result, completed_of


def _candidate(number: int) -> Candidate:
    """Several share a priority; some come back later with another one, as duplicates."""
    return Candidate.of({"n": number % 40}, priority=number * 7 % 5 / 4, depth=number % 3)


def _result(item: str) -> Completed:
    number = int(item.removeprefix('{"n":').removesuffix("}"))
    children = [_candidate(3 * number + step) for step in range(number % 4)] if number < 30 else []
    return completed_of(Result(payload=number, children=children))


def _simulate(manifest: Manifest, seeds: list[Candidate]) -> tuple[list[str], list[str], dict[str, str]]:
    """The items in order of tickets, what waits at the end, and the state of each. By definition, and slow."""
    queue: list[Candidate] = []
    states: dict[str, str] = {}
    worth: dict[str, float] = {}
    tickets: list[Candidate] = []
    committed = 0

    def push(batch: list[Candidate]) -> None:
        for it in batch:
            better = manifest.readmit == "higher_priority" and states.get(it.item, "")[:1] in ("q", "p")
            if it.item not in states or (better and float(it.score) < worth[it.item]):
                queue[:] = [other for other in queue if other.item != it.item] + [it]
                states[it.item], worth[it.item] = "q", float(it.score)
        queue.sort(key=lambda it: (float(it.score), it.hash))
        if manifest.beam_width is not None:
            for it in queue[manifest.beam_width :]:
                states[it.item] = "p" + it.score
            del queue[manifest.beam_width :]

    push(seeds)
    while True:
        while queue and len(tickets) < committed + manifest.window and len(tickets) < (manifest.max_tickets or 10**9):
            tickets.append(queue.pop(0))
            states[tickets[-1].item] = "i"
        if committed == len(tickets):
            return [it.item for it in tickets], [it.item for it in queue], states
        states[tickets[committed].item] = "c"
        push(_result(tickets[committed].item).children)
        committed += 1


@settings(max_examples=120, deadline=None)
@given(
    data=st.data(),
    window=st.integers(1, 5),
    beam_width=st.none() | st.integers(1, 6),
    readmit=st.sampled_from(["never", "higher_priority"]),
    max_tickets=st.none() | st.integers(1, 12),
    seeds=st.lists(st.integers(0, 60), min_size=1, max_size=6),
)
def test_whoever_works_and_whenever_the_tickets_are_those_of_the_simulation(
    data: st.DataObject,
    window: int,
    beam_width: int | None,
    readmit: Readmit,
    max_tickets: int | None,
    seeds: list[int],
) -> None:
    manifest = Manifest(
        experiment="x", task="t", window=window, beam_width=beam_width, readmit=readmit, max_tickets=max_tickets,
        lease_ms=10,
    )  # fmt: skip
    candidates = [_candidate(number) for number in seeds]
    tickets, waiting, states = _simulate(manifest, candidates)
    machine = FrontierMachine(manifest)
    machine.push(candidates)
    machine.start()
    epoch = machine.open_committer("me")
    now_ms, chance = 0, data.draw(st.randoms(use_true_random=False))
    held = list(machine.pop("w", now_ms).leases)
    while machine.phase == "running":
        now_ms += chance.choice([0, 3, 11])
        held += machine.pop("w", now_ms, chance.randint(1, 3)).leases
        if held and chance.random() < 0.7:
            lease = held.pop(chance.randrange(len(held)))
            machine.complete(lease.ticket, lease.token, lease.candidate, _result(lease.item))
        if chance.random() < 0.5:
            machine.commit(epoch, now_ms, chance.randint(1, 3))
    assert _phase(machine) == "finished"
    assert [entry.item for entry in machine.journal(0, 10**6)] == tickets
    snapshot = machine.snapshot()
    assert [snapshot.items[digest] for _, digest in snapshot.queue] == waiting
    assert snapshot.in_flight == []
    assert snapshot.seen == {Candidate(item, "", 0).hash: state for item, state in states.items()}
    assert (snapshot.next_ticket, snapshot.next_commit) == (len(tickets), len(tickets))


def _machine(*numbers: int, **fields: int) -> FrontierMachine:
    machine = FrontierMachine(Manifest(experiment="x", task="t", **fields))  # type: ignore[arg-type]
    machine.push([Candidate.of(number, priority=-number) for number in numbers])
    return machine


def _phase(machine: FrontierMachine) -> str:
    return machine.phase  # a property that changes with every step, which type checkers would not believe


def _complete(machine: FrontierMachine, count: int) -> None:
    for lease in machine.pop("w", 0, count).leases:
        machine.complete(lease.ticket, lease.token, lease.candidate, completed_of(Result(payload="done")))


def test_phases_and_what_each_allows() -> None:
    machine = _machine(1, 2, 3, window=2)
    epoch = machine.open_committer("me")
    assert _phase(machine) == "open"
    assert machine.pop("w", 0).leases == []
    machine.drain()
    assert _phase(machine) == "open", "what has not begun cannot be drained"
    machine.start()
    assert _phase(machine) == "running"
    with pytest.raises(PushRefusedError, match="cannot push while experiment 'x' is running"):
        machine.push([Candidate.of(4)])
    with pytest.raises(PushRefusedError, match="cannot prune"):
        machine.prune(0)
    _complete(machine, 1)
    machine.drain()
    assert _phase(machine) == "draining"
    assert machine.pop("w", 0).leases == []
    assert machine.commit(epoch, 0).phase == "draining"
    with pytest.raises(PushRefusedError, match="is draining"):
        machine.push([Candidate.of(4)])
    machine.start()
    _complete(machine, 2)
    assert machine.commit(epoch, 0).phase == "finished"
    assert machine.pop("w", 0).phase == "finished"
    assert machine.push([Candidate.of(1), Candidate.of(4)]) == [False, True]
    assert _phase(machine) == "open"
    machine.start()
    assert [lease.item for lease in machine.pop("w", 0, 9).leases] == ["4"]


def test_an_experiment_without_candidates_is_open_until_it_is_started_and_then_over() -> None:
    machine = FrontierMachine(Manifest(experiment="x", task="t"))
    assert _phase(machine) == "open"
    machine.start()
    assert _phase(machine) == "finished"


def test_pruning_the_queue_of_an_experiment_that_is_over_opens_it_too() -> None:
    machine = _machine(1, 2, 3, max_tickets=1)
    machine.start()
    _complete(machine, 1)
    machine.commit(machine.open_committer("me"), 0)
    assert _phase(machine) == "finished"
    assert machine.prune(1) == 1
    assert _phase(machine) == "open"
    assert (machine.stats().pruned, machine.stats().queued, machine.stats().seen) == (1, 1, 3)


def test_a_window_is_what_may_be_uncommitted() -> None:
    machine = _machine(*range(9), window=3)
    machine.start()
    assert machine.stats().issued == 3
    assert [lease.ticket for lease in machine.pop("w", 0, 9).leases] == [0, 1, 2]
    epoch = machine.open_committer("me")
    machine.complete(1, 2, Candidate.of(1).hash, completed_of(Result()))
    assert machine.commit(epoch, 0).count == 0, "ticket 0 is before it"
    assert machine.stats().issued == 3
    machine.complete(0, 1, Candidate.of(0).hash, completed_of(Result()))
    assert machine.commit(epoch, 0).count == 2
    assert machine.stats().issued == 5


def test_committers_fence_one_another_off() -> None:
    machine = _machine(1)
    with pytest.raises(FencedError, match="was replaced by nobody yet"):
        machine.commit("", 0)
    first, second = machine.open_committer("one"), machine.open_committer("two")
    assert (first, second) == ("1:one", "2:two")
    with pytest.raises(FencedError, match=r"committer '1:one' .* was replaced by 2:two"):
        machine.commit(first, 0)
    with pytest.raises(FencedError):
        machine.offer(first, JournalEntry(0, "", "", "", 0, "committed", completed_of(Result())))
    machine.commit(second, 0)


def test_a_contradiction_stops_all_commits_and_names_the_first() -> None:
    machine = _machine(1, 2)
    machine.start()
    first, second = machine.pop("w", 0, 2).leases
    one, two = completed_of(Result(payload=1)), completed_of(Result(payload=2))
    for lease in (first, second):
        machine.complete(lease.ticket, lease.token, lease.candidate, one)
        with pytest.raises(DeterminismError):
            machine.complete(lease.ticket, lease.token, lease.candidate, two)
    for _ in range(2):
        with pytest.raises(DeterminismError) as told:
            machine.commit(machine.open_committer("me"), 0)
        assert (told.value.candidate, told.value.first, told.value.second) == (first.candidate, one.digest, two.digest)
    assert machine.stats().conflicts == 2


@pytest.mark.parametrize("ticket", [-1, 1, 7])
def test_tickets_that_were_never_issued(ticket: int) -> None:
    machine = _machine(1)
    machine.start()
    _complete(machine, 1)
    machine.commit(machine.open_committer("me"), 0)
    done = completed_of(Result(payload="done"))
    with pytest.raises(TicketError, match=f"there is no ticket {ticket} for candidate"):
        machine.complete(ticket, 1, Candidate.of(1).hash, done)
    with pytest.raises(TicketError, match="there is no ticket 0"):
        machine.complete(0, 1, Candidate.of(2).hash, done)
    assert machine.complete(0, 99, Candidate.of(1).hash, done) == "duplicate"


def test_an_offer_must_be_of_the_tickets_own_candidate() -> None:
    machine = _machine(1)
    machine.start()
    epoch = machine.open_committer("me")
    other = Candidate.of(2)
    with pytest.raises(TicketError, match=f"is of candidate {Candidate.of(1).hash}, not {other.hash}"):
        machine.offer(
            epoch, JournalEntry(0, other.hash, other.item, other.score, 0, "committed", completed_of(Result()))
        )


def test_a_journal_counts_over_what_was_decided_but_not_committed_and_no_further() -> None:
    machine = _machine(1, 2, 3, max_failures=1)
    machine.start()
    epoch = machine.open_committer("me")
    good, other = completed_of(Result(payload="good")), completed_of(Result(payload="other"))
    leases = machine.pop("w", 0, 3).leases
    one, two, three = (JournalEntry(it.ticket, it.candidate, it.item, it.score, 0, "committed", good) for it in leases)
    machine.fail(0, leases[0].token)
    machine.complete(1, leases[1].token, leases[1].candidate, good)
    aside = msgspec.structs.replace(two, kind="failed", completed=set_aside("failed", b"then"))
    assert machine.offer(epoch, one) == "accepted"
    assert machine.offer(epoch, one) == "duplicate"
    assert machine.offer(epoch, aside) == "accepted"
    assert machine.offer(epoch, three) == "accepted", "nobody had completed it"
    with pytest.raises(LeaseLostError):
        machine.heartbeat(2, leases[2].token, 0)
    assert machine.commit(epoch, 0).count == 3
    assert machine.journal(0) == [one, aside, three]
    for late in (msgspec.structs.replace(one, kind="failed", completed=set_aside("failed")), two):
        with pytest.raises(SetAsideError):
            machine.offer(epoch, late)
    assert machine.commit(epoch, 0).phase == "finished"
    with pytest.raises(DeterminismError):
        machine.offer(epoch, msgspec.structs.replace(one, completed=other))


def test_a_journal_is_read_in_parts() -> None:
    machine = _machine(*range(5))
    machine.start()
    _complete(machine, 5)
    machine.commit(machine.open_committer("me"), 0)
    assert [entry.ticket for entry in machine.journal(1, 2)] == [1, 2]
    assert [entry.ticket for entry in machine.journal(3)] == [3, 4]
    assert machine.journal(5) == []


def test_a_commit_is_of_256_results_at_most_unless_told_otherwise() -> None:
    machine = _machine(*range(300), window=300)
    machine.start()
    _complete(machine, 300)
    epoch = machine.open_committer("me")
    assert machine.commit(epoch, 0).count == 256
    assert machine.commit(epoch, 0).count == 44
    assert len(machine.journal(0)) == 256
