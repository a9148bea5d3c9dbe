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
from cellview.app.options import FILE_TABLES
from cellview.app.tables import OTHER_VARIABLES, TABLES
from cellview.settings import Field, fields_of, variable_of

HEAD = """# The command line

This page is made from the help texts; `cellview COMMAND --help` prints the same.

Exit status: 0 when all went well; 1 when a question was answered with no (`prove` found no proof, `trace check` found a
fault, `trace diff` a difference, `doctor` no Lean); 2 when the input cannot be used, with one sentence on standard
error; 130 after Ctrl-C. `lean check` has the exit status of Lean.

Where an option may come from a file or the environment too, the [table below](#options-keys-and-variables) names its
key and its variable. What was typed wins over the environment, that over the file, that over the default; a key or
a variable that is unknown is an error. `cellview --install-completion` makes a shell complete commands, options and the
values that an option may have.

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
    parts.append(settings())
    return "".join(parts)


SETTINGS = """
## Options, keys and variables

One declaration makes all three. A key stands in the table that is named for the command (`[run]` for `cellview run`),
in the file that `--config` names, under the option's own name without dashes; a list is a TOML list, or a single value.
A variable holds what one would type; an empty one counts as not set. Some variables are shared by several commands.
"""


def settings() -> str:
    """Return the table of everything that can be set in more than one way."""
    parts = [SETTINGS]
    for table, options in TABLES.items():
        filed = table in (*FILE_TABLES, "serve")
        parts.append(f"\n### [{table}]\n\n| option | key | variable |\n|---|---|---|\n")
        parts += [_row(field, table, filed=filed) for field in fields_of(options)]
    parts.append(
        "\nVariables that are no option, since they are secrets: " + ", ".join(f"`{v}`" for v in OTHER_VARIABLES)
    )
    return "".join(parts) + ".\n"


def _row(field: Field, table: str, *, filed: bool) -> str:
    option = "" if field.opt.file_only else f"`--{field.option}`"
    key = f"`{field.option}`" if filed else ""
    return f"| {option} | {key} | `{variable_of(field, table)}` |\n"


if __name__ == "__main__":
    sys.stdout.write(page())
