"""Tactics that mean harm, on both transports: none reaches a file, the server, or a proof of what is false.

Whatever a transport answers, a proof counts only after the fresh check; so each test here ends with that check.
The fuzzer lets texts past the filter on purpose: behind it stands Lean alone.
"""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from cellview.prover import Failure, Preview
from cellview.prover.lean import LeanProver, Toolchain, TransportName, prover, verify

NAMES_ITSELF = ["exact cellview_goal", "exact @cellview_goal", "apply cellview_goal", "simp [cellview_goal]"]
REACHES_THE_SERVER = [
    *("cellview_server", "exact (by cellview_server)", "first | cellview_server | skip", "exact Cellview.serve"),
    *("exact @Cellview.loop", "simp [Cellview.step]", "exact Lean.Elab.Tactic.evalTactic", "unfold Cellview.capture"),
]
READS_OR_WRITES = [
    'exact include_str "/etc/passwd"',
    "run_tac IO.FS.writeFile \"{mark}\" \"x\"",
    "exact (IO.FS.Handle.mk \"{mark}\" .write)",
    "simp (config := IO.FS.readFile \"{mark}\")",
    "exact unsafeIO (IO.FS.writeFile \"{mark}\" \"x\")",
    "exact (Lean.importModules #[] {} 0)",
]  # fmt: skip
OPENS_THE_PROOF = [
    "sorry",
    "exact sorryAx _ true",
    "admit",
    "stop",
    "exact lcProof",
    "exact (by sorry)",
    "native_decide",
]
GOES_ROUND_THE_KERNEL = [
    "set_option debug.skipKernelTC true in decide +kernel",
    "exact Lean.ofReduceBool _ _ rfl",
    "exact unsafeCast trivial",
    "exact cast lcProof trivial",
]


def no_problem(_text: str) -> None:
    """A filter that lets everything pass."""


@pytest.mark.parametrize("filtered", [True, False], ids=["filter", "no filter"])
async def test_false_is_not_proved(
    filtered: bool,
    transport: TransportName,
    toolchain: Toolchain,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """With the filter each is refused or fails; without it some may seem to work, and the check refuses their proof."""
    if not filtered:
        monkeypatch.setattr(prover, "tactic_problem", no_problem)
    mark = tmp_path / "written"
    statement = ": False"
    attacks = [*NAMES_ITSELF, *REACHES_THE_SERVER, *READS_OR_WRITES, *OPENS_THE_PROOF, *GOES_ROUND_THE_KERNEL]
    async with LeanProver.open(toolchain=toolchain, transport=transport, retries=0) as lean:
        root = await lean.start(statement)
        for number, attack in enumerate(attacks):
            text = attack.replace("{mark}", str(mark))
            outcome = await lean.preview(root.mvar_id, text, checkpoint=number + 1)
            if filtered:
                assert isinstance(outcome, Failure), text
            if isinstance(outcome, Preview) and not outcome.children:
                assert not (await lean.verify(statement, text)).ok, text
        # It still works, and says what it said before.
        assert isinstance(await lean.preview(root.mvar_id, "exfalso", checkpoint=999), Preview)
    assert list(tmp_path.iterdir()) == []  # noqa: ASYNC240  (nothing else runs in this test)


# Pieces are set apart by two spaces.
PIECES = [
    *[
        "exact",
        "(",
        ")",
        "⟨",
        "⟩",
        "by",
        "h",
        "trivial",
        "simp",
        "rfl",
        "decide",
        "omega",
        "grind",
        "·",
        ";",
        "<;>",
        "@",
        "intro",
        "nofun",
        "nomatch",
    ],
    *[
        "sorry",
        "sorryAx _ true",
        "lcProof",
        "unsafeCast",
        "cellview_goal",
        "cellview_server",
        "Cellview.serve",
        "_",
        "?_",
    ],
    *[
        "theorem x : False :=",
        "axiom z : False",
        "#exit",
        "let rec f : False := f",
        "fun",
        "=>",
        "False",
        "1 = 2",
        "native",
    ],
    *["set_option maxRecDepth 9 in", "have k : False :=", "decide +kernel", "absurd", "first |", "try", "case _ =>"],
    *[
        "all_goals",
        "any_goals",
        "repeat",
        "skip",
        "done",
        "assumption",
        "contradiction",
        "exfalso",
        "rotate_left",
        "swap",
    ],
    *[
        "--",
        "/-",
        "-/",
        '"',
        "«",
        "»",
        "{",
        "}",
        "[",
        "]",
        "Nat.shiftLeft 1",
        "99999999999",
        "0",
        '{"free": [0]}',
        '{"stop": true}',
        "\\n",
    ],
    *("\n", "\u2028", "\x00"),
]


async def test_random_hostile_tactics(
    transport: TransportName, toolchain: Toolchain, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Anything at all as a tactic, without the filter: the prover survives, and nothing proves `False`."""
    monkeypatch.setattr(prover, "tactic_problem", no_problem)
    draw = random.Random(20250105)
    closed: list[str] = []
    async with LeanProver.open(toolchain=toolchain, transport=transport, retries=0, heartbeats=500) as lean:
        root = await lean.start(": False")
        before = await lean.preview(root.mvar_id, "have h : True := trivial", checkpoint=1)
        for number in range(250):
            pieces = draw.choices(PIECES, k=draw.randint(1, 8))
            text = "".join(piece + draw.choice(("", " ", " ")) for piece in pieces)
            outcome = await lean.preview(root.mvar_id, text, checkpoint=number + 2)
            if isinstance(outcome, Preview) and not outcome.children:
                closed.append(text)
        again = await lean.preview(root.mvar_id, "have h : True := trivial", checkpoint=1)
        assert again == before
    for text in closed:
        assert not (await verify(toolchain, ": False", text)).ok, text
