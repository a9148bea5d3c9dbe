"""Traces and run folders: records, ordered writer, reader, check, summary, digest, difference, replay, metadata."""

from cellview.trace.atomic import write_atomically
from cellview.trace.check import Problem, check_lines, check_trace
from cellview.trace.clocks import AttemptKind, Clocks, attempt_kind, count_clocks, is_iteration, was_given_up
from cellview.trace.diff import Difference, diff_traces
from cellview.trace.digest import digest_file, encode_line, without_timestamps
from cellview.trace.environment import describe_git, describe_host, describe_versions
from cellview.trace.errors import (
    DamagedLineError,
    RunFolderError,
    TornLineWarning,
    TraceError,
    TraceOrderError,
    TraceWriteError,
)
from cellview.trace.lock import is_being_written
from cellview.trace.metadata import (
    BackendInfo,
    CorpusInfo,
    ExperimentInfo,
    ExtendedFrom,
    GitInfo,
    HostInfo,
    RunMetadata,
    RunStatus,
    SearchEntry,
    Versions,
    file_stem,
)
from cellview.trace.notes import Note, RunNotes, change_notes, is_plain, read_notes
from cellview.trace.reader import Recovery, TornLine, TraceReader, decode_line, read_trace, recover
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
from cellview.trace.report import render_check, render_diff, render_digests, render_summary
from cellview.trace.resume import ResumePoint, resume_point
from cellview.trace.run import RunFolder, folder_name
from cellview.trace.summary import AgentSummary, TraceSummary, summarize, summarize_records
from cellview.trace.writer import NullTraceWriter, OrderedTraceWriter, TraceWriter

__all__ = [
    "AbortRecord",
    "AgentSummary",
    "AttemptKind",
    "AttemptOutcome",
    "BackendInfo",
    "BlockInfo",
    "Clocks",
    "CorpusInfo",
    "DamagedLineError",
    "DelayInfo",
    "Difference",
    "ExperimentInfo",
    "ExtendedFrom",
    "GitInfo",
    "HostInfo",
    "IterationReason",
    "IterationRecord",
    "NodeSnapshot",
    "Note",
    "NullTraceWriter",
    "OrderedTraceWriter",
    "Problem",
    "Record",
    "Recovery",
    "RerouteEntry",
    "ResumePoint",
    "RunFolder",
    "RunFolderError",
    "RunMetadata",
    "RunNotes",
    "RunStatus",
    "SearchEntry",
    "TacticAttempt",
    "TacticCandidate",
    "TornLine",
    "TornLineWarning",
    "TraceError",
    "TraceOrderError",
    "TraceReader",
    "TraceSummary",
    "TraceWriteError",
    "TraceWriter",
    "TreeSnapshot",
    "Versions",
    "attempt_kind",
    "change_notes",
    "check_lines",
    "check_trace",
    "count_clocks",
    "decode_line",
    "describe_git",
    "describe_host",
    "describe_versions",
    "diff_traces",
    "digest_file",
    "encode_line",
    "file_stem",
    "folder_name",
    "is_being_written",
    "is_iteration",
    "is_plain",
    "read_notes",
    "read_trace",
    "recover",
    "render_check",
    "render_diff",
    "render_digests",
    "render_summary",
    "resume_point",
    "summarize",
    "summarize_records",
    "was_given_up",
    "without_timestamps",
    "write_atomically",
]
