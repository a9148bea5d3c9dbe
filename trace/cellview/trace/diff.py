"""Where two traces part: the first line, and the first field in it, that differs in more than a time stamp."""

from __future__ import annotations

from itertools import zip_longest
from pathlib import Path
from typing import cast

import msgspec

from cellview.trace.digest import without_timestamps
from cellview.trace.reader import TraceReader

__all__ = ["Difference", "diff_traces"]

_ABSENT = "(absent)"


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


def _iteration(line: bytes) -> int | None:
    class Head(msgspec.Struct):
        iteration: int | None = None

    try:
        return msgspec.json.decode(line, type=Head).iteration
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def _first_difference(path: str, left: object, right: object) -> tuple[str, str, str] | None:
    if isinstance(left, dict) and isinstance(right, dict):
        a, b = cast("dict[str, object]", left), cast("dict[str, object]", right)
        for name in [*a, *(name for name in b if name not in a)]:
            place = f"{path}.{name}" if path else name
            if name not in a or name not in b:
                return place, _json(a[name]) if name in a else _ABSENT, _json(b[name]) if name in b else _ABSENT
            found = _first_difference(place, a[name], b[name])
            if found is not None:
                return found
        return None
    if isinstance(left, list) and isinstance(right, list):
        x, y = cast("list[object]", left), cast("list[object]", right)
        for index, (one, other) in enumerate(zip(x, y, strict=False)):
            found = _first_difference(f"{path}[{index}]", one, other)
            if found is not None:
                return found
        if len(x) != len(y):
            return path, f"{len(x)} entries", f"{len(y)} entries"
        return None
    if type(cast("object", left)) is type(cast("object", right)) and left == right:
        return None
    return path, _json(cast("object", left)), _json(cast("object", right))


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()
