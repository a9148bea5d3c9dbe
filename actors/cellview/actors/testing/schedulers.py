"""Who is next: small schedulers behind one method."""

import random
from collections.abc import Sequence
from typing import Protocol

from cellview.actors.testing.errors import ReplayDiverged

CLOCK = "<clock>"  # the candidate that stands for "let the next timer fire"


class Scheduler(Protocol):
    """Chooses among what may happen next."""

    def choose(self, candidates: Sequence[str]) -> int:
        """The place of the choice in `candidates`, which is never empty.

        Candidates are paths of actors with a message to take, in the order in which they became ready; last of all
        may stand `CLOCK`, when a timer may fire early.
        """
        ...


class Fifo:
    """Whoever has been ready longest; timers only when nobody is. The plain order, and the base for interventions."""

    def choose(self, candidates: Sequence[str]) -> int:
        """The first."""
        return 0


class SeededRandom:
    """Each choice uniform, from a seed."""

    def __init__(self, seed: int) -> None:
        """Same seed, same choices."""
        self._rng = random.Random(seed)

    def choose(self, candidates: Sequence[str]) -> int:
        """Any."""
        return self._rng.randrange(len(candidates)) if len(candidates) > 1 else 0


class PCT:
    """Probabilistic concurrency testing: random priorities, and `depth - 1` moments at which the first falls last.

    Finds a defect that needs `depth` ordered events among n actors and k steps with probability at least
    1/(n·k^(depth-1)) per run, whatever else the program does.
    """

    def __init__(self, seed: int, *, depth: int = 3, steps: int = 100) -> None:
        """Draw priorities and change points; `steps` is about how many choices a run makes."""
        if depth < 1 or steps < 1:
            raise ValueError(f"depth is {depth} and steps is {steps}; both must be at least 1")
        self._rng = random.Random(seed)
        self._changes = {self._rng.randrange(steps): change for change in range(depth - 1)}
        self._priority: dict[str, float] = {}
        self._step = 0

    def choose(self, candidates: Sequence[str]) -> int:
        """The one of highest priority."""
        priority = self._priority
        for name in candidates:
            if name not in priority:
                priority[name] = 1.0 + self._rng.random()
        best = max(range(len(candidates)), key=lambda place: priority[candidates[place]])
        change = self._changes.get(self._step)
        self._step += 1
        if change is not None:
            priority[candidates[best]] = -float(change)
            best = max(range(len(candidates)), key=lambda place: priority[candidates[place]])
        return best


class Replay:
    """The choices of an earlier run, one after the other; then FIFO."""

    def __init__(self, choices: Sequence[str]) -> None:
        """Follow these names."""
        self._choices = choices
        self._step = 0

    def choose(self, candidates: Sequence[str]) -> int:
        """The recorded one.

        Raises:
            ReplayDiverged: it is not among the candidates.
        """
        step = self._step
        self._step += 1
        if step >= len(self._choices):
            return 0
        name = self._choices[step]
        if name not in candidates:
            raise ReplayDiverged(
                f"choice {step} of the recording is {name}, but only {', '.join(candidates)} could be next: "
                "the code or the test has changed since it was recorded"
            )
        return list(candidates).index(name)
