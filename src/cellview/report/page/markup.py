"""HTML that is escaped unless it is known to be HTML already: names and proofs come from other people's files."""

from __future__ import annotations

from html import escape

__all__ = ["Markup", "raw", "tag"]


class Markup(str):
    """Text that is HTML; every other text is escaped where it is put into a tag."""

    __slots__ = ()


_VOID = frozenset({"br", "input", "link", "meta", "wbr"})


def raw(text: str) -> Markup:
    """Return a text as the HTML that it is. Only for what this package has made itself."""
    return Markup(text)


def tag(name: str, /, *children: str | None, **attributes: str | bool | None) -> Markup:
    """Return an element.

    Args:
        name: Of the element.
        children: HTML or texts; ``None`` is left out.
        attributes: ``class_`` and ``for_`` lose their last underscore, others become dashes; ``True`` is an attribute
            without a value, ``None`` and ``False`` are none.

    >>> tag("td", "p ∧ q < r", class_="goal")
    '<td class="goal">p ∧ q &lt; r</td>'
    >>> tag("details", tag("b", "a"), open=True, data_row="1")
    '<details open data-row="1"><b>a</b></details>'
    """
    head = name
    for key, value in attributes.items():
        if value is None or value is False:
            continue
        spelled = key.rstrip("_").replace("_", "-")
        head += f" {spelled}" if value is True else f' {spelled}="{escape(str(value))}"'
    if name in _VOID:
        return Markup(f"<{head}>")
    inner = "".join(child if isinstance(child, Markup) else escape(child, quote=False) for child in children if child)
    return Markup(f"<{head}>{inner}</{name}>")
