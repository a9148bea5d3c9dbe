"""The public entry: one theorem, one search."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from cellview.actors.clock import LoopClock
from cellview.core import ConfigError, End, ProgressCallback, ReplayError, SearchConfig, SearchRun, begin, resume
from cellview.prover import ProofStep, Prover, TacticProvider, render_script
from cellview.search.centralized import CentralizedSearch
from cellview.search.distributed import DistributedSearch
from cellview.search.result import SearchResult
from cellview.trace import Record, TraceWriter

__all__ = ["search"]


async def search(
    statement: str,
    *,
    prover: Prover,
    provider: TacticProvider,
    config: SearchConfig,
    trace: TraceWriter | None = None,
    progress: ProgressCallback | None = None,
    resume_from: Iterable[Record] | None = None,
    providers: Mapping[str, TacticProvider] | None = None,
) -> SearchResult:
    """Search for a proof of one theorem.

    Args:
        statement: What stands between a theorem's name and ``:=``, such as ``(p q : Prop) : p ∧ q → q ∧ p``.
        prover: Runs the tactics and checks the proof. The caller keeps it, and may use it for the next theorem.
        provider: Suggests the tactics.
        config: What the search does; its outcome is a function of this and of prover and provider.
        trace: Where the records go. The caller opens and closes it.
        progress: Told after each commit; answering ``abort`` ends the search.
        resume_from: Records of a search with the same input that was cut short; it goes on behind them. `trace` must
            be a writer that continues their file.
        providers: Those that algotypes of the configuration name.

    Returns:
        The result; ``solved`` only if a fresh check accepted the whole proof.

    Raises:
        StatementError: The statement does not parse or elaborate.
        TraceWriteError: The trace cannot be written.
        ReplayError: `resume_from` does not belong to this configuration and prover.
        ConfigError: An algotype names a provider that is not among `providers`.
    """
    each = _provider_of_each(config, provider, providers or {})
    clock = LoopClock()
    started = clock.now()

    def now_ms() -> int:
        return int((clock.now() - started) * 1000)

    root = await prover.start(statement)
    if resume_from is None:
        run = begin(config, root, statement=statement)
    else:
        run = await resume(resume_from, config, root, prover, statement=statement, providers=each)
    if run.core.stop_reason is not None:
        return _result(run, await _end_of(run, statement, prover), trace, each)
    if config.mode == "centralized":
        end = await CentralizedSearch(
            run, statement, prover=prover, provider=provider, trace=trace, progress=progress, now_ms=now_ms
        ).run()
    else:
        end = await DistributedSearch(
            run, statement, prover=prover, providers=each, trace=trace, progress=progress, now_ms=now_ms
        ).run()
    return _result(run, end, trace, each)


def _provider_of_each(
    config: SearchConfig, provider: TacticProvider, named: Mapping[str, TacticProvider]
) -> list[TacticProvider]:
    """Return the provider that each agent asks."""
    found: list[TacticProvider] = []
    for algotype in config.algotype_of_each:
        name = "" if algotype is None else algotype.provider
        if name and name not in named:
            known = ", ".join(sorted(named)) or "none"
            raise ConfigError(f"agents ask a provider {name!r} that there is not: providers with a name are {known}")
        found.append(named[name] if name else provider)
    return found


async def _end_of(run: SearchRun, statement: str, prover: Prover) -> End:
    """End of a search that was over when it was killed; a proof is checked again, since the trace has no proof."""
    reason = run.core.stop_reason
    assert reason is not None
    if reason != "solved":
        return End(reason, None)
    verification = await prover.verify(statement, render_script(run.core.tree.proof(ProofStep)))
    if not verification.ok:
        raise ReplayError(f"the trace ends with a proof that the prover does not accept now: {verification.message}")
    return End(reason, verification)


def _result(run: SearchRun, end: End, trace: TraceWriter | None, providers: Sequence[TacticProvider]) -> SearchResult:
    tree = run.core.tree
    solved = end.stop_reason == "solved"
    verification = end.verification
    proof = tree.proof(ProofStep) if solved else None
    counts = run.counts
    why = None
    if not run.config.reproducible:
        why = "results were committed in order of arrival"
    elif counts.adapter_errors:
        why = f"the prover's infrastructure failed in {counts.adapter_errors} iterations"
    elif counts.provider_errors and not all(getattr(provider, "immediate", False) for provider in providers):
        why = f"its provider of tactics failed in {counts.provider_errors} iterations"
    return SearchResult(
        solved=solved,
        stop_reason=end.stop_reason,
        iterations=run.core.committed,
        attempts=counts.attempts,
        tried=counts.tried,
        held_back=counts.held_back,
        given_up=counts.given_up,
        adapter_errors=counts.adapter_errors,
        provider_answers=counts.provider_answers,
        provider_errors=counts.provider_errors,
        provider_errors_in_a_row=counts.errors_in_a_row,
        nodes=len(tree.nodes),
        max_depth=tree.max_depth,
        discarded=run.core.discarded,
        proof=verification.source if solved and verification is not None else None,
        script=render_script(proof) if proof is not None else None,
        proof_length=_length(proof) if proof is not None else None,
        verification=verification,
        refused=None if solved else counts.refused,
        failure=counts.failure if end.stop_reason == "provider_error" else None,
        digest=trace.digest() if trace is not None else None,
        reproducible=why is None,
        why=why,
        tree=tree,
    )


def _length(proof: ProofStep) -> int:
    """Tactics in a proof, those of shared subgoals as often as they stand in the script."""
    count = 0
    stack = [proof]
    while stack:
        count += 1
        stack.extend(stack.pop().children)
    return count
