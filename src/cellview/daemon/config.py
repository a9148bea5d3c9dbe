"""How a daemon is set up, checked as a whole before anything is opened."""

from __future__ import annotations

import ipaddress
import os
from pathlib import Path

import msgspec

from cellview.daemon.dispatcher import Policy
from cellview.daemon.drivers import Drivers
from cellview.daemon.errors import ConfigError
from cellview.daemon.janitor import Upkeep
from cellview.daemon.messages import Limits
from cellview.daemon.process import WORKER
from cellview.experiment import ModelAccess

__all__ = ["TOKEN_VARIABLE", "DaemonConfig", "is_loopback", "read_token"]

TOKEN_VARIABLE = "CELLVIEW_DAEMON_TOKEN"
"""The variable that holds the token; a secret stands in no file of settings and on no command line."""

_LEAST_TOKEN = 16


class DaemonConfig(msgspec.Struct, frozen=True, kw_only=True):
    """A daemon's settings.

    Args:
        data: Its folder: the database, and the run folders below ``runs/``.
        host: The address to listen on. Any but a loopback address demands a token.
        port: The port; 0 takes a free one.
        workers: Worker processes.
        corpora: Folders whose files a submission may name.
        hosts: Host names, beside the address itself, that a request may be addressed to.
        token: What every request must carry, if there is one.
        stall_s: Without a sign of life for so long, a worker counts as hung.
        memory_bytes: What a worker may take, with all that it has started; ``None``: as much as there is.
        retries: Further tries of a search whose worker failed, before it is set aside.
        ageing_s: Waiting for so long counts as much as one step of priority.
        drain_s: What running searches get at the end before they are interrupted; they go on at the next start.
        upkeep: What may stay on the disk, and how much room there must be.
        worker: The workers' program.
        streams: Open event streams and downloads, at most.
        requests_per_s: What one address may ask for in the long run; three times as much at once.
        access: How workers reach model servers; a key is in their environment.
        drivers: Drivers beside the daemon's own workers that submissions may name.

    Raises:
        ConfigError: They do not go together.
    """

    data: Path
    host: str = "127.0.0.1"
    port: int = 8765
    workers: int = 2
    corpora: tuple[Path, ...] = ()
    hosts: tuple[str, ...] = ()
    token: str | None = None
    stall_s: float = 600.0
    memory_bytes: int | None = 8_000_000_000
    retries: int = 2
    ageing_s: float = 3600.0
    drain_s: float = 20.0
    upkeep: Upkeep = Upkeep()
    worker: tuple[str, ...] = WORKER
    streams: int = 200
    requests_per_s: float = 200.0
    access: ModelAccess = ModelAccess()
    drivers: Drivers = Drivers()

    def __post_init__(self) -> None:
        """Check what belongs together."""
        if not is_loopback(self.host) and self.token is None:
            raise ConfigError(
                f"The address {self.host} can be reached by others: put a token of at least {_LEAST_TOKEN} characters "
                f"into {TOKEN_VARIABLE}, or name a token file."
            )
        if self.token is not None and len(self.token) < _LEAST_TOKEN:
            raise ConfigError(f"The token has {len(self.token)} characters; give at least {_LEAST_TOKEN}.")
        for folder in self.corpora:
            if not folder.is_dir():
                raise ConfigError(f"{folder} is no folder, so no corpora can come from it.")
        if self.workers < 1 or self.stall_s <= 0 or self.ageing_s <= 0 or self.retries < 0 or self.drain_s <= 0:
            raise ConfigError("workers is at least 1, retries at least 0, and stall, ageing and drain take time.")
        limits = (self.memory_bytes, self.upkeep.quota_bytes, self.upkeep.retain_s, self.upkeep.check_s)
        if self.upkeep.reserve_bytes < 0 or any(limit is not None and limit <= 0 for limit in limits):
            raise ConfigError("memory, quota and retain are above 0, or left out; reserve is at least 0.")

    @property
    def policy(self) -> Policy:
        """How points are run."""
        return Policy(
            worker=self.worker,
            workers=self.workers,
            limits=Limits(stall_s=self.stall_s, memory_bytes=self.memory_bytes),
            retries=self.retries,
            ageing_s=self.ageing_s,
            access=self.access,
            drivers=self.drivers,
        )

    @property
    def runs(self) -> Path:
        """Where run folders are made."""
        return self.data / "runs"


def is_loopback(host: str) -> bool:
    """Say whether an address can be reached from this machine alone."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def read_token(path: Path | None) -> str | None:
    """Return the token in a file, or else in the environment; ``None``: there is none.

    Raises:
        ConfigError: The file cannot be read, or others can read it too.
    """
    if path is None:
        return os.environ.get(TOKEN_VARIABLE) or None
    try:
        if path.stat().st_mode & 0o077:
            raise ConfigError(f"{path} can be read by others: chmod 600 {path}.")
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"The token file {path} cannot be read.") from error
