"""The scheduling policies as data, validated when they are made: block, delay, reroute.

Durations count global iterations. Every error names the option as on the command line, its value, and what was
expected.
"""

from __future__ import annotations

import msgspec

from cellview.schedule.errors import PolicyError

__all__ = ["BlockPolicy", "DelayPolicy", "ReroutePolicy"]


def _number(option: str, value: object, expected: str, *, whole: bool) -> float:
    if isinstance(value, bool) or not isinstance(value, int if whole else (int, float)):
        raise PolicyError(f"{option} is {value!r}, but {expected} was expected.")
    return value


def _check_whole(option: str, value: object, *, at_least: int) -> None:
    expected = f"a whole number of at least {at_least}"
    if _number(option, value, expected, whole=True) < at_least:
        raise PolicyError(f"{option} is {value!r}, but {expected} was expected.")


def _check_unit(option: str, value: object, *, low: bool, high: bool) -> None:
    """Check 0 < value < 1; `low` and `high` say whether 0 and 1 themselves are allowed. NaN is not."""
    lower = "of at least 0" if low else "greater than 0"
    upper = "at most 1" if high else "less than 1"
    expected = f"a number {lower} and {upper}"
    number = _number(option, value, expected, whole=False)
    inside = 0 < number < 1 or (low and number == 0) or (high and number == 1)
    if not inside:
        raise PolicyError(f"{option} is {value!r}, but {expected} was expected.")


class _BlockBase(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    # A base of its own so that these three may be given by position, and the defaults below by keyword alone.
    fraction: float
    duration: int
    seed: int


class BlockPolicy(_BlockBase, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Freeze a fraction of the nodes, each from its first meeting on.

    Args:
        fraction: Share of nodes that freeze, in (0, 1). Which ones depends on `seed` and the node alone.
        duration: Iterations a node stays frozen, the first meeting included; negative: it never thaws. Not 0.
        seed: Seed of all draws of this policy, at least 0.
        immovable_fraction: Share of the frozen nodes, in [0, 1], that never thaw; needs a positive `duration`.
        unfreeze_after: Iterations after freezing, at least 1, from which on a meeting may thaw the node for good.
        unfreeze_prob: Probability of that at each such meeting, in (0, 1]; 1 if only `unfreeze_after` is given.
            Given alone, it applies from the first meeting after freezing on.
        spare_root: Whether the root never freezes. A root that is frozen for good ends its theorem's search by itself,
            whatever the collective could have done, and that costs `fraction` of all theorems.

    Raises:
        PolicyError: A value is out of its range.
    """

    immovable_fraction: float | None = None
    unfreeze_after: int | None = None
    unfreeze_prob: float | None = None
    spare_root: bool = False

    def __post_init__(self) -> None:
        _check_unit("--mcts-block-fraction", self.fraction, low=False, high=False)
        expected = "a whole number other than 0 (negative: for ever)"
        if _number("--mcts-block-duration", self.duration, expected, whole=True) == 0:
            raise PolicyError(f"--mcts-block-duration is 0, but {expected} was expected.")
        _check_whole("--mcts-block-seed", self.seed, at_least=0)
        if self.immovable_fraction is not None:
            _check_unit("--mcts-block-immovable-fraction", self.immovable_fraction, low=True, high=True)
            if self.duration < 0:
                raise PolicyError(
                    f"--mcts-block-duration is {self.duration}, but with --mcts-block-immovable-fraction a positive "
                    "duration was expected: with a negative one every frozen node is immovable already."
                )
        if self.unfreeze_after is not None:
            _check_whole("--mcts-unfreeze-after", self.unfreeze_after, at_least=1)
        if self.unfreeze_prob is not None:
            _check_unit("--mcts-unfreeze-prob", self.unfreeze_prob, low=False, high=True)


class DelayPolicy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Delay nodes now and then.

    Args:
        probability: Probability, in (0, 1), that a meeting with a node that is not under a delay starts one.
        duration: Iterations a delay lasts, the meeting that starts it included; at least 1.
        seed: Seed of all draws of this policy, at least 0.

    Raises:
        PolicyError: A value is out of its range.
    """

    probability: float
    duration: int
    seed: int

    def __post_init__(self) -> None:
        _check_unit("--mcts-delay-prob", self.probability, low=False, high=False)
        _check_whole("--mcts-delay-duration", self.duration, at_least=1)
        _check_whole("--mcts-delay-seed", self.seed, at_least=0)


class ReroutePolicy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Let an agent whose node is blocked or delayed reserve another one.

    Args:
        max_attempts: Other nodes that an agent tries, at least 1, before it gives the ticket up.

    Raises:
        PolicyError: The value is out of its range.
    """

    max_attempts: int

    def __post_init__(self) -> None:
        _check_whole("--mcts-reroute-max", self.max_attempts, at_least=1)
