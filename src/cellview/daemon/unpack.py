"""A run folder out of an archive that came over the network: whole or not at all, and nowhere else."""

from __future__ import annotations

import shutil
import tarfile
import tempfile
from collections.abc import AsyncIterable
from pathlib import Path, PurePosixPath
from typing import IO

import anyio.to_thread

from cellview.base.scratch import make_scratch
from cellview.daemon.errors import ServerError

__all__ = ["unpack"]


async def unpack(pieces: AsyncIterable[bytes], folder: Path) -> None:
    """Unpack an archive of one run folder under the name `folder`.

    Raises:
        FileExistsError: There is something of that name.
        ServerError: It is no archive of a run folder.
        OSError: The file system refuses.
    """
    if await anyio.to_thread.run_sync(lambda: folder.exists() or folder.is_symlink()):
        raise FileExistsError(f"{folder} exists already; choose another folder.")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=folder.parent) as spool:
        async for piece in pieces:
            await anyio.to_thread.run_sync(spool.write, piece)
        spool.seek(0)
        await anyio.to_thread.run_sync(_extract, spool, folder)


def _extract(spool: IO[bytes], folder: Path) -> None:
    unnamed = make_scratch("fetch", within=folder.parent)
    try:
        with tarfile.open(fileobj=spool) as archive:
            for member in archive:
                parts = PurePosixPath(member.name).parts[1:]
                if not member.isreg() or not parts or ".." in parts:
                    raise ServerError(f"The archive holds {member.name!r}, which belongs into no run folder.")
                member.name = str(PurePosixPath(*parts))
                archive.extract(member, unnamed, filter="data")
        if not (unnamed / "run.json").is_file():
            raise ServerError("The archive has no run.json, so it is no run folder's.")
        unnamed.chmod(0o755)
        unnamed.rename(folder)
    except tarfile.TarError as error:
        raise ServerError(f"What came is no archive of a run folder: {error}.") from error
    finally:
        shutil.rmtree(unnamed, ignore_errors=True)
