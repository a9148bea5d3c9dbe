"""Bytes of a record, and the trace digest: SHA-256 of a trace's lines without `timestamp_ms`, the one field that reads
a clock.
"""

from __future__ import annotations

import re
from hashlib import sha256
from pathlib import Path

import msgspec

from cellview.trace.errors import TraceError, TraceWriteError
from cellview.trace.records import Record

__all__ = ["digest_file", "encode_line", "with_timestamps_zeroed", "without_timestamps"]

# Only a key can match. Inside a string every quote is escaped, so there the text reads \"timestamp_ms\": with a
# backslash before the second quote; and a string that ends in timestamp_ms is followed by a comma or a bracket.
_TIMESTAMP = re.compile(rb'"timestamp_ms":-?[0-9]+,')
_KEY = b'"timestamp_ms":'

_encode = msgspec.json.Encoder().encode


def encode_line(record: Record) -> bytes:
    """Return the line of `record`, line break included.

    Raises:
        TraceWriteError: A text holds half a surrogate pair, which no UTF-8 file can hold.
    """
    try:
        return _encode(record) + b"\n"
    except UnicodeEncodeError as error:
        text = f"The record of iteration {record.iteration} cannot be written as UTF-8: {error}."
        raise TraceWriteError(text) from None


def with_timestamps_zeroed(lines: bytes) -> bytes:
    """Return the lines with 0 in their `timestamp_ms` fields: records still, and the same bytes in every run."""
    return _TIMESTAMP.sub(_KEY + b"0,", lines)


def without_timestamps(line: bytes) -> bytes:
    """Return the line without its `timestamp_ms` fields, every other byte kept. Several lines at once are fine.

    >>> without_timestamps(b'{"a":1,"timestamp_ms":17,"b":2}')
    b'{"a":1,"b":2}'
    """
    return _TIMESTAMP.sub(b"", line) if _KEY in line else line


def digest_file(path: str | Path) -> str:
    """Return the trace digest of a file, as 64 hexadecimal digits. A torn last line does not count.

    Raises:
        TraceError: The file cannot be read.
    """
    digest = sha256()
    try:
        with Path(path).open("rb") as file:
            for line in file:
                if line.endswith(b"\n"):
                    digest.update(without_timestamps(line))
    except OSError as error:
        raise TraceError(f"Cannot read {path}: {error.strerror}.") from None
    return digest.hexdigest()
