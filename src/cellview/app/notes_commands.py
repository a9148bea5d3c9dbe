"""``cellview note`` and ``cellview tag``: what people write on a run."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from cellview.app.console import emit_json, output_console
from cellview.app.errors import EXIT_OK, OptionError
from cellview.app.helptext import HelpCommand
from cellview.trace import RunFolder, RunNotes, change_notes, is_plain, read_notes

__all__ = ["register"]

_RUN = typer.Argument(metavar="RUN", help="The folder of a run, also one under way.", show_default=False)
_JSON = typer.Option("--json", help="Print one JSON object with the run's notes and tags.")


def register(app: typer.Typer) -> None:
    """Add both commands to the command line."""
    app.command("note", cls=HelpCommand, short_help="Write a note on a run, or read its notes.")(_note)
    app.command("tag", cls=HelpCommand, short_help="Give a run tags, or take them away.")(_tag)


def _note(
    run: Annotated[Path, _RUN],
    text: Annotated[str | None, typer.Argument(metavar="TEXT", help="The note.", show_default=False)] = None,
    *,
    remove: Annotated[
        int | None, typer.Option("--remove", metavar="NUMBER", help="Take away the note of this number.")
    ] = None,
    json: Annotated[bool, _JSON] = False,
) -> int:
    """Write a note on a run; without a text, print what was noted.

    It stands in notes.json in the run's folder, and is no part of any result or digest.

    Example: cellview note runs/pilot "Budget too small for the lists."
    """
    RunFolder.read(run)  # refuses what is no run
    if text is not None and remove is not None:
        raise OptionError("--remove takes a note away: leave the text out, or the option.")
    if text is not None and not text.strip():
        raise OptionError("The note is empty: there is nothing to write.")
    if text is not None and not is_plain(text):
        raise OptionError("The note holds control characters, or bytes that are not UTF-8: write plain text.")
    if text is not None:
        at = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        notes = change_notes(run, lambda before: before.with_note(text.strip(), at=at))
    elif remove is not None:
        notes = change_notes(run, lambda before: _without(before, remove, run))
    else:
        notes = read_notes(run)
    _say(run, notes, json=json)
    return EXIT_OK


def _without(notes: RunNotes, number: int, run: Path) -> RunNotes:
    if not 1 <= number <= len(notes.notes):
        there = f"notes 1 to {len(notes.notes)}" if notes.notes else "no notes"
        raise OptionError(f"{run} has no note {number}, but {there}.")
    return notes.without_note(number)


def _tag(
    run: Annotated[Path, _RUN],
    tags: Annotated[
        list[str] | None, typer.Argument(metavar="TAG", help="Tags to give it, apart or with commas.")
    ] = None,
    *,
    remove: Annotated[
        list[str] | None, typer.Option("--remove", "-r", metavar="TAG", help="Take this tag away; may be repeated.")
    ] = None,
    json: Annotated[bool, _JSON] = False,
) -> int:
    """Give a run tags, and take tags away; without any, print what it bears.

    They stand in notes.json in the run's folder, and are no part of any result or digest.

    Example: cellview tag runs/pilot thesis chapter-3 --remove draft
    """
    RunFolder.read(run)
    add, gone = _tags(tags or ()), _tags(remove or ())
    if both := sorted({*add} & {*gone}):
        raise OptionError(f"{both[0]} is to be given and to be taken away: choose one.")
    missing = [tag for tag in gone if tag not in read_notes(run).tags]
    if missing:
        raise OptionError(f"{run} has no tag {missing[0]}, but {', '.join(read_notes(run).tags) or 'none'}.")
    notes = change_notes(run, lambda before: before.tagged(add=add, remove=gone)) if add or gone else read_notes(run)
    _say(run, notes, json=json)
    return EXIT_OK


def _tags(words: list[str] | tuple[str, ...]) -> list[str]:
    found = [part.strip() for word in words for part in word.split(",")]
    for tag in found:
        if not tag or not tag.isprintable() or any(character.isspace() for character in tag):
            raise OptionError(f"{tag!r} is no tag: one word, without blanks.")
    return found


def _say(run: Path, notes: RunNotes, *, json: bool) -> None:
    if json:
        emit_json({"run": str(run), "tags": notes.tags, "notes": notes.notes})
        return
    console = output_console()
    console.print(f"{run}: {', '.join(notes.tags) or 'no tags'}", markup=False, soft_wrap=True)
    for number, note in enumerate(notes.notes, start=1):
        console.print(f"  {number}. {note.at}  {note.text}", markup=False, soft_wrap=True)
