"""``cellview corpus check``: whether a corpus is fit to be run."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Final

import anyio
import typer

from cellview.app.argv import Given, with_options
from cellview.app.console import emit_json, error_console, output_console
from cellview.app.corpus_check import Checked, check_corpus
from cellview.app.errors import EXIT_OK, EXIT_UNSOLVED
from cellview.app.helptext import HelpCommand
from cellview.app.search_options import LeanOptions
from cellview.app.toolchains import toolchain_for
from cellview.experiment.corpus import Corpus, load_corpus
from cellview.prover import Prover
from cellview.prover.lean import LeanProver

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
    results = anyio.run(_run, corpus, options, not json)
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


async def _run(corpus: Corpus, options: LeanOptions, tell: bool) -> list[Checked]:
    toolchain = await toolchain_for(options)

    @asynccontextmanager
    async def open_prover(imports: tuple[str, ...]) -> AsyncGenerator[Prover]:
        async with LeanProver.open(toolchain=toolchain, imports=imports) as prover:
            yield prover

    return await check_corpus(corpus, open_prover, _tell if tell else lambda checked: None)


def _tell(checked: Checked) -> None:
    if checked.refused is not None:
        output_console().print(f"{checked.id}: {checked.refused}", markup=False, soft_wrap=True)
    elif checked.same_as is not None:
        output_console().print(f"{checked.id}: says the same as {checked.same_as}.", markup=False, soft_wrap=True)
    else:
        console = error_console()
        if console.is_terminal:
            console.print(f"{checked.id}: accepted.", markup=False, soft_wrap=True)
