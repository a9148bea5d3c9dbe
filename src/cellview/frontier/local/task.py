"""Tasks: what a worker runs on a candidate, and how it finds the one that a manifest names.

A task is a function ``execute(work, prng) -> Result``, plain or ``async``. Its result must be a function of the work
and of the random stream; times, hosts and the like go into ``Result.notes``, which nothing compares.
"""

from __future__ import annotations

import importlib
import inspect
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import TypeAlias, cast

import anyio.to_thread

from cellview.frontier.errors import TaskError
from cellview.frontier.machine.canonical import Json
from cellview.frontier.machine.prng import Prng
from cellview.frontier.machine.result import Result, Work

__all__ = ["Task", "TaskSession", "TaskTable", "open_task", "run_task", "task_named"]

Settings: TypeAlias = "dict[str, Json]"
Task: TypeAlias = Callable[[Work, Prng], Result | Awaitable[Result]]


class TaskSession:
    """A task that needs something open while a worker works, such as a prover.

    Args:
        opens: Takes the experiment's settings and the worker's own options; an async context manager that gives the
            task. A worker enters it once, before its first ticket, and leaves it when it ends. Settings come from the
            manifest, so from whoever made it; what this machine runs (a program, a path) belongs into the options.
    """

    def __init__(self, opens: Callable[[Settings, Settings], AbstractAsyncContextManager[Task]]) -> None:
        self._opens = opens

    def open(self, settings: Settings, options: Settings) -> AbstractAsyncContextManager[Task]:
        """The context manager of one worker."""
        return self._opens(settings, options)

    def __call__(self, work: Work, prng: Prng) -> Result:
        """Refuses: a session is opened, not called."""
        raise TaskError("a task session must be opened before it runs tasks")


TaskTable: TypeAlias = Mapping[str, "str | Task | TaskSession"]
"""What a worker knows by name: a task itself, or where to import it from, as ``module:function``."""


def task_named(name: str, tasks: TaskTable) -> Task | TaskSession:
    """The task that a worker knows under this name.

    Raises:
        TaskError: It knows none of that name, or the one it was told of cannot be loaded.
    """
    known = tasks.get(name)
    if known is None:
        listed = ", ".join(sorted(tasks)) or "none"
        raise TaskError(
            f"the experiment asks for task {name!r}, which this worker was not told of (it knows {listed}): start it "
            "with that task if you trust who made the experiment"
        )
    return _load(known) if isinstance(known, str) else known


def _load(path: str) -> Task | TaskSession:
    module_name, _, name = path.partition(":")
    if not module_name or not name:
        raise TaskError(f"task {path!r} is not an import path: write it as module:function")
    try:
        found: object = getattr(importlib.import_module(module_name), name)
    except (ImportError, AttributeError) as error:
        raise TaskError(
            f"task {path!r} cannot be loaded ({error}): install its package where the worker runs"
        ) from None
    if not callable(found):
        raise TaskError(f"task {path!r} is a {type(found).__name__}: it must be a function of work and prng")
    return found if isinstance(found, TaskSession) else cast("Task", found)


@asynccontextmanager
async def open_task(task: Task | TaskSession, settings: Settings, options: Settings) -> AsyncGenerator[Task]:
    """The function to call for each candidate: the task itself, or what its session gives."""
    if isinstance(task, TaskSession):
        async with task.open(settings, options) as execute:
            yield execute
    else:
        yield task


async def run_task(task: Task, work: Work, prng: Prng) -> Result:
    """Runs a task. A plain function runs in a thread, so that the worker's heartbeats go on meanwhile.

    Raises:
        TaskError: The task returned something else than a ``Result``.
    """
    if inspect.iscoroutinefunction(task):
        got = await task(work, prng)
    else:
        got = await anyio.to_thread.run_sync(task, work, prng, abandon_on_cancel=True)
        if inspect.isawaitable(got):
            got = await got
    if not isinstance(got, Result):
        raise TaskError(f"the task returned {type(got).__name__}: it must return a cellview.frontier.Result")
    return got
