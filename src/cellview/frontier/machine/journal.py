"""The journal as text: a line for each commit, tied to its own bytes and to all lines before it.

A line is a JSON object whose last field is its *link*: the digest of the line before and of everything else in this
one. With a key it is an authentication code instead, and the field is called ``seal``: a digest finds what broke, a
seal also what was forged. The first line says which experiment the journal is of.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import Final

import msgspec

from cellview.base.seal import seal_of
from cellview.frontier.errors import BadLineError
from cellview.frontier.machine.canonical import candidate_hash
from cellview.frontier.machine.model import Candidate, Completed, EntryKind, JournalEntry, Manifest, set_aside
from cellview.frontier.machine.result import Body, pack_body, result_digest, unpack_body

__all__ = ["Chain", "JournalHeader", "JournalLine", "decode_header", "decode_line"]

_FORMAT: Final = 2
_LINK, _SEAL, _END = b',"link":"', b',"seal":"', b'"}'
_HEX_CHARS = 64
_TAIL_BYTES = len(_LINK) + _HEX_CHARS + len(_END)


class JournalHeader(msgspec.Struct, frozen=True, kw_only=True):
    """The first line: which experiment the journal is of. `manifest` is the digest of what its outcome depends on."""

    format: int = _FORMAT
    experiment: str
    manifest: str

    @classmethod
    def of(cls, manifest: Manifest) -> JournalHeader:
        """The header of an experiment's journal."""
        return cls(experiment=manifest.experiment, manifest=manifest.digest)


class JournalLine(msgspec.Struct, frozen=True):
    """A journal entry as it stands in the file, with the body unpacked so that people can read it."""

    ticket: int
    candidate: str
    item: str
    score: str
    depth: int
    kind: EntryKind
    digest: str
    payload: str
    children: list[Candidate]
    trace: list[str]
    notes: str

    @classmethod
    def of(cls, entry: JournalEntry) -> JournalLine:
        """The line of an entry."""
        body = unpack_body(entry.completed.body)
        return cls(
            entry.ticket,
            entry.candidate,
            entry.item,
            entry.score,
            entry.depth,
            entry.kind,
            entry.completed.digest,
            body.payload,
            entry.completed.children,
            body.trace,
            body.notes,
        )

    def entry(self) -> JournalEntry:
        """The entry of this line."""
        body = pack_body(Body(self.payload, self.trace, self.notes))
        completed = Completed(self.digest, self.children, body)
        return JournalEntry(self.ticket, self.candidate, self.item, self.score, self.depth, self.kind, completed)

    def require_sound(self) -> None:
        """Checks the two digests that a line states against what they are digests of.

        Raises:
            BadLineError: One does not fit.
        """
        if candidate_hash(self.item) != self.candidate:
            raise BadLineError("its candidate is not the digest of its item")
        if self.kind == "committed":
            right = result_digest(self.payload, self.children, self.trace)
        else:
            right = set_aside(self.kind).digest
        if self.digest != right or (self.kind != "committed" and self.children):
            raise BadLineError("its digest is not that of its result")


class Chain:
    """Links lines, or checks that they are linked, from the first one on.

    Args:
        key: Seals the lines; ``None`` for a digest that anybody could make.
    """

    def __init__(self, key: bytes | None) -> None:
        self._key = key
        self._last = b""

    def link(self, text: bytes) -> bytes:
        """The line, without line break, for a JSON object that is not empty."""
        self._last = self._next(text)
        return text[:-1] + (_LINK if self._key is None else _SEAL) + self._last + _END

    def unlink(self, raw: bytes) -> bytes:
        """The JSON object of the next line, given without its line break.

        Raises:
            BadLineError: The line is not the one that was written behind those before it.
        """
        mark, link = raw[-_TAIL_BYTES : -_TAIL_BYTES + len(_LINK)], raw[-_TAIL_BYTES + len(_LINK) : -len(_END)]
        if mark == _SEAL and self._key is None:
            raise BadLineError("it is sealed with a key: set CELLVIEW_FRONTIER_KEY to the one it was written with")
        if mark == _LINK and self._key is not None:
            raise BadLineError("it is not sealed, though CELLVIEW_FRONTIER_KEY is set: anybody could have written it")
        text = raw[:-_TAIL_BYTES] + b"}"
        right = self._next(text)
        whole = raw == text[:-1] + (_LINK if self._key is None else _SEAL) + link + _END
        if not whole or not hmac.compare_digest(link, right):
            what = "digest" if self._key is None else "seal"
            raise BadLineError(f"its {what} does not fit its text and the lines before it")
        self._last = right
        return text

    def _next(self, text: bytes) -> bytes:
        if self._key is not None:
            return seal_of(self._key, "frontier journal", self._last, text).hex().encode()
        return hashlib.sha256(self._last + b"\n" + text).hexdigest().encode()


def decode_header(text: bytes) -> JournalHeader:
    """The first line.

    Raises:
        BadLineError: It is none, or of another format.
    """
    try:
        header = msgspec.json.decode(text, type=JournalHeader)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise BadLineError(f"it does not say which experiment the journal is of ({error})") from None
    if header.format != _FORMAT:
        raise BadLineError(f"it is of format {header.format}, and this version reads format {_FORMAT}")
    return header


_decode = msgspec.json.Decoder(JournalLine).decode


def decode_line(text: bytes, ticket: int) -> JournalLine:
    """The line of `ticket`, checked against itself.

    Raises:
        BadLineError: It is none, is of another ticket, or contradicts itself.
    """
    try:
        line = _decode(text)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise BadLineError(f"it is no line of a journal ({error})") from None
    if line.ticket != ticket:
        raise BadLineError(f"it is of ticket {line.ticket}, and ticket {ticket} comes next")
    line.require_sound()
    return line
