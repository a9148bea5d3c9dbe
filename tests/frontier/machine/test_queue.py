"""The queue beside a list that is sorted again at every look: order, ties, pruning, readmission."""

from __future__ import annotations

import hashlib
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from cellview.frontier.machine.beam import Beam
from cellview.frontier.machine.model import Candidate, Readmit

_NUMBERS = st.integers(0, 9)
_PRIORITIES = st.sampled_from([0.0, 0.25, 0.5, 1e-300, -1.0])


def _hash(number: int) -> str:
    return hashlib.sha256(str(number).encode()).hexdigest()


class Queue(RuleBasedStateMachine):
    """Every candidate's life as one entry of a dictionary; nothing is kept in order."""

    readmit: Readmit = "never"

    def __init__(self) -> None:
        super().__init__()
        self.beam = Beam(self.readmit)
        self.states: dict[int, str] = {}
        self.known: dict[int, tuple[float, int, bytes]] = {}
        """Priority, depth and carry of what waits or flies; of what was pruned, as it was then."""
        self.pruned = 0

    def best_first(self) -> list[int]:
        waiting = [number for number, state in self.states.items() if state == "q"]
        return sorted(waiting, key=lambda number: (-self.known[number][0], _hash(number)))

    @rule(number=_NUMBERS, priority=_PRIORITIES, depth=st.integers(0, 2), carry=st.sampled_from([b"", b"x"]))
    def admit(self, number: int, priority: float, depth: int, carry: bytes) -> None:
        state = self.states.get(number)
        better = self.readmit == "higher_priority" and state in ("q", "p") and priority > self.known[number][0]
        taken = self.beam.admit(Candidate.of(number, priority=priority, depth=depth, carry=carry))
        assert taken == (state is None or better)
        if taken:
            self.states[number] = "q"
            self.known[number] = (priority, depth, carry)

    @precondition(lambda self: "q" in self.states.values())
    @rule()
    def take_best(self) -> None:
        best = self.best_first()[0]
        assert self.beam.take_best() == _hash(best)
        self.states[best] = "i"

    @rule(width=st.none() | st.integers(0, 8))
    def prune(self, width: int | None) -> None:
        gone = [] if width is None else self.best_first()[width:]
        assert self.beam.prune(width) == len(gone)
        self.pruned += len(gone)
        self.states |= dict.fromkeys(gone, "p")

    @precondition(lambda self: "i" in self.states.values())
    @rule(data=st.data(), state=st.sampled_from("cx"))
    def settle(self, data: st.DataObject, state: str) -> None:
        number = data.draw(st.sampled_from([number for number, state in self.states.items() if state == "i"]))
        priority, depth, carry = self.known[number]
        assert self.beam.settle(_hash(number), state) == Candidate.of(
            number, priority=priority, depth=depth, carry=carry
        )
        self.states[number] = state

    @invariant()
    def all_is_as_said(self) -> None:
        order = self.best_first()
        assert self.beam.ordered() == [(repr(0.0 - self.known[number][0]), _hash(number)) for number in order]
        assert len(self.beam) == len(order)
        tombstone = {number: repr(0.0 - self.known[number][0]) for number, state in self.states.items() if state == "p"}
        assert self.beam.seen == {
            _hash(number): state + tombstone.get(number, "") for number, state in self.states.items()
        }
        live = [number for number, state in self.states.items() if state in "qi"]
        assert {digest: it.carry for digest, it in self.beam.live.items()} == {
            _hash(number): self.known[number][2] for number in live
        }
        assert self.beam.depths() == dict(sorted(Counter(self.known[number][1] for number in order).items()))
        assert list(self.beam.depths()) == sorted(self.beam.depths())
        assert self.beam.pruned == self.pruned


@pytest.mark.parametrize("readmit", ["never", "higher_priority"])
def test_the_queue_is_a_sorted_list(readmit: Readmit) -> None:
    run_state_machine_as_test(  # pyright: ignore[reportUnknownMemberType]
        type("Queue", (Queue,), {"readmit": readmit}),
        settings=settings(max_examples=120, stateful_step_count=40, deadline=None),
    )


def test_ties_go_by_rising_hash_whatever_came_first() -> None:
    """Pinned: another rule for ties would pass any comparison of two frontiers that share it."""
    for numbers in (range(6), reversed(range(6))):
        beam = Beam("never")
        for number in numbers:
            beam.admit(Candidate.of(number))
        assert [beam.take_best()[:8] for _ in range(6)] == [
            "4b227777", "4e074085", "5feceb66", "6b86b273", "d4735e3a", "ef2d127d",
        ]  # fmt: skip


@given(one=st.floats(allow_nan=False, allow_infinity=False), two=st.floats(allow_nan=False, allow_infinity=False))
def test_the_higher_priority_goes_first_however_close(one: float, two: float) -> None:
    beam = Beam("never")
    beam.admit(Candidate.of("one", priority=one))
    beam.admit(Candidate.of("two", priority=two))
    best = "one" if one > two or (one == two and Candidate.of("one").hash < Candidate.of("two").hash) else "two"
    assert beam.take_best() == Candidate.of(best).hash


def test_readmission_by_hand() -> None:
    beam = Beam("higher_priority")
    assert beam.admit(Candidate.of("a", priority=0.5, carry=b"old"))
    assert not beam.admit(Candidate.of("a", priority=0.5, carry=b"equal is not higher"))
    assert beam.admit(Candidate.of("a", priority=0.75, depth=3, carry=b"new"))
    assert (beam.live[Candidate.of("a").hash].carry, beam.depths(), len(beam)) == (b"new", {3: 1}, 1)
    beam.prune(0)
    assert beam.seen == {Candidate.of("a").hash: "p-0.75"}
    assert not beam.admit(Candidate.of("a", priority=0.75))
    assert beam.admit(Candidate.of("a", priority=0.8))
    beam.take_best()
    assert not beam.admit(Candidate.of("a", priority=99.0)), "what was popped never comes back"
    beam.settle(Candidate.of("a").hash, "c")
    assert not beam.admit(Candidate.of("a", priority=99.0))
