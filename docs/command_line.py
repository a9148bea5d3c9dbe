"""Write the page of the command line: ``python docs/command_line.py > docs/reference/command-line.md``.

A test compares the page with what this prints, so that it cannot lag behind.
"""

from __future__ import annotations

import contextlib
import io
import os
import sys
from collections.abc import Iterator

from typer.core import TyperGroup
from typer.main import get_command

from cellview.app.cli import app, run

HEAD = """# The command line

This page is made from the help texts; `cellview COMMAND --help` prints the same.

Exit status: 0 when all went well; 1 when a question was answered with no (`prove` found no proof, `trace check` found a
fault, `trace diff` a difference, `doctor` no Lean); 2 when the input cannot be used, with one sentence on standard
error; 130 after Ctrl-C. `lean check` has the exit status of Lean.

Results go to standard output, progress and messages to standard error. Colours and moving progress are for terminals
alone, and `NO_COLOR` is honoured.
"""


def commands() -> Iterator[tuple[str, ...]]:
    """Yield every command, groups before what is in them."""
    root = get_command(app)
    assert isinstance(root, TyperGroup)
    for name, command in root.commands.items():
        yield (name,)
        if isinstance(command, TyperGroup):
            yield from ((name, inner) for inner in command.commands)


def help_of(command: tuple[str, ...]) -> str:
    """Return what ``--help`` prints, 80 columns wide."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        status = run([*command, "--help"])
    assert status == 0
    return "\n".join(line.rstrip() for line in printed.getvalue().strip().splitlines())


def page() -> str:
    """Return the whole page."""
    os.environ["COLUMNS"] = "80"
    parts = [HEAD]
    for command in commands():
        parts.append(f"\n## cellview {' '.join(command)}\n\n```text\n{help_of(command)}\n```\n")
    return "".join(parts)


if __name__ == "__main__":
    sys.stdout.write(page())
