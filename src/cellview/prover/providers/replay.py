"""Suggest what a recorded run suggested, so that a model's answers replay as data."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec

from cellview.prover.base import Goal, Suggestion
from cellview.prover.errors import ProviderError

__all__ = ["ReplayProvider"]


class _Node(msgspec.Struct, frozen=True, gc=False):
    mvar_id: str
    goal_sig_strict: str


class _Line(msgspec.Struct, frozen=True):
    """The part of a trace line that matters here. The abort marker has neither field."""

    node: _Node | None = None
    tactics: tuple[Suggestion, ...] = ()


class ReplayProvider:
    """Looks a goal up in a trace: by its id first, then by its strict signature.

    The id settles it when the run is repeated with the same prover and configuration. The signature serves other
    configurations, which number goals differently. A goal that the trace never visited is an error, not an empty
    list: a replay that leaves the record should be seen to do so.
    """

    def __init__(self, lines: Iterable[bytes | str], *, source: str = "trace") -> None:
        """Read the lines of a trace; `source` is what errors call it.

        Raises:
            ProviderError: A line is not a trace record.
        """
        self._source = source
        self._by_id: dict[str, tuple[Suggestion, ...]] = {}
        self._by_signature: dict[str, tuple[Suggestion, ...]] = {}
        decoder = msgspec.json.Decoder(_Line)
        for number, line in enumerate(lines, start=1):
            try:
                record = decoder.decode(line)
            except (msgspec.DecodeError, msgspec.ValidationError) as error:
                raise ProviderError(f"{source}, line {number}: not a trace record ({error}).") from error
            if record.node is not None and record.tactics:
                # Later visits of a node list only what was left untried: the first visit has it all.
                self._by_id.setdefault(record.node.mvar_id, record.tactics)
                self._by_signature.setdefault(record.node.goal_sig_strict, record.tactics)

    @classmethod
    def from_file(cls, path: str | Path) -> ReplayProvider:
        """Read the trace file at `path`.

        Raises:
            ProviderError: It cannot be read, or is no trace.
        """
        try:
            content = Path(path).read_bytes()
        except OSError as error:
            raise ProviderError(f"{path}: cannot be read ({error.strerror}); give the path of a trace.") from error
        return cls(content.splitlines(), source=str(path))

    @property
    def provider_id(self) -> str:
        """Always ``replay``."""
        return "replay"

    async def suggest(self, goal: Goal) -> Sequence[Suggestion]:
        """Return what was suggested for this goal.

        Raises:
            ProviderError: The trace holds nothing for it.
        """
        found = self._by_id.get(goal.mvar_id) or self._by_signature.get(goal.goal_sig_strict)
        if found is None:
            raise ProviderError(
                f"{self._source} suggests nothing for the goal {goal.goal_type!r} ({goal.mvar_id}); "
                "the replay has left the recorded run."
            )
        return found
