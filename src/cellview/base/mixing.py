"""A cheap, well-mixed function of 64 bits, where a cryptographic hash would cost more than what it decides."""

from __future__ import annotations

__all__ = ["splitmix64"]

_MASK = (1 << 64) - 1


def splitmix64(value: int) -> int:
    """One step of splitmix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014).

    >>> hex(splitmix64(0)), hex(splitmix64(0x9E3779B97F4A7C15))
    ('0xe220a8397b1dcdaf', '0x6e789e6aa1b965f4')
    """
    value = (value + 0x9E3779B97F4A7C15) & _MASK
    value = ((value ^ (value >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    value = ((value ^ (value >> 27)) * 0x94D049BB133111EB) & _MASK
    return value ^ (value >> 31)
