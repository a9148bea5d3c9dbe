"""Saving a tree as plain data, and reading it back node for node."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from cellview.tree.config import TreeConfig
from cellview.tree.errors import TreeFormatError
from cellview.tree.node import DEAD, OPEN, Edge, GoalView, Node

__all__ = ["FORMAT", "SavedGoal", "SavedTree", "dump_nodes", "load_nodes", "parse"]

FORMAT = 1


class SavedGoal(msgspec.Struct, frozen=True):
    """A goal as it stands in a saved tree."""

    mvar_id: str
    goal_type: str
    goal_sig: str
    goal_sig_strict: str
    rotate: int = 0
    joint: bool = False


class SavedCandidate(msgspec.Struct, frozen=True):
    """A suggestion not tried yet."""

    tactic: str
    score: float


class SavedEdge(msgspec.Struct, frozen=True, omit_defaults=True):
    """A tactic edge: its children by index, and its counts. `log_prior` is there if selection uses priors."""

    tactic: str
    children: list[int]
    order: list[int] | None
    goals: list[SavedGoal] | None
    visits: int
    successes: int
    dead: bool
    log_prior: float | None = None


class SavedNode(msgspec.Struct, frozen=True, omit_defaults=True):
    """A node: its goal, counts, status (open, solved, dead), and edges. `solution` is an edge's number.

    `log_total` and `untried_prior` are there if selection uses priors.
    """

    goal: SavedGoal
    visits: int
    successes: int
    own_visits: int
    own_successes: int
    status: int
    solution: int | None
    untried: list[SavedCandidate] | None
    edges: list[SavedEdge]
    log_total: float | None = None
    untried_prior: float | None = None


class SavedTree(msgspec.Struct, frozen=True):
    """The file format of ``*_mcts_tree.json``. Reservations are not saved: they belong to a running search."""

    format: int
    config: TreeConfig
    expansions: int
    max_depth: int
    nodes: list[SavedNode]
    statement_digest: str = ""
    """Of the theorem; empty in files of versions before there was one. Structural keys begin with it."""


def parse(data: Mapping[str, Any]) -> SavedTree:
    """Check plain data against the format.

    Raises:
        TreeFormatError: The data is not a saved tree of this format.
    """
    try:
        saved = msgspec.convert(data, SavedTree)
    except msgspec.ValidationError as error:
        raise TreeFormatError(f"not a saved tree: {error}") from error
    if saved.format != FORMAT:
        raise TreeFormatError(f"saved tree has format {saved.format}; this version reads format {FORMAT}")
    if not re.fullmatch(r"([0-9a-f]{64})?", saved.statement_digest):
        raise TreeFormatError(f"saved tree: {saved.statement_digest!r} is not the SHA-256 of a statement")
    return saved


def dump_nodes(nodes: list[Node]) -> list[SavedNode]:
    """Nodes as data, in order of creation."""
    return [_dump(node) for node in nodes]


def _dump(node: Node) -> SavedNode:
    edges = [
        SavedEdge(
            tactic=edge.tactic,
            children=[child.index for child in edge.children],
            order=list(edge.order) if edge.order is not None else None,
            goals=[_goal(goal) for goal in edge.goals] if edge.goals is not None else None,
            visits=edge.visits,
            successes=edge.successes,
            dead=edge.status == DEAD,
            log_prior=edge.log_prior if node.log_total is not None else None,
        )
        for edge in node.edges
    ]
    untried = node.untried
    return SavedNode(
        goal=_goal(node.goal),
        visits=node.visits,
        successes=node.successes,
        own_visits=node.own_visits,
        own_successes=node.own_successes,
        status=node.status,
        solution=list(node.edges).index(node.solution) if node.solution is not None else None,
        untried=[SavedCandidate(c.tactic, c.score) for c in untried] if untried is not None else None,
        edges=edges,
        log_total=node.log_total,
        untried_prior=node.untried_prior if node.log_total is not None else None,
    )


def _goal(goal: GoalView) -> SavedGoal:
    return SavedGoal(goal.mvar_id, goal.goal_type, goal.goal_sig, goal.goal_sig_strict, goal.rotate, goal.joint)


def load_nodes(saved: list[SavedNode]) -> list[Node]:
    """Rebuild nodes with all links and counts.

    Raises:
        TreeFormatError: An edge names a child that does not come later, or that is another edge's.
    """
    nodes = [Node(i, item.goal, None, 0) for i, item in enumerate(saved)]
    for node, item in zip(nodes, saved, strict=True):
        node.visits, node.successes = item.visits, item.successes
        node.own_visits, node.own_successes = item.own_visits, item.own_successes
        node.status = item.status
        node.untried = tuple(item.untried) if item.untried is not None else None
        node.log_total, node.untried_prior = item.log_total, item.untried_prior or 0.0
        edges = [_load_edge(node, edge, nodes) for edge in item.edges]
        node.edges = edges or ()
        node.live = sum(edge.status != DEAD for edge in edges)
        node.solution = edges[item.solution] if item.solution is not None else None
    for node in reversed(nodes):
        _recount(node)
    return nodes


def _load_edge(parent: Node, saved: SavedEdge, nodes: list[Node]) -> Edge:
    edge = Edge(parent, saved.tactic, tuple(saved.order) if saved.order is not None else None)
    edge.goals = tuple(saved.goals) if saved.goals is not None else None
    edge.visits, edge.successes = saved.visits, saved.successes
    edge.status = DEAD if saved.dead else OPEN
    edge.log_prior = saved.log_prior or 0.0
    edge.log_prob = edge.log_prior + (parent.parent.log_prob if parent.parent is not None else 0.0)
    for index in saved.children:
        if not parent.index < index < len(nodes) or nodes[index].parent is not None:
            raise TreeFormatError(f"saved tree: node {parent.index} has an impossible child {index}")
        nodes[index].parent = edge
        nodes[index].depth = parent.depth + 1
    edge.children = tuple(nodes[index] for index in saved.children)
    return edge


def _recount(node: Node) -> None:
    """Counts that follow from the rest: of a node whose descendants have theirs."""
    for edge in node.edges:
        below = [other.deepest for child in edge.children for other in child.edges]
        edge.deepest = max([*below, *(child.depth for child in edge.children)], default=node.depth)
        edge.free = sum(child.free for child in edge.children if child.status == OPEN)
        edge.unsolved = sum(not child.is_terminal for child in edge.children)
    node.free = int(node.expandable) + sum(edge.free for edge in node.edges if edge.status != DEAD)
