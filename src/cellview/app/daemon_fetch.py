"""An experiment's run folder, copied through the daemon's API."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from cellview.app.errors import OutputError
from cellview.trace import RunFolder

if TYPE_CHECKING:
    from cellview.daemon import Client

__all__ = ["fetch"]


async def fetch(client: Client, experiment: int, out: Path) -> dict[str, Any]:
    """Copy what there is of an experiment into the new folder `out`; it appears whole or not at all.

    Raises:
        OutputError: The folder exists, or the file system refuses.
    """
    try:
        await client.fetch(experiment, out)
    except FileExistsError as error:
        raise OutputError(f"{out} exists already; choose another folder.") from error
    except OSError as error:
        raise OutputError(f"{out} cannot be written: {error.strerror}.") from error
    metadata = RunFolder.read(out).metadata
    return {
        "experiment": experiment,
        "folder": str(out),
        "searches": len(metadata.results),
        "status": metadata.status,
    }
