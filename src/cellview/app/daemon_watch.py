"""``cellview watch``: an experiment of the daemon as it goes on, until it ends."""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING, Final

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.text import Text

from cellview.app.console import emit_json, output_console
from cellview.app.daemon_list import STATE_STYLES
from cellview.app.errors import EXIT_OK, EXIT_UNSOLVED

if TYPE_CHECKING:
    from cellview.daemon import Client, Event, ExperimentStatus

__all__ = ["follow"]

_ENDS: Final = ("finished", "failed", "cancelled")


async def follow(client: Client, number: int, *, json: bool) -> int:
    """Print what happens to an experiment, one line for each event, and a bar below on a terminal.

    What was before is told as well; the bar begins where it is by then.
    """
    status = await client.experiment(number)
    console = output_console()
    bar = None if json or not console.is_terminal else _Bar(console, status)
    with bar or nullcontext():
        async for event in client.events(experiment=number):
            if json:
                emit_json(event)
            else:
                console.print(_line(event), soft_wrap=True)
            if bar is not None:
                bar.tell(event)
            if event.kind in _ENDS:
                return EXIT_OK if event.kind == "finished" else EXIT_UNSOLVED
            if event.kind == "deleted":
                return EXIT_UNSOLVED
    return EXIT_OK


def _line(event: Event) -> Text:
    data = event.data
    verdict = "solved" if data.get("solved") else data.get("stop_reason")
    parts = [event.kind.replace("_", " ")]
    if "theorem" in data:
        parts.append(f"{data['theorem']} ({data['arm']}, seed {data['seed']})")
    parts += [str(said) for said in (verdict, data.get("reason")) if said]
    style = {"search_lost": "yellow", "search_finished": "green" if data.get("solved") else ""}.get(event.kind)
    return Text(": ".join(parts), STATE_STYLES.get(event.kind, "") if style is None else style)


class _Bar:
    """How many searches are done, and which are under way."""

    def __init__(self, console: Console, status: ExperimentStatus) -> None:
        self._progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=30),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=console,
            transient=True,
        )
        self._name = status.name
        self._task = self._progress.add_task(status.name, total=status.points)
        self._done: set[int] = set()
        self._running: dict[int, str] = {}

    def __enter__(self) -> None:
        self._progress.start()

    def __exit__(self, *error: object) -> None:
        self._progress.stop()

    def tell(self, event: Event) -> None:
        """Take an event into account."""
        number = int(event.data.get("search", -1))
        if event.kind == "search_started":
            self._running[number] = event.data["theorem"]
        elif event.kind in ("search_finished", "search_lost"):
            self._running.pop(number, None)
        elif event.kind == "recovered":
            self._running.clear()
        if event.kind == "search_finished":
            self._done.add(number)
        under_way = f": {', '.join(sorted(set(self._running.values())))}" if self._running else ""
        self._progress.update(self._task, completed=len(self._done), description=self._name + under_way)
