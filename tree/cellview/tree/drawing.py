"""A proof tree as text, as a graph for Graphviz, or as a picture: goals, and under each the tactics that worked."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import Final, Literal, TypeAlias

from cellview.tree.node import Edge, Node
from cellview.tree.tree import Tree

__all__ = ["FORMATS", "MOST_NODES", "TreeFormat", "draw", "small_svg"]

TreeFormat: TypeAlias = Literal["text", "dot", "svg"]
FORMATS: Final[tuple[TreeFormat, ...]] = ("text", "dot", "svg")

_LONGEST = 60
"""Characters of a goal or tactic that a label shows."""


MOST_NODES: Final = 60
"""Of a tree that a notebook draws; a larger one would fill the page, and say nothing."""


def small_svg(tree: Tree) -> str:
    """Return a tree as a picture for a notebook, or a sentence about one that is too large."""
    if len(tree.nodes) <= MOST_NODES:
        return _svg(tree)
    return f"<p>A tree of {len(tree.nodes)} nodes: too large to be drawn here; cellview tree draws it.</p>"


def draw(tree: Tree, form: TreeFormat) -> str:
    """Return the whole tree in one of the forms, with a line break at its end."""
    return {"text": _text, "dot": _dot, "svg": _svg}[form](tree)


def _state(item: Node | Edge) -> str:
    if isinstance(item, Node):
        return "solved" if item.is_terminal else "dead" if item.is_dead else "open"
    states = [_state(child) for child in item.children]
    return "dead" if "dead" in states else "open" if "open" in states else "solved"


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"


def _goal(node: Node) -> str:
    """Name a goal: a replayed one has no text before it was visited."""
    return f"⊢ {_short(node.goal.goal_type)}" if node.goal.goal_type else "⊢ (not visited)"


def _node_label(node: Node) -> str:
    return f"{_goal(node)}  [{_state(node)}, {node.visits} visit{'s' if node.visits != 1 else ''}]"


def _text(tree: Tree) -> str:
    return "\n".join(_text_lines(tree.root)) + "\n"


def _text_lines(root: Node) -> Iterator[str]:
    """Yield the lines below `root`, depth first. A stack of its own: a proof may be deeper than Python recurses."""
    yield _node_label(root)
    stack: list[tuple[str, Node | Edge, bool]] = _below("", root)
    while stack:
        margin, item, last = stack.pop()
        branch, inner = ("└─ ", "   ") if last else ("├─ ", "│  ")
        if isinstance(item, Edge):
            yield f"{margin}{branch}{_short(item.tactic)}  [{_state(item)}]"
            children = item.children
            stack.extend((margin + inner, child, number == 0) for number, child in enumerate(reversed(children)))
        else:
            yield f"{margin}{branch}{_node_label(item)}"
            stack.extend(_below(margin + inner, item))


def _below(margin: str, node: Node) -> list[tuple[str, Node | Edge, bool]]:
    return [(margin, edge, number == 0) for number, edge in enumerate(reversed(node.edges))]


_COLOURS: Final = {"solved": "#2a7f3f", "dead": "#8a8a8a", "open": "#1f5fa8"}
_DASHES: Final = {"solved": "", "dead": "4 3", "open": ""}
"""State stands in the line as well as in the colour, for those who do not see the one."""


def _dot(tree: Tree) -> str:
    lines = ["digraph tree {", "  node [fontname=sans fontsize=10];", "  edge [arrowsize=0.5];"]
    number = 0
    for node in tree.nodes:
        state = _state(node)
        style = "dashed" if state == "dead" else "bold" if state == "solved" else "solid"
        lines.append(
            f'  n{node.index} [shape=box color="{_COLOURS[state]}" style={style} label={_quoted(_goal(node))}];'
        )
        for edge in node.edges:
            colour = _COLOURS[_state(edge)]
            lines.append(f'  e{number} [shape=plain fontcolor="{colour}" label={_quoted(_short(edge.tactic))}];')
            lines.append(f'  n{node.index} -> e{number} [dir=none color="{colour}"];')
            lines += [f'  e{number} -> n{child.index} [color="{colour}"];' for child in edge.children]
            number += 1
    return "\n".join([*lines, "}"]) + "\n"


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


_ACROSS: Final = 190
_DOWN: Final = 46
_CHARACTER: Final = 6.2


def _svg(tree: Tree) -> str:
    """Lay the tree out by rows, each leaf in a column of its own and each parent over the middle of its children."""
    places = _places(tree)
    columns = max(x for x, _ in places.values()) + 1
    rows = max(y for _, y in places.values()) + 1
    width, height = round(columns * _ACROSS) + 20, rows * _DOWN + 20
    lines: list[str] = []
    marks: list[str] = []
    for node in tree.nodes:
        marks.append(_mark(node, _goal(node), *places[node]))
        for edge in node.edges:
            marks.append(_mark(edge, _short(edge.tactic), *places[edge]))
            lines.append(_line(places[node], places[edge], _state(edge)))
            lines += [_line(places[edge], places[child], _state(child)) for child in edge.children]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" '
        'font-family="sans-serif" font-size="10">\n'
        '<rect width="100%" height="100%" fill="white"/>\n' + "\n".join([*lines, *marks]) + "\n</svg>\n"
    )


def _places(tree: Tree) -> dict[Node | Edge, tuple[float, int]]:
    """Return column and row of everything; children before parents, so that a parent can stand in their middle."""
    order: list[tuple[Node | Edge, int]] = []
    stack: list[tuple[Node | Edge, int]] = [(tree.root, 0)]
    while stack:
        item, row = stack.pop()
        order.append((item, row))
        below: tuple[Node | Edge, ...] = item.children if isinstance(item, Edge) else tuple(item.edges)
        stack.extend((child, row + 1) for child in below)
    places: dict[Node | Edge, tuple[float, int]] = {}
    column = 0
    for item, row in reversed(order):
        below = item.children if isinstance(item, Edge) else tuple(item.edges)
        if below:
            xs = [places[child][0] for child in below]
            places[item] = ((min(xs) + max(xs)) / 2, row)
        else:
            places[item] = (float(column), row)
            column += 1
    return places


def _pixels(place: tuple[float, int]) -> tuple[float, float]:
    x, y = place
    return 10 + (x + 0.5) * _ACROSS, 10 + (y + 0.5) * _DOWN


def _line(one: tuple[float, int], other: tuple[float, int], state: str) -> str:
    (x1, y1), (x2, y2) = _pixels(one), _pixels(other)
    dashes = f' stroke-dasharray="{_DASHES[state]}"' if _DASHES[state] else ""
    return f'<line x1="{x1:g}" y1="{y1:g}" x2="{x2:g}" y2="{y2:g}" stroke="{_COLOURS[state]}"{dashes}/>'


def _mark(item: Node | Edge, label: str, x: float, y: int) -> str:
    state = _state(item)
    centre_x, centre_y = _pixels((x, y))
    shown = label if len(label) * _CHARACTER < _ACROSS - 8 else f"{label[: int((_ACROSS - 14) / _CHARACTER)]}…"
    half = len(shown) * _CHARACTER / 2 + 4
    title = f"<title>{escape(label)} ({state})</title>"
    text = f'<text x="{centre_x:g}" y="{centre_y + 3.5:g}" text-anchor="middle">{escape(shown)}</text>'
    if isinstance(item, Edge):
        box = f'<rect x="{centre_x - half:g}" y="{centre_y - 9:g}" width="{2 * half:g}" height="18" fill="white"/>'
    else:
        thick = 2 if state == "solved" else 1
        dashes = f' stroke-dasharray="{_DASHES[state]}"' if _DASHES[state] else ""
        box = (
            f'<rect x="{centre_x - half:g}" y="{centre_y - 11:g}" width="{2 * half:g}" height="22" rx="4" '
            f'fill="#f7f7f7" stroke="{_COLOURS[state]}" stroke-width="{thick}"{dashes}/>'
        )
    return f"<g>{title}{box}{text}</g>"
