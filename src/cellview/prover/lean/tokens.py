"""Read Lean text as tokens, strictly: where this reader and Lean could disagree, it refuses.

It serves the filter in `soundness.py`, so its one duty is never to take for a comment or a string what Lean takes for
code. It understands line and nested block comments, strings, character literals, ``«quoted»`` names and brackets;
anything that could begin differently for Lean (a comment glued to an operator, an interpolated string, an odd
apostrophe, invisible characters) is a :class:`LexError`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Literal, TypeAlias

import msgspec

__all__ = ["LexError", "Token", "TokenKind", "tokens"]

TokenKind: TypeAlias = Literal["word", "number", "string", "symbol", "open", "close"]


class Token(msgspec.Struct, frozen=True, gc=False):
    """One token: a `word` is an identifier or keyword with its dots, without the ``«»`` around its parts."""

    kind: TokenKind
    text: str
    line: int
    """Line of its first character, from 1."""
    first: bool
    """Whether it is the first token on its line."""


class LexError(Exception):
    """Raised when the text is not plain enough to be judged. The text says what is in the way, and on which line."""


_OPEN = {"(": ")", "[": "]", "{": "}", "⟨": "⟩"}
_CLOSE = {closing: opening for opening, closing in _OPEN.items()}
# Lean's own letters: ASCII, Latin with marks, Greek but λ Π Σ, the letter-like and the script blocks. Python's \w is
# wider, and would swallow a notation such as ᵒᵖ together with the keyword behind it.
_LETTER = "A-Za-z_À-ÖØ-öø-ſΑ-ΟΡΤ-Ωα-κμ-ωϊ-ϻἀ-῾℀-⅏𝒜-𝖟"
_PART = rf"(?:«[{_LETTER}0-9'!?. ]*»|[{_LETTER}][{_LETTER}0-9'!?₀-₉ₐ-ₜᵢ-ᵪⱼ]*)"
_WORD = re.compile(rf"{_PART}(?:\.(?:{_PART}|[0-9]+))*")
_NUMBER = re.compile(rf"(?:0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO][0-7]+|[0-9]+)(?![{_LETTER}«])")
_STRING = re.compile(r'"(?:[^"\\]|\\[\\"\'ntr])*"')
_CHARACTER = re.compile(r"'(?:[A-Za-z0-9]|\\n)'")
_RAW_STRING = re.compile(r'r(#*)"')
# Mathlib's image and preimage, `f '' s` and `f ⁻¹' s`: the only other uses of an apostrophe outside names.
_APOSTROPHE = re.compile(r"''(?=[\s)])|'(?=\s+[\w({])")


def tokens(text: str) -> Iterator[Token]:
    """Yield the tokens of `text`.

    Raises:
        LexError: The text holds something that could hide code.
    """
    position, line, first = 0, 1, True
    for found in _invisible(text):
        raise LexError(found)
    while position < len(text):
        character = text[position]
        if character == "\n":
            position, line, first = position + 1, line + 1, True
            continue
        if character == " ":
            position += 1
            continue
        if text.startswith(("--", "/-"), position):
            end = _comment(text, position, line)
            # A line comment leaves its newline to the loop; a block comment may span lines.
            line += text.count("\n", position, end)
        else:
            token, end = _token(text, position, line, first)
            yield token
            line += text.count("\n", position, end)
            first = False
        position = end


def _invisible(text: str) -> Iterator[str]:
    """Find what an editor does not show: control characters, direction overrides, zero-width and odd spaces."""
    for number, row in enumerate(text.split("\n"), start=1):
        for character in row:
            category = unicodedata.category(character)
            if category in {"Cc", "Cf", "Co", "Cs", "Zl", "Zp"} or (category == "Zs" and character != " "):
                name = unicodedata.name(character, f"U+{ord(character):04X}").lower()
                yield f"line {number} holds the character {name}; use plain spaces and visible characters only"


def _comment(text: str, position: int, line: int) -> int:
    """Return where the comment at `position` ends."""
    if position and not text[position - 1].isspace():
        raise LexError(f"line {line}: put a space before a comment, so that it cannot be part of an operator")
    if text.startswith("--", position):
        end = text.find("\n", position)
        return len(text) if end < 0 else end
    if text.startswith(("/--", "/-!"), position):
        raise LexError(f"line {line}: a documentation comment belongs to a declaration")
    depth, here = 0, position
    while here < len(text):
        if text.startswith("/-", here):
            depth, here = depth + 1, here + 2
        elif text.startswith("-/", here):
            depth, here = depth - 1, here + 2
            if not depth:
                return here
        else:
            here += 1
    raise LexError(f"line {line}: this comment is not closed")


def _token(text: str, position: int, line: int, first: bool) -> tuple[Token, int]:
    """Read the token at `position`; return it and where it ends."""
    character = text[position]
    if _RAW_STRING.match(text, position):
        raise LexError(f"line {line}: raw strings are not allowed here")
    if match := _WORD.match(text, position):
        return Token("word", match[0].replace("«", "").replace("»", ""), line, first), match.end()
    if character in "0123456789":
        return _number(text, position, line, first)
    if character == '"':
        return _string(text, position, line, first)
    if character in _OPEN:
        return Token("open", _OPEN[character], line, first), position + 1
    if character in _CLOSE:
        return Token("close", character, line, first), position + 1
    if character == "'":
        match = _CHARACTER.match(text, position) or _APOSTROPHE.match(text, position)
        if match is None:
            raise LexError(f"line {line}: this apostrophe is neither part of a name nor a plain character literal")
        return Token("string", match[0], line, first), match.end()
    if character in "«»":
        raise LexError(f"line {line}: a quoted name is not closed, or holds more than letters, digits and spaces")
    if character == "`":
        raise LexError(f"line {line}: quotations and name literals (`) are not allowed here")
    return Token("symbol", character, line, first), position + 1


def _number(text: str, position: int, line: int, first: bool) -> tuple[Token, int]:
    match = _NUMBER.match(text, position)
    if match is None:
        raise LexError(f"line {line}: put a space between a number and a name; only plain whole numbers are allowed")
    return Token("number", match[0], line, first), match.end()


def _string(text: str, position: int, line: int, first: bool) -> tuple[Token, int]:
    if position and text[position - 1] not in " \n([,⟨":
        raise LexError(f"line {line}: put a space before a string; interpolated strings are not allowed here")
    match = _STRING.match(text, position)
    if match is None:
        raise LexError(f"line {line}: this string is not closed, or holds an unusual escape")
    return Token("string", match[0], line, first), match.end()
