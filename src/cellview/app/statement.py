"""What the user gives ``prove``: a theorem typed, in a file, or on standard input."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import msgspec

from cellview.app.errors import InputFileError, OptionError

__all__ = ["NamedStatement", "parse_theorem", "read_theorem"]

DEFAULT_NAME = "goal"
_HEAD = re.compile(r"(?<![\w.'!?])(?:theorem|lemma|example)(?![\w.'!?])")
_NAME = re.compile(r"\s*([^\s(){}\[\]⦃⦄:]+)")
_PAIRS = {"(": ")", "[": "]", "{": "}", "⦃": "⦄", "⟨": "⟩"}


class NamedStatement(msgspec.Struct, frozen=True):
    """A theorem's name, and what stands between it and ``:=``; `imports` are the modules that its file imports."""

    name: str
    statement: str
    imports: tuple[str, ...] = ()


def read_theorem(argument: str) -> NamedStatement:
    """Read the theorem that `argument` is, names (a file), or announces (``-``: standard input).

    Raises:
        InputFileError: A file was named that cannot be read.
        OptionError: There is no theorem in it, or more than one.
    """
    if argument == "-":
        return parse_theorem(sys.stdin.read(), where="standard input")
    if argument.endswith(".lean") or (_short(argument) and Path(argument).is_file()):
        try:
            return parse_theorem(Path(argument).read_text(encoding="utf-8"), where=argument)
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
            raise InputFileError(f"{argument} cannot be read: {reason}.") from error
    return parse_theorem(argument, where="the statement")


def _short(argument: str) -> bool:
    """Say whether this could be a path at all: a long or many-line text makes the system call fail."""
    return "\n" not in argument and len(argument.encode()) < 256


def parse_theorem(text: str, *, where: str) -> NamedStatement:
    """Take a theorem apart: ``theorem NAME STATEMENT``, with or without a proof after ``:=``, or a bare statement
    or proposition.

    A proof that stands there is left out: it is what the search is to find.

    Raises:
        OptionError: `text` holds no theorem, or more than one.

    >>> parse_theorem("theorem t (p : Prop) : p → p := by sorry", where="the statement")
    NamedStatement(name='t', statement='(p : Prop) : p → p', imports=())
    """
    bare = _without_comments(text)
    heads = list(_HEAD.finditer(bare))
    if len(heads) > 1:
        raise OptionError(f"There are {len(heads)} theorems in {where}: prove takes one, run takes a corpus of them.")
    imports = tuple(re.findall(r"^\s*import\s+(\S+)", bare[: heads[0].start()] if heads else "", flags=re.MULTILINE))
    body, name = bare, DEFAULT_NAME
    if heads:
        body = bare[heads[0].end() :]
        named = _NAME.match(body)
        if named and not heads[0].group().startswith("example"):
            name, body = named.group(1), body[named.end() :]
    statement = " ".join(_before_proof(body).split())
    if not statement:
        raise OptionError(f"There is no theorem in {where}: write 'theorem t (p q : Prop) : p ∧ q → q ∧ p'.")
    if not heads and statement[0] not in "([{⦃:.":
        statement = f": {statement}"  # a proposition alone, without anything before it
    return NamedStatement(name, statement, imports)


def _before_proof(text: str) -> str:
    """Return what stands before the first ``:=`` outside brackets (inside them it is a default value)."""
    closing: list[str] = []
    for index, character in enumerate(text):
        if character in _PAIRS:
            closing.append(_PAIRS[character])
        elif closing and character == closing[-1]:
            closing.pop()
        elif not closing and text.startswith(":=", index):
            return text[:index]
    return text


def _without_comments(text: str) -> str:
    """Replace Lean's comments by a blank: ``-- …`` to the end of the line, and ``/- … -/``, which nest."""
    kept: list[str] = []
    index = depth = 0
    while index < len(text):
        if text.startswith("/-", index):
            depth, index = depth + 1, index + 2
        elif depth and text.startswith("-/", index):
            depth, index = depth - 1, index + 2
            kept.append(" ")
        elif depth:
            index += 1
        elif text.startswith("--", index):
            end = text.find("\n", index)
            index = len(text) if end < 0 else end
        else:
            kept.append(text[index])
            index += 1
    return "".join(kept)
