"""One value of an option: from what was typed or filed to its type, or one sentence that says what was expected."""

from __future__ import annotations

import math
import re
import types
from collections.abc import Iterator
from typing import Annotated, Any, Literal, Union, cast, get_args, get_origin

import msgspec

from cellview.settings.declare import Field
from cellview.settings.errors import SettingsError

__all__ = ["alternatives", "bare", "choices", "filed_value", "is_list", "typed_value"]

LONGEST_RANGE = 100_000
"""Numbers that one ``0-99`` may stand for; more is a slip of the finger, and would be a list of that length."""


def typed_value(field: Field, text: object, where: str) -> Any:
    """Return the value that a text of the command line or of the environment stands for; lists are split at commas.

    Raises:
        SettingsError: It stands for none; the text begins with `where`.
    """
    value = text
    if isinstance(text, str) and is_list(field):
        value = [part.strip() for part in text.split(",") if part.strip()]
        if not value:
            raise SettingsError(f"{where}: {_expectation(field, '')}, not {text!r}.")
    elif isinstance(text, str) and not _scalar(field):
        try:
            value = msgspec.json.decode(text)
        except msgspec.DecodeError as error:
            raise SettingsError(f"{where}: must be JSON, not {text!r} ({error}).") from error
    return _convert(field, value, where, strict=False)


def filed_value(field: Field, value: object, where: str) -> Any:
    """Return the value that TOML data stands for; ``budget = 200`` is a list of one.

    Raises:
        SettingsError: It stands for none; the text begins with `where`.
    """
    if not is_list(field) or value is None or isinstance(value, list):
        return _convert(field, value, where, strict=True)  # pyright: ignore[reportUnknownArgumentType]  # TOML data
    # A text holds a list only where ranges are written: "0-4,7". Elsewhere a comma may be part of a name.
    parts = value.split(",") if isinstance(value, str) and field.opt.ranges else [value]
    return _convert(field, [part.strip() if isinstance(part, str) else part for part in parts], where, strict=True)


def _convert(field: Field, value: object, where: str, *, strict: bool) -> Any:
    if field.opt.ranges and isinstance(value, list):
        value = _expanded(cast("list[object]", value), where)
    try:
        converted: Any = msgspec.convert(value, field.type, strict=strict)
    except msgspec.ValidationError as error:
        raise SettingsError(f"{where}: {_expectation(field, str(error))}, not {_quoted(value)}.") from error
    for number in converted if isinstance(converted, tuple) else (converted,):  # pyright: ignore[reportUnknownVariableType]
        if isinstance(number, float) and not math.isfinite(number):
            raise SettingsError(f"{where}: must be finite, not {number}.")
    return converted  # pyright: ignore[reportUnknownVariableType]


_RANGE = re.compile(r"(\d+)-(\d+)")


def _expanded(items: list[object], where: str) -> list[object]:
    """Put the numbers in the place of ``0-4``."""
    numbers: list[object] = []
    for item in items:
        match = _RANGE.fullmatch(item) if isinstance(item, str) else None
        if match is None:
            numbers.append(int(item) if isinstance(item, str) and re.fullmatch(r"-?\d+", item) else item)
            continue
        first, last = int(match[1]), int(match[2])
        if not 0 <= last - first < LONGEST_RANGE:
            raise SettingsError(
                f"{where}: {item} is no range: write the smaller number first, and at most {LONGEST_RANGE} numbers."
            )
        numbers.extend(range(first, last + 1))
    return numbers


def alternatives(kind: Any) -> Iterator[Any]:
    """Yield what a type may be besides None, with the bounds that belong to each."""
    if get_origin(kind) is Annotated:
        plain, *metadata = get_args(kind)
        bounds = [item for item in metadata if isinstance(item, msgspec.Meta)]
        for member in alternatives(plain):
            yield Annotated[(member, *bounds)] if bounds else member
    elif get_origin(kind) in (Union, types.UnionType):
        for member in get_args(kind):
            yield from alternatives(member)
    elif kind is not types.NoneType:
        yield kind


def bare(kind: Any) -> Any:
    """Return a type without what is said about it: ``int`` for ``Annotated[int, Meta(ge=1)]``."""
    return get_args(kind)[0] if get_origin(kind) is Annotated else kind


def is_list(field: Field) -> bool:
    """Say whether a field may be a list, which is typed with commas."""
    return any(get_origin(bare(member)) is tuple for member in alternatives(field.type))


def _scalar(field: Field) -> bool:
    return all(_in_words(member) is not None for member in alternatives(field.type))


def choices(field: Field) -> tuple[str, ...]:
    """Return the values of a field that allows only some, else its suggestions; what a shell completes."""
    for member in alternatives(field.type):
        if get_origin(bare(member)) is Literal:
            return tuple(str(value) for value in get_args(bare(member)))
    return field.opt.suggestions


def _expectation(field: Field, message: str) -> str:
    parts = [_in_words(member) for member in alternatives(field.type)]
    if None in parts:  # a table or another shape of its own: msgspec says what is wrong inside it
        return re.sub(r"`([^`]+)`", r"\1", message[:1].lower() + message[1:])
    return f"must be {' or '.join(part for part in parts if part is not None)}"


def _in_words(kind: Any) -> str | None:
    """Say what a value of this type is; ``None``: it is no value that one could type."""
    bounds = _bounds(kind)
    kind = bare(kind)
    if get_origin(kind) is Literal:
        return "one of " + ", ".join(str(item) for item in get_args(kind))
    if get_origin(kind) is tuple:
        (item, *_) = get_args(kind)
        inner = {int: "whole numbers", float: "numbers", str: "texts"}.get(bare(item))
        return None if inner is None else f"a list of {inner}{_bounds(item)}"
    plain = {int: "a whole number", float: "a number", bool: "true or false", str: "a text"}.get(kind)
    return None if plain is None else f"{plain}{bounds}"


def _bounds(kind: Any) -> str:
    """Say between which bounds a value must be, with a blank in front; nothing when there are none."""
    metas = [item for item in get_args(kind)[1:] if isinstance(item, msgspec.Meta)]
    said = ""
    for meta in metas:
        if meta.ge is not None and meta.le is not None:
            said += f" from {meta.ge} to {meta.le}"
        else:
            limits = {"of at least": meta.ge, "above": meta.gt, "at most": meta.le, "below": meta.lt}
            parts = [f"{word} {limit:g}" for word, limit in limits.items() if limit is not None]
            said += f" {' and '.join(parts)}" if parts else ""
        said += f" ({meta.description})" if meta.description else ""
    return said


def _quoted(value: object) -> str:
    if isinstance(value, list):
        return repr(",".join(str(item) for item in cast("list[object]", value)))
    return repr(value)
