"""Who waits for whom, as text, for a deadlock's message."""

import asyncio
from collections.abc import Iterable
from types import CodeType, FrameType
from typing import Any

from cellview.actors.cell import Cell


def wait_for_graph(loop: asyncio.AbstractEventLoop, cells: Iterable[Cell]) -> str:
    """One line for each actor that is in a handler or has messages, and for each other task that waits."""
    lines: list[str] = []
    own: set[asyncio.Task[Any] | None] = set()
    for cell in cells:
        own.add(cell.task)
        own.update(cell.tasks)
        if cell.state != "dead":
            lines.extend(_actor(cell))
    others = sorted((task for task in asyncio.all_tasks(loop) if task not in own), key=lambda task: task.get_name())
    lines.extend(f"  {_place(task)} waits" for task in others)
    return "\n".join(lines) or "  (nobody waits)"


def _actor(cell: Cell) -> Iterable[str]:
    for task in cell.tasks:
        yield f"  a background task of {cell.path} waits at {_place(task)}"
    if cell.owed:
        yield f"  {cell.path} owes {len(cell.owed)} deferred answers"
    if cell.handling is None:
        if cell.state != "running":
            yield f"  {cell.path} is {cell.state}"
        return
    doing = f"  {cell.path}, handling {type(cell.handling.message).__name__}, waits for "
    if cell.origin.waits:
        yield doing + " and ".join(f"{wait.kind} {wait.cell.path}" for wait in cell.origin.waits)
    else:
        yield doing + f"something that is no actor, at {_place(cell.task)}"


def _place(task: "asyncio.Task[Any] | None") -> str:
    """The innermost function that is suspended in a task."""
    inner: Any = None if task is None else task.get_coro()
    name = "?"
    while inner is not None:
        code: CodeType | None = getattr(inner, "cr_code", None) or getattr(inner, "gi_code", None)
        frame: FrameType | None = getattr(inner, "cr_frame", None) or getattr(inner, "gi_frame", None)
        if code is not None:
            name = f"{code.co_qualname if hasattr(code, 'co_qualname') else code.co_name}"
            name += f", line {frame.f_lineno}" if frame is not None else ""
        inner = getattr(inner, "cr_await", None) or getattr(inner, "gi_yieldfrom", None)
    return name
