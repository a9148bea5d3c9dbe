"""What can be wrong with a corpus that reads well: statements that Lean refuses, theorems that stand there twice."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack

import msgspec

from cellview.experiment.corpus import Corpus, CorpusTheorem
from cellview.prover import Goal, Prover
from cellview.prover.errors import StatementError

__all__ = ["Checked", "OpenProver", "check_corpus"]

OpenProver = Callable[[tuple[str, ...]], AbstractAsyncContextManager[Prover]]
"""Opens a prover for theorems that need these imports."""


class Checked(msgspec.Struct, frozen=True, kw_only=True):
    """What the check says of one theorem.

    Args:
        id: Its name.
        refused: Lean's words, when it does not accept the statement.
        same_as: An earlier theorem that says the same, up to white space, the names of variables and how Lean prints.
    """

    id: str
    refused: str | None = None
    same_as: str | None = None

    @property
    def fine(self) -> bool:
        """Whether there is nothing to say."""
        return self.refused is None and self.same_as is None


async def check_corpus(corpus: Corpus, open_prover: OpenProver, found: Callable[[Checked], None]) -> list[Checked]:
    """Have every statement read by Lean, and compare what it makes of them; `found` hears of each at once.

    Raises:
        ProverError: Lean cannot be started.
    """
    by_id: dict[str, Checked] = {}
    first: dict[str, str] = {}
    for imports, theorems in _by_imports(corpus.theorems):
        async with AsyncExitStack() as stack:
            prover = await stack.enter_async_context(open_prover(imports))
            for theorem in theorems:
                try:
                    meaning = _normal_form(await prover.start(theorem.statement))
                    earlier = first.setdefault(meaning, theorem.id)
                    checked = Checked(id=theorem.id, same_as=None if earlier == theorem.id else earlier)
                except StatementError as error:
                    checked = Checked(id=theorem.id, refused=" ".join(str(error).split()))
                found(checked)
                by_id[theorem.id] = checked
    return [by_id[theorem.id] for theorem in corpus.theorems]


def _by_imports(theorems: Sequence[CorpusTheorem]) -> Iterator[tuple[tuple[str, ...], list[CorpusTheorem]]]:
    """Group the theorems by their imports, in the order in which these first occur: each needs a Lean of its own."""
    groups: dict[tuple[str, ...], list[CorpusTheorem]] = {}
    for theorem in theorems:
        groups.setdefault(theorem.imports, []).append(theorem)
    yield from groups.items()


def _normal_form(goal: Goal) -> str:
    """Return hypotheses and target with the hypotheses numbered instead of named."""
    numbers = {hypothesis.name: f"?{number}" for number, hypothesis in enumerate(goal.hypotheses)}

    def numbered(text: str) -> str:
        return re.sub(r"[^\W\d][\w'.]*", lambda match: numbers.get(match.group(), match.group()), text)

    types = [numbered(hypothesis.type) for hypothesis in goal.hypotheses]
    return " ".join(f"{' , '.join(types)} ⊢ {numbered(goal.goal_type)}".split())
