"""Part of a corpus: the theorems that were asked for, and a file that holds them and no others."""

from __future__ import annotations

import difflib
import json
from collections.abc import Callable, Iterable

import msgspec

from cellview.app.options import RunOptions
from cellview.experiment.corpus import Corpus, CorpusTheorem
from cellview.settings import SettingsError

__all__ = ["Selection", "render_corpus", "select", "selection_of"]


class Selection(msgspec.Struct, frozen=True, kw_only=True):
    """Which theorems are meant; one must pass every filter that is given, and a filter asks for any of its words.

    Args:
        ids: Names of theorems.
        tags: Tags.
        match: Parts of names, upper and lower case alike.
    """

    ids: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    match: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        """Whether anything is left out at all."""
        return bool(self.ids or self.tags or self.match)


def selection_of(options: RunOptions) -> Selection:
    """Return which theorems are asked for."""
    return Selection(ids=options.id, tags=options.tag, match=options.match)


def select(corpus: Corpus, selection: Selection) -> Corpus:
    """Return the theorems that pass, in the corpus's order.

    Raises:
        SettingsError: An id or a tag does not occur, or nothing passes: the text names the nearest.
    """
    _require_known("--id", selection.ids, [theorem.id for theorem in corpus.theorems], corpus)
    _require_known("--tag", selection.tags, {tag for theorem in corpus.theorems for tag in theorem.tags}, corpus)
    parts = [part.casefold() for part in selection.match]
    filters: list[Callable[[CorpusTheorem], bool]] = []
    if selection.ids:
        filters.append(lambda theorem: theorem.id in selection.ids)
    if selection.tags:
        filters.append(lambda theorem: not set(selection.tags).isdisjoint(theorem.tags))
    if selection.match:
        filters.append(lambda theorem: any(part in theorem.id.casefold() for part in parts))
    chosen = tuple(theorem for theorem in corpus.theorems if all(passes(theorem) for passes in filters))
    if not chosen:
        raise SettingsError(f"No theorem of {corpus.source} passes --id, --tag and --match together; drop one of them.")
    return msgspec.structs.replace(corpus, theorems=chosen)


def _require_known(option: str, asked: Iterable[str], known: Iterable[str], corpus: Corpus) -> None:
    known = sorted(known)
    for word in asked:
        if word not in known:
            near = difflib.get_close_matches(word, known, n=1, cutoff=0.5)
            hint = f" (the nearest is {near[0]!r})" if near else ""
            raise SettingsError(f"{option}: {corpus.source} has no {option.removeprefix('--')} {word!r}{hint}.")


def render_corpus(corpus: Corpus) -> str:
    """Return a corpus as TOML; :func:`~cellview.experiment.corpus.parse_corpus` reads the same theorems from it.

    The standard library reads TOML and does not write it. What is written here are tables of texts, lists of texts and
    one truth value, and a JSON text is a TOML text once DEL, which JSON leaves alone, is escaped.
    """
    return "\n".join(_table(theorem) for theorem in corpus.theorems)


def _table(theorem: CorpusTheorem) -> str:
    lines = ["[[theorem]]", f"id = {_text(theorem.id)}", f"statement = {_text(theorem.statement)}"]
    if theorem.tags:
        lines.append(f"tags = {_list(theorem.tags)}")
    if theorem.provable is not None:
        lines.append(f"provable = {'true' if theorem.provable else 'false'}")
    if theorem.imports:
        lines.append(f"imports = {_list(theorem.imports)}")
    if theorem.gloss:
        lines.append(f"gloss = {_text(theorem.gloss)}")
    return "\n".join(lines) + "\n"


def _text(value: str) -> str:
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _list(values: tuple[str, ...]) -> str:
    return f"[{', '.join(_text(value) for value in values)}]"
