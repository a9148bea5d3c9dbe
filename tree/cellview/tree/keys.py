"""Names of places in a tree that do not depend on when, or by whom, a place was found."""

from __future__ import annotations

from hashlib import blake2b, sha256

__all__ = ["KEY_BYTES", "child_key", "root_key", "statement_digest"]

KEY_BYTES = 12
"""A tree would need some 10¹⁴ nodes before two keys are likely to be equal."""


def statement_digest(statement: str) -> str:
    """Return the SHA-256 of a statement, every run of white space in it made one space.

    Of the statement as it was written, and not of what a prover prints for it: two versions of a prover print
    differently, and then all that is drawn for the theorem would be drawn anew.

    >>> statement_digest("p  ∧ q") == statement_digest(" p ∧ q ")
    True
    """
    return sha256(" ".join(statement.split()).encode("utf-8", "surrogatepass")).hexdigest()


def root_key(digest: str) -> bytes:
    """Return the key of the root: the head of its statement's digest, so that theorems have no key in common."""
    return bytes.fromhex(digest)[:KEY_BYTES]


def child_key(parent: bytes, number: int, tactic: str) -> bytes:
    """Return the key of the child with this number below `tactic` at the node with the key `parent`."""
    # A model may answer anything that JSON can spell, lone surrogates included; hashing must not be what fails.
    text = tactic.encode("utf-8", "surrogatepass")
    return blake2b(parent + number.to_bytes(4, "big") + text, digest_size=KEY_BYTES).digest()
