"""The trace event dictionary as tables: which fields an object has, their types, which may be null or absent.

Written out a second time on purpose, apart from :mod:`cellview.trace.records`: a checker that derives its contract from
the writer's own types would agree with every mistake in them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias, cast

import msgspec

__all__ = ["ABORT", "ATTEMPT_OUTCOMES", "ITERATION", "REASONS", "Fault", "check_object"]

REASONS = (
    "expanded",
    "no_expansion",
    "blocked",
    "delayed",
    "terminal_node",
    "dead_node",
    "no_goal",
    "abort",
    "adapter_error",
    "provider_error",
    "idle",
)
ATTEMPT_OUTCOMES = ("success", "failure", "blocked")

Fault: TypeAlias = tuple[str, str]
"""A field, such as ``attempts[0].outcome``, and what is wrong with it."""
_Check: TypeAlias = Callable[[str, Any], Iterator[Fault]]


class _Field(msgspec.Struct, frozen=True):
    check: _Check
    required: bool = True
    nullable: bool = False


def _name(value: object) -> str:
    return _NAMES.get(type(value), type(value).__name__)


_NAMES: dict[type, str] = {
    str: "string",
    bool: "bool",
    int: "int",
    float: "number",
    list: "list",
    dict: "object",
    type(None): "null",
}


def _is(expected: str, *types: type) -> _Check:
    def check(field: str, value: object) -> Iterator[Fault]:
        if type(value) not in types:  # not isinstance: to Python, true is an int
            yield field, f"is {_name(value)}, expected {expected}"

    return check


_string, _int, _bool, _number = _is("string", str), _is("int", int), _is("bool", bool), _is("number", int, float)


def _at_least(low: int) -> _Check:
    def check(field: str, value: object) -> Iterator[Fault]:
        if type(value) is not int:
            yield field, f"is {_name(value)}, expected int"
        elif value < low:
            yield field, f"is {value}, expected at least {low}"

    return check


def _one_of(*choices: str) -> _Check:
    def check(field: str, value: object) -> Iterator[Fault]:
        if value not in choices:
            yield field, f"is {value!r}, expected one of {', '.join(choices)}"

    return check


def _list_of(item: _Check, *, low: int = 0) -> _Check:
    def check(field: str, value: object) -> Iterator[Fault]:
        if not isinstance(value, list):
            yield field, f"is {_name(value)}, expected list"
            return
        items = cast("list[object]", value)
        if len(items) < low:
            yield field, f"has {len(items)} entries, expected at least {low}"
        for index, entry in enumerate(items):
            yield from item(f"{field}[{index}]", entry)

    return check


def _object(fields: Mapping[str, _Field]) -> _Check:
    def check(field: str, value: object) -> Iterator[Fault]:
        if not isinstance(value, dict):
            yield field, f"is {_name(value)}, expected object"
            return
        yield from check_object(fields, cast("dict[str, object]", value), prefix=f"{field}.")

    return check


def check_object(fields: Mapping[str, _Field], value: Mapping[str, object], *, prefix: str = "") -> Iterator[Fault]:
    """Yield every way in which an object departs from its table: missing, null, mistyped and unknown fields."""
    for name, field in fields.items():
        if name not in value:
            if field.required:
                yield prefix + name, "is missing"
        elif value[name] is None and field.nullable:
            continue
        else:
            yield from field.check(prefix + name, value[name])
    for name in value:
        if name not in fields:
            yield prefix + name, "is no field of the dictionary, nor a documented extension"


_BLOCK = {
    "until": _Field(_at_least(-1)),
    "remaining": _Field(_at_least(0), nullable=True),
    "duration": _Field(_int),
    "immovable": _Field(_bool),
}
_DELAY = {
    "until": _Field(_at_least(0)),
    "remaining": _Field(_at_least(0)),
    "duration": _Field(_at_least(1)),
}
_REROUTE = {
    "mvar_id": _Field(_string),
    "reason": _Field(_one_of("blocked", "delayed")),
    "block": _Field(_object(_BLOCK), required=False),
    "delay": _Field(_object(_DELAY), required=False),
}
_NODE = {
    "mvar_id": _Field(_string),
    "goal_type": _Field(_string),
    "goal_sig": _Field(_string),
    "goal_sig_strict": _Field(_string),
    "visit_count": _Field(_at_least(0)),
    "success_count": _Field(_at_least(0)),
    "is_terminal": _Field(_bool),
    "is_dead": _Field(_bool),
    "depth": _Field(_at_least(0)),
}
_TREE = {
    "nodes": _Field(_at_least(1)),
    "expansions": _Field(_at_least(0)),
    "max_depth": _Field(_at_least(0)),
    "solved": _Field(_bool),
    "aborted": _Field(_bool),
    "inflight": _Field(_at_least(0)),
}
_TACTIC = {"tactic": _Field(_string), "score": _Field(_number)}
_ATTEMPT = {
    "tactic": _Field(_string),
    "outcome": _Field(_one_of(*ATTEMPT_OUTCOMES)),
    "child_mvar_ids": _Field(_list_of(_string)),
    "timestamp_ms": _Field(_at_least(0)),
    "tactic_norm": _Field(_string),
    "goal_sig": _Field(_string),
    "goal_sig_strict": _Field(_string),
    "goal_type": _Field(_string),
    "peg_id": _Field(_string, nullable=True),
    "peg_kind": _Field(_string, nullable=True),
    "block_reason": _Field(_string, nullable=True),
    "provider_id": _Field(_string, nullable=True),
    "child_sigs_strict": _Field(_list_of(_string), required=False),
    "detail": _Field(_string, required=False),
}
_CONTEXT = {"tier": _Field(_at_least(1), required=False), "budget": _Field(_at_least(1), required=False)}

ITERATION: Mapping[str, _Field] = {
    "event": _Field(_one_of("iteration")),
    "iteration": _Field(_at_least(0)),
    "reason": _Field(_one_of(*REASONS)),
    "agent_id": _Field(_at_least(0)),
    **_CONTEXT,
    "selected_path": _Field(_list_of(_string, low=1)),
    "node": _Field(_object(_NODE)),
    "tactics": _Field(_list_of(_object(_TACTIC))),
    "attempts": _Field(_list_of(_object(_ATTEMPT))),
    "expanded": _Field(_bool, nullable=True),
    "terminal_reached": _Field(_bool),
    "backprop_success": _Field(_bool),
    "tree": _Field(_object(_TREE)),
    "block": _Field(_object(_BLOCK), required=False),
    "delay": _Field(_object(_DELAY), required=False),
    "reroute": _Field(_list_of(_object(_REROUTE)), required=False),
    "error": _Field(_string, required=False),
}
ABORT: Mapping[str, _Field] = {
    "event": _Field(_one_of("abort")),
    "iteration": _Field(_at_least(0)),
    **_CONTEXT,
    "tree": _Field(_object(_TREE)),
}
