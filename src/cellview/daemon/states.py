"""The states of experiments and points, and what may follow what: pure functions, which store and tests share.

::

    experiment   queued ─start→ running ─finish→ finished      paused ─resume→ queued
                 queued, running ─pause→ paused ─finish→ finished (its last point was under way)
                 queued, running, paused ─cancel→ cancelled, ─fail→ failed
                 running ─recover→ queued (the daemon was killed)

    point        waiting ─release→ ready ─begin→ running ─end→ done
                 waiting ─end→ done (it is not run)            running ─lose→ ready, ─set_aside→ set_aside
"""

from __future__ import annotations

from typing import Final, Literal, TypeAlias

from cellview.daemon.errors import ConflictError

__all__ = [
    "ACTIVE",
    "TERMINAL",
    "ExperimentState",
    "ExperimentStep",
    "PointState",
    "PointStep",
    "experiment_after",
    "point_after",
]

ExperimentState: TypeAlias = Literal["queued", "running", "paused", "finished", "failed", "cancelled"]
ExperimentStep: TypeAlias = Literal["start", "pause", "resume", "cancel", "finish", "fail", "recover"]
PointState: TypeAlias = Literal["waiting", "ready", "running", "done", "set_aside"]
PointStep: TypeAlias = Literal["release", "begin", "end", "lose", "set_aside"]

TERMINAL: Final[frozenset[ExperimentState]] = frozenset({"finished", "failed", "cancelled"})
"""Final: nothing leads out of them but deletion."""

ACTIVE: Final[frozenset[ExperimentState]] = frozenset({"queued", "running"})
"""Their points may be begun."""

_EXPERIMENT: Final[dict[tuple[ExperimentState, ExperimentStep], ExperimentState]] = {
    ("queued", "start"): "running",
    ("queued", "pause"): "paused",
    ("queued", "cancel"): "cancelled",
    ("queued", "fail"): "failed",
    ("running", "pause"): "paused",
    ("running", "finish"): "finished",
    ("running", "cancel"): "cancelled",
    ("running", "fail"): "failed",
    ("running", "recover"): "queued",
    ("paused", "resume"): "queued",
    ("paused", "finish"): "finished",
    ("paused", "cancel"): "cancelled",
    ("paused", "fail"): "failed",
}

_ALREADY: Final[frozenset[tuple[ExperimentState, ExperimentStep]]] = frozenset(
    {("paused", "pause"), ("queued", "resume"), ("running", "resume"), ("cancelled", "cancel")}
)
"""Asked for again: nothing happens, and nobody is told off, since the first answer may have been lost."""

_POINT: Final[dict[tuple[PointState, PointStep], PointState]] = {
    ("waiting", "release"): "ready",
    ("waiting", "end"): "done",
    ("ready", "begin"): "running",
    ("running", "end"): "done",
    ("running", "lose"): "ready",
    ("running", "set_aside"): "set_aside",
}


def experiment_after(state: ExperimentState, step: ExperimentStep) -> ExperimentState:
    """Return the state that a step leads to; the same one when it was taken before.

    Raises:
        ConflictError: The step does not lead out of this state.

    >>> experiment_after("queued", "start"), experiment_after("paused", "pause")
    ('running', 'paused')
    """
    after = _EXPERIMENT.get((state, step))
    if after is not None:
        return after
    if (state, step) in _ALREADY:
        return state
    final = ", which is final; submit it again" if state in TERMINAL else ""
    raise ConflictError(f"Cannot {step} an experiment that is {state}{final}.")


def point_after(state: PointState, step: PointStep) -> PointState:
    """Return the state that a step of a point leads to.

    Raises:
        ConflictError: The step does not lead out of this state.
    """
    after = _POINT.get((state, step))
    if after is None:
        raise ConflictError(f"Cannot {step} a point that is {state}.")
    return after
