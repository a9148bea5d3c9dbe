"""Answers remembered across the arms of a theorem: what was tried once is not tried again.

Two arms of an experiment visit many of the same nodes and try the same tactics there: 44 to 46 % of all attempts were
repeats, measured on two arms. What a preview answers is a function of the statement, the path, the tactic and the
limits, so a later arm may take an earlier one's answer; only the checkpoint in the ids of the goals is the asker's own.
Within one search, and across theorems, next to nothing repeats.

The memory is plain data and belongs to whoever opens the provers: :class:`AnswerMemory` for as long as the statement,
the Lean, the transport and the limits stay the same.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from cellview.prover.base import Failure, Goal, Preview, Prover, Releasing, Verification

__all__ = ["AnswerMemory", "RememberingProver"]

Path = tuple[tuple[str, int], ...]
"""The tactics from the root to a goal, each with the number of the goal that was taken after it."""


class AnswerMemory:
    """What provers have answered about one statement. Failures of the infrastructure are not kept.

    `most` bounds it: when it is full, nothing more is kept, and what is asked for is asked of the prover.
    """

    def __init__(self, *, most: int = 200_000) -> None:
        self.answers: dict[tuple[Path, str], Preview | Failure] = {}
        self.statement: str | None = None
        self.hits = 0
        self.misses = 0
        self._most = most

    def begin(self, statement: str) -> None:
        """Keep what is known if `statement` is still the same one, and forget it otherwise."""
        if statement != self.statement:
            self.answers.clear()
            self.statement = statement

    def keep(self, path: Path, tactic: str, answer: Preview | Failure) -> None:
        """Remember an answer, if it is one about the tactic and there is room."""
        if len(self.answers) < self._most and not (isinstance(answer, Failure) and answer.reason in _NO_ANSWER):
            self.answers[path, tactic] = answer


class RememberingProver:
    """A `Prover` that asks another one only for what `memory` does not hold.

    The other prover learns of a remembered preview when it is committed, as of any other.
    """

    def __init__(self, prover: Prover, memory: AnswerMemory) -> None:
        self._prover = prover
        self._memory = memory
        self._paths: dict[str, Path] = {}

    async def start(self, statement: str) -> Goal:
        """Begin with `statement`; see :class:`Prover`."""
        goal = await self._prover.start(statement)
        self._memory.begin(statement)
        self._paths = {goal.mvar_id: ()}
        return goal

    async def preview(self, goal_id: str, tactic: str, *, checkpoint: int) -> Preview | Failure:
        """Answer from memory, under the asker's own ids, or ask."""
        path = self._paths.get(goal_id)
        if path is None:
            return await self._prover.preview(goal_id, tactic, checkpoint=checkpoint)
        known = self._memory.answers.get((path, tactic))
        if known is None:
            self._memory.misses += 1
            known = await self._prover.preview(goal_id, tactic, checkpoint=checkpoint)
            self._memory.keep(path, tactic, known)
            return known
        self._memory.hits += 1
        if isinstance(known, Failure):
            return known
        return Preview(goal_id, tactic, tuple(_renumbered(child, checkpoint) for child in known.children))

    async def commit(self, preview: Preview) -> None:
        """Register the preview's children here and with the prover."""
        await self._prover.commit(preview)
        path = self._paths.get(preview.goal_id)
        if path is not None:
            for index, child in enumerate(preview.children):
                self._paths.setdefault(child.mvar_id, (*path, (preview.tactic, index)))

    async def release(self, goal_ids: Sequence[str]) -> None:
        """Pass on which goals are idle, if the prover wants to know."""
        if isinstance(self._prover, Releasing):
            await self._prover.release(goal_ids)

    async def verify(self, statement: str, script: str) -> Verification:
        """Check a whole proof; never from memory."""
        return await self._prover.verify(statement, script)

    async def aclose(self) -> None:
        """Close the prover; the memory is its owner's."""
        await self._prover.aclose()


_NO_ANSWER = ("adapter", "no_goal")


def _renumbered(goal: Goal, checkpoint: int) -> Goal:
    """Return the goal under the ids of another attempt: ``cp<checkpoint>:<mvar>``."""
    return msgspec.structs.replace(goal, mvar_id=f"cp{checkpoint}:{goal.mvar_id.partition(':')[2]}")
