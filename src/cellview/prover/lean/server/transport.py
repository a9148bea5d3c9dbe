"""The tactic server as a transport of `LeanProver`: which states to keep, and how to get one back."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from typing import TypeAlias

import msgspec

from cellview.prover.base import Goal
from cellview.prover.lean.documents import in_parentheses
from cellview.prover.lean.limits import Limits, Statistics
from cellview.prover.lean.places import Place, members
from cellview.prover.lean.server.compiled import start_server
from cellview.prover.lean.server.goals import Group, Texts, groups_of, read_group, texts_of
from cellview.prover.lean.server.process import Answer, RawGoal, ServerProcess
from cellview.prover.lean.server.texts import PartKey, TextMemory, texts_of_parts
from cellview.prover.lean.toolchain import Toolchain
from cellview.prover.lean.transport import OUT_OF_HEARTBEATS, Elaborated, Lost, TransportName, require_memory

__all__ = ["TacticServer"]

_STATES = 2048
"""States kept in the server, some 17 KB each. The one that was used longest ago makes room for the next; it can be made
again from its path, at a millisecond or less a tactic."""
_RELEASED_AT_ONCE = 64
"""Numbers of released states are used again at once; their memory is given back in one request for so many."""
_INSTANCE_HEARTBEATS = 20_000
"""Lean's ``synthInstance.maxHeartbeats``, a limit within a tactic. No other counts less than the tactic's own."""
_LITTLE_HEARTBEATS = 20_000
"""Allocations of a tactic that cannot have taken much memory."""
_OPTIONS = ("set_option autoImplicit false", "set_option linter.all false")
_NOISE = "(invalid MessageData.lazy, missing context)"

_Step: TypeAlias = tuple[Place, str] | None
"""What a state is a function of: a place and the tactic that was run there; None for the state of the root."""


class _State(msgspec.Struct, frozen=True):
    """A state in the server: its number there, and the ids of its goals."""

    number: int
    ids: tuple[str, ...]


class TacticServer:
    """A transport over the tactic server inside the embedded Lean."""

    name: TransportName = "server"

    def __init__(
        self,
        toolchain: Toolchain,
        limits: Limits,
        statistics: Statistics,
        *,
        explain: bool = True,
        states: int = _STATES,
    ) -> None:
        self._toolchain = toolchain
        self._limits = limits
        # Otherwise a message matters only if it may be Lean's word for a limit, and no limit ends earlier.
        self._explain_from = 0 if explain else 1000 * min(limits.heartbeats, _INSTANCE_HEARTBEATS)
        self._statistics = statistics
        self._process: ServerProcess | None = None
        self._statement = ""
        self._states = _States(states)
        self._texts = TextMemory()

    @property
    def pid(self) -> int | None:
        """The number of the server's process, if there is one."""
        return self._process.pid if self._process is not None else None

    async def root(self, statement: str) -> Elaborated:
        """Begin with `statement`, and forget the one before.

        Raises:
            Lost: The server broke down.
        """
        process = await self._running()
        self._statement = statement
        return await self._begin(process)

    async def attempt(self, place: Place, tactic: str, *, checkpoint: int) -> Elaborated:
        """Run `tactic` on the state of `place`, which is made again if the server does not have it.

        Raises:
            Lost: The server broke down.
        """
        process = await self._running()
        if not self._states.is_open:
            again = await self._begin(process)
            if again.error:
                raise Lost(f"the statement was accepted before, and now: {again.error}")
        answer = await self._run(process, place, await self._state_at(process, place), tactic)
        if answer.goals is None:
            return Elaborated(error=_worst(answer.errors), heartbeats=answer.heartbeats)
        alone = _is_quoted(self._statement) or _is_quoted(tactic) or any(_is_quoted(p.tactic) for p in place.path())
        goals = await self._read(process, (place, tactic), answer.goals, checkpoint, alone=alone)
        return Elaborated(goals=goals, heartbeats=answer.heartbeats)

    def release(self, place: Place) -> None:
        """Let go of the states that tactics at `place` have led to. Lean is told so with the next of them."""
        self._states.release(place)

    def limit_text(self, place: Place) -> str:
        """Say which heartbeat limit holds: the same everywhere."""
        return str(self._limits.heartbeats)

    async def kill(self) -> None:
        """End the process, if there is one."""
        process, self._process = self._process, None
        self._states.clear()
        if process is not None:
            await process.kill()

    async def _running(self) -> ServerProcess:
        if self._process is None:
            self._statistics.restarts += bool(self._statistics.starts)
            self._statistics.starts += 1
            self._process = await start_server(self._toolchain, memory_bytes=self._limits.memory_bytes)
            for option in (f"set_option maxHeartbeats {self._limits.heartbeats}", *_OPTIONS):
                said = await self._process.ask({"run": option})
                if said.ended != "":
                    raise Lost(f"the tactic server refuses {option!r}: {said.ended}")
        return self._process

    async def _begin(self, process: ServerProcess) -> Elaborated:
        """Have the server elaborate the statement and wait for tactics."""
        if self._states.is_open:
            await process.ask({"stop": True})
            self._states.clear()
        self._statistics.edits += 1
        answer = await process.ask({"prove": _theorem(self._statement)})
        if answer.goals is None:
            require_memory(answer.ended or "")
            return Elaborated(error=answer.ended or "it leaves nothing to prove.")
        self._states.open(_State(0, tuple(goal.id for goal in answer.goals)))
        alone = _is_quoted(self._statement)
        return Elaborated(goals=await self._read(process, None, answer.goals, 0, alone=alone))

    async def _state_at(self, process: ServerProcess, place: Place) -> _State:
        """Return the state in which the goal at `place` stands, running the tactics on its path again if need be."""
        missing: list[Place] = []
        here = place
        while (state := self._states.get(_step_of(here))) is None:
            missing.append(here)
            assert here.parent is not None, "the state of the root is always there"
            here = here.parent
        for step in reversed(missing):
            assert step.parent is not None
            self._statistics.replayed += 1
            answer = await self._run(process, step.parent, state, step.tactic)
            made = self._states.get((step.parent, step.tactic))
            if made is None:
                raise Lost(f"{step.tactic!r} worked before, and now: {_worst(answer.errors)}")
            state = made
        return state

    async def _run(self, process: ServerProcess, place: Place, state: _State, tactic: str) -> Answer:
        """Run a tactic on the goal at `place` of `state`; a new state is kept if it has goals."""
        self._statistics.edits += 1
        if len(released := self._states.released) >= _RELEASED_AT_ONCE:
            await process.ask({"free": sorted(released)})
            released.clear()
        try:
            goals = [state.ids.index(member) for member in members(place.goal)]
        except ValueError:
            raise Lost("a state has other goals than it had before") from None
        number = self._states.reserve(state)
        text = "\n".join(in_parentheses(tactic))
        request = {"try": text, "state": state.number, "goals": goals, "into": number, "explain": self._explain_from}
        answer = await process.ask(request)
        if self._hides_memory(process, answer):
            answer = await process.ask({**request, "explain": 0})
        for error in answer.errors:
            require_memory(error)
        if not {goal.id for goal in answer.goals or ()}.issuperset(answer.waits):
            # The language server says so too: with all goals closed, the declaration would still have metavariables.
            error = "the tactic leaves a metavariable that no goal stands for"
            answer = Answer(errors=(error,), heartbeats=answer.heartbeats)
        if answer.goals:
            self._states.keep((place, tactic), _State(number, tuple(goal.id for goal in answer.goals)))
        else:
            self._states.give_back(number)
        if answer.goals is None and not answer.errors:
            raise Lost("Lean sent an answer to something else")
        return answer

    def _hides_memory(self, process: ServerProcess, answer: Answer) -> bool:
        """Whether a failure without its message may be the memory's and not the tactic's."""
        return (
            answer.goals is None
            and _LITTLE_HEARTBEATS <= answer.heartbeats < self._explain_from
            and 2 * process.peak_bytes() > self._limits.memory_bytes
        )

    async def _read(
        self, process: ServerProcess, step: _Step, goals: Sequence[RawGoal], checkpoint: int, *, alone: bool
    ) -> tuple[Goal, ...]:
        """Make goals of data, and ask for the texts that are not known yet."""
        groups = groups_of(goals)
        if not groups:
            return ()
        state = self._states.get(step)
        assert state is not None, "a state with goals was kept a moment ago"
        texts = [await self._texts_of(process, state, group, alone=alone) for group in groups]
        return tuple(
            read_group(group, text, checkpoint=checkpoint, alone=alone)
            for group, text in zip(groups, texts, strict=True)
        )

    async def _texts_of(self, process: ServerProcess, state: _State, group: Group, *, alone: bool) -> Texts:
        """Return what people read of a group, asking only for what is not known."""
        parts = None if alone else self._texts.parts(group)
        if parts is None:
            self._statistics.goal_queries += 1
            shown = (await process.ask({"show": group.indices, "state": state.number})).shown
            if shown is None or len(shown) != len(group.indices):
                raise Lost("Lean does not show the goals that it has")
            return texts_of(shown)
        known = [self._texts.get(part) for part in parts]
        wanted = [number for number, text in enumerate(known) if text is None]
        if wanted:
            self._statistics.goal_queries += 1
            await self._print(process, state, group.indices[0], parts, known, wanted)
        return texts_of_parts(group, [text for text in known if text is not None])

    async def _print(
        self,
        process: ServerProcess,
        state: _State,
        goal: int,
        parts: Sequence[PartKey | None],
        known: list[str | None],
        wanted: Sequence[int],
    ) -> None:
        """Have the `wanted` parts of a goal printed, and put their texts where they belong."""
        printed = (await process.ask({"print": wanted, "goal": goal, "state": state.number})).printed
        if printed is None or len(printed) != len(wanted):
            raise Lost("Lean does not print what it has")
        for number, text in zip(wanted, printed, strict=True):
            self._texts.remember(parts[number], text)
            known[number] = text


class _States:
    """Which states the server has, and under which number. The root's is number 0 and stays."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._root: _State | None = None
        self._kept: OrderedDict[tuple[Place, str], _State] = OrderedDict()
        self._tactics: dict[Place, list[str]] = {}
        """Tactics that led from a place to a state; some of these may have made room since."""
        self.released: set[int] = set()
        """Numbers of states that nobody needs, and that the server still has."""
        self._free: list[int] = []
        self._next = 1

    @property
    def is_open(self) -> bool:
        """Whether the server works on a statement."""
        return self._root is not None

    def open(self, root: _State) -> None:
        """Begin with the state of a statement's root."""
        self._root = root

    def clear(self) -> None:
        """Forget everything: the statement is over, or the process is."""
        self._root = None
        self._kept.clear()
        self._tactics.clear()
        self.released.clear()
        self._free.clear()
        self._next = 1

    def get(self, step: _Step) -> _State | None:
        """Return the state after a step, if the server has it."""
        if step is None:
            return self._root
        state = self._kept.get(step)
        if state is not None:
            self._kept.move_to_end(step)
        return state

    def reserve(self, in_use: _State) -> int:
        """Return a number for a new state: a free one, or that of the state that was used longest ago."""
        if self._free:
            number = self._free.pop()
            self.released.discard(number)
            return number
        if self._next <= self._most:
            self._next += 1
            return self._next - 1
        oldest = next(step for step, state in self._kept.items() if state is not in_use)
        return self._kept.pop(oldest).number

    def give_back(self, number: int) -> None:
        """Take back a number that was not used."""
        self._free.append(number)

    def keep(self, step: tuple[Place, str], state: _State) -> None:
        """Record that the server has the state after `step`."""
        before = self._kept.pop(step, None)
        if before is not None:
            self._free.append(before.number)
        else:
            self._tactics.setdefault(step[0], []).append(step[1])
        self._kept[step] = state

    def release(self, place: Place) -> None:
        """Give up the states that tactics at `place` have led to."""
        for tactic in self._tactics.pop(place, ()):
            state = self._kept.pop((place, tactic), None)
            if state is not None:
                self._free.append(state.number)
                self.released.add(state.number)


def _step_of(place: Place) -> _Step:
    return None if place.parent is None else (place.parent, place.tactic)


def _theorem(statement: str) -> str:
    statement = statement.strip()
    space = "" if statement.startswith(".{") else " "  # universe names belong to the theorem's own
    # The proof begins on a line of its own: the statement may end in a comment.
    return f"theorem cellview_goal{space}{statement}\n  := by cellview_server\n"


def _is_quoted(text: str) -> bool:
    """Whether a text may bring names or strings into terms that a raw term does not set apart from its own marks."""
    return "«" in text or '"' in text


def _worst(errors: Sequence[str]) -> str:
    """Return the error that decides what a failure is called."""
    worst = next((error for error in errors if OUT_OF_HEARTBEATS in error), errors[0] if errors else "no reason given")
    return worst.removesuffix(_NOISE)
