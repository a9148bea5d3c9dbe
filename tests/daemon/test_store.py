"""The store: a submission's life against a model, and a death between every two of its steps."""

from __future__ import annotations

import itertools
import os
import signal
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, get_args

import apsw
import msgspec
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule

from cellview.daemon.errors import ConflictError, DataFolderError, NoSuchExperimentError
from cellview.daemon.schema import MIGRATIONS
from cellview.daemon.states import TERMINAL, ExperimentState, ExperimentStep, experiment_after
from cellview.daemon.store import NewExperiment, PointResult, Store


def ticking() -> Callable[[], float]:
    ticks = itertools.count(1)
    return lambda: float(next(ticks))


def submission(name: str = "one", *, key: str | None = None, points: int = 2, request: str = "r") -> NewExperiment:
    """An experiment of `points` wild types, each with an arm that waits for it."""
    plan = [(f"t{number}", arm, 0, arm != "wild_type") for number in range(points) for arm in ("wild_type", "waits")]
    return NewExperiment(name=name, priority=0, digest="d", request=request, submission=b"{}", points=plan, key=key)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store(tmp_path / "cellview.db", now=ticking())
    yield opened
    opened.close()


def test_a_key_stands_for_one_submission(store: Store) -> None:
    first, new = store.submit(submission(key="k"))
    again, new_again = store.submit(submission(key="k"))
    assert (new, new_again) == (True, False)
    assert first == again
    with pytest.raises(ConflictError, match="idempotency key"):
        store.submit(submission(key="k", request="another"))
    assert [event.kind for event in store.events(after=0)] == ["submitted"]


def test_pages_of_the_list_lose_and_repeat_nothing(store: Store) -> None:
    ids = [store.submit(submission(str(number)))[0].id for number in range(7)]
    store.take(ids[2], "cancel")
    seen: list[int] = []
    cursor: int | None = None
    while True:
        page = store.experiments(before=cursor, limit=3)
        seen += [one.id for one in page.experiments]
        cursor = page.next
        if cursor is None:
            break
    assert seen == ids[::-1]
    assert [one.id for one in store.experiments(states=["cancelled"]).experiments] == [ids[2]]


def test_only_what_has_ended_is_deleted_and_ids_are_not_given_again(store: Store) -> None:
    one = store.submit(submission())[0].id
    with pytest.raises(ConflictError, match="cancel it, and wait"):
        store.delete(one)
    store.take(one, "cancel")
    store.delete(one)
    with pytest.raises(NoSuchExperimentError):
        store.experiment(one)
    assert store.submit(submission())[0].id == one + 1
    assert [event.kind for event in store.events(after=0, experiment=one)] == ["submitted", "cancelled", "deleted"]


def test_what_is_pinned_stays(store: Store) -> None:
    one = store.submit(submission())[0].id
    assert not store.experiment(one).pinned
    assert store.pin(one, True).pinned and store.pin(one, True).pinned
    store.take(one, "cancel")
    assert store.removable() == ()
    with pytest.raises(ConflictError, match="unpin it"):
        store.delete(one)
    assert not store.pin(one, False).pinned
    (only,) = store.removable()
    assert only.id == one and store.removable(older_than_s=1000) == ()
    store.delete(one, why="It was old.")
    events = store.events(after=0, experiment=one)
    assert [event.kind for event in events] == ["submitted", "pinned", "cancelled", "unpinned", "deleted"]
    assert events[-1].data == {"reason": "It was old."}
    with pytest.raises(NoSuchExperimentError):
        store.pin(one, True)


def test_a_point_that_has_cost_a_worker_comes_after_those_that_have_not(store: Store) -> None:
    one = store.submit(submission(points=2))[0].id
    assert [candidate.number for candidate in store.candidates()] == [0]
    store.begin_point(one, 0)
    store.lose_point(one, 0, "its worker died")
    assert [candidate.number for candidate in store.candidates()] == [2]
    store.begin_point(one, 2)
    assert [candidate.number for candidate in store.candidates()] == [0]


def test_a_database_of_the_first_version_is_gone_on_with(tmp_path: Path) -> None:
    path = tmp_path / "cellview.db"
    old: Any = apsw.Connection(str(path))
    old.execute(MIGRATIONS[0])
    old.pragma("user_version", 1)
    old.execute(
        "INSERT INTO experiments VALUES (7, 'old', 'finished', 3, 1.0, 2.0, 'd', '000007-old', NULL, 'k', 'r', x'7b7d')"
    )
    old.execute("INSERT INTO points VALUES (7, 0, 't', 'wild_type', 0, 'done', 1, 'solved', 1, NULL)")
    old.execute("INSERT INTO events (at, experiment, kind, data) VALUES (2.0, 7, 'finished', '{}')")
    old.close()
    store = Store(path, now=ticking())
    status = store.experiment(7)
    assert (status.name, status.state, status.priority, status.solved) == ("old", "finished", 3, 1)
    assert (status.pinned, status.executor, status.failures) == (False, "here", 0)
    assert store.pin(7, True).pinned
    assert store.submit(submission(key="k"))[0].id == 7
    assert store.submit(submission())[0].id == 8
    assert [event.kind for event in store.events(after=0, experiment=7)] == ["finished", "pinned"]
    store.close()
    Store(path, now=ticking()).close()


def test_the_log_of_the_database_stays_small_and_is_cut(store: Store, tmp_path: Path) -> None:
    log = tmp_path / "cellview.db-wal"
    largest = 0
    for number in range(60):
        large = msgspec.structs.replace(submission(str(number)), submission=b"x" * 1_000_000)
        store.submit(large)
        largest = max(largest, log.stat().st_size)
    assert 0 < largest < 32 * 1024 * 1024  # of 60 megabytes that were written
    assert (tmp_path / "cellview.db").stat().st_size > 30_000_000
    store.checkpoint()
    assert log.stat().st_size == 0


def test_a_newer_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "cellview.db"
    Store(path, now=ticking()).close()
    connection: Any = apsw.Connection(str(path))
    connection.pragma("user_version", 99)
    connection.close()
    with pytest.raises(DataFolderError, match="newer Cellview"):
        Store(path, now=ticking())
    path.write_bytes(b"no database at all, but long enough to be read as one" * 100)
    with pytest.raises(DataFolderError, match="cannot be used"):
        Store(path, now=ticking())


def test_terminal_states_are_final() -> None:
    for state in TERMINAL:
        for step in get_args(ExperimentStep):
            if (state, step) != ("cancelled", "cancel"):
                with pytest.raises(ConflictError, match="final"):
                    experiment_after(state, step)


class Life(RuleBasedStateMachine):
    """Submissions live; the model is a dict of states and of what each point has come to."""

    ids: Bundle[int] = Bundle("ids")

    @initialize()
    def open(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.path = Path(self.folder.name) / "cellview.db"
        self.now = ticking()
        self.store = Store(self.path, now=self.now)
        self.state: dict[int, ExperimentState] = {}
        self.points: dict[int, list[str]] = {}
        self.events = 0

    @rule(target=ids, points=st.integers(1, 2))
    def submit(self, points: int) -> int:
        status, _ = self.store.submit(submission(points=points))
        assert status.id not in self.state
        self.state[status.id] = "queued"
        self.points[status.id] = ["ready", "waiting"] * points
        return status.id

    @rule(one=ids, step=st.sampled_from(["start", "pause", "resume", "cancel", "finish", "fail"]))
    def take(self, one: int, step: ExperimentStep) -> None:
        before = self.state[one]
        events = self.store.last_event()
        allowed = {
            "start": {"queued"},
            "pause": {"queued", "running", "paused"},
            "resume": {"queued", "running", "paused"},
            "cancel": {"queued", "running", "paused", "cancelled"},
            "finish": {"running", "paused"},
            "fail": {"queued", "running", "paused"},
        }[step]
        if before not in allowed:
            with pytest.raises(ConflictError):
                self.store.take(one, step)
            assert self.store.last_event() == events
            return
        after = self.store.take(one, step).state
        led: dict[str, ExperimentState] = {
            "start": "running",
            "pause": "paused",
            "cancel": "cancelled",
            "finish": "finished",
            "fail": "failed",
        }
        expected = led.get(step) or ("queued" if before == "paused" else before)
        assert after == expected
        assert self.store.last_event() - events == (after != before)
        self.state[one] = after
        if step in ("cancel", "fail") and after != before:
            self.points[one] = ["ready" if state == "running" else state for state in self.points[one]]

    @rule(one=ids, data=st.data())
    def point(self, one: int, data: st.DataObject) -> None:
        number = data.draw(st.integers(0, len(self.points[one]) - 1))
        step = data.draw(st.sampled_from(["begin", "end", "lose", "aside"]))
        points = self.points[one]
        if step == "begin":
            if points[number] != "ready":
                with pytest.raises(ConflictError):
                    self.store.begin_point(one, number)
                return
            self.store.begin_point(one, number)
            points[number] = "running"
        elif points[number] != "running":
            with pytest.raises(ConflictError):
                self.store.lose_point(one, number, "why")
        elif step == "lose":
            self.store.lose_point(one, number, "why")
            points[number] = "ready"
        else:
            reason = "solved" if step == "end" else "set_aside"
            released = [number + 1] if points[number] == "running" and number % 2 == 0 and step == "end" else []
            self.store.end_points(one, [PointResult(number=number, stop_reason=reason, solved=step == "end")], released)
            points[number] = "done" if step == "end" else "set_aside"
            for waiting in released:
                points[waiting] = "ready"

    @rule()
    def killed_and_started_again(self) -> None:
        # No checkpoint and no close: the next connection finds what a killed process leaves behind.
        abandoned = self.store
        self.store = Store(self.path, now=self.now)
        recovered = self.store.recover()
        abandoned.close()
        assert recovered == sorted(one for one, state in self.state.items() if state == "running")
        self.state = {one: "queued" if state == "running" else state for one, state in self.state.items()}
        self.points = {
            one: ["ready" if state == "running" else state for state in points] for one, points in self.points.items()
        }

    @invariant()
    def store_and_model_agree(self) -> None:
        for one, state in self.state.items():
            status = self.store.experiment(one)
            states = [search.state for search in self.store.searches(one)]
            assert (status.state, states) == (state, self.points[one])
            assert status.running == states.count("running")
            assert status.done == states.count("done") + states.count("set_aside")

    @invariant()
    def numbers_ascend(self) -> None:
        numbers = [event.number for event in self.store.events(after=0, limit=10_000)]
        assert numbers == sorted(set(numbers))
        assert len(numbers) >= self.events
        self.events = len(numbers)

    def teardown(self) -> None:
        if hasattr(self, "store"):
            self.store.close()
            self.folder.cleanup()


TestLife = Life.TestCase
TestLife.settings = settings(max_examples=15, stateful_step_count=20, deadline=None)


# -- a death between every two steps -----------------------------------------------------------------------------------


def live(store: Store) -> None:
    """Everything that can happen to submissions, going on from wherever an earlier process was killed."""
    one = store.submit(submission("one", key="one"))[0]
    if one.state == "queued":
        store.take(one.id, "start")
    for search in store.searches(one.id):
        if search.arm == "wild_type" and search.state != "done":
            store.begin_point(one.id, search.number)
            if search.failures == 0:
                store.lose_point(one.id, search.number, "its worker died")
                store.begin_point(one.id, search.number)
            store.end_points(
                one.id,
                [PointResult(number=search.number, stop_reason="solved", solved=True)],
                released=[search.number + 1],
            )
    for search in store.searches(one.id):
        if search.state == "ready":
            store.begin_point(one.id, search.number)
            store.end_points(one.id, [PointResult(number=search.number, stop_reason="budget", solved=False)])
    if store.experiment(one.id).state == "running":
        store.take(one.id, "finish")
    two = store.submit(submission("two", key="two"))[0]
    if two.state == "queued" and store.events(after=0, experiment=two.id)[-1].kind != "resumed":
        store.take(two.id, "pause")
    if store.experiment(two.id).state == "paused":
        store.take(two.id, "resume")
    if store.experiment(two.id).state == "queued":
        store.take(two.id, "cancel")


def killed_at(path: Path, step: int) -> bool:
    """Live in a child that is killed at its `step`-th hook; say whether it came so far."""
    child = os.fork()
    if child == 0:
        try:
            left = itertools.count()

            def hook(_: str) -> None:
                if next(left) == step:
                    os.kill(os.getpid(), signal.SIGKILL)

            store = Store(path, now=ticking(), steps=hook)
            store.recover()
            live(store)
        except BaseException:
            os._exit(3)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0
    return os.WIFSIGNALED(status)


def final(store: Store) -> list[object]:
    return [
        (one.name, one.state, [(s.state, s.stop_reason, s.solved) for s in store.searches(one.id)])
        for one in store.experiments().experiments
    ]


def test_a_death_at_every_step_leaves_what_the_start_recovers_from(tmp_path: Path) -> None:
    whole = Store(tmp_path / "whole.db", now=ticking())
    live(whole)
    expected = final(whole)
    whole.close()
    deaths = 0
    for step in itertools.count():
        path = tmp_path / f"{step}.db"
        came_so_far = killed_at(path, step)
        store = Store(path, now=ticking())
        store.recover()
        assert all(one.state != "running" and one.running == 0 for one in store.experiments().experiments)
        live(store)
        assert final(store) == expected, f"killed at step {step}"
        store.close()
        if not came_so_far:
            break
        deaths += 1
    assert deaths >= 30
