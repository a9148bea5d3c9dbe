"""The writer against a simple model: arrivals in any order, batches, crashes at any byte, reopening, closing."""

from __future__ import annotations

import tempfile
from hashlib import sha256
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from cellview.trace import AbortRecord, OrderedTraceWriter, Record, encode_line, without_timestamps
from cellview.trace.testing import sample_trace


class WriterMachine(RuleBasedStateMachine):
    """The model is a list of lines: what an ideal file holds."""

    @initialize(count=st.sampled_from([3, 24]), aborted=st.booleans())
    def begin(self, count: int, aborted: bool) -> None:
        self.count = count
        self.folder = tempfile.TemporaryDirectory()
        self.path = Path(self.folder.name) / "t.jsonl"
        self.records = sample_trace(count, aborted=aborted)
        self.lines: list[bytes] = []
        self.arrived: dict[int, list[Record]] = {}
        self.next = 0
        self.crashes = 0
        self.writer = OrderedTraceWriter(self.path)

    def teardown(self) -> None:
        if hasattr(self, "folder"):
            self.writer.close()
            self.folder.cleanup()

    def of(self, iteration: int) -> list[Record]:
        return [record for record in self.records if record.iteration == iteration]

    def model_write(self, record: Record) -> None:
        self.arrived.setdefault(record.iteration, []).append(record)
        while self.next in self.arrived and self.arrived[self.next] == self.of(self.next):
            self.lines += map(encode_line, self.arrived.pop(self.next))
            self.next += 1

    def missing(self) -> list[Record]:
        """Records that may come next: of an iteration with an abort marker, the marker first."""
        return [
            record
            for iteration in range(self.next, self.count)
            for record in self.of(iteration)[len(self.arrived.get(iteration, [])) :][:1]
        ]

    @precondition(lambda self: self.missing())
    @rule(data=st.data())
    def write(self, data: st.DataObject) -> None:
        record = data.draw(st.sampled_from(self.missing()[:6]), label="record")
        self.model_write(record)
        self.writer.write(record)

    @precondition(lambda self: self.missing())
    @rule(data=st.data())
    def write_many(self, data: st.DataObject) -> None:
        batch = data.draw(st.permutations(self.missing()[:5]), label="batch")
        for record in batch:
            self.model_write(record)
        self.writer.write_many(batch)

    @rule(cut=st.integers(0, 4000) | st.none(), whole=st.booleans())
    def crash(self, cut: int | None, whole: bool) -> None:
        """Lose what was held back, and `cut` bytes of the end or, if `whole`, some whole lines; then reopen."""
        if cut is None:
            self.writer.sync()
            cut = 0
        elif whole:
            cut = sum(map(len, self.lines[len(self.lines) - min(cut % 4, len(self.lines)) :]))
        size = max(0, self.path.stat().st_size - cut)
        self.crashes += 1
        left_behind = self.path.with_name(f"after{self.crashes}.jsonl")
        left_behind.write_bytes(self.path.read_bytes()[:size])
        self.writer.close()  # of the dead process's file, which nobody looks at any more
        self.path = left_behind
        self.arrived = {}
        while sum(map(len, self.lines)) > size:
            self.lines.pop()
        if self.lines and b'{"event":"abort"' in self.lines[-1]:
            self.lines.pop()
        self.next = len([line for line in self.lines if b'{"event":"abort"' not in line])
        torn = size - sum(map(len, self.lines))
        self.writer = OrderedTraceWriter(self.path, resume=True)
        assert self.writer.recovery is not None
        assert (self.writer.recovery.torn is not None or self.writer.recovery.abort_cut) == (torn > 0)

    @rule()
    def close_and_resume(self) -> None:
        """A clean stop writes what is held back only if nothing is missing before it, as an ordered run sees to."""
        if self.writer.pending:
            return
        self.writer.close()
        self.writer = OrderedTraceWriter(self.path, resume=True)
        assert self.writer.recovery is not None
        assert self.writer.recovery.torn is None

    @invariant()
    def the_file_is_the_model(self) -> None:
        if not hasattr(self, "writer"):
            return
        content = b"".join(self.lines)
        assert self.path.read_bytes() == content
        assert self.writer.next_iteration == self.next
        assert self.writer.pending == sum(map(len, self.arrived.values()))
        assert self.writer.digest() == sha256(without_timestamps(content)).hexdigest()
        assert sum(isinstance(record, AbortRecord) for record in self.records) <= 1


TestWriterMachine = WriterMachine.TestCase
TestWriterMachine.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)
