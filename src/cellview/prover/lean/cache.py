"""Compile the prelude once and keep it: ``<cache>/prelude-<key>/Init.olean``.

The key is a digest of the prelude's sources and of Lean's library, so that no change of either can meet an old file.
Two processes that start at once may both compile; each works in a folder of its own and moves it into place with one
rename, and the one that comes second throws its copy away. (A lock file was rejected: it costs the same on the first
use, and it can be left behind by a kill or ignored by a network file system.)
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from cellview.prover.errors import ToolchainError
from cellview.prover.lean.child import run_child

__all__ = [
    "PRELUDE_FOLDER",
    "Manifest",
    "cached_prelude",
    "compiled_preludes",
    "default_cache",
    "prelude_key",
    "prelude_source",
]

_ATTEMPTS = 3
_COMPILE_SECONDS = 120.0
PRELUDE_FOLDER = Path(__file__).with_name("prelude")


class Manifest(msgspec.Struct, frozen=True):
    """What stands beside a compiled prelude: what it was made of, and its own digest."""

    key: str
    library: str
    """Digest of the Lean library that compiled it."""
    olean: str
    """SHA-256 of ``Init.olean``."""


def default_cache(environ: Mapping[str, str]) -> Path:
    """Return the cache folder: ``$XDG_CACHE_HOME/cellview``, or ``~/.cache/cellview``."""
    base = environ.get("XDG_CACHE_HOME", "")
    # The XDG rule: a relative path is to be ignored.
    return (Path(base) if base.startswith("/") else Path.home() / ".cache") / "cellview"


def prelude_source() -> str:
    """Return the prelude as one Lean file: the files of the folder ``prelude``, in the order of their numbers.

    A ``.tsv`` file is a table of hooks into the compiled Lean (see ``03-syntax.lean``); each row becomes one line.
    """
    files = sorted(PRELUDE_FOLDER.iterdir(), key=lambda file: file.name)
    texts = {file: file.read_text(encoding="utf-8") for file in files if file.suffix in {".lean", ".tsv"}}
    return "\n".join(_hooks(text) if file.suffix == ".tsv" else text for file, text in texts.items())


def _hooks(table: str) -> str:
    """Turn a table of hooks (attribute, declaration, type) into Lean."""
    rows = (row.split("\t") for row in table.splitlines()[1:])
    return "".join(f'@[{attribute}, extern "native"] axiom {name} : {type_}\n' for attribute, name, type_ in rows)


def prelude_key(source: str, library: str) -> str:
    """Return the name under which the compiled `source` is kept; `library` is the digest of Lean's library."""
    return hashlib.sha256(f"{library}\n{source}".encode()).hexdigest()[:24]


async def cached_prelude(
    cache: Path, *, lean: Sequence[str], library: str, environ: Mapping[str, str], attempts: int = _ATTEMPTS
) -> Path:
    """Return the folder that holds ``Init.olean``, compiling it first if need be (about two seconds).

    Args:
        cache: Where compiled preludes live; made if missing.
        lean: The command that starts Lean.
        library: Digest of Lean's library.
        environ: Environment of the child.
        attempts: How often to try before giving up.

    Raises:
        ToolchainError: The cache folder cannot be written, or Lean refuses the prelude.
    """
    source = prelude_source()
    key = prelude_key(source, library)
    folder = cache / f"prelude-{key}"
    if is_intact(folder, key):
        return folder
    problem = ""
    try:
        _make(cache)
        for _ in range(attempts):
            with tempfile.TemporaryDirectory(prefix=".compiling-", dir=cache, ignore_cleanup_errors=True) as room:
                problem = await _compile(Path(room), source, lean, environ)
                if not problem:
                    _install(Path(room), folder, key, library)
                    return folder
    except OSError as error:
        raise ToolchainError(
            f"The compiled prelude cannot be kept in {cache}: {error.strerror or error}. "
            "Set XDG_CACHE_HOME to a folder that can be written."
        ) from error
    raise ToolchainError(f"Lean did not compile the prelude ({attempts} attempts): {problem}")


def compiled_preludes(cache: Path) -> frozenset[str]:
    """Return the names of the folders in `cache` that hold a compiled prelude, of this version or another."""
    return frozenset(folder.name for folder in cache.glob("prelude-*") if (folder / "manifest.json").is_file())


def _make(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)


def is_intact(folder: Path, key: str) -> bool:
    """Whether `folder` holds a compiled prelude for `key` whose bytes are those that were written."""
    try:
        manifest = msgspec.json.decode((folder / "manifest.json").read_bytes(), type=Manifest)
        return manifest.key == key and manifest.olean == _digest(folder / "Init.olean")
    except (OSError, msgspec.DecodeError):
        return False


def _digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


async def _compile(room: Path, source: str, lean: Sequence[str], environ: Mapping[str, str]) -> str:
    """Compile `source` inside `room`; return what went wrong, or nothing.

    One compilation in some twenty ends without a file and without a word; hence the attempts of the caller.
    """
    text = room / "Init.lean"
    text.write_text(source, encoding="utf-8")
    outcome = await run_child(
        [*lean, "-o", str(room / "Init.olean"), str(text)], env=environ, cwd=room, timeout_s=_COMPILE_SECONDS
    )
    if outcome.ending == "timeout":
        return f"no answer in {_COMPILE_SECONDS:.0f} seconds"
    if outcome.status or not (room / "Init.olean").exists():
        said = (outcome.output + outcome.errors).decode(errors="replace").strip()
        return said[:2000] or f"exit status {outcome.status} and no message"
    return ""


def _install(room: Path, folder: Path, key: str, library: str) -> None:
    """Move the finished prelude into place, unless somebody else was faster."""
    parcel = room / "parcel"
    parcel.mkdir()
    (room / "Init.olean").rename(parcel / "Init.olean")
    manifest = Manifest(key=key, library=library, olean=_digest(parcel / "Init.olean"))
    (parcel / "manifest.json").write_bytes(msgspec.json.encode(manifest))
    for _ in range(2):
        try:
            parcel.rename(folder)
            return
        except OSError:
            if is_intact(folder, key):
                return
            # What stands there is damaged (a full disk, a crash): out of the way with it.
            if folder.exists():
                aside = room / "damaged"
                folder.rename(aside)
                shutil.rmtree(aside, ignore_errors=True)
    if not is_intact(folder, key):
        raise OSError(f"{folder} could not be replaced")
