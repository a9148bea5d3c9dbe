"""What a run's metadata says about its surroundings: versions, host, commit. The one place here that looks around."""

from __future__ import annotations

import os
import platform
import socket
import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from cellview.trace.metadata import GitInfo, HostInfo, Versions

__all__ = ["describe_git", "describe_host", "describe_versions"]


def describe_versions(*, lean: str | None = None) -> Versions:
    """Return the versions in use. Lean's is passed in: only its prover can tell."""
    try:
        cellview = version("cellview")
    except PackageNotFoundError:
        cellview = "unknown"  # run from a source tree that was never installed
    return Versions(cellview=cellview, python=platform.python_version(), lean=lean)


def describe_host() -> HostInfo:
    """Return what is known of this machine."""
    return HostInfo(
        name=socket.gethostname(),
        system=f"{platform.system()} {platform.release()}",
        machine=platform.machine(),
        cpus=os.cpu_count() or 1,
    )


def describe_git(folder: str | Path = ".") -> GitInfo | None:
    """Return the commit that is checked out in `folder`; ``None`` if it is no checkout, or there is no git."""
    commit = _git(folder, "rev-parse", "--verify", "HEAD")
    if commit is None:
        return None
    return GitInfo(commit=commit, dirty=bool(_git(folder, "status", "--porcelain")))


def _git(folder: str | Path, *arguments: str) -> str | None:
    try:
        done = subprocess.run(
            ["git", "-C", str(folder), *arguments], capture_output=True, text=True, timeout=10, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()
