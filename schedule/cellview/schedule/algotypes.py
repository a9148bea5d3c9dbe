"""Algotypes: agents of one collective that differ in what they may do, so that a chimeric one is an arm like any other.

The word is that of Zhang, Goldstein and Levin 2024, where cells of one array follow different sorting rules.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from cellview.schedule.errors import AlgotypeError
from cellview.schedule.families import FAMILIES
from cellview.schedule.tactics import COMBINATORS, tactic_heads

__all__ = ["Algotype", "algotype_of_each", "may_try", "parse_algotypes"]

_RANGE = re.compile(r"(\d+)(?:-(\d+))?")
_MOST = 100_000


class Algotype(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What some agents of a collective have in common, and others have not.

    Args:
        agents: Which agents, such as ``0``, ``0-1`` or ``0,2-3``.
        label: What measures call it; without one, its families, its provider or its agents.
        families: Families and heads of tactics that these agents may try; empty: all.
        provider: Name of the provider that they ask; empty: the run's.
        exploration: Constant ``c`` of UCB1 and PUCT; ``None``: the run's, as with those below.
        depth_bias: Added for deep nodes.
        path_bias: Added on the agent's last path.
        history_cache: Own last nodes that are avoided.

    Raises:
        AlgotypeError: The agents cannot be read, or a family is empty.
    """

    agents: str
    label: str = ""
    families: tuple[str, ...] = ()
    provider: str = ""
    exploration: float | None = None
    depth_bias: float | None = None
    path_bias: float | None = None
    history_cache: int | None = None

    def __post_init__(self) -> None:
        """Check what can be checked without the others."""
        self.numbers  # noqa: B018  # raises
        for family in self.families:
            if not family or any(c.isspace() for c in family):
                raise AlgotypeError(f"Agents {self.agents}: {family!r} is no family and no head of a tactic.")

    @property
    def numbers(self) -> tuple[int, ...]:
        """The agents' numbers."""
        found: list[int] = []
        for part in self.agents.split(","):
            match = _RANGE.fullmatch(part.strip())
            first, last = (int(match[1]), int(match[2] or match[1])) if match else (1, 0)
            if not 0 <= last - first < _MOST:
                raise AlgotypeError(f"{self.agents!r} names no agents: expected numbers such as 0, 0-1 or 0,2-3.")
            found.extend(range(first, last + 1))
        return tuple(dict.fromkeys(found))

    @property
    def name(self) -> str:
        """What measures call it."""
        return self.label or "+".join(self.families) or self.provider or f"agents {self.agents}"


def algotype_of_each(algotypes: Sequence[Algotype], agents: int) -> tuple[Algotype | None, ...]:
    """Return the algotype of each agent; ``None`` for those that none names.

    Raises:
        AlgotypeError: One names an agent that there is not, or that another names too.
    """
    found: list[Algotype | None] = [None] * agents
    for algotype in algotypes:
        for number in algotype.numbers:
            if number >= agents:
                raise AlgotypeError(
                    f"[agents.{_quoted(algotype.agents)}] names agent {number}, but there are {agents}: 0 to "
                    f"{agents - 1}."
                )
            if (other := found[number]) is not None:
                raise AlgotypeError(
                    f"Agent {number} is in [agents.{_quoted(other.agents)}] and in "
                    f"[agents.{_quoted(algotype.agents)}]; name it once."
                )
            found[number] = algotype
    return tuple(found)


def may_try(families: Sequence[str], tactic: str) -> bool:
    """Say whether an agent of these families may try a tactic: all of its heads belong to them.

    ``constructor <;> simp`` is of construction and of simplification. Combinators (``first``, ``try``, …) belong where
    the tactics in them do.

    >>> may_try(("introduction", "exact"), "intro h"), may_try(("introduction",), "intro h <;> simp")
    (True, False)
    """
    if not families:
        return True
    heads = [head for head in tactic_heads(tactic) if head not in COMBINATORS]
    return bool(heads) and all(
        any(head == family or head in FAMILIES.get(family, ()) for family in families) for head in heads
    )


def parse_algotypes(tables: Mapping[str, Any], *, source: str) -> tuple[Algotype, ...]:
    """Return the algotypes of TOML tables by agents: ``[agents."0-1"]``, with keys in dashes or underscores.

    `source` names the tables in errors.

    Raises:
        AlgotypeError: A table is none, or says something unknown.
    """
    known = [name for name in Algotype.__struct_fields__ if name != "agents"]
    found: list[Algotype] = []
    for agents, table in tables.items():
        where = f"{source}: [agents.{_quoted(agents)}]"
        if not isinstance(table, Mapping):
            raise AlgotypeError(f"{where} must be a table: write it above its keys.")
        values: dict[str, Any] = {str(key).replace("-", "_"): value for key, value in table.items()}  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]  # TOML data
        for key in values:
            if key not in known:
                near = difflib.get_close_matches(key, known, n=1, cutoff=0.5)
                hint = f" (the nearest is {near[0].replace('_', '-')!r})" if near else ""
                raise AlgotypeError(f"{where}: unknown key {key.replace('_', '-')!r}{hint}.")
        try:
            found.append(msgspec.convert({"agents": agents, **values}, Algotype))
        except msgspec.ValidationError as error:
            raise AlgotypeError(f"{where}: {error}.") from None
    return tuple(found)


def _quoted(agents: str) -> str:
    return agents if agents.isdecimal() else f'"{agents}"'
