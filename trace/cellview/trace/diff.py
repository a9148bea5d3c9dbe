"""Where two traces part: the first line, and the first field in it, that differs in more than a time stamp.

Of the fields of a line, what was chosen and tried comes before what it led to, in the snapshots of node and tree.
"""

from __future__ import annotations

from itertools import zip_longest
from pathlib import Path
from typing import cast

import msgspec

from cellview.trace.digest import without_timestamps
from cellview.trace.reader import TraceReader

__all__ = ["Difference", "diff_traces"]

_ABSENT = "(absent)"

_LED_TO = ("node", "tree")
"""Snapshots, taken once a record's work was done: they differ because something else does, if anything else does."""


class Difference(msgspec.Struct, frozen=True, gc=False):
    """The first place where two traces part.

    `field` is a path such as ``attempts[1].outcome``; ``line`` if a whole line stands on one side only, and ``bytes``
    if the same values are written differently. `first` and `second` are the values, as JSON.
    """

    line: int
    iteration: int | None
    field: str
    first: str
    second: str


def diff_traces(first: str | Path, second: str | Path) -> Difference | None:
    """Return where two traces part, or ``None`` if they have the same trace digest. Torn last lines do not count.

    Raises:
        TraceError: A file cannot be read.
    """
    pairs = zip_longest(TraceReader(first).lines(), TraceReader(second).lines())
    for number, (left, right) in enumerate(pairs, start=1):
        left = None if left is None else without_timestamps(left)
        right = None if right is None else without_timestamps(right)
        if left != right:
            return _difference(number, left, right)
    return None


def _difference(number: int, left: bytes | None, right: bytes | None) -> Difference:
    if left is None or right is None:
        iteration = _iteration(left or right or b"")
        return Difference(
            number, iteration, "line", *("(ends)" if side is None else "(goes on)" for side in (left, right))
        )
    try:
        found = _first_difference("", msgspec.json.decode(left), msgspec.json.decode(right))
    except (msgspec.DecodeError, UnicodeDecodeError):
        found = ("bytes", left.decode(errors="replace").rstrip(), right.decode(errors="replace").rstrip())
    if found is None:
        found = ("bytes", "same values", "written differently")
    return Difference(number, _iteration(left), *found)


class _Head(msgspec.Struct):
    iteration: int | None = None


def _iteration(line: bytes) -> int | None:
    try:
        return msgspec.json.decode(line, type=_Head).iteration
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def _first_difference(path: str, left: object, right: object) -> tuple[str, str, str] | None:
    if type(left) is not type(right):
        return path, _json(left), _json(right)
    if isinstance(left, dict):
        return _in_objects(path, cast("dict[str, object]", left), cast("dict[str, object]", right))
    if isinstance(left, list):
        return _in_lists(path, cast("list[object]", left), cast("list[object]", right))
    return None if left == right else (path, _json(left), _json(right))


def _in_objects(path: str, left: dict[str, object], right: dict[str, object]) -> tuple[str, str, str] | None:
    names = dict.fromkeys([*left, *right])
    for name in sorted(names, key=lambda name: not path and name in _LED_TO):
        place = f"{path}.{name}" if path else name
        if name not in left or name not in right:
            first, second = (_json(side[name]) if name in side else _ABSENT for side in (left, right))
            return place, first, second
        found = _first_difference(place, left[name], right[name])
        if found is not None:
            return found
    return None


def _in_lists(path: str, left: list[object], right: list[object]) -> tuple[str, str, str] | None:
    for index, (one, other) in enumerate(zip(left, right, strict=False)):
        found = _first_difference(f"{path}[{index}]", one, other)
        if found is not None:
            return found
    return None if len(left) == len(right) else (path, f"{len(left)} entries", f"{len(right)} entries")


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()
