"""Check Lean text in a fresh process, and accept a proof only that way.

:func:`check_file` runs Lean on a file or a text. :func:`verify` decides whether a script proves a statement:

1. `soundness.py` must find nothing forbidden in statement and script.
2. The *guard* run: the script stands in parentheses, where no new command can begin, under a name that it cannot know.
   Behind it the statement is stated a second time, and the theorem must have that type.
3. The *plain* run: the same text as it is handed to the user.

Both runs must end with exit status 0 and no error, and `#print axioms` must name nothing beyond the three axioms of
Lean's usual mathematics. Both are new processes: nothing that a search did can reach them.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Literal, TypeAlias

import msgspec
import structlog

from cellview.base.scratch import scratch_folder
from cellview.prover.base import Verification
from cellview.prover.errors import ToolchainError
from cellview.prover.lean.child import Outcome, run_child
from cellview.prover.lean.imported import begin_there
from cellview.prover.lean.nursery import Nursery, NurseryLost
from cellview.prover.lean.soundness import statement_problem, tactic_problem
from cellview.prover.lean.toolchain import Toolchain

__all__ = ["ALLOWED_AXIOMS", "CheckReport", "Message", "check_file", "proof_source", "verify"]

ALLOWED_AXIOMS = frozenset({"propext", "Classical.choice", "Quot.sound"})

_log = structlog.get_logger(__name__)

_MEMORY_BYTES = 4 << 30
_TIMEOUT_S = 120.0
_OPTIONS = ("autoImplicit=false", "maxHeartbeats=4000000")
"""An unknown name must be an error, not one more variable of the statement. A whole script is one command to Lean, and
each of its tactics may have used the default limit of 200,000 heartbeats."""
_MODULE = re.compile(r"[A-Za-z_][A-Za-z0-9_']*(\.[A-Za-z_][A-Za-z0-9_']*)*")
_NAME = _MODULE
_AXIOMS = re.compile(r"'(?P<name>[^']*)' (?:depends on axioms: \[(?P<list>[^\]]*)\]|does not depend on any axioms)")

Severity: TypeAlias = Literal["error", "warning", "information"]


class Message(msgspec.Struct, frozen=True, gc=False):
    """One message of Lean. Lines count from 1, columns from 0, as Lean prints them."""

    severity: Severity
    line: int
    column: int
    text: str


class CheckReport(msgspec.Struct, frozen=True):
    """What a fresh Lean said about a file.

    `exit_status` is Lean's own (0: no error), or the negative number of the signal that ended it. If Lean did not
    end by itself, `broken` says how; nothing may be concluded about the file then.
    """

    exit_status: int
    messages: tuple[Message, ...] = ()
    broken: str = ""

    @property
    def ok(self) -> bool:
        """Whether Lean accepted the file: exit status 0 and no message that is an error."""
        return not self.broken and self.exit_status == 0 and self.first_error is None

    @property
    def first_error(self) -> Message | None:
        """The first message that is an error."""
        return next((message for message in self.messages if message.severity == "error"), None)

    def explain(self) -> str:
        """Say in one line why the file was not accepted; empty if it was."""
        if self.ok:
            return ""
        if self.broken:
            return self.broken
        error = self.first_error
        return f"line {error.line}: {error.text}" if error else f"Lean ended with exit status {self.exit_status}"


class _Position(msgspec.Struct):
    line: int
    column: int


class _RawMessage(msgspec.Struct):
    severity: Severity
    pos: _Position
    data: str


async def check_file(
    toolchain: Toolchain,
    path_or_source: Path | str,
    *,
    memory_bytes: int = _MEMORY_BYTES,
    timeout_s: float = _TIMEOUT_S,
    options: Sequence[str] = (),
    nursery: Nursery | None = None,
    no_header: bool = False,
) -> CheckReport:
    """Run a fresh Lean on a file (a path) or on a text (a string) and report what it says.

    Args:
        toolchain: The Lean to run.
        path_or_source: A ``.lean`` file, or Lean source text.
        memory_bytes: Lean's memory limit.
        timeout_s: After so many seconds the process is killed, and the report is `broken`.
        options: Options of Lean, as ``name=value``.
        nursery: Forks the process, if given; otherwise, and if it is lost, one is started from nothing.
        no_header: Whether the text is known to import nothing. A forked process then begins where the prelude has been
            imported.

    Raises:
        ToolchainError: The file cannot be read or Lean cannot be started.
    """
    with scratch_folder("check") as room:
        if isinstance(path_or_source, Path):
            file = _readable(path_or_source)
        else:
            file = room / "Check.lean"
            _write(file, path_or_source)
        arguments = [*(f"-D{option}" for option in options), "--json", str(file)]
        cwd = toolchain.cwd or room
        try:
            state = await nursery.imported(options) if nursery is not None and no_header else None
            begun = [begin_there(state)] if state is not None else []
            outcome = await _forked(nursery, toolchain, [*begun, *arguments], cwd, memory_bytes, timeout_s)
            outcome = outcome or await run_child(
                [*toolchain.limited(memory_bytes), *arguments],
                env=toolchain.environment(memory_bytes=memory_bytes, cpu_seconds=_cpu_seconds(timeout_s)),
                cwd=cwd,
                timeout_s=timeout_s,
            )
        except OSError as error:
            raise ToolchainError(f"Lean cannot be started: {error.strerror or error}.") from error
    return _report(outcome, timeout_s)


async def verify(
    toolchain: Toolchain,
    statement: str,
    script: str,
    *,
    imports: Sequence[str] = (),
    name: str = "proved",
    memory_bytes: int = _MEMORY_BYTES,
    timeout_s: float = _TIMEOUT_S,
    nursery: Nursery | None = None,
) -> Verification:
    """Decide whether `script` proves `statement`, trusting nothing but two fresh runs of Lean.

    Args:
        toolchain: The Lean to run.
        statement: What stands between a theorem's name and ``:=``.
        script: A tactic script; its lines keep their relative indentation.
        imports: Modules to import (a user's own Lean only).
        name: The theorem's name in the source that is returned.
        memory_bytes: Lean's memory limit.
        timeout_s: Limit for each run.
        nursery: See :func:`check_file`.

    Raises:
        ToolchainError: Lean cannot be started.
    """
    if (problem := statement_problem(statement) or tactic_problem(script)) is not None:
        return Verification(ok=False, message=problem)
    for text in (*imports, name):
        if not _MODULE.fullmatch(text):
            return Verification(ok=False, message=f"{text!r} is not a plain name, as a module or a theorem needs.")
    secret = "Cellview_" + hashlib.sha256(f"{statement}\0{script}".encode()).hexdigest()[:16]
    guard, guard_line = _guard(statement, script, imports, secret)
    source = proof_source(statement, script, imports=imports, name=name)
    plain = f"{source}\n#print axioms {name}\n"
    runs = [(guard, guard_line, secret), (plain, plain.count("\n"), name)]
    reports = await asyncio.gather(
        *(_settled(toolchain, text, memory_bytes, timeout_s, nursery, no_header=not imports) for text, _, _ in runs)
    )
    axioms: tuple[str, ...] = ()
    for report, (_, line, theorem) in zip(reports, runs, strict=True):
        problem, axioms = _judge(report, line, theorem)
        if problem:
            broken = bool(report.broken)
            return Verification(ok=False, message=problem, axioms=axioms, source=source, broken=broken)
    return Verification(ok=True, axioms=axioms, source=source)


def proof_source(statement: str, script: str, *, imports: Sequence[str] = (), name: str = "proved") -> str:
    """Return the Lean file that states and proves: what a user would write by hand."""
    return f"{_header(imports)}theorem {_signature(name, statement)} := by\n{_indented(script, '  ')}\n"


def _guard(statement: str, script: str, imports: Sequence[str], secret: str) -> tuple[str, int]:
    """Return the guard file, and the line on which it asks for the axioms."""
    # The restatement comes last: before the script, `exact?` and `assumption`-like searches could find and use it.
    text = (
        f"{_header(imports)}theorem {_signature(secret, statement)} := by\n  (\n{_indented(script, '  ')}\n  )\n"
        f"#print axioms {secret}\n"
    )
    line = text.count("\n")
    again = f"{secret}_restated"
    text += f"axiom {_signature(again, statement)}\nexample : type_of% @{again} := @{secret}\n"
    return text, line


def _header(imports: Sequence[str]) -> str:
    return "".join(f"import {module}\n" for module in imports) + ("\n" if imports else "")


def _signature(name: str, statement: str) -> str:
    statement = statement.strip()
    return f"{name}{'' if statement.startswith('.{') else ' '}{statement}"


def _indented(script: str, margin: str) -> str:
    """Move a script to the right, keeping its shape; empty lines around it are dropped."""
    lines = [line.rstrip() for line in script.strip("\n").split("\n")]
    shallow = min((len(line) - len(line.lstrip(" ")) for line in lines if line), default=0)
    return "\n".join(f"{margin}{line[shallow:]}" if line else "" for line in lines)


async def _settled(
    toolchain: Toolchain, text: str, memory_bytes: int, timeout_s: float, nursery: Nursery | None, *, no_header: bool
) -> CheckReport:
    """Check `text`; once more if the process broke down, since that says nothing about the text."""
    report = CheckReport(exit_status=1)
    for _ in range(2):
        report = await check_file(
            toolchain,
            text,
            memory_bytes=memory_bytes,
            timeout_s=timeout_s,
            options=_OPTIONS,
            nursery=nursery,
            no_header=no_header,
        )
        if not report.broken:
            break
        nursery = None
    return report


async def _forked(
    nursery: Nursery | None,
    toolchain: Toolchain,
    arguments: Sequence[str],
    cwd: Path | str,
    memory_bytes: int,
    timeout_s: float,
) -> Outcome | None:
    """Run the check in a forked child; None if there is no nursery, or it was lost."""
    if nursery is None:
        return None
    try:
        return await nursery.run(
            [*toolchain.options(memory_bytes), *arguments],
            cwd=cwd,
            memory_bytes=memory_bytes,
            cpu_seconds=_cpu_seconds(timeout_s),
            timeout_s=timeout_s,
        )
    except NurseryLost as error:
        _log.warning("forked check lost, checking in a process of its own", trouble=str(error))
        return None


def _judge(report: CheckReport, line: int, theorem: str) -> tuple[str, tuple[str, ...]]:
    """Return what is wrong with a run (or nothing) and the axioms that it named.

    The axioms count only from the message on the very line of our own ``#print axioms``: a script can print what it
    likes, but not there.
    """
    if not report.ok:
        return report.explain(), ()
    said = [message.text for message in report.messages if message.line == line]
    match = _AXIOMS.fullmatch(said[0].strip()) if len(said) == 1 else None
    if match is None or match["name"] != theorem:
        return "Lean did not say which axioms the proof uses", ()
    axioms = tuple(sorted(part.strip() for part in (match["list"] or "").split(",") if part.strip()))
    foreign = [axiom for axiom in axioms if axiom not in ALLOWED_AXIOMS]
    return (f"the proof uses {', '.join(foreign)}, which is not accepted" if foreign else ""), axioms


def _report(outcome: Outcome, timeout_s: float) -> CheckReport:
    if outcome.ending == "timeout":
        return CheckReport(outcome.status, broken=f"Lean gave no answer in {timeout_s:g} seconds and was ended")
    if outcome.ending == "flood":
        return CheckReport(outcome.status, broken="Lean printed more than 32 MB and was ended")
    messages: list[Message] = []
    noise: list[str] = []
    for row in outcome.output.decode(errors="replace").splitlines():
        try:
            raw = msgspec.json.decode(row, type=_RawMessage)
        except msgspec.MsgspecError:
            noise.append(row)
        else:
            messages.append(Message(raw.severity, raw.pos.line, raw.pos.column, raw.data))
    noise += outcome.errors.decode(errors="replace").splitlines()
    said = " ".join(" ".join(noise).split())[:500]
    broken = ""
    if outcome.status < 0:
        broken = f"Lean was ended by signal {-outcome.status}{': ' if said else ''}{said}"
    elif outcome.status and not any(message.severity == "error" for message in messages):
        broken = f"Lean ended with exit status {outcome.status} and named no error{': ' if said else ''}{said}"
    return CheckReport(outcome.status, tuple(messages), broken)


def _cpu_seconds(timeout_s: float) -> int:
    return int(timeout_s * (os.cpu_count() or 1)) + 5


def _readable(path: Path) -> Path:
    if not (path.is_file() and os.access(path, os.R_OK)):
        raise ToolchainError(f"The file {path} cannot be read: give the path of a .lean file.")
    return path.absolute()


def _write(file: Path, text: str) -> None:
    file.write_text(text, encoding="utf-8")
