"""A running system as text."""

from cellview.actors.cell import Cell


def draw(title: str, top: list[Cell]) -> str:
    """A tree below `title`, siblings in the order of their birth."""
    lines = [title]
    _branch(lines, top, "")
    return "\n".join(lines)


def _branch(lines: list[str], cells: list[Cell], indent: str) -> None:
    for place, cell in enumerate(cells):
        last = place == len(cells) - 1
        lines.append(f"{indent}{'└─' if last else '├─'} {_line(cell)}")
        _branch(lines, list(cell.children.values()), indent + ("   " if last else "│  "))


def _line(cell: Cell) -> str:
    counts = cell.counters()
    kind = type(cell.actor).__name__ if cell.actor is not None else "-"
    doing = cell.state if cell.handling is None else f"handles {type(cell.handling.message).__name__}"
    waits = "".join(f", waits for {wait.kind} {wait.cell.path}" for wait in cell.origin.waits)
    return (
        f"{cell.name} ({kind}): {doing}{waits}; mailbox {counts.mailbox_depth}/{counts.mailbox_capacity}, "
        f"received {counts.received}, failed {counts.failed}, restarts {counts.restarts}, "
        f"mean wait {counts.mean_in_mailbox_s * 1e6:.0f} µs"
    )
