"""Compile the tactic server, try all of it, keep it; start it.

The server names some hundred things inside the compiled Lean, and nothing checks what it says about them: a wrong name
ends the process when it is first used, a wrong number of arguments or a wrong field does anything at all. So a newly
compiled server is not kept before it has passed the smoke test, which uses every one of those names.
"""

from __future__ import annotations

from pathlib import Path

from cellview.prover.lean.cache import Module, cached_module, joined_sources
from cellview.prover.lean.server.process import ServerProcess
from cellview.prover.lean.server.smoke import smoke_problem
from cellview.prover.lean.toolchain import Toolchain
from cellview.prover.lean.transport import Lost

__all__ = ["SERVER_FOLDER", "compiled_server", "server_source", "start_server"]

SERVER_FOLDER = Path(__file__).parent
_MODULE = "CellviewServer"
_SERVE = SERVER_FOLDER / "start" / "Serve.lean"
"""The file that Lean is started on: it imports the server and begins to serve."""
_MEMORY_BYTES = 2 << 30


def server_source() -> str:
    """Return the Lean half of the server as one file."""
    return joined_sources(SERVER_FOLDER)


async def compiled_server(toolchain: Toolchain, *, source: str | None = None, attempts: int = 2) -> Path:
    """Return the folder of the compiled server; it is compiled and tried first if need be (some three seconds).

    Args:
        toolchain: The embedded Lean.
        source: The server's text, if not its own: for tests of the smoke test.
        attempts: How often to try before giving up.

    Raises:
        ToolchainError: Lean does not compile the server, or what it compiled does not behave.
    """
    prelude = _prelude(toolchain)

    async def accept(folder: Path) -> str:
        try:
            server = await _start(toolchain, folder, memory_bytes=_MEMORY_BYTES)
        except OSError as error:
            return f"it cannot be started: {error.strerror or error}"
        except Lost as error:
            return f"it does not begin: {error}"
        try:
            problem = await smoke_problem(server)
        finally:
            await server.kill()
        return problem and f"{problem}; this Cellview and this Lean do not fit together. Use --lean-transport lsp"

    module = Module("server", _MODULE, server_source() if source is None else source)
    # The prelude's folder is named by its own digest and that of Lean's library.
    return await cached_module(
        module,
        prelude.parent,
        lean=toolchain.command,
        library=prelude.name,
        environ=toolchain.environment(),
        attempts=attempts,
        accept=accept,
    )


async def start_server(toolchain: Toolchain, *, memory_bytes: int) -> ServerProcess:
    """Start a server of the embedded Lean.

    Raises:
        ToolchainError: The server cannot be compiled.
        Lost: It broke down at once.
        OSError: Lean cannot be started.
    """
    return await _start(toolchain, await compiled_server(toolchain), memory_bytes=memory_bytes)


async def _start(toolchain: Toolchain, folder: Path, *, memory_bytes: int) -> ServerProcess:
    environment = toolchain.environment(memory_bytes=memory_bytes)
    environment["LEAN_PATH"] = f"{_prelude(toolchain)}:{folder}"
    # One thread does everything: heartbeats are counted by thread, and a snapshot must not have a task behind it.
    command = [*toolchain.limited(memory_bytes), "-DElab.async=false", str(_SERVE)]
    return await ServerProcess.start(command, env=environment, cwd=toolchain.cwd)


def _prelude(toolchain: Toolchain) -> Path:
    return Path(dict(toolchain.env)["LEAN_PATH"])
