"""Bytes that other versions and other machines must come to as well; most are worked out anew by hashlib and json.

A change here is a change of what can be resumed and compared: say so in CHANGELOG.md.
"""

from __future__ import annotations

import hashlib
import hmac
import json

import msgspec
import pytest

from cellview.base.seal import seal_of
from cellview.frontier.errors import BadLineError
from cellview.frontier.machine.canonical import canonical, sha256_text
from cellview.frontier.machine.journal import Chain, JournalHeader, JournalLine, decode_header, decode_line
from cellview.frontier.machine.machine import FrontierMachine
from cellview.frontier.machine.model import Candidate, JournalEntry, Manifest, chain_digest, set_aside
from cellview.frontier.machine.prng import Prng
from cellview.frontier.machine.result import Body, Result, completed_of, pack_body, unpack_body

_MANIFEST = Manifest(experiment="x", task="t")
_KEY = b"a key that nobody guesses"


def _sha(value: object) -> str:
    """The canonical digest of a JSON value, by the standard library alone."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


@pytest.mark.parametrize(
    ("fields", "digest"),
    [
        ({}, "e196db22aebf"),
        ({"experiment": "y"}, "c5fbbff24fb4"),
        ({"task": "u"}, "dc853e9b66df"),
        ({"master_seed": 1}, "d320e8576fa0"),
        ({"window": 65}, "1604562ffd27"),
        ({"beam_width": 1}, "92fac21d9109"),
        ({"readmit": "higher_priority"}, "143a0ac3457e"),
        ({"max_tickets": 1}, "356ef74088a3"),
        ({"max_failures": 4}, "d52fa60822fb"),
        ({"settings": '{"a":1}'}, "5e40fbd28eb5"),
    ],
)
def test_each_option_of_a_manifest_is_in_its_digest(fields: dict[str, object], digest: str) -> None:
    manifest = msgspec.structs.replace(_MANIFEST, **fields)
    written = {
        "experiment": "x", "task": "t", "master_seed": 0, "window": 64, "beam_width": None, "readmit": "never",
        "max_tickets": None, "max_failures": 3, "settings": "{}",
    }  # fmt: skip
    assert manifest.digest == _sha(written | fields)
    assert manifest.digest[:12] == digest


def test_what_holds_when_nothing_is_said() -> None:
    assert msgspec.to_builtins(_MANIFEST) == {
        "experiment": "x", "task": "t", "master_seed": 0, "window": 64, "beam_width": None, "readmit": "never",
        "max_tickets": None, "max_failures": 3, "settings": "{}", "max_expiries": 25, "lease_ms": 30_000,
    }  # fmt: skip


def test_what_is_sealed_into_a_results_digest() -> None:
    child = Candidate.of("child", priority=0.5, depth=2, carry=b"\x01\xff")
    result = Result(payload={"b": 1, "a": [None]}, children=[child], trace=['{"timestamp_ms":17,"n":1}'], notes="x")
    carry = hashlib.sha256(b"01ff").hexdigest()
    parts = ['{"a":[null],"b":1}', [['"child"', "-0.5", 2, carry]], ['{"n":1}']]
    assert completed_of(result).digest == _sha(parts)
    assert completed_of(result).digest[:12] == "0e111a9f0221"
    assert completed_of(result).children == [child]
    assert unpack_body(completed_of(result).body) == Body('{"a":[null],"b":1}', ['{"timestamp_ms":17,"n":1}'], '"x"')


def test_what_stands_for_candidates_set_aside() -> None:
    assert set_aside("failed", b"why").digest == hashlib.sha256(b"set aside: failed").hexdigest()
    assert set_aside("abandoned").digest == hashlib.sha256(b"set aside: abandoned").hexdigest()
    assert (set_aside("failed", b"why").children, set_aside("failed", b"why").body) == ([], b"why")


def test_the_chain_of_a_snapshot() -> None:
    entry = JournalEntry(3, "c", '"i"', "-1.0", 2, "failed", set_aside("failed", b"why"))
    first = chain_digest("", entry)
    assert first == _sha(["", 3, "c", '"i"', "-1.0", 2, "failed", set_aside("failed").digest])
    assert chain_digest(first, entry) == _sha([first, 3, "c", '"i"', "-1.0", 2, "failed", set_aside("failed").digest])


def test_a_snapshot_of_everything() -> None:
    machine = FrontierMachine(Manifest(experiment="x", task="t", window=2, beam_width=3, max_failures=1))
    machine.push([Candidate.of(n, priority=n % 3, depth=n, carry=b"c") for n in range(6)])
    machine.start()
    one, two = machine.pop("w", 0, 2).leases
    machine.complete(one.ticket, one.token, one.candidate, completed_of(Result(children=[Candidate.of("child")])))
    machine.fail(two.ticket, two.token)
    machine.commit(machine.open_committer("me"), 0, 1)
    snapshot = machine.snapshot()
    assert snapshot.digest == _sha(msgspec.to_builtins(snapshot, str_keys=True))
    assert (snapshot.manifest[:12], snapshot.journal[:12], snapshot.digest[:12]) == (
        "f1e7c6cc5fd8",
        "c15f83c424f0",
        "34a38e75ef30",
    )
    assert {state[0] for state in snapshot.seen.values()} == set("qicp")
    assert sorted(snapshot.items.values()) == sorted(snapshot.items[digest] for digest in snapshot.candidate_depths)


def test_random_streams() -> None:
    key = hashlib.sha256(b"cellview.frontier.prng\x007").digest()
    key = hashlib.sha256(key + b"s7:execute").digest()
    key = hashlib.sha256(key + b"i2:42").digest()
    stream = Prng(7).for_path("execute", 42)
    assert stream.seed_canonical == "0x" + key.hex()
    assert stream.seed == int(key.hex(), 16)
    blocks = [hashlib.sha256(key + n.to_bytes(8, "big")).digest() for n in range(4)]
    assert stream.bits(8) == blocks[0][0]
    assert stream.bits(300) == int.from_bytes(blocks[1] + blocks[2], "big") >> 212
    assert stream.random() == (int.from_bytes(blocks[3], "big") >> 203) / 2**53
    again = Prng(7).for_path("execute", 42)
    drawn = [again.below(6) for _ in range(12)]
    assert drawn == [2, 4, 0, 2, 1, 1, 1, 2, 3, 5, 1, 2]
    letters = list("abcdefgh")
    again.shuffle(letters)
    assert "".join(letters) == "bgdehcaf"
    assert [again.choice("xyz") for _ in range(8)] == list("yxxyxyxy")


def test_bodies_are_packed_and_compressed_from_a_kilobyte_on() -> None:
    small, large = Body("1", ["{}"], "null"), Body("1", ["x" * 2000], "null")
    assert pack_body(small) == b"r" + msgspec.msgpack.encode(small)
    assert pack_body(large)[:1] == b"z"
    assert len(pack_body(large)) < 200
    for body in (small, large):
        assert unpack_body(pack_body(body)) == body
    assert unpack_body(b"") == Body("null", [], "null")
    edge = Body("1", ["x" * (1024 - len(msgspec.msgpack.encode(Body("1", ["x" * 300], "null"))) + 300)], "null")
    assert len(msgspec.msgpack.encode(edge)) == 1024
    assert pack_body(edge)[:1] == b"z"


def test_links_and_seals_of_a_journals_lines() -> None:
    texts = [b'{"a":1}', b'{"b":[2]}']
    plain, sealed = Chain(None), Chain(_KEY)
    lines = [plain.link(text) for text in texts]
    one = hashlib.sha256(b"\n" + texts[0]).hexdigest().encode()
    two = hashlib.sha256(one + b"\n" + texts[1]).hexdigest().encode()
    assert lines == [b'{"a":1,"link":"' + one + b'"}', b'{"b":[2],"link":"' + two + b'"}']
    seals = [sealed.link(text) for text in texts]
    first = seal_of(_KEY, "frontier journal", b"", texts[0]).hex().encode()
    second = seal_of(_KEY, "frontier journal", first, texts[1]).hex().encode()
    assert seals == [b'{"a":1,"seal":"' + first + b'"}', b'{"b":[2],"seal":"' + second + b'"}']
    reader = Chain(None)
    assert [reader.unlink(line) for line in lines] == texts
    for wrong in (lines[0], lines[1][:-1] + b" ", lines[1].replace(b"2", b"3"), b"", b"}", seals[1]):
        reader = Chain(None)
        reader.unlink(lines[0])
        with pytest.raises(BadLineError):
            reader.unlink(wrong)
    reader.unlink(lines[1])  # a line that was refused does not count


def test_a_seal_is_an_hmac_over_parts_with_their_lengths() -> None:
    def part(raw: bytes) -> bytes:
        return len(raw).to_bytes(8, "big") + raw

    text = part(b"cellview.frontier journal") + part(b"a") + part(b"") + part(b"bc")
    assert seal_of(_KEY, "frontier journal", b"a", b"", b"bc") == hmac.new(_KEY, text, "sha256").digest()
    assert seal_of(_KEY, "frontier journal", b"ab") != seal_of(_KEY, "frontier journal", b"a", b"b")
    assert seal_of(_KEY, "result") != seal_of(_KEY, "candidate")


def test_lines_that_are_none() -> None:
    header = JournalHeader.of(_MANIFEST)
    assert (
        decode_header(msgspec.json.encode(header)) == header == JournalHeader(experiment="x", manifest=_MANIFEST.digest)
    )
    with pytest.raises(BadLineError, match="does not say which experiment"):
        decode_header(b'{"ticket":0}')
    with pytest.raises(BadLineError, match="format 3, and this version reads format 2"):
        decode_header(msgspec.json.encode(msgspec.structs.replace(header, format=3)))
    done = completed_of(Result(payload=1, notes="n", trace=["{}"]))
    it = Candidate.of("i")
    line = JournalLine.of(JournalEntry(4, it.hash, it.item, it.score, 2, "committed", done))
    text = msgspec.json.encode(line)
    assert decode_line(text, 4) == line
    assert line.entry().completed == done
    for wrong in (b"{}", b"\xff", b"[]"):
        with pytest.raises(BadLineError, match="is no line of a journal"):
            decode_line(wrong, 4)
    with pytest.raises(BadLineError, match="of ticket 4, and ticket 5 comes next"):
        decode_line(text, 5)


def test_a_candidates_identity_is_the_digest_of_its_canonical_text() -> None:
    assert Candidate.of({"b": 1, "a": "é"}).hash == hashlib.sha256('{"a":"é","b":1}'.encode()).hexdigest()
    assert sha256_text(canonical([1.0, -0.0, 1e300])) == hashlib.sha256(b"[1.0,-0.0,1e+300]").hexdigest()
