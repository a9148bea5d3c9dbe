"""What the documentation shows is run.

In README.md, CHANGELOG.md and docs/:

- A fenced block marked ``python`` is run, in a process and a folder of its own.
- A block marked ``console`` is a session: lines after ``$`` are run by bash, one after the other, and what they print
  must be what stands below, where a line ``...`` stands for any lines and ``...`` inside a line for any text.
- The ``sh`` blocks of a tutorial are run from top to bottom.
- In any other block marked ``sh``, every ``cellview`` command must exist, and so must each option given to it.
- Blocks of other kinds (``text``, ``toml``, ``json``) are not run; TOML and JSON must parse.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
import tomllib
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent
FENCE = re.compile(r"^```(?P<kind>[\w-]+)(?P<rest>[^\n]*)\n(?P<body>.*?)^```\s*$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"(?<!\!)\[[^\]]*\]\((?P<target>[^)\s]+)\)")


class Block(NamedTuple):
    page: Path
    line: int
    kind: str
    rest: str
    body: str

    def __str__(self) -> str:
        return f"{self.page.relative_to(REPOSITORY)}:{self.line}"


def pages() -> list[Path]:
    return [REPOSITORY / "README.md", REPOSITORY / "CHANGELOG.md", *sorted((REPOSITORY / "docs").rglob("*.md"))]


def blocks(*kinds: str) -> list[Block]:
    found: list[Block] = []
    for page in pages():
        text = page.read_text(encoding="utf-8")
        for match in FENCE.finditer(text):
            if match["kind"] in kinds:
                line = text.count("\n", 0, match.start()) + 1
                found.append(Block(page, line, match["kind"], match["rest"], match["body"]))
    return found


def environment() -> dict[str, str]:
    scripts = str(Path(sys.executable).parent)
    return {**os.environ, "PATH": f"{scripts}:{os.environ['PATH']}", "NO_COLOR": "1", "COLUMNS": "80"}


@pytest.fixture
def workplace(tmp_path: Path) -> Path:
    """Return a folder like a fresh clone seen by a user: the corpora, and nothing that could be overwritten."""
    (tmp_path / "corpora").symlink_to(REPOSITORY / "corpora", target_is_directory=True)
    (tmp_path / "docs").symlink_to(REPOSITORY / "docs", target_is_directory=True)
    return tmp_path


@pytest.mark.parametrize("block", blocks("python"), ids=str)
def test_python_runs(block: Block, workplace: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", block.body],
        cwd=workplace,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    assert done.returncode == 0, f"{block} failed:\n{done.stdout}\n{done.stderr}"


def session(body: str) -> list[tuple[str, str]]:
    """Split a console block into commands and what each prints; a command may continue with a backslash."""
    parts: list[tuple[str, str]] = []
    lines = iter(body.splitlines())
    for line in lines:
        if line.startswith("$ "):
            command = line[2:]
            while command.endswith("\\"):
                command = command[:-1] + next(lines).strip()
            parts.append((command, ""))
        else:
            assert parts, "a console block begins with a command after '$ '"
            command, shown = parts[-1]
            parts[-1] = (command, f"{shown}{line}\n")
    return parts


def pattern(shown: str) -> str:
    """Turn what a page shows into a regular expression."""
    lines: list[str] = []
    for line in shown.rstrip("\n").split("\n"):
        if line.strip() == "...":
            lines.append(r"(?:[^\n]*\n)*?")
        else:
            # Columns may be wider or narrower than on the day the page was written.
            parts = [r"\s+".join(re.escape(word) for word in part.split(" ") if word) for part in line.split("...")]
            lines.append(r"\s*" + r"[^\n]*?".join(parts) + r"\s*\n")
    return "".join(lines)


@pytest.mark.parametrize("block", blocks("console"), ids=str)
def test_console_sessions_print_what_is_shown(block: Block, workplace: Path) -> None:
    for command, shown in session(block.body):
        done = subprocess.run(
            ["bash", "-o", "pipefail", "-c", command],
            cwd=workplace,
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=280,
        )
        printed = done.stdout
        if shown.strip():
            assert re.fullmatch(pattern(shown), printed.rstrip("\n") + "\n"), (
                f"{block}: {command}\nprinted (status {done.returncode})\n{printed}"
            )
        else:
            assert done.returncode == 0, f"{block}: {command} failed:\n{printed}"


@pytest.mark.parametrize("page", sorted((REPOSITORY / "docs" / "tutorial").glob("*.md")), ids=lambda page: page.stem)
def test_tutorials_run_from_top_to_bottom(page: Path, workplace: Path) -> None:
    """A reader types every command of a tutorial; so does this, in one folder."""
    script = "\n".join(block.body for block in blocks("sh") if block.page == page)
    done = subprocess.run(
        ["bash", "-e", "-o", "pipefail", "-c", script],
        cwd=workplace,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=280,
    )
    assert done.returncode == 0, done.stdout
    assert script.count("cellview ") > 3


@cache
def help_of(command: tuple[str, ...]) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "cellview", *command, "--help"],
        env={**environment(), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"there is no command: cellview {' '.join(command)}"
    return done.stdout


def commands(body: str) -> list[list[str]]:
    """Return the words of every ``cellview`` command in a block of shell."""
    joined = re.sub(r"\\\n\s*", " ", body)
    found: list[list[str]] = []
    for line in joined.splitlines():
        if re.match(r"\s*(\$ )?cellview ", line):
            words = shlex.split(line.removeprefix("$ "), comments=True)
            end = next((i for i, word in enumerate(words) if word in ("|", ">", "&&", ";", "&", "2>")), len(words))
            found.append(words[1:end])
    return found


GROUPS = {"corpus", "trace", "lean", "frontier", "claims", "simulate"}


@pytest.mark.parametrize("block", blocks("sh", "console"), ids=str)
def test_shown_commands_and_options_exist(block: Block) -> None:
    for words in commands(block.body):
        depth = 2 if words[0] in GROUPS else 1
        if words[0].startswith("-"):
            continue
        text = help_of(tuple(words[:depth]))
        for word in words[depth:]:
            if word.startswith("--"):
                option = word.split("=")[0]
                assert re.search(rf"{re.escape(option)}(?![\w-])", text), f"{block}: {' '.join(words)} has no {option}"


@pytest.mark.parametrize("block", blocks("toml", "json"), ids=str)
def test_data_parses(block: Block) -> None:
    if block.kind == "toml":
        tomllib.loads(block.body)
    else:
        json.loads(block.body)


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(REPOSITORY)))
def test_links_lead_somewhere(page: Path) -> None:
    text = FENCE.sub("", page.read_text(encoding="utf-8"))
    for match in LINK.finditer(text):
        target = match["target"].split("#")[0]
        if target and "://" not in target and not target.startswith("mailto:"):
            assert (page.parent / target).exists(), f"{page.relative_to(REPOSITORY)} links to {target}"


def test_the_command_line_page_is_what_the_help_says() -> None:
    done = subprocess.run(
        [sys.executable, REPOSITORY / "docs" / "command_line.py"], capture_output=True, text=True, check=True
    )
    written = (REPOSITORY / "docs" / "reference" / "command-line.md").read_text(encoding="utf-8")
    assert done.stdout == written, "make it anew: python docs/command_line.py > docs/reference/command-line.md"


def test_a_wrong_session_would_fail() -> None:
    assert re.fullmatch(pattern("a ... c\n...\nend\n"), "a   b  c\nx\ny\nend\n")
    assert not re.fullmatch(pattern("a ... c\nend\n"), "a b d\nend\n")
    assert not re.fullmatch(pattern("a\n"), "a\nb\n")


def test_no_page_promises_an_index_that_does_not_hold_the_package() -> None:
    """Pip is asked for a file, or for an extra of what is installed; then the page says how that was installed."""
    for page in [*pages(), *sorted((REPOSITORY / "docs").rglob("*.service"))]:
        text = page.read_text(encoding="utf-8")
        for line in text.splitlines():
            if re.search(r"pip install .*cellview", line) and ".whl" not in line:
                assert page.name == "install.md" or "(install.md)" in text, f"{page}: {line}"
