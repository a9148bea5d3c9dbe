"""Traces and run folders: records, ordered writer, reader, check, summary, digest, difference, replay, metadata."""

from cellview.trace.digest import digest_file
from cellview.trace.errors import (
    DamagedLineError,
    RunFolderError,
    TornLineWarning,
    TraceError,
    TraceOrderError,
    TraceWriteError,
)
from cellview.trace.reader import Recovery, TornLine, TraceReader, read_trace, recover
from cellview.trace.records import (
    AbortRecord,
    AttemptOutcome,
    BlockInfo,
    DelayInfo,
    IterationReason,
    IterationRecord,
    NodeSnapshot,
    Record,
    RerouteEntry,
    TacticAttempt,
    TacticCandidate,
    TreeSnapshot,
)
from cellview.trace.writer import NullTraceWriter, OrderedTraceWriter, TraceWriter
