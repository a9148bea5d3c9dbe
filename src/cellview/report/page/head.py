"""What a report says first: which experiment, made with what, and whether it would come out the same again."""

from __future__ import annotations

from typing import Any

import msgspec

from cellview.measures import Analysis
from cellview.report.page.markup import Markup, raw, tag
from cellview.report.page.tables import arms_at_a_glance
from cellview.trace import RunFolder, RunMetadata

__all__ = ["provenance", "summary", "title_of", "verdict"]


def title_of(runs: list[RunFolder], analysis: Analysis) -> str:
    """Return what a report is called: after the experiments, or after the folders."""
    names = dict.fromkeys(run.metadata.experiment.name for run in runs if run.metadata.experiment.name)
    return ", ".join(names) or ", ".join(run.name for run in analysis.runs)


def summary(runs: list[RunFolder], analysis: Analysis) -> Markup:
    """Return the head of the page."""
    entries = [entry for run in runs for entry in run.metadata.results]
    solved = sum(entry.solved for entry in entries)
    refuted = sum(entry.provable is False for entry in entries)
    counted = f"{len(entries)} searches, {solved} solved"
    if refuted:
        counted += f"; {refuted} of them for non-theorems, none of which was proved"
    return tag(
        "header",
        tag("p", "Report of Cellview", class_="kicker"),
        tag("h1", title_of(runs, analysis)),
        tag("p", analysis.question, class_="question") if analysis.question else None,
        tag("p", counted + ".", class_="lead"),
        tag("ul", _standing(analysis), *(verdict(run.metadata, run.path.resolve().name, len(runs)) for run in runs),
            class_="verdicts"),
        arms_at_a_glance(analysis.arms),
        id="summary",
    )  # fmt: skip


def _standing(analysis: Analysis) -> Markup:
    if analysis.status == "confirmatory":
        return tag(
            "li", tag("strong", "Confirmatory"), ": every run was started with this preregistration.", class_="good"
        )
    return tag("li", tag("strong", "Exploratory"), f": {'; '.join(analysis.why_exploratory)}.", class_="plain")


def verdict(metadata: RunMetadata, name: str, runs: int) -> Markup:
    """Say whether a run would give the same bytes again, and if not, why."""
    which = f" ({name})" if runs > 1 else ""
    if metadata.status != "finished":
        because = f": {metadata.error}" if metadata.error else ""
        return tag(
            "li", tag("strong", "Not finished"), f"{which}: the run is {metadata.status}{because}.", class_="bad"
        )
    if metadata.reproducible:
        words = f"{which}: the same command gives the same trace digests, on any machine."
        return tag("li", tag("strong", "Reproducible"), words, class_="good")
    because = "; ".join(metadata.not_reproducible_because)
    return tag("li", tag("strong", "Not reproducible"), f"{which}: {because}.", class_="bad")


def provenance(runs: list[RunFolder], analysis: Analysis) -> Markup:
    """Return where every number comes from, run by run."""
    digests = {row.name: row.run_digest for row in analysis.runs}
    parts = [_run(run.metadata, run.path.resolve().name, digests.get(run.path.resolve().name, "")) for run in runs]
    software = ", ".join(f"{name} {version}" for name, version in sorted(analysis.software.items()))
    settings = (
        f"Analysis seed {analysis.seed}, {analysis.bootstrap} bootstrap samples, {analysis.permutations} permutations, "
        f"target {analysis.target}; {software}."
    )
    return raw("".join([*parts, tag("p", settings, class_="quiet")]))


def _run(metadata: RunMetadata, name: str, digest: str) -> Markup:
    versions, backend = metadata.versions, metadata.backend
    made = [backend.prover, f"provider {backend.provider}"]
    made += [f"automation {backend.automation}"] if backend.automation else []
    made += [f"{backend.heartbeats} thousand heartbeats a tactic"] if backend.heartbeats else []
    git = metadata.git
    facts: list[tuple[str, str | None]] = [
        ("Run digest", digest),
        ("Experiment", f"{metadata.experiment.name or 'unnamed'}, {metadata.experiment.digest}"),
        ("Preregistration", metadata.experiment.plan_digest or "none"),
        ("Corpus", None if metadata.corpus is None else f"{metadata.corpus.source}, {metadata.corpus.digest}"),
        ("Search", _search(metadata.config)),
        ("Prover", ", ".join(made)),
        ("Cellview", versions.cellview),
        ("Lean", versions.lean or "none took part"),
        ("Python", versions.python),
        ("Commit", None if git is None else git.commit + (", with changes" if git.dirty else "")),
        ("Command", " ".join(metadata.command) or None),
        ("Started", f"{metadata.created}, finished {metadata.finished or 'not yet'}"),
        ("Machine", f"{metadata.host.system}, {metadata.host.machine}, {metadata.host.cpus} processors"),
    ]
    rows = [raw(tag("dt", term) + tag("dd", text)) for term, text in facts if text]
    return tag("section", tag("h3", name), tag("dl", *rows, class_="facts"))


def _search(config: dict[str, Any]) -> str:
    """The search in one line: what is not set is left out."""
    search: dict[str, Any] = config.get("setup", {}).get("search", {})
    shown = [
        f"{key} {value if isinstance(value, str) else msgspec.json.encode(value).decode()}"
        for key, value in search.items()
        if value not in (None, [], {}) and key != "tree"
    ]
    return ", ".join(shown)
