"""The daemon's table and its bar, on a terminal and off it."""

from __future__ import annotations

import io
from collections.abc import AsyncGenerator
from typing import Any

import pytest
from rich.console import Console

from cellview.app import daemon_list, daemon_watch
from cellview.app.daemon_list import print_experiments
from cellview.daemon import Event, ExperimentStatus


def status(**changes: Any) -> ExperimentStatus:
    values: dict[str, Any] = {
        "id": 1, "name": "a[b]c", "state": "running", "priority": 3, "submitted_at": 0.0, "changed_at": 0.0,
        "digest": "d", "folder": "f", "reason": None, "points": 10, "done": 4, "running": 1, "solved": 2,
        "set_aside": 0,
    }  # fmt: skip
    return ExperimentStatus(**(values | changes))


class Fake:
    """A client whose experiment has had these events."""

    def __init__(self, *events: tuple[str, dict[str, Any]]) -> None:
        self._events = events

    async def experiment(self, number: int) -> ExperimentStatus:
        return status(id=number)

    async def events(self, *, experiment: int) -> AsyncGenerator[Event]:
        for number, (kind, data) in enumerate(self._events):
            yield Event(number=number, at=0.0, experiment=experiment, kind=kind, data=data)


def console(monkeypatch: pytest.MonkeyPatch, *, terminal: bool) -> io.StringIO:
    out = io.StringIO()
    made = Console(file=out, force_terminal=terminal, width=120, color_system="standard" if terminal else None)
    for module in (daemon_list, daemon_watch):
        monkeypatch.setattr(module, "output_console", lambda: made)
    return out


@pytest.mark.parametrize("terminal", [True, False])
def test_the_table_says_what_is_known_and_draws_bars_for_people(
    monkeypatch: pytest.MonkeyPatch, terminal: bool
) -> None:
    out = console(monkeypatch, terminal=terminal)
    print_experiments([status(), status(id=2, state="failed", reason="No [Lean].", pinned=True, set_aside=1)])
    text = out.getvalue()
    assert "a[b]c" in text and "4/10" in text and "1 set aside; pinned; No [Lean]." in text
    assert ("━" in text) is terminal and ("\x1b[" in text) is terminal


@pytest.mark.parametrize("terminal", [True, False])
@pytest.mark.parametrize(("end", "expected"), [("finished", 0), ("failed", 1), ("cancelled", 1), ("deleted", 1)])
async def test_watching_ends_with_the_experiment(
    monkeypatch: pytest.MonkeyPatch, terminal: bool, end: str, expected: int
) -> None:
    out = console(monkeypatch, terminal=terminal)
    search = {"search": 0, "theorem": "t[1]", "arm": "wild_type", "seed": 0}
    client: Any = Fake(
        ("search_started", search),
        ("search_lost", search | {"reason": "The worker was ended."}),
        ("search_finished", search | {"solved": True, "stop_reason": "solved"}),
        (end, {}),
        ("submitted", {}),
    )
    assert await daemon_watch.follow(client, 1, json=False) == expected
    text = out.getvalue()
    assert "search finished: t[1] (wild_type, seed 0): solved" in text and "The worker was ended." in text
    assert end in text and "submitted" not in text
