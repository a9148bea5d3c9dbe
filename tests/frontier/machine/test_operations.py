"""Operations as data: each does what its name says, travels, and says what it answers."""

from __future__ import annotations

from typing import Any, cast, get_args

import msgspec
import pytest

from cellview.frontier.errors import (
    DeterminismError,
    ExperimentExistsError,
    ExperimentMissingError,
    ManifestError,
    SetAsideError,
)
from cellview.frontier.machine import operations as ops
from cellview.frontier.machine.machine import FrontierMachine
from cellview.frontier.machine.model import (
    Candidate,
    Committed,
    JournalEntry,
    Manifest,
    Outcome,
    Popped,
    Snapshot,
    Stats,
    set_aside,
)
from cellview.frontier.machine.operations import AnyOperation, Completion, Operation, Slot, answer_type
from cellview.frontier.machine.result import Result, completed_of

_MANIFEST = Manifest(experiment="x", task="t", window=2, lease_ms=10, max_failures=1)
_DONE = completed_of(Result(payload="done"))


def test_there_are_eighteen_and_each_says_what_it_answers() -> None:
    kinds: tuple[type[Operation[Any]], ...] = get_args(AnyOperation)
    base: Any = Operation
    assert set(kinds) == set(base.__subclasses__())
    assert {kind.__name__: answer_type(kind) for kind in kinds} == {
        "Create": bool, "Attach": Manifest, "Clear": type(None), "Push": list[bool], "Prune": int,
        "Start": type(None), "Drain": type(None), "Pop": Popped, "Heartbeat": type(None), "Release": type(None),
        "Fail": bool, "Complete": list[Outcome], "OpenCommitter": str, "Offer": list[Outcome], "Commit": Committed,
        "ReadJournal": list[JournalEntry], "ReadStats": Stats, "ReadSnapshot": Snapshot,
    }  # fmt: skip
    for kind in kinds:
        assert "perform" in vars(kind)
    with pytest.raises(NotImplementedError):
        Operation().perform(Slot("x"), 0)


def test_an_operation_survives_the_wire() -> None:
    entry = JournalEntry(1, "c", '"i"', "0.0", 2, "failed", set_aside("failed", b"\xff"))
    for operation in (
        ops.Create(_MANIFEST, True),
        ops.Push([Candidate.of("a", priority=0.1, depth=3, carry=b"\x00")]),
        ops.Complete([Completion(1, 2, "c", "0.5", 3, _DONE)]),
        ops.Offer("1:me", [entry]),
        ops.ReadStats(),
    ):
        raw = msgspec.msgpack.encode(operation)
        assert msgspec.msgpack.decode(raw, type=AnyOperation) == operation


def test_a_run_by_operations_alone() -> None:
    slot = Slot("x")

    def do(operation: Operation[Any], now_ms: int = 0) -> Any:
        answer = operation.perform(slot, now_ms)
        wire = msgspec.msgpack.encode(answer)
        assert msgspec.msgpack.decode(wire, type=answer_type(type(operation))) == answer
        return answer

    assert do(ops.Create(_MANIFEST, False)) is True
    assert do(ops.Attach()) == _MANIFEST
    assert do(ops.Push([Candidate.of(n, priority=-n) for n in (0, 1, 2, 3, 1)])) == [True, True, True, True, False]
    assert do(ops.Prune(3)) == 1
    assert do(ops.ReadStats()).phase == "open"
    do(ops.Start())
    epoch = do(ops.OpenCommitter("me"))
    assert epoch == "1:me"
    (first,) = do(ops.Pop("w", 1), 5).leases
    (second,) = do(ops.Pop("v", 9), 5).leases
    assert (first.ticket, first.assignee, second.ticket, second.assignee) == (0, "w", 1, "v")
    do(ops.Heartbeat(0, first.token), 14)
    assert do(ops.Commit(epoch, 9), 15).leased == 1, "only the first was extended"
    assert do(ops.Commit(epoch, 9), 24).leased == 0
    do(ops.Release(1, second.token))
    (again,) = do(ops.Pop("w", 9), 15).leases
    assert again.ticket == 1
    assert do(ops.Fail(1, again.token, again.candidate, again.score, again.depth, b"why")) is True
    assert do(ops.Complete([Completion(0, first.token, first.candidate, first.score, 0, _DONE)])) == ["accepted"]
    assert do(ops.Commit(epoch, 1)) == Committed(1, 1, 0, "running")
    assert do(ops.Commit(epoch, 9)) == Committed(1, 2, 0, "running")
    (third,) = do(ops.Pop("w", 9)).leases
    entry = JournalEntry(2, third.candidate, third.item, third.score, 0, "committed", _DONE)
    assert do(ops.Offer(epoch, [entry, entry])) == ["accepted", "duplicate"]
    do(ops.Drain())
    assert do(ops.ReadStats()).phase == "draining"
    assert do(ops.Commit(epoch, 9)).phase == "finished"
    kinds = [(it.ticket, it.kind, it.completed.body) for it in do(ops.ReadJournal(1, 2))]
    assert kinds == [(1, "failed", b"why"), (2, "committed", _DONE.body)]
    assert [it.ticket for it in do(ops.ReadJournal(0, 1))] == [0]
    assert do(ops.ReadSnapshot()).next_commit == 3
    do(ops.Clear())
    with pytest.raises(ExperimentMissingError, match="there is no experiment 'x' in this process"):
        do(ops.Attach())


def test_results_are_recorded_up_to_the_first_that_is_refused() -> None:
    slot = Slot("x")
    ops.Create(_MANIFEST, False).perform(slot, 0)
    ops.Push([Candidate.of(n, priority=-n) for n in range(2)]).perform(slot, 0)
    ops.Start().perform(slot, 0)
    one, two = ops.Pop("w", 2).perform(slot, 0).leases
    other = completed_of(Result(payload="other"))
    results = [Completion(it.ticket, it.token, it.candidate, it.score, 0, _DONE) for it in (one, two)]
    conflicting = [results[0], msgspec.structs.replace(results[0], completed=other), results[1]]
    with pytest.raises(DeterminismError):
        ops.Complete(conflicting).perform(slot, 0)
    assert ops.ReadStats().perform(slot, 0).completed == 1


def test_a_slot_holds_one_experiment() -> None:
    made: list[Manifest] = []

    def make(manifest: Manifest) -> FrontierMachine:
        made.append(manifest)
        return FrontierMachine(manifest)

    slot = Slot("x", make)
    assert slot.create(_MANIFEST, resume=True)
    assert not slot.create(_MANIFEST, resume=True)
    with pytest.raises(ExperimentExistsError, match="resume it, choose another name, or clear it"):
        slot.create(_MANIFEST, resume=False)
    for resume in (True, False):
        with pytest.raises(ManifestError, match="window"):
            slot.create(msgspec.structs.replace(_MANIFEST, window=3), resume=resume)
    assert slot.machine.manifest == _MANIFEST
    slot.clear()
    assert slot.create(msgspec.structs.replace(_MANIFEST, window=3), resume=False)
    assert [manifest.window for manifest in made] == [2, 3]


def test_errors_say_who_and_what_and_can_be_made_again() -> None:
    errors: list[Exception] = [DeterminismError("c", "a", "b"), SetAsideError(3, "c", "failed", "committed")]
    for error in errors:
        kind, parts = cast("tuple[type[Exception], tuple[object, ...]]", error.__reduce__())
        assert str(kind(*parts)) == str(error)
        assert vars(kind(*parts)) == vars(error)
