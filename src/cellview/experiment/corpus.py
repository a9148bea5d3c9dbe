"""Corpora: TOML files of statements to prove, checked whole before a run begins.

A corpus is a list of ``[[theorem]]`` tables::

    [[theorem]]
    id = 'and_swap'                                # names the theorem's folder in the run: letters, digits, _ - .
    statement = '(p q : Prop) : p ∧ q → q ∧ p'     # what stands between a theorem's name and `:=`
    tags = ['propositional', 'easy']               # optional: for choosing theorems
    provable = true                                # optional: false marks a non-theorem, which must end unsolved
    gloss = 'A conjunction may be turned round.'   # optional: what it says, in plain words
    imports = ['Mathlib.Logic.Basic']              # optional: modules of the user's own Lean project

Everything is refused that would only fail later, or quietly mean something else: unknown fields, ids that are equal but
for their case (they become folders), statements that go on into further Lean commands.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any, cast

import msgspec

from cellview.experiment.errors import CorpusError
from cellview.prover.lean.soundness import statement_problem

__all__ = ["Corpus", "CorpusTheorem", "load_corpus", "parse_corpus"]


class CorpusTheorem(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One statement of a corpus. `provable` is the corpus author's mark, if there is one; no search reads it.

    `gloss` says in plain words what the theorem says; no search reads that either.
    """

    id: str
    statement: str
    tags: tuple[str, ...] = ()
    provable: bool | None = None
    imports: tuple[str, ...] = ()
    gloss: str = ""


class Corpus(msgspec.Struct, frozen=True, kw_only=True):
    """The theorems of one file, in the file's order, and `source`, the name that errors call it by."""

    source: str
    theorems: tuple[CorpusTheorem, ...]


def load_corpus(path: str | Path) -> Corpus:
    """Read and check the corpus in the file `path`.

    Raises:
        CorpusError: The file cannot be read, or :func:`parse_corpus` refuses it.
    """
    try:
        text = Path(path).read_text(encoding="utf-8")
    except OSError as error:
        raise CorpusError(f"{path}: cannot be read ({error.strerror}); give the path of a corpus in TOML.") from error
    except UnicodeDecodeError as error:
        raise CorpusError(f"{path}: byte {error.start} is not UTF-8; save the corpus as UTF-8.") from error
    return parse_corpus(text, source=str(path))


def parse_corpus(text: str, *, source: str = "corpus") -> Corpus:
    """Check a corpus given as TOML text; `source` is what errors call it.

    Raises:
        CorpusError: It is not TOML, holds no theorem, or a theorem has a missing, unknown or invalid field.
    """
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise CorpusError(f"{source}: not valid TOML: {error}; mend the file there.") from error
    unknown = sorted(set(tables) - {"theorem"})
    if unknown:
        raise CorpusError(f"{source}: unknown entry {unknown[0]!r}; a corpus holds only [[theorem]] tables.")
    entries: Any = tables.get("theorem", [])
    if not isinstance(entries, list):
        raise CorpusError(f"{source}: [theorem] is a single table; write [[theorem]], with two brackets, for each one.")
    items = cast("list[object]", entries)
    if not items:
        raise CorpusError(f"{source}: holds no theorem; add at least one [[theorem]] table.")
    theorems = tuple(_theorem(source, number, entry) for number, entry in enumerate(items, start=1))
    _require_distinct_ids(source, theorems)
    return Corpus(source=source, theorems=theorems)


def _theorem(source: str, number: int, entry: object) -> CorpusTheorem:
    name: object = cast("dict[str, object]", entry).get("id") if isinstance(entry, dict) else None
    where = f"{source}: theorem {number}" + (f" ({name})" if isinstance(name, str) else "")
    try:
        theorem = msgspec.convert(entry, CorpusTheorem, strict=True)
    except msgspec.ValidationError as error:
        fields = "id, statement and, if wanted, gloss (strings), tags, imports (lists of strings), provable (boolean)"
        raise CorpusError(f"{where}: {error}; a theorem has {fields}.") from error
    problem = _id_problem(theorem.id) or _imports_problem(theorem.imports) or statement_problem(theorem.statement)
    if problem:
        raise CorpusError(f"{where}: {problem}")
    return theorem


def _require_distinct_ids(source: str, theorems: tuple[CorpusTheorem, ...]) -> None:
    seen: dict[str, int] = {}
    for number, theorem in enumerate(theorems, start=1):
        # Some file systems do not tell `A` from `a`, and ids name folders.
        first = seen.setdefault(theorem.id.casefold(), number)
        if first != number:
            raise CorpusError(
                f"{source}: theorems {first} and {number} share the id {theorem.id!r} (upper and lower case count as"
                " equal); rename one of them."
            )


_ID = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,98}[A-Za-z0-9_-])?")
_MODULE = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)*")


def _id_problem(name: str) -> str | None:
    if _ID.fullmatch(name):
        return None
    return f"the id {name!r} cannot name a folder; use at most 100 letters, digits, '_', '-' and inner '.'."


def _imports_problem(imports: tuple[str, ...]) -> str | None:
    for module in imports:
        if not _MODULE.fullmatch(module):
            return f"the import {module!r} is not a module name; write it like 'Mathlib.Logic.Basic'."
    return None
