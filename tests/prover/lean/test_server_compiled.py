"""The compiled tactic server is kept only if it behaves: every name, number of arguments and field is tried."""

from __future__ import annotations

import random
import re
import shutil
from pathlib import Path

import msgspec
import pytest

from cellview.prover.errors import ToolchainError
from cellview.prover.lean import Toolchain
from cellview.prover.lean.server.compiled import compiled_server, server_source, start_server
from cellview.prover.lean.server.smoke import conversation

AXIOM = re.compile(r'^@\[extern "native"\] axiom (\S+)', flags=re.MULTILINE)


def with_cache(toolchain: Toolchain, folder: Path) -> Toolchain:
    """The same Lean with a cache of its own, so that a refused server is seen to leave nothing in it."""
    prelude = Path(dict(toolchain.env)["LEAN_PATH"])
    shutil.copytree(prelude, folder / prelude.name)
    return msgspec.structs.replace(toolchain, env=(("LEAN_PATH", str(folder / prelude.name)),))


async def test_compiled_once_and_kept(toolchain: Toolchain, tmp_path: Path) -> None:
    mine = with_cache(toolchain, tmp_path)
    folder = await compiled_server(mine)
    assert folder.name.startswith("server-")
    before = (folder / "CellviewServer.olean").stat().st_mtime_ns
    assert await compiled_server(mine) == folder
    assert (folder / "CellviewServer.olean").stat().st_mtime_ns == before
    assert sorted(file.name for file in folder.iterdir()) == ["CellviewServer.olean", "manifest.json"]
    # Damaged bytes are noticed.
    (folder / "CellviewServer.olean").write_bytes(b"nonsense")
    assert await compiled_server(mine) == folder
    server = await start_server(mine, memory_bytes=1 << 30)
    await server.kill()


PLANTED = {
    "an argument too many": ("axiom hasSorry (e : Expr)", "axiom hasSorry (n : Nat) (e : Expr)"),
    "an argument too few": (
        "addBuiltin {γ : Type} (attr : KeyedDeclsAttribute γ) (key : Name)\n  (declName : Name) (value : γ)",
        "addBuiltin (attr : KeyedDeclsAttribute Elab.Tactic.Tactic) (key : Name)\n  (declName : Name) "
        "(value : Elab.Tactic.Tactic)",
    ),
    "fields of a declaration in another order": (
        "  userName : Name\n  lctx : LocalContext\n  type : Expr",
        "  userName : Name\n  type : Expr\n  lctx : LocalContext",
    ),
    "fields of the core state in another order": (
        "  messages : MessageLog\n  infoState",
        "  infoState' : MessageLog\n  messages : MessageLog\n  infoState",
    ),
    "severities in another order": ("| information | warning | error", "| error | warning | information"),
    "a message without a field": ("  keepFullRange : Bool\n", ""),
    "a goal for people with its fields in another order": (
        "  type : Widget.CodeWithInfos\n  ctx : Widget.Ctx",
        "  ctx : Widget.Ctx\n  type : Widget.CodeWithInfos",
    ),
    "a world of another shape": (
        "Subtype (fun α : Type => Nonempty α)\ndef Void (σ : Type) : Type := (Void.nonemptyType σ).val",
        "Type\ndef Void (σ : Type) : Type := Void.nonemptyType σ",
    ),
    "errors that are recovered from": ("withoutRecover fun c s", "id fun c s"),
    "a gap that is not looked for": ("match hasGap after.mctx chosen with", "match false with"),
    "the theorem's own name in reach": ("MVarId.clearImplDetails goal)", "fun _ _ _ _ w => .ok goal w)"),
    "limits that are counted on": (
        "base (IO.setNumHeartbeats 0)\n    match",
        "base (IO.setNumHeartbeats 99999)\n    match",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("right", "wrong"), PLANTED.values(), ids=PLANTED.keys())
async def test_a_mismatch_is_refused(right: str, wrong: str, toolchain: Toolchain, tmp_path: Path) -> None:
    source = server_source()
    assert right in source
    mine = with_cache(toolchain, tmp_path)
    with pytest.raises(ToolchainError, match="server") as caught:
        await compiled_server(mine, source=source.replace(right, wrong, 1), attempts=1)
    assert "\n" not in str(caught.value).split(":", 1)[0]
    assert not list(tmp_path.glob("server-*"))  # noqa: ASYNC240  (nothing else runs in this test)


async def test_every_name_is_used_by_the_smoke_test(toolchain: Toolchain, tmp_path: Path) -> None:
    """With any one of the names made unknown to Lean, the smoke test must notice; a few of them, since each takes a
    second or two."""
    source = server_source()
    names = AXIOM.findall(source)
    assert len(names) > 50
    mine = with_cache(toolchain, tmp_path)
    for name in random.Random(20250103).sample(names, 4):
        twisted = AXIOM.sub(lambda match: match[0] + ("Nowhere" if match[1] == name else ""), source)  # noqa: B023
        last = name.rpartition(".")[2]
        twisted = re.sub(rf"(?<=[.\s(]){re.escape(last)}(?=[\s)])", f"{last}Nowhere", twisted)
        with pytest.raises(ToolchainError):
            await compiled_server(mine, source=twisted, attempts=1)


def test_the_conversation_is_whole() -> None:
    asked = [next(iter(exchange.ask)) for exchange in conversation()]
    assert {"run", "prove", "try", "show", "print", "free", "stop"} == set(asked)
    assert sum("errors" in exchange.answer for exchange in conversation()) >= 6
