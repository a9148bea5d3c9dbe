"""A deterministic, infinite, random AND/OR tree that stands where a prover would: for tests, simulation, benchmarks.

It proves nothing and never says that it does. The tree is a function of the seed and of integer arithmetic alone, so
it is the same on every machine and in every implementation, and two searches can be compared on the same work.

With ``p_close=0`` (the default) no goal ever closes and a search always uses its whole budget; with ``p_close`` between
0.05 and 0.4 proofs exist, and a search may or may not find one.

Draws are keyed by (node key, purpose, tactic, child). Purposes 1 to 4 make the tree and are fixed for good; 5 to 8 make
latencies and injected failures, so that switching these on leaves the tree as it was.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from hashlib import blake2b

import anyio
import msgspec

from cellview.base.mixing import splitmix64 as mix
from cellview.prover.base import Failure, Goal, Preview, Suggestion, Verification

__all__ = ["Latency", "SyntheticCrash", "SyntheticProver", "SyntheticProvider", "hash_draw", "mix", "unit"]

_MASK = 0xFFFF_FFFF_FFFF_FFFF
_GAMMA = 0x9E37_79B9_7F4A_7C15
_MUL_1 = 0xBF58_476D_1CE4_E5B9
_MUL_2 = 0x94D0_49BB_1331_11EB
_UNIT = 2.0**-53

_SCORE, _OUTCOME, _TWO, _CHILD, _LATENCY, _PROVIDER_LATENCY, _CRASH, _TIMEOUT = range(1, 9)

Latency = float | tuple[float, float]
"""Seconds that a call takes: fixed, or ``(low, high)`` between which each node's own latency is drawn from its key."""


class SyntheticCrash(Exception):
    """Raised when a crash was injected (``p_crash``), to test that a search contains what its prover raises.

    Not one of the package's own errors, on purpose: it stands for anything at all that a foreign prover might raise.
    """


def _salt(purpose: int, tactic: int, child: int = 0) -> int:
    return mix((purpose << 32) | (tactic << 8) | child)


def hash_draw(key: int, purpose: int, tactic: int, child: int = 0) -> int:
    """64 bits for one decision of the node `key`."""
    return mix(key ^ _salt(purpose, tactic, child))


def unit(x: int) -> float:
    """The top 53 of 64 bits as a number in [0, 1)."""
    return (x >> 11) * _UNIT


def _goal(key: int) -> Goal:
    mvar = f"g{key:016x}"
    # The id is its own signature: equal goals cannot occur but by a collision of 64 bits, and hashing costs time.
    return Goal(mvar, f"G {mvar[1:]}", mvar, mvar)


def _latency(latency: Latency, key: int, purpose: int, tactic: int) -> float:
    if isinstance(latency, tuple):
        low, high = latency
        return low + (high - low) * unit(hash_draw(key, purpose, tactic))
    return latency


class SyntheticProver:
    """The tree as a `Prover`. Goals are ``g<16 hex>``, tactics ``t0`` … ``t<branching - 1>``.

    A tactic fails with probability `p_fail`, closes its goal with `p_close`, and otherwise leaves two goals with
    probability `p_two`, else one. For tests: `latency_s` per preview (through `sleep`, so that a test can use its own
    clock), `p_crash` (the preview raises `SyntheticCrash`), `p_timeout` (the preview returns an ``adapter`` failure);
    which previews fail so is a function of node and tactic. With `by_statement` every statement has a tree of its own,
    so that a corpus can stand in for theorems; without it the tree depends on the seed alone.

    Raises:
        ValueError: A probability is outside [0, 1], their sum exceeds 1, or `branching` is not in 1..256.
    """

    def __init__(
        self,
        seed: int = 1,
        branching: int = 4,
        p_fail: float = 0.3,
        p_close: float = 0.0,
        p_two: float = 0.5,
        *,
        latency_s: Latency = 0.0,
        sleep: Callable[[float], Awaitable[None]] = anyio.sleep,
        p_crash: float = 0.0,
        p_timeout: float = 0.0,
        by_statement: bool = False,
    ) -> None:
        _check_probabilities(p_fail=p_fail, p_close=p_close, p_two=p_two, p_crash=p_crash, p_timeout=p_timeout)
        if p_fail + p_close > 1.0:
            raise ValueError(f"p_fail + p_close must be at most 1, not {p_fail + p_close}.")
        self._seed = seed
        self._by_statement = by_statement
        self._p_fail = p_fail
        self._close_from = 1.0 - p_close
        self._p_two = p_two
        self._latency_s = latency_s
        self._sleep = sleep
        self._p_crash = p_crash
        self._p_timeout = p_timeout
        self._disturbed = latency_s != 0.0 or p_crash > 0.0 or p_timeout > 0.0
        # One salt per decision, hashed once: a preview is then two to four mixes.
        self._salts = {
            f"t{i}": (_salt(_OUTCOME, i), _salt(_TWO, i), _salt(_CHILD, i, 0), _salt(_CHILD, i, 1))
            for i in range(_checked_branching(branching))
        }
        self._known: set[str] = set()

    async def start(self, statement: str) -> Goal:
        """Return the root; `statement` is only a label here, unless each has a tree of its own."""
        root = _goal(self._root(statement))
        self._known.add(root.mvar_id)
        return root

    async def preview(self, goal_id: str, tactic: str, *, checkpoint: int) -> Preview | Failure:
        """Apply one tactic. `checkpoint` is not used: every node of the tree has one name already.

        Raises:
            SyntheticCrash: Only where `p_crash` injected it.
        """
        if goal_id not in self._known:
            return Failure("no_goal", f"the synthetic prover knows no goal {goal_id}")
        if self._disturbed:
            failure = await self._disturb(int(goal_id[1:], 16), tactic)
            if failure is not None:
                return failure
        return self.apply(goal_id, tactic)

    def apply(self, goal_id: str, tactic: str) -> Preview | Failure:
        """`preview` without registry, latency and injected failures: the bare tree, for loops without a search."""
        salts = self._salts.get(tactic)
        if salts is None:
            return Failure("tactic", f"unknown tactic {tactic!r}; this tree has t0 to t{len(self._salts) - 1}")
        key = int(goal_id[1:], 16)
        # `mix` and `unit` by hand: calls would double the time of the hottest function of a benchmark.
        x = ((key ^ salts[0]) + _GAMMA) & _MASK
        x = ((x ^ (x >> 30)) * _MUL_1) & _MASK
        x = ((x ^ (x >> 27)) * _MUL_2) & _MASK
        u = ((x ^ (x >> 31)) >> 11) * _UNIT
        if u < self._p_fail:
            return _FAILED
        if u >= self._close_from:
            return Preview(goal_id, tactic)
        x = ((key ^ salts[1]) + _GAMMA) & _MASK
        x = ((x ^ (x >> 30)) * _MUL_1) & _MASK
        x = ((x ^ (x >> 27)) * _MUL_2) & _MASK
        first = _goal(mix(key ^ salts[2]))
        if ((x ^ (x >> 31)) >> 11) * _UNIT < self._p_two:
            return Preview(goal_id, tactic, (first, _goal(mix(key ^ salts[3]))))
        return Preview(goal_id, tactic, (first,))

    async def commit(self, preview: Preview) -> None:
        """Register the preview's children."""
        for child in preview.children:
            self._known.add(child.mvar_id)

    async def verify(self, statement: str, script: str) -> Verification:
        """Replay `script` from the root through the tree. What it accepts is no theorem, and the message says so."""
        fault = _replay(self.apply, _goal(self._root(statement)).mvar_id, script)
        source = f"-- synthetic tree, seed {self._seed}: not a theorem, not Lean\n{script}"
        if fault is not None:
            return Verification(False, f"synthetic tree: {fault}", source=source)
        return Verification(True, "replayed in the synthetic tree; this is not a proof in Lean", source=source)

    def _root(self, statement: str) -> int:
        if not self._by_statement:
            return mix(self._seed)
        return mix(self._seed ^ int.from_bytes(blake2b(statement.encode(), digest_size=8).digest()))

    async def aclose(self) -> None:
        """Forget all goals. There is no process to end."""
        self._known.clear()

    async def _disturb(self, key: int, tactic: str) -> Failure | None:
        if tactic not in self._salts:
            return None
        index = int(tactic[1:])
        seconds = _latency(self._latency_s, key, _LATENCY, index)
        if seconds > 0.0:
            await self._sleep(seconds)
        if unit(hash_draw(key, _CRASH, index)) < self._p_crash:
            raise SyntheticCrash(f"injected crash at g{key:016x}, tactic {tactic}")
        if unit(hash_draw(key, _TIMEOUT, index)) < self._p_timeout:
            return Failure("adapter", f"injected time-out at g{key:016x}, tactic {tactic}")
        return None


class SyntheticProvider:
    """Suggests every tactic of the tree with its score, in the order ``t0``, ``t1``, …

    `branching` must be the prover's. `latency_s` is slept per call; calls of several agents overlap, as with a model.
    """

    def __init__(
        self,
        branching: int = 4,
        *,
        latency_s: Latency = 0.0,
        sleep: Callable[[float], Awaitable[None]] = anyio.sleep,
        p_crash: float = 0.0,
    ) -> None:
        _check_probabilities(p_crash=p_crash)
        self._latency_s = latency_s
        self._sleep = sleep
        self._p_crash = p_crash
        self._disturbed = latency_s != 0.0 or p_crash > 0.0
        self.immediate = latency_s == 0.0
        """Never waits, so that an agent may call it without a task of its own."""
        self._salts = [(f"t{i}", _salt(_SCORE, i)) for i in range(_checked_branching(branching))]

    @property
    def provider_id(self) -> str:
        """Name that stands in the trace's attempts."""
        return "synthetic"

    async def suggest(self, goal: Goal) -> Sequence[Suggestion]:
        """Score every tactic at `goal`.

        Raises:
            SyntheticCrash: Only where `p_crash` injected it.
        """
        key = int(goal.mvar_id[1:], 16)
        if self._disturbed:
            seconds = _latency(self._latency_s, key, _PROVIDER_LATENCY, 0)
            if seconds > 0.0:
                await self._sleep(seconds)
            if unit(hash_draw(key, _CRASH, 0, 1)) < self._p_crash:
                raise SyntheticCrash(f"injected crash of the provider at {goal.mvar_id}")
        return [Suggestion(name, (mix(key ^ salt) >> 11) * _UNIT) for name, salt in self._salts]


class _Frame(msgspec.Struct):
    """One level of a script: the goals still open in the block that starts at `column`."""

    column: int
    goals: list[str]


def _replay(apply: Callable[[str, str], Preview | Failure], root: str, script: str) -> str | None:
    """Run a structured script; return what is wrong with it, or None."""
    frames = [_Frame(0, [root])]
    for number, line in enumerate(script.splitlines(), start=1):
        text = line.lstrip(" ")
        if not text:
            continue
        column = len(line) - len(text)
        while frames[-1].column > column:
            if frames.pop().goals:
                return f"line {number}: the block above leaves goals open"
        while text.startswith("· "):
            if frames[-1].column != column or not frames[-1].goals:
                return f"line {number}: no goal for this bullet"
            goal = frames[-1].goals.pop(0)
            text, column = text[2:], column + 2
            frames.append(_Frame(column, [goal]))
        if frames[-1].column != column or not frames[-1].goals:
            return f"line {number}: no goal is open here"
        if text.startswith("rotate_left "):
            count = int(text.split()[1]) % len(frames[-1].goals)
            frames[-1].goals = frames[-1].goals[count:] + frames[-1].goals[:count]
            continue
        outcome = apply(frames[-1].goals[0], text)
        if isinstance(outcome, Failure):
            return f"line {number}: {outcome.message}"
        frames[-1].goals[:1] = [child.mvar_id for child in outcome.children]
    return "the script leaves goals open" if any(frame.goals for frame in frames) else None


def _check_probabilities(**values: float) -> None:
    for name, value in values.items():
        if not 0.0 <= value <= 1.0:
            raise ValueError(f"{name} must be a probability in [0, 1], not {value}.")


def _checked_branching(branching: int) -> int:
    if not 1 <= branching <= 256:
        raise ValueError(f"branching must be in 1..256, not {branching}.")
    return branching


_FAILED = Failure("tactic", "fails in the synthetic tree")
