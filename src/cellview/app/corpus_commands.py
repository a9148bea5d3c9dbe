"""``cellview corpus check`` and ``pilot``: whether a corpus is fit to be run, and which part of it to study."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Final

import anyio
import msgspec
import typer

from cellview.app.argv import Given, with_options
from cellview.app.console import emit_json, error_console, output_console
from cellview.app.corpus_check import Checked, check_corpus
from cellview.app.corpus_pilot import PilotRecord, choose, read_pilot
from cellview.app.errors import EXIT_OK, EXIT_UNSOLVED
from cellview.app.helptext import HelpCommand
from cellview.app.search_options import LeanOptions
from cellview.app.selection import render_corpus
from cellview.app.toolchains import toolchain_for
from cellview.experiment.corpus import Corpus, load_corpus
from cellview.prover import Prover
from cellview.prover.lean import LeanProver
from cellview.trace import write_atomically

__all__ = ["corpus_app"]

corpus_app: Final = typer.Typer(no_args_is_help=True, help="Look after corpora, the TOML files of theorems.")


@corpus_app.callback()
def _group() -> None:  # pyright: ignore[reportUnusedFunction]  # with a callback, `check` stays a command of its own
    pass


def _check(
    file: Annotated[Path, typer.Argument(metavar="CORPUS", help="The corpus.", show_default=False)],
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object with an entry for each theorem.")] = False,
    *,
    given: Given,
) -> int:
    """Check a corpus: its form, whether Lean accepts every statement, and whether a theorem stands there twice.

    Exit status 1 when Lean refuses a statement, or two say the same up to white space and the names of variables.

    Example: cellview corpus check corpora/micro.toml
    """
    options = given.merged(LeanOptions)
    corpus = load_corpus(file)
    results = anyio.run(_run, corpus, options, _tell if not json else _silently)
    if json:
        emit_json({"corpus": corpus.source, "theorems": results})
    else:
        wrong = sum(not checked.fine for checked in results)
        verdict = "all are in order" if not wrong else f"{wrong} {'is' if wrong == 1 else 'are'} not in order"
        output_console().print(f"{len(results)} theorems, {verdict}.", markup=False, soft_wrap=True)
    return EXIT_OK if all(checked.fine for checked in results) else EXIT_UNSOLVED


corpus_app.command("check", cls=HelpCommand, short_help="Check whether a corpus is fit to be run.")(
    with_options(LeanOptions, table="lean")(_check)
)


_AtLeast = Annotated[
    int,
    typer.Option(
        "--at-least", min=1, metavar="ITERATIONS", help="Iterations to the solution from which one is chosen."
    ),
]


def _pilot(
    folders: Annotated[list[Path], typer.Argument(metavar="FOLDER", help="Pilot runs.", show_default=False)],
    out: Annotated[
        Path,
        typer.Option(
            "--out",
            metavar="CORPUS",
            help="Where the corpus goes; the record goes beside it, as JSON.",
            show_default=False,
        ),
    ],
    at_least: _AtLeast = 12,
    json: Annotated[bool, typer.Option("--json", help="Print the record as one JSON object.")] = False,
    *,
    given: Given,
) -> int:
    """Choose from pilot runs the theorems that can carry a study: those that took long, or were not solved.

    A theorem that falls at once can show no effect of anything. The pilot is a centralized run of each corpus with one
    seed, which the study does not use again. Of theorems that say the same, the first is kept.

    Example: cellview corpus pilot pilot/micro pilot/lists --out study.toml
    """
    runs, theorems = read_pilot(folders)
    everything = Corpus(source="pilot", theorems=tuple(found.theorem for found in theorems))
    checked = anyio.run(_run, everything, given.merged(LeanOptions), _silently)
    again = frozenset(entry.id for entry in checked if entry.same_as is not None)
    corpus, record = choose(runs, theorems, at_least=at_least, left_out=again)
    write_atomically(out, (_HEAD.format(record=record) + render_corpus(corpus)).encode())
    beside = out.with_suffix(".json")
    write_atomically(beside, msgspec.json.format(msgspec.json.encode(record), indent=1) + b"\n")
    if json:
        emit_json(record)
    else:
        output_console().print(_sentence(record, out, beside), markup=False, soft_wrap=True)
    return EXIT_OK


corpus_app.command("pilot", cls=HelpCommand, short_help="Choose from pilot runs the theorems to study.")(
    with_options(LeanOptions, table="lean")(_pilot)
)

_HEAD = """\
# {record.chosen} of {record.theorems} theorems: {record.rule}.
#
# Written by `cellview corpus pilot`; what the pilot saw of every theorem stands beside this file, in JSON. The last tag
# of each says what the pilot made of it.

"""


def _sentence(record: PilotRecord, out: Path, beside: Path) -> str:
    return (
        f"{record.chosen} of {record.theorems} theorems chosen, {record.solved} of which the pilot solved: {out}\n"
        f"What the pilot saw: {beside}"
    )


async def _run(corpus: Corpus, options: LeanOptions, tell: Callable[[Checked], None]) -> list[Checked]:
    toolchain = await toolchain_for(options)

    @asynccontextmanager
    async def open_prover(imports: tuple[str, ...]) -> AsyncGenerator[Prover]:
        async with LeanProver.open(toolchain=toolchain, imports=imports) as prover:
            yield prover

    return await check_corpus(corpus, open_prover, tell)


def _silently(checked: Checked) -> None:
    del checked


def _tell(checked: Checked) -> None:
    if checked.refused is not None:
        output_console().print(f"{checked.id}: {checked.refused}", markup=False, soft_wrap=True)
    elif checked.same_as is not None:
        output_console().print(f"{checked.id}: says the same as {checked.same_as}.", markup=False, soft_wrap=True)
    else:
        console = error_console()
        if console.is_terminal:
            console.print(f"{checked.id}: accepted.", markup=False, soft_wrap=True)
