"""What the fields of one well-typed record must say about each other."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import UNSET, UnsetType

from cellview.trace.contract import Fault
from cellview.trace.records import AbortRecord, BlockInfo, DelayInfo, IterationRecord, Record, TacticAttempt

__all__ = ["record_faults"]


def record_faults(record: Record) -> Iterator[Fault]:
    """Yield every contradiction inside one record."""
    if (record.tier is UNSET) != (record.budget is UNSET):
        yield ("tier" if record.tier is UNSET else "budget"), "is missing beside the other of tier and budget"
    if isinstance(record, AbortRecord):
        if not record.tree.aborted:
            yield "tree.aborted", "is false in an abort marker"
        return
    yield from _node_faults(record)
    yield from _reason_faults(record)
    yield from _schedule_faults(record)
    yield from _attempts_faults(record)


def _node_faults(record: IterationRecord) -> Iterator[Fault]:
    node, path, tree = record.node, record.selected_path, record.tree
    if node.mvar_id != path[-1]:
        yield "node.mvar_id", f"is {node.mvar_id!r}, but selected_path ends in {path[-1]!r}"
    if node.depth != len(path) - 1:
        yield "node.depth", f"is {node.depth}, but selected_path has {len(path)} nodes"
    if node.is_terminal and node.is_dead:
        yield "node.is_dead", "is true beside is_terminal: a node cannot be both"
    if node.success_count > node.visit_count:
        yield "node.success_count", f"is {node.success_count}, above visit_count {node.visit_count}"
    if tree.max_depth < node.depth:
        yield "tree.max_depth", f"is {tree.max_depth}, below the node's depth {node.depth}"
    if tree.nodes < node.depth + 1:
        yield "tree.nodes", f"is {tree.nodes}, fewer than stand on selected_path"


def _reason_faults(record: IterationRecord) -> Iterator[Fault]:
    reason = record.reason
    if (record.expanded is True) != (reason == "expanded"):
        yield "expanded", f"is {_json(record.expanded)} where reason is {reason}"
    if reason == "no_expansion" and record.expanded is not False:
        yield "expanded", "is null where reason is no_expansion, expected false"
    if reason == "expanded" and not any(attempt.outcome == "success" for attempt in record.attempts):
        yield "attempts", "has no success where reason is expanded"
    if reason == "terminal_node" and not record.node.is_terminal:
        yield "node.is_terminal", "is false where reason is terminal_node"
    if reason == "dead_node" and not record.node.is_dead:
        yield "node.is_dead", "is false where reason is dead_node"
    if reason == "abort" and not record.tree.aborted:
        yield "tree.aborted", "is false where reason is abort"
    if reason in {"adapter_error", "provider_error"} and record.error is UNSET:
        yield "error", f"is missing where reason is {reason}"
    if reason in {"blocked", "delayed"}:
        yield from _skipped_faults(record)


def _skipped_faults(record: IterationRecord) -> Iterator[Fault]:
    """Nothing was reserved, so nothing was tried and nothing backpropagated."""
    if record.expanded is not None:
        yield "expanded", f"is {_json(record.expanded)} where reason is {record.reason}, expected null"
    if record.tactics:
        yield "tactics", f"has entries where reason is {record.reason}"
    if record.attempts:
        yield "attempts", f"has entries where reason is {record.reason}"
    if record.terminal_reached:
        yield "terminal_reached", f"is true where reason is {record.reason}"
    if record.backprop_success:
        yield "backprop_success", f"is true where reason is {record.reason}"


def _schedule_faults(record: IterationRecord) -> Iterator[Fault]:
    yield from _pair_faults("", record.reason, record.block, record.delay, record.iteration)
    trail = [] if record.reroute is UNSET else record.reroute
    for index, entry in enumerate(trail):
        prefix = f"reroute[{index}]."
        yield from _pair_faults(prefix, entry.reason, entry.block, entry.delay, record.iteration)
        if any(entry.mvar_id == earlier.mvar_id for earlier in trail[:index]):
            yield f"{prefix}mvar_id", f"is {entry.mvar_id!r} a second time"


def _pair_faults(
    prefix: str, reason: str, block: BlockInfo | UnsetType, delay: DelayInfo | UnsetType, iteration: int
) -> Iterator[Fault]:
    if (block is UNSET) == (reason == "blocked"):
        yield f"{prefix}block", f"is {'missing' if block is UNSET else 'present'} where reason is {reason}"
    if (delay is UNSET) == (reason == "delayed"):
        yield f"{prefix}delay", f"is {'missing' if delay is UNSET else 'present'} where reason is {reason}"
    if block is not UNSET:
        yield from _block_faults(f"{prefix}block", block, iteration)
    if delay is not UNSET and delay.remaining != delay.until - iteration:
        yield (
            f"{prefix}delay.remaining",
            f"is {delay.remaining}, expected {delay.until - iteration} (until − iteration)",
        )


def _block_faults(field: str, block: BlockInfo, iteration: int) -> Iterator[Fault]:
    permanent = block.immovable or block.duration < 0
    if block.duration == 0:
        yield f"{field}.duration", "is 0"
    if (block.until == -1) != permanent:
        yield f"{field}.until", f"is {block.until}, {'expected' if permanent else 'but only a permanent block has'} −1"
    if (block.remaining is None) != permanent:
        yield f"{field}.remaining", "is null exactly where a block never thaws, but not here"
    if block.remaining is not None and block.until != -1 and block.remaining != block.until - iteration:
        yield f"{field}.remaining", f"is {block.remaining}, expected {block.until - iteration} (until − iteration)"


def _attempts_faults(record: IterationRecord) -> Iterator[Fault]:
    candidates = iter([candidate.tactic for candidate in record.tactics])
    for index, attempt in enumerate(record.attempts):
        prefix = f"attempts[{index}]."
        if attempt.tactic not in candidates:  # consumes: attempts are a subsequence of tactics
            yield f"{prefix}tactic", f"is {attempt.tactic!r}, which does not stand in tactics at that place"
        for name in ("goal_type", "goal_sig", "goal_sig_strict"):
            if getattr(attempt, name) != getattr(record.node, name):
                yield (
                    f"{prefix}{name}",
                    f"is {getattr(attempt, name)!r}, but the node has {getattr(record.node, name)!r}",
                )
        yield from _attempt_faults(prefix, attempt)


def _attempt_faults(prefix: str, attempt: TacticAttempt) -> Iterator[Fault]:
    blocked = attempt.outcome == "blocked"
    for name in ("peg_id", "peg_kind", "block_reason"):
        if (getattr(attempt, name) is None) == blocked:
            yield f"{prefix}{name}", f"is {'null' if blocked else 'set'} where outcome is {attempt.outcome}"
    # A cycle is a tactic that worked, and was refused for the goals that it left; they stand there to show which.
    if attempt.child_mvar_ids and attempt.outcome != "success" and attempt.detail != "cycle":
        yield f"{prefix}child_mvar_ids", f"has entries where outcome is {attempt.outcome}"
    sigs = attempt.child_sigs_strict
    if sigs is not UNSET and len(sigs) != len(attempt.child_mvar_ids):
        yield f"{prefix}child_sigs_strict", f"has {len(sigs)} entries beside {len(attempt.child_mvar_ids)} children"


def _json(value: bool | None) -> str:
    return "null" if value is None else str(value).lower()
