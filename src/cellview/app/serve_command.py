"""``cellview serve``: the research daemon."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated, Any, Final

import anyio
import typer

from cellview.actors import unwrapped
from cellview.app.argv import Given, with_options
from cellview.app.daemon_options import ServeOptions
from cellview.app.daemon_reach import daemon_package
from cellview.app.errors import EXIT_OK
from cellview.app.helptext import HelpCommand
from cellview.app.provider_options import PROVIDER_TABLE, AccessOptions
from cellview.app.providers import access_of
from cellview.cluster import ConfigModel, load_config
from cellview.settings import Document, read_document

__all__ = ["register"]

_DAY_S: Final = 86_400.0


def register(app: typer.Typer) -> None:
    """Add ``serve`` to the command line."""
    command = app.command("serve", cls=HelpCommand, short_help="Run the research daemon.")
    command(with_options(ServeOptions, AccessOptions, table="serve")(_serve))


def _serve(
    *,
    config: Annotated[
        Path | None,
        typer.Option(
            "--config", metavar="FILE", help="Take options from the tables [serve] and [provider] of a TOML file."
        ),
    ] = None,
    given: Given,
) -> int:
    """Run the research daemon until SIGTERM or Ctrl-C: experiments are submitted to it, and nothing of them is lost.

    Example: cellview serve --corpora corpora
    """
    document = None if config is None else read_document(config, tables=("serve", "cluster", PROVIDER_TABLE))
    options = given.merged(ServeOptions, document)
    package: Any = daemon_package()
    settings = package.DaemonConfig(
        data=Path(options.data),
        host=options.host,
        port=options.port,
        workers=options.workers,
        corpora=tuple(map(Path, options.corpora)),
        hosts=options.hosts,
        token=package.read_token(None if options.token_file is None else Path(options.token_file)),
        stall_s=options.stall,
        retries=options.retries,
        ageing_s=options.ageing,
        drain_s=options.drain,
        memory_bytes=_bytes(options.memory),
        upkeep=package.Upkeep(
            quota_bytes=None if options.quota is None else _bytes(options.quota),
            retain_s=None if options.retain is None else options.retain * _DAY_S,
            reserve_bytes=_bytes(options.reserve),
        ),
        access=access_of(given.merged(AccessOptions, _only(document, PROVIDER_TABLE))),
        drivers=package.Drivers(
            allowed=options.executors,
            frontier=options.frontier or "memory:",
            workers=options.frontier_workers,
            cluster=load_config(document) if {"process", "ray"} & set(options.executors) else ConfigModel(),
        ),
    )

    async def run() -> None:
        await package.serve(settings, started=_say, supervisor=package.Supervisor.of(os.environ))

    try:
        anyio.run(run)
    except BaseException as error:
        raise unwrapped(error) from None
    return EXIT_OK


def _only(document: Document | None, table: str) -> Document | None:
    """Return a document without its other tables, whose keys these options do not know."""
    if document is None:
        return None
    return Document(document.source, {name: keys for name, keys in document.tables.items() if name == table})


def _bytes(gigabytes: float) -> int:
    return round(gigabytes * 1e9)


def _say(url: str) -> None:
    sys.stdout.write(f"{url}\n")
    sys.stdout.flush()
    sys.stderr.write("The daemon's page and API are at this address; Ctrl-C or SIGTERM ends it in good order.\n")
