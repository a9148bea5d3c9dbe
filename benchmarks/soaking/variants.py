"""What is submitted: a few experiments, each also run by ``cellview run``, which every copy of it must agree with."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Any

import msgspec

from cellview.core import SearchConfig
from cellview.daemon import Submission
from cellview.experiment import LeanSpec, SyntheticSpec
from cellview.trace import RunFolder, digest_file

__all__ = ["Variant", "contents", "variants"]

_LEAN_CORPUS = """
[[theorem]]
id = 'and_swap'
statement = '(p q : Prop) : p ∧ q → q ∧ p'
[[theorem]]
id = 'or_swap'
statement = '(p q : Prop) : p ∨ q → q ∨ p'
[[theorem]]
id = 'compose'
statement = '(p q r : Prop) : (p → q) → (q → r) → p → r'
[[theorem]]
id = 'no_theorem'
statement = '(p q : Prop) : p ∨ q → p ∧ q'
"""


class Variant(msgspec.Struct, frozen=True):
    """One experiment: as a submission, and as the words that ``cellview run`` is given after the corpus."""

    name: str
    corpus: str
    words: tuple[str, ...]
    submission: Submission

    async def reference(self, folder: Path) -> dict[str, object]:
        """Return what ``cellview run`` makes of it, in a process of its own, in `folder`."""
        corpus = f"{self.name}.toml"
        await asyncio.to_thread((folder / corpus).write_text, self.corpus, encoding="utf-8")
        command = (
            sys.executable,
            "-m",
            "cellview",
            "run",
            corpus,
            *self.words,
            "--trace-mcts",
            "--jobs",
            "1",
            "--quiet",
        )
        process = await asyncio.create_subprocess_exec(*command, "--out", self.name, cwd=folder, stdout=-3, stderr=-1)
        _, errors = await process.communicate()
        if process.returncode not in (0, 1):
            raise RuntimeError(f"cellview run: status {process.returncode}\n{errors.decode()}")
        return contents(folder / self.name)


def contents(folder: Path) -> dict[str, object]:
    """Return what must be equal: ``run.json`` without times, hosts and drivers, the digest of every trace, all else."""
    found: dict[str, object] = {"run.json": RunFolder.read(folder).metadata.repeatable()}
    for path in sorted(folder.glob("*/*")):
        name = str(path.relative_to(folder))
        found[name] = digest_file(path) if name.endswith(".jsonl") else path.read_bytes()
    return found


def variants(*, lean: bool, budgets: tuple[int, ...], theorems: int) -> list[Variant]:
    """Return the experiments: one for each budget and window, and with Lean one for each seed."""
    corpus = "".join(f"[[theorem]]\nid = 't{number}'\nstatement = ': T{number}'\n" for number in range(theorems))
    kinds = [(budget, window) for budget in budgets for window in (1, 4)]
    made = [
        _variant(f"synthetic-{budget}-{window}", corpus, SyntheticSpec(), budget, window, (0, 1))
        for budget, window in kinds
    ]
    if lean:
        made += [_variant(f"lean-{seed}", _LEAN_CORPUS, LeanSpec(), 60, 4, (seed,)) for seed in (0, 1)]
    return made


def _variant(
    name: str, corpus: str, prover: LeanSpec | SyntheticSpec, budget: int, window: int, seeds: tuple[int, ...]
) -> Variant:
    arms = ("wild_type", "random_nonpath_control")
    search: dict[str, Any] = {"mode": "distributed", "agents": 2, "inflight": window, "budget": (budget,)}
    words = (
        "--prover", "lean" if isinstance(prover, LeanSpec) else "synthetic", "--mcts-mode", "distributed",
        "--mcts-agents", "2", "--mcts-inflight", str(window), "--budget", str(budget),
        "--interventions", ",".join(arms), "--seeds", ",".join(map(str, seeds)),
    )  # fmt: skip
    submission = Submission(
        search=SearchConfig(**search),
        corpus_text=corpus,
        corpus_name=f"{name}.toml",
        name=name,
        arms=arms,
        seeds=seeds,
        prover=prover,
    )
    return Variant(name, corpus, words, submission)
