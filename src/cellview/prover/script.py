"""Lean scripts from proof trees: bullets where a tactic leaves several goals, one level where it leaves one."""

from __future__ import annotations

import textwrap

import msgspec

__all__ = ["ProofStep", "indent_block", "render_script"]

_INDENT = "  "
_DEEP = 24
"""From this many nested bullets on, the largest subproof is written last and without a bullet. Lean's own recursion
limit ends a proof at some 150 nested bullets."""


class ProofStep(msgspec.Struct, frozen=True, kw_only=True):
    """A tactic and the proofs of the goals that it leaves.

    `rotate` and `joint` are those of the goal that the step proves (see :class:`cellview.prover.Goal`).
    """

    tactic: str
    children: tuple[ProofStep, ...] = ()
    rotate: int = 0
    joint: bool = False


class _Task(msgspec.Struct):
    """A step still to be written: how deep, and whether it begins with a bullet; or, without step, a rotation."""

    step: ProofStep | None
    level: int
    bullet: bool
    rotate: int


def render_script(root: ProofStep) -> str:
    """Return the tactic script of a proof tree, without trailing newline. Works at any depth."""
    lines: list[str] = []
    sizes: dict[int, int] = {}
    stack = [_Task(root, 0, False, root.rotate)]
    while stack:
        task = stack.pop()
        if task.rotate:
            lines.append(f"{_INDENT * task.level}rotate_left {task.rotate}")
        if task.step is None:
            continue
        level = task.level + task.bullet
        block = indent_block(task.step.tactic, _INDENT * level)
        if task.bullet:
            block[0] = f"{_INDENT * task.level}· {block[0].lstrip(' ')}"
        lines += block
        if level >= _DEEP and not sizes:
            sizes = _sizes(root)
        stack.extend(reversed(_arrange(task.step.children, level, sizes)))
    return "\n".join(lines)


def indent_block(text: str, margin: str) -> list[str]:
    """Return the lines of a tactic, moved to `margin` with their shape kept; always at least one line."""
    lines = textwrap.dedent(text.expandtabs()).strip("\n").rstrip().split("\n")
    return [f"{margin}{line}" if line.strip() else "" for line in lines]


def _arrange(children: tuple[ProofStep, ...], level: int, sizes: dict[int, int]) -> list[_Task]:
    """Put the proofs of a tactic's goals in the order in which they are written."""
    if len(children) == 1:
        return [_Task(children[0], level, False, children[0].rotate)]
    tasks = [_Task(child, level, not child.joint, child.rotate) for child in children]
    if level < _DEEP or not tasks or children[-1].joint:
        return tasks
    # All are single goals in Lean's order: those behind the largest are reached by moving it to the end.
    heaviest = max(range(len(children)), key=lambda index: sizes[id(children[index])])
    last = _Task(children[heaviest], level, False, 0)
    rotation = [_Task(None, level, False, 1)] if heaviest < len(children) - 1 else []
    return [*tasks[:heaviest], *rotation, *tasks[heaviest + 1 :], last]


def _sizes(root: ProofStep) -> dict[int, int]:
    """Number of steps in each subtree, by identity (`root` keeps all of them alive)."""
    order, stack = list[ProofStep](), [root]
    while stack:
        step = stack.pop()
        order.append(step)
        stack.extend(step.children)
    sizes: dict[int, int] = {}
    for step in reversed(order):
        sizes[id(step)] = 1 + sum(sizes[id(child)] for child in step.children)
    return sizes
