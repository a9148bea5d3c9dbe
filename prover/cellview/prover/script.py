"""Lean scripts from proof trees: bullets where a tactic leaves several goals, one level where it leaves one."""

from __future__ import annotations

import msgspec

__all__ = ["ProofStep", "render_script"]

_INDENT = "  "


class ProofStep(msgspec.Struct, frozen=True, kw_only=True):
    """A tactic and the proofs of the goals that it leaves.

    `rotate` and `joint` are those of the goal that the step proves (see :class:`cellview.prover.Goal`).
    """

    tactic: str
    children: tuple[ProofStep, ...] = ()
    rotate: int = 0
    joint: bool = False


def render_script(root: ProofStep) -> str:
    """Return the tactic script of a proof tree, without trailing newline. Works at any depth."""
    lines: list[str] = []
    # Steps still to be written, the next one last: step, indentation, and whether it begins with a bullet.
    stack: list[tuple[ProofStep, int, bool]] = [(root, 0, False)]
    while stack:
        step, level, bullet = stack.pop()
        if step.rotate:
            outer = level - 1 if bullet else level
            lines.append(f"{_INDENT * outer}rotate_left {step.rotate}")
        first, *rest = step.tactic.splitlines()
        if bullet:
            lines.append(f"{_INDENT * (level - 1)}· {first}")
        else:
            lines.append(f"{_INDENT * level}{first}")
        lines.extend(f"{_INDENT * level}{line}" for line in rest)
        if len(step.children) == 1:
            stack.append((step.children[0], level, False))
            continue
        for child in reversed(step.children):
            inline = child.joint  # the last of its siblings: it takes what is left
            stack.append((child, level if inline else level + 1, not inline))
    return "\n".join(lines)
