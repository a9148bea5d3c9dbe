"""What the user gives ``prove``: a theorem typed, in a file, or on standard input."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

import msgspec

from cellview.app.errors import InputFileError, OptionError

__all__ = ["NamedStatement", "parse_theorem", "read_theorem"]

DEFAULT_NAME = "goal"
_HEAD = re.compile(r"(?<![\w.'!?«])(?:theorem|lemma|example)(?![\w.'!?»])")
_PART = r"(?:«[^«»]*»|[^\s(){}\[\]⦃⦄:.«»]+)"
_NAME = re.compile(rf"\s*({_PART}(?:\.{_PART})*)")
_UNIVERSES = re.compile(r"\.\{[^{}]*\}")
_PAIRS = {"(": ")", "[": "]", "{": "}", "⦃": "⦄", "⟨": "⟩"}


class NamedStatement(msgspec.Struct, frozen=True):
    """A theorem's name, and what stands between it and ``:=``, universes included (``.{u} (α : Type u) : …``).

    `imports` are the modules that its file imports.
    """

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
        try:
            return parse_theorem(sys.stdin.read(), where="standard input")
        except UnicodeDecodeError as error:
            raise InputFileError("Standard input cannot be read: it is not UTF-8 text.") from error
    if argument.endswith(".lean") or (_short(argument) and Path(argument).is_file()):
        try:
            return parse_theorem(Path(argument).read_text(encoding="utf-8"), where=argument)
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
            raise InputFileError(f"{argument} cannot be read: {reason}.") from error
    try:
        # The locale may have taken UTF-8 for something else; a path must stay as it came, a theorem must not.
        return parse_theorem(os.fsencode(argument).decode("utf-8"), where="the statement")
    except UnicodeDecodeError as error:
        raise OptionError("The statement is not UTF-8 text: write it into a file that is.") from error


def _short(argument: str) -> bool:
    """Say whether this could be a path at all: a long or many-line text makes the system call fail."""
    return "\n" not in argument and len(os.fsencode(argument)) < 256


def parse_theorem(text: str, *, where: str) -> NamedStatement:
    """Take a theorem apart: ``theorem NAME STATEMENT``, with or without a proof after ``:=``, or a bare statement
    or proposition.

    A proof that stands there is left out: it is what the search is to find.

    Raises:
        OptionError: `text` holds no theorem, or more than one.

    >>> parse_theorem("theorem t (p : Prop) : p → p := by sorry", where="the statement")
    NamedStatement(name='t', statement='(p : Prop) : p → p', imports=())
    """
    bare, shape = _bare(text, where)
    heads = list(_HEAD.finditer(shape))
    if len(heads) > 1:
        raise OptionError(f"There are {len(heads)} theorems in {where}: prove takes one, run takes a corpus of them.")
    imports = tuple(re.findall(r"^\s*import\s+(\S+)", bare[: heads[0].start()] if heads else "", flags=re.MULTILINE))
    begin, name, universes = 0, DEFAULT_NAME, ""
    if heads:
        begin = heads[0].end()
        named = None if heads[0].group().startswith("example") else _NAME.match(shape, begin)
        if named:
            name, begin = bare[named.start(1) : named.end(1)], named.end()
            if levels := _UNIVERSES.match(shape, begin):
                universes, begin = levels.group(), levels.end()
    statement = " ".join(bare[begin : _end_of_statement(shape, begin)].split())
    if not statement:
        raise OptionError(f"There is no theorem in {where}: write 'theorem t (p q : Prop) : p ∧ q → q ∧ p'.")
    if not heads and statement[0] not in "([{⦃:.":
        statement = f": {statement}"  # a proposition alone, without anything before it
    return NamedStatement(name, f"{universes} {statement}".strip(), imports)


def _end_of_statement(shape: str, begin: int) -> int:
    """Return where the first ``:=`` outside brackets stands (inside them it is a default value), or the end."""
    closing: list[str] = []
    for index in range(begin, len(shape)):
        character = shape[index]
        if character in _PAIRS:
            closing.append(_PAIRS[character])
        elif closing and character == closing[-1]:
            closing.pop()
        elif not closing and shape.startswith(":=", index):
            return index
    return len(shape)


def _bare(text: str, where: str) -> tuple[str, str]:
    """Return `text` without its comments, and its shape: as long, with the inside of strings and quoted names veiled.

    What stands inside ``«…»`` or quotes is neither a theorem nor ``:=`` nor a comment, however much it looks so.

    Raises:
        OptionError: A quoted name or a comment is not closed.
    """
    kept: list[str] = []
    shape: list[str] = []
    index = 0
    while index < len(text):
        end, what = _token_end(text, index)
        if end < 0:
            raise OptionError(f"{where[0].upper()}{where[1:]} cannot be read: {what} is not closed.")
        piece = text[index:end]
        if what == "a comment":
            piece, veiled = " ", " "
        else:
            veiled = piece[0] + "x" * (len(piece) - 2) + piece[-1] if what else piece
        kept.append(piece)
        shape.append(veiled)
        index = end
    return "".join(kept), "".join(shape)


def _token_end(text: str, index: int) -> tuple[int, str]:
    """Return where the piece at `index` ends (-1: nowhere), and what it is; empty for a single character of code."""
    if text.startswith("/-", index):
        return _comment_end(text, index), "a comment"
    if text.startswith("--", index):
        end = text.find("\n", index)
        return (len(text) if end < 0 else end), "a comment"
    if text[index] == "«":
        return text.find("»", index) + 1 or -1, "a quoted name («)"
    if text[index] == '"':
        closed = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL).match(text, index)
        return (-1 if closed is None else closed.end()), "a string"
    return index + 1, ""


def _comment_end(text: str, index: int) -> int:
    """Return where the block comment at `index` ends; they nest."""
    depth = 0
    for mark in re.finditer(r"/-|-/", text[index:]):
        depth += 1 if mark.group() == "/-" else -1
        if depth == 0:
            return index + mark.end()
    return -1
