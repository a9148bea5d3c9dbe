"""A pytest plugin for controlled runs: the fixture `controlled`, replay files that stay, and a way to repeat one.

It is loaded by those who ask for it: `pytest_plugins = ["cellview.actors.testing.plugin"]` in the top `conftest.py`, or
`pytest -p cellview.actors.testing.plugin`. An entry point was rejected: pytest would then import the kernel in every
test run of everybody who has this package installed.
"""

from collections.abc import Awaitable, Callable, Collection, Sequence
from pathlib import Path
from typing import TypedDict, TypeVar, Unpack, cast

import pytest

from cellview.actors.testing.interventions import Intervention
from cellview.actors.testing.record import Run
from cellview.actors.testing.run import Deadlines, Early, Outside, replay, run_controlled
from cellview.actors.testing.schedulers import PCT, Fifo, Scheduler, SeededRandom

T = TypeVar("T")


class Options(TypedDict, total=False):
    """Options of `run_controlled` that a test may give; name and folder come from pytest."""

    interventions: Sequence[Intervention]
    early: Early
    deadlines: Deadlines
    max_deliveries: int
    allow: Collection[Outside]


class Controlled:
    """What the fixture `controlled` gives: `run_controlled`, told the test's name and where replay files stay."""

    def __init__(self, name: str, replay_dir: Path, file: Path | None, runs: int) -> None:
        """Made by the fixture."""
        self._name = name
        self._replay_dir = replay_dir
        self._file = file
        self._runs = runs

    def __call__(
        self, main: Callable[[], Awaitable[T]], *, scheduler: Scheduler | None = None, **options: Unpack[Options]
    ) -> Run[T]:
        """Run `main` once, in the plain order unless a scheduler is given; with `--controlled-replay`, as recorded.

        Raises:
            Exception: as `run_controlled` or `replay`.
        """
        if self._file is not None:
            return replay(main, self._file, allow=options.get("allow", ()))
        return run_controlled(main, scheduler=scheduler, name=self._name, replay_dir=self._replay_dir, **options)

    def orders(
        self, main: Callable[[], Awaitable[T]], *, runs: int | None = None, **options: Unpack[Options]
    ) -> list[Run[T]]:
        """Run `main` in the plain order, then in `runs` others, half of them uniform and half of them PCT.

        Args:
            main: An async function without arguments; it builds the system and asserts what must hold.
            runs: How many orders beside the plain one; `--controlled-runs` if not given.
            options: As for a single run.

        Raises:
            Exception: Of the first order that fails, with a note that says which it was.
        """
        if self._file is not None:
            return [self(main, **options)]
        done: list[Run[T]] = [self(main, scheduler=Fifo(), **options)]
        steps = max(1, len(done[0].choices))
        for number in range(self._runs if runs is None else runs):
            scheduler = SeededRandom(number) if number % 2 == 0 else PCT(number, steps=steps)
            try:
                done.append(self(main, scheduler=scheduler, **options))
            except Exception as error:
                error.add_note(f"  order {number}: {type(scheduler).__name__}({number})")
                raise
        return done


def pytest_addoption(parser: pytest.Parser) -> None:
    """The plugin's options."""
    group = parser.getgroup("controlled runs of actors")
    group.addoption("--controlled-runs", type=int, default=20, metavar="N", help="orders that controlled.orders tries")
    group.addoption("--controlled-replay", type=Path, metavar="FILE", help="repeat the run of this replay file")


@pytest.fixture
def controlled(request: pytest.FixtureRequest) -> Controlled:
    """Run async functions under control; replay files of failures stay in pytest's cache."""
    cache: pytest.Cache | None = getattr(request.config, "cache", None)  # missing under -p no:cacheprovider
    folder: Path = request.getfixturevalue("tmp_path") if cache is None else cache.mkdir("controlled-replays")
    return Controlled(
        request.node.nodeid,
        folder,
        request.config.getoption("--controlled-replay"),
        cast("int", request.config.getoption("--controlled-runs")),
    )
