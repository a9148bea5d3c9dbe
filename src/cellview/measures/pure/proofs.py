"""Proofs as structures: one hash for equal proofs, whatever the order of the search that found them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from hashlib import blake2b
from typing import Any, Literal, TypeAlias, TypeVar

import msgspec

from cellview.measures.errors import SampleError
from cellview.measures.pure.extra import library
from cellview.schedule import FAMILIES, tactic_heads
from cellview.tree import Node, Tree

__all__ = ["Labels", "Proof", "ProofLike", "canonical_hash", "proof_of", "signatures_by_depth", "wl3"]

Labels: TypeAlias = Literal["shape", "heads", "full"]
"""What of a step tells proofs apart: nothing, the heads of its tactic, or goal and heads."""


T = TypeVar("T")
R = TypeVar("R")


class Proof(msgspec.Struct, frozen=True):
    """A proof, or a part of one: a goal, the heads of the tactic that closes it, and the proofs of what it leaves."""

    goal_sig: str
    heads: str
    """Heads of the tactic, joined by commas."""
    children: tuple[Proof, ...] = ()


ProofLike: TypeAlias = "Proof | Node | Tree | Mapping[str, Any] | tuple[str, str, Sequence[Any]]"
"""A :class:`Proof`, a solved node or tree, the content of a ``*_mcts_tree.json``, or (goal_sig, heads, children)."""


def proof_of(tree: ProofLike) -> Proof:
    """Return the proof that a solved tree holds: its solved branch, with shared siblings as often as they stand there.

    Raises:
        SampleError: The tree is not solved.
        TreeFormatError: The data is not a saved tree.
    """
    if isinstance(tree, Proof):
        return tree
    if isinstance(tree, tuple):
        return Proof(tree[0], tree[1], tuple(proof_of(child) for child in tree[2]))
    if isinstance(tree, Mapping):
        tree = Tree.from_json(tree)
    root = tree.root if isinstance(tree, Tree) else tree
    return _build(root, _children_in_proof, _step)


def canonical_hash(tree: ProofLike, labels: Labels) -> str:
    """Return the hash of a proof up to the order of subgoals (Aho, Hopcroft & Ullman's tree canonisation), as hex.

    BLAKE2b of 128 bits over the step's label, the byte 0x1E and the sorted hashes of its children.

    Args:
        tree: The proof.
        labels: ``shape``, ``heads`` or ``full``.

    Raises:
        SampleError: The tree is not solved, or there are no such labels.
        TreeFormatError: The data is not a saved tree.
    """
    label = _LABELS.get(labels)
    if label is None:
        raise SampleError(f"there are no labels {labels!r}: one of {', '.join(_LABELS)}.")
    encode = label

    def digest(step: Proof, below: list[bytes]) -> bytes:
        text = encode(step).encode("utf-8", "surrogatepass")
        return blake2b(text + b"\x1e" + b"".join(sorted(below)), digest_size=16).digest()

    return _build(proof_of(tree), _children, digest).hex()


def wl3(tree: ProofLike) -> str:
    """Return networkx's Weisfeiler–Lehman hash with 3 iterations, labels (goal_sig, family), for comparison only.

    It merges unequal proofs, and its values may differ between versions of networkx. The graph is undirected.

    Raises:
        SampleError: The tree is not solved.
        MissingExtraError: networkx is not installed.
    """
    networkx = library("networkx", "The Weisfeiler–Lehman hash")
    graph = networkx.Graph()

    def add(step: Proof, below: list[int]) -> int:
        number = len(graph)
        graph.add_node(number, label=f"{step.goal_sig}\x1f{_family(step)}")
        graph.add_edges_from((number, child) for child in below)
        return number

    _build(proof_of(tree), _children, add)
    made: str = networkx.weisfeiler_lehman_graph_hash(graph, node_attr="label", iterations=3)
    return made


def signatures_by_depth(tree: ProofLike) -> list[list[str]]:
    """Return the goal signatures of a proof, level by level.

    Raises:
        SampleError: The tree is not solved.
    """
    levels: list[list[str]] = []
    level: tuple[Proof, ...] = (proof_of(tree),)
    while level:
        levels.append([step.goal_sig for step in level])
        level = tuple(child for step in level for child in step.children)
    return levels


_LABELS: dict[str, Callable[[Proof], str]] = {
    "shape": lambda step: "",
    "heads": lambda step: step.heads,
    "full": lambda step: f"{step.goal_sig}\x1f{step.heads}",
}


def _build(root: T, children: Callable[[T], Sequence[T]], make: Callable[[T, list[R]], R]) -> R:
    """Fold a tree bottom-up without recursion: proofs may be thousands of steps deep."""
    made: list[R] = []
    pending: list[tuple[T, int]] = [(root, -1)]
    while pending:
        item, count = pending.pop()
        if count < 0:
            below = children(item)
            pending.append((item, len(below)))
            pending.extend((child, -1) for child in reversed(below))
        else:
            start = len(made) - count
            made[start:] = [make(item, made[start:])]
    return made[0]


def _children(step: Proof) -> Sequence[Proof]:
    return step.children


def _step(node: Node, below: list[Proof]) -> Proof:
    return Proof(node.goal.goal_sig, _heads(node), tuple(below))


def _children_in_proof(node: Node) -> Sequence[Node]:
    edge = node.solution
    if edge is None:
        raise SampleError("the tree is not solved, so it holds no proof: look at solved searches alone.")
    return edge.children if edge.order is None else [edge.children[number] for number in edge.order]


def _family(step: Proof) -> str:
    """The families that the first head is in, or the head itself if none."""
    head = step.heads.split(",")[0]
    return "+".join(name for name, heads in sorted(FAMILIES.items()) if head in heads) or head


def _heads(node: Node) -> str:
    assert node.solution is not None
    return ",".join(tactic_heads(node.solution.tactic))
