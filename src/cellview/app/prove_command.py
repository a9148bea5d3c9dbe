"""``cellview prove``: one theorem, and its verified proof on standard output."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Annotated

import anyio
import typer

from cellview.app.argv import Given, with_options
from cellview.app.console import emit_json, error_console
from cellview.app.errors import EXIT_OK, EXIT_PROVIDER, EXIT_UNSOLVED
from cellview.app.helptext import HelpCommand
from cellview.app.providers import access_of, provider_of, require_model
from cellview.app.reasons import STOP_REASONS, refusal
from cellview.app.search_config import search_config
from cellview.app.search_options import SearchOptions
from cellview.app.statement import NamedStatement, read_theorem
from cellview.app.toolchains import lean_of, toolchain_for
from cellview.experiment import opener_of
from cellview.prover import Verification
from cellview.prover.lean import verify
from cellview.search import SearchConfig, SearchResult, search

__all__ = ["register"]

_EXAMPLE = """\b
Examples:
  cellview prove 'theorem t (p q : Prop) : p ∧ q → q ∧ p'
  echo 'theorem t (n : Nat) : 0 + n = n' | cellview prove - --automation none
"""


def register(app: typer.Typer) -> None:
    """Add ``prove`` to the command line."""
    command = app.command(
        "prove",
        cls=HelpCommand,
        short_help="Prove one theorem and print its proof.",
        epilog=_EXAMPLE,
        no_args_is_help=True,
    )
    command(with_options(SearchOptions, table="prove")(_prove))


def _prove(
    theorem: Annotated[
        str,
        typer.Argument(
            metavar="STATEMENT|FILE|-",
            help="The theorem: as text, in a Lean file, or - for standard input. A proof that stands there is ignored.",
            show_default=False,
        ),
    ],
    *,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead of the proof alone.")] = False,
    given: Given,
) -> int:
    """Prove one theorem and print the proof, as Lean source that a fresh Lean has accepted.

    The exit status is 0 when it is proved, 1 when the search ends without a proof, and 3 when the provider of tactics
    is dead.
    """
    options = given.merged(SearchOptions)
    require_model([provider_of(options)], given.typed)
    config = search_config(options)
    named = read_theorem(theorem)
    result, proof = anyio.run(_search, named, options, config)
    if json:
        emit_json(
            {
                "name": named.name,
                "statement": named.statement,
                "solved": proof is not None,
                "iterations": result.iterations,
                "attempts": result.attempts,
                "proof": proof,
                "stop_reason": result.stop_reason,
                "refused": result.refused,
            }
        )
    elif proof is not None:
        typer.echo(proof.rstrip("\n"))
    else:
        iterations = f"{result.iterations} iteration{'s' if result.iterations != 1 else ''}"
        text = f"No proof found in {iterations}: {STOP_REASONS.get(result.stop_reason, result.stop_reason)}."
        more = "" if result.refused is None else f"\n{refusal(result.refused)}"
        said = "" if result.failure is None else f"\n{result.failure}"
        error_console().print(text + more + said, markup=False, soft_wrap=True)
    if result.stop_reason == "provider_error":
        return EXIT_PROVIDER
    return EXIT_UNSOLVED if proof is None else EXIT_OK


async def _search(
    named: NamedStatement, options: SearchOptions, config: SearchConfig
) -> tuple[SearchResult, str | None]:
    toolchain = await toolchain_for(options)
    opener = await opener_of(lean_of(options), provider_of(options), toolchain, access=access_of(options))
    async with opener(named.imports) as opened:
        console = error_console()
        with console.status("Searching") if console.is_terminal else nullcontext():
            result = await search(named.statement, prover=opened.prover, provider=opened.provider, config=config)
    if result.script is None:
        return result, None
    # The search checked the proof under a name of its own; what is printed bears the user's, so that text is checked.
    checked: Verification = await verify(
        toolchain, named.statement, result.script, imports=named.imports, name=named.name
    )
    if checked.ok:
        return result, checked.source
    # The name is usually taken, which only a whole file can tell. What the search checked is a proof all the same.
    note = f"The proof below bears another name, since Lean does not take it as {named.name}: {checked.message}"
    console.print(note, markup=False, soft_wrap=True)
    return result, result.proof
