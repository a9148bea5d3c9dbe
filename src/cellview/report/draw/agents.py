"""What each agent did: its share of the tactics tried, and of the edges of the proofs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from cellview.measures import Settings, cluster_bootstrap
from cellview.report.draw.panels import Panels, letter, share_axis
from cellview.report.figure import Drawing
from cellview.report.style import GREY, Look, short_names

__all__ = ["AgentShare", "agent_shares", "agents_drawing"]


class AgentShare(msgspec.Struct, frozen=True):
    """One agent's mean share over theorems, with its interval."""

    agent: int
    share: float
    low: float | None
    high: float | None


def agent_shares(rows: Mapping[str, Sequence[Sequence[int]]], agents: int, settings: Settings) -> list[AgentShare]:
    """Return each agent's share, a mean over theorems of the mean over their searches, with bootstrap intervals.

    Args:
        rows: By theorem, of each search a count for each agent; searches in which nothing was counted are left out.
        agents: Their number.
        settings: How to resample.
    """
    counted = [[row for row in searches if sum(row)] for searches in rows.values()]
    found: list[AgentShare] = []
    for agent in range(agents):
        values = [[row[agent] / sum(row) for row in searches] for searches in counted if searches]
        boot = cluster_bootstrap(values, level=settings.level, resamples=settings.bootstrap, seed=settings.seed)
        if boot.estimate is not None:
            found.append(AgentShare(agent, boot.estimate, boot.low, boot.high))
    return found


def agents_drawing(
    work: Mapping[str, Sequence[AgentShare]], credit: Mapping[str, Sequence[AgentShare]], looks: Mapping[str, Look]
) -> Drawing:
    """Draw both shares by agent and arm beside the equal share."""
    panels = Panels(2, across=2, height_in=2.1)
    arms = list(work)
    names = short_names(arms)

    def draw(sheet: Any) -> None:
        highest = max(
            (row.high or row.share for shares in (work, credit) for arm in shares.values() for row in arm), default=1.0
        )
        for number, (axes, shares, title) in enumerate(
            zip(panels.axes(sheet), (work, credit), ("tactics tried", "edges of proofs"), strict=True)
        ):
            for arm, label in enumerate(arms):
                _points(axes, shares.get(label, ()), looks[label], offset=_offset(arm, len(arms)), label=names[label])
            _equal_share(axes, max((len(rows) for rows in work.values()), default=0))
            share_axis(axes, "" if number else "agent's share", top=min(1.0, highest * 1.12))
            letter(axes, number, title)
        if len(arms) > 1:
            handles, labels = sheet.axes[0].get_legend_handles_labels()
            sheet.axes[1].legend(handles, labels, loc="upper right", handlelength=1.2)

    return Drawing(panels.height_in, draw)


def _offset(arm: int, arms: int) -> float:
    return 0.0 if arms == 1 else (arm - (arms - 1) / 2) * 0.6 / arms


def _points(axes: Any, rows: Sequence[AgentShare], look: Look, *, offset: float, label: str) -> None:
    colour, _, marker, _ = look
    for row in rows:
        if row.low is not None and row.high is not None:
            axes.plot([row.agent + offset] * 2, [row.low, row.high], color=colour, linewidth=1.1)
    axes.plot(
        [row.agent + offset for row in rows], [row.share for row in rows], linestyle="none", marker=marker,
        markersize=4, color=colour, label=label,
    )  # fmt: skip


def _equal_share(axes: Any, agents: int) -> None:
    if not agents:
        return
    axes.axhline(1 / agents, color=GREY, linewidth=0.8, linestyle=(0, (6, 3)))
    axes.annotate(
        f"equal share, {100 / agents:.0f}\u2009%", (0, 1 / agents), xytext=(2, -3), xycoords=("axes fraction", "data"),
        textcoords="offset points", va="top", color=GREY, fontsize=7,
    )  # fmt: skip
    axes.set_xlim(-0.6, agents - 0.4)
    if agents <= 16:
        axes.set_xticks(range(agents))
    axes.set_xlabel("agent")
