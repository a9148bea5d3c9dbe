"""Nothing that was on a disk is trusted: every bit of a journal is checked, and whatever does not fit is named."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import anyio
import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cellview.frontier import Candidate, Committer, Manifest, MemoryFrontier, Prng, Result, Work, Worker
from cellview.frontier.errors import FrontierKeyError, JournalError
from cellview.frontier.local.journal_file import JournalFile, JournalLine, read_journal
from cellview.frontier.machine.journal import Chain, JournalHeader
from cellview.frontier.machine.result import result_digest

_KEY = "a key that nobody guesses"
_MANIFEST = Manifest(experiment="x", task="grow", window=2, max_failures=1)


async def _grow(work: Work, prng: Prng) -> Result:
    number = work.settings.get("offset", 0)
    if work.item == "worst":
        raise ValueError("set aside")
    children = [Candidate.of([work.item, 1], depth=1, carry=b"\x00warm")] if work.depth == 0 else []
    trace = [f'{{"timestamp_ms":{prng.below(9)},"n":{prng.below(9)}}}']
    return Result(payload=[number, "ä∧"], children=children, trace=trace, notes={"seconds": 1})


def _write(folder: Path, manifest: Manifest = _MANIFEST, seeds: int = 2) -> Path:
    """The journal of a run of five commits, one of them set aside."""

    async def run() -> None:
        frontier = MemoryFrontier("x")
        await frontier.create(manifest)
        await frontier.push(
            [*(Candidate.of(n, priority=n) for n in range(seeds)), Candidate.of("worst", priority=-1.0)]
        )
        await frontier.start()
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(Worker(frontier, "w", tasks={"grow": _grow}).run)
            tasks.start_soon(Committer(frontier, folder).run)

    anyio.run(run)
    return folder / "journal.jsonl"


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    return _write(tmp_path)


def _refusal(path: Path) -> str:
    """What reading and opening say; they must say the same."""
    with pytest.raises(JournalError) as reading:
        list(read_journal(path))
    with pytest.raises(JournalError) as opening:
        JournalFile(path, _MANIFEST)
    assert str(reading.value) == str(opening.value)
    return str(reading.value)


def _named_line(path: Path) -> int:
    found = re.match(r"line (\d+) of .*journal\.jsonl is damaged: ", _refusal(path))
    assert found is not None
    return int(found[1])


def test_a_journal_that_nobody_touched_is_read_whole(journal: Path) -> None:
    lines = list(read_journal(journal, manifest=_MANIFEST))
    assert [line.ticket for line in lines] == [0, 1, 2, 3, 4]
    assert [line.kind for line in lines].count("failed") == 1
    assert [line.ticket for line in read_journal(journal, since=3)] == [3, 4]


def _flip(path: Path, whole: bytes, index: int, bit: int) -> None:
    path.write_bytes(whole[:index] + bytes([whole[index] ^ 1 << bit]) + whole[index + 1 :])
    try:
        with pytest.raises(JournalError, match=rf"^line {whole[:index].count(10) + 1} of "):
            list(read_journal(path))
    finally:
        path.write_bytes(whole)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_flipped_bit_of_any_line_is_found_and_the_line_named(data: st.DataObject, journal: Path) -> None:
    whole = journal.read_bytes()
    _flip(journal, whole, data.draw(st.integers(0, len(whole) - 1)), data.draw(st.integers(0, 7)))


def test_a_flipped_bit_in_every_byte_and_every_bit_of_the_line_breaks(journal: Path) -> None:
    whole = journal.read_bytes()
    for index, byte in enumerate(whole):
        for bit in range(8) if byte == ord("\n") else (index % 8,):
            _flip(journal, whole, index, bit)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_bytes_that_came_or_went_anywhere_are_found_and_their_line_named(data: st.DataObject, journal: Path) -> None:
    whole = _whole(journal)
    start = data.draw(st.integers(0, len(whole) - 2))
    gone = data.draw(st.integers(0, min(20, len(whole) - 1 - start)))
    new = data.draw(st.binary(max_size=20))
    altered = whole[:start] + new + whole[start + gone :]
    journal.write_bytes(altered)
    if altered == whole:
        return
    same = next(i for i, (a, b) in enumerate(zip(altered, whole, strict=False)) if a != b)
    try:
        assert _named_line(journal) == whole[:same].count(b"\n") + 1
    finally:
        journal.write_bytes(whole)


def _whole(journal: Path) -> bytes:
    whole = journal.read_bytes()
    assert whole.endswith(b"\n")
    return whole


_ALTERATIONS: dict[str, tuple[Callable[[list[bytes]], list[bytes]], int]] = {
    "one gone": (lambda lines: [*lines[:2], *lines[3:]], 3),
    "two swapped": (lambda lines: [*lines[:2], lines[3], lines[2], *lines[4:]], 3),
    "one twice": (lambda lines: [*lines[:3], lines[2], *lines[3:]], 4),
    "no header": (lambda lines: lines[1:], 1),
    "garbage": (lambda lines: [*lines[:4], b'{"ticket":3,"cand\n', *lines[5:]], 5),
    "CRLF": (lambda lines: [line.replace(b"\n", b"\r\n") for line in lines], 1),
    "no line break": (lambda lines: [*lines[:5], lines[5][:-1] + b" "], 6),
}


@pytest.mark.parametrize(("alter", "named"), _ALTERATIONS.values(), ids=_ALTERATIONS)
def test_lines_that_came_or_went_are_named(
    alter: Callable[[list[bytes]], list[bytes]], named: int, journal: Path
) -> None:
    lines = journal.read_bytes().splitlines(keepends=True)
    journal.write_bytes(b"".join(alter(lines)))
    assert _named_line(journal) == named


def test_a_line_cut_by_a_crash_is_left_out_and_cut_off(journal: Path) -> None:
    whole = journal.read_bytes()
    starts = [0, *(index + 1 for index, byte in enumerate(whole) if byte == ord("\n"))]
    near_ends = {start + step for start in starts for step in range(-3, 4)}
    for size in sorted(near_ends.intersection(range(len(whole))) | set(range(0, len(whole), 17))):
        journal.write_bytes(whole[:size])
        kept = sum(start <= size for start in starts[1:])
        assert len(list(read_journal(journal))) == max(0, kept - 1)
    journal.write_bytes(whole[:-1])
    with JournalFile(journal, _MANIFEST) as file:
        assert (file.length, file.torn_bytes) == (4, len(whole) - 1 - starts[-2])
    assert journal.read_bytes() == whole[: starts[-2]]


def _forge(path: Path, change: Callable[[JournalLine], JournalLine], key: bytes | None = None) -> None:
    """Rewrites line 3 and links everything anew, as somebody does who knows the format."""
    lines = list(read_journal(path))
    lines[1] = change(lines[1])
    chain = Chain(key)
    texts = [msgspec.json.encode(it) for it in (JournalHeader.of(_MANIFEST), *lines)]
    path.write_bytes(b"".join(chain.link(text) + b"\n" for text in texts))


_replace = msgspec.structs.replace


@pytest.mark.parametrize(
    "fields",
    [
        {"payload": "[1]"},
        {"trace": ["{}"]},
        {"children": [Candidate.of("mine")]},
        {"digest": "0" * 64},
        {"kind": "failed"},
        {"item": "2"},
        {"ticket": 2},
    ],
)
def test_a_result_that_contradicts_itself_is_named_though_its_line_is_linked(
    fields: dict[str, object], journal: Path
) -> None:
    _forge(journal, lambda line: _replace(line, **fields))
    assert _named_line(journal) == 3


def _consistent(line: JournalLine) -> JournalLine:
    return _replace(line, payload="[1]", digest=result_digest("[1]", line.children, line.trace))


def test_with_a_key_nobody_else_can_write_a_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = _write(tmp_path / "plain")
    _forge(plain, _consistent)
    assert len(list(read_journal(plain))) == 5  # without a key, who can write the file can write anything
    monkeypatch.setenv("CELLVIEW_FRONTIER_KEY", _KEY)
    assert "it is not sealed, though CELLVIEW_FRONTIER_KEY is set" in _refusal(plain)
    sealed = _write(tmp_path / "sealed")
    assert len(list(read_journal(sealed))) == 5
    whole = sealed.read_bytes()
    assert _KEY.encode() not in whole
    _forge(sealed, _consistent, key=b"some other key, as long")
    assert _named_line(sealed) == 1
    sealed.write_bytes(whole)
    _forge(sealed, _consistent)
    assert "not sealed" in _refusal(sealed)
    sealed.write_bytes(whole)
    monkeypatch.setenv("CELLVIEW_FRONTIER_KEY", _KEY + "!")
    assert _named_line(sealed) == 1
    monkeypatch.delenv("CELLVIEW_FRONTIER_KEY")
    assert "it is sealed with a key: set CELLVIEW_FRONTIER_KEY" in _refusal(sealed)


@pytest.mark.parametrize("key", ["", "short"])
def test_a_key_that_keeps_nobody_out_is_refused(key: str, monkeypatch: pytest.MonkeyPatch, journal: Path) -> None:
    monkeypatch.setenv("CELLVIEW_FRONTIER_KEY", key)
    with pytest.raises(FrontierKeyError, match=rf"has {len(key)} bytes: give at least 16"):
        list(read_journal(journal))


def test_a_journal_is_of_one_experiment(journal: Path) -> None:
    """A resume with other settings would take the old results for those of the new ones."""
    other = _replace(_MANIFEST, settings='{"offset":1}')
    with pytest.raises(JournalError, match=r"is the journal of experiment 'x' \(digest .*resume with the settings"):
        list(read_journal(journal, manifest=other))
    with pytest.raises(JournalError, match="in another folder"):
        JournalFile(journal, other)
    with JournalFile(journal, _replace(_MANIFEST, lease_ms=1)):
        pass  # which the outcome does not depend on


def test_two_committers_cannot_write_one_journal(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    with JournalFile(path, _MANIFEST), pytest.raises(JournalError, match="being written by another committer"):
        JournalFile(path, _MANIFEST)
    JournalFile(path, _MANIFEST).close()


def test_the_form_of_a_line_is_written_down(tmp_path: Path) -> None:
    """What other programs may rely on: JSON, and a digest that ten lines of any language can check."""
    lines = _write(tmp_path).read_bytes().splitlines()
    header, first = json.loads(lines[0]), json.loads(lines[1])
    assert list(header) == ["format", "experiment", "manifest", "link"]
    assert header["manifest"] == _MANIFEST.digest
    assert list(first) == [*JournalLine.__struct_fields__, "link"]
