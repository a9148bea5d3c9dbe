"""Compile Lean sources of ours once and keep them: the prelude, as ``<cache>/prelude-<key>/Init.olean``, and what else
there is (:func:`cached_module`).

The key is a digest of the sources and of Lean's library, so that no change of either can meet an old file.
Two processes that start at once may both compile; each works in a folder of its own and moves it into place with one
rename, and the one that comes second throws its copy away. (A lock file was rejected: it costs the same on the first
use, and it can be left behind by a kill or ignored by a network file system.)
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path

import msgspec

from cellview.base.scratch import scratch_folder
from cellview.prover.errors import ToolchainError
from cellview.prover.lean.child import run_child

__all__ = [
    "PRELUDE_FOLDER",
    "Kept",
    "Manifest",
    "Module",
    "cached_files",
    "cached_module",
    "cached_prelude",
    "compiled_preludes",
    "default_cache",
    "joined_sources",
    "prelude_key",
    "prelude_source",
]

_ATTEMPTS = 3
_COMPILE_SECONDS = 120.0
PRELUDE_FOLDER = Path(__file__).with_name("prelude")


class Manifest(msgspec.Struct, frozen=True):
    """What stands beside a compiled module: what it was made of, and its own digest."""

    key: str
    library: str
    """Digest of the Lean library that compiled it."""
    olean: str
    """SHA-256 of the compiled file, or of all files one after the other."""


class Module(msgspec.Struct, frozen=True):
    """Something to compile: what it is called in messages and in the cache, its name in Lean, and its text."""

    title: str
    name: str
    source: str

    @property
    def olean(self) -> str:
        """The name of the compiled file."""
        return f"{self.name}.olean"

    @property
    def kept(self) -> Kept:
        """How the compiled module is kept."""
        return Kept(self.title, self.source, (self.olean,))


class Kept(msgspec.Struct, frozen=True):
    """Something that Lean makes once and the cache keeps: its title, a text that it is a function of, its files."""

    title: str
    source: str
    files: tuple[str, ...]


def default_cache(environ: Mapping[str, str]) -> Path:
    """Return the cache folder: ``$XDG_CACHE_HOME/cellview``, or ``~/.cache/cellview``."""
    base = environ.get("XDG_CACHE_HOME", "")
    # The XDG rule: a relative path is to be ignored.
    return (Path(base) if base.startswith("/") else Path.home() / ".cache") / "cellview"


def prelude_source() -> str:
    """Return the prelude as one Lean file."""
    return joined_sources(PRELUDE_FOLDER)


def joined_sources(folder: Path) -> str:
    """Return the Lean files of a folder as one, in the order of their numbers.

    A ``.tsv`` file is a table of hooks into the compiled Lean (see ``prelude/03-syntax.lean``); each row becomes one
    line.
    """
    files = sorted(folder.iterdir(), key=lambda file: file.name)
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
    prelude = Module("prelude", "Init", prelude_source())
    return await cached_module(prelude, cache, lean=lean, library=library, environ=environ, attempts=attempts)


async def cached_module(
    module: Module,
    cache: Path,
    *,
    lean: Sequence[str],
    library: str,
    environ: Mapping[str, str],
    attempts: int = _ATTEMPTS,
    accept: Callable[[Path], Awaitable[str]] | None = None,
) -> Path:
    """Return the folder that holds the compiled `module`, compiling it first if need be.

    Args:
        module: What to compile.
        cache: Where compiled modules live; made if missing.
        lean: The command that starts Lean.
        library: Digest of Lean's library and of whatever else the compiled file depends on.
        environ: Environment of the child.
        attempts: How often to try before giving up.
        accept: Tries a new file, given its folder, before it is kept; returns what is wrong with it, or nothing.

    Raises:
        ToolchainError: The cache folder cannot be written, or Lean or `accept` refuses the module.
    """

    async def make(room: Path) -> str:
        return await _compile(room, module, lean, environ) or (await accept(room) if accept is not None else "")

    return await cached_files(module.kept, cache, library=library, make=make, attempts=attempts)


async def cached_files(
    kept: Kept, cache: Path, *, library: str, make: Callable[[Path], Awaitable[str]], attempts: int = _ATTEMPTS
) -> Path:
    """Return the folder that holds the files of `kept`, having them made first if need be.

    Args:
        kept: What is wanted.
        cache: Where such folders live; made if missing.
        library: Digest of Lean's library and of whatever else the files depend on, beside the source.
        make: Makes the files in a folder; returns what went wrong, or nothing.
        attempts: How often to try before giving up.

    Raises:
        ToolchainError: The cache folder cannot be written, or `make` fails.
    """
    key = prelude_key(kept.source, library)
    folder = cache / f"{kept.title.replace(' ', '-')}-{key}"
    if is_intact(folder, kept, key):
        return folder
    problem = ""
    try:
        _make(cache)
        for _ in range(attempts):
            with scratch_folder("compiling", within=cache) as room:
                problem = await make(room)
                if not problem:
                    _install(room, folder, kept, key, library)
                    return folder
    except OSError as error:
        raise ToolchainError(
            f"The compiled {kept.title} cannot be kept in {cache}: {error.strerror or error}. "
            "Set XDG_CACHE_HOME to a folder that can be written."
        ) from error
    raise ToolchainError(f"Lean did not compile the {kept.title} ({attempts} attempts): {problem}")


def compiled_preludes(cache: Path) -> frozenset[str]:
    """Return the names of the folders in `cache` that hold a compiled prelude, of this version or another."""
    return frozenset(folder.name for folder in cache.glob("prelude-*") if (folder / "manifest.json").is_file())


def _make(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)


def is_intact(folder: Path, kept: Kept, key: str) -> bool:
    """Whether `folder` holds the files of `kept` for `key`, and their bytes are those that were written."""
    try:
        manifest = msgspec.json.decode((folder / "manifest.json").read_bytes(), type=Manifest)
        return manifest.key == key and manifest.olean == _digest(folder, kept)
    except (OSError, msgspec.DecodeError):
        return False


def _digest(folder: Path, kept: Kept) -> str:
    digest = hashlib.sha256()
    for name in kept.files:
        digest.update((folder / name).read_bytes())
    return digest.hexdigest()


async def _compile(room: Path, module: Module, lean: Sequence[str], environ: Mapping[str, str]) -> str:
    """Compile `module` inside `room`; return what went wrong, or nothing.

    One compilation in some twenty ends without a file and without a word; hence the attempts of the caller.
    """
    text = room / f"{module.name}.lean"
    text.write_text(module.source, encoding="utf-8")
    olean = room / module.olean
    # Linters write warnings that nobody reads here. Without them the file is the same, byte for byte, and sooner.
    command = [*lean, "-Dlinter.all=false", "-o", str(olean), str(text)]
    outcome = await run_child(command, env=environ, cwd=room, timeout_s=_COMPILE_SECONDS)
    if outcome.ending == "timeout":
        return f"no answer in {_COMPILE_SECONDS:.0f} seconds"
    if outcome.status or not olean.exists():
        said = (outcome.output + outcome.errors).decode(errors="replace").strip()
        return said[:2000] or f"exit status {outcome.status} and no message"
    return ""


def _install(room: Path, folder: Path, kept: Kept, key: str, library: str) -> None:
    """Move the finished files into place, unless somebody else was faster."""
    parcel = room / "parcel"
    parcel.mkdir()
    for name in kept.files:
        (room / name).rename(parcel / name)
    manifest = Manifest(key=key, library=library, olean=_digest(parcel, kept))
    (parcel / "manifest.json").write_bytes(msgspec.json.encode(manifest))
    for _ in range(2):
        try:
            parcel.rename(folder)
            return
        except OSError:
            if is_intact(folder, kept, key):
                return
            # What stands there is damaged (a full disk, a crash): out of the way with it.
            if folder.exists():
                aside = room / "damaged"
                folder.rename(aside)
                shutil.rmtree(aside, ignore_errors=True)
    if not is_intact(folder, kept, key):
        raise OSError(f"{folder} could not be replaced")
