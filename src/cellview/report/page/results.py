"""The searches of a report, one row each: outcome, cost, digest, and behind its name the statement and the proof."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from cellview.experiment import load_corpus
from cellview.experiment.errors import CorpusError
from cellview.report.errors import ReportError
from cellview.report.page.markup import Markup, raw, tag
from cellview.trace import RunFolder, SearchEntry

__all__ = ["OUTCOMES", "results_table"]

OUTCOMES: Mapping[str, tuple[str, str]] = {
    "solved": ("solved", "A proof was found, and a fresh Lean accepted it."),
    "budget": ("budget spent", "There was more to try."),
    "exhausted": ("exhausted", "Every tactic that was suggested has been tried on every goal in reach."),
    "aborted": ("aborted", "The search was told to end."),
    "interrupted": ("interrupted", "The search was cut short."),
    "statement_error": ("bad statement", "The prover does not accept the statement."),
    "no_wild_type_proof": ("not run", "The arm spares the tactics of the wild type's proof, and there is none."),
    "set_aside": ("set aside", "Its workers failed too often."),
    "provider_error": ("provider failed", "The provider of tactics failed too often in a row, which is no result."),
}
"""Words for each way in which a search ends, and what it means."""


def results_table(runs: list[RunFolder], watched: Mapping[str, int]) -> Markup:
    """Return the table of all searches.

    Args:
        runs: The runs.
        watched: By key of a search, the number of its trace in the page; ``-1`` for one that did not fit.

    Raises:
        ReportError: A proof or the corpus that a run has kept cannot be read.
    """
    several = len(runs) > 1
    seeds = any(len(run.metadata.seeds) > 1 for run in runs)
    head = [
        _head("Theorem"),
        _head("Run") if several else None,
        _head("Arm"),
        _head("Seed", number=True) if seeds else None,
        _head("Outcome"),
        _head("Iterations", number=True),
        _head("Tactics tried", number=True),
        _head("Given up", number=True),
        _head("Proof steps", number=True),
        _head("Trace digest"),
        tag("th", tag("span", "Watch", class_="quiet"), scope="col"),
    ]
    body = [row for run in runs for row in _rows(run, watched, several=several, seeds=seeds)]
    return tag("table", tag("thead", tag("tr", *head)), tag("tbody", *body), class_="results", id="searches")


def _head(words: str, *, number: bool = False) -> Markup:
    return tag("th", tag("button", words, type="button"), scope="col", class_="number" if number else None)


def _rows(run: RunFolder, watched: Mapping[str, int], *, several: bool, seeds: bool) -> Iterator[Markup]:
    name = run.path.resolve().name
    statements = _statements(run)
    for entry in run.metadata.results:
        key = f"{name}/{entry.theorem}/{entry.arm}/{entry.seed}"
        yield tag(
            "tr",
            tag("th", _details(run, entry, statements.get(entry.theorem)), scope="row"),
            tag("td", name) if several else None,
            tag("td", entry.arm),
            _number(entry.seed) if seeds else None,
            tag("td", _outcome(entry)),
            _number(entry.iterations),
            _number(entry.tried),
            _number(entry.given_up),
            _number(entry.proof_length),
            tag("td", tag("code", (entry.digest or "–")[:12], title=entry.digest or "no trace")),
            tag("td", _watch(key, watched)),
            data_outcome=entry.stop_reason,
        )


def _number(value: int | None) -> Markup:
    return tag("td", "–" if value is None else f"{value:,}".replace(",", "\u2009"), class_="number")


def _outcome(entry: SearchEntry) -> Markup:
    words, meaning = OUTCOMES.get(entry.stop_reason, (entry.stop_reason, ""))
    marks = [tag("span", words, class_=f"outcome {entry.stop_reason}", title=meaning)]
    if entry.provable is False:
        marks.append(tag("span", "no theorem", class_="aside", title="The corpus says that this is no theorem."))
    if not entry.reproducible:
        reasons = "; ".join(entry.not_reproducible_because)
        marks.append(tag("span", "not reproducible", class_="warning", title=reasons))
    return raw(" ".join(marks))


def _watch(key: str, watched: Mapping[str, int]) -> Markup:
    number = watched.get(key)
    if number is None:
        return tag("span", "no trace", class_="quiet")
    if number < 0:
        return tag("a", "not embedded", href="#left-out", class_="quiet")
    return tag("a", "watch", href=f"#watch={key}", data_watch=key)


def _details(run: RunFolder, entry: SearchEntry, statement: str | None) -> Markup:
    parts: list[Markup | None] = [
        _block("Statement", statement) if statement else None,
        _block("What the prover said", entry.message) if entry.message else None,
        _block("Proof, accepted by a fresh Lean" if run.metadata.versions.lean else "Proof", _proof(run, entry)),
        tag("p", "Trace digest ", tag("code", entry.digest)) if entry.digest else None,
        tag("p", "Block seed ", tag("code", str(entry.block_seed))) if entry.block_seed is not None else None,
    ]
    return tag("details", tag("summary", entry.theorem), *parts)


def _block(title: str, text: str | None) -> Markup | None:
    return None if text is None else tag("figure", tag("figcaption", title), tag("pre", tag("code", text)))


def _proof(run: RunFolder, entry: SearchEntry) -> str | None:
    """The file that Lean accepted; a synthetic prover leaves its script alone."""
    if not entry.solved:
        return None
    path = run.proof_path(entry.theorem, arm=entry.arm, seed=entry.seed)
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return entry.proof
    except (OSError, UnicodeDecodeError) as error:
        raise ReportError(f"The proof {path} cannot be read: {error}.") from error


def _statements(run: RunFolder) -> dict[str, str]:
    path = run.path / "corpus.toml"
    if not path.exists():
        return {}  # a folder of format 1
    try:
        return {theorem.id: theorem.statement for theorem in load_corpus(path).theorems}
    except CorpusError as error:
        raise ReportError(f"{error} A report shows the statements from there.") from error
