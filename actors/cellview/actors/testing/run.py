"""Running an async function under control, and what is said when it fails."""

import asyncio
import re
import tempfile
from collections.abc import Awaitable, Callable, Collection, Sequence
from pathlib import Path
from typing import Literal, TypeVar

import msgspec
from structlog.testing import capture_logs

from cellview.actors.testing.controller import Controller
from cellview.actors.testing.errors import Deadlock, InsideALoop, LeftBehind, NotAReplay
from cellview.actors.testing.guard import guarded
from cellview.actors.testing.interventions import Intervention
from cellview.actors.testing.loop import ControlledLoop
from cellview.actors.testing.record import Delivery, Run, digest, first_parting
from cellview.actors.testing.schedulers import Fifo, Replay, Scheduler

T = TypeVar("T")
Early = Literal["none", "timers", "all"]
Deadlines = Literal["deadlock", "fire"]
Outside = Literal["clock", "thread", "process", "socket", "entropy"]

_last_passing: dict[str, list[Delivery]] = {}


class ReplayFile(msgspec.Struct, frozen=True, kw_only=True):
    """A run on disk: enough to repeat it."""

    version: int = 1
    name: str
    interventions: list[Intervention]
    early: Early
    deadlines: Deadlines
    max_deliveries: int
    choices: list[str]
    digest: str
    error: str


def run_controlled(
    main: Callable[[], Awaitable[T]],
    *,
    interventions: Sequence[Intervention] = (),
    scheduler: Scheduler | None = None,
    early: Early = "timers",
    deadlines: Deadlines = "deadlock",
    max_deliveries: int = 100_000,
    allow: Collection[Outside] = (),
    name: str | None = None,
    replay_dir: Path | None = None,
    footprints: bool = False,
) -> Run[T]:
    """Run `main` on a loop with virtual time, where every delivery to an actor is a choice of `scheduler`.

    Every `ActorSystem` that is started inside is controlled; nothing in the code under test has to know. Call it from
    a plain `def test_...`, not from inside another event loop.

    Args:
        main: an async function without arguments; build the system inside it.
        interventions: what is done to the run on top of the scheduler's choices.
        scheduler: chooses; `Fifo()` if none is given.
        early: which timers may fire while messages wait: none, those that are no deadline of an ask, stop or drain, or
            all. `Fifo` never lets one.
        deadlines: when nothing but deadlines can happen, either raise `Deadlock` or let them fire. They always fire
            once a `DropReply` has struck.
        max_deliveries: more is a `Livelock`.
        allow: ways out of the run that are left open.
        name: groups runs, so that a failure can be compared with the last run that passed; `main`'s name by default.
        replay_dir: where a failing run leaves its replay file; a folder in the temporary directory by default.
        footprints: record what each delivery touched (`explore` needs it).

    What structlog would print goes into `Run.logs` instead.

    Raises:
        Deadlock, Livelock, Uncontrolled, LeftBehind: about the run.
        InsideALoop: it was called from async code.
        Exception: whatever `main` raised, with a note: the interventions, the replay file, and the first delivery in
            which the run parts from the last one that passed.
    """
    _require_no_loop()
    name = name or f"{main.__module__}.{getattr(main, '__qualname__', 'main')}"
    loop = ControlledLoop()
    controller = Controller(
        loop,
        scheduler=scheduler or Fifo(),
        interventions=interventions,
        early_timers=early != "none",
        early_deadlines=early == "all",
        deadlines_fire=deadlines == "fire",
        max_deliveries=max_deliveries,
        footprints=footprints,
    )
    loop.actor_dispatcher = controller
    try:
        with capture_logs() as logs, guarded(controller.violated, frozenset(allow)):
            result = _run(loop, controller, main)
    except Exception as error:
        record = ReplayFile(
            name=name,
            interventions=list(interventions),
            early=early,
            deadlines=deadlines,
            max_deliveries=max_deliveries,
            choices=controller.choices,
            digest=digest(controller.deliveries),
            error=f"{type(error).__name__}: {error}",
        )
        _explain(error, controller, record, replay_dir)
        raise
    finally:
        loop.close()
    _last_passing[name] = controller.deliveries
    unused = [what for what in interventions if what not in controller.used]
    return Run(result, controller.deliveries, controller.choices, unused, loop.time(), logs)


def replay(main: Callable[[], Awaitable[T]], file: Path | str, *, allow: Collection[Outside] = ()) -> Run[T]:
    """Repeat a run from its replay file.

    Raises:
        NotAReplay: the file is something else.
        ReplayDiverged: the code has changed since.
        Exception: what the run raised then, if it still does.
    """
    try:
        record = msgspec.json.decode(Path(file).read_bytes(), type=ReplayFile)
    except msgspec.MsgspecError as error:
        raise NotAReplay(f"{file} is not a replay file: {error}") from error
    return run_controlled(
        main,
        interventions=record.interventions,
        scheduler=Replay(record.choices),
        early=record.early,
        deadlines=record.deadlines,
        max_deliveries=record.max_deliveries,
        allow=allow,
        name=f"replay of {record.name}",
    )


def _require_no_loop() -> None:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return
    raise InsideALoop("run_controlled was called inside a running event loop; make the test a plain `def`")


def _run(loop: ControlledLoop, controller: Controller, main: Callable[[], Awaitable[T]]) -> T:
    async def whole() -> T:
        return await main()

    task = loop.create_task(whole(), name="<main>")
    try:
        result = loop.run_until_complete(task)
        if controller.violation is not None:
            raise controller.violation
        left = asyncio.all_tasks(loop)
        if left:
            names = ", ".join(sorted(task.get_name() for task in left))
            raise LeftBehind(f"main has returned, but there are still tasks: {names}")
    except BaseException:
        _clear_away(loop, controller)
        raise
    return result


def _clear_away(loop: ControlledLoop, controller: Controller) -> None:
    """End what a failed run left, without a scheduler; whatever it still wants to say has no hearer."""
    controller.free = True
    loop.set_exception_handler(lambda _loop, _context: None)
    for _ in range(3):
        tasks = asyncio.all_tasks(loop)
        if not tasks:
            return
        for task in tasks:
            task.cancel()
        try:
            loop.run_until_complete(asyncio.wait(tasks, timeout=100.0))
        except Deadlock:
            continue


def _explain(error: Exception, controller: Controller, record: ReplayFile, replay_dir: Path | None) -> None:
    name = record.name
    folder = replay_dir or Path(tempfile.gettempdir()) / "cellview-replays"
    file = folder / f"{re.sub(r'[^A-Za-z0-9_.-]+', '-', name)[-120:]}.json"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file.write_bytes(msgspec.json.encode(record))
        where = f"replay file: {file} (cellview.actors.testing.replay(main, file))"
    except OSError as trouble:
        where = f"no replay file, because {trouble}"
    notes = ["interventions: " + ("; ".join(map(repr, record.interventions)) or "none"), where]
    passed = _last_passing.get(name)
    if passed is None:
        notes.append("no run of this name has passed yet, so there is nothing to compare with")
    else:
        notes.append(f"parts from the last passing run at {first_parting(passed, controller.deliveries)}")
    error.add_note("controlled run failed\n  " + "\n  ".join(notes))


def forget_passing_runs() -> None:
    """Forget the runs that failures are compared with."""
    _last_passing.clear()
