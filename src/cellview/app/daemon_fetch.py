"""An experiment's run folder, copied through the daemon's API."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec

from cellview.app.errors import OutputError
from cellview.base.scratch import make_scratch
from cellview.trace import RunFolder

if TYPE_CHECKING:
    from cellview.daemon import Client

__all__ = ["fetch"]

_PAGE: Final = 1000
"""Lines of a trace in one answer."""


async def fetch(client: Client, experiment: int, out: Path) -> dict[str, Any]:
    """Copy what there is of an experiment into the new folder `out`; it appears whole or not at all.

    Raises:
        OutputError: The folder exists, or the file system refuses.
    """
    if out.exists():  # noqa: ASYNC240  # this program waits for nothing else
        raise OutputError(f"{out} exists already; choose another folder.")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        unnamed = make_scratch("fetch", within=out.parent)
        try:
            summary = await _copy(client, experiment, unnamed)
            unnamed.chmod(0o755)
            unnamed.rename(out)
        except BaseException:
            shutil.rmtree(unnamed, ignore_errors=True)
            raise
    except OSError as error:
        raise OutputError(f"{out} cannot be written: {error.strerror}.") from error
    return summary | {"folder": str(out)}


async def _copy(client: Client, experiment: int, place: Path) -> dict[str, Any]:
    metadata = await client.results(experiment)
    text = msgspec.json.format(msgspec.json.encode(metadata), indent=2)
    (place / "run.json").write_bytes(text + b"\n")
    (place / "corpus.toml").write_bytes(await client.corpus(experiment))
    folder = RunFolder(place, metadata, lock=None)
    numbers = {(one.theorem, one.arm, one.seed): one.number for one in (await client.searches(experiment)).searches}
    for entry in metadata.results:
        if not entry.files:
            continue
        number = numbers[entry.key]
        tree = folder.tree_path(entry.theorem, arm=entry.arm, seed=entry.seed)
        tree.parent.mkdir(exist_ok=True)
        tree.write_bytes(await client.tree(experiment, number))
        if entry.solved:
            proof = folder.proof_path(entry.theorem, arm=entry.arm, seed=entry.seed)
            proof.write_bytes((await client.proof(experiment, number)).encode())
        if metadata.trace:
            await _trace(client, experiment, number, folder.trace_path(entry.theorem, arm=entry.arm, seed=entry.seed))
    return {"experiment": experiment, "searches": len(metadata.results), "status": metadata.status}


async def _trace(client: Client, experiment: int, number: int, path: Path) -> None:
    start = 0
    with path.open("wb") as file:
        while True:
            lines = await client.trace(experiment, number, first=start, limit=_PAGE)
            file.write(lines)
            got = lines.splitlines()
            if len(got) < _PAGE:
                return
            start = int(msgspec.json.decode(got[-1])["iteration"]) + 1
