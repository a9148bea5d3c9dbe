"""Canonical text of items and exact text of priorities: what the identity and the order of candidates rest on."""

from __future__ import annotations

import hashlib
import json
import math
from typing import TypeAlias, cast

from cellview.frontier.errors import UnencodableError

__all__ = ["Json", "candidate_hash", "canonical", "priority_of", "score_of", "sha256_text"]

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"


def canonical(value: object) -> str:
    """The one text of a JSON value: keys sorted by code point, no spaces, no escapes beyond what JSON demands.

    ``1`` and ``1.0`` are different values here, and so are their texts; tuples and non-string keys are refused rather
    than turned into something else.

    Raises:
        UnencodableError: The value is not JSON, or holds NaN, an infinity or a lone surrogate.
    """
    _check(value, "item")
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise UnencodableError(
            f"text with a lone surrogate cannot be encoded ({error.reason}): use valid text"
        ) from None
    return text


def _check(value: object, where: str) -> None:
    if value is None or isinstance(value, (bool, int, str)):
        return
    if isinstance(value, float):
        if not math.isfinite(value):
            raise UnencodableError(f"{where} is {value}: only finite numbers have a canonical encoding")
    elif isinstance(value, list):
        for index, part in enumerate(cast("list[object]", value)):
            _check(part, f"{where}[{index}]")
    elif isinstance(value, dict):
        for key, part in cast("dict[object, object]", value).items():
            if not isinstance(key, str):
                raise UnencodableError(f"{where} has the key {key!r}: keys of objects must be strings")
            _check(part, f"{where}.{key}")
    else:
        raise UnencodableError(f"{where} is of type {type(value).__name__}: give JSON values (lists, not tuples)")


def sha256_text(text: str) -> str:
    """SHA-256 of a text's UTF-8 bytes, in lower-case hexadecimal."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def candidate_hash(item: str) -> str:
    """The identity of a candidate: SHA-256 of its canonical text. Ties of priority are broken by it, lowest first."""
    return sha256_text(item)


def score_of(priority: float) -> str:
    """The score stored in the queue: the priority negated, as the shortest text that gives the same float back.

    The queue's lowest score is then the highest priority, and no tie-breaker touches the number (the blueprint added
    up to 0.001 to it, which reorders close priorities). Scores travel as text because Lua prints floats with 14 digits.

    Raises:
        UnencodableError: The priority is NaN or infinite.
    """
    if isinstance(priority, bool) or not isinstance(cast("object", priority), (int, float)):
        raise UnencodableError(f"priority {priority!r} is not a number: give a finite float")
    try:
        number = float(priority)
    except OverflowError:
        raise UnencodableError("priority is beyond the range of floats: give a finite float") from None
    if not math.isfinite(number):
        raise UnencodableError(f"priority is {number}: give a finite float")
    return repr(0.0 - number)  # 0.0 - x rather than -x: both zeros become 0.0


def priority_of(score: str) -> float:
    """The priority that a stored score stands for."""
    return 0.0 - float(score)
