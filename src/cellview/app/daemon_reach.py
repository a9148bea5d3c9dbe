"""How the commands come to a daemon: by its address, and with what the extra ``daemon`` brings."""

from __future__ import annotations

import importlib
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cellview.app.daemon_options import ReachOptions
from cellview.app.errors import OptionError
from cellview.settings import merge

if TYPE_CHECKING:
    from cellview import daemon
    from cellview.daemon import Client

__all__ = ["client_of", "daemon_package", "reach_of"]


def daemon_package() -> Any:
    """Return :mod:`cellview.daemon`, which only these commands need.

    Raises:
        OptionError: The extra is missing.
    """
    try:
        return importlib.import_module("cellview.daemon")
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("cellview"):
            raise
        raise OptionError(
            f"The daemon and its client need an extra ({error.name} is missing): pip install 'cellview[daemon]'."
        ) from error


def reach_of(*, server: str | None, data: str | None, token_file: str | None) -> ReachOptions:
    """Return how a daemon is found: what was typed, then the environment, then the defaults."""
    typed = {"server": server, "data": data, "token-file": token_file}
    given = {name: value for name, value in typed.items() if value is not None}
    return merge(ReachOptions, table="daemon", typed=given, environment=os.environ)


def client_of(options: ReachOptions) -> Client:
    """Return a client of the daemon that the options mean.

    Raises:
        OptionError: No address is known.
        ConfigError: The token file cannot be used.
    """
    package: Any = daemon_package()
    token_file = None if options.token_file is None else Path(options.token_file)
    client: daemon.Client = package.Client(_address(options, package), token=package.read_token(token_file))
    return client


def _address(options: ReachOptions, package: Any) -> str:
    if options.server is not None:
        return options.server.rstrip("/")
    try:
        address: str = package.ADDRESS_FILE
        return (Path(options.data) / address).read_text(encoding="utf-8").strip()
    except OSError:
        raise OptionError(
            f"No daemon is running on {options.data}: start one with cellview serve, or name another by --server or "
            "--data."
        ) from None
