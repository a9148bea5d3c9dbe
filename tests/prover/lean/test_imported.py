"""The state from which checks begin: kept once it has passed its trial, refused if it differs, dispensable always."""

from __future__ import annotations

import shutil
from pathlib import Path

import msgspec
import pytest

from cellview.prover.errors import ToolchainError
from cellview.prover.lean.cache import PRELUDE_FOLDER
from cellview.prover.lean.check import check_file, verify
from cellview.prover.lean.child import run_child
from cellview.prover.lean.imported import begin_there, imported_state
from cellview.prover.lean.nursery import Nursery
from cellview.prover.lean.toolchain import Toolchain

OPTIONS = ("autoImplicit=false", "maxHeartbeats=4000000")
SWAP = ("(p q : Prop) : p ∧ q → q ∧ p", "intro h\nexact ⟨h.2, h.1⟩")


@pytest.fixture
def elsewhere(toolchain: Toolchain, tmp_path: Path) -> Toolchain:
    """The same Lean with a cache of its own, so that nothing is kept there yet."""
    prelude = Path(dict(toolchain.env)["LEAN_PATH"])
    shutil.copytree(prelude, tmp_path / prelude.name)
    return msgspec.structs.replace(toolchain, env=(("LEAN_PATH", str(tmp_path / prelude.name)),))


async def test_it_is_saved_once_and_mended(elsewhere: Toolchain) -> None:
    state = await imported_state(elsewhere, OPTIONS)
    made = state.stat().st_mtime_ns
    assert await imported_state(elsewhere, OPTIONS) == state
    assert state.stat().st_mtime_ns == made
    state.write_bytes(state.read_bytes()[:-1000])
    assert await imported_state(elsewhere, OPTIONS) == state
    assert state.stat().st_mtime_ns != made
    assert await imported_state(elsewhere, ("autoImplicit=true",)) != state


@pytest.mark.parametrize("saved_with", [("autoImplicit=true",), ("pp.all=true",), ("maxHeartbeats=1",)])
async def test_a_state_that_says_something_else_is_refused(
    saved_with: tuple[str, ...], elsewhere: Toolchain, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The planted defect: Lean saves with other options than those that the check is made with."""

    async def disloyal(command: list[str], **rest: object) -> object:
        if any(word.startswith("--incr-header-save") for word in command):
            at = command.index("--json")
            command = [*command[:at], *(f"-D{option}" for option in saved_with), *command[at:]]
        return await run_child(command, **rest)  # type: ignore[arg-type]

    monkeypatch.setattr("cellview.prover.lean.imported.run_child", disloyal)
    with pytest.raises(ToolchainError, match="begun from what it has imported, it says"):
        await imported_state(elsewhere, OPTIONS)
    assert not list(Path(dict(elsewhere.env)["LEAN_PATH"]).parent.glob("imported-*"))


async def test_without_a_state_checks_import(toolchain: Toolchain) -> None:
    nursery = Nursery(toolchain)
    assert await nursery.imported(["noSuchOption=1"]) is None
    broken = await check_file(toolchain, "", options=["noSuchOption=1"], nursery=nursery, no_header=True)
    assert not broken.ok
    await nursery.aclose()


async def test_a_state_that_breaks_down_is_not_the_proof_s_fault(elsewhere: Toolchain) -> None:
    """Damage behind our back: the digest was right when the nursery began."""
    nursery = Nursery(elsewhere)
    assert (await verify(elsewhere, *SWAP, nursery=nursery)).ok
    state = await nursery.imported(OPTIONS)
    assert state is not None
    state.write_bytes(state.read_bytes()[: 3 << 20])
    assert (await verify(elsewhere, *SWAP, nursery=nursery)).ok
    state.unlink()
    assert (await verify(elsewhere, *SWAP, nursery=nursery)).ok
    assert not (await verify(elsewhere, ": 1 = 2", "decide", nursery=nursery)).ok
    await nursery.aclose()


async def test_checks_begin_there_and_say_the_same(toolchain: Toolchain, tmp_path: Path) -> None:
    """A longer text than the trial's: everything that the prelude declares, looked up and printed."""
    nursery = Nursery(toolchain)
    names = [
        words[1]
        for file in sorted(PRELUDE_FOLDER.glob("*.lean"))
        for words in map(str.split, file.read_text().splitlines())
        if len(words) > 1 and words[0] == "theorem"
    ]
    assert len(names) > 300
    # Names stand in namespaces that this does not look at: for some, the answer is an error, and the same one.
    text = "".join(f"#print axioms {name}\n" for name in names) + "example (a b : Nat) : a * b = b * a := by grind\n"
    usual = await check_file(toolchain, text, options=OPTIONS, nursery=nursery)
    begun = await check_file(toolchain, text, options=OPTIONS, nursery=nursery, no_header=True)
    assert begun == usual
    assert sum("depend" in message.text for message in begun.messages) > 100
    state = await nursery.imported(OPTIONS)
    assert state is not None and begin_there(state) == f"--incr-load={state}"
    await nursery.aclose()
