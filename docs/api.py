"""Write a reference page of public names: ``python docs/api.py actors > docs/reference/actors.md``.

The pages are ``actors`` and ``python``. Signatures and words are those of the code; a test compares a page with what
this prints.
"""

import ast
import inspect
import re
import sys
import textwrap
from collections.abc import Iterator
from types import ModuleType

import cellview.actors
import cellview.actors.testing
import cellview.actors.testing.plugin
import cellview.core
import cellview.daemon
import cellview.experiment
import cellview.prover
import cellview.schedule
import cellview.search
import cellview.trace
import cellview.tree

ACTORS = """# The actor kernel

This page is made from the code. See also [what is guaranteed](actor-semantics.md),
[a first service](../how-to/write-an-actor-service.md), and
[tests under every interleaving](../how-to/test-interleavings.md).

`import cellview.actors` needs anyio, msgspec and structlog, and nothing else. It runs on asyncio: the standard loop,
its debug mode, eager tasks (Python 3.12) and uvloop are tested.
"""

PARTS: tuple[tuple[str, ModuleType, tuple[str, ...]], ...] = (
    ("Writing an actor", cellview.actors, ("Actor", "Context", "Request", "Reply", "Timer", "BackgroundTask")),
    ("Talking to actors", cellview.actors, ("Ref", "Terminated", "DeadLetter")),
    ("Supervision", cellview.actors, ("Supervision", "Stop", "Restart", "Escalate")),
    ("The system", cellview.actors, ("ActorSystem", "DrainReport", "Counters", "Clock", "LoopClock", "TimerHandle",
                                     "Dispatcher", "unwrapped")),
    ("Errors", cellview.actors, ("ActorError", "SpawnFailed", "NameTaken", "NotRunning", "NothingToAnswer",
                                 "SystemFailed", "AskError", "DeadlineExceeded", "AskCycle", "ActorFailed",
                                 "ActorStopped", "NoReply", "InterruptedHandler", "ChildFailed")),
    ("Controlled runs", cellview.actors.testing, ("run_controlled", "replay", "explore", "Run")),
    ("The pytest plugin", cellview.actors.testing.plugin, ("Controlled",)),
)  # fmt: skip

PYTHON = """# From Python

This page is made from the code: what can be imported, by package.
[How to use it](../how-to/use-from-python.md) comes first.
The [actor kernel](actors.md), the [measures](measures.md), the [frontier](frontier.md) and
[brokers, claims and executors](cluster.md) have pages of their own; errors say in their texts what to do.

"""


def public(module: ModuleType) -> tuple[str, ...]:
    """Classes and functions that a package exports, without its errors."""
    things = {name: getattr(module, name) for name in module.__all__}
    return tuple(
        name
        for name, thing in things.items()
        if inspect.isfunction(thing) or (inspect.isclass(thing) and not issubclass(thing, BaseException))
    )


PACKAGES: tuple[tuple[str, ModuleType, tuple[str, ...]], ...] = (
    ("Searches", cellview.search, public(cellview.search)),
    ("Experiments", cellview.experiment, public(cellview.experiment)),
    ("Provers and providers", cellview.prover, public(cellview.prover)),
    ("Blocking, delaying, holding back", cellview.schedule, public(cellview.schedule)),
    ("Traces and run folders", cellview.trace, public(cellview.trace)),
    ("Trees", cellview.tree, public(cellview.tree)),
    ("The daemon's client", cellview.daemon, ("Client",)),
    ("The state machine of a search", cellview.core, ("begin", "SearchRun", "replay", "Replay", "resume", "Counts")),
)
HIDDEN = {"ActorSystem": {"spawn_under", "forget", "dead_letter", "fail", "someone_is_idle"}}
"""Public to the kernel's own layers, not to users."""


def words(docstring: str | None) -> str:
    """A docstring as Markdown: sections become lists, examples become code."""
    text = inspect.cleandoc(docstring or "")
    lines: list[str] = []
    section = ""
    for line in text.splitlines():
        if re.fullmatch(r"(Args|Raises|Attributes|Example):", line):
            section = line[:-1]
            lines += ["", f"{'Arguments' if section == 'Args' else section}:", ""]
            if section == "Example":
                lines.append("```pycon")
        elif section == "Example" and not line.startswith("    ") and line:
            lines += ["```", "", line]
            section = ""
        elif section == "Example":
            lines.append(line[4:])
        elif section and (match := re.fullmatch(r"    ([\w, ]+): (.*)", line)):
            names = ", ".join(f"`{name}`" for name in match[1].split(", "))
            lines.append(f"- {names}: {match[2]}")
        elif section and line.startswith("    "):
            lines.append(f"  {line.strip()}")
        else:
            section = section if not line else ""
            lines.append(line)
    return "\n".join([*lines, "```"] if section == "Example" else lines)


def definition(node: ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    """A signature as it stands in the code, without its body."""
    kept = [each for each in node.decorator_list if ast.unparse(each) in ("property", "overload")]
    empty: list[ast.stmt] = [ast.Expr(ast.Constant(...))]
    kind = type(node)
    bare = kind(name=node.name, args=node.args, body=empty, decorator_list=kept, returns=node.returns, lineno=0)
    return ast.unparse(ast.fix_missing_locations(bare)).removesuffix("\n    ...").strip().removesuffix(":")


def methods(node: ast.ClassDef) -> Iterator[str]:
    """Every public method and property, in the order of the code."""
    for inner in node.body:
        if not isinstance(inner, ast.FunctionDef | ast.AsyncFunctionDef) or ast.get_docstring(inner) is None:
            continue
        if inner.name.startswith("_") or inner.name in HIDDEN.get(node.name, set()):
            continue
        yield f"```text\n{definition(inner)}\n```\n\n{words(ast.get_docstring(inner))}\n"


def entry(name: str, module: ModuleType) -> str:
    """One name, with its signature and its words."""
    thing = getattr(module, name)
    if not inspect.isclass(thing) and not inspect.isfunction(thing):
        return f"### {name}\n\n`{name} = {' | '.join(each.__name__ for each in thing.__args__)}`\n"
    node = ast.parse(textwrap.dedent(inspect.getsource(thing))).body[0]
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        return f"### {name}\n\n```text\n{definition(node)}\n```\n\n{words(ast.get_docstring(node))}\n"
    assert isinstance(node, ast.ClassDef)
    parts = [f"### {name}\n\n{words(ast.get_docstring(node))}\n"]
    fields = [ast.unparse(each) for each in node.body if isinstance(each, ast.AnnAssign)]
    public = [field for field in fields if not field.startswith(("_", "context:", "log:"))]
    if public:
        parts.append("```text\n" + "\n".join(public) + "\n```\n")
    made = next((each for each in node.body if isinstance(each, ast.FunctionDef) and each.name == "__init__"), None)
    if made is not None and "Made by" not in (ast.get_docstring(made) or ""):
        signature = definition(made).replace("__init__(self, ", "__init__(").replace("__init__", name, 1)
        parts.append(f"```text\n{signature.removeprefix('def ').removesuffix(' -> None')}\n```\n")
        parts.append(f"{words(ast.get_docstring(made))}\n")
    parts += methods(node)
    return "\n".join(parts)


def page(name: str) -> str:
    """Return a whole page."""
    head, parts = {"actors": (ACTORS, PARTS), "python": (PYTHON, PACKAGES)}[name]
    lines = [head]
    for title, module, names in parts:
        lines.append(f"## {title}\n")
        if name == "python":
            lines.append(f"`from {module.__name__} import …`\n")
        lines += [entry(each, module) for each in names]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).rstrip() + "\n"


if __name__ == "__main__":
    print(page(sys.argv[1]), end="")  # noqa: T201
