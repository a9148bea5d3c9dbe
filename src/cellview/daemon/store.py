"""The store: what was submitted, how far it is, and what happened, in one SQLite database with one writer.

Each method that changes something is one transaction, with its event in it; between any two of them the process may
die. What a search found stands in its run folder; here stands only that it is done.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import apsw
import msgspec

from cellview.daemon.errors import ConflictError, DataFolderError, NoSuchExperimentError
from cellview.daemon.order import Candidate
from cellview.daemon.records import Event, Executor, ExperimentPage, ExperimentStatus, SearchStatus
from cellview.daemon.schema import migrate
from cellview.daemon.states import (
    TERMINAL,
    ExperimentState,
    ExperimentStep,
    PointState,
    PointStep,
    experiment_after,
    point_after,
)
from cellview.daemon.steps import Steps, unobserved

__all__ = ["NewExperiment", "PointResult", "Store", "require_removable"]

_WAL_BYTES: Final = 16 * 1024 * 1024
"""What is left of the write-ahead log after a checkpoint, at most."""

_PAST: Final[dict[ExperimentStep, str]] = {
    "start": "started",
    "pause": "paused",
    "resume": "resumed",
    "cancel": "cancelled",
    "finish": "finished",
    "fail": "failed",
    "recover": "recovered",
}
"""What the event of a step is called."""


class NewExperiment(msgspec.Struct, frozen=True, kw_only=True):
    """A submission that was found good: `points` are theorem, arm, seed and whether it waits for the wild type."""

    name: str
    priority: int
    digest: str
    request: str
    submission: bytes
    points: Sequence[tuple[str, str, int, bool]]
    key: str | None = None
    executor: Executor = "here"


class PointResult(msgspec.Struct, frozen=True, kw_only=True):
    """What the store keeps of an outcome. `number` is the point's place in the plan."""

    number: int
    stop_reason: str
    solved: bool
    reason: str | None = None


class Store:
    """The database, opened by the one thread that uses it.

    Args:
        path: The file; it is made if there is none.
        now: The clock, in seconds since 1970.
        steps: Told before and after each transaction, by the method's name.

    Raises:
        DataFolderError: It is no database of ours, or a newer version's.
    """

    def __init__(self, path: Path, *, now: Callable[[], float], steps: Steps = unobserved) -> None:
        self._now = now
        self._steps = steps
        try:
            # Any: apsw's stubs take buffers and arrays that a strict checker does not know.
            self._connection: Any = apsw.Connection(str(path))
            self._connection.set_busy_timeout(0)  # one connection: whoever else holds a lock is a mistake to hear of
            self._connection.pragma("journal_mode", "wal")
            self._connection.pragma("synchronous", "normal")
            self._connection.pragma("foreign_keys", True)
            self._connection.pragma("journal_size_limit", _WAL_BYTES)
            migrate(self._connection)
        except apsw.Error as error:
            raise DataFolderError(f"{path} cannot be used as the daemon's database: {error}.") from error

    # -- submissions ---------------------------------------------------------------------------------------------------

    def submit(self, new: NewExperiment) -> tuple[ExperimentStatus, bool]:
        """Enter an experiment; return it, and whether it is new: a key that was used before gives the first one.

        Raises:
            ConflictError: The key was used for another submission.
        """
        self._steps("submit:before")
        with self._connection:
            if new.key is not None:
                row = self._row("SELECT id, request FROM experiments WHERE key = ?", new.key)
                if row is not None:
                    if row[1] != new.request:
                        raise ConflictError("This idempotency key was used for another submission; take a new one.")
                    return self.experiment(row[0]), False
            now = self._now()
            self._run(
                "INSERT INTO experiments (name, state, priority, submitted_at, changed_at, digest, folder, key, "
                "request, submission, executor) VALUES (?, 'queued', ?, ?, ?, ?, '', ?, ?, ?, ?)",
                new.name,
                new.priority,
                now,
                now,
                new.digest,
                new.key,
                new.request,
                new.submission,
                new.executor,
            )
            experiment = self._connection.last_insert_rowid()
            self._run("UPDATE experiments SET folder = ? WHERE id = ?", _folder(experiment, new.name), experiment)
            self._connection.executemany(
                "INSERT INTO points (experiment, number, theorem, arm, seed, state) VALUES (?, ?, ?, ?, ?, ?)",
                (
                    (experiment, number, theorem, arm, seed, "waiting" if waits else "ready")
                    for number, (theorem, arm, seed, waits) in enumerate(new.points)
                ),
            )
            self._event(experiment, "submitted", {"name": new.name, "points": len(new.points)})
        self._steps("submit:after")
        return self.experiment(experiment), True

    def submission(self, experiment: int) -> bytes:
        """Return what was submitted, with its corpus as text."""
        row = self._row("SELECT submission FROM experiments WHERE id = ?", experiment)
        if row is None:
            raise _missing(experiment)
        data: bytes = row[0]
        return data

    # -- experiments ---------------------------------------------------------------------------------------------------

    def take(self, experiment: int, step: ExperimentStep, *, reason: str | None = None) -> ExperimentStatus:
        """Take a step of an experiment. What was taken already changes nothing, and makes no event.

        Raises:
            ConflictError: The step does not lead out of its state.
            NoSuchExperimentError: There is none.
        """
        self._steps(f"{step}:before")
        with self._connection:
            state = self.experiment(experiment).state
            after = experiment_after(state, step)
            if after != state:
                self._run(
                    "UPDATE experiments SET state = ?, changed_at = ?, reason = ? WHERE id = ?",
                    after,
                    self._now(),
                    reason,
                    experiment,
                )
                if step == "resume":  # whoever resumes it has mended what made its driver fail
                    self._run("UPDATE experiments SET failures = 0 WHERE id = ?", experiment)
                if step in ("cancel", "fail"):  # their workers are ended next; nothing stays running that is not
                    self._run(
                        "UPDATE points SET state = 'ready' WHERE experiment = ? AND state = 'running'", experiment
                    )
                self._event(experiment, _PAST[step], {} if reason is None else {"reason": reason})
        self._steps(f"{step}:after")
        return self.experiment(experiment)

    def set_priority(self, experiment: int, priority: int) -> ExperimentStatus:
        """Change how soon an experiment's points are begun."""
        self._steps("priority:before")
        with self._connection:
            self.experiment(experiment)
            self._run("UPDATE experiments SET priority = ? WHERE id = ?", priority, experiment)
            self._event(experiment, "priority", {"priority": priority})
        self._steps("priority:after")
        return self.experiment(experiment)

    def pin(self, experiment: int, pinned: bool) -> ExperimentStatus:
        """Say whether an experiment may be removed. Nothing happens, and nobody is told, when that was said before."""
        self._steps("pin:before")
        with self._connection:
            if self.experiment(experiment).pinned != pinned:
                self._run("UPDATE experiments SET pinned = ? WHERE id = ?", pinned, experiment)
                self._event(experiment, "pinned" if pinned else "unpinned", {})
        self._steps("pin:after")
        return self.experiment(experiment)

    def delete(self, experiment: int, *, why: str | None = None) -> None:
        """Forget an experiment that has ended; its folder is gone already. Its events stay, and `why` in the last one.

        Raises:
            ConflictError: It has not ended, or is pinned.
        """
        self._steps("delete:before")
        with self._connection:
            status = self.experiment(experiment)
            require_removable(status)
            self._run("DELETE FROM experiments WHERE id = ?", experiment)
            self._event(experiment, "deleted", {} if why is None else {"reason": why})
        self._steps("delete:after")

    def removable(self, *, older_than_s: float = 0.0) -> tuple[ExperimentStatus, ...]:
        """Return the experiments that may be removed, those first that ended first, if it was so long ago."""
        rows = self._connection.execute(
            f"{_STATUS} WHERE state IN ('finished', 'failed', 'cancelled') AND NOT pinned AND changed_at <= ?"
            " ORDER BY changed_at, id",
            (self._now() - older_than_s,),
        )
        return tuple(map(_status, rows))

    def forget_events(self, *, older_than_s: float) -> None:
        """Forget what happened so long ago to experiments that are gone; the latest of all events stays."""
        self._steps("forget:before")
        with self._connection:
            self._run(
                "DELETE FROM events WHERE at <= ? AND number < (SELECT max(number) FROM events)"
                " AND experiment NOT IN (SELECT id FROM experiments)",
                self._now() - older_than_s,
            )
        self._steps("forget:after")

    def note(self, kind: str, data: Mapping[str, Any]) -> None:
        """Write down an event of the daemon itself; its experiment is number 0."""
        self._steps("note:before")
        with self._connection:
            self._event(0, kind, data)
        self._steps("note:after")

    def experiment(self, experiment: int) -> ExperimentStatus:
        """Return what is known of an experiment.

        Raises:
            NoSuchExperimentError: There is none.
        """
        row = self._row(f"{_STATUS} WHERE id = ?", experiment)
        if row is None:
            raise _missing(experiment)
        return _status(row)

    def experiments(
        self,
        *,
        states: Iterable[ExperimentState] = (),
        before: int | None = None,
        limit: int = 100,
        name: str | None = None,
        pinned: bool | None = None,
    ) -> ExperimentPage:
        """Return experiments, newest first, below the cursor `before`.

        Args:
            states: Of these states only, if any are named.
            before: With numbers below this one.
            limit: At most so many.
            name: With this text in their names, in small or capital letters.
            pinned: Pinned, or not.
        """
        wanted = msgspec.json.encode(list(states)).decode()
        rows = self._connection.execute(
            f"{_STATUS} WHERE (?1 = '[]' OR state IN (SELECT value FROM json_each(?1))) AND (?2 IS NULL OR id < ?2)"
            " AND (?3 IS NULL OR instr(lower(name), lower(?3))) AND (?4 IS NULL OR pinned = ?4)"
            " ORDER BY id DESC LIMIT ?5",
            (wanted, before, name, pinned, limit + 1),
        ).fetchall()
        found = tuple(map(_status, rows[:limit]))
        return ExperimentPage(found, found[-1].id if len(rows) > limit else None)

    # -- points --------------------------------------------------------------------------------------------------------

    def searches(
        self,
        experiment: int,
        *,
        first: int = 0,
        limit: int = -1,
        state: PointState | None = None,
        theorem: str | None = None,
        arm: str | None = None,
        seed: int | None = None,
    ) -> tuple[SearchStatus, ...]:
        """Return the points of an experiment from number `first` on, in the plan's order; without `limit` all of them.

        Raises:
            NoSuchExperimentError: There is no such experiment.
        """
        self.experiment(experiment)
        rows = self._connection.execute(
            f"{_SEARCH} WHERE experiment = ? AND number >= ? AND (?3 IS NULL OR state = ?3) AND (?4 IS NULL OR"
            " theorem = ?4) AND (?5 IS NULL OR arm = ?5) AND (?6 IS NULL OR seed = ?6) ORDER BY number LIMIT ?7",
            (experiment, first, state, theorem, arm, seed, limit),
        )
        return tuple(_search(row) for row in rows)

    def search(self, experiment: int, number: int) -> SearchStatus:
        """Return one point.

        Raises:
            NoSuchExperimentError: There is no such experiment, or it has no such point.
        """
        row = self._row(f"{_SEARCH} WHERE experiment = ? AND number = ?", experiment, number)
        if row is None:
            points = self.experiment(experiment).points
            raise NoSuchExperimentError(f"Experiment {experiment} has no search {number}; it has {points}, from 0.")
        return _search(row)

    def begin_point(self, experiment: int, number: int) -> None:
        """A worker has got the point."""
        self._steps("begin:before")
        with self._connection:
            self._step(experiment, number, "begin")
            self._event(experiment, "search_started", self._named(experiment, number))
        self._steps("begin:after")

    def end_points(self, experiment: int, results: Sequence[PointResult], released: Sequence[int] = ()) -> None:
        """Points have ended, and others wait no longer, in one transaction: a wild type and those that it decides."""
        self._steps("end:before")
        with self._connection:
            for result in results:
                step: PointStep = "set_aside" if result.stop_reason == "set_aside" else "end"
                state = self._step(experiment, result.number, step)
                self._write(experiment, result.number, state, result)
            for number in released:
                self._step(experiment, number, "release")
        self._steps("end:after")

    def enter(self, experiment: int, key: tuple[str, str, int], result: Callable[[int], PointResult]) -> None:
        """Another driver has brought a result; a second time nothing happens. `result` makes it for a number."""
        self._steps("enter:before")
        with self._connection:
            row = self._row(
                "SELECT number, state FROM points WHERE experiment = ? AND theorem = ? AND arm = ? AND seed = ?",
                experiment,
                *key,
            )
            if row is not None and row[1] not in ("done", "set_aside"):
                known = result(row[0])
                self._write(experiment, row[0], "set_aside" if known.stop_reason == "set_aside" else "done", known)
        self._steps("enter:after")

    def driver_failed(self, experiment: int, reason: str) -> int:
        """Another driver has failed; return how often by now."""
        self._steps("driver:before")
        with self._connection:
            self._run("UPDATE experiments SET failures = failures + 1 WHERE id = ?", experiment)
            self._event(experiment, "driver_failed", {"reason": reason})
        self._steps("driver:after")
        return self.experiment(experiment).failures

    def lose_point(self, experiment: int, number: int, reason: str, *, blame: bool = True) -> int:
        """The point's worker is gone; return how many it has cost. `blame` is whether the point may have done it."""
        self._steps("lose:before")
        with self._connection:
            self._step(experiment, number, "lose")
            self._run(
                "UPDATE points SET failures = failures + ?, reason = ? WHERE experiment = ? AND number = ?",
                int(blame),
                reason,
                experiment,
                number,
            )
            self._event(experiment, "search_lost", self._named(experiment, number) | {"reason": reason})
        self._steps("lose:after")
        row = self._row("SELECT failures FROM points WHERE experiment = ? AND number = ?", experiment, number)
        assert row is not None
        return int(row[0])

    # -- after a death -------------------------------------------------------------------------------------------------

    def recover(self) -> list[int]:
        """Put back what a daemon left running that is no more; return the experiments that it concerns.

        The caller holds the data folder's lock, so no other daemon lives, and workers die with theirs.
        """
        self._steps("recover:before")
        rows = self._connection.execute("SELECT id FROM experiments WHERE state = 'running' ORDER BY id").fetchall()
        with self._connection:
            self._connection.execute("UPDATE points SET state = 'ready' WHERE state = 'running'")
            for (experiment,) in rows:
                self._run(
                    "UPDATE experiments SET state = ?, changed_at = ? WHERE id = ?",
                    experiment_after("running", "recover"),
                    self._now(),
                    experiment,
                )
                self._event(experiment, "recovered", {})
        self._steps("recover:after")
        return [experiment for (experiment,) in rows]

    def settle(self, experiment: int, known: Mapping[int, PointResult], waiting: Collection[int]) -> None:
        """Make the points agree with the run folder, which is right; none of them is with a worker.

        Args:
            experiment: Whose points.
            known: The results in its folder, by number. A point that is done here and not there is run again: the
                folder was put back from an older copy.
            waiting: Points without a result that wait for another's.
        """
        self._steps("settle:before")
        with self._connection:
            for search in self.searches(experiment):
                result = known.get(search.number)
                state: PointState
                if result is None:
                    state = "waiting" if search.number in waiting else "ready"
                    self._write(experiment, search.number, state, None)
                elif search.stop_reason is None:
                    state = "set_aside" if result.stop_reason == "set_aside" else "done"
                    self._write(experiment, search.number, state, result)
        self._steps("settle:after")

    def candidates(self) -> tuple[Candidate, ...]:
        """Return what could be begun next: of each active experiment its first ready point.

        One that has cost a worker already comes after those that have not, so that it holds up no other.
        """
        rows = self._connection.execute(
            "SELECT id, priority, submitted_at, (SELECT number FROM points WHERE experiment = id AND state = 'ready'"
            " ORDER BY points.failures, number LIMIT 1) AS first, executor FROM experiments"
            " WHERE state IN ('queued', 'running') AND (first IS NOT NULL OR state = 'queued') ORDER BY id"
        )
        return tuple(Candidate(*row) for row in rows)

    def counts(self) -> dict[str, dict[str, int]]:
        """Return how many experiments and how many points there are, by their states."""
        return {
            kind: dict(self._connection.execute(f"SELECT state, count(*) FROM {kind} GROUP BY state ORDER BY state"))
            for kind in ("experiments", "points")
        }

    def running(self, *, limit: int) -> tuple[tuple[int, int], ...]:
        """Return experiment and number of the points that are with a worker."""
        rows = self._connection.execute(
            "SELECT experiment, number FROM points WHERE state = 'running' ORDER BY experiment, number LIMIT ?",
            (limit,),
        )
        return tuple(rows)

    # -- events --------------------------------------------------------------------------------------------------------

    def events(self, *, after: int, limit: int = 500, experiment: int | None = None) -> tuple[Event, ...]:
        """Return events with higher numbers than `after`, of one experiment if it is named."""
        rows = self._connection.execute(
            "SELECT number, at, experiment, kind, data FROM events WHERE number > ? AND (? IS NULL OR experiment = ?)"
            " ORDER BY number LIMIT ?",
            (after, experiment, experiment, limit),
        )
        return tuple(
            Event(number=n, at=at, experiment=of, kind=kind, data=msgspec.json.decode(data))
            for n, at, of, kind, data in rows
        )

    def last_event(self, *, before: float | None = None) -> int:
        """Return the number of the latest event, or of the latest before a time; 0 before the first."""
        row = self._row("SELECT coalesce(max(number), 0) FROM events WHERE ?1 IS NULL OR at < ?1", before)
        assert row is not None
        return int(row[0])

    # -- life ----------------------------------------------------------------------------------------------------------

    def checkpoint(self) -> None:
        """Move the write-ahead log into the database, and cut it."""
        self._connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)

    def close(self) -> None:
        """Close the database. Idempotent."""
        self._connection.close()

    def _write(self, experiment: int, number: int, state: PointState, result: PointResult | None) -> None:
        """Write a point's state and result; a result is news."""
        stop_reason, solved, reason = (None, False, None)
        if result is not None:
            stop_reason, solved, reason = result.stop_reason, result.solved, result.reason
        self._run(
            "UPDATE points SET state = ?, stop_reason = ?, solved = ?, reason = ? WHERE experiment = ? AND number = ?",
            state,
            stop_reason,
            solved,
            reason,
            experiment,
            number,
        )
        if result is not None:
            data = {"stop_reason": stop_reason, "solved": solved, "reason": reason}
            self._event(experiment, "search_finished", self._named(experiment, number) | data)

    def _step(self, experiment: int, number: int, step: PointStep) -> PointState:
        row = self._row("SELECT state FROM points WHERE experiment = ? AND number = ?", experiment, number)
        if row is None:
            raise NoSuchExperimentError(f"Experiment {experiment} has no search {number}.")
        after = point_after(row[0], step)
        self._run("UPDATE points SET state = ? WHERE experiment = ? AND number = ?", after, experiment, number)
        return after

    def _named(self, experiment: int, number: int) -> dict[str, Any]:
        row = self._row("SELECT theorem, arm, seed FROM points WHERE experiment = ? AND number = ?", experiment, number)
        assert row is not None
        return {"search": number, "theorem": row[0], "arm": row[1], "seed": row[2]}

    def _event(self, experiment: int, kind: str, data: Mapping[str, Any]) -> None:
        self._run(
            "INSERT INTO events (at, experiment, kind, data) VALUES (?, ?, ?, ?)",
            self._now(),
            experiment,
            kind,
            msgspec.json.encode(data).decode(),
        )

    def _run(self, sql: str, *values: Any) -> None:
        self._connection.execute(sql, values)

    def _row(self, sql: str, *values: Any) -> tuple[Any, ...] | None:
        row: tuple[Any, ...] | None = self._connection.execute(sql, values).fetchone()
        return row


_STATUS = """
SELECT id, name, state, priority, submitted_at, changed_at, digest, folder, reason, pinned, executor, failures,
  (SELECT count(*) FROM points WHERE experiment = id),
  (SELECT count(*) FROM points WHERE experiment = id AND state IN ('done', 'set_aside')),
  (SELECT count(*) FROM points WHERE experiment = id AND state = 'running'),
  (SELECT count(*) FROM points WHERE experiment = id AND solved),
  (SELECT count(*) FROM points WHERE experiment = id AND state = 'set_aside')
FROM experiments"""


def _status(row: tuple[Any, ...]) -> ExperimentStatus:
    fields = dict(zip(ExperimentStatus.__struct_fields__, row, strict=True))
    return msgspec.convert(fields, ExperimentStatus, strict=False)


def require_removable(status: ExperimentStatus) -> None:
    """Refuse to remove what is not over, or what somebody wants to keep.

    Raises:
        ConflictError: It has not ended, or is pinned.
    """
    if status.state not in TERMINAL:
        raise ConflictError(f"Experiment {status.id} has not ended yet ({status.state}): cancel it, and wait.")
    if status.pinned:
        raise ConflictError(f"Experiment {status.id} is pinned: unpin it before it is removed.")


_SEARCH = "SELECT number, theorem, arm, seed, state, failures, stop_reason, solved, reason FROM points"


def _search(row: tuple[Any, ...]) -> SearchStatus:
    values = dict(zip(SearchStatus.__struct_fields__, row, strict=True))
    return msgspec.convert(values, SearchStatus, strict=False)


def _missing(experiment: int) -> NoSuchExperimentError:
    return NoSuchExperimentError(f"There is no experiment {experiment}; it may have been deleted.")


def _folder(experiment: int, name: str) -> str:
    kept = "".join(c if c.isascii() and (c.isalnum() or c in "._-") else "-" for c in name)[:60].strip(".-")
    return f"{experiment:06}-{kept}" if kept else f"{experiment:06}"
