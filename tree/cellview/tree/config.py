"""Rules of the tree: how nodes are selected, expanded and credited. Plain data, checked when made."""

from __future__ import annotations

import math
from typing import Literal, TypeAlias, get_args

import msgspec

from cellview.tree.errors import TreeConfigError

__all__ = ["AgentProfile", "Backpropagation", "ExpansionPolicy", "Selection", "TreeConfig"]

ExpansionPolicy: TypeAlias = Literal["all-successes", "first-success"]
Backpropagation: TypeAlias = Literal["uniform", "and_min"]
Selection: TypeAlias = Literal["virtual-loss", "wu-uct", "puct", "best-first", "blind", "blind-order"]


class TreeConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Rules that all agents of a search share.

    Args:
        expansion: ``all-successes``: every tactic of a visit that works becomes an edge; the visit ends where one
            closes the goal. ``first-success``: the first one does, the rest stays untried and the node expandable.
        selection: How an agent's next node is found.

            - ``virtual-loss``: UCB1 on every step (Auer et al. 2002); a reservation counts as `virtual_loss` visits and
              as many lost successes along its whole path (Chaslot et al. 2008).
            - ``wu-uct``: UCB1; a reservation counts as one visit and costs no success (Liu et al. 2020).
            - ``puct``: the provider's scores as priors (Silver et al. 2018; for provers, Lample et al. 2022);
              reservations weigh as under ``virtual-loss``.
            - ``best-first``: the free node whose path has the greatest sum of log-priors, as in provers that keep a
              queue (Polu and Sutskever 2020; Xin et al. 2025).
            - ``blind``: a free node drawn at random, with no regard to anything: the null model of a search.
              ``blind-order``: as ``blind``, and whoever visits the node tries its tactics in a random order too.
        virtual_loss: Weight of one reservation under ``virtual-loss`` and ``puct``; at least 0.
        backpropagation: ``uniform``: a success is credited to the whole path. ``and_min``: it passes an AND-set only
            from the set's weakest unsolved child, so that an AND-set is worth what its worst child is.

    Raises:
        TreeConfigError: A value is out of its range.
    """

    expansion: ExpansionPolicy = "all-successes"
    selection: Selection = "virtual-loss"
    virtual_loss: float = 1.0
    backpropagation: Backpropagation = "uniform"

    def __post_init__(self) -> None:
        """Check the ranges; also what a caller without a type checker passes."""
        _one_of("expansion policy", self.expansion, ("all-successes", "first-success"))
        _one_of("selection", self.selection, get_args(Selection))
        _one_of("backpropagation", self.backpropagation, ("uniform", "and_min"))
        if not (math.isfinite(self.virtual_loss) and self.virtual_loss >= 0):
            raise TreeConfigError(f"virtual loss must be a number of at least 0, not {self.virtual_loss!r}")

    @property
    def uses_priors(self) -> bool:
        """Whether selection looks at the scores that a provider gave to its tactics."""
        return self.selection in ("puct", "best-first")

    @property
    def is_blind(self) -> bool:
        """Whether selection is a draw."""
        return self.selection in ("blind", "blind-order")


class AgentProfile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One agent's own constants, so that agents can differ.

    Args:
        exploration: Constant ``c`` of UCB1 (Auer et al. 2002) and of PUCT, at least 0.
        depth_bias: Added to the score of a tactic in proportion to the depth of the deepest node below it (1: the
            deepest node of the tree); positive: follow what has been worked out far, negative: shallow first.
        path_bias: Added to choices that lie on the path the agent selected last; negative: away from it.
        history_cache: The agent avoids the last so many nodes that it selected while anything else is free; 0: off.

    Raises:
        TreeConfigError: A value is out of its range.
    """

    exploration: float = 1.4142135623730951
    depth_bias: float = 0.0
    path_bias: float = 0.0
    history_cache: int = 0

    def __post_init__(self) -> None:
        """Check the ranges."""
        if not (math.isfinite(self.exploration) and self.exploration >= 0):
            raise TreeConfigError(f"exploration must be a number of at least 0, not {self.exploration!r}")
        for name, value in (("depth bias", self.depth_bias), ("path bias", self.path_bias)):
            if not math.isfinite(value):
                raise TreeConfigError(f"{name} must be a finite number, not {value!r}")
        if self.history_cache < 0:
            raise TreeConfigError(f"history cache must be at least 0 nodes, not {self.history_cache!r}")


def _one_of(what: str, value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise TreeConfigError(f"{what} must be one of {', '.join(allowed)}, not {value!r}")
