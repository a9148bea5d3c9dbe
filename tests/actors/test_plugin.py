"""The pytest plugin: opt-in, finds a planted race, leaves a replay file, and repeats it."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

pytest_plugins = ["pytester"]

RACE = """
import msgspec
from cellview.actors import Actor, ActorSystem, Request

class Note(msgspec.Struct, frozen=True):
    who: str

class Notes(Request[str], frozen=True):
    pass

class Pad(Actor[Note | Notes]):
    def __init__(self):
        self.text = ""

    async def receive(self, message):
        if isinstance(message, Note):
            self.text += message.who
        else:
            self.context.reply(self.text)

class Writer(Actor[Note]):
    def __init__(self, pad):
        self.pad = pad

    async def receive(self, message):
        await self.pad.tell(message)

async def race():
    async with ActorSystem() as system:
        pad = await system.spawn(Pad, name="pad")
        writers = [await system.spawn(lambda: Writer(pad), name=who) for who in "ab"]
        for who, writer in zip("ab", writers):
            await writer.tell(Note(who))
        await system.clock.sleep(1)
        return await pad.ask(Notes(), deadline_s=60)

async def expect(text):
    assert await race() == text

def test_plain(controlled):
    assert controlled(race).result == "ab"

def test_all(controlled):
    runs = controlled.orders(race, runs=30, early="none")
    assert len(runs) == 31
    assert {run.result for run in runs} == {"ab", "ba"}
"""
FRAGILE = """
def test_fragile(controlled):
    async def main():
        assert await race() == "ab", "b came first"

    controlled.orders(main)
"""
LOADED = ("-p", "cellview.actors.testing.plugin", "-p", "no:asyncio")


def test_orders_are_tried_and_both_outcomes_seen(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(RACE)
    pytester.runpytest_subprocess(*LOADED).assert_outcomes(passed=2)


def test_a_race_is_found_and_its_file_repeats_it(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(RACE + FRAGILE)
    found = pytester.runpytest_subprocess(*LOADED, "-k", "fragile")
    found.assert_outcomes(failed=1, deselected=2)
    text = found.stdout.str()
    assert re.search(r"order \d+: (SeededRandom|PCT)\(\d+\)", text)
    match = re.search(r"replay file: (\S+\.json)", text)
    assert match is not None
    file = Path(match[1])
    assert file.is_relative_to(pytester.path / ".pytest_cache")
    again = pytester.runpytest_subprocess(*LOADED, "-k", "fragile", "--controlled-replay", str(file))
    again.assert_outcomes(failed=1, deselected=2)
    assert "b came first" in again.stdout.str()


def test_the_number_of_orders_is_an_option(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(RACE + FRAGILE)
    pytester.runpytest_subprocess(*LOADED, "-k", "fragile", "--controlled-runs", "0").assert_outcomes(
        passed=1, deselected=2
    )


def test_it_works_without_a_cache(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(RACE)
    pytester.runpytest_subprocess(*LOADED, "-p", "no:cacheprovider", "-k", "plain").assert_outcomes(
        passed=1, deselected=1
    )


def test_who_does_not_ask_for_it_pays_nothing(tmp_path: Path) -> None:
    (tmp_path / "test_nothing.py").write_text(
        "import sys\n\ndef test_nothing():\n    assert not [name for name in sys.modules if 'cellview' in name]\n"
    )
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", str(tmp_path)], capture_output=True, text=True, check=False, cwd=tmp_path
    )
    assert done.returncode == 0, done.stdout
